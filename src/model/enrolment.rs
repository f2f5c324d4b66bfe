//! Enrolments: the accepted rows of `learners.csv` and `staff.csv`.

use std::borrow::Cow;

use rayon::prelude::*;

use super::{Authority, Classes, Date, EstId, Establishment, Faults, InputFile, Kind, PersonKey};
use crate::prefixes::{by_hash, places};
use crate::table::{Rows, trim};

/// `enrolment_status` of a roll row; blank means `single`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EnrolmentStatus {
    /// Registered at this school alone.
    Single,
    /// Registered here and elsewhere; this is the main school.
    Main,
    /// Registered here and elsewhere; the other is the main school.
    Subsidiary,
    /// Attends as a guest: never creates, claims or keeps.
    Guest,
    /// Applied for a place: never creates, claims or keeps.
    PreAdmission,
}

impl EnrolmentStatus {
    /// The value a cell stands for; blank is `single`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" | "single" => EnrolmentStatus::Single,
            "main" => EnrolmentStatus::Main,
            "subsidiary" => EnrolmentStatus::Subsidiary,
            "guest" => EnrolmentStatus::Guest,
            "pre_admission" => EnrolmentStatus::PreAdmission,
            _ => return None,
        })
    }

    /// The word in the tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            EnrolmentStatus::Single => "single",
            EnrolmentStatus::Main => "main",
            EnrolmentStatus::Subsidiary => "subsidiary",
            EnrolmentStatus::Guest => "guest",
            EnrolmentStatus::PreAdmission => "pre_admission",
        }
    }

    /// Whether a row of this status can create, claim or keep an account.
    pub fn counts(self) -> bool {
        !matches!(self, EnrolmentStatus::Guest | EnrolmentStatus::PreAdmission)
    }
}

/// Where a row stands: a file of [`Roll::files`] and a record of it. Packed as [`PersonKey`] is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(Rust, packed(2))]
pub struct RowRef {
    /// Index into [`Roll::files`].
    pub file: u16,
    /// Index of the record in the file's [`Rows`], from 0.
    pub record: u32,
}

/// One accepted row of the roll. Text stays in its file's buffer and is read through [`Roll::text`].
#[derive(Clone, Copy, Debug)]
pub struct Enrolment {
    /// The person, under the current key.
    pub person: PersonKey,
    /// Learner or staff.
    pub kind: Kind,
    /// Where the person is on roll.
    pub establishment: EstId,
    /// Admission or start date; `None` when blank.
    pub start: Option<Date>,
    /// Leaving date; `None` when blank.
    pub leaving: Option<Date>,
    /// Single, main, subsidiary, guest or pre-admission.
    pub status: EnrolmentStatus,
    /// Share of the week in ten-thousandths; `None` when blank.
    pub time_share: Option<u16>,
    /// The row's own `data_sharing`; `None` when blank.
    pub data_sharing: Option<bool>,
    /// The UPN is a temporary one (S5: such a row cannot create or claim).
    pub temporary: bool,
    /// Every column of the policy's `complete` list is filled.
    pub complete: bool,
    /// `teaching_staff` needs a registration number under policies that say so; this is the role the row gives.
    pub role: super::Role,
    /// Where its text stands.
    pub at: RowRef,
}

impl Enrolment {
    /// What rows are sorted by: whoever they are of, then by content, so that file and row order change nothing.
    pub fn order(&self) -> impl Ord + use<> {
        (self.person, self.establishment, self.start, self.at)
    }
}

/// Columns of a roll row that are carried as text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cell {
    /// Legal surname.
    LegalSurname,
    /// Legal forename.
    LegalForename,
    /// Preferred ("known as") surname.
    PreferredSurname,
    /// Preferred ("known as") forename.
    PreferredForename,
    /// Admission number (learners).
    AdmissionNumber,
    /// Year group or stage (learners).
    YearGroup,
    /// Registration class (learners).
    RegistrationClass,
    /// Network login.
    Login,
}

impl Cell {
    /// Every one, in the order of [`RollFile::cells`].
    pub const ALL: [Cell; 8] = [
        Cell::LegalSurname,
        Cell::LegalForename,
        Cell::PreferredSurname,
        Cell::PreferredForename,
        Cell::AdmissionNumber,
        Cell::YearGroup,
        Cell::RegistrationClass,
        Cell::Login,
    ];

    /// The column's name.
    pub const fn column(self) -> &'static str {
        match self {
            Cell::LegalSurname => "legal_surname",
            Cell::LegalForename => "legal_forename",
            Cell::PreferredSurname => "preferred_surname",
            Cell::PreferredForename => "preferred_forename",
            Cell::AdmissionNumber => "admission_number",
            Cell::YearGroup => "year_group",
            Cell::RegistrationClass => "registration_class",
            Cell::Login => "login",
        }
    }
}

