//! An action and what it does to the account's row.

use crate::directory::{Column, Edited};
use crate::facts::Tonight;
use crate::facts::clocks::release_of_absent;
use crate::facts::feedback;
use crate::facts::person::{Case, Judged, following};
use crate::facts::standing::Standing;
use crate::model::{Action, Category, Date, InactiveReason, State};

/// The account after an action; the caller has dealt with `purge` and `create`.
pub fn apply(
    tonight: &Tonight<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    action: Action,
    record: &mut Edited<'_>,
) {
    match action {
        Action::Transfer | Action::Reactivate => settle(tonight, judged, action, record),
        Action::Release => release(tonight, judged, record),
        Action::Withdraw => {
            deactivate(tonight, record, InactiveReason::OptedOut);
            // Retention counts from the withdrawal, not from an earlier leaving.
            blank(record, &[Column::LeftOn]);
            blank(record, &ENDED);
        }
        Action::GraceExpire => {
            deactivate(tonight, record, InactiveReason::GraceOver);
            record.set_date(Column::GraceUntil, judged.grace_until);
        }
        Action::GraceStart => start_grace(case, judged, record),
        Action::HoldLeaver => record.set_date(Column::HoldUntil, judged.window_until),
        Action::Supersede => {
            deactivate(tonight, record, InactiveReason::Superseded);
            // Nobody's any more: its person goes on with the previous account.
            blank(
                record,
                &[Column::PersonRef, Column::LeftOn, Column::HoldUntil],
            );
            blank(record, &ENDED);
        }
        Action::MarkAbsent => record.set_date(Column::MissingSince, Some(tonight.as_of)),
        Action::ClearAbsent => {
            record.set(Column::MissingSince, "");
            follow_roll(tonight, case, judged, record);
        }
        Action::Update => follow_roll(tonight, case, judged, record),
        _ => {}
    }
    let follows = [
        Action::Transfer,
        Action::Reactivate,
        Action::ClearAbsent,
        Action::Update,
    ];
    if follows.contains(&action) {
        hear_directory(tonight, record);
    }
}

/// What ends with an account's use, whatever ended it.
const ENDED: [Column; 3] = [
    Column::MissingSince,
    Column::GraceGrantedOn,
    Column::GraceUntil,
];

fn blank(record: &mut Edited<'_>, columns: &[Column]) {
    for column in columns {
        record.set(*column, "");
    }
}

/// Released by leaving date, or because no row was left.
fn release(tonight: &Tonight<'_>, judged: &Judged<'_>, record: &mut Edited<'_>) {
    let absent = judged.left_on.is_none();
    let reason = if absent {
        InactiveReason::Absent
    } else {
        InactiveReason::Left
    };
    deactivate(tonight, record, reason);
    record.set_date(Column::LeftOn, judged.left_on);
    blank(record, &ENDED);
}

/// An active account takes over what the real directory says of it.
pub fn hear_directory(tonight: &Tonight<'_>, record: &mut Edited<'_>) {
    if record.get(Column::State) != State::Active.as_str() {
        return;
    }
    let at = |column| record.get(column);
    let news = feedback::news(
        tonight,
        at(Column::Username),
        at(Column::DirectoryId),
        at(Column::LastSignIn),
    );
    for (column, value) in news {
        record.set(column, value);
    }
}

/// The names shown are those of the row that keeps the account (S5: somebody decided so).
pub fn rename_display(tonight: &Tonight<'_>, judged: &Judged<'_>, record: &mut Edited<'_>) {
    if let Some(home) = judged.home.filter(Standing::on_roll) {
        let names = super::names::account_names(tonight, home.row);
        record.set(Column::Surname, names.surname);
        record.set(Column::Forename, names.forename);
        let shown = super::names::display_name(tonight, home.row);
        record.set(Column::DisplayName, shown);
    }
}

/// Makes room for a new username: the address of the old one stays an alias, and a password is due.
pub fn rename_username(tonight: &Tonight<'_>, record: &mut Edited<'_>) {
    let own = format!(
        "{}@{}",
        record.get(Column::Username),
        tonight.params.names.email_domain
    );
    let address = record.get(Column::Email);
    // An adopted account's address may not tell its username, which must never be given to anybody else either.
    let same = address.split('@').next().map(str::to_lowercase);
    let tells = same == own.split('@').next().map(str::to_lowercase);
    let old = [address, if tells { "" } else { own.as_str() }];
    let known = record.get(Column::Aliases).split(';');
    let aliases = known.filter(|a| !old.contains(a)).chain(old);
    let aliases: Vec<&str> = aliases.filter(|a| !a.is_empty()).collect();
    let aliases = aliases.join(";");
    record.set(Column::Aliases, aliases);
    record.set_date(Column::CredentialsDueOn, Some(tonight.as_of));
}

/// A move or a return: the account belongs to where the person is on roll and is active there.
fn settle(tonight: &Tonight<'_>, judged: &Judged<'_>, action: Action, record: &mut Edited<'_>) {
    let active_before = record.get(Column::State) == State::Active.as_str();
    let goes_to_target = action == Action::Transfer || !is_return_home(judged);
    let target = judged.target.filter(|_| goes_to_target);
    if let Some(at) = target.or(judged.home) {
        settle_at(tonight, record, &at);
    }
    clear_leaving(record);
    if active_before {
        record.set(Column::HoldUntil, "");
    }
}

