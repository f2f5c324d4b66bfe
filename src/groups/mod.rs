//! Classes become groups: Teams and Classrooms (S3, SPEC §10). Beside stage 7, because a group's members are the accounts
//! that tonight's plan leaves usable.
//!
//! | file | question |
//! |---|---|
//! | [`transition`] | what is due for a group, by its own state and its year's |
//! | [`accounts`] | which account a person of a class has after tonight |
//! | [`follow`] | title and members of a group that follows its class |
//! | [`create`] | which classes get a group |
//! | [`restore`] | which groups people bring back |
//! | [`draft`] | a group while it is judged |
//!
//! No group decides anything about an account. A held establishment's groups stay as they are, but that a deleted account
//! goes from every group (SPEC §7).

mod accounts;
mod create;
mod draft;
mod follow;
mod restore;
mod transition;

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::calendar::AcademicYear;
use crate::decisions::{Book, Verdict};
use crate::directory::{Group, GroupMember};
use crate::facts::Tonight;
use crate::identity::Keys;
use crate::model::{Class, ClassYear, EstId, GroupAction, successors};
use crate::plan::{Change, GroupChange, GroupPlan};
use crate::policy::params::Groups;
use accounts::Accounts;
use draft::Draft;
use transition::{Due, Phase, Standing, due};

/// Everything that is asked of the night while groups are judged.
struct Desk<'a> {
    tonight: &'a Tonight<'a>,
    policy: &'a Groups,
    accounts: Accounts<'a>,
    /// The establishments that took a code over, by that code.
    successors: HashMap<&'a str, EstId>,
}

/// Which class and year a group is of.
type Key<'a> = (EstId, &'a str, AcademicYear);

/// What tonight does to groups, `None` where the policy has none; and what became of the decisions about them.
pub fn judge(
    tonight: &Tonight<'_>,
    keys: &Keys,
    book: &Book,
    changes: &[Change],
) -> (Option<GroupPlan>, Vec<(usize, Verdict)>) {
    let Some(policy) = tonight.params.groups_on() else {
        return (None, restore::switched_off(book));
    };
    let desk = Desk {
        tonight,
        policy,
        accounts: Accounts::after(tonight, changes),
        successors: successors(&tonight.roll.establishments),
    };
    let (verdicts, back) = restore::weigh(&desk, book);
    let owners = desk.owners();
    let groups = &tonight.snapshot.groups;
    let mut rows: Vec<GroupChange> = (0..groups.len())
        .into_par_iter()
        .filter_map(|at| desk.known(at, &owners, &back))
        .collect();
    rows.extend(desk.new_groups(keys, &owners));
    (Some(GroupPlan::new(rows)), verdicts)
}

impl<'a> Desk<'a> {
    /// The establishment that a group belongs to tonight, `replaces` followed.
    fn place(&self, group: &Group) -> Option<EstId> {
        let successor = self.successors.get(group.establishment.as_str()).copied();
        successor.or_else(|| self.tonight.roll.establishment_id(&group.establishment))
    }

    /// Whether groups of an establishment stay as they are. One that nobody knows any more has nothing to wait for.
    fn is_untouched(&self, place: Option<EstId>) -> bool {
        match place {
            Some(place) => self.tonight.is_held(place),
            None => self.tonight.selected.is_some(),
        }
    }

    fn phase(&self, year: AcademicYear) -> Option<Phase> {
        let dates = self.policy.dates(year)?;
        Some(Phase::on(dates, self.tonight.as_of))
    }

    /// The group of each class and year, by place. Where two belong to one class, since a school took over another's
    /// code, it is the one made under its own code; the other ends tonight.
    fn owners(&self) -> BTreeMap<Key<'a>, usize> {
        let mut owners: BTreeMap<Key<'a>, usize> = BTreeMap::new();
        let groups = &self.tonight.snapshot.groups;
        let rank = |group: &Group, place| {
            let is_linked = Standing::of(group) == Standing::Linked;
            (!is_linked, self.code(place) != group.establishment)
        };
        let placed = groups.iter().enumerate();
        let mut placed: Vec<_> = placed
            .filter_map(|(at, group)| Some((at, group, self.place(group)?)))
            .collect();
        placed.sort_by_key(|(at, group, place)| (rank(group, *place), *at));
        for (at, group, place) in placed {
            let key = (place, group.class_id.as_str(), group.year);
            owners.entry(key).or_insert(at);
        }
        owners
    }

    fn code(&self, place: EstId) -> &'a str {
        &self.tonight.roll.establishment(place).code
    }

    fn members(&self, group: u128) -> &'a [GroupMember] {
        let members = &self.tonight.snapshot.group_members;
        let from = members.partition_point(|m| m.group < group);
        let to = members.partition_point(|m| m.group <= group);
        &members[from..to]
    }

    /// The year for which a class takes members: its latest that has opened and not ended.
    fn current<'c>(&self, class: &'c Class) -> Option<(&'c ClassYear, Phase)> {
        class.years.iter().rev().find_map(|listed| {
            let phase = self.phase(listed.year)?;
            phase.is_running().then_some((listed, phase))
        })
    }

    /// What tonight does to a group of the directory.
    fn known(
        &self,
        at: usize,
        owners: &BTreeMap<Key<'a>, usize>,
        back: &HashSet<u128>,
    ) -> Option<GroupChange> {
        let group = self.tonight.snapshot.groups.get(at)?;
        let before = self.members(group.id);
        let mut draft = Draft {
            action: GroupAction::Update,
            group: group.clone(),
            members: before.to_vec(),
            reasons: Vec::new(),
        };
        draft
            .members
            .retain(|m| !self.accounts.is_purged(m.account));
        if draft.members.len() < before.len() {
            draft.reasons.push("an account was deleted");
        }
        let place = self.place(group);
        if !self.is_untouched(place) {
            if let Some(code) = place
                .map(|p| self.code(p))
                .filter(|c| *c != group.establishment)
            {
                code.clone_into(&mut draft.group.establishment);
                draft.reasons.push("the establishment has another code");
            }
            let standing = Standing::of(group);
            let key = place.map(|p| (p, group.class_id.as_str(), group.year));
            let is_owner = key.is_none_or(|key| owners.get(&key) == Some(&at));
            match due(standing, self.phase(group.year)?) {
                Due::Archive => draft.archive(self.tonight.as_of, "its academic year has ended"),
                _ if standing == Standing::Linked && !is_owner => {
                    draft.archive(self.tonight.as_of, "the class has another group already");
                }
                Due::Follow => self.follow(place, &mut draft),
                Due::Create | Due::Nothing => {}
            }
            if back.contains(&group.id) {
                draft.restore();
            }
        }
        let is_changed = draft.group != *group || draft.members != before;
        is_changed.then(|| draft.finish(before.to_vec()))
    }

    fn follow(&self, place: Option<EstId>, draft: &mut Draft) {
        let group = &draft.group;
        let class = place
            .and_then(|p| self.tonight.roll.classes.find(p, &group.class_id))
            .and_then(|class| Some((class, self.current(class)?.0)))
            .filter(|(_, listed)| listed.year == group.year);
        follow::title(class.map(|(_, listed)| listed), draft);
        follow::members(self, class.map(|(class, _)| class), draft);
    }
}
