//! Establishments, their authorities and what their exports say of themselves.

use super::{AuthorityId, Date};

/// One row of `authorities.csv`.
#[derive(Clone, Debug)]
pub struct Authority {
    /// National code.
    pub code: String,
    /// Name as given.
    pub name: String,
    /// Whether the authority shares data with the platform; `None` when blank.
    pub data_sharing: Option<bool>,
    /// Local prefix of network logins that should have been taken off (S1); only warned about.
    pub login_prefix: Option<String>,
}

/// An establishment: a row of `establishments.csv`, or a code that only the directory or the roll knows.
#[derive(Clone, Debug)]
pub struct Establishment {
    /// National code.
    pub code: String,
    /// Name as given; empty when not listed.
    pub name: String,
    /// The authority it belongs to; `None` when not listed or its authority is not.
    pub authority: Option<AuthorityId>,
    /// Phase as given (`primary`, `secondary`, …).
    pub phase: String,
    /// Maintained by the state (S4: only such schools keep a learner's account).
    pub maintained: bool,
    /// Whether the establishment shares data with the platform; `None` when blank.
    pub data_sharing: Option<bool>,
    /// After this day the establishment counts as exporting completely with everyone left.
    pub closed_on: Option<Date>,
    /// The code this establishment had before.
    pub replaces: Option<String>,
    /// Whether it stands in `establishments.csv` tonight.
    pub listed: bool,
    /// Its row of `exports.csv`.
    pub export: Option<ExportRecord>,
    /// Why its people stay untouched tonight; `None` when its export is good.
    pub hold: Option<Hold>,
    /// Whether it has usable accounts or rows tonight: only such a one can be held, and only such count against the
    /// limit on held ones (SPEC §8).
    pub counts: bool,
}

/// `status` of `exports.csv`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportStatus {
    /// The whole roll was exported.
    Complete,
    /// Some of it.
    Partial,
    /// The export broke.
    Failed,
}

/// One row of `exports.csv`.
#[derive(Clone, Debug)]
pub struct ExportRecord {
    /// UK date of the extraction.
    pub exported_on: Date,
    /// Minutes into the UK day, so that two exports of one day can be told apart.
    pub minute: u16,
    /// What the MIS says of it.
    pub status: ExportStatus,
    /// Rows of learners it claims to have written.
    pub learners: Option<u64>,
    /// Rows of staff it claims to have written.
    pub staff: Option<u64>,
}

/// A gate hold on one establishment.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Which rule of SPEC §8 holds it.
    pub reason: HoldReason,
    /// One sentence for people: counts and dates, never a cell.
    pub message: String,
    /// Whether `approve --hold` can let it through: not for unreadable or missing data.
    pub approvable: bool,
}

/// The rules that hold an establishment, in the order they are asked (SPEC §8).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HoldReason {
    /// Not in `establishments.csv`.
    Unknown,
    /// No row in `exports.csv`.
    NoExport,
    /// Its table came from more than one file, or a file of it could not be read.
    BadFile,
    /// `partial` or `failed`.
    NotComplete,
    /// Extracted after as-of.
    InFuture,
    /// Older than `max_export_age_days`.
    Stale,
    /// Fewer rows than its export claims.
    FewerRows,
    /// More usable accounts without a row than the allowance.
    Shrunk,
    /// Every staff code changed at once.
    StaffCodesChanged,
}

impl HoldReason {
    /// The code in `faults.csv` and reports.
    pub const fn code(self) -> &'static str {
        match self {
            HoldReason::Unknown => "establishment_unknown",
            HoldReason::NoExport => "export_missing",
            HoldReason::BadFile => "export_unreadable",
            HoldReason::NotComplete => "export_not_complete",
            HoldReason::InFuture => "export_in_future",
            HoldReason::Stale => "export_stale",
            HoldReason::FewerRows => "export_short",
            HoldReason::Shrunk => "roll_shrunk",
            HoldReason::StaffCodesChanged => "staff_codes_changed",
        }
    }
}
