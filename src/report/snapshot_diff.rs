//! `snapshot.diff`: what a plan changes in the directory, record by record, for reviewers.

use similar::{Algorithm, TextDiff};

use super::escape::plain;
use crate::directory::{AccountRecord, Column, Transfer};
use crate::model::Action;
use crate::plan::{Change, Status};

/// Unchanged lines around a changed one.
const CONTEXT: usize = 2;
/// Columns shown with every changed account, so that a reader knows what it is.
const ALWAYS: &[Column] = &[Column::Role, Column::State, Column::Establishment];

/// `column: value` pairs of one record.
type Lines = Vec<(&'static str, String)>;

/// One record before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordPair {
    /// `account` or `transfer`.
    pub table: &'static str,
    /// Its key.
    pub key: String,
    /// What names the change.
    pub action: Action,
    /// Before; `None` for a new record and for a purge, whose cells are never shown.
    pub before: Option<Lines>,
    /// After; `None` for a record that goes.
    pub after: Option<Lines>,
}

/// The snapshot as it stands before the plan.
pub trait Before {
    /// The account a change is of.
    fn account(&self, change: &Change) -> Option<AccountRecord>;
    /// A claim by its key.
    fn transfer(&self, account_id: &str, to_establishment: &str) -> Option<Transfer>;
}

/// The first `max` records that planned changes touch, those of `update` last, and how many more there are.
///
/// People's choices are left out: only their own office and `explain` show them (SPEC §7).
pub fn pairs(changes: &[Change], before: &impl Before, max: usize) -> (Vec<RecordPair>, usize) {
    let planned = || changes.iter().filter(|c| c.status == Status::Planned);
    let others = planned().filter(|c| c.action != Action::Update);
    let updates = planned().filter(|c| c.action == Action::Update);
    let (mut shown, mut more) = (Vec::new(), 0);
    for change in others.chain(updates) {
        if shown.len() >= max {
            more += records(change);
            continue;
        }
        shown.extend(account_pair(change, before));
        shown.extend(transfer_pairs(change, before));
        more += shown.len().saturating_sub(max);
        shown.truncate(max);
    }
    (shown, more)
}

/// How many records a change touches.
fn records(change: &Change) -> usize {
    if change.action == Action::Purge {
        return 1;
    }
    let claims = change.elsewhere();
    usize::from(touches_account(change)) + claims.transfers_set.len() + claims.transfers_gone.len()
}

fn touches_account(change: &Change) -> bool {
    change.deletes() || change.place.is_none() || change.fields.columns().next().is_some()
}

fn account_pair(change: &Change, before: &impl Before) -> Option<RecordPair> {
    if !touches_account(change) {
        return None;
    }
    let pair = |before, after| RecordPair {
        table: "account",
        key: change.account_id().to_owned(),
        action: change.action,
        before,
        after,
    };
    if change.action == Action::Purge {
        return Some(pair(None, None));
    }
    let old = change.place.and_then(|_| before.account(change));
    let mut new = old.clone().unwrap_or_default();
    for (column, field) in change.fields.columns() {
        new.set(column, field.after);
    }
    let is_shown =
        |c: &Column| old.is_none() || ALWAYS.contains(c) || change.fields.of(*c).is_some();
    let shown: Vec<Column> = Column::ALL.iter().copied().filter(is_shown).collect();
    Some(pair(
        old.map(|old| account_lines(&old, &shown)),
        Some(account_lines(&new, &shown)),
    ))
}

/// The filled columns of an account; its key stands in the heading, its person_ref helps no reader.
fn account_lines(record: &AccountRecord, columns: &[Column]) -> Lines {
    let hidden = |c: &Column| matches!(c, Column::AccountId | Column::PersonRef);
    let filled = columns
        .iter()
        .filter(|c| !hidden(c) && !record.get(**c).is_empty());
    filled
        .map(|c| (c.name(), record.get(*c).to_owned()))
        .collect()
}

fn transfer_pairs(change: &Change, before: &impl Before) -> Vec<RecordPair> {
    if change.action == Action::Purge {
        return Vec::new();
    }
    let pair = |to: &str, after: Option<&Transfer>| RecordPair {
        table: "transfer",
        key: format!("{} {to}", change.account_id()),
        action: change.action,
        before: before
            .transfer(change.account_id(), to)
            .as_ref()
            .map(transfer_lines),
        after: after.map(transfer_lines),
    };
    let set = change
        .elsewhere()
        .transfers_set
        .iter()
        .map(|t| pair(&t.to_establishment, Some(t)));
    set.chain(
        change
            .elsewhere()
            .transfers_gone
            .iter()
            .map(|to| pair(to, None)),
    )
    .collect()
}

