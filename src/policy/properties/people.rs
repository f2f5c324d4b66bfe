//! Properties of the tables for learners and staff.

use super::{Case, Property, anything, decides};
use crate::facts::registry::person as f;
use crate::model::Action;
use crate::policy::table::Outcome;

use Action::{
    ClearAbsent, Create, GraceExpire, GraceStart, HoldLeaver, MarkAbsent, Purge, Reactivate,
    Release, Supersede, Transfer, Update, Withdraw,
};

/// In the order of SPEC §13.
pub(super) static PROPERTIES: &[Property] = &[
    property!(2 purge_only_inactive about |r| decides(r, &[Purge]);
        "Only an inactive account is purged: none goes from usable to purged in one run."),
    property!(3 received_only_where_ready about |r| decides(r, &[Create, Reactivate, Transfer]);
        "Nobody is created, reactivated or moved except to an establishment that has them on roll, complete and shared; after grace also back to their own."),
    property!(3 held_are_not_received about |r| decides(r, &[Create, Reactivate, Transfer]);
        "Nobody with a rejected row is created, reactivated or moved, but for a transfer that is settled."),
    property!(3 action_fits_account about |r| decides(r, &[Create, Reactivate, Transfer, GraceStart, HoldLeaver]);
        "An account is created where none is usable, reactivated from grace or inactive, and moved only while usable."),
    property!(3 holder_gives_way_only_to_an_answer about |r| decides(r, &[Transfer]);
        "An active account does not leave an establishment that may still list the person, unless the question is settled or that establishment is not in."),
    property!(3 roll_known_for_release_and_absence about |r| decides(r, &[Release, MarkAbsent, ClearAbsent]);
        "Nobody held, or at a held establishment, is released, marked absent or cleared."),
    property!(3 release_only_when_gone about |r| decides(r, &[Release]);
        "Only who left, or who has been marked as missing and still is, is released."),
    property!(3 withdraw_only_when_out about |r| decides(r, &[Withdraw]);
        "A usable account is withdrawn only because authority, establishment or person are not in; the person's own choice counts only from a roll that is known."),
    property!(3 purge_only_when_over_and_known about |r| decides(r, &[Purge]);
        "Nobody held, or at a held last establishment, is purged, and nobody before the retention period is over."),
    property!(3 grace_ends_when_over about |r| decides(r, &[GraceExpire]);
        "A grace period ends only when its last day has passed."),
    property!(3 grace_begins_when_granted about |r| decides(r, &[GraceStart]);
        "A grace period begins only when it was granted and the roll is known."),
    property!(3 incomplete_row_keeps_as_complete about anything;
        "Whether the row at an active account's own establishment is complete changes nothing of what is done to it."),
    property!(3 incomplete_claim_keeps_nobody about anything;
        "An incomplete row elsewhere keeps no leaver's account: left, it is treated as if no other establishment listed the person."),
    property!(3 calendar_hold_begins_once about |r| decides(r, &[HoldLeaver]);
        "A calendar hold is written on the night on which its window opens."),
    property!(3 kept_by_decision about |r| decides(r, &[Release, Transfer, GraceExpire, MarkAbsent]);
        "While not_a_leaver runs, nobody is released, moved, marked absent, or loses grace; only where nothing is shared any more a move stands in for the withdrawal."),
    property!(3 not_in_never_stays about anything;
        "A usable account whose authority or establishment is not in is withdrawn or moved."),
    property!(3 opted_out_never_stays about anything;
        "A usable account whose holder opted out is withdrawn, once the roll is known."),
    property!(4 one_of_two_accounts_goes_on about anything;
        "Where somebody decided that a previous account goes on, it is reactivated and the newer one superseded: both, or neither."),
    property!(4 superseded_only_by_decision about |r| decides(r, &[Supersede]);
        "An account is superseded only because somebody decided that a previous one goes on in its place."),
    property!(9 on_roll_has_account_or_reason about anything;
        "Everyone on roll ends with a usable account, a notice, a fault, or is counted as not shared."),
    property!(11 update_only_on_change about |r| decides(r, &[Update]);
        "Nothing is updated unless something differs."),
    property!(11 absence_marked_and_cleared_once about |r| decides(r, &[MarkAbsent, ClearAbsent]);
        "Only who has no row and no mark is marked absent; only a mark is cleared."),
    property!(11 change_is_never_forgotten about |r| r.outcome == Outcome::None;
        "A change of what follows the roll is not left undone while person and roll are known."),
];