/// A person some row of whom was rejected: held in every establishment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeldPerson {
    /// Learner or staff.
    pub kind: Kind,
    /// The person.
    pub person: PersonKey,
    /// The establishment of the rejected row, which gets the notice.
    pub establishment: EstId,
    /// The rejected row.
    pub at: RowRef,
    /// What the rejected row says of data sharing, where that cell could be read.
    pub data_sharing: Option<bool>,
}

/// One file of a roll table.
#[derive(Debug)]
pub struct RollFile {
    /// Canonical table name: `learners` or `staff`.
    pub table: &'static str,
    /// Path below the workspace folder.
    pub name: String,
    /// Its records.
    pub rows: Rows,
    /// For each [`Cell`], the column in this file.
    pub cells: [Option<u16>; 8],
}

/// What the gate lets through.
#[derive(Debug, Default)]
pub struct Roll {
    /// Listed establishments and every code that `exports.csv` or the directory names besides, sorted by code. One without
    /// a code comes first where people of rejected rows stand at a code that nothing else names: it may be anything.
    pub establishments: Vec<Establishment>,
    /// Sorted by code.
    pub authorities: Vec<Authority>,
    /// The files that enrolments point into.
    pub files: Vec<RollFile>,
    /// Accepted rows, in no particular order; rows of held establishments are among them.
    pub enrolments: Vec<Enrolment>,
    /// As [`Roll::by_person`] gives it, where the gate has sorted them.
    pub sorted: Option<Vec<u32>>,
    /// People with a rejected row whose identifier could be read; sorted, one entry per row.
    pub held_people: Vec<HeldPerson>,
    /// Registers of which an establishment has rows whose person cannot be told; sorted.
    pub untold: Vec<(EstId, Kind)>,
    /// Earlier hashes of people: (kind, key, earlier hash, current person), sorted, one entry for each earlier hash.
    /// `key` is the place of the key that made the earlier hash: 0 the current, 1 the previous. They come from the
    /// previous key, from `rekeys.csv` (chains followed to their end) and, where staff are identified within their
    /// establishment, from the code it `replaces`; for everybody with a row whose person can be told, and everybody in `rekeys.csv`.
    pub aliases: Vec<(Kind, u8, u128, PersonKey)>,
    /// Classes and who is in them; empty where the policy has no groups.
    pub classes: Classes,
    /// In a night in parts: people who may be known under another scope too, whom no part can judge alone; sorted.
    pub together: Vec<PersonKey>,
    /// People of whom the comparison of rows told something, or has to; sorted.
    pub told: Vec<PersonKey>,
    /// Everything wrong, refusals included.
    pub faults: Faults,
    /// Rows that left before the retention period and match no account: counted, not validated.
    pub rows_long_gone: u64,
    /// Data rows read in all roll tables.
    pub rows_read: u64,
    /// Of those, rows rejected, for whatever reason.
    pub rows_rejected: u64,
    /// Of those, identical repeats that were collapsed.
    pub rows_collapsed: u64,
    /// Every file read, sorted by label.
    pub input_files: Vec<InputFile>,
}

impl Roll {
    /// Places of accepted rows, in their [`Enrolment::order`].
    pub fn by_person(&self) -> Cow<'_, [u32]> {
        if let Some(places) = &self.sorted {
            return Cow::Borrowed(places);
        }
        let rows = self.enrolments.par_iter().enumerate();
        let keyed = rows.map(|(place, row)| Some(((row.person.0 >> 64) as u64, place as u32)));
        let order = |place| self.enrolments[place as usize].order();
        Cow::Owned(places(&by_hash(keyed), order))
    }

    /// The text of a cell of an accepted row, without outer white space; empty when the file has no such column.
    pub fn text(&self, at: RowRef, cell: Cell) -> &str {
        let file = &self.files[at.file as usize];
        match file.cells[cell as usize] {
            Some(column) => trim(file.rows.field(at.record as usize, column as usize)),
            None => "",
        }
    }

    /// The line of the file where a row stands, the header being line 1.
    pub fn line(&self, at: RowRef) -> u64 {
        self.files[at.file as usize].rows.line(at.record as usize)
    }

    /// The establishment a code stands for; a blank one is nobody's, also where people of rejected rows stand at one.
    pub fn establishment_id(&self, code: &str) -> Option<EstId> {
        if code.is_empty() {
            return None;
        }
        self.establishments
            .binary_search_by(|e| e.code.as_str().cmp(code))
            .ok()
            .map(|i| EstId(i as u32))
    }

    /// An establishment by its place.
    pub fn establishment(&self, id: EstId) -> &Establishment {
        &self.establishments[id.index()]
    }
}
