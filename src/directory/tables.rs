//! The small tables of a snapshot: rows to records and back.

use csv::StringRecord;

use super::{Consent, Group, GroupMember, GuardRow, LedgerEntry, RetiredUsername, Transfer};
use crate::calendar::{AcademicYear, parse_date};
use crate::identity::{hex128, parse_hex128};
use crate::model::{Date, GroupState, MemberRole, TransferState};
use crate::table::spec;

/// A record of a small table: how it stands in a row.
pub trait Row: Sized {
    /// Name of the table and of its file.
    const TABLE: &'static str;
    /// The header.
    const COLUMNS: &'static [&'static str];
    /// From a row of exactly these columns; `None` when a cell has another form.
    fn from_row(row: &StringRecord) -> Option<Self>;
    /// To the cells of a row.
    fn to_row(&self) -> Vec<String>;
}

fn date(text: &str) -> Option<Option<Date>> {
    if text.is_empty() {
        Some(None)
    } else {
        parse_date(text).map(Some)
    }
}

fn show(date: Option<Date>) -> String {
    date.map(|d| d.to_string()).unwrap_or_default()
}

fn yes_no(flag: bool) -> String {
    if flag { "Y" } else { "N" }.to_owned()
}

impl Row for Transfer {
    const TABLE: &'static str = "transfers";
    const COLUMNS: &'static [&'static str] = spec::TRANSFERS.columns;

    fn from_row(row: &StringRecord) -> Option<Self> {
        Some(Transfer {
            account_id: row[0].to_owned(),
            from_establishment: row[1].to_owned(),
            to_establishment: row[2].to_owned(),
            claim_start: date(&row[3])?,
            state: TransferState::parse(&row[4])?,
            proposal: row[5].to_owned(),
            opened_on: parse_date(&row[6])?,
            decided_on: date(&row[7])?,
            decided_by: row[8].to_owned(),
        })
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            self.account_id.clone(),
            self.from_establishment.clone(),
            self.to_establishment.clone(),
            show(self.claim_start),
            self.state.to_string(),
            self.proposal.clone(),
            self.opened_on.to_string(),
            show(self.decided_on),
            self.decided_by.clone(),
        ]
    }
}

impl Row for Consent {
    const TABLE: &'static str = "consents";
    const COLUMNS: &'static [&'static str] = spec::CONSENTS.columns;

    fn from_row(row: &StringRecord) -> Option<Self> {
        Some(Consent {
            person_ref: row[0].to_owned(),
            data_sharing: &row[1] == "Y",
            establishment: row[2].to_owned(),
            recorded_on: parse_date(&row[3])?,
            off_roll_on: date(&row[4])?,
        })
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            self.person_ref.clone(),
            yes_no(self.data_sharing),
            self.establishment.clone(),
            self.recorded_on.to_string(),
            show(self.off_roll_on),
        ]
    }
}

impl Row for Group {
    const TABLE: &'static str = "groups";
    const COLUMNS: &'static [&'static str] = spec::GROUPS.columns;

    fn from_row(row: &StringRecord) -> Option<Self> {
        Some(Group {
            id: parse_hex128(&row[0])?,
            establishment: row[1].to_owned(),
            class_id: row[2].to_owned(),
            year: AcademicYear::parse(&row[3])?,
            title: row[4].to_owned(),
            state: GroupState::parse(&row[5])?,
            linked: &row[6] == "Y",
            created_on: parse_date(&row[7])?,
            archived_on: date(&row[8])?,
        })
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            hex128(self.id),
            self.establishment.clone(),
            self.class_id.clone(),
            self.year.to_string(),
            self.title.clone(),
            self.state.to_string(),
            yes_no(self.linked),
            self.created_on.to_string(),
            show(self.archived_on),
        ]
    }
}

impl Row for GroupMember {
    const TABLE: &'static str = "group_members";
    const COLUMNS: &'static [&'static str] = spec::GROUP_MEMBERS.columns;

    fn from_row(row: &StringRecord) -> Option<Self> {
        Some(GroupMember {
            group: parse_hex128(&row[0])?,
            account: parse_hex128(&row[1])?,
            role: MemberRole::parse(&row[2])?,
        })
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            hex128(self.group),
            hex128(self.account),
            self.role.to_string(),
        ]
    }
}

impl Row for LedgerEntry {
    const TABLE: &'static str = "decisions";
    const COLUMNS: &'static [&'static str] = spec::LEDGER.columns;

    fn from_row(row: &StringRecord) -> Option<Self> {
        Some(LedgerEntry {
            decision_id: row[0].to_owned(),
            outcome: row[1].to_owned(),
            reason: row[2].to_owned(),
            applied_on: parse_date(&row[3])?,
        })
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            self.decision_id.clone(),
            self.outcome.clone(),
            self.reason.clone(),
            self.applied_on.to_string(),
        ]
    }
}

impl Row for GuardRow {
    const TABLE: &'static str = "guard_history";
    const COLUMNS: &'static [&'static str] = spec::GUARD_HISTORY.columns;

    fn from_row(row: &StringRecord) -> Option<Self> {
        Some(GuardRow {
            as_of: parse_date(&row[0])?,
            scope: row[1].to_owned(),
            action: row[2].to_owned(),
            base: row[3].parse().ok()?,
            applied: row[4].parse().ok()?,
        })
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            self.as_of.to_string(),
            self.scope.clone(),
            self.action.clone(),
            self.base.to_string(),
            self.applied.to_string(),
        ]
    }
}

impl Row for RetiredUsername {
    const TABLE: &'static str = "retired_usernames";
    const COLUMNS: &'static [&'static str] = spec::RETIRED_USERNAMES.columns;

    fn from_row(row: &StringRecord) -> Option<Self> {
        Some(RetiredUsername {
            account_id: row[0].to_owned(),
            purged_on: parse_date(&row[1])?,
            rule: row[2].to_owned(),
            key_id: row[3].to_owned(),
            name_hash: row[4].to_owned(),
        })
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            self.account_id.clone(),
            self.purged_on.to_string(),
            self.rule.clone(),
            self.key_id.clone(),
            self.name_hash.clone(),
        ]
    }
}

/// Reads a small table.
pub fn parse<R: Row>(bytes: &[u8]) -> Result<Vec<R>, String> {
    let unlike = || format!("the {} table is not as this program writes it", R::TABLE);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|_| unlike())?;
    if !header.iter().eq(R::COLUMNS.iter().copied()) {
        return Err(unlike());
    }
    reader
        .records()
        .map(|row| row.ok().as_ref().and_then(R::from_row).ok_or_else(unlike))
        .collect()
}

/// One row as a line with its end.
///
/// # Errors
/// When the writer fails, which one into memory does not.
pub fn format_line<R: Row>(row: &R) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(row.to_row())?;
    writer
        .into_inner()
        .map_err(|e| std::io::Error::other(e.to_string()))
}

/// Writes a small table; the caller has sorted it.
///
/// # Errors
/// As [`format_line`].
pub fn format<R: Row>(rows: &[R]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(R::COLUMNS)?;
    for row in rows {
        writer.write_record(row.to_row())?;
    }
    writer
        .into_inner()
        .map_err(|e| std::io::Error::other(e.to_string()))
}
