//! Several rows of one person at one establishment: repeats, successive enrolments, and rows that contradict each other.

use super::index::Index;
use crate::intake::Table;
use crate::model::{Enrolment, Kind};

/// What becomes of a row that cannot stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// The same row stands elsewhere.
    Repeated,
    /// It overlaps another of the person that says something else.
    Overlapping,
}

/// Finds repeats and contradictions. `index` is over the places of `rows`.
pub(super) fn judge(
    rows: &[Enrolment],
    index: &Index<'_>,
    tables: [&Table; 2],
) -> Vec<(u32, Fate)> {
    let mut found = Vec::new();
    for run in index.runs().filter(|run| run.len() > 1) {
        let mut places: Vec<u32> = run.iter().map(|(_, place)| *place).collect();
        let key = |place: &u32| {
            let row = &rows[*place as usize];
            (row.person, row.kind, row.establishment)
        };
        places.sort_by_key(|place| (key(place), rows[*place as usize].at));
        for group in places
            .chunk_by(|a, b| key(a) == key(b))
            .filter(|group| group.len() > 1)
        {
            of_one_person(rows, group, tables, &mut found);
        }
    }
    found
}

fn of_one_person(
    rows: &[Enrolment],
    group: &[u32],
    tables: [&Table; 2],
    found: &mut Vec<(u32, Fate)>,
) {
    let mut kept: Vec<u32> = Vec::with_capacity(group.len());
    for &place in group {
        let row = &rows[place as usize];
        match kept
            .iter()
            .any(|&other| is_same_text(row, &rows[other as usize], tables))
        {
            true => found.push((place, Fate::Repeated)),
            false => kept.push(place),
        }
    }
    // Guest and pre-admission rows decide nothing, so they contradict nobody (SPEC §16 "Absence").
    kept.retain(|&place| rows[place as usize].status.counts());
    for (n, &place) in kept.iter().enumerate() {
        let overlaps = |other: &u32| do_overlap(&rows[place as usize], &rows[*other as usize]);
        if kept[..n].iter().any(overlaps) || kept[n + 1..].iter().any(overlaps) {
            found.push((place, Fate::Overlapping));
        }
    }
}

/// Whether two rows share a day; a blank start is the beginning of time, a blank leaving date its end.
fn do_overlap(a: &Enrolment, b: &Enrolment) -> bool {
    let before = |x: &Enrolment, y: &Enrolment| {
        x.leaving
            .zip(y.start)
            .is_some_and(|(leaving, start)| leaving < start)
    };
    !before(a, b) && !before(b, a)
}

/// Whether two rows say the same in every column of their table.
fn is_same_text(a: &Enrolment, b: &Enrolment, tables: [&Table; 2]) -> bool {
    let (table, a_file) = file_of(tables, a);
    let (_, b_file) = file_of(tables, b);
    let (a_file, b_file) = (&table.files[a_file], &table.files[b_file]);
    (0..table.spec.columns.len()).all(|place| {
        a_file.cell(a.at.record as usize, place) == b_file.cell(b.at.record as usize, place)
    })
}

/// The table of a row and its file's place there; files are numbered learners first.
fn file_of<'t>(tables: [&'t Table; 2], row: &Enrolment) -> (&'t Table, usize) {
    match row.kind {
        Kind::Learner => (tables[0], row.at.file as usize),
        Kind::Staff => (tables[1], row.at.file as usize - tables[0].files.len()),
    }
}
