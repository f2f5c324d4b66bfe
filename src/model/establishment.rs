//! Establishments, their authorities and what their exports say of themselves.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{AuthorityId, Date, EstId};

/// One row of `authorities.csv`.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// Another establishment is listed that replaces this one once it is closed.
    pub followed: bool,
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

/// The establishment that each replaced code stands for tonight: where codes replace each other in a row, the last.
/// The gate lets no code be replaced twice and no row of codes end in itself.
pub fn successors(establishments: &[Establishment]) -> HashMap<&str, EstId> {
    let numbered = establishments.iter().enumerate();
    let next: HashMap<&str, EstId> = numbered
        .filter_map(|(at, e)| Some((e.replaces.as_deref()?, EstId(at as u32))))
        .collect();
    let last = |first: EstId| {
        let step = |at: &EstId| next.get(establishments[at.index()].code.as_str()).copied();
        let steps = std::iter::successors(Some(first), step);
        steps.take(next.len() + 1).last().unwrap_or(first)
    };
    next.iter()
        .map(|(code, first)| (*code, last(*first)))
        .collect()
}

/// The codes that an establishment had before, the latest first; `find` gives the place of a code.
pub fn earlier_codes(
    establishments: &[Establishment],
    at: EstId,
    find: impl Fn(&str) -> Option<EstId>,
) -> Vec<&str> {
    let code_before = |at: EstId| establishments[at.index()].replaces.as_deref();
    let codes = std::iter::successors(code_before(at), |code| code_before(find(code)?));
    codes.take(establishments.len()).collect()
}

/// `status` of `exports.csv`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// The whole roll was exported.
    Complete,
    /// Some of it.
    Partial,
    /// The export broke.
    Failed,
}

/// One row of `exports.csv`.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hold {
    /// Which rule of SPEC §8 holds it.
    pub reason: HoldReason,
    /// One sentence for people: counts and dates, never a cell.
    pub message: String,
    /// Whether `approve --hold` can let it through: not for unreadable or missing data.
    pub approvable: bool,
}

/// The rules that hold an establishment, in the order they are asked (SPEC §8).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