fn transfer_lines(transfer: &Transfer) -> Lines {
    let day = |date: Option<crate::model::Date>| date.map(|d| d.to_string()).unwrap_or_default();
    let all = [
        ("from_establishment", transfer.from_establishment.clone()),
        ("claim_start", day(transfer.claim_start)),
        ("state", transfer.state.as_str().to_owned()),
        ("proposal", transfer.proposal.clone()),
        ("opened_on", day(Some(transfer.opened_on))),
        ("decided_on", day(transfer.decided_on)),
        ("decided_by", transfer.decided_by.clone()),
    ];
    all.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// The bytes of `snapshot.diff`: each pair under a heading of its own, then how many `more` records there are.
pub fn snapshot_diff(pairs: &[RecordPair], more: usize) -> Vec<u8> {
    let mut text = String::new();
    for pair in pairs {
        text.push_str(&format!(
            "{} {} ({})\n",
            pair.table,
            plain(&pair.key),
            pair.action
        ));
        if pair.before.is_none() && pair.after.is_none() {
            text.push_str("deleted for good; what it held is not shown\n");
        } else {
            text.push_str(&unified(&record(&pair.before), &record(&pair.after)));
        }
        text.push('\n');
    }
    if more > 0 {
        text.push_str(&format!(
            "{more} more changed records are not shown; plan.csv has every change.\n"
        ));
    }
    text.into_bytes()
}

/// One line for each cell: what would break or steer a line is escaped.
fn record(lines: &Option<Lines>) -> String {
    lines
        .iter()
        .flatten()
        .map(|(column, value)| format!("{column}: {}\n", plain(value)))
        .collect()
}

/// The lines that differ, with a few around them.
pub(super) fn unified(before: &str, after: &str) -> String {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .diff_lines(before, after);
    diff.unified_diff().context_radius(CONTEXT).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change, hostile_names};
    use super::*;

    struct Old;

    impl Before for Old {
        fn account(&self, _: &Change) -> Option<AccountRecord> {
            let mut record = AccountRecord::default();
            record.set(Column::Role, "learner");
            record.set(Column::State, "active");
            record.set(Column::Establishment, "S1");
            record.set(Column::Surname, "Secret");
            Some(record)
        }

        fn transfer(&self, _: &str, _: &str) -> Option<Transfer> {
            None
        }
    }

    fn update(column: Column, value: &str) -> Change {
        let mut update = change(Action::Update, "S1", "a1");
        update.fields.push_column(column, "", value);
        update.place = Some(0);
        update
    }

    fn text(changes: &[Change], max: usize) -> String {
        let (pairs, more) = pairs(changes, &Old, max);
        String::from_utf8(snapshot_diff(&pairs, more)).unwrap()
    }

    #[test]
    fn an_update_shows_what_changed_and_little_else() {
        let text = text(&[update(Column::YearGroup, "9")], 10);
        assert!(text.starts_with("account a1 (update)\n@@ "), "{text}");
        assert!(
            text.contains("+year_group: 9\n")
                && text.contains(" state: active\n")
                && !text.contains("Secret")
        );
    }

    #[test]
    fn a_purge_shows_its_key_alone_and_held_changes_are_absent() {
        let mut purge = change(Action::Purge, "S1", "a7");
        purge.place = Some(3);
        let mut held = update(Column::YearGroup, "9");
        held.status = Status::Held;
        assert_eq!(
            text(&[purge, held], 10),
            "account a7 (purge)\ndeleted for good; what it held is not shown\n\n"
        );
    }

    #[test]
    fn updates_come_last_and_the_rest_is_counted() {
        let mut release = update(Column::State, "inactive");
        release.action = Action::Release;
        let text = text(
            &[
                update(Column::YearGroup, "9"),
                update(Column::YearGroup, "9"),
                release,
            ],
            1,
        );
        assert!(text.starts_with("account a1 (release)"));
        assert!(
            text.ends_with("2 more changed records are not shown; plan.csv has every change.\n"),
            "{text}"
        );
    }

    #[test]
    fn a_hostile_value_is_one_line() {
        for name in hostile_names() {
            let text = text(&[update(Column::Forename, name)], 10);
            assert_eq!(
                text.lines().filter(|line| line.starts_with('+')).count(),
                1,
                "{text}"
            );
            assert!(!text.contains('\u{202E}') && !text.contains('\u{1b}'));
        }
    }
}
