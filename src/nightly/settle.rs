//! From judged people to a plan: usernames, ids, guards, order, and what changes without a row.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::draft::Draughtsman;
use super::outcome::Outcome;
use super::tables::transfers_after;
use crate::causes::Cause;
use crate::decisions::{RequestOutcome, Verdict, is_by_change};
use crate::directory::{Account, Consent, GuardRow, LedgerEntry};
use crate::facts::Tonight;
use crate::forecast::Due;
use crate::guard;
use crate::model::{Action, Category, Date, PersonKey, Severity, State};
use crate::plan::{Change, DecisionOutcome, Plan, Quiet, Status, held_establishments};
use crate::readiness::School;
use crate::workspace::approvals::Approvals;

/// Makes the plan of what was judged. `beside` is called with the changes as soon as nothing about them changes any more.
pub fn settle<T: Send>(
    desk: &Draughtsman<'_>,
    mut outcome: Outcome,
    approvals: &Approvals,
    reviewed: &[usize],
    beside: impl FnOnce(&[Change]) -> T + Send,
) -> (Plan, T) {
    super::names::name_new_accounts(desk, &mut outcome);
    let mut changes = std::mem::take(&mut outcome.changes);
    let sort = || crate::plan::sort(&mut changes);
    let ((), bases) = rayon::join(sort, || guard::bases(desk.tonight));
    let counted = guard::counted(desk.tonight, &changes);
    let approved = &approvals.change_ids;
    let guards = guard::judge(desk.tonight, &bases, &mut changes, &counted, approved);
    let complete = || complete(desk, outcome, &changes, (&bases, &counted), reviewed);
    let (plan, given) = rayon::join(complete, || beside(&changes));
    let plan = Plan {
        changes,
        guards,
        ..plan
    };
    (plan, given)
}

/// All of a plan but the changes and the guards' readings.
fn complete(
    desk: &Draughtsman<'_>,
    mut outcome: Outcome,
    changes: &[Change],
    (bases, counted): (&guard::Bases, &guard::Counted),
    reviewed: &[usize],
) -> Plan {
    let (groups, of_groups) = crate::groups::judge(desk.tonight, desk.keys, desk.book, changes);
    outcome.verdicts.extend(of_groups);
    let (mut decisions, mut ledger) = decisions(desk, changes, &outcome.verdicts);
    requests(
        desk,
        changes,
        &outcome.requests,
        &mut decisions,
        &mut ledger,
    );
    let history = guard::history(desk.tonight, bases, changes, counted);
    let quiet = quiet(desk, &outcome, ledger, history);
    outcome.notices.sort();
    outcome.notices.dedup();
    let mut faults = desk.tonight.roll.faults.clone();
    faults.list.extend(outcome.faults);
    faults.sort();
    let mut not_shared: BTreeMap<String, u64> = BTreeMap::new();
    for at in outcome.not_shared {
        *not_shared
            .entry(desk.tonight.roll.establishment(at).code.clone())
            .or_default() += 1;
    }
    let (held, establishments_counted) = held_establishments(desk.tonight.roll);
    let counts = counts(desk, changes, &quiet);
    let waiting = waiting(desk, &outcome.requests, &decisions);
    let (due, causes, schools) = outlook(desk, changes, bases, &waiting, reviewed);
    Plan {
        as_of: desk.tonight.as_of,
        changes: Vec::new(),
        groups,
        notices: outcome.notices,
        faults: faults.list,
        guards: Vec::new(),
        held,
        establishments_counted,
        decisions,
        quiet,
        not_shared,
        schools,
        causes,
        due,
        counts,
    }
}

