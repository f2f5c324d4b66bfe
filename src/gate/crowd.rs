//! A night in parts: some people's rows are kept, everybody's are counted.
//!
//! Holds ask how many accounts of an establishment have no row at all, so each process counts the rows of everybody; but
//! it keeps those of its own people alone, one file after the other.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::context::{GateContext, KnownAccounts};
use super::index::{Index, top};
use super::people::Accounts;
use super::rolls::Rolls;
use crate::model::{AuthorityId, EstId, Establishment, Kind, PersonKey, SomeHash, successors};
use crate::table::{TableRead, TableSpec};
use crate::warm;

/// Whose rows a process keeps.
pub trait Sharing: Sync {
    /// Whether the rows of a person are kept.
    fn keeps(&self, person: u128) -> bool;
    /// Whether the rows of others are checked to the last cell too: their faults are told once for all parts.
    fn checks_all(&self) -> bool;
    /// Reads a file of a roll once more.
    ///
    /// # Errors
    /// When it cannot be read, or is another by now.
    fn again(&self, spec: &'static TableSpec, file: &TableRead) -> io::Result<TableRead>;
    /// The logins of accounts as [`login_hash`] gives them, with the places of the accounts; empty where nobody asks.
    fn logins(&self) -> &[(u32, u64)];
}

/// Everybody's accounts: which of them have a row tonight?
pub(super) struct Crowd<'a> {
    pub share: &'a dyn Sharing,
    accounts: &'a dyn KnownAccounts,
    /// Accounts by the hash stored.
    stored: Index<'a>,
    /// Establishments tonight by the numbers of stored codes.
    places: Vec<Option<EstId>>,
    /// A bit for each place of an account.
    marks: Vec<AtomicU64>,
}

impl<'a> Crowd<'a> {
    /// Everybody's accounts, where only some people's rows are kept.
    pub(super) fn of(ctx: &GateContext<'a>, establishments: &[Establishment]) -> Option<Self> {
        let (share, accounts) = (ctx.share?, ctx.accounts);
        let words = accounts.places().div_ceil(u64::BITS as usize);
        Some(Crowd {
            share,
            accounts,
            stored: Index::of_sorted(accounts.by_person()),
            places: places(accounts, establishments),
            marks: (0..words).map(|_| AtomicU64::new(0)).collect(),
        })
    }

    /// Notes that establishments have rows of people, rejected ones included.
    pub(super) fn mark(&self, kind: Kind, rows: &[(PersonKey, EstId)]) {
        for near in rows.chunks(warm::TOGETHER) {
            let hashes: Vec<u64> = near.iter().map(|(person, _)| top(person.0)).collect();
            let places = self.stored.near(&hashes).into_iter();
            let accounts = places.filter_map(|place| self.accounts.get(place as usize));
            warm::looked(accounts.map(|account| account.code).sum());
            for (person, at) in near {
                self.mark_row(kind, person.0, *at);
            }
        }
    }

    fn mark_row(&self, kind: Kind, person: u128, at: EstId) {
        for place in self.stored.find(top(person)) {
            let account = self.accounts.get(place as usize);
            let is_theirs = account.is_some_and(|account| {
                account.person == Some(person)
                    && account.kind == kind
                    && self.places[account.code] == Some(at)
            });
            if is_theirs {
                let bit = 1 << (place % u64::BITS);
                self.marks[(place / u64::BITS) as usize].fetch_or(bit, Ordering::Relaxed);
            }
        }
    }

    /// Whether the account at a place has a row at its own establishment, as far as its stored hash tells.
    pub(super) fn has_row(&self, place: usize) -> bool {
        let word = &self.marks[place / u64::BITS as usize];
        word.load(Ordering::Relaxed) & (1 << (place % u64::BITS as usize)) != 0
    }

    /// Accounts by the hash stored.
    pub(super) fn stored(&self) -> &Index<'a> {
        &self.stored
    }
}

/// The establishment that each numbered code of the directory stands for tonight, `replaces` followed.
pub(super) fn places(
    accounts: &dyn KnownAccounts,
    establishments: &[Establishment],
) -> Vec<Option<EstId>> {
    let numbered = establishments.iter().enumerate();
    let mut places: std::collections::HashMap<&str, EstId> = numbered
        .map(|(n, e)| (e.code.as_str(), EstId(n as u32)))
        .collect();
    places.extend(successors(establishments));
    let codes = accounts.codes();
    let count = codes.iter().map(|(number, _)| number + 1).max();
    let mut found = vec![None; count.unwrap_or(0)];
    for (number, code) in codes {
        found[number] = places.get(code).copied();
    }
    found
}

/// A use of a login in an authority: a hash of both, and who uses it.
pub(super) type Used = (u64, SomeHash);

/// A login without regard to case; 0 when it is blank. As in [`super::login`], equal hashes are taken for equal logins.
pub fn login_hash(login: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    if login.is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    login.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

/// A login within an authority, where there is one to be within.
pub(super) fn used(authority: Option<AuthorityId>, login: u64, person: u128) -> Option<Used> {
    let within = u64::from(authority?.0).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (login != 0).then(|| (login ^ within, SomeHash::new(Some(person))))
}

/// In a part: notes the people with a login that somebody else of the authority uses as well. Only who sees them all can
/// say whose it is.
pub(super) fn note_contested(
    crowd: Option<&Crowd<'_>>,
    rolls: &mut Rolls,
    accounts: &Accounts<'_>,
    establishments: &[Establishment],
) {
    let Some(crowd) = crowd.filter(|crowd| !crowd.share.checks_all()) else {
        return;
    };
    let mut uses = std::mem::take(&mut rolls.logins);
    let stored = crowd.share.logins().par_iter();
    uses.par_extend(stored.filter_map(|(place, login)| {
        let account = accounts.get(*place as usize)?;
        let authority = establishments[account.at?.index()].authority;
        used(authority, *login, account.person?.0)
    }));
    uses.par_sort_unstable_by_key(|(login, _)| *login);
    let several = uses.chunk_by(|a, b| a.0 == b.0);
    let several = several.filter(|run| run.iter().any(|(_, who)| *who != run[0].1));
    let people = several.flatten().filter_map(|(_, who)| who.get());
    rolls.told.extend(people.map(PersonKey));
}

/// Puts the rows that are kept of a file in place of all of them, and leads to them there.
pub(super) fn keep(
    rolls: &mut Rolls,
    from: (usize, usize),
    whole: &TableRead,
    kept: &mut TableRead,
) {
    let (rows, held) = (&mut rolls.enrolments[from.0..], &mut rolls.held[from.1..]);
    let records = rows.iter().map(|row| row.at.record);
    let mut records: Vec<u32> = records.chain(held.iter().map(|h| h.at.record)).collect();
    records.sort_unstable();
    records.dedup();
    let place = |record: u32| records.partition_point(|other| *other < record) as u32;
    for at in rows
        .iter_mut()
        .map(|row| &mut row.at)
        .chain(held.iter_mut().map(|held| &mut held.at))
    {
        at.record = place(at.record);
    }
    kept.rows = whole.rows.only(&records);
}
