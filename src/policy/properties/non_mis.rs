//! Properties of the table for accounts that people ask for.

use super::{Case, Property, anything, decides};
use crate::facts::registry::non_mis as f;
use crate::model::Action::{Close, Create, Expire, Extend, Purge, Reactivate, Update};
use crate::policy::table::Outcome;

/// In the order of SPEC §13.
pub(super) static PROPERTIES: &[Property] = &[
    property!(2 purge_only_inactive about |r| decides(r, &[Purge]);
        "Only an inactive account is purged: none goes from usable to purged in one run."),
    property!(3 made_only_on_a_good_request about |r| decides(r, &[Create]);
        "An account is made only for a request that can be carried out tonight."),
    property!(3 reactivated_only_by_decision about |r| decides(r, &[Reactivate]);
        "Only an inactive account is reactivated, because somebody decided so, and never at a held establishment."),
    property!(3 purge_only_when_over_and_known about |r| decides(r, &[Purge]);
        "Nobody at a held establishment is purged, and nobody before the retention period is over."),
    property!(3 expires_only_when_over about |r| decides(r, &[Expire]);
        "An active account expires only when its last day has passed, or nobody signs in to it."),
    property!(3 closed_only_by_decision about |r| decides(r, &[Close]);
        "An active account is closed only because somebody decided so."),
    property!(3 extended_only_by_decision about |r| decides(r, &[Extend]);
        "An active account is extended only because somebody decided so, and only to a day that has not passed."),
    property!(3 over_never_stays about anything;
        "An active account whose last day has passed expires or is closed."),
    property!(9 request_is_answered about anything;
        "A request that is not carried out tonight gives a notice."),
    property!(11 decision_is_carried_out about anything;
        "A decision that can be carried out is not left undone."),
    property!(11 update_only_on_change about |r| decides(r, &[Update]);
        "Nothing is updated unless something differs or somebody decided to let the account expire."),
];

fn purge_only_inactive(case: &Case<'_>) -> bool {
    case.is(f::ACCOUNT, &[f::account::INACTIVE])
}

fn made_only_on_a_good_request(case: &Case<'_>) -> bool {
    case.is(f::ACCOUNT, &[f::account::NONE])
        && case.is(f::REQUEST, &[f::request::READY, f::request::DUPLICATE])
}

fn reactivated_only_by_decision(case: &Case<'_>) -> bool {
    case.is(f::ACCOUNT, &[f::account::INACTIVE])
        && case.is(f::DECISION, &[f::decision::REACTIVATE])
        && case.is(f::SCHOOL, &[f::school::KNOWN])
}

fn purge_only_when_over_and_known(case: &Case<'_>) -> bool {
    case.is(f::SCHOOL, &[f::school::KNOWN]) && case.is(f::RETENTION, &[f::retention::OVER])
}

fn is_active(case: &Case<'_>) -> bool {
    case.is(f::ACCOUNT, &[f::account::ACTIVE])
}

fn expires_only_when_over(case: &Case<'_>) -> bool {
    let over = case.is(f::EXPIRY, &[f::expiry::OVER]);
    is_active(case) && (over || case.is(f::SIGN_IN, &[f::sign_in::QUIET]))
}

fn closed_only_by_decision(case: &Case<'_>) -> bool {
    is_active(case) && case.is(f::DECISION, &[f::decision::CLOSE_NOW])
}

fn extended_only_by_decision(case: &Case<'_>) -> bool {
    is_active(case)
        && case.is(f::DECISION, &[f::decision::KEEP])
        && !case.is(f::EXPIRY, &[f::expiry::OVER])
}

fn over_never_stays(case: &Case<'_>) -> bool {
    let concerned = is_active(case) && case.is(f::EXPIRY, &[f::expiry::OVER]);
    !concerned || case.does(Expire) || case.does(Close)
}

fn request_is_answered(case: &Case<'_>) -> bool {
    case.is(f::REQUEST, &[f::request::NONE])
        || case.does(Create)
        || !case.rule.notice.code(case.values).is_empty()
}

fn decision_is_carried_out(case: &Case<'_>) -> bool {
    match case.values[f::DECISION] {
        f::decision::NONE => true,
        // An account that ends tonight all the same has nothing left to be let expire or extended.
        f::decision::KEEP => case.does(Extend) || case.does(Expire),
        f::decision::CLOSE_NOW => case.does(Close),
        f::decision::CLOSE_ON_EXPIRY => case.does(Update) || case.does(Expire),
        _ => case.does(Reactivate),
    }
}

fn update_only_on_change(case: &Case<'_>) -> bool {
    let decided = case.is(f::DECISION, &[f::decision::CLOSE_ON_EXPIRY]);
    !matches!(case.rule.outcome, Outcome::Action(Update))
        || case.is(f::DETAILS, &[f::details::CHANGED])
        || decided
}
