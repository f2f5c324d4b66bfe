//! The relational part: two sides sorted by fixed-width keys, and one walk over both.
//!
//! Only keys and places move; no cell is looked at.

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

/// A key and a place; sorted, equal keys stand by place.
type Keyed = (u128, u32);

/// Groups rows and accounts by person and joins the two.
pub fn meet(roll: &Roll, accounts: Vec<Keyed>) -> Met {
    let rows = roll.enrolments.par_iter().enumerate();
    let rows = rows.map(|(place, row)| (row.person.0, place as u32));
    let sorted = |mut keyed: Vec<Keyed>| {
        keyed.par_sort_unstable();
        keyed
    };
    let (mut rows, accounts) = rayon::join(|| sorted(rows.collect()), || sorted(accounts));
    // Within a person the order is by content, so that file and row order change nothing.
    for run in rows
        .chunk_by_mut(|a, b| a.0 == b.0)
        .filter(|run| run.len() > 1)
    {
        run.sort_by_key(|(_, place)| {
            let row = &roll.enrolments[*place as usize];
            (row.establishment, row.start, row.at)
        });
    }
    Met {
        people: join(&rows, &accounts, |place| {
            roll.enrolments[place as usize].kind
        }),
        rows: rows.into_iter().map(|(_, place)| place).collect(),
        accounts: accounts.into_iter().map(|(_, place)| place).collect(),
    }
}

/// Everybody who stands on either side, once, sorted by key.
fn join(rows: &[Keyed], accounts: &[Keyed], kind_of_row: impl Fn(u32) -> Kind) -> Vec<Person> {
    let mut people = Vec::with_capacity(rows.len().max(accounts.len()));
    let (mut row, mut account) = (0, 0);
    loop {
        let key = match (rows.get(row), accounts.get(account)) {
            (Some((one, _)), Some((other, _))) => *one.min(other),
            (Some((one, _)), None) | (None, Some((one, _))) => *one,
            (None, None) => return people,
        };
        let (rows_end, accounts_end) = (end(rows, row, key), end(accounts, account, key));
        people.push(Person {
            key: Some(PersonKey(key)),
            // A person without rows takes the kind of the account, which the caller fills in.
            kind: match row < rows_end {
                true => kind_of_row(rows[row].1),
                false => Kind::Learner,
            },
            rows: row as u32..rows_end as u32,
            accounts: account as u32..accounts_end as u32,
        });
        (row, account) = (rows_end, accounts_end);
    }
}

/// The end of the run of a key that begins at a place; the place itself where another key stands.
fn end(side: &[Keyed], from: usize, key: u128) -> usize {
    let run = side[from..].iter().take_while(|(other, _)| *other == key);
    from + run.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_stands_once_with_all_they_have_on_either_side() {
        let rows = [(1, 4), (3, 0), (3, 2), (9, 1)];
        let accounts = [(2, 7), (3, 5), (9, 6), (9, 8)];
        let people = join(&rows, &accounts, |_| Kind::Staff);
        let said: Vec<(u128, std::ops::Range<u32>, std::ops::Range<u32>)> = people
            .iter()
            .map(|p| (p.key.unwrap().0, p.rows.clone(), p.accounts.clone()))
            .collect();
        assert_eq!(
            said,
            [
                (1, 0..1, 0..0),
                (2, 1..1, 0..1),
                (3, 1..3, 1..2),
                (9, 3..4, 2..4),
            ]
        );
        assert!(join(&[], &[], |_| Kind::Staff).is_empty());
    }
}
