//! Which accounts can be in a group: usable ones, after what is planned tonight and without what is held.

use std::collections::{HashMap, HashSet};

use crate::directory::Column;
use crate::facts::Tonight;
use crate::identity::parse_hex128;
use crate::model::{PersonKey, State};
use crate::plan::{Change, Status};
use crate::relate::person_hash;

/// The accounts as the plan leaves them.
pub struct Accounts<'a> {
    tonight: &'a Tonight<'a>,
    /// Whether the account at a place is usable afterwards, where a planned change touches it.
    changed: HashMap<usize, bool>,
    /// Usable accounts of planned changes, new ones among them, by person.
    of_changes: HashMap<u128, Vec<u128>>,
    purged: HashSet<u128>,
}

impl<'a> Accounts<'a> {
    /// Looks at every change once.
    pub fn after(tonight: &'a Tonight<'a>, changes: &[Change]) -> Accounts<'a> {
        let mut accounts = Accounts {
            tonight,
            changed: HashMap::new(),
            of_changes: HashMap::new(),
            purged: HashSet::new(),
        };
        for change in changes.iter().filter(|c| c.status == Status::Planned) {
            accounts.take(change);
        }
        accounts
    }

    fn take(&mut self, change: &Change) {
        let id = parse_hex128(change.account_id());
        let Some(record) = change.after(&self.tonight.snapshot.accounts) else {
            self.purged.extend(id);
            self.changed
                .extend(change.place.map(|place| (place, false)));
            return;
        };
        let is_usable = State::parse(record.get(Column::State)).is_some_and(State::is_usable);
        self.changed
            .extend(change.place.map(|place| (place, is_usable)));
        // The record's person, not the change's: an account may be given to somebody under another reference.
        let person = person_hash(record.get(Column::PersonRef));
        if let (Some(id), Some(person), true) = (id, person, is_usable) {
            let person = self.tonight.people.current_hash(person);
            self.of_changes.entry(person).or_default().push(id);
        }
    }

    /// The usable account of a person; of two, which the gate reports, the one with the lower id.
    pub fn of(&self, person: PersonKey) -> Option<u128> {
        let people = self.tonight.people;
        let person = PersonKey(people.current_hash(person.0));
        let known = people.find(person);
        let accounts = &self.tonight.snapshot.accounts;
        let unchanged = known
            .into_iter()
            .flat_map(|p| people.accounts(&p))
            .map(|place| *place as usize)
            .filter(|place| {
                !self.changed.contains_key(place) && accounts.list[*place].state.is_usable()
            })
            .filter_map(|place| parse_hex128(accounts.id(place)));
        let changed = self.of_changes.get(&{ person.0 }).into_iter().flatten();
        unchanged.chain(changed.copied()).min()
    }

    /// Whether an account that is in a group already can still be used.
    pub fn is_usable(&self, account: u128) -> bool {
        let accounts = &self.tonight.snapshot.accounts;
        accounts
            .find(&crate::identity::hex128(account))
            .is_some_and(|place| match self.changed.get(&place) {
                Some(is_usable) => *is_usable,
                None => accounts.list[place].state.is_usable(),
            })
    }

    /// Whether an account is deleted tonight.
    pub fn is_purged(&self, account: u128) -> bool {
        self.purged.contains(&account)
    }
}
