//! Which of an account's decisions stand tonight, and what became of them afterwards.

use super::book::establishment;
use super::{Book, Decision, Rename, Verdict};
use crate::calendar::{plus_days, plus_months};
use crate::effects::names::{account_names, username_names};
use crate::facts::Tonight;
use crate::facts::person::{Case, Words};
use crate::facts::registry::person as f;
use crate::facts::standing::Roll;
use crate::model::{Action, Date, EstId, InactiveReason, Kind, State, Word};

/// The decisions that stand, for the facts; and those already settled.
#[derive(Clone, Default, Debug)]
pub struct Pending {
    /// What facts ask.
    pub words: Words,
    /// Decisions on claims: claimant, place in the book.
    pub claims: Vec<(EstId, Word, usize)>,
    /// Decisions that stand and are concluded after the case was judged.
    pub standing: Vec<usize>,
    /// Settled, or known to wait.
    pub verdicts: Vec<(usize, Verdict)>,
}

/// Weighs the decisions about the account of a case (its words are still empty).
pub fn weigh(tonight: &Tonight<'_>, book: &Book, case: &Case<'_>) -> Pending {
    let mut pending = Pending::default();
    let Some(place) = case.place else {
        return pending;
    };
    // A decision that would be refused on its own conflicts with nothing.
    let mut at = Vec::new();
    for &index in book.of(place) {
        let decision = (&book.list[index], index);
        match stand(tonight, book, case, decision, &mut Pending::default()) {
            Err(refused @ Verdict::Refused(_)) => pending.verdicts.push((index, refused)),
            _ => at.push(index),
        }
    }
    for (n, &index) in at.iter().enumerate() {
        let decision = &book.list[index];
        if replaced(book, &at, n) {
            pending.verdicts.push((index, Verdict::Refused(REPLACED)));
            continue;
        }
        match stand(tonight, book, case, (decision, index), &mut pending) {
            Ok(()) => pending.standing.push(index),
            Err(verdict) => pending.verdicts.push((index, verdict)),
        }
    }
    pending
}

/// Of two that conflict the later wins; of two approvals for one account, the earlier (SPEC §3).
fn replaced(book: &Book, at: &[usize], n: usize) -> bool {
    let decision = &book.list[at[n]];
    let on_claim = |w: Word| {
        matches!(
            w,
            Word::ApproveTransfer | Word::DeferTransfer | Word::DeclineTransfer
        )
    };
    let conflicts = |other: &Decision| match (decision.word, other.word) {
        (Word::ApproveTransfer, Word::ApproveTransfer) => false,
        (Word::ApproveTransfer, Word::NotALeaver) | (Word::NotALeaver, Word::ApproveTransfer) => {
            true
        }
        (a, b) if on_claim(a) && on_claim(b) => decision.establishment == other.establishment,
        (Word::Rename, Word::Rename) => decision.value == other.value,
        (a, b) => a == b,
    };
    let is_approval = |index: usize| book.list[index].word == Word::ApproveTransfer;
    at[n + 1..]
        .iter()
        .any(|later| conflicts(&book.list[*later]))
        || (is_approval(at[n]) && (0..n).any(|m| is_approval(at[m]) && !replaced(book, at, m)))
}

/// Whether one decision stands; if so, its word is noted for the facts.
fn stand(
    tonight: &Tonight<'_>,
    book: &Book,
    case: &Case<'_>,
    (decision, index): (&Decision, usize),
    pending: &mut Pending,
) -> Result<(), Verdict> {
    let Some(account) = case.account else {
        return Err(Verdict::Refused("no account has this id or username"));
    };
    let usable = account.state.is_usable();
    let held =
        tonight.is_person_held(case.person.key()) || case.holder.is_none_or(|h| tonight.is_held(h));
    let must = |ok: bool, why: &'static str| {
        if ok {
            Ok(())
        } else {
            Err(Verdict::Refused(why))
        }
    };
    match decision.word {
        Word::ApproveTransfer => {
            must(usable, "the account is not usable")?;
            pending.words.approved_to = Some(approve(tonight, case, decision)?);
        }
        Word::DeferTransfer | Word::DeclineTransfer => {
            must(usable, "the account is not usable")?;
            let at = establishment(tonight, decision)
                .ok_or(Verdict::Refused("no such establishment"))?;
            pending.claims.push((at, decision.word, index));
        }
        Word::NotALeaver => {
            must(usable, "the account is not usable")?;
            let until = hold_until(tonight, decision)?;
            if held {
                return Err(Verdict::Waiting("the account is held"));
            }
            pending.words.hold_until = Some(until);
        }
        Word::AssignGrace => {
            must(
                tonight.params.grace.is_some(),
                "this platform has no grace period",
            )?;
            must(account.state == State::Active, "the account is not active")?;
            must(!has_lapsed(tonight, case, decision), LAPSED)?;
            if held {
                return Err(Verdict::Waiting("the account is held"));
            }
            pending.words.grace_granted_on = Some(decision.on);
        }
        Word::RestoreWithGrace => restore(tonight, case, decision, held, pending)?,
        Word::ReactivateAccount => {
            must(
                account.state == State::Inactive,
                "the account is not inactive",
            )?;
            must(
                case.person.kind == Kind::Staff,
                "the roll brings learners' accounts back by itself",
            )?;
            if held {
                return Err(Verdict::Waiting("the account is held"));
            }
            must(
                case.standings.iter().any(|s| s.on_roll()),
                "its holder is not on roll",
            )?;
            pending.words.reactivate = true;
        }
        Word::Rename => {
            must(usable, "the account is not usable")?;
            rename(tonight, case, decision, held, pending)?;
        }
        Word::KeepPreviousAccount => {
            let stands = case.place.and_then(|place| book.takes_over(place));
            must(stands.is_some_and(|pair| pair.decision == index), REPLACED)?;
            pending.words.takes_over = true;
        }
        Word::KeepAccount | Word::CloseAccount => {
            return Err(Verdict::Refused("the account follows the roll"));
        }
        Word::RestoreGroup => return Err(Verdict::Refused("it is about a group")),
    }
    Ok(())
}

