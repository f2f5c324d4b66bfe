//! All files of the two roll tables, judged in parallel and put together in file order.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::row::{Bench, Judge, Part, find};
use crate::intake::Table;
use crate::model::{Enrolment, EstId, Establishment, Fault, HeldPerson, Kind, PersonKey};

/// Rows that one task judges.
const CHUNK_ROWS: usize = 1 << 14;

/// Tasks after which what they gave is gathered: their memory then serves the next.
const BATCH: usize = 32;

/// What the roll tables gave before rows are compared with each other.
#[derive(Default)]
pub(super) struct Rolls {
    pub enrolments: Vec<Enrolment>,
    pub held: Vec<HeldPerson>,
    pub aliases: Vec<(Kind, u8, u128, PersonKey)>,
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

/// Judges every row.
pub(super) fn judge(bench: &Bench<'_>, tables: [&Table; 2]) -> Rolls {
    let mut rolls = Rolls::default();
    for (kind, table, first) in numbered(tables) {
        for (n, file) in table
            .files
            .iter()
            .enumerate()
            .filter(|(_, file)| file.usable)
        {
            let number = (first + n) as u16;
            let judge = Judge::new(bench, kind, table.spec, file, number);
            let rows = file.rows.len();
            // Not exactly: a roll of thousands of files would be moved for each of them.
            rolls.enrolments.reserve(rows);
            let mut faults = crate::table::CappedFaults::default();
            let mut here: BTreeSet<EstId> = BTreeSet::new();
            for batch in (0..rows).step_by(CHUNK_ROWS * BATCH) {
                let ends = (batch + CHUNK_ROWS * BATCH).min(rows);
                let chunks: Vec<usize> = (batch..ends).step_by(CHUNK_ROWS).collect();
                let parts = chunks
                    .into_par_iter()
                    .map(|from| judge.part(from..(from + CHUNK_ROWS).min(ends)));
                for part in parts.collect::<Vec<Part>>() {
                    faults.absorb(rolls.add(kind, number, part, &mut here));
                }
            }
            rolls
                .faults
                .extend(faults.finish(table.spec.name, &file.label));
            rolls.add_lost(kind, number, file, bench.establishments, &here);
            rolls.read += file.row_count();
        }
    }
    rolls
}

impl Rolls {
    fn add(
        &mut self,
        kind: Kind,
        number: u16,
        part: Part,
        here: &mut BTreeSet<EstId>,
    ) -> crate::table::CappedFaults {
        self.enrolments.extend(part.enrolments);
        self.held.extend(part.held);
        self.aliases.extend(part.aliases);
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
        file: &crate::table::TableRead,
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
