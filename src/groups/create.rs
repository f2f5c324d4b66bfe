//! Classes that have no group yet: which of them get one, and under which id.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::draft::Draft;
use super::transition::{Due, Standing, due};
use super::{Desk, Key, follow};
use crate::directory::Group;
use crate::identity::Keys;
use crate::model::{Class, ClassYear, EstId, GroupAction, GroupState};
use crate::plan::GroupChange;

impl<'a> Desk<'a> {
    /// Groups for classes that have none.
    pub(super) fn new_groups(
        &self,
        keys: &Keys,
        owners: &BTreeMap<Key<'a>, usize>,
    ) -> Vec<GroupChange> {
        let classes = &self.tonight.roll.classes.list;
        let due_for = |class: &Class| {
            let place = class.establishment;
            let (listed, phase) = self.current(class).filter(|_| self.makes_groups(place))?;
            let is_there = owners.contains_key(&(place, class.id.as_str(), listed.year));
            let is_due = !is_there && due(Standing::None, phase) == Due::Create;
            is_due.then(|| listed.clone())
        };
        let mut taken: BTreeSet<u128> = self.tonight.snapshot.groups.iter().map(|g| g.id).collect();
        let mut wanted = Vec::new();
        for class in classes {
            if let Some(listed) = due_for(class) {
                let id = self.new_id(keys, class, &listed, &taken);
                taken.insert(id);
                wanted.push((class, listed, id));
            }
        }
        wanted
            .into_par_iter()
            .map(|(class, listed, id)| self.new_group(class, &listed, id))
            .collect()
    }

    fn new_group(&self, class: &Class, listed: &ClassYear, id: u128) -> GroupChange {
        let draft = Draft {
            action: GroupAction::Create,
            group: Group {
                id,
                establishment: self.code(class.establishment).to_owned(),
                class_id: class.id.clone(),
                year: listed.year,
                title: follow::title_of(class, listed).to_owned(),
                state: GroupState::Active,
                linked: true,
                created_on: self.tonight.as_of,
                archived_on: None,
            },
            members: follow::listed_members(self, class, id),
            reasons: vec!["the class has no group yet"],
        };
        draft.finish(Vec::new())
    }

    fn makes_groups(&self, place: EstId) -> bool {
        let tonight = self.tonight;
        tonight.is_eligible(place) && !tonight.is_held(place) && tonight.closed_on(place).is_none()
    }

    /// The first id that no group has: a code may be given to another school once its groups have gone with the first.
    fn new_id(
        &self,
        keys: &Keys,
        class: &Class,
        listed: &ClassYear,
        taken: &BTreeSet<u128>,
    ) -> u128 {
        let (code, year) = (self.code(class.establishment), listed.year.to_string());
        let of = |n: u32| match n {
            0 => keys.keyed_hash("group", &[code, &class.id, &year]),
            n => keys.keyed_hash("group", &[code, &class.id, &year, &n.to_string()]),
        };
        (0..)
            .map(of)
            .find(|id| !taken.contains(id))
            .unwrap_or_default()
    }
}