fn purge_only_inactive(case: &Case<'_>) -> bool {
    case.is(f::ACCOUNT, &[f::account::INACTIVE, f::account::RETIRED])
}

fn received_only_where_ready(case: &Case<'_>) -> bool {
    let back_from_grace = case.does(Reactivate)
        && case.is(f::ACCOUNT, &[f::account::GRACE])
        && case.is(f::HOME, &[f::home::ON_ROLL])
        && case.is(f::OPTED_IN, &[f::opted_in::YES]);
    case.can_move() || back_from_grace
}

fn held_are_not_received(case: &Case<'_>) -> bool {
    let settled = case.does(Transfer) && case.is(f::ELSEWHERE, &[f::elsewhere::SETTLED]);
    case.is(f::HELD, &[f::held::NO]) || settled
}

fn action_fits_account(case: &Case<'_>) -> bool {
    use f::account::{ACTIVE, GRACE, INACTIVE, NONE};
    match case.rule.outcome {
        Outcome::Action(Create) => case.is(f::ACCOUNT, &[NONE, INACTIVE]),
        Outcome::Action(Reactivate) => {
            case.is(f::ACCOUNT, &[GRACE, INACTIVE])
                || case.is(f::RETURNED, &[f::returned::TAKES_OVER])
        }
        Outcome::Action(GraceStart) => case.is(f::ACCOUNT, &[ACTIVE, INACTIVE]),
        Outcome::Action(HoldLeaver) => case.is(f::ACCOUNT, &[ACTIVE]),
        _ => case.usable_before(),
    }
}

fn holder_gives_way_only_to_an_answer(case: &Case<'_>) -> bool {
    let may_list = case.is(
        f::HOME,
        &[
            f::home::ON_ROLL,
            f::home::INCOMPLETE,
            f::home::AHEAD,
            f::home::UNKNOWN,
        ],
    );
    !(case.is(f::ACCOUNT, &[f::account::ACTIVE]) && may_list)
        || case.is(f::ELSEWHERE, &[f::elsewhere::SETTLED])
        || case.is(f::OPTED_IN, &[f::opted_in::NOT_IN])
}

fn roll_known_for_release_and_absence(case: &Case<'_>) -> bool {
    case.usable_before() && case.roll_is_known()
}

fn release_only_when_gone(case: &Case<'_>) -> bool {
    case.is(f::HOME, &[f::home::LEFT])
        || (case.is(f::HOME, &[f::home::NO_ROW]) && !case.is(f::ABSENCE, &[f::absence::NONE]))
}

fn withdraw_only_when_out(case: &Case<'_>) -> bool {
    case.usable_before()
        && !case.is(f::OPTED_IN, &[f::opted_in::YES])
        && (case.is(f::OPTED_IN, &[f::opted_in::NOT_IN]) || case.roll_is_known())
}

fn purge_only_when_over_and_known(case: &Case<'_>) -> bool {
    case.roll_is_known() && case.is(f::RETENTION, &[f::retention::OVER])
}

fn grace_ends_when_over(case: &Case<'_>) -> bool {
    case.is(f::ACCOUNT, &[f::account::GRACE]) && case.is(f::GRACE, &[f::grace::OVER])
}

fn grace_begins_when_granted(case: &Case<'_>) -> bool {
    case.is(f::GRACE, &[f::grace::GRANTED]) && case.roll_is_known()
}

fn incomplete_row_keeps_as_complete(case: &Case<'_>) -> bool {
    let concerned =
        case.is(f::ACCOUNT, &[f::account::ACTIVE]) && case.is(f::HOME, &[f::home::INCOMPLETE]);
    !concerned
        || same(
            case.rule.outcome,
            case.outcome_with(f::HOME, f::home::ON_ROLL),
        )
}