/// Grace begins: at leaving, or by restoring an inactive account.
fn start_grace(case: &Case<'_>, judged: &Judged<'_>, record: &mut Edited<'_>) {
    let inactive = record.get(Column::State) == State::Inactive.as_str();
    record.set(Column::State, State::Grace.as_str());
    record.set_date(Column::GraceUntil, judged.grace_until);
    for column in [
        Column::InactiveSince,
        Column::InactiveReason,
        Column::MissingSince,
    ] {
        record.set(column, "");
    }
    match case.words.restored_on.filter(|_| inactive) {
        Some(on) => record.set_date(Column::GraceGrantedOn, Some(on)),
        None => record.set_date(Column::LeftOn, judged.left_on),
    }
}

fn is_return_home(judged: &Judged<'_>) -> bool {
    use crate::facts::registry::person as f;
    judged.values[f::ACCOUNT] == f::account::GRACE
}

/// Keeps the identity of an account true whatever else happens: a new code of its establishment, a new
/// person_ref, a decision to grant grace or to hold a leaver. Says which decision words it wrote.
pub fn keep_identity(
    tonight: &Tonight<'_>,
    case: &Case<'_>,
    person_ref: &str,
    record: &mut Edited<'_>,
) {
    if !person_ref.is_empty() {
        record.set(Column::PersonRef, person_ref);
    }
    if let Some(holder) = case
        .holder
        .and_then(|h| tonight.roll.establishments.get(h.index()))
    {
        record.set(Column::Establishment, holder.code.as_str());
    }
}

/// A new account.
pub fn create(
    tonight: &Tonight<'_>,
    target: &Standing<'_>,
    person_ref: &str,
    account_id: &str,
) -> Edited<'static> {
    let mut record = Edited::blank();
    record.set(Column::AccountId, account_id);
    record.set(Column::PersonRef, person_ref);
    record.set(Column::Category, Category::Mis.as_str());
    let names = super::names::account_names(tonight, target.row);
    record.set(Column::Surname, names.surname);
    record.set(Column::Forename, names.forename);
    record.set(
        Column::DisplayName,
        super::names::display_name(tonight, target.row),
    );
    record.set_date(Column::CreatedOn, Some(tonight.as_of));
    record.set_date(Column::CredentialsDueOn, Some(tonight.as_of));
    settle_at(tonight, &mut record, target);
    record
}

/// Belongs to an establishment and follows its row.
fn settle_at(tonight: &Tonight<'_>, record: &mut Edited<'_>, at: &Standing<'_>) {
    record.set(Column::State, State::Active.as_str());
    record.set(
        Column::Establishment,
        tonight.roll.establishment(at.establishment).code.as_str(),
    );
    following(tonight, at, |column, value| record.set(column, value));
}

/// Becoming active clears what leaving wrote (SPEC §7).
fn clear_leaving(record: &mut Edited<'_>) {
    for column in [
        Column::LeftOn,
        Column::InactiveSince,
        Column::InactiveReason,
        Column::GraceGrantedOn,
        Column::GraceUntil,
        Column::MissingSince,
    ] {
        record.set(column, "");
    }
}

/// No longer usable from tonight.
pub fn deactivate(tonight: &Tonight<'_>, record: &mut Edited<'_>, reason: InactiveReason) {
    record.set(Column::State, State::Inactive.as_str());
    record.set_date(Column::InactiveSince, Some(tonight.as_of));
    record.set(Column::InactiveReason, reason.as_str());
}

/// What an `update` writes, by the state of the account.
fn follow_roll(
    tonight: &Tonight<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    record: &mut Edited<'_>,
) {
    match case.account.map(|a| a.state) {
        Some(State::Active) => {
            if let Some(home) = judged.home.filter(Standing::on_roll) {
                following(tonight, &home, |column, value| record.set(column, value));
            }
            if case.grant_lapsed(tonight, judged.left_on) {
                record.set(Column::GraceGrantedOn, "");
            }
        }
        Some(State::Grace) if case.corrected_grace(judged.left_on) => {
            record.set_date(Column::LeftOn, judged.left_on);
            record.set_date(Column::GraceUntil, judged.grace_until);
        }
        Some(State::Inactive) => {
            record.set_date(Column::LeftOn, case.corrected_left_on(judged.left_on))
        }
        Some(State::Grace) | None => {}
    }
}

/// The date of the cause (SPEC §7 `effective_on`).
pub fn effective_on(
    tonight: &Tonight<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    action: Action,
) -> Date {
    let start = judged.target.and_then(|t| t.row.start);
    let home_start = judged.home.and_then(|h| h.row.start);
    let missing = case.dates.missing_since;
    let found = match action {
        Action::Create | Action::Transfer => start,
        Action::Reactivate if is_return_home(judged) => home_start,
        Action::Reactivate => start,
        Action::Release if judged.left_on.is_none() => {
            missing.map(|since| release_of_absent(tonight.params, since))
        }
        Action::Release | Action::HoldLeaver => judged.left_on,
        Action::GraceStart => case.words.restored_on.or(judged.left_on),
        Action::GraceExpire => judged.grace_until,
        Action::Purge => judged.anniversary,
        _ => None,
    };
    found.unwrap_or(tonight.as_of)
}
