//! Two states of the directory, or two plans, record by record. No key is needed: tables are compared as they are written.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::directory::{Meta, folder_name, sha256};
use crate::model::Date;

/// The tables whose records are counted and not shown: people's choices, measurements, hashes of names.
pub const COUNTED: [&str; 3] = ["consents", "guard_history", "retired_usernames"];

/// One side: its tables as they lie on the disk.
#[derive(Debug)]
pub struct Side {
    /// What people call it: a snapshot's name, or a run's.
    pub label: String,
    /// The date it stands at; `None` for an empty directory.
    pub as_of: Option<Date>,
    tables: BTreeMap<String, Vec<u8>>,
}

impl Side {
    fn table(&self, name: &str) -> &[u8] {
        self.tables.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Why a side cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SideError {
    /// A file is not as it was written.
    #[error("{0} is not as it was written")]
    Altered(String),
    /// A file could not be read.
    #[error("{0} could not be read: {1}")]
    Io(String, std::io::Error),
}

/// What became of a record between the two sides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Both have it, with other cells.
    Changed,
}

impl Kind {
    /// The word in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Removed => "removed",
            Kind::Changed => "changed",
        }
    }
}

/// A cell that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cell {
    /// Its column.
    pub column: String,
    /// In the first side; blank where it has no such record.
    pub before: String,
    /// In the second.
    pub after: String,
}

/// A record that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Record {
    /// Its table.
    pub table: String,
    /// Its key, the parts separated by blanks.
    pub key: String,
    /// What became of it.
    pub kind: Kind,
    /// What tells a reader what it is: unchanged cells of an account.
    pub about: Vec<(String, String)>,
    /// The cells that differ; none of an account that was removed: what it held is not shown.
    pub cells: Vec<Cell>,
}

/// Everything that differs.
#[derive(Clone, Default, Debug, Serialize)]
pub struct Differences {
    /// Records added, removed and changed, by table; every table that either side has.
    pub tables: BTreeMap<String, [u64; 3]>,
    /// Changed cells by table and column, but for the tables that are counted only.
    pub columns: BTreeMap<String, BTreeMap<String, u64>>,
    /// The records, by table and key.
    pub records: Vec<Record>,
}

impl Differences {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.tables.values().all(|counts| *counts == [0; 3])
    }
}

/// A snapshot's tables, each with the digest that its record gives.
///
/// # Errors
/// When a file cannot be read or is not as it was written.
pub fn snapshot(folder: &Path, label: &str) -> Result<Side, SideError> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(path).map_err(|e| SideError::Io(format!("{label}/{name}"), e))
    };
    let altered = |name: &str| SideError::Altered(format!("{label}/{name}"));
    let json = read("snapshot.json")?;
    let meta: Meta = serde_json::from_slice(&json).map_err(|_| altered("snapshot.json"))?;
    let named = folder.file_name().map(|name| name.to_string_lossy());
    if named.is_none_or(|name| name != folder_name(&json)) {
        return Err(altered("snapshot.json"));
    }
    let mut tables = BTreeMap::new();
    for (table, digest) in &meta.digests {
        let name = format!("{table}.csv");
        let bytes = read(&name)?;
        if sha256(&bytes) != *digest {
            return Err(altered(&name));
        }
        tables.insert(table.clone(), bytes);
    }
    Ok(Side {
        label: label.to_owned(),
        as_of: meta.as_of,
        tables,
    })
}

/// A run's plan as a side of its own.
pub fn plan(label: &str, as_of: Date, plan_csv: Vec<u8>) -> Side {
    Side {
        label: label.to_owned(),
        as_of: Some(as_of),
        tables: BTreeMap::from([("plan".to_owned(), plan_csv)]),
    }
}

