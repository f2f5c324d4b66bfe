//! `credentials.csv`: who needs a password. None is ever made, read or printed here.

use std::collections::HashMap;

use super::sheet::{Line, sheet};
use crate::directory::{Accounts, Column};
use crate::model::Action;
use crate::plan::{Change, Status};
use crate::table::spec;

/// Its header row.
pub(super) const HEADER: &[&str] = spec::CREDENTIALS.columns;

/// Why somebody needs credentials.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CredentialReason {
    /// The account is made in this run.
    New,
    /// The username changes in this run.
    Renamed,
    /// They were due in an earlier run, and nobody has signed in.
    NeverSignedIn,
}

impl CredentialReason {
    /// The word in `credentials.csv`.
    pub const fn as_str(self) -> &'static str {
        match self {
            CredentialReason::New => "new",
            CredentialReason::Renamed => "renamed",
            CredentialReason::NeverSignedIn => "never_signed_in",
        }
    }
}

/// One account that needs credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CredentialLine {
    /// The account.
    pub account_id: String,
    /// Its username.
    pub username: String,
    /// Where it belongs.
    pub establishment: String,
    /// Its role.
    pub role: String,
    /// Why.
    pub reason: CredentialReason,
    /// Since when, as the snapshot writes dates.
    pub since: String,
}

/// Who needs credentials: accounts that planned changes make or rename, then `waiting`, which are usable
/// accounts with `credentials_due_on` and no later `last_sign_in`. An account in both stands once, with tonight's
/// reason; one that a planned change takes away needs none.
pub fn credentials_due(
    accounts: &Accounts,
    changes: &[Change],
    waiting: impl Iterator<Item = CredentialLine>,
) -> Vec<CredentialLine> {
    let waiting = waiting.map(|line| (line.account_id.clone(), line));
    let mut waiting: HashMap<String, CredentialLine> = waiting.collect();
    let mut lines = Vec::new();
    for change in changes.iter().filter(|c| c.status == Status::Planned) {
        lines.extend(line_of(accounts, change));
        if waiting.is_empty() {
            continue;
        }
        if change.action.is_removal() {
            waiting.remove(change.account_id());
        } else if let Some(line) = waiting.get_mut(change.account_id()) {
            // As it stands after tonight.
            change.username().clone_into(&mut line.username);
            change.establishment().clone_into(&mut line.establishment);
        }
    }
    lines.extend(waiting.into_values());
    // Stable: tonight's reason stands before an earlier one.
    lines.sort_by(|a, b| place(a).cmp(&place(b)));
    lines.dedup_by(|later, first| place(later) == place(first));
    lines
}

fn place(line: &CredentialLine) -> (&str, &str) {
    (&line.establishment, &line.account_id)
}

fn line_of(accounts: &Accounts, change: &Change) -> Option<CredentialLine> {
    let renamed = || change.fields.of(Column::Username).is_some();
    let reason = match change.action {
        Action::Create => CredentialReason::New,
        Action::Purge => return None,
        _ if change.place.is_some() && renamed() => CredentialReason::Renamed,
        _ => return None,
    };
    let after = change.after(accounts);
    let due = after.as_ref().map(|a| a.get(Column::CredentialsDueOn));
    let due = due.filter(|due| !due.is_empty());
    Some(CredentialLine {
        account_id: change.account_id().to_owned(),
        username: change.username().to_owned(),
        establishment: change.establishment().to_owned(),
        role: change.role.as_str().to_owned(),
        reason,
        since: due.map_or_else(|| change.effective_on.to_string(), str::to_owned),
    })
}

/// The bytes of `credentials.csv`, in the order given.
pub fn credentials_csv(lines: &[CredentialLine]) -> Vec<u8> {
    sheet(HEADER, lines, row)
}

pub(super) fn row(due: &CredentialLine, line: &mut Line) {
    line.cell(&due.account_id);
    line.cell(&due.username);
    line.cell(&due.establishment);
    line.cell(&due.role);
    line.raw(due.reason.as_str());
    line.cell(&due.since);
}

#[cfg(test)]
mod tests {
    use super::super::testing::change;
    use super::*;

    #[test]
    fn who_leaves_tonight_needs_no_password_any_more() {
        let leaves = change(Action::Release, "S1", "a1");
        let waiting = line_of(&Accounts::default(), &change(Action::Create, "S1", "a1"));
        assert_eq!(
            credentials_due(&Accounts::default(), &[leaves], waiting.into_iter()),
            []
        );
    }

    #[test]
    fn held_creations_need_no_password_and_nobody_stands_twice() {
        let mut held = change(Action::Create, "S1", "a2");
        held.status = Status::Held;
        let new = change(Action::Create, "S1", "a1");
        let waiting = line_of(&Accounts::default(), &new).map(|line| CredentialLine {
            reason: CredentialReason::NeverSignedIn,
            ..line
        });
        let lines = credentials_due(
            &Accounts::default(),
            &[new, held, change(Action::Update, "S1", "a3")],
            waiting.into_iter(),
        );
        let text = String::from_utf8(credentials_csv(&lines)).unwrap();
        assert_eq!(
            text,
            "account_id,username,establishment,role,reason,since\na1,TestT1,S1,learner,new,2026-11-20\n"
        );
    }
}
