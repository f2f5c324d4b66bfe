//! The header row: names matched to a table's columns, in any order.

use super::decode::Trouble;
use super::spec::TableSpec;
use crate::model::{Fault, Severity};

/// A header matched to a table.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// For each column of the table, its place in the file.
    pub columns: Vec<Option<u16>>,
    /// How many columns the file has.
    pub width: usize,
    /// For each column of the file, the name of the table's column it is.
    pub names: Vec<Option<&'static str>>,
}

/// Matches header names to a table's columns. The second part are warnings, or what refuses the file.
pub(super) fn match_header(
    spec: &TableSpec,
    required: &[String],
    cells: &[String],
) -> (Header, Vec<Fault>) {
    let cells: Vec<&str> = cells.iter().map(|c| c.trim()).collect();
    let mut header = Header {
        columns: spec
            .columns
            .iter()
            .map(|&name| place_of(&cells, name))
            .collect(),
        width: cells.len(),
        names: Vec::new(),
    };
    header.names = cells
        .iter()
        .map(|cell| spec.columns.iter().find(|&name| name == cell).copied())
        .collect();
    let unknown: Vec<(usize, &str)> = cells
        .iter()
        .enumerate()
        .filter(|&(at, cell)| header.names[at].is_none() && !cell.is_empty())
        .map(|(at, &c)| (at, c))
        .collect();
    let mut faults = repeated(&cells, spec);
    for (place, &name) in spec.columns.iter().enumerate() {
        if header.columns[place].is_some() {
            continue;
        }
        let needed = spec.required.contains(&name) || required.iter().any(|r| r == name);
        let near = unknown.iter().find(|(_, found)| is_near(found, name));
        match (needed, near) {
            (_, Some((at, found))) => faults.push(typo(name, *at, found)),
            (true, None) => faults.push(missing(name, &cells)),
            (false, None) => {}
        }
    }
    if faults.is_empty() && !unknown.is_empty() {
        faults.push(ignored(&unknown));
    }
    (header, faults)
}

fn place_of(cells: &[&str], name: &str) -> Option<u16> {
    cells
        .iter()
        .position(|&cell| cell == name)
        .map(|at| at as u16)
}

fn repeated(cells: &[&str], spec: &TableSpec) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        if cell.is_empty() || cells[..at].iter().all(|earlier| earlier != cell) {
            continue;
        }
        let fix = "Give each column its own name.";
        let fault = match spec.columns.iter().find(|name| *name == cell) {
            Some(name) => Fault::new(
                Severity::Refuse,
                "duplicate_header",
                format!("the header names `{name}` more than once"),
                fix,
            )
            .in_column(name),
            None => Fault::new(
                Severity::Refuse,
                "duplicate_header",
                format!("column {} repeats the name of an earlier one", at + 1),
                fix,
            ),
        };
        faults.push(fault);
    }
    faults
}

fn typo(name: &str, at: usize, found: &str) -> Fault {
    let message = match looks_like_a_name(found) {
        true => format!(
            "the header lacks `{name}`; the nearest name found is `{found}`, column {}",
            at + 1
        ),
        false => format!(
            "the header lacks `{name}`; the nearest name found is that of column {}",
            at + 1
        ),
    };
    Fault::new(
        Severity::Refuse,
        "wrong_header",
        message,
        format!("Write the column's name as `{name}`."),
    )
    .in_column(name)
}

fn missing(name: &str, cells: &[&str]) -> Fault {
    let hint = match cells {
        [one] if one.contains(';') => "; its fields seem to be separated by semicolons",
        [one] if one.contains('\t') => "; its fields seem to be separated by tabs",
        _ => "",
    };
    let message = format!("the header lacks the required column `{name}`{hint}");
    Fault::new(
        Severity::Refuse,
        "missing_column",
        message,
        "Export the table with every required column, separated by commas.",
    )
    .in_column(name)
}

fn ignored(unknown: &[(usize, &str)]) -> Fault {
    let names: Vec<String> = unknown
        .iter()
        .map(|(at, found)| {
            if looks_like_a_name(found) {
                format!("`{found}`")
            } else {
                format!("number {}", at + 1)
            }
        })
        .collect();
    let message = format!(
        "columns that this table does not have are ignored: {}",
        names.join(", ")
    );
    Fault::new(
        Severity::Warn,
        "unknown_column",
        message,
        "Nothing, if they are meant to be ignored.",
    )
}

/// Only what cannot be anybody's data is repeated.
fn looks_like_a_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b' ')
}

/// Whether a found name is a plausible slip for an expected one.
fn is_near(found: &str, expected: &str) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace([' ', '-'], "_");
    let found = plain(found);
    found.chars().count() <= 40
        && distance(&found, expected) <= if expected.len() < 8 { 1 } else { 2 }
}

/// Edits (insert, delete, replace) between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// Why a file without a header or without rows cannot serve.
pub(super) fn empty(header_only: bool) -> Trouble {
    match header_only {
        true => Trouble::new(
            "header_only",
            "the file has a header and no rows",
            "Export the table again.",
        ),
        false => Trouble::new("file_empty", "the file is empty", "Export the table again."),
    }
}
