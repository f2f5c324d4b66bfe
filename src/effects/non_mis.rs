//! An action and what it does to an account that somebody asked for.

use super::names::{Names, shown};
use crate::calendar::plus_days;
use crate::decisions::Request;
use crate::directory::{Column, Edited};
use crate::facts::Tonight;
use crate::facts::non_mis::{Judged, Standing};
use crate::facts::registry::non_mis as f;
use crate::model::{Action, Category, Date, InactiveReason, State};

/// The account after an action; the caller deals with `purge` and `create`.
pub fn apply(
    tonight: &Tonight<'_>,
    account: &Standing,
    judged: &Judged,
    action: Action,
    record: &mut Edited<'_>,
) {
    if let Some(at) = account.holder {
        let code = tonight.roll.establishment(at).code.as_str();
        record.set(Column::Establishment, code);
    }
    let wish = judged.values[f::DECISION];
    match action {
        Action::Extend => {
            record.set_date(Column::ExpiresOn, judged.expires_on);
            record.set(Column::ClosesOnExpiry, "");
            restart_sign_in(tonight, record);
        }
        Action::Expire => {
            record.set_date(Column::ExpiresOn, judged.expires_on);
            super::account::deactivate(tonight, record, InactiveReason::Expired);
        }
        Action::Close => super::account::deactivate(tonight, record, InactiveReason::Closed),
        Action::Reactivate => {
            record.set(Column::State, State::Active.as_str());
            for column in [
                Column::InactiveSince,
                Column::InactiveReason,
                Column::ClosesOnExpiry,
            ] {
                record.set(column, "");
            }
            record.set_date(Column::ExpiresOn, judged.expires_on);
            restart_sign_in(tonight, record);
        }
        Action::Update if wish == f::decision::CLOSE_ON_EXPIRY => {
            record.set(Column::ClosesOnExpiry, "Y");
        }
        _ => {}
    }
    super::account::hear_directory(tonight, record);
}

/// Somebody's word stands for a sign-in: the days without one are counted anew.
fn restart_sign_in(tonight: &Tonight<'_>, record: &mut Edited<'_>) {
    let own = tonight.params.non_mis.as_ref();
    if let Some(days) = own.and_then(|own| own.sign_in_days) {
        record.set_date(Column::HoldUntil, Some(plus_days(tonight.as_of, days)));
    }
}

/// A new account, as a request describes it; its username is given later.
pub fn create(
    tonight: &Tonight<'_>,
    request: &Request,
    judged: &Judged,
    account_id: &str,
) -> Edited<'static> {
    let mut record = Edited::blank();
    let names = Names {
        surname: &request.surname,
        forename: &request.forename,
    };
    let display = shown(&tonight.params.names, request.role, names);
    for (column, value) in [
        (Column::AccountId, account_id),
        (Column::Category, Category::NonMis.as_str()),
        (Column::Role, request.role.as_str()),
        (Column::State, State::Active.as_str()),
        (Column::Establishment, &request.establishment),
        (Column::DisplayName, &display),
        (Column::Surname, names.surname),
        (Column::Forename, names.forename),
        (Column::Organisation, &request.organisation),
        (Column::JobTitle, &request.job_title),
        (Column::WorkEmail, &request.work_email),
        (Column::ContactNumber, &request.contact_number),
    ] {
        record.set(column, value);
    }
    record.set_date(Column::CreatedOn, Some(tonight.as_of));
    record.set_date(Column::CredentialsDueOn, Some(tonight.as_of));
    record.set_date(Column::ExpiresOn, judged.expires_on);
    record
}

/// The date of the cause (SPEC §7 `effective_on`).
pub fn effective_on(
    tonight: &Tonight<'_>,
    account: &Standing,
    judged: &Judged,
    action: Action,
) -> Date {
    let over = judged.values[f::EXPIRY] == f::expiry::OVER;
    let found = match action {
        Action::Expire if over => judged.expires_on,
        Action::Expire => account.quiet_from(tonight),
        Action::Purge => judged.anniversary,
        _ => None,
    };
    found.unwrap_or(tonight.as_of)
}
