//! The decisions that are not settled yet, and whose account each is about.

use std::collections::{HashMap, HashSet};

use super::previous::{self, Pair};
use crate::directory::Column;
use crate::facts::Tonight;
use crate::model::{Category, Date, EstId, Role, State, Word};

/// One row of `decisions.csv`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Unique id; ids compare as text.
    pub id: String,
    /// When it was made.
    pub on: Date,
    /// By whom.
    pub by: String,
    /// What.
    pub word: Word,
    /// account_id or username; blank where the decision allows it.
    pub account: String,
    /// An establishment code, where the decision needs one.
    pub establishment: String,
    /// Days, year group or another value.
    pub value: String,
    /// File it stands in.
    pub file: String,
    /// Line of the file.
    pub row: u64,
}

/// What became of a decision tonight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Carried out: final.
    Applied,
    /// Cannot be carried out: final.
    Refused(&'static str),
    /// Cannot be carried out yet: tried again tomorrow.
    Waiting(&'static str),
}

/// Open decisions, in the order in which they are applied.
#[derive(Debug, Default)]
pub struct Book {
    /// Sorted by date and id.
    pub list: Vec<Decision>,
    /// For an account, the places of its decisions in the list.
    by_place: HashMap<usize, Vec<usize>>,
    /// Decisions settled, or waiting, before any case is judged.
    pub early: Vec<(usize, Verdict)>,
    /// Decisions about a whole year group: applied to several accounts.
    pub groups: HashSet<usize>,
    /// Previous accounts that go on tonight in place of newer ones.
    pairs: Vec<Pair>,
    /// Decisions about groups made of classes, in order: they are weighed when the plan is known.
    pub restores: Vec<usize>,
    /// Pairs that cannot change tonight, but perhaps later.
    waiting_pairs: Vec<Pair>,
}

impl Book {
    /// Opens the decisions that the ledger does not hold yet.
    pub fn open(tonight: &Tonight<'_>, mut decisions: Vec<Decision>) -> Book {
        let settled: HashSet<&str> = tonight
            .snapshot
            .ledger
            .iter()
            .map(|l| l.decision_id.as_str())
            .collect();
        decisions.retain(|d| !settled.contains(d.id.as_str()));
        decisions.sort_by(|a, b| (a.on, &a.id).cmp(&(b.on, &b.id)));
        let mut book = Book {
            list: decisions,
            ..Book::default()
        };
        let places = places_of(tonight, &book.list);
        for at in 0..book.list.len() {
            match book.sort_in(tonight, at, &places) {
                Ok(accounts) => {
                    for place in accounts {
                        book.by_place.entry(place).or_default().push(at);
                    }
                }
                Err(verdict) => book.early.push((at, verdict)),
            }
        }
        book
    }

    /// The decisions about an account, in order.
    pub fn of(&self, place: usize) -> &[usize] {
        self.by_place.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The pair in which an account goes on tonight in place of a newer one.
    pub fn takes_over(&self, place: usize) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.old == place)
    }

    /// The pair in which an account gives way tonight to a previous one.
    pub fn gives_way(&self, place: usize) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.new == place)
    }

    /// The pair that a decision waits for.
    pub fn waits_for(&self, decision: usize) -> Option<&Pair> {
        self.waiting_pairs.iter().find(|p| p.decision == decision)
    }

    /// Whether any account has decisions at all.
    pub fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }

    fn sort_in(
        &mut self,
        tonight: &Tonight<'_>,
        at: usize,
        places: &HashMap<String, usize>,
    ) -> Result<Vec<usize>, Verdict> {
        let decision = &self.list[at];
        if !tonight
            .params
            .decisions
            .accepted
            .iter()
            .any(|word| word == decision.word.as_str())
        {
            return Err(Verdict::Refused(
                "this platform does not take such decisions",
            ));
        }
        if decision.on > tonight.as_of {
            return Err(Verdict::Waiting("its date is still ahead"));
        }
        if decision.word == Word::RestoreGroup {
            self.restores.push(at);
            return Ok(Vec::new());
        }
        if decision.word == Word::AssignGrace && decision.account.is_empty() {
            let group = year_group(tonight, decision)?;
            self.groups.insert(at);
            return Ok(group);
        }
        if decision.word == Word::KeepPreviousAccount {
            let pair = Pair {
                decision: at,
                old: place_of(places, &decision.account)?,
                new: place_of(places, &decision.value)?,
            };
            if let Err(verdict) = previous::ready(tonight, pair.old, pair.new) {
                self.waiting_pairs.push(pair);
                return Err(verdict);
            }
            self.pairs.retain(|p| !previous::replaces(&pair, p));
            self.pairs.push(pair);
            return Ok(vec![pair.old]);
        }
        Ok(vec![place_of(places, &decision.account)?])
    }
}

