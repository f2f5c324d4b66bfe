//! What `policy.toml` may say: ranges, dates, patterns and words.

mod groups;
mod windows;

use super::params::{Names, NonMis, Params};
use crate::calendar::Duration;
use crate::identity::Pattern;
use crate::model::Role;
pub(super) use windows::limits;
use windows::{calendar_hold, guards};

/// Every decision of SPEC §3.
const DECISIONS: &[&str] = &[
    "approve_transfer",
    "defer_transfer",
    "decline_transfer",
    "assign_grace",
    "restore_with_grace",
    "not_a_leaver",
    "keep_account",
    "close_account",
    "reactivate_account",
    "keep_previous_account",
    "rename",
    "restore_group",
];

/// What a learner's row may be required to have.
const LEARNER_COLUMNS: &[&str] = &[
    "names",
    "legal_surname",
    "legal_forename",
    "identifier",
    "permanent_identifier",
    "admission_number",
    "admission_date",
    "year_group",
    "registration_class",
    "login",
];

/// What a staff row may be required to have.
const STAFF_COLUMNS: &[&str] = &[
    "names",
    "legal_surname",
    "legal_forename",
    "identifier",
    "start_date",
    "staff_type",
    "registration_number",
    "login",
];

/// Who can mend what a notice tells of.
const OWNERS: [&str; 3] = ["school", "authority", "platform"];

/// Every fault of the parameters, in the order of the file.
pub(super) fn check(params: &Params) -> Vec<String> {
    let mut faults = Vec::new();
    let mut say = |holds: bool, text: String| {
        if !holds {
            faults.push(format!("policy.toml: {text}"));
        }
    };
    let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    say(
        !params.name.is_empty() && params.name.len() <= 32 && params.name.bytes().all(is_name),
        "name must be 1 to 32 small letters, digits, `-` or `_`".to_owned(),
    );
    say(!params.title.trim().is_empty(), "title is blank".to_owned());
    for owner in OWNERS {
        say(
            params
                .owners
                .get(owner)
                .is_some_and(|who| !who.trim().is_empty()),
            format!("owners.{owner} must say what people call them"),
        );
    }
    for owner in params.owners.keys() {
        say(
            OWNERS.contains(&owner.as_str()),
            format!("owners.{owner} is not one of {}", OWNERS.join(", ")),
        );
    }
    say(
        ["staff_code", "staff_id"].contains(&params.identity.staff.as_str()),
        "identity.staff must be staff_code or staff_id".to_owned(),
    );
    for (list, known, name) in [
        (&params.complete.learner, LEARNER_COLUMNS, "learner"),
        (&params.complete.staff, STAFF_COLUMNS, "staff"),
    ] {
        for column in list {
            say(
                known.contains(&column.as_str()),
                format!(
                    "complete.{name}: `{column}` is not one of {}",
                    known.join(", ")
                ),
            );
        }
        let named = list
            .iter()
            .any(|c| ["names", "legal_surname", "legal_forename"].contains(&c.as_str()));
        say(
            named,
            format!("complete.{name} must ask for a name, or no username could be made"),
        );
    }
    for (value, low, high, name) in numbers(params) {
        say(
            (low..=high).contains(&value),
            format!("{name} is {value}; it must be {low} to {high}"),
        );
    }
    say(
        params.transfers.opening_state().is_some(),
        "transfers.opens_as must be pending or waiting_release".to_owned(),
    );
    for decision in &params.decisions.accepted {
        say(
            DECISIONS.contains(&decision.as_str()),
            format!("decisions.accepted: `{decision}` is not a decision"),
        );
        let about_grace = ["assign_grace", "restore_with_grace"].contains(&decision.as_str());
        say(
            !about_grace || params.grace.is_some(),
            format!("decisions.accepted: `{decision}` needs the section [grace]"),
        );
    }
    faults.extend(names(&params.names));
    for hold in &params.calendar_hold {
        faults.extend(calendar_hold(hold));
    }
    faults.extend(params.non_mis.as_ref().map(non_mis).unwrap_or_default());
    faults.extend(params.groups.iter().flat_map(groups::groups));
    faults.extend(guards(&params.guards));
    faults
}