/// Whether a grant decided long ago would have lapsed before tonight. One whose holder left in its time is carried out
/// as if it were on time (SPEC §7 "Grace").
fn has_lapsed(tonight: &Tonight<'_>, case: &Case<'_>, decision: &Decision) -> bool {
    let Some(grace) = &tonight.params.grace else {
        return false;
    };
    let last = plus_months(decision.on, grace.grant_months);
    let at_holder = case.standings.iter();
    let at_holder = at_holder.filter(|s| Some(s.establishment) == case.holder);
    let left = at_holder.filter_map(|standing| match standing.roll {
        Roll::Left(on) => Some(on),
        _ => None,
    });
    let closed = case.holder.and_then(|holder| tonight.closed_on(holder));
    tonight.as_of > last && !left.chain(closed).any(|on| on <= last)
}

/// A new name needs tonight's row, and a new username one that can be made of it.
fn rename(
    tonight: &Tonight<'_>,
    case: &Case<'_>,
    decision: &Decision,
    held: bool,
    pending: &mut Pending,
) -> Result<(), Verdict> {
    let what = Rename::parse(&decision.value).ok_or(Verdict::Refused(
        "its value is neither display nor username",
    ))?;
    if held {
        return Err(Verdict::Waiting("the account is held"));
    }
    let mut at_holder = case.standings.iter();
    let row = at_holder.find(|s| Some(s.establishment) == case.holder && s.on_roll());
    let row = row
        .ok_or(Verdict::Waiting("no row of tonight gives the names"))?
        .row;
    let shown = account_names(tonight, row);
    if shown.surname.is_empty() && shown.forename.is_empty() {
        return Err(Verdict::Waiting("no row of tonight gives the names"));
    }
    match what {
        Rename::Display => pending.words.rename_display = true,
        Rename::Username => {
            let names = username_names(tonight, row);
            if tonight
                .username_problem(names.surname, names.forename)
                .is_some()
            {
                return Err(Verdict::Refused(NO_USERNAME));
            }
            pending.words.rename_username = true;
        }
    }
    Ok(())
}

/// The last day of a `not_a_leaver` decision that still runs.
fn hold_until(tonight: &Tonight<'_>, decision: &Decision) -> Result<Date, Verdict> {
    const NO_DAYS: Verdict = Verdict::Refused("its value is not a number of days");
    let days = match decision.value.as_str() {
        "" => tonight.params.decisions.not_a_leaver_days,
        text => text.parse().map_err(|_| NO_DAYS)?,
    };
    let until = plus_days(decision.on, days);
    if (until - decision.on).num_days() != i64::from(days) {
        // A day that no date can write was cut off.
        return Err(NO_DAYS);
    }
    if tonight.as_of > until {
        return Err(Verdict::Refused("its days have passed"));
    }
    Ok(until)
}

/// The claimant of an approval, if it can receive tonight. It waits only while the claimant's export
/// is held or its row rejected, or while there is no such claim yet (SPEC §16).
fn approve(tonight: &Tonight<'_>, case: &Case<'_>, decision: &Decision) -> Result<EstId, Verdict> {
    let to = establishment(tonight, decision).ok_or(Verdict::Refused("no such establishment"))?;
    if case.holder == Some(to) {
        return Err(Verdict::Refused(
            "the account belongs to this establishment already",
        ));
    }
    if tonight.is_held(to)
        || tonight
            .held_rows(case.person.key())
            .any(|row| row.establishment == to)
    {
        return Err(Verdict::Waiting(
            "the claimant's export is held or its row rejected",
        ));
    }
    let standing = case
        .standings
        .iter()
        .find(|s| s.establishment == to && s.on_roll());
    let Some(standing) = standing else {
        let known = case.place.is_some_and(|p| {
            tonight
                .people
                .transfers(p)
                .iter()
                .any(|t| t.to_establishment == decision.establishment)
        });
        return Err(if known {
            Verdict::Refused("the enrolment behind the claim ended")
        } else {
            Verdict::Waiting("there is no such claim yet")
        });
    };
    let row = standing.row;
    if !tonight.is_eligible(to) || case.choice.out || !row.complete || row.temporary {
        return Err(Verdict::Refused(
            "the claimant's row is not complete, or its data is not shared",
        ));
    }
    Ok(to)
}

