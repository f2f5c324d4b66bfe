//! The single changes, as the page's script reads them.

use serde_json::{Value, json};

use super::{text, words};
use crate::model::Action;
use crate::plan::{Change, Plan, Status};

/// The columns of the table that can be sorted, in the order of a row's first cells.
pub const COLUMNS: [&str; 8] = [
    "action",
    "status",
    "establishment",
    "username",
    "role",
    "date",
    "rule",
    "reason",
];

/// At most `max` rows: removals and deletions first, and what is held before what goes ahead.
pub fn of(plan: &Plan, max: usize) -> Vec<Value> {
    let weight = |change: &&Change| {
        let takes = change.action.is_removal() || change.action == Action::Purge;
        (!takes, change.status == Status::Planned)
    };
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    // Stable: within a weight the order is the plan's.
    changes.sort_by_key(weight);
    changes.truncate(max);
    changes.into_iter().map(row).collect()
}

/// The cells of [`COLUMNS`], the fields as pieces, and the establishment it leaves.
fn row(change: &Change) -> Value {
    let fields = change.fields.iter().map(|field| {
        let (before, after) = words::sides(field.before, field.after);
        json!([text(field.name), before, after])
    });
    json!([
        change.action.as_str(),
        change.status.as_str(),
        text(change.establishment()),
        text(change.username()),
        change.role.as_str(),
        change.effective_on.to_string(),
        *change.rule(),
        text(change.reason()),
        fields.collect::<Vec<_>>(),
        text(change.from_establishment()),
    ])
}
