//! A group that follows its class: what it is called and who is in it.

use std::collections::BTreeMap;

use super::Desk;
use super::draft::Draft;
use crate::directory::GroupMember;
use crate::model::{Class, ClassYear};

/// What the group of a class is called; a class without a title goes by its id.
pub fn title_of<'c>(class: &'c Class, listed: &'c ClassYear) -> &'c str {
    match listed.title.as_str() {
        "" => &class.id,
        title => title,
    }
}

/// Takes over a new title; a blank never erases one.
pub(super) fn title(listed: Option<&ClassYear>, draft: &mut Draft) {
    let title = listed
        .map(|listed| listed.title.as_str())
        .unwrap_or_default();
    if !title.is_empty() && title != draft.group.title {
        title.clone_into(&mut draft.group.title);
        draft.reasons.push("the class has another title");
    }
}

/// The usable accounts of those a class lists, sorted.
pub(super) fn listed_members(desk: &Desk<'_>, class: &Class, group: u128) -> Vec<GroupMember> {
    let rows = desk.tonight.roll.classes.members(class);
    let mut members: BTreeMap<u128, GroupMember> = BTreeMap::new();
    for row in rows {
        let Some(account) = desk.accounts.of(row.person) else {
            continue;
        };
        let role = row.role;
        members.insert(
            account,
            GroupMember {
                group,
                account,
                role,
            },
        );
    }
    members.into_values().collect()
}

/// Takes over who is listed. Where the class is not in the table, or not every row about its members can be trusted,
/// somebody who is missing from it has not left; who has no usable account any more goes in every case.
pub(super) fn members(desk: &Desk<'_>, class: Option<&Class>, draft: &mut Draft) {
    let group = draft.group.id;
    let listed = class.map(|class| listed_members(desk, class, group));
    let stays = class.is_none_or(|class| class.is_doubtful);
    let mut after: BTreeMap<u128, GroupMember> = BTreeMap::new();
    if stays {
        let usable = draft
            .members
            .iter()
            .filter(|m| desk.accounts.is_usable(m.account));
        after.extend(usable.map(|m| (m.account, *m)));
    }
    after.extend(listed.into_iter().flatten().map(|m| (m.account, m)));
    let after: Vec<GroupMember> = after.into_values().collect();
    if after != draft.members {
        draft.reasons.push(match class {
            Some(_) => "its members have changed",
            None => "an account can no longer be used",
        });
        draft.members = after;
    }
}