fn restore(
    tonight: &Tonight<'_>,
    case: &Case<'_>,
    decision: &Decision,
    held: bool,
    pending: &mut Pending,
) -> Result<(), Verdict> {
    let (Some(grace), Some(account)) = (&tonight.params.grace, case.account) else {
        return Err(Verdict::Refused("this platform has no grace period"));
    };
    if account.state.is_usable() {
        return Err(Verdict::Waiting("the account is usable"));
    }
    if case.dates.inactive_since == Some(tonight.as_of) {
        // One row per account and night: what this date released, the next night restores.
        return Err(Verdict::Waiting("the account became inactive tonight"));
    }
    if !matches!(
        account.inactive_reason,
        Some(InactiveReason::Left | InactiveReason::Absent)
    ) {
        return Err(Verdict::Refused(
            "the account did not become inactive by leaving",
        ));
    }
    let dates = &case.dates;
    let left = dates
        .left_on
        .or(dates.inactive_since)
        .unwrap_or(decision.on);
    if decision.on > plus_days(left, grace.request_days) {
        return Err(Verdict::Refused(
            "it was decided too many days after the person left",
        ));
    }
    if tonight.as_of > plus_days(decision.on, grace.days) {
        return Err(Verdict::Refused("its days have passed"));
    }
    if case.choice.out || case.holder.is_none_or(|h| !tonight.shares(h)) {
        return Err(Verdict::Refused(
            "the person, the establishment or the authority is not in",
        ));
    }
    if held {
        return Err(Verdict::Waiting("the account is held"));
    }
    pending.words.restored_on = Some(decision.on);
    Ok(())
}

const LAPSED: &str = "it was decided so long ago that a grace period granted then has lapsed";
const REPLACED: &str = "another decision on the same account goes before it";
pub(super) const NO_USERNAME: &str = "no username can be made of the name";
/// Why a decision about an account that gives way is refused.
pub const SUPERSEDED: &str = "the account gave way to a previous one";
const MOVED: &str = "the account moved";
const WITHDRAWN: &str = "the account was withdrawn";
/// Why a decision that needs a usable account is refused when it is released.
pub const RELEASED: &str = "the account was released";
/// Why a decision that still waits is refused when its account goes.
pub const GONE: &str = "the account moved, was withdrawn or its grace ended";

/// Whether a refusal rests on tonight's change of the account alone: a change that is held refuses nothing.
pub fn is_by_change(why: &str) -> bool {
    [MOVED, WITHDRAWN, RELEASED, GONE, SUPERSEDED].contains(&why)
}

/// What became of a standing decision once the account's action is known.
pub fn conclude(
    decision: &Decision,
    words: &Words,
    action: Option<Action>,
    moved_to: Option<EstId>,
    values: &[u8; f::FACTS.len()],
    claim: Option<Verdict>,
) -> Verdict {
    match decision.word {
        Word::DeferTransfer | Word::DeclineTransfer => {
            claim.unwrap_or(Verdict::Waiting("there is no such claim yet"))
        }
        Word::ApproveTransfer
            if action == Some(Action::Transfer) && moved_to == words.approved_to =>
        {
            Verdict::Applied
        }
        Word::RestoreWithGrace if action == Some(Action::GraceStart) => Verdict::Applied,
        Word::ReactivateAccount | Word::KeepPreviousAccount
            if action == Some(Action::Reactivate) =>
        {
            Verdict::Applied
        }
        Word::AssignGrace if action == Some(Action::GraceStart) => Verdict::Applied,
        _ if matches!(action, Some(Action::Transfer)) => Verdict::Refused(MOVED),
        _ if matches!(action, Some(Action::Withdraw)) => Verdict::Refused(WITHDRAWN),
        _ if matches!(action, Some(Action::Supersede)) => Verdict::Refused(SUPERSEDED),
        Word::NotALeaver | Word::AssignGrace | Word::Rename => match action {
            Some(Action::Release | Action::GraceExpire) => Verdict::Refused(RELEASED),
            _ => Verdict::Applied,
        },
        Word::ApproveTransfer if values[f::KEPT] == f::kept::DECIDED => {
            Verdict::Waiting("a not_a_leaver decision runs")
        }
        _ => Verdict::Waiting("the account is held"),
    }
}
