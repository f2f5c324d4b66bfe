//! The relational part: Polars sorts and joins, on fixed-width keys and places alone.
//!
//! Only integers go in, so no error text of the engine can repeat a cell.

use polars::prelude::*;
use thiserror::Error;

use super::Person;
use crate::model::{PersonKey, Roll};

/// The join failed: a fault of this program.
#[derive(Debug, Error)]
#[error("the roll and the directory could not be joined: {0}")]
pub struct JoinError(String);

impl From<PolarsError> for JoinError {
    fn from(error: PolarsError) -> Self {
        JoinError(error.to_string())
    }
}

/// What [`meet`] gives.
pub struct Met {
    /// One entry per person, sorted by key.
    pub people: Vec<Person>,
    /// Places of rows, grouped by person.
    pub rows: Vec<u32>,
    /// Places of accounts, grouped by person.
    pub accounts: Vec<u32>,
}

/// Groups rows and accounts by person and joins the two.
pub fn meet(roll: &Roll, accounts: &[(u128, u32)]) -> Result<Met, JoinError> {
    let row_keys = roll.enrolments.iter().map(|e| e.person.0).collect();
    let (row_keys, mut rows) = by_person(row_keys, (0..roll.enrolments.len() as u32).collect())?;
    let (account_keys, accounts) = by_person(
        accounts.iter().map(|a| a.0).collect(),
        accounts.iter().map(|a| a.1).collect(),
    )?;
    let row_runs = runs(&row_keys);
    for run in &row_runs {
        // Within a person the order is by content, so that file and row order change nothing.
        rows[run.1 as usize..(run.1 + run.2) as usize].sort_by_key(|&place| {
            let e = &roll.enrolments[place as usize];
            (e.establishment, e.start, e.at)
        });
    }
    let people = join(&row_runs, &runs(&account_keys), |place| {
        roll.enrolments[rows[place as usize] as usize].kind
    })?;
    Ok(Met {
        people,
        rows,
        accounts,
    })
}

/// Sorts places by key; equal keys keep their order.
fn by_person(keys: Vec<u128>, places: Vec<u32>) -> Result<(Vec<u128>, Vec<u32>), JoinError> {
    let frame = DataFrame::new(
        keys.len(),
        vec![
            Column::new(
                "person".into(),
                UInt128Chunked::from_vec("person".into(), keys).into_series(),
            ),
            Column::new(
                "place".into(),
                UInt32Chunked::from_vec("place".into(), places).into_series(),
            ),
        ],
    )?;
    let options = SortMultipleOptions::default().with_maintain_order(true);
    let frame = frame.sort(["person"], options)?;
    Ok((
        frame
            .column("person")?
            .u128()?
            .into_no_null_iter()
            .collect(),
        frame.column("place")?.u32()?.into_no_null_iter().collect(),
    ))
}

/// Runs of equal keys: key, first place, length.
fn runs(keys: &[u128]) -> Vec<(u128, u32, u32)> {
    let mut runs: Vec<(u128, u32, u32)> = Vec::new();
    for (place, &key) in keys.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.0 == key => run.2 += 1,
            _ => runs.push((key, place as u32, 1)),
        }
    }
    runs
}

fn frame(runs: &[(u128, u32, u32)], first: &str, count: &str) -> Result<DataFrame, JoinError> {
    Ok(DataFrame::new(
        runs.len(),
        vec![
            Column::new(
                "person".into(),
                UInt128Chunked::from_vec("person".into(), runs.iter().map(|r| r.0).collect())
                    .into_series(),
            ),
            Column::new(first.into(), runs.iter().map(|r| r.1).collect::<Vec<u32>>()),
            Column::new(count.into(), runs.iter().map(|r| r.2).collect::<Vec<u32>>()),
        ],
    )?)
}

/// A full join of the two sides, each person once on either (validated), sorted by person.
fn join(
    rows: &[(u128, u32, u32)],
    accounts: &[(u128, u32, u32)],
    kind_of_row: impl Fn(u32) -> crate::model::Kind,
) -> Result<Vec<Person>, JoinError> {
    let left = frame(rows, "row_first", "row_count")?;
    let right = frame(accounts, "account_first", "account_count")?;
    let mut args = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    args.validation = JoinValidation::OneToOne;
    let joined = left
        .join(&right, ["person"], ["person"], args, None)?
        .sort(["person"], SortMultipleOptions::default())?;
    let column = |name: &str| -> Result<Vec<u32>, JoinError> {
        Ok(joined
            .column(name)?
            .u32()?
            .iter()
            .map(|v| v.unwrap_or(0))
            .collect())
    };
    let (row_first, row_count) = (column("row_first")?, column("row_count")?);
    let (account_first, account_count) = (column("account_first")?, column("account_count")?);
    let keys = joined.column("person")?.u128()?;
    Ok(keys
        .into_no_null_iter()
        .enumerate()
        .map(|(i, key)| Person {
            key: Some(PersonKey(key)),
            // A person without rows takes the kind of the account, which the caller fills in.
            kind: if row_count[i] > 0 {
                kind_of_row(row_first[i])
            } else {
                crate::model::Kind::Learner
            },
            rows: row_first[i]..row_first[i] + row_count[i],
            accounts: account_first[i]..account_first[i] + account_count[i],
        })
        .collect())
}
