//! All files of the two roll tables, judged in parallel and put together in file order.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::crowd;
use super::row::{Bench, Judge, Part, find};
use crate::intake::Table;
use crate::model::{Enrolment, EstId, Establishment, Fault, HeldPerson, Kind, PersonKey, Severity};
use crate::rounds::in_rounds;
use crate::table::{CappedFaults, TableRead, TableSpec};

/// Rows that one task judges.
const CHUNK_ROWS: usize = 1 << 13;

/// Tasks of one round: what they gave is gathered while the next is judged, and its memory then serves another.
const BATCH: usize = 16;

/// What the roll tables gave before rows are compared with each other.
#[derive(Default)]
pub(super) struct Rolls {
    pub enrolments: Vec<Enrolment>,
    pub held: Vec<HeldPerson>,
    pub aliases: Vec<(Kind, u8, u128, PersonKey)>,
    /// Logins in use by everybody's rows; only where others' rows are not kept.
    pub logins: Vec<crowd::Used>,
    /// People whose accounts may stand under another scope, whoever keeps their rows.
    pub together: Vec<PersonKey>,
    /// People of whom the comparison of rows with each other told something.
    pub told: Vec<PersonKey>,
    /// Rows whose person cannot be told, by establishment and register.
    pub untold: BTreeMap<(EstId, Kind), u64>,
    /// Rows read by establishment, register and file number.
    pub counts: BTreeMap<(EstId, Kind, u16), u64>,
    pub long_gone: u64,
    pub rejected: u64,
    pub read: u64,
    pub faults: Vec<Fault>,
}

/// The register of a roll table, its files and the number of the first of them.
pub(super) fn numbered(tables: [&Table; 2]) -> [(Kind, &Table, usize); 2] {
    [
        (Kind::Learner, tables[0], 0),
        (Kind::Staff, tables[1], tables[0].files.len()),
    ]
}

/// Whether any row names an establishment that is in none of the other tables.
pub(super) fn has_strangers(tables: [&Table; 2], is_known: &(dyn Fn(&str) -> bool + Sync)) -> bool {
    tables.iter().any(|table| {
        table.usable().any(|file| {
            if file.let_go.is_some() {
                return file.codes.iter().any(|code| !is_known(code));
            }
            let chunks = file.rows.len().div_ceil(CHUNK_ROWS);
            (0..chunks).into_par_iter().any(|chunk| {
                let mut last = "";
                (chunk * CHUNK_ROWS..((chunk + 1) * CHUNK_ROWS).min(file.rows.len())).any(
                    |record| {
                        let code = file.cell(record, 0);
                        let is_new = code.is_empty() || code != last;
                        last = code;
                        is_new && !is_known(code)
                    },
                )
            })
        })
    })
}

/// Judges every row. In a night in parts the files are read once more, and of each only the rows that are kept stay.
pub(super) fn judge(bench: &Bench<'_>, tables: &mut [Table; 2]) -> Rolls {
    let mut rolls = Rolls::default();
    let firsts = [0, tables[0].files.len()];
    for ((kind, table), first) in Kind::ALL.iter().zip(tables).zip(firsts) {
        for n in 0..table.files.len() {
            if !table.files[n].usable {
                continue;
            }
            let number = (first + n) as u16;
            let Some(crowd) = bench.crowd else {
                let file = &table.files[n];
                let here = rolls.judge_file(bench, *kind, table.spec, file, number);
                rolls.add_lost(*kind, number, file, bench.establishments, &here);
                continue;
            };
            match crowd.share.again(table.spec, &table.files[n]) {
                Ok(whole) => {
                    let from = (rolls.enrolments.len(), rolls.held.len());
                    let here = rolls.judge_file(bench, *kind, table.spec, &whole, number);
                    rolls.add_lost(*kind, number, &whole, bench.establishments, &here);
                    crowd::keep(&mut rolls, from, &whole, &mut table.files[n]);
                }
                Err(error) => rolls.faults.push(gone(table, n, &error)),
            }
        }
    }
    rolls
}

/// A file that was there a moment ago, and is no more or is another.
fn gone(table: &Table, file: usize, error: &std::io::Error) -> Fault {
    Fault::new(
        Severity::Refuse,
        "file_changed",
        format!("the file cannot be read a second time: {error}"),
        "Let nothing write to the exports while a night is decided; then run again.",
    )
    .in_file(table.spec.name, &table.files[file].label)
}

impl Rolls {
    /// Judges the rows of a file; says which establishments have some.
    fn judge_file(
        &mut self,
        bench: &Bench<'_>,
        kind: Kind,
        spec: &'static TableSpec,
        file: &TableRead,
        number: u16,
    ) -> BTreeSet<EstId> {
        let judge = Judge::new(bench, kind, spec, file, number);
        let rows = file.rows.len();
        if bench.crowd.is_none() {
            // Not exactly: a roll of thousands of files would be moved for each of them.
            self.enrolments.reserve(rows);
        }
        let mut faults = CappedFaults::default();
        let mut here: BTreeSet<EstId> = BTreeSet::new();
        let parts = |batch: usize| -> Vec<Part> {
            let ends = (batch + CHUNK_ROWS * BATCH).min(rows);
            let chunks: Vec<usize> = (batch..ends).step_by(CHUNK_ROWS).collect();
            let parts = chunks
                .into_par_iter()
                .map(|from| judge.part(from..(from + CHUNK_ROWS).min(ends)));
            parts.collect()
        };
        in_rounds((0..rows).step_by(CHUNK_ROWS * BATCH), parts, |parts| {
            for part in parts {
                faults.absorb(self.add(kind, number, part, &mut here));
            }
        });
        self.faults.extend(faults.finish(spec.name, &file.label));
        self.read += file.row_count();
        here
    }

    fn add(
        &mut self,
        kind: Kind,
        number: u16,
        part: Part,
        here: &mut BTreeSet<EstId>,
    ) -> CappedFaults {
        self.enrolments.extend(part.enrolments);
        self.held.extend(part.held);
        self.aliases.extend(part.aliases);
        self.logins.extend(part.logins);
        self.together.extend(part.together);
        for at in part.untold {
            *self.untold.entry((at, kind)).or_default() += 1;
        }
        for (at, n) in part.counts {
            here.insert(at);
            *self.counts.entry((at, kind, number)).or_default() += n;
        }
        self.long_gone += part.long_gone;
        self.rejected += part.rejected;
        part.faults
    }

    /// Rows of a wrong width: where even the establishment cannot be told, any of the file may be meant.
    fn add_lost(
        &mut self,
        kind: Kind,
        number: u16,
        file: &TableRead,
        establishments: &[Establishment],
        here: &BTreeSet<EstId>,
    ) {
        for lost in &file.lost {
            self.rejected += 1;
            match lost
                .establishment
                .as_deref()
                .and_then(|code| find(establishments, code))
            {
                Some(at) => {
                    *self.untold.entry((at, kind)).or_default() += 1;
                    *self.counts.entry((at, kind, number)).or_default() += 1;
                }
                // Counted as none, because it is one row at most and perhaps another's.
                None => here.iter().for_each(|&at| {
                    self.untold.entry((at, kind)).or_default();
                }),
            }
        }
    }

    /// Establishments with rows in more than one file of a table.
    pub(super) fn split(&self) -> BTreeSet<EstId> {
        let mut seen: BTreeMap<(EstId, Kind), u16> = BTreeMap::new();
        let mut split = BTreeSet::new();
        for &(at, kind, number) in self.counts.keys() {
            if seen.insert((at, kind), number).is_some() {
                split.insert(at);
            }
        }
        split
    }
}
