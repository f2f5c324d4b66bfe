//! A group while it is judged: what becomes of it, and why.

use crate::directory::{Group, GroupMember};
use crate::model::{Date, GroupAction, GroupState};
use crate::plan::GroupChange;

/// A group while it is judged.
pub(super) struct Draft {
    pub action: GroupAction,
    pub group: Group,
    pub members: Vec<GroupMember>,
    pub reasons: Vec<&'static str>,
}

impl Draft {
    pub fn archive(&mut self, as_of: Date, why: &'static str) {
        self.action = GroupAction::Archive;
        self.group.state = GroupState::Archived;
        self.group.linked = false;
        self.group.archived_on = Some(as_of);
        self.reasons.push(why);
    }

    pub fn restore(&mut self) {
        self.action = GroupAction::Restore;
        self.group.state = GroupState::Active;
        self.group.archived_on = None;
        self.reasons.push("somebody decided to bring it back");
    }

    pub fn finish(mut self, before: Vec<GroupMember>) -> GroupChange {
        self.members.sort_unstable();
        GroupChange {
            action: self.action,
            group: self.group,
            before,
            after: self.members,
            reason: self.reasons.join("; "),
        }
    }
}