/// What falls due, what removals share, and how ready each school is: each from the finished changes alone.
fn outlook(
    desk: &Draughtsman<'_>,
    changes: &[Change],
    bases: &guard::Bases,
    waiting: &[(String, Date)],
    reviewed: &[usize],
) -> (Vec<Due>, Vec<Cause>, Vec<School>) {
    let (due, (causes, schools)) = rayon::join(
        || crate::forecast::due(desk.tonight, desk.policy, changes, waiting),
        || {
            let claims = transfers_after(changes, desk.tonight.snapshot);
            rayon::join(
                || crate::causes::causes(desk.tonight, bases, changes),
                || crate::readiness::schools(desk.tonight, changes, &claims, reviewed),
            )
        },
    );
    (due, causes, schools)
}

/// What changes without a row.
fn quiet(
    desk: &Draughtsman<'_>,
    outcome: &Outcome,
    ledger: Vec<LedgerEntry>,
    guard_history: Vec<GuardRow>,
) -> Quiet {
    let consents = outcome.consents.iter();
    let quiet = Quiet {
        consents_set: consents.clone().filter_map(|c| c.1.clone()).collect(),
        consents_gone: consents.filter_map(|c| c.0.clone()).collect(),
        ledger,
        guard_history,
    };
    with_forgotten_consents(desk, quiet)
}

/// How every open decision fared, and the ledger entries that no planned change carries.
fn decisions(
    desk: &Draughtsman<'_>,
    changes: &[Change],
    verdicts: &[(usize, Verdict)],
) -> (Vec<DecisionOutcome>, Vec<LedgerEntry>) {
    let mut best: BTreeMap<usize, Verdict> = BTreeMap::new();
    for (index, verdict) in desk.book.early.iter().chain(verdicts) {
        // A decision about a year group is applied as soon as one account took it, and waits while one waits.
        let known = best.entry(*index).or_insert(*verdict);
        if (rank(verdict), verdict) < (rank(known), &*known) {
            *known = *verdict;
        }
    }
    let mut carried: HashMap<&str, Status> = HashMap::new();
    let deciding = changes
        .par_iter()
        .filter(|c| !c.elsewhere().decisions.is_empty());
    for change in deciding.collect::<Vec<_>>() {
        for entry in &change.elsewhere().decisions {
            let status = carried.entry(&entry.decision_id).or_insert(change.status);
            *status = (*status).min(change.status);
        }
    }
    let beside_held = beside_held(desk, changes);
    let mut outcomes = Vec::new();
    let mut ledger = Vec::new();
    for (index, verdict) in best {
        let decision = &desk.book.list[index];
        let held = carried
            .get(decision.id.as_str())
            .is_some_and(|status| *status != Status::Planned);
        let (outcome, reason) = match verdict {
            Verdict::Applied if held => ("waiting", HELD_BY_GUARD),
            Verdict::Refused(why) if is_by_change(why) && beside_held.contains(&index) => {
                ("waiting", HELD_BY_GUARD)
            }
            Verdict::Applied => ("applied", ""),
            Verdict::Waiting(_) if pair_ended(desk, changes, index) => ("refused", PAIR_ENDED),
            Verdict::Refused(why) => ("refused", why),
            Verdict::Waiting(why) => {
                let last =
                    crate::calendar::plus_days(decision.on, desk.params().decisions.wait_days);
                if desk.tonight.as_of > last {
                    ("refused", why)
                } else {
                    ("waiting", why)
                }
            }
        };
        outcomes.push(DecisionOutcome {
            decision_id: decision.id.clone(),
            outcome: outcome.to_owned(),
            reason: reason.to_owned(),
        });
        let alone = !carried.contains_key(decision.id.as_str());
        if matches!(outcome, "applied" | "refused")
            && (alone || outcome == "refused" || desk.book.groups.contains(&index))
        {
            ledger.push(LedgerEntry {
                decision_id: decision.id.clone(),
                outcome: outcome.to_owned(),
                reason: reason.to_owned(),
                applied_on: desk.tonight.as_of,
            });
        }
    }
    (outcomes, ledger)
}

const PAIR_ENDED: &str = "the previous account was deleted, or the new one is not usable any more";

