//! Stage 3: the roll and the directory meet. One entry per person, with every row and every account of theirs.

mod meet;

use std::collections::HashMap;
use std::ops::Range;

use crate::directory::{Consent, Snapshot, Transfer};
use crate::model::{Category, EstId, Kind, PersonKey, Roll, successors};

/// One person: the places of their rows and accounts.
#[derive(Clone, Debug)]
pub struct Person {
    /// The person; `None` for an account that has lost its person_ref.
    pub key: Option<PersonKey>,
    /// Learner or staff.
    pub kind: Kind,
    /// Their rows: a range of [`People::rows`].
    rows: Range<u32>,
    /// Their accounts: a range of [`People::accounts`].
    accounts: Range<u32>,
}

/// Everybody on roll or with a `mis` account, sorted by key.
#[derive(Debug)]
pub struct People<'a> {
    /// One entry per person.
    pub list: Vec<Person>,
    /// Places in [`Roll::enrolments`], by person, establishment, start and place in the files.
    rows: Vec<u32>,
    /// Places in the accounts table, by person.
    accounts: Vec<u32>,
    /// For each place of [`crate::directory::Accounts::establishments`], the establishment tonight, `replaces` followed.
    pub holder: Vec<EstId>,
    /// For each of those places, whether the establishment has another code now.
    pub moved: Vec<bool>,
    /// Places in the list, in the order of the roll's rows: who is judged next to whom decides nothing,
    /// but reading the roll in order is quicker.
    pub order: Vec<u32>,
    /// Claims remembered, by place of the account: a range of the snapshot's transfers.
    transfers: HashMap<usize, Range<usize>>,
    /// Recorded choices by person.
    consents: HashMap<u128, &'a Consent>,
    /// Earlier hashes of people, and the current one.
    aliases: HashMap<u128, PersonKey>,
    snapshot: &'a Snapshot,
}

impl<'a> People<'a> {
    /// A person's rows, as places in [`Roll::enrolments`].
    pub fn rows(&self, person: &Person) -> &[u32] {
        &self.rows[person.rows.start as usize..person.rows.end as usize]
    }

    /// A person's accounts, as places in the accounts table.
    pub fn accounts(&self, person: &Person) -> &[u32] {
        &self.accounts[person.accounts.start as usize..person.accounts.end as usize]
    }

    /// The claims remembered for an account.
    pub fn transfers(&self, place: usize) -> &'a [Transfer] {
        self.transfers
            .get(&place)
            .map_or(&[], |range| &self.snapshot.transfers[range.clone()])
    }

    /// The person of a key.
    pub fn find(&self, key: PersonKey) -> Option<&Person> {
        let found = self.list.binary_search_by(|p| p.key.cmp(&Some(key)));
        found.ok().map(|at| &self.list[at])
    }

    /// The hash a person goes by tonight, from any that they went by.
    pub fn current_hash(&self, hash: u128) -> u128 {
        self.aliases.get(&hash).map_or(hash, |person| person.0)
    }

    /// The recorded choice of a person.
    pub fn consent(&self, person: PersonKey) -> Option<&'a Consent> {
        self.consents.get(&person.0).copied()
    }
}

/// Brings the roll and the directory together.
pub fn relate<'a>(roll: &Roll, snapshot: &'a Snapshot) -> People<'a> {
    let aliases: HashMap<u128, PersonKey> = roll
        .aliases
        .iter()
        .map(|(_, _, old, person)| (*old, *person))
        .collect();
    let now = |hash: u128| aliases.get(&hash).map_or(hash, |person| person.0);
    let (mut keyed, mut nobody) = (Vec::new(), Vec::new());
    for (place, account) in snapshot.accounts.list.iter().enumerate() {
        match (account.category, account.person) {
            (Category::Mis, Some(person)) => keyed.push((now(person), place as u32)),
            (Category::Mis, None) => nobody.push(place as u32),
            (Category::NonMis, _) => {}
        }
    }
    let met = meet::meet(roll, keyed);
    let mut accounts = met.accounts;
    // Sorted by key: accounts of nobody come first.
    let mut list = Vec::with_capacity(nobody.len() + met.people.len());
    for place in nobody {
        let at = accounts.len() as u32;
        accounts.push(place);
        let kind = snapshot.accounts.list[place as usize].role.kind();
        list.push(Person {
            key: None,
            kind,
            rows: 0..0,
            accounts: at..at + 1,
        });
    }
    list.extend(met.people);
    for person in &mut list {
        if let Some(&place) = accounts
            .get(person.accounts.start as usize)
            .filter(|_| !person.accounts.is_empty())
        {
            person.kind = snapshot.accounts.list[place as usize].role.kind();
        }
    }
    let consents = snapshot
        .consents
        .iter()
        .filter_map(|c| Some((now(person_hash(&c.person_ref)?), c)))
        .collect();
    let holder = holders(roll, snapshot);
    let codes = snapshot.accounts.establishments.iter().zip(&holder);
    let is_other = |(code, id): (&String, &EstId)| {
        roll.establishments
            .get(id.index())
            .is_some_and(|e| e.code != *code)
    };
    let moved = codes.map(is_other).collect();
    let order = by_row(&list, &met.rows);
    People {
        list,
        order,
        moved,
        rows: met.rows,
        accounts,
        holder,
        transfers: transfers_by_place(snapshot),
        consents,
        aliases,
        snapshot,
    }
}

/// Places in the list, in the order of each person's first row; people without one follow in the order of the list.
fn by_row(list: &[Person], rows: &[u32]) -> Vec<u32> {
    let mut at_row = vec![u32::MAX; rows.len()];
    let mut without = Vec::new();
    for (at, person) in list.iter().enumerate() {
        match rows.get(person.rows.start as usize) {
            Some(first) if !person.rows.is_empty() => at_row[*first as usize] = at as u32,
            _ => without.push(at as u32),
        }
    }
    at_row.retain(|at| *at != u32::MAX);
    at_row.extend(without);
    at_row
}

/// The hash half of a person_ref.
pub fn person_hash(person_ref: &str) -> Option<u128> {
    u128::from_str_radix(person_ref.split_once(':')?.1, 16).ok()
}

/// The establishment each code of the directory stands for tonight: the accounts of a replaced code follow to the new one.
fn holders(roll: &Roll, snapshot: &Snapshot) -> Vec<EstId> {
    let replaced = successors(&roll.establishments);
    snapshot
        .accounts
        .establishments
        .iter()
        .map(|code| {
            // The gate lists every code of the directory, so one of the two is there.
            replaced
                .get(code.as_str())
                .copied()
                .or_else(|| roll.establishment_id(code))
                .unwrap_or(EstId(u32::MAX))
        })
        .collect()
}

fn transfers_by_place(snapshot: &Snapshot) -> HashMap<usize, Range<usize>> {
    let mut by_place = HashMap::new();
    let rows = &snapshot.transfers;
    let mut from = 0;
    while from < rows.len() {
        let id = rows[from].account_id.as_str();
        let to = from
            + rows[from..]
                .iter()
                .take_while(|t| t.account_id == id)
                .count();
        if let Some(place) = snapshot.accounts.find(id) {
            by_place.insert(place, from..to);
        }
        from = to;
    }
    by_place
}
