//! The relational part: two sides sorted by fixed-width keys, and one walk over both.
//!
//! Only keys, places and kinds move; no cell is looked at.

use rayon::prelude::*;

use super::Person;
use crate::model::{Kind, PersonKey, Roll};

/// What [`meet`] gives.
pub struct Met {
    /// One entry per person, sorted by key.
    pub people: Vec<Person>,
    /// Places of rows, grouped by person.
    pub rows: Vec<u32>,
    /// Places of accounts, grouped by person.
    pub accounts: Vec<u32>,
}

/// A row or an account under its person's key; sorted, those of one key stand by place.
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

    fn key(&self) -> u128 {
        u128::from(self.key[0]) << 64 | u128::from(self.key[1])
    }
}

/// Groups rows and accounts by person and joins the two. `account` gives that at a place, which `by_person` has by the
/// first halves of keys, or nearly: a person may go by another key than the one stored.
pub fn meet(roll: &Roll, by_person: &[u32], account: impl Fn(u32) -> Keyed + Send + Sync) -> Met {
    let row = |place: u32| {
        let row = &roll.enrolments[place as usize];
        Keyed::new(row.person.0, place, row.kind)
    };
    let order = roll.by_person();
    let (mut rows, accounts) = rayon::join(|| sorted(&order, row), || sorted(by_person, account));
    // Within a person the order is by content, so that file and row order change nothing.
    for run in rows
        .chunk_by_mut(|a, b| a.key == b.key)
        .filter(|run| run.len() > 1)
    {
        run.sort_by_key(|row| {
            let row = &roll.enrolments[row.place as usize];
            (row.establishment, row.start, row.at)
        });
    }
    let places =
        |side: &[Keyed]| -> Vec<u32> { side.par_iter().map(|keyed| keyed.place).collect() };
    let (people, (rows, accounts)) = rayon::join(
        || join(&rows, &accounts),
        || (places(&rows), places(&accounts)),
    );
    Met {
        people,
        rows,
        accounts,
    }
}

/// What stands at places, sorted. They are in order but for few, which costs a sort next to nothing.
fn sorted(places: &[u32], at: impl Fn(u32) -> Keyed + Sync) -> Vec<Keyed> {
    let mut keyed: Vec<Keyed> = places.par_iter().map(|place| at(*place)).collect();
    keyed.par_sort_unstable();
    keyed
}

/// Everybody who stands on either side, once, sorted by key.
fn join(rows: &[Keyed], accounts: &[Keyed]) -> Vec<Person> {
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
        people.push(Person::new(
            Some(PersonKey(first.key())),
            first.kind,
            row as u32..rows_end as u32,
            account as u32..accounts_end as u32,
        ));
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
    use super::*;

    fn side(list: &[(u128, u32)], kind: Kind) -> Vec<Keyed> {
        let keyed = list
            .iter()
            .map(|&(key, place)| Keyed::new(key, place, kind));
        keyed.collect()
    }

    #[test]
    fn places_nearly_in_order_are_sorted_by_the_whole_key() {
        // Two people whose keys begin alike, and one who goes by another key than the one stored.
        let begin = 7 << 64;
        let keys: [u128; 5] = [begin + 2, begin + 1, begin + 2, 9 << 64, 1];
        let sorted = sorted(&[0, 1, 2, 3, 4], |place| {
            Keyed::new(keys[place as usize], place, Kind::Learner)
        });
        let places: Vec<u32> = sorted.iter().map(|keyed| keyed.place).collect();
        assert_eq!(places, [4, 1, 0, 2, 3]);
    }

    #[test]
    fn everybody_stands_once_with_all_they_have_on_either_side() {
        let far = u128::MAX / 3;
        let rows = side(&[(1, 4), (3, 0), (3, 2), (far, 1)], Kind::Staff);
        let accounts = [(2, 7), (3, 5), (far, 6), (far, 8), (u128::MAX, 9)];
        let people = join(&rows, &side(&accounts, Kind::Learner));
        let said: Vec<_> = people
            .iter()
            .map(|p| {
                (
                    p.key().unwrap().0,
                    p.kind,
                    p.rows.clone(),
                    p.accounts.clone(),
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                (1, Kind::Staff, 0..1, 0..0),
                (2, Kind::Learner, 1..1, 0..1),
                (3, Kind::Learner, 1..3, 1..2),
                (far, Kind::Learner, 3..4, 2..4),
                (u128::MAX, Kind::Learner, 4..4, 4..5),
            ]
        );
        assert!(join(&[], &[]).is_empty());
    }
}
