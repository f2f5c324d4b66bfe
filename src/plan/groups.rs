//! What a night does to groups: one row of `groups.csv` each (SPEC §10).

use std::collections::BTreeMap;

use crate::directory::{Group, GroupMember};
use crate::model::GroupAction;

/// Every group that changes tonight.
#[derive(Clone, Debug, Default)]
pub struct GroupPlan {
    /// Sorted by action, establishment, class, year and id; one row per group.
    pub changes: Vec<GroupChange>,
}

/// One group, before and after.
#[derive(Clone, Debug)]
pub struct GroupChange {
    /// What names the row.
    pub action: GroupAction,
    /// The group after the change.
    pub group: Group,
    /// Its members before, sorted.
    pub before: Vec<GroupMember>,
    /// Its members after, sorted.
    pub after: Vec<GroupMember>,
    /// Why, in plain words.
    pub reason: String,
}

impl GroupPlan {
    /// A plan of these changes, in the order of `groups.csv`.
    pub fn new(mut changes: Vec<GroupChange>) -> GroupPlan {
        let key = |c: &GroupChange| {
            let group = &c.group;
            (
                c.action,
                group.establishment.clone(),
                group.class_id.clone(),
                group.year,
                group.id,
            )
        };
        changes.sort_by_cached_key(key);
        GroupPlan { changes }
    }

    /// How many groups each action names; every action is there.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts: BTreeMap<&'static str, u64> =
            GroupAction::ALL.iter().map(|a| (a.as_str(), 0)).collect();
        for change in &self.changes {
            *counts.entry(change.action.as_str()).or_default() += 1;
        }
        counts
    }
}

impl GroupChange {
    /// Who comes in, or comes back in another role.
    pub fn added(&self) -> impl Iterator<Item = &GroupMember> {
        self.after
            .iter()
            .filter(|m| self.before.binary_search(m).is_err())
    }

    /// Who goes, or goes for another role.
    pub fn removed(&self) -> impl Iterator<Item = &GroupMember> {
        self.before
            .iter()
            .filter(|m| self.after.binary_search(m).is_err())
    }
}