fn incomplete_claim_keeps_nobody(case: &Case<'_>) -> bool {
    let concerned = case.is(f::ACCOUNT, &[f::account::ACTIVE])
        && case.is(f::HOME, &[f::home::LEFT])
        && case.is(f::ELSEWHERE, &[f::elsewhere::INCOMPLETE]);
    !concerned
        || same(
            case.rule.outcome,
            case.outcome_with(f::ELSEWHERE, f::elsewhere::NONE),
        )
}

/// Equal, or one of the two cannot occur.
fn same(a: Outcome, b: Outcome) -> bool {
    a == b || a == Outcome::Impossible || b == Outcome::Impossible
}

fn calendar_hold_begins_once(case: &Case<'_>) -> bool {
    case.is(f::KEPT, &[f::kept::WINDOW_OPENS])
}

fn kept_by_decision(case: &Case<'_>) -> bool {
    // Withdrawn tonight, the next run would bring the account back at the same claimant (SPEC §13.6).
    let instead_of_withdrawal = case.does(Transfer) && case.is(f::OPTED_IN, &[f::opted_in::NOT_IN]);
    instead_of_withdrawal || !case.is(f::KEPT, &[f::kept::DECIDED])
}

fn not_in_never_stays(case: &Case<'_>) -> bool {
    let concerned = case.usable_before() && case.is(f::OPTED_IN, &[f::opted_in::NOT_IN]);
    !concerned || case.does(Withdraw) || case.does(Transfer)
}

fn opted_out_never_stays(case: &Case<'_>) -> bool {
    let concerned = case.usable_before()
        && case.is(f::OPTED_IN, &[f::opted_in::PERSON_OUT])
        && case.roll_is_known();
    !concerned || case.does(Withdraw)
}

fn on_roll_has_account_or_reason(case: &Case<'_>) -> bool {
    let usable_after = match case.rule.outcome {
        // A superseded account leaves its person with the previous one (`one_of_two_accounts_goes_on`).
        Outcome::Action(Create | Reactivate | Transfer | GraceStart | Supersede) => true,
        Outcome::Action(Withdraw | Release | GraceExpire | Purge) => false,
        _ => case.usable_before(),
    };
    let on_roll = case.is(f::HOME, &[f::home::ON_ROLL, f::home::INCOMPLETE])
        || !case.is(f::ELSEWHERE, &[f::elsewhere::NONE]);
    usable_after
        || !on_roll
        || case.is(f::HELD, &[f::held::YES])
        || !case.is(f::OPTED_IN, &[f::opted_in::YES])
        || !case.rule.notice.code(case.values).is_empty()
}

fn one_of_two_accounts_goes_on(case: &Case<'_>) -> bool {
    match case.values[f::RETURNED] {
        f::returned::TAKES_OVER => case.does(Reactivate),
        f::returned::GIVES_WAY => case.does(Supersede),
        _ => true,
    }
}

fn superseded_only_by_decision(case: &Case<'_>) -> bool {
    case.is(f::RETURNED, &[f::returned::GIVES_WAY]) && case.usable_before() && case.roll_is_known()
}

fn update_only_on_change(case: &Case<'_>) -> bool {
    case.is(f::DETAILS, &[f::details::CHANGED]) && !case.is(f::ACCOUNT, &[f::account::NONE])
}

fn absence_marked_and_cleared_once(case: &Case<'_>) -> bool {
    let unmarked = case.is(f::ABSENCE, &[f::absence::NONE]);
    if case.does(MarkAbsent) {
        unmarked && case.is(f::HOME, &[f::home::NO_ROW])
    } else {
        !unmarked
    }
}

fn change_is_never_forgotten(case: &Case<'_>) -> bool {
    !(case.is(f::DETAILS, &[f::details::CHANGED])
        && case.is(f::HELD, &[f::held::NO])
        && case.is(f::HOME, &[f::home::ON_ROLL, f::home::INCOMPLETE])
        && case.is(f::ACCOUNT, &[f::account::ACTIVE]))
}