/// Whether a decision waits for two accounts of which tonight takes one away: tomorrow there is nothing to wait for.
fn pair_ended(desk: &Draughtsman<'_>, changes: &[Change], index: usize) -> bool {
    let accounts = &desk.tonight.snapshot.accounts;
    desk.book.waits_for(index).is_some_and(|pair| {
        let ends = |change: &Change| change.state_after(accounts) == Some(State::Inactive);
        let mut planned = changes.iter().filter(|c| c.status == Status::Planned);
        planned.any(|change| {
            (change.place == Some(pair.old) && change.action == Action::Purge)
                || (change.place == Some(pair.new) && ends(change))
        })
    })
}

/// How every open request fared; a refusal is final and enters the ledger without a row.
fn requests(
    desk: &Draughtsman<'_>,
    changes: &[Change],
    requests: &[RequestOutcome],
    decisions: &mut Vec<DecisionOutcome>,
    ledger: &mut Vec<LedgerEntry>,
) {
    let made = changes.par_iter().filter(|c| c.status == Status::Planned);
    let made: BTreeSet<&str> = made
        .flat_map_iter(|c| &c.elsewhere().decisions)
        .map(|entry| entry.decision_id.as_str())
        .collect();
    for request in requests {
        let held = request.outcome == "applied" && !made.contains(request.ledger_id.as_str());
        let (outcome, reason) = match request.outcome {
            _ if held => ("waiting", HELD_BY_GUARD),
            outcome => (outcome, request.reason.as_str()),
        };
        decisions.push(DecisionOutcome {
            decision_id: request.ledger_id.clone(),
            outcome: outcome.to_owned(),
            reason: reason.to_owned(),
        });
        if outcome == "refused" {
            ledger.push(LedgerEntry {
                decision_id: request.ledger_id.clone(),
                outcome: outcome.to_owned(),
                reason: reason.to_owned(),
                applied_on: desk.tonight.as_of,
            });
        }
    }
}

/// The decisions and requests that wait, with the days on which they were made.
fn waiting(
    desk: &Draughtsman<'_>,
    requests: &[RequestOutcome],
    outcomes: &[DecisionOutcome],
) -> Vec<(String, Date)> {
    let decided = desk.book.list.iter().map(|d| (d.id.as_str(), d.on));
    let asked = requests.iter().map(|r| (r.ledger_id.as_str(), r.on));
    let made: HashMap<&str, Date> = decided.chain(asked).collect();
    let waiting = outcomes.iter().filter(|o| o.outcome == "waiting");
    waiting
        .filter_map(|o| Some((o.decision_id.clone(), *made.get(o.decision_id.as_str())?)))
        .collect()
}

const HELD_BY_GUARD: &str = "a guard holds the change";

/// Decisions about accounts whose change of tonight does not go ahead.
fn beside_held(desk: &Draughtsman<'_>, changes: &[Change]) -> BTreeSet<usize> {
    let held = changes.par_iter().filter(|c| c.status != Status::Planned);
    held.filter_map(|c| c.place)
        .flat_map_iter(|place| desk.book.of(place).iter().copied())
        .collect()
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Applied => 0,
        Verdict::Waiting(_) => 1,
        Verdict::Refused(_) => 2,
    }
}

/// Adds what becomes of the choices of people who are neither on roll nor have an account any more.
fn with_forgotten_consents(desk: &Draughtsman<'_>, mut quiet: Quiet) -> Quiet {
    for row in &desk.tonight.snapshot.consents {
        match forgotten(desk.tonight, row) {
            Forgotten::Stays => {}
            Forgotten::Goes => quiet.consents_gone.push(row.person_ref.clone()),
            Forgotten::Since(off) => quiet.consents_set.push(Consent {
                off_roll_on: Some(off),
                ..row.clone()
            }),
        }
    }
    quiet
}

/// What becomes of a recorded choice tonight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Forgotten {
    /// Nothing: its person is known, or it has its date already.
    Stays,
    /// It has been kept for long enough.
    Goes,
    /// Its clock begins on this day.
    Since(Date),
}

