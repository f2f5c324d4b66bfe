//! Stage 4: cases become facts. Dates and counts end here.
//!
//! A fact is a column with a small closed set of values ([`registry`]); each is
//! computed by one function of what the earlier stages brought together. The
//! functions are total: every case has a value for every fact.

pub mod choice;
pub mod claim;
pub mod clocks;
pub mod feedback;
pub mod non_mis;
pub mod person;
pub mod registry;
pub mod standing;

use crate::directory::Snapshot;
use crate::gate::FeedbackBook;
use crate::identity::{NameProblem, Usernames};
use crate::model::{AuthorityId, Date, EstId, Kind, PersonKey, Roll, Sums};
use crate::policy::params::Params;
use crate::relate::People;

/// Everything that is the same for every case of a night.
pub struct Tonight<'a> {
    /// The civil date the run computes for.
    pub as_of: Date,
    /// The policy's parameters.
    pub params: &'a Params,
    /// The accepted roll.
    pub roll: &'a Roll,
    /// The directory as it stands.
    pub snapshot: &'a Snapshot,
    /// The two brought together.
    pub people: &'a People<'a>,
    /// What the real directory says of its accounts.
    pub feedback: &'a FeedbackBook,
    /// What is counted of people whom other processes judged; nothing in a night that one process decides.
    pub sums: &'a Sums,
    /// What usernames are made by.
    pub usernames: &'a Usernames,
    /// With `--establishment`: whether each establishment is one of them.
    pub selected: Option<Vec<bool>>,
}

impl Tonight<'_> {
    /// Why no username can be made of a name tonight.
    pub fn username_problem(&self, surname: &str, forename: &str) -> Option<NameProblem> {
        let year = chrono::Datelike::year(&self.as_of);
        self.usernames.problem(surname, forename, year)
    }

    /// Whether an establishment's people may be changed by this run at all.
    pub fn is_selected(&self, id: EstId) -> bool {
        self.selected
            .as_ref()
            .is_none_or(|selected| selected.get(id.index()).copied().unwrap_or(false))
    }

    /// Whether tonight's tables or the directory's accounts that follow the roll name an establishment.
    pub fn knows(&self, id: EstId) -> bool {
        id.index() < self.roll.establishments.len()
    }

    /// Whether an establishment's export cannot be relied on tonight.
    pub fn is_held(&self, id: EstId) -> bool {
        self.roll
            .establishments
            .get(id.index())
            .is_none_or(|e| e.hold.is_some())
            || !self.is_selected(id)
    }

    /// Since when an establishment is closed, if it is.
    pub fn closed_on(&self, id: EstId) -> Option<Date> {
        self.roll
            .establishments
            .get(id.index())?
            .closed_on
            .filter(|closed| self.as_of > *closed)
    }

    /// Whether authority and establishment share data; true where the platform does not ask.
    pub fn shares(&self, id: EstId) -> bool {
        let Some(consent) = &self.params.consent else {
            return true;
        };
        let Some(establishment) = self.roll.establishments.get(id.index()) else {
            return true;
        };
        let own = establishment
            .data_sharing
            .unwrap_or(consent.establishment_default);
        let authority = |a: AuthorityId| {
            self.roll.authorities[a.index()]
                .data_sharing
                .unwrap_or(consent.authority_default)
        };
        // A code that nobody lists is held by the gate; nothing is withdrawn on its account.
        !establishment.listed || (own && establishment.authority.is_none_or(authority))
    }

    /// Whether the platform serves an establishment, data sharing apart.
    pub fn serves(&self, id: EstId) -> bool {
        !self.params.eligible.maintained
            || self
                .roll
                .establishments
                .get(id.index())
                .is_some_and(|e| e.maintained)
    }

    /// Whether an establishment can have accounts (SPEC §7 "Eligible").
    pub fn is_eligible(&self, id: EstId) -> bool {
        self.serves(id) && (!self.params.eligible.data_sharing || self.shares(id))
    }

    /// Whether a rejected row holds a person.
    pub fn is_person_held(&self, person: Option<PersonKey>) -> bool {
        self.held_rows(person).next().is_some()
    }

    /// The rejected rows of a person.
    pub fn held_rows(
        &self,
        person: Option<PersonKey>,
    ) -> impl Iterator<Item = &crate::model::HeldPerson> {
        let held = &self.roll.held_people;
        let from = person.map_or(held.len(), |p| held.partition_point(|h| h.person < p));
        held[from..]
            .iter()
            .take_while(move |h| Some(h.person) == person)
    }

    /// Whether an establishment's export has rows of a register whose person cannot be told.
    pub fn has_untold(&self, id: EstId, kind: Kind) -> bool {
        self.roll.untold.binary_search(&(id, kind)).is_ok()
    }
}
