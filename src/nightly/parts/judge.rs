//! A part: its people are judged, and who can be counted is told from who must be looked at by the merge.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use rayon::prelude::*;

use super::folder::{self, Bound, ENROLMENTS, Findings, WAITING};
use super::read::{Portion, read_some};
use super::{Keep, Part};
use crate::directory::Column;
use crate::facts::Tonight;
use crate::facts::standing::{Roll as OnRoll, roll_of};
use crate::gate::Feedback;
use crate::model::{Category, PersonKey, Sums};
use crate::nightly::draft::Draughtsman;
use crate::nightly::outcome::Outcome;
use crate::nightly::settle::{Forgotten, forgotten};
use crate::nightly::{NightError, Read, Refused, Request, kept, person, refuse, with_desk};
use crate::readiness::Finals;
use crate::relate::{People, Person, person_hash};
use crate::rounds::share;

/// How a part ended.
pub enum PartNight {
    /// The gate refused the input: nothing was judged.
    Refused(Refused),
    /// It stands in its folder.
    Judged {
        /// People it judged.
        people: u64,
        /// Those of them whom the merge has to look at.
        noted: u64,
    },
}

/// Judges the people of a part and leaves what it found in a folder of its own below `parts`.
///
/// # Errors
/// As [`crate::nightly::decide`], and when the night cannot be divided or the folder not be written.
pub fn judge(request: &Request<'_>, part: Part, parts: &Path) -> Result<PartNight, NightError> {
    let portion = read_some(request, Keep::Part(part), &Sums::default())?;
    if portion.read.roll.faults.refuses() {
        return Ok(PartNight::Refused(refuse(request, portion.read)));
    }
    let folder = folder::begin(parts, part)?;
    let roll = &portion.read.roll;
    // Whether the rows of the others stand is said by the merge, which writes them too.
    let is_alone = |key: PersonKey| {
        part.holds(key.0)
            && !portion.special.contains(&{ key.0 })
            && roll.told.binary_search(&key).is_err()
    };
    let rows = kept::write_rows(&folder, ENROLMENTS, request, roll, is_alone);
    let rows = rows.and_then(kept::Written::wait);
    let rows = rows.map_err(NightError::Write)?;
    let (own, mut findings) = findings(request, part, &portion);
    let noted = findings.noted.len() as u64;
    let (accounts, places) = (
        &portion.read.snapshot.accounts,
        std::mem::take(&mut findings.waiting),
    );
    let waiting = crate::report::write_waiting(&folder.join(WAITING), accounts, places);
    let waiting = waiting.map_err(NightError::Write)?;
    folder::write(&folder, findings, [rows, waiting])?;
    Ok(PartNight::Judged { people: own, noted })
}

/// How many people are the part's, and what it found about them.
fn findings(request: &Request<'_>, part: Part, portion: &Portion) -> (u64, Findings) {
    let read = &portion.read;
    with_desk(request, read, |desk, people, _| {
        tracing::info!(target: "onroll::stage", stage = "decide", "deciding what is due");
        let own: Vec<Person> = people
            .order
            .iter()
            .map(|at| people.at(*at))
            .filter(|person| person.key().is_some_and(|key| part.holds(key.0)))
            .collect();
        let open = Open::of(desk, portion);
        let is_noted: Vec<bool> = own
            .par_chunks(crate::warm::TOGETHER)
            .flat_map_iter(|near| {
                bring_near(desk, people, near);
                near.iter().map(|person| open.is_noted(desk, person))
            })
            .collect();
        let (noted, quiet): (Vec<_>, Vec<_>) = own.iter().zip(&is_noted).partition(|(_, n)| **n);
        let quiet: Vec<&Person> = quiet.into_iter().map(|(person, _)| person).collect();
        let keys = noted.iter().filter_map(|(person, _)| person.key());
        let mut noted: Vec<u128> = keys.map(|key| key.0).collect();
        noted.extend(open.told(part));
        noted.extend(forgotten_choices(desk.tonight, part, portion));
        noted.sort_unstable();
        noted.dedup();
        let findings = Findings {
            part,
            bound: Bound::of(request, read),
            noted,
            waiting: waiting(desk.tonight, &quiet),
            sums: sums(desk.tonight, &quiet),
            feedback: feedback(read, part, portion),
        };
        (own.len() as u64, findings)
    })
}

fn bring_near(desk: &Draughtsman<'_>, people: &People<'_>, near: &[Person]) {
    let places = near.iter().flat_map(|person| people.accounts(person));
    let places: Vec<usize> = places.map(|place| *place as usize).collect();
    desk.tonight.snapshot.accounts.warm(&places);
}

/// Who is looked at by the merge whatever is due for them.
struct Open<'a> {
    special: &'a HashSet<u128>,
    /// Of whom the gate told something, or leaves it to the merge.
    told: HashSet<PersonKey>,
    /// Accounts for which something falls due in the next days.
    due: HashSet<usize>,
}

impl<'a> Open<'a> {
    fn of(desk: &Draughtsman<'_>, portion: &'a Portion) -> Self {
        let (tonight, roll) = (desk.tonight, &portion.read.roll);
        let due = crate::forecast::due(tonight, desk.policy, &[], &[]);
        let accounts = &tonight.snapshot.accounts;
        let held = roll.held_people.iter().map(|held| held.person);
        Open {
            special: &portion.special,
            told: roll.told.iter().copied().chain(held).collect(),
            due: due
                .iter()
                .filter_map(|due| accounts.find(&due.account_id))
                .collect(),
        }
    }