/// The clock of a choice of somebody who is neither on roll nor has an account any more.
pub(super) fn forgotten(tonight: &Tonight<'_>, row: &Consent) -> Forgotten {
    let Some(consent) = &tonight.params.consent else {
        return Forgotten::Stays;
    };
    let known = crate::relate::person_hash(&row.person_ref).is_some_and(|hash| {
        let hash = tonight.people.current_hash(hash);
        tonight.people.find(PersonKey(hash)).is_some()
    });
    let holder = tonight.roll.establishment_id(&row.establishment);
    let held = holder.is_some_and(|e| tonight.is_held(e));
    if known || (held && row.off_roll_on.is_none()) {
        return Forgotten::Stays;
    }
    let off = row.off_roll_on.unwrap_or(tonight.as_of);
    match row.off_roll_on {
        _ if tonight.as_of > crate::calendar::plus_months(off, consent.keep_months) => {
            Forgotten::Goes
        }
        None => Forgotten::Since(off),
        Some(_) => Forgotten::Stays,
    }
}

/// How many accounts more are in each state after the changes that go ahead, in the order of [`State::ALL`].
fn moves(desk: &Draughtsman<'_>, changes: &[Change]) -> [i64; State::ALL.len()] {
    let accounts = &desk.tonight.snapshot.accounts;
    let of = |change: &Change| {
        let was = change.place.map(|place| accounts.list[place].state);
        let is = change.state_after(accounts);
        std::array::from_fn(|at| {
            let state = Some(State::ALL[at]);
            i64::from(is == state) - i64::from(was == state)
        })
    };
    let planned = changes.par_iter().filter(|c| c.status == Status::Planned);
    let sum = |a: [i64; 3], b: [i64; 3]| std::array::from_fn(|at| a[at] + b[at]);
    planned.map(of).reduce(|| [0; 3], sum)
}

/// How many accounts are in each state, in the order of [`State::ALL`], and how many of all are on request.
fn standing(list: &[Account]) -> ([u64; State::ALL.len()], u64) {
    let none = || ([0; State::ALL.len()], 0);
    let count = |(mut states, non_mis): ([u64; State::ALL.len()], u64), account: &Account| {
        states[account.state as usize] += 1;
        (
            states,
            non_mis + u64::from(account.category == Category::NonMis),
        )
    };
    let both = |(a, x): ([u64; State::ALL.len()], u64), (b, y): ([u64; State::ALL.len()], u64)| {
        (std::array::from_fn(|at| a[at] + b[at]), x + y)
    };
    list.par_iter().fold(none, count).reduce(none, both)
}

fn counts(desk: &Draughtsman<'_>, changes: &[Change], quiet: &Quiet) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let list = &desk.tonight.snapshot.accounts.list;
    let moves = moves(desk, changes);
    let sums = desk.tonight.sums;
    let (states, non_mis) = standing(list);
    let states = states.into_iter().zip(sums.states);
    for ((state, moved), (here, elsewhere)) in State::ALL.iter().zip(moves).zip(states) {
        let before = (here + elsewhere) as i64;
        let after = before + moved;
        counts.insert(format!("accounts_{state}_before"), before as u64);
        counts.insert(format!("accounts_{state}_after"), after.max(0) as u64);
    }
    let roll = desk.tonight.roll;
    counts.insert("accounts_non_mis".to_owned(), non_mis);
    counts.insert("rows_read".to_owned(), roll.rows_read);
    let accepted = roll.enrolments.len() as u64 + sums.rows;
    counts.insert("rows_accepted".to_owned(), accepted);
    counts.insert(
        "rows_rejected".to_owned(),
        roll.faults.count(Severity::Reject) as u64,
    );
    counts.insert("rows_long_gone".to_owned(), roll.rows_long_gone);
    counts.insert(
        "consents_without_row".to_owned(),
        (quiet.consents_set.len() + quiet.consents_gone.len()) as u64,
    );
    counts.insert("ledger_without_row".to_owned(), quiet.ledger.len() as u64);
    counts
}
