//! `classes.csv`: what is taught where in which year. Nothing here costs a person anything: a row that cannot be used
//! is told, and its group stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{self, CellFault};
use super::class_members::{self, Doubts};
use super::row::{Bench, find};
use crate::calendar::AcademicYear;
use crate::intake::Table;
use crate::model::{Class, ClassYear, Classes, EstId, Fault, Severity};
use crate::table::{CappedFaults, TableRead, TableSpec};

/// A row of one of the two tables, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct ClassRow<'a> {
    pub spec: &'static TableSpec,
    pub file: &'a TableRead,
    pub record: usize,
    /// Code of its establishment, once it is known to be a listed one.
    pub code: &'a str,
}

impl<'a> ClassRow<'a> {
    pub fn text(&self, column: &str) -> &'a str {
        self.spec
            .place(column)
            .map_or("", |place| self.file.cell(self.record, place))
    }

    /// Whether a field of the row could not be read, which the reading has told already.
    pub fn is_damaged(&self) -> bool {
        let record = self.record as u32;
        self.file.damaged.binary_search(&record).is_ok()
    }

    pub fn reject(&self, faults: &mut CappedFaults, column: &str, fault: CellFault) {
        self.push(
            faults,
            column,
            Fault::new(Severity::Reject, fault.code, fault.message, fault.fix),
        );
    }

    pub fn push(&self, faults: &mut CappedFaults, column: &str, fault: Fault) {
        faults.push(fault.code, fault.severity, || {
            fault
                .in_file(self.spec.name, &self.file.label)
                .at_row(self.file.rows.line(self.record))
                .in_column(column)
                .of_establishment(self.code)
        });
    }

    /// The establishment of the row, if it is a listed one; else a fault.
    pub fn establishment(&mut self, bench: &Bench<'_>, faults: &mut CappedFaults) -> Option<EstId> {
        let code = self.text("establishment");
        let found =
            find(bench.establishments, code).filter(|at| bench.establishments[at.index()].listed);
        if found.is_none() {
            let fault = cells::code(code).err().unwrap_or_else(|| CellFault {
                code: "establishment_unknown",
                message: "the establishment is not in the establishments table".to_owned(),
                fix: "List the establishment, or correct the code.",
            });
            self.reject(faults, "establishment", fault);
        } else {
            self.code = code;
        }
        found
    }

    /// The row's class id; else a fault.
    pub fn class_id(&self, faults: &mut CappedFaults) -> Option<&'a str> {
        match cells::code(self.text("class_id")) {
            Ok(id) => Some(id),
            Err(fault) => {
                let fix = "Export a class id of that form.";
                self.reject(faults, "class_id", CellFault { fix, ..fault });
                None
            }
        }
    }
}

/// Classes by establishment and id, each with the years it is listed for; a year whose rows contradict each other has
/// no title.
pub(super) type Listed = BTreeMap<(EstId, String), BTreeMap<AcademicYear, Option<String>>>;

/// Reads both tables. They are empty where the policy has no groups.
pub(super) fn read(tables: [&Table; 2], bench: &Bench<'_>, faults: &mut Vec<Fault>) -> Classes {
    let [classes, members] = tables;
    let mut listed = Listed::new();
    let mut files = FilesOf::default();
    for (number, file) in classes.files.iter().enumerate().filter(|(_, f)| f.usable) {
        let mut told = CappedFaults::default();
        for record in 0..file.rows.len() {
            let row = ClassRow {
                spec: classes.spec,
                file,
                record,
                code: "",
            };
            files.note(class(row, bench, &mut listed, &mut told), number);
        }
        faults.extend(told.finish(classes.spec.name, &file.label));
    }
    let mut doubts = Doubts::default();
    doubts
        .establishments
        .extend(files.split(classes, bench, faults));
    let found = class_members::read(members, bench, &listed, &mut doubts, faults);
    let mut out = Classes::default();
    for (at, ((establishment, id), years)) in listed.into_iter().enumerate() {
        let rows = found.get(at).map_or(&[][..], Vec::as_slice);
        let from = out.members.len();
        out.members.extend_from_slice(rows);
        let usable = years
            .into_iter()
            .filter_map(|(year, title)| title.map(|title| ClassYear { year, title }));
        out.list.push(Class {
            establishment,
            id,
            years: usable.collect(),
            members: from..out.members.len(),
            is_doubtful: doubts.about(at as u32, establishment),
        });
    }
    out
}

/// Takes in one row of `classes.csv`; returns its establishment.
fn class(
    mut row: ClassRow<'_>,
    bench: &Bench<'_>,
    listed: &mut Listed,
    faults: &mut CappedFaults,
) -> Option<EstId> {
    let at = row.establishment(bench, faults)?;
    let Some(id) = row.class_id(faults) else {
        return Some(at);
    };
    let years = listed.entry((at, id.to_owned())).or_default();
    let Some(year) = AcademicYear::parse(row.text("academic_year")) else {
        let text = row.text("academic_year");
        let message = format!(
            "expected two years that follow each other, such as 2025/2026; found {}",
            cells::shape(text)
        );
        let fix = "Export the academic year in that form.";
        let code = "bad_academic_year";
        row.reject(faults, "academic_year", CellFault { code, message, fix });
        return Some(at);
    };
    if row.is_damaged() {
        years.insert(year, None);
        return Some(at);
    }
    let title = row.text("title");
    match years.get(&year) {
        None => {
            years.insert(year, Some(title.to_owned()));
        }
        Some(earlier) => {
            let is_same = earlier.as_deref() == Some(title);
            row.push(faults, "title", repeated(is_same));
            if !is_same {
                years.insert(year, None);
            }
        }
    }
    Some(at)
}

/// The fault of a row whose key stood in an earlier one.
pub(super) fn repeated(is_same: bool) -> Fault {
    match is_same {
        true => Fault::new(
            Severity::Warn,
            "repeated_row",
            "the row stands here more than once",
            "Remove the repetition.",
        ),
        false => Fault::new(
            Severity::Reject,
            "conflicting_rows",
            "another row about the same says something else",
            "Keep one of them.",
        ),
    }
}

/// Which files of a table the establishments' rows come from.
#[derive(Default)]
pub(super) struct FilesOf {
    first: BTreeMap<EstId, usize>,
    several: BTreeSet<EstId>,
}

impl FilesOf {
    pub fn note(&mut self, at: Option<EstId>, number: usize) {
        if let Some(at) = at
            && *self.first.entry(at).or_insert(number) != number
        {
            self.several.insert(at);
        }
    }

    /// Establishments with any row at all.
    pub fn known(&self) -> impl Iterator<Item = EstId> + '_ {
        self.first.keys().copied()
    }

    /// Establishments with rows in more than one file, each with a fault (SPEC §3).
    pub fn split<'f>(
        &'f self,
        table: &Table,
        bench: &Bench<'_>,
        faults: &mut Vec<Fault>,
    ) -> impl Iterator<Item = EstId> + use<'f> {
        for at in &self.several {
            let fault = Fault::new(
                Severity::Reject,
                "class_files_several",
                "its rows of one table come from more than one file; nobody leaves a group of it tonight",
                "Export each establishment's rows into one file.",
            );
            faults.push(
                fault
                    .in_file(table.spec.name, "")
                    .of_establishment(&bench.establishments[at.index()].code),
            );
        }
        self.several.iter().copied()
    }
}
