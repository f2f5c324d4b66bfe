//! The relational part: two sides that lie by fixed-width keys, and one walk over both.
//!
//! Only keys, places and kinds move; no cell is looked at.

use rayon::prelude::*;

use super::Begin;
use crate::model::{Kind, Roll};
use crate::rounds::in_rounds;

/// A row or an account under its person's key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Keyed {
    /// The person's key, first half first.
    key: [u64; 2],
    /// Its place among the rows or accounts.
    pub place: u32,
    /// Whose register it is of.
    pub kind: Kind,
}

impl Keyed {
    /// What stands at a place, under a key.
    pub fn new(key: u128, place: u32, kind: Kind) -> Self {
        Keyed {
            key: [(key >> 64) as u64, key as u64],
            place,
            kind,
        }
    }

    /// The first half of the key.
    pub fn half(&self) -> u64 {
        self.key[0]
    }

    fn key(&self) -> u128 {
        u128::from(self.key[0]) << 64 | u128::from(self.key[1])
    }
}

/// People of one piece, about: what is made of one stays near until it is joined, and its memory serves for the next.
const PIECE: usize = 1 << 12;

/// Pieces of one round: what they gave is gathered while the next are made.
const ROUND: usize = 32;

/// Groups rows and accounts by person, joins the two and puts everybody behind `people`, sorted by key. `rows` and
/// `accounts` are places by keys; the accounts of those in `people` come before these. `account` gives the account at a
/// place, under the key its person goes by tonight.
pub fn meet(
    roll: &Roll,
    rows: &[u32],
    accounts: &[u32],
    people: &mut Vec<Begin>,
    account: impl Fn(u32) -> Keyed + Sync,
) {
    let row = |place: u32| {
        let row = &roll.enrolments[place as usize];
        Keyed::new(row.person.0, place, row.kind)
    };
    let most = rows.len().max(accounts.len());
    let count = most.div_ceil(PIECE).max(1);
    let before = people.len() as u32;
    let pieces = cut(rows, 0, count, row).into_iter();
    let pieces: Vec<_> = pieces.zip(cut(accounts, before, count, &account)).collect();
    people.reserve(most);
    in_rounds(
        pieces.chunks(ROUND),
        |round| -> Vec<Vec<Begin>> {
            let pieces = round.par_iter();
            let joined =
                pieces.map(|(rows, accounts)| join(&rows.keyed(row), &accounts.keyed(&account)));
            joined.collect()
        },
        |made| made.into_iter().for_each(|more| people.extend(more)),
    );
}

/// Places of one side whose keys begin alike, and how many come before them.
struct Piece<'a> {
    before: u32,
    places: &'a [u32],
}

/// What stands at the places of a piece, by key.
struct Side {
    before: u32,
    list: Vec<Keyed>,
}

/// Cuts places, which lie by their keys and behind some others, into pieces: those of one number have the same keys on
/// either side.
fn cut(places: &[u32], mut before: u32, count: usize, at: impl Fn(u32) -> Keyed) -> Vec<Piece<'_>> {
    let wide = u64::MAX / count as u64;
    let mut rest = places;
    let mut pieces = Vec::with_capacity(count);
    for number in 1..=count as u64 {
        let is_of_it = |place: &u32| number == count as u64 || at(*place).half() < number * wide;
        let end = rest.partition_point(is_of_it);
        let (places, after) = rest.split_at(end);
        pieces.push(Piece { before, places });
        (rest, before) = (after, before + end as u32);
    }
    pieces
}

impl Piece<'_> {
    fn keyed(&self, at: impl Fn(u32) -> Keyed) -> Side {
        Side {
            before: self.before,
            list: self.places.iter().map(|place| at(*place)).collect(),
        }
    }
}

/// Everybody who stands on either side, once, sorted by key.
fn join(rows: &Side, accounts: &Side) -> Vec<Begin> {
    let before = (rows.before, accounts.before);
    let (rows, accounts) = (&rows.list, &accounts.list);
    let mut people = Vec::with_capacity(rows.len().max(accounts.len()));
    let (mut row, mut account) = (0, 0);
    loop {
        let key = match (rows.get(row), accounts.get(account)) {
            (Some(one), Some(other)) => one.key.min(other.key),
            (Some(one), None) | (None, Some(one)) => one.key,
            (None, None) => return people,
        };
        let (rows_end, accounts_end) = (end(rows, row, key), end(accounts, account, key));
        let first = if account < accounts_end {
            &accounts[account]
        } else {
            &rows[row]
        };
        let begin = (before.0 + row as u32, before.1 + account as u32);
        people.push(Begin::new(Some(first.key()), first.kind, begin));
        (row, account) = (rows_end, accounts_end);
    }
}

/// The end of the run of a key that begins at a place; the place itself where another key stands.
fn end(side: &[Keyed], from: usize, key: [u64; 2]) -> usize {
    let run = side[from..].iter().take_while(|other| other.key == key);
    from + run.count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn side(list: &[(u128, u32)], kind: Kind) -> Side {
        let keyed = list
            .iter()
            .map(|&(key, place)| Keyed::new(key, place, kind));
        Side {
            before: 0,
            list: keyed.collect(),
        }
    }

    proptest! {
        #[test]
        fn pieces_are_all_places_in_their_order_and_equal_beginnings_lie_in_pieces_of_one_number(
            mut halves in prop::collection::vec(prop_oneof![any::<u64>(), 0..3_u64, u64::MAX - 3..=u64::MAX], 0..40),
            count in 1..9_usize,
        ) {
            halves.sort_unstable();
            let at = |place: u32| Keyed::new(u128::from(halves[place as usize]) << 64, place, Kind::Staff);
            let places: Vec<u32> = (0..halves.len() as u32).collect();
            let pieces = cut(&places, 0, count, at);
            prop_assert_eq!(pieces.len(), count);
            let mut next = 0;
            for (number, piece) in pieces.iter().enumerate() {
                prop_assert_eq!(piece.before, next);
                for place in piece.places.iter() {
                    prop_assert_eq!(*place, next);
                    next += 1;
                    // Which piece a key belongs to is told by the key alone, so the other side agrees.
                    let wide = u64::MAX / count as u64;
                    prop_assert_eq!(number as u64, (halves[*place as usize] / wide).min(count as u64 - 1));
                }
            }
            prop_assert_eq!(next as usize, halves.len());
        }
    }

    #[test]
    fn everybody_stands_once_with_all_they_have_on_either_side() {
        let far = u128::MAX / 3;
        let mut rows = side(&[(1, 4), (3, 0), (3, 2), (far, 1)], Kind::Staff);
        let accounts = [(2, 7), (3, 5), (far, 6), (far, 8), (u128::MAX, 9)];
        let mut accounts = side(&accounts, Kind::Learner);
        (rows.before, accounts.before) = (10, 20);
        let people = join(&rows, &accounts);
        let said: Vec<_> = people
            .iter()
            .map(|p| (p.key.get().unwrap(), p.kind(), p.row, p.account()))
            .collect();
        assert_eq!(
            said,
            [
                (1, Kind::Staff, 10, 20),
                (2, Kind::Learner, 11, 20),
                (3, Kind::Learner, 11, 21),
                (far, Kind::Learner, 13, 22),
                (u128::MAX, Kind::Learner, 14, 24),
            ]
        );
        assert!(join(&side(&[], Kind::Staff), &side(&[], Kind::Staff)).is_empty());
    }
}