/// What `[non_mis]` may say: never a learner (S4), and durations that can be counted.
fn non_mis(own: &NonMis) -> Vec<String> {
    let mut faults = Vec::new();
    if own.roles.contains(&Role::Learner) {
        faults.push("policy.toml: non_mis.roles: no learner has an account on request".to_owned());
    }
    for (list, name) in [
        (&own.organisation, "organisation"),
        (&own.expiry, "expiry"),
        (&own.without_school, "without_school"),
    ] {
        for role in list.iter().filter(|role| !own.roles.contains(role)) {
            faults.push(format!(
                "policy.toml: non_mis.{name}: `{role}` is not one of non_mis.roles"
            ));
        }
    }
    for word in own
        .durations
        .iter()
        .filter(|word| Duration::parse(word).is_none())
    {
        faults.push(format!(
            "policy.toml: non_mis.durations: `{word}` must be <n>_month, <n>_months, end_of_academic_year or end_of_next_academic_year"
        ));
    }
    faults
}

/// Every number outside the guards, with the range it must lie in.
fn numbers(params: &Params) -> Vec<(u32, u32, u32, &'static str)> {
    let mut numbers = vec![
        (
            params.on_roll.start_ahead_days,
            0,
            120,
            "on_roll.start_ahead_days",
        ),
        (
            params.names.username_max.try_into().unwrap_or(u32::MAX),
            8,
            64,
            "names.username_max",
        ),
        (
            params.names.username_first_number,
            0,
            1000,
            "names.username_first_number",
        ),
        (
            params.gate.max_export_age_days,
            0,
            60,
            "gate.max_export_age_days",
        ),
        (params.gate.shrink_percent, 0, 100, "gate.shrink_percent"),
        (params.gate.shrink_count, 0, 1000, "gate.shrink_count"),
        (
            params.gate.held_establishments_max_percent,
            0,
            100,
            "gate.held_establishments_max_percent",
        ),
        (params.absence.release_days, 1, 365, "absence.release_days"),
        (params.retention.months, 1, 120, "retention.months"),
        (
            params.retention.inactive_days_min,
            1,
            365,
            "retention.inactive_days_min",
        ),
        (params.decisions.wait_days, 1, 365, "decisions.wait_days"),
        (
            params.decisions.not_a_leaver_days,
            1,
            365,
            "decisions.not_a_leaver_days",
        ),
    ];
    if let Some(own) = &params.non_mis {
        numbers.push((own.soon_days, 1, 365, "non_mis.soon_days"));
        numbers.extend(
            own.sign_in_days
                .map(|days| (days, 1, 3650, "non_mis.sign_in_days")),
        );
    }
    if let Some(grace) = &params.grace {
        numbers.push((grace.days, 1, 365, "grace.days"));
        numbers.push((grace.request_days, 0, 365, "grace.request_days"));
        numbers.push((grace.grant_months, 1, 60, "grace.grant_months"));
    }
    if let Some(consent) = &params.consent {
        numbers.push((consent.keep_months, 12, 120, "consent.keep_months"));
    }
    numbers
}

fn names(names: &Names) -> Vec<String> {
    let mut faults = Vec::new();
    for (pattern, name) in [
        (&names.username, "username"),
        (&names.username_fallback, "username_fallback"),
    ] {
        let read =
            Pattern::parse(pattern).and_then(|pattern| pattern.check_room(names.username_max));
        if let Err(fault) = read {
            faults.push(format!("policy.toml: names.{name}: {fault}"));
        }
    }
    for (pattern, name) in [
        (&names.display_learner, "display_learner"),
        (&names.display_staff, "display_staff"),
    ] {
        if !is_display(pattern) {
            faults.push(format!(
                "policy.toml: names.{name} must hold {{surname}}, {{forename}}, {{s}} or {{f}}, and no other part"
            ));
        }
    }
    let label = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !names.email_domain.contains('.') || !names.email_domain.split('.').all(label) {
        faults.push(
            "policy.toml: names.email_domain must be a domain: letters, digits, `-` and dots"
                .to_owned(),
        );
    }
    faults
}

fn is_display(pattern: &str) -> bool {
    let mut parts = 0;
    let mut rest = pattern;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((part, tail)) = after.split_once('}') else {
            return false;
        };
        if !["surname", "forename", "s", "f"].contains(&part) {
            return false;
        }
        parts += 1;
        rest = tail;
    }
    parts > 0 && !rest.contains('}')
}
