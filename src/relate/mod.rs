//! Stage 3: the roll and the directory meet. One entry per person, with every row and every account of theirs.

mod meet;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use crate::directory::{Account, Accounts, Consent, Snapshot, Transfer};
use crate::model::{Category, EstId, Kind, PersonKey, Roll, SomeHash, successors};
use crate::prefixes::{Prefixes, by_hash, places};
use meet::Keyed;

/// One person: the places of their rows and accounts.
#[derive(Clone, Debug)]
pub struct Person {
    key: SomeHash,
    /// Learner or staff.
    pub kind: Kind,
    /// Their rows: a range of [`People::rows`].
    rows: Range<u32>,
    /// Their accounts: a range of [`People::accounts`].
    accounts: Range<u32>,
}

impl Person {
    /// The person; `None` for an account that has lost its person_ref.
    pub fn key(&self) -> Option<PersonKey> {
        self.key.get().map(PersonKey)
    }
}

/// Where a person's rows and accounts begin in the lists of everybody's; they end where the next person's begin.
#[derive(Clone, Copy, Debug)]
struct Begin {
    key: SomeHash,
    row: u32,
    /// Twice the place of the first account, and one more for staff: a nation's people stand in memory many times.
    account_and_kind: u32,
}

impl Begin {
    fn new(key: Option<u128>, kind: Kind, (row, account): (u32, u32)) -> Self {
        Begin {
            key: SomeHash::new(key),
            row,
            account_and_kind: account * 2 + u32::from(kind == Kind::Staff),
        }
    }

    fn account(&self) -> u32 {
        self.account_and_kind / 2
    }

    fn kind(&self) -> Kind {
        match self.account_and_kind % 2 {
            0 => Kind::Learner,
            _ => Kind::Staff,
        }
    }
}

/// Everybody on roll or with a `mis` account, sorted by key.
#[derive(Debug)]
pub struct People<'a> {
    /// One entry per person.
    list: Vec<Begin>,
    /// Where keys with the same first bits stand in the list.
    prefixes: Prefixes,
    /// Places in [`Roll::enrolments`], in their order ([`crate::model::Enrolment::order`]).
    rows: Cow<'a, [u32]>,
    /// Places in the accounts table, by person.
    accounts: Cow<'a, [u32]>,
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
    /// The person at a place of the list.
    pub fn at(&self, place: u32) -> Person {
        let begin = &self.list[place as usize];
        let (rows_end, accounts_end) = match self.list.get(place as usize + 1) {
            Some(next) => (next.row, next.account()),
            None => (self.rows.len() as u32, self.accounts.len() as u32),
        };
        Person {
            key: begin.key,
            kind: begin.kind(),
            rows: begin.row..rows_end,
            accounts: begin.account()..accounts_end,
        }
    }

    /// Everybody.
    pub fn all(&self) -> impl IndexedParallelIterator<Item = Person> {
        (0..self.list.len() as u32)
            .into_par_iter()
            .map(|place| self.at(place))
    }

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
    pub fn find(&self, key: PersonKey) -> Option<Person> {
        let near = self.prefixes.range(first_half(key));
        let begin = near.start;
        let found = self.list[near].binary_search_by(|p| p.key.get().cmp(&Some(key.0)));
        found.ok().map(|at| self.at((begin + at) as u32))
    }

    /// The hash a person goes by tonight, from any that they went by.
    pub fn current_hash(&self, hash: u128) -> u128 {
        self.aliases.get(&hash).map_or(hash, |person| person.0)
    }

    /// The recorded choice of a person.
    pub fn consent(&self, person: PersonKey) -> Option<&'a Consent> {
        self.consents.get(&{ person.0 }).copied()
    }
}

/// Brings the roll and the directory together.
pub fn relate<'a>(roll: &'a Roll, snapshot: &'a Snapshot) -> People<'a> {
    let aliases: HashMap<u128, PersonKey> = roll
        .aliases
        .iter()
        .map(|(_, _, old, person)| (*old, *person))
        .collect();
    let now = |hash: u128| aliases.get(&hash).map_or(hash, |person| person.0);
    let all = &snapshot.accounts.list;
    let account = |place: u32| {
        let account = &all[place as usize];
        let key = account.person().map(now).unwrap_or_default();
        Keyed::new(key, place, account.role.kind())
    };
    let mut accounts = snapshot.accounts.by_person();
    if !aliases.is_empty() {
        let keyed = accounts.par_iter();
        let keyed = by_hash(keyed.map(|place| Some((account(*place).half(), *place))));
        accounts = Cow::Owned(places(&keyed, account));
    }
    // Sorted by key: accounts of nobody come first.
    let of_nobody = of_nobody(&snapshot.accounts);
    let nobody = of_nobody.iter().zip(0..);
    let nobody = nobody.map(|(place, at)| (all[*place as usize].role.kind(), (0, at)));
    let mut list: Vec<Begin> = nobody
        .map(|(kind, at)| Begin::new(None, kind, at))
        .collect();
    if !of_nobody.is_empty() {
        accounts = Cow::Owned([&of_nobody[..], &accounts].concat());
    }
    let rows = roll.by_person();
    meet::meet(
        roll,
        &rows,
        &accounts[of_nobody.len()..],
        &mut list,
        account,
    );
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
    let order = by_row(&list, &rows);
    let prefixes = Prefixes::of(&list, |person| person.key.first_half());
    People {
        list,
        order,
        prefixes,
        moved,
        rows,
        accounts,
        holder,
        transfers: transfers_by_place(snapshot),
        consents,
        aliases,
        snapshot,
    }
}

/// Places of accounts that follow the roll and have lost their person_refs.
fn of_nobody(accounts: &Accounts) -> Vec<u32> {
    let of_nobody =
        |account: &Account| account.category == Category::Mis && account.person().is_none();
    let places = (0..accounts.len() as u32).into_par_iter();
    let places = places.filter(|place| of_nobody(&accounts.list[*place as usize]));
    places.collect()
}

/// The first half of a key.
fn first_half(key: PersonKey) -> u64 {
    (key.0 >> 64) as u64
}

/// Places in the list, in the order of each person's first row; people without one follow in the order of the list.
fn by_row(list: &[Begin], rows: &[u32]) -> Vec<u32> {
    let at_row: Vec<AtomicU32> = rows.par_iter().map(|_| AtomicU32::new(u32::MAX)).collect();
    let without = list.par_iter().enumerate().filter(|(at, person)| {
        let end = list.get(at + 1).map_or(rows.len() as u32, |next| next.row);
        let first = rows[person.row as usize..end as usize].first();
        if let Some(first) = first {
            at_row[*first as usize].store(*at as u32, Ordering::Relaxed);
        }
        first.is_none()
    });
    let without: Vec<u32> = without.map(|(at, _)| at as u32).collect();
    let order = at_row.into_iter().map(AtomicU32::into_inner);
    let mut order: Vec<u32> = order.collect();
    order.retain(|at| *at != u32::MAX);
    order.extend(without);
    order
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
