//! Properties of the table for claims.

use super::{Case, Property, anything, decides};
use crate::facts::registry::claim as c;
use crate::model::Action::{
    TransferClose, TransferDecline, TransferDefer, TransferPending, Update,
};
use crate::policy::table::Outcome;

/// In the order of SPEC §13.
pub(super) static PROPERTIES: &[Property] = &[
    property!(3 claim_needs_a_row about |r| decides(r, &[TransferPending]);
        "A claim opens only for who is on roll at the claimant."),
    property!(3 new_claim_needs_a_holder about |r| decides(r, &[TransferPending]);
        "No new claim opens while the holder's good export lacks the person, nor for a subsidiary row while the holder lists them."),
    property!(3 held_claimant_changes_nothing about anything;
        "While the claimant's export is held, a claim that nobody decided on stays as it is."),
    property!(11 claim_opens_once about |r| decides(r, &[TransferPending]);
        "A claim opens anew only when none is known, or when the facts of a settled one changed."),
    property!(11 claim_closes_when_its_cause_ends about |r| decides(r, &[TransferClose]);
        "A claim closes only when its enrolment ended or the account arrived."),
    property!(11 only_decided_claims_are_settled about |r| decides(r, &[TransferDefer, TransferDecline]);
        "A claim is deferred or declined only because somebody decided so, or approved another."),
    property!(11 purged_account_has_no_claims about anything;
        "Nothing is done to the claims of an account that is purged: they go with it."),
    property!(11 claim_update_needs_a_claim about |r| decides(r, &[Update]);
        "Only a remembered claim that differs, or the holder left behind by an approval, is updated."),
];

fn is_new(case: &Case<'_>) -> bool {
    case.is(c::KNOWN, &[c::known::NONE])
}

fn claim_needs_a_row(case: &Case<'_>) -> bool {
    case.is(c::ROW, &[c::row::ON_ROLL])
}

fn new_claim_needs_a_holder(case: &Case<'_>) -> bool {
    let lists = case.is(c::HOLDER, &[c::holder::LISTS]);
    let gives_way = lists && case.is(c::SUBSIDIARY, &[c::subsidiary::YES]);
    !is_new(case) || ((lists || case.is(c::HOLDER, &[c::holder::UNKNOWN])) && !gives_way)
}

fn held_claimant_changes_nothing(case: &Case<'_>) -> bool {
    let concerned = case.is(c::ROW, &[c::row::UNKNOWN])
        && !is_new(case)
        && !case.is(c::HOLDER, &[c::holder::HERE, c::holder::PURGED])
        && case.is(c::DECISION, &[c::decision::NONE]);
    !concerned || case.rule.outcome == Outcome::None
}

fn claim_opens_once(case: &Case<'_>) -> bool {
    let settled = case.is(c::KNOWN, &[c::known::DECLINED, c::known::APPROVED]);
    is_new(case) || (settled && case.is(c::CHANGED, &[c::changed::CLAIM]))
}

fn claim_closes_when_its_cause_ends(case: &Case<'_>) -> bool {
    !is_new(case) && (case.is(c::ROW, &[c::row::GONE]) || case.is(c::HOLDER, &[c::holder::HERE]))
}

fn only_decided_claims_are_settled(case: &Case<'_>) -> bool {
    if case.does(TransferDefer) {
        case.is(c::DECISION, &[c::decision::DEFER])
    } else {
        case.is(c::DECISION, &[c::decision::DECLINE, c::decision::LOST])
    }
}

fn purged_account_has_no_claims(case: &Case<'_>) -> bool {
    !case.is(c::HOLDER, &[c::holder::PURGED]) || case.rule.outcome == Outcome::None
}

fn claim_update_needs_a_claim(case: &Case<'_>) -> bool {
    let left_behind = case.is(c::DECISION, &[c::decision::LEFT_BEHIND]);
    left_behind || (!is_new(case) && !case.is(c::CHANGED, &[c::changed::SAME]))
}
