//! Faults as a terminal shows them: worst first, those of one code together, with what to do.

use std::collections::HashMap;

use super::escape::plain;
use super::tally::many;
use super::terminal::{BOLD, RED, YELLOW, paint};
use crate::model::{Fault, Severity};

/// Places, and ways of being wrong, named for one code where only some are.
const SOME_MAX: usize = 3;

/// Every fault with its place: what `check` shows, which writes no file.
pub fn every(list: &[Fault], colour: bool) -> String {
    show(list, usize::MAX, colour)
}

/// Every refusal, and of what else is wrong the first places: what a run shows, whose `faults.csv` holds the rest.
pub fn some(list: &[Fault], colour: bool) -> String {
    show(list, SOME_MAX, colour)
}

fn show(list: &[Fault], max: usize, colour: bool) -> String {
    let mut sorted: Vec<&Fault> = list.iter().collect();
    sorted.sort();
    let mut text = String::new();
    for group in sorted.chunk_by(|a, b| (a.severity, a.code) == (b.severity, b.code)) {
        let first = group[0];
        let style = if first.severity <= Severity::Hold {
            RED
        } else {
            YELLOW
        };
        text += &format!(
            "{} {}, {}\n",
            paint(first.severity.as_str(), style, colour),
            paint(first.code, BOLD, colour),
            many(group.len() as u64, "time")
        );
        let max = if first.severity == Severity::Refuse {
            usize::MAX
        } else {
            max
        };
        text += &kinds(group, max);
    }
    text
}

/// The faults of one code, those that say the same together.
fn kinds(group: &[&Fault], max: usize) -> String {
    let kinds = alike(group);
    let mut text = String::new();
    for (at, kind) in kinds.iter().enumerate().take(max) {
        text += &places(kind, max);
        text += &format!("  what {}\n", plain(&kind[0].message));
        let next = kinds.get(at + 1).filter(|_| at + 1 < max);
        if next.is_none_or(|next| next[0].fix != kind[0].fix) {
            text += &format!("  fix  {}\n", plain(&kind[0].fix));
        }
    }
    if kinds.len() > max {
        text += &format!(
            "  and {} of other kinds\n",
            many((kinds.len() - max) as u64, "fault")
        );
    }
    text
}

/// What says the same together, in the order in which each kind first comes.
fn alike<'a>(group: &[&'a Fault]) -> Vec<Vec<&'a Fault>> {
    let mut at: HashMap<(&str, &str), usize> = HashMap::new();
    let mut kinds: Vec<Vec<&Fault>> = Vec::new();
    for fault in group.iter().copied() {
        let place = *at
            .entry((&fault.message, &fault.fix))
            .or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some(kind) => kind.push(fault),
            None => kinds.push(vec![fault]),
        }
    }
    kinds
}

fn places(kind: &[&Fault], max: usize) -> String {
    let places: Vec<String> = kind.iter().filter_map(|fault| place(fault)).collect();
    if places.is_empty() {
        return String::new();
    }
    let more = if places.len() > max { ", …" } else { "" };
    let shown = &places[..places.len().min(max)];
    format!("  at   {}{more}\n", shown.join(", "))
}

/// `file:row column`, as far as it is known; else the establishment.
fn place(fault: &Fault) -> Option<String> {
    let mut place = plain(&fault.file).into_owned();
    if fault.row > 0 {
        place += &format!(":{}", fault.row);
    }
    if !fault.column.is_empty() {
        place += &format!(" {}", plain(&fault.column));
    }
    if place.is_empty() {
        place = plain(&fault.establishment).into_owned();
    }
    (!place.is_empty()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::super::testing::fault;
    use super::*;

    fn list() -> Vec<Fault> {
        let mut list: Vec<Fault> = (2..9).map(|row| fault("bad_date", "S1", row)).collect();
        for table in ["staff", "learners", "exports", "authorities"] {
            list.push(
                Fault::new(
                    Severity::Refuse,
                    "table_missing",
                    format!("there is no {table}"),
                    "Export it.",
                )
                .in_file(table, &format!("mis/{table}.csv")),
            );
        }
        list
    }

    #[test]
    fn every_refusal_is_named_and_of_other_faults_the_first_places() {
        assert_eq!(
            some(&list(), false),
            "refuse table_missing, 4 times\n\
             \x20 at   mis/authorities.csv\n  what there is no authorities\n\
             \x20 at   mis/exports.csv\n  what there is no exports\n\
             \x20 at   mis/learners.csv\n  what there is no learners\n\
             \x20 at   mis/staff.csv\n  what there is no staff\n  fix  Export it.\n\
             reject bad_date, 7 times\n  at   mis/learners.csv:2 admission_date, mis/learners.csv:3 admission_date, \
             mis/learners.csv:4 admission_date, …\n  what expected a date\n  fix  correct the date\n"
        );
    }

    #[test]
    fn a_check_names_every_place() {
        let text = every(&list(), false);
        assert!(
            (2..9).all(|row| text.contains(&format!("mis/learners.csv:{row} "))),
            "{text}"
        );
    }
}