    /// The part's people of whom the gate told something, also those who have neither an accepted row nor an account.
    fn told(&self, part: Part) -> impl Iterator<Item = u128> {
        let people = self.told.iter().map(|person| person.0);
        people.filter(move |hash| part.holds(*hash))
    }

    fn is_noted(&self, desk: &Draughtsman<'_>, of: &Person) -> bool {
        let tonight = desk.tonight;
        let is_open = |place: &u32| self.due.contains(&(*place as usize));
        let key = of.key();
        if key.is_none_or(|key| self.special.contains(&{ key.0 }) || self.told.contains(&key))
            || tonight.people.accounts(of).iter().any(is_open)
        {
            return true;
        }
        let mut outcome = Outcome::default();
        person::judge_person(desk, of, &mut person::Room::default(), &mut outcome);
        !says_nothing(&outcome)
    }
}

/// Whether nothing is due, told or open.
fn says_nothing(outcome: &Outcome) -> bool {
    let Outcome {
        changes,
        new_names: _,
        notices,
        faults,
        verdicts,
        consents,
        not_shared,
        requests,
        seen,
    } = outcome;
    changes.is_empty()
        && notices.is_empty()
        && faults.is_empty()
        && verdicts.is_empty()
        && consents.is_empty()
        && not_shared.is_empty()
        && requests.is_empty()
        && seen.is_empty()
}

/// Whose choices are to be changed though they are neither on roll nor have an account.
fn forgotten_choices(tonight: &Tonight<'_>, part: Part, portion: &Portion) -> Vec<u128> {
    let rows = tonight.snapshot.consents.iter();
    let changing = rows.filter(|row| forgotten(tonight, row) != Forgotten::Stays);
    let hashes = changing.filter_map(|row| person_hash(&row.person_ref));
    hashes
        .filter(|hash| part.holds(*hash) && !portion.special.contains(hash))
        .collect()
}

/// The accounts of people of whom nothing shows but that nobody has signed in.
fn waiting(tonight: &Tonight<'_>, quiet: &[&Person]) -> Vec<usize> {
    let accounts = quiet.iter().flat_map(|of| tonight.people.accounts(of));
    let places = accounts.map(|place| *place as usize);
    let list = &tonight.snapshot.accounts.list;
    places
        .filter(|place| crate::report::waits(&list[*place]))
        .collect()
}

/// Counts people of whom nothing shows.
fn sums(tonight: &Tonight<'_>, quiet: &[&Person]) -> Sums {
    let pieces: Vec<Sums> = quiet
        .par_chunks(share(quiet.len()))
        .map(|piece| sums_of(tonight, piece))
        .collect();
    let mut all = Sums::default();
    pieces.into_iter().for_each(|piece| all.add(piece));
    all
}

fn sums_of(tonight: &Tonight<'_>, quiet: &[&Person]) -> Sums {
    let mut sums = Sums::default();
    let code = |at: crate::model::EstId| {
        let establishment = tonight.roll.establishments.get(at.index());
        establishment.map_or("", |e| e.code.as_str())
    };
    let readiness = tonight.params.readiness.as_ref();
    let finals = readiness.map(|readiness| Finals::of(tonight, readiness));
    let (mut accounts, mut on_roll) = (HashMap::new(), HashMap::new());
    for person in quiet {
        for place in tonight.people.accounts(person) {
            let account = &tonight.snapshot.accounts.list[*place as usize];
            let holder = tonight.people.holder[account.establishment as usize];
            let counts: &mut [[u64; 2]; _] = accounts
                .entry(code(holder))
                .or_insert_with(Default::default);
            counts[account.role as usize][usize::from(!account.state.is_usable())] += 1;
            sums.states[account.state as usize] += 1;
        }
        for place in tonight.people.rows(person) {
            let row = &tonight.roll.enrolments[*place as usize];
            sums.rows += 1;
            if row.status.counts() && roll_of(tonight, row) == OnRoll::OnRoll {
                *on_roll.entry(code(row.establishment)).or_insert(0) += 1;
            }
        }
        for at in finals.iter().flat_map(|finals| finals.staying(person)) {
            *sums.staying.entry(code(at).to_owned()).or_default() += 1;
        }
    }
    let owned = |(code, count): (&str, _)| (code.to_owned(), count);
    sums.accounts = accounts
        .into_iter()
        .map(|(code, counts)| (code.to_owned(), counts))
        .collect();
    sums.on_roll = on_roll.into_iter().map(owned).collect();
    sums
}

/// What the real directory says of the part's accounts.
fn feedback(read: &Read, part: Part, portion: &Portion) -> BTreeMap<String, Feedback> {
    let accounts = &read.snapshot.accounts;
    let is_own = |place: &usize| {
        let account = &accounts.list[*place];
        let person = account
            .person()
            .filter(|_| account.category == Category::Mis);
        person.is_some_and(|hash| part.holds(hash) && !portion.special.contains(&hash))
    };
    if read.feedback.is_empty() {
        return BTreeMap::new();
    }
    let said = |place: usize| {
        let username = accounts.plain_cell(place, Column::Username);
        Some((username.to_lowercase(), read.feedback.of(username)?.clone()))
    };
    (0..accounts.len())
        .filter(is_own)
        .filter_map(said)
        .collect()
}