/// What differs, table by table.
///
/// # Errors
/// When a table is not one that this program wrote.
pub fn differences(first: &Side, second: &Side) -> Result<Differences, SideError> {
    let mut differences = Differences::default();
    let mut names: Vec<&String> = first.tables.keys().chain(second.tables.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (before, after) = (first.table(name), second.table(name));
        let (only_before, only_after) = unlike(before, after);
        let parse = |side: &Side, header: &[u8], records: &[&[u8]]| {
            Parsed::of(name, header, records)
                .ok_or_else(|| SideError::Altered(format!("{}/{name}.csv", side.label)))
        };
        let old = parse(first, header(before), &only_before)?;
        let new = parse(second, header(after), &only_after)?;
        pair(name, old, new, &mut differences);
    }
    Ok(differences)
}

/// The columns that tell records of a table apart.
fn key_columns(table: &str) -> &'static [&'static str] {
    match table {
        "accounts" => &["account_id"],
        "transfers" => &["account_id", "to_establishment"],
        "consents" => &["person_ref"],
        "groups" => &["group_id"],
        "group_members" => &["group_id", "account_id"],
        "decisions" => &["decision_id"],
        "guard_history" => &["as_of", "scope", "action"],
        "retired_usernames" => &["account_id", "key_id", "name_hash"],
        _ => &["change_id"],
    }
}

/// The columns shown with every changed account or row of a plan.
const ABOUT: [&str; 4] = ["username", "role", "state", "establishment"];

fn header(table: &[u8]) -> &[u8] {
    table
        .split_inclusive(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default()
}

/// The records that only one of two tables has. Both are sorted, so that one walk finds nearly all that they share; what
/// it misses is paired by key afterwards.
fn unlike<'a>(before: &'a [u8], after: &'a [u8]) -> (Vec<&'a [u8]>, Vec<&'a [u8]>) {
    let mut old = records(before).skip(1).peekable();
    let mut new = records(after).skip(1).peekable();
    let (mut only_old, mut only_new) = (Vec::new(), Vec::new());
    loop {
        match (old.peek(), new.peek()) {
            (Some(one), Some(other)) if one == other => {
                old.next();
                new.next();
            }
            (Some(one), Some(other)) if one < other => only_old.extend(old.next()),
            (Some(_), None) => only_old.extend(old.next()),
            (_, Some(_)) => only_new.extend(new.next()),
            (None, None) => return (only_old, only_new),
        }
    }
}

/// The records of a table, the header first; a quoted cell may hold the end of a line.
fn records(table: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = table;
    std::iter::from_fn(move || {
        let mut end = 0;
        let mut is_open = false;
        while !rest.is_empty() {
            let line = memchr::memchr(b'\n', &rest[end..]).map_or(rest.len(), |at| end + at + 1);
            let quotes = memchr::memchr_iter(b'"', &rest[end..line]).count();
            is_open ^= quotes % 2 == 1;
            end = line;
            if !is_open || end == rest.len() {
                break;
            }
        }
        let (record, left) = rest.split_at(end);
        rest = left;
        (!record.is_empty()).then_some(record)
    })
}

/// Records by their keys.
#[derive(Default)]
struct Parsed {
    columns: Vec<String>,
    records: BTreeMap<Vec<String>, Vec<String>>,
}

impl Parsed {
    fn of(table: &str, header: &[u8], records: &[&[u8]]) -> Option<Parsed> {
        let bytes: Vec<u8> = std::iter::once(header)
            .chain(records.iter().copied())
            .flatten()
            .copied()
            .collect();
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let columns: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
        let place = |name: &&str| columns.iter().position(|column| column == name);
        if columns.is_empty() {
            return Some(Parsed::default());
        }
        let key: Vec<usize> = key_columns(table)
            .iter()
            .map(place)
            .collect::<Option<_>>()?;
        let mut by_key = BTreeMap::new();
        for record in reader.records() {
            let record = record.ok()?;
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            by_key.insert(key.iter().map(|at| cells[*at].clone()).collect(), cells);
        }
        Some(Parsed {
            columns,
            records: by_key,
        })
    }

    fn cell(&self, record: Option<&Vec<String>>, column: &str) -> String {
        let at = self.columns.iter().position(|name| name == column);
        let cell = record.and_then(|cells| cells.get(at?));
        cell.cloned().unwrap_or_default()
    }
}

