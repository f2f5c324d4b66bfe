//! Accounts and rows brought together by person, for the questions the gate asks of both.

use rayon::prelude::*;
use std::collections::HashMap;

use super::context::{KnownAccount, KnownAccounts};
use super::crowd::{self, Crowd};
use super::index::{Index, top};
use crate::model::{Enrolment, EstId, Establishment, HeldPerson, Kind, PersonKey};
use crate::warm;

/// An account with its person and establishment as they stand tonight.
#[derive(Clone, Copy)]
pub(super) struct Account<'a> {
    /// Where it stands in the directory.
    pub place: usize,
    pub known: KnownAccount<'a>,
    /// The person under the current key and identifier.
    pub person: Option<PersonKey>,
    /// The establishment; that of the successor where its code was replaced.
    pub at: Option<EstId>,
}

/// Every `mis` account.
pub(super) struct Accounts<'a> {
    known: &'a dyn KnownAccounts,
    /// People by the hashes they went by.
    aliases: HashMap<u128, PersonKey>,
    /// Establishments by the numbers of the codes that lead to them.
    establishments: Vec<Option<EstId>>,
}

impl<'a> Accounts<'a> {
    pub(super) fn new(
        known: &'a dyn KnownAccounts,
        establishments: &[Establishment],
        aliases: &[(Kind, u8, u128, PersonKey)],
    ) -> Self {
        Accounts {
            known,
            aliases: aliases
                .iter()
                .map(|(_, _, old, person)| (*old, *person))
                .collect(),
            establishments: crowd::places(known, establishments),
        }
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.known.places()
    }

    /// The account at a place.
    pub(super) fn get(&self, place: usize) -> Option<Account<'a>> {
        let known = self.known.get(place)?;
        let now = |hash| self.aliases.get(&hash).copied().unwrap_or(PersonKey(hash));
        Some(Account {
            place,
            known,
            person: known.person.map(now),
            at: self.establishments[known.code],
        })
    }
}

/// Accepted rows and held people, found by person.
pub(super) struct People<'a> {
    rows: &'a [Enrolment],
    index: &'a Index<'a>,
    /// Sorted.
    held: Vec<(PersonKey, Kind, EstId)>,
    /// Who else has rows, where only some people's are kept.
    crowd: Option<&'a Crowd<'a>>,
}

impl<'a> People<'a> {
    pub(super) fn new(
        rows: &'a [Enrolment],
        index: &'a Index<'a>,
        held: &[HeldPerson],
        crowd: Option<&'a Crowd<'a>>,
    ) -> Self {
        let mut held: Vec<_> = held
            .iter()
            .map(|h| (h.person, h.kind, h.establishment))
            .collect();
        held.par_sort_unstable();
        People {
            rows,
            index,
            held,
            crowd,
        }
    }

    /// The accepted rows of a person.
    pub(super) fn rows(
        &self,
        kind: Kind,
        person: PersonKey,
    ) -> impl Iterator<Item = &'a Enrolment> + '_ {
        let rows = self.rows;
        self.index
            .find(top(person.0))
            .map(move |n| &rows[n as usize])
            .filter(move |row| row.person == person && row.kind == kind)
    }

    /// Looks at the rows of people who are asked about next.
    pub(super) fn warm(&self, people: impl Iterator<Item = PersonKey>) {
        let hashes: Vec<u64> = people.map(|person| top(person.0)).collect();
        let places: Vec<u32> = self.index.near(&hashes);
        let kinds = places
            .iter()
            .map(|place| self.rows[*place as usize].kind as usize);
        warm::looked(kinds.sum());
    }

    /// Whether an account's establishment has any row of its person, a rejected one included.
    pub(super) fn has_row(&self, account: &Account<'_>, person: PersonKey, at: EstId) -> bool {
        let kind = account.known.kind;
        self.rows(kind, person).any(|row| row.establishment == at)
            || self.held.binary_search(&(person, kind, at)).is_ok()
            || self.crowd.is_some_and(|crowd| crowd.has_row(account.place))
    }
}
