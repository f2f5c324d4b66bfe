//! `restore_group`: a person brings an archived group back (S3). It returns as it was and belongs to no class any more.

use std::collections::HashSet;

use super::Desk;
use super::transition::{Phase, Standing};
use crate::decisions::{Book, Verdict};
use crate::directory::Group;
use crate::identity::parse_hex128;
use crate::model::GroupState;

/// What became of the decisions, by place in the book, and the groups that come back tonight.
pub type Weighed = (Vec<(usize, Verdict)>, HashSet<u128>);

/// What every such decision comes to where the policy has no groups.
pub fn switched_off(book: &Book) -> Vec<(usize, Verdict)> {
    let why = Verdict::Refused("groups are switched off in the policy");
    book.restores.iter().map(|&index| (index, why)).collect()
}

/// Weighs the decisions of tonight.
pub fn weigh(desk: &Desk<'_>, book: &Book) -> Weighed {
    let (mut verdicts, mut back) = (Vec::new(), HashSet::new());
    for (n, &index) in book.restores.iter().enumerate() {
        let value = &book.list[index].value;
        let is_repeated = book.restores[n + 1..]
            .iter()
            .any(|later| book.list[*later].value == *value);
        let verdict = if is_repeated {
            Verdict::Refused("another decision on the same group goes before it")
        } else {
            match find(desk, value) {
                Some(group) => stand(desk, group),
                None => Verdict::Refused("no group has this id"),
            }
        };
        if verdict == Verdict::Applied {
            back.extend(parse_hex128(value));
        }
        verdicts.push((index, verdict));
    }
    (verdicts, back)
}

fn find<'a>(desk: &Desk<'a>, id: &str) -> Option<&'a Group> {
    let id = parse_hex128(id)?;
    let groups = &desk.tonight.snapshot.groups;
    let at = groups.binary_search_by_key(&id, |group| group.id).ok()?;
    groups.get(at)
}

fn stand(desk: &Desk<'_>, group: &Group) -> Verdict {
    const TONIGHT: Verdict = Verdict::Waiting("the group was archived tonight");
    if desk.is_untouched(desk.place(group)) {
        return Verdict::Waiting("the establishment is held");
    }
    let ends_tonight =
        Standing::of(group) == Standing::Linked && desk.phase(group.year) == Some(Phase::Over);
    match group.state {
        // One row per group and night: what this date archived, the next night restores.
        GroupState::Archived if group.archived_on == Some(desk.tonight.as_of) => TONIGHT,
        GroupState::Archived => Verdict::Applied,
        GroupState::Active if ends_tonight => TONIGHT,
        GroupState::Active => Verdict::Refused("the group is not archived"),
    }
}