fn pair(table: &str, old: Parsed, new: Parsed, into: &mut Differences) {
    let mut keys: Vec<&Vec<String>> = old.records.keys().chain(new.records.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut columns: Vec<&String> = old.columns.iter().chain(&new.columns).collect();
    let mut seen = std::collections::BTreeSet::new();
    columns.retain(|column| seen.insert(*column));
    let counts = into.tables.entry(table.to_owned()).or_default();
    for key in keys {
        let (before, after) = (old.records.get(key), new.records.get(key));
        let kind = match (before, after) {
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            _ => Kind::Changed,
        };
        let cell = |column: &&String| Cell {
            column: (*column).clone(),
            before: old.cell(before, column),
            after: new.cell(after, column),
        };
        let cells: Vec<Cell> = columns
            .iter()
            .map(cell)
            .filter(|c| c.before != c.after)
            .collect();
        if cells.is_empty() && kind == Kind::Changed {
            continue;
        }
        counts[kind as usize] += 1;
        if COUNTED.contains(&table) {
            continue;
        }
        if kind == Kind::Changed {
            let by_column = into.columns.entry(table.to_owned()).or_default();
            for cell in &cells {
                *by_column.entry(cell.column.clone()).or_default() += 1;
            }
        }
        let about = ABOUT.iter().filter(|_| kind == Kind::Changed);
        let about = about.map(|column| ((*column).to_owned(), new.cell(after, column)));
        let is_hidden = table == "accounts" && kind == Kind::Removed;
        into.records.push(Record {
            table: table.to_owned(),
            key: key.join(" "),
            kind,
            about: about.filter(|(_, value)| !value.is_empty()).collect(),
            cells: if is_hidden { Vec::new() } else { cells },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(label: &str, accounts: &str, consents: &str) -> Side {
        let tables = [("accounts", accounts), ("consents", consents)];
        Side {
            label: label.into(),
            as_of: None,
            tables: tables
                .map(|(t, csv)| (t.to_owned(), csv.as_bytes().to_vec()))
                .into(),
        }
    }

    #[test]
    fn records_are_paired_by_key_and_what_a_removed_account_held_stays_hidden() {
        let first = side(
            "a",
            "account_id,username,role\n1,JonesD1,learner\n2,\"Two\nlines\",learner\n3,ReesM1,learner\n",
            "person_ref,data_sharing\np1,Y\np2,Y\n",
        );
        let second = side(
            "b",
            "account_id,username,role,state\n2,\"Two\nlines\",staff,\n3,ReesM1,learner,active\n4,BevanC1,learner,active\n",
            "person_ref,data_sharing\np1,N\np2,Y\np3,N\n",
        );
        let found = differences(&first, &second).unwrap();
        assert_eq!(found.tables["accounts"], [1, 1, 2]);
        assert_eq!(found.tables["consents"], [1, 0, 1]);
        assert!(
            found.records.iter().all(|r| r.table == "accounts"),
            "choices are counted"
        );
        let kinds: Vec<(&str, Kind, usize)> = found
            .records
            .iter()
            .map(|r| (r.key.as_str(), r.kind, r.cells.len()))
            .collect();
        assert_eq!(
            kinds,
            [
                ("1", Kind::Removed, 0),
                ("2", Kind::Changed, 1),
                ("3", Kind::Changed, 1),
                ("4", Kind::Added, 4),
            ]
        );
        assert_eq!(found.columns["accounts"]["role"], 1);
        assert!(differences(&first, &first).unwrap().is_empty());
    }

    #[test]
    fn an_order_that_differs_is_no_difference() {
        let first = side("a", "account_id,role\n1,x\n2,y\n3,z\n", "");
        let second = side("b", "account_id,role\n3,z\n1,x\n2,y\n", "");
        assert!(differences(&first, &second).unwrap().is_empty());
        let broken = side("c", "account,role\n1,x\n", "");
        let error = differences(&first, &broken).unwrap_err();
        assert_eq!(error.to_string(), "c/accounts.csv is not as it was written");
    }
}
