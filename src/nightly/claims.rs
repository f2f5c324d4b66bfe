//! The claims of other establishments on an account, once the account is decided.

use super::draft::{Draft, Draughtsman};
use super::look::Seen;
use super::outcome::Outcome;
use super::person::impossible;
use crate::decisions::Pending;
use crate::directory::Transfer;
use crate::effects::claims::{ClaimChange, Decided};
use crate::facts::Tonight;
use crate::facts::claim::{ClaimCase, Holding};
use crate::facts::person::{Case, Judged};
use crate::facts::registry::person as f;
use crate::model::{Action, EstId, State, Word, successors};
use crate::policy::table::{Outcome as RuleOutcome, Rule};

/// Decides the claims of every other establishment on the account.
pub(super) fn claims(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    action: Option<Action>,
    pending: &Pending,
    draft: &mut Draft,
    out: &mut Outcome,
) -> Vec<ClaimChange> {
    let tonight = desk.tonight;
    let known = case
        .place
        .map_or(&[][..], |place| tonight.people.transfers(place));
    let known = if action == Some(Action::Create) {
        &[][..]
    } else {
        known
    };
    let Some(holding) = holding(desk, case, judged, action, known.is_empty()) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for claim in claim_cases(tonight, case, known, pending) {
        if claim.claimant != holding.holder || claim.known.is_some() {
            changes.extend(one_claim(desk, case, &claim, &holding, pending, draft, out));
        }
    }
    changes.sort_by(|a, b| a.to_establishment.cmp(&b.to_establishment));
    changes
}

/// Every establishment that lists the person, is remembered or is named by a decision.
fn claim_cases<'a>(
    tonight: &Tonight<'a>,
    case: &Case<'a>,
    known: &'a [Transfer],
    pending: &Pending,
) -> Vec<ClaimCase<'a>> {
    let on_roll = case.standings.iter().filter(|s| s.on_roll());
    let mut claimants: Vec<EstId> = on_roll.map(|s| s.establishment).collect();
    let code_known = |t: &Transfer| tonight.roll.establishment_id(&t.to_establishment);
    claimants.extend(known.iter().filter_map(code_known));
    claimants.extend(pending.claims.iter().map(|c| c.0));
    claimants.sort_unstable();
    claimants.dedup();
    let person_held = tonight.is_person_held(case.person.key());
    let of_code = |claimant: EstId| {
        let code = &tonight.roll.establishment(claimant).code;
        let mut standings = case.standings.iter().copied();
        ClaimCase {
            claimant,
            known: known.iter().find(|t| t.to_establishment == *code),
            standing: standings.find(|s| s.establishment == claimant),
            word: pending.claims.iter().find(|c| c.0 == claimant).map(|c| c.1),
            person_held,
        }
    };
    // A claim of a code that another replaces tonight: its rows stand under the new code, as a claim of its own.
    let of_replaced = |known: &'a Transfer| {
        Some(ClaimCase {
            claimant: heir(tonight, &known.to_establishment)?,
            known: Some(known),
            standing: None,
            word: None,
            person_held,
        })
    };
    let listed = claimants.into_iter().map(of_code);
    listed.chain(known.iter().filter_map(of_replaced)).collect()
}

/// The establishment that replaces a code which is not listed any more.
fn heir(tonight: &Tonight<'_>, code: &str) -> Option<EstId> {
    if tonight.roll.establishment_id(code).is_some() {
        return None;
    }
    successors(&tonight.roll.establishments).get(code).copied()
}

/// How the account stands after its own decision; `None` when nobody can claim it.
fn holding(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    action: Option<Action>,
    nothing_known: bool,
) -> Option<Holding> {
    let moved = matches!(action, Some(Action::Transfer | Action::Create))
        || (action == Some(Action::Reactivate) && judged.values[f::ACCOUNT] != f::account::GRACE);
    let at = if moved { judged.target } else { judged.home };
    let state = match action {
        Some(
            Action::Release
            | Action::Withdraw
            | Action::GraceExpire
            | Action::Supersede
            | Action::Purge,
        ) => State::Inactive,
        Some(Action::Transfer | Action::Create | Action::Reactivate) => State::Active,
        Some(Action::GraceStart) => State::Grace,
        _ => case.account?.state,
    };
    if nothing_known && state == State::Inactive {
        return None;
    }
    let holder = if moved {
        judged.target?.establishment
    } else {
        case.holder?
    };
    Some(Holding {
        action,
        state,
        holder,
        before: case.holder.filter(|_| action != Some(Action::Create)),
        values: judged.values,
        row: at
            .filter(|s| s.on_roll())
            .map(|s| (s.row.status, s.row.time_share)),
        approved: action == Some(Action::Transfer)
            && case.words.approved_to.is_some()
            && case.words.approved_to == judged.target.map(|t| t.establishment)
            && desk.params().transfers.opens_as == "pending",
    })
}

fn one_claim(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    claim: &ClaimCase<'_>,
    holding: &Holding,
    pending: &Pending,
    draft: &mut Draft,
    out: &mut Outcome,
) -> Option<ClaimChange> {
    let tonight = desk.tonight;
    let values = claim.judge(tonight, holding);
    let table = &desk.policy.claim;
    let index = table.index(&values);
    let seen = Seen::of(table, index, case.place, Some(claim.claimant));
    desk.see(case.person.key(), seen, out);
    let rule: &Rule = table.decide(index);
    let approval = pending
        .standing
        .iter()
        .copied()
        .find(|i| desk.book.list[*i].word == Word::ApproveTransfer);
    let by_word = pending
        .claims
        .iter()
        .find(|c| c.0 == claim.claimant)
        .map(|c| c.2);
    desk.claim_notice(case, claim, rule, draft, out);
    let action = match rule.outcome {
        RuleOutcome::Action(action) => action,
        RuleOutcome::None => return None,
        RuleOutcome::Impossible => {
            out.faults.push(impossible(&rule.grounds.rule, "claim"));
            return None;
        }
    };
    let decided = match action {
        Action::TransferDefer | Action::TransferDecline if by_word.is_some() => by_word,
        _ if holding.approved => approval,
        _ => None,
    };
    let decided = decided.map(|i| Decided {
        on: desk.book.list[i].on,
        by: &desk.book.list[i].by,
    });
    draft.note_claim_rule(action, rule, index);
    Some(crate::effects::claims::apply(
        tonight,
        claim,
        holding,
        &draft.account_id,
        action,
        rule.state,
        decided,
    ))
}