fn place_of(places: &HashMap<String, usize>, account: &str) -> Result<usize, Verdict> {
    let place = places.get(&account.to_lowercase()).copied();
    place.ok_or(Verdict::Refused("no account has this id or username"))
}

/// Everyone of an establishment and year group with an active account (S1: "P7 pupils at the end of the summer term").
fn year_group(tonight: &Tonight<'_>, decision: &Decision) -> Result<Vec<usize>, Verdict> {
    let establishment = tonight.roll.establishment_id(&decision.establishment);
    let establishment = establishment.ok_or(Verdict::Refused("no such establishment"))?;
    if tonight.is_held(establishment) {
        return Err(Verdict::Waiting("the establishment is held"));
    }
    let of_group = |place: &usize| {
        let account = &tonight.snapshot.accounts.list[*place];
        account.category == Category::Mis
            && account.role == Role::Learner
            && account.state == State::Active
            && tonight.people.holder[account.establishment as usize] == establishment
            && tonight
                .snapshot
                .accounts
                .with(*place, |c| c[Column::YearGroup as usize] == decision.value)
    };
    let found: Vec<usize> = (0..tonight.snapshot.accounts.len())
        .filter(of_group)
        .collect();
    if found.is_empty() {
        return Err(Verdict::Refused(
            "nobody of this year group has an active account there",
        ));
    }
    Ok(found)
}

/// The places of accounts on request about which somebody decided in this academic year, whatever came of it.
pub fn reviewed(tonight: &Tonight<'_>, decisions: &[Decision]) -> Vec<usize> {
    use crate::calendar::academic_year_end;
    let reviews = [
        Word::KeepAccount,
        Word::CloseAccount,
        Word::ReactivateAccount,
    ];
    let this_year = academic_year_end(tonight.as_of);
    let of_year = |d: &&Decision| {
        reviews.contains(&d.word) && d.on <= tonight.as_of && academic_year_end(d.on) == this_year
    };
    let made: Vec<Decision> = decisions.iter().filter(of_year).cloned().collect();
    let mut places: Vec<usize> = places_of(tonight, &made).into_values().collect();
    places.sort_unstable();
    places
}

/// The places of the accounts that decisions name, by id or by username in lower case. A username that an account had
/// before it was renamed still names it: nobody else is ever given it.
fn places_of(tonight: &Tonight<'_>, decisions: &[Decision]) -> HashMap<String, usize> {
    let accounts = &tonight.snapshot.accounts;
    let mut places = HashMap::new();
    let mut usernames = HashSet::new();
    let named = decisions.iter().flat_map(|d| {
        let second = (d.word == Word::KeepPreviousAccount).then_some(d.value.as_str());
        [Some(d.account.as_str()), second].into_iter().flatten()
    });
    for name in named.filter(|name| !name.is_empty()) {
        match accounts.find(name) {
            Some(place) => {
                places.insert(name.to_lowercase(), place);
            }
            None => {
                usernames.insert(name.to_lowercase());
            }
        }
    }
    if !usernames.is_empty() {
        for place in 0..accounts.len() {
            accounts.with(place, |cells| {
                let aliases = cells[Column::Aliases as usize].split(';');
                let former = aliases.map(|alias| alias.split('@').next().unwrap_or_default());
                for name in former.chain([cells[Column::Username as usize]]) {
                    let name = name.to_lowercase();
                    if usernames.contains(&name) {
                        places.insert(name, place);
                    }
                }
            });
        }
    }
    places
}

/// The establishment a decision names, if tonight knows it.
pub(super) fn establishment(tonight: &Tonight<'_>, decision: &Decision) -> Option<EstId> {
    tonight.roll.establishment_id(&decision.establishment)
}
