//! What the gate is told besides the input: parameters, keys, and the accounts there are.

use std::borrow::Cow;

use rayon::prelude::*;

use super::crowd::Sharing;
use super::index::top;
use crate::identity::{self, IdentifierFault};
use crate::model::{Date, Kind, State};
use crate::policy::params::{LearnerIdentifier, Params};
use crate::prefixes::by_hash;

/// Turns identifiers into hashes under the run's keys.
pub trait PersonRefs: Sync {
    /// The hash of an identifier under key number `key`: 0 is the current one, 1 the previous.
    /// The identifier is normalised here. Scope: empty for learners, the establishment or authority code for staff.
    fn hash(&self, key: usize, kind: Kind, scope: &str, identifier: &str) -> u128;

    /// How many keys there are: 1, or 2 with a previous one.
    fn keys(&self) -> usize;
}

impl PersonRefs for identity::Keys {
    fn hash(&self, key: usize, kind: Kind, scope: &str, identifier: &str) -> u128 {
        identity::Keys::hash(self, key, kind, scope, identifier)
    }

    fn keys(&self) -> usize {
        self.all().count()
    }
}

/// A `mis` account of the directory, as far as the gate needs it.
#[derive(Clone, Copy, Debug)]
pub struct KnownAccount<'a> {
    /// The register it follows.
    pub kind: Kind,
    /// The person's hash as stored, maybe under an older key or identifier.
    pub person: Option<u128>,
    /// Number of its establishment's code as stored ([`KnownAccounts::codes`]).
    pub code: usize,
    /// Whether it can be used.
    pub state: State,
    /// First night on which a good export lacked the person.
    pub missing_since: Option<Date>,
    /// Last day of its grace period.
    pub grace_until: Option<Date>,
    /// Its network login; empty when it has none.
    pub login: &'a str,
}

/// The `mis` accounts of the directory, looked at one by one: a nation's are not copied for the gate.
pub trait KnownAccounts: Sync {
    /// How many places there are; not every one is of a `mis` account.
    fn places(&self) -> usize;
    /// The `mis` account at a place.
    fn get(&self, place: usize) -> Option<KnownAccount<'_>>;
    /// The codes of their establishments, each once, under small numbers.
    fn codes(&self) -> Vec<(usize, &str)>;

    /// Places of accounts under the first halves of their people's hashes as stored, sorted.
    fn by_person(&self) -> Cow<'_, [(u64, u32)]> {
        let places = (0..self.places()).into_par_iter();
        let keyed = places.map(|place| Some((top(self.get(place)?.person?), place as u32)));
        Cow::Owned(by_hash(keyed))
    }
}

impl dyn KnownAccounts + '_ {
    /// Every account with its place.
    pub fn all(&self) -> impl Iterator<Item = (usize, KnownAccount<'_>)> {
        (0..self.places()).filter_map(|place| Some((place, self.get(place)?)))
    }
}

/// Everything the gate is told besides the input.
#[derive(Clone, Copy)]
pub struct GateContext<'a> {
    /// The platform's parameters.
    pub params: &'a Params,
    /// The civil date the run is for.
    pub as_of: Date,
    /// The run's keys.
    pub refs: &'a dyn PersonRefs,
    /// Every `mis` account of the incoming snapshot.
    pub accounts: &'a dyn KnownAccounts,
    /// Establishments whose hold a person lets through (`approve --hold`), sorted or not.
    pub approved_holds: &'a [String],
    /// As-of of the incoming snapshot; `None` for an empty one that no run has made.
    pub snapshot_as_of: Option<Date>,
    /// Whose rows are kept, where not everybody's are.
    pub share: Option<&'a dyn Sharing>,
}

/// What a learner's identifier says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LearnerId {
    /// A temporary UPN.
    pub temporary: bool,
    /// Issued under an authority number that is not listed.
    pub authority_unlisted: bool,
}

/// Checks a learner's identifier as the policy says.
pub(crate) fn check_learner(params: &Params, text: &str) -> Result<LearnerId, IdentifierFault> {
    match params.identity.learner {
        LearnerIdentifier::Upn => identity::upn::check(text).map(|upn| LearnerId {
            temporary: upn.temporary,
            authority_unlisted: !upn.authority_known,
        }),
        LearnerIdentifier::Scn => identity::scn::check(text).map(|_| LearnerId::default()),
    }
}
