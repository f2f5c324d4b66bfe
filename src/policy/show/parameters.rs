//! The parameters in plain words.

use std::collections::BTreeMap;

use crate::model::Role;
use crate::policy::check_params::limits;
use crate::policy::params::{GroupYear, LearnerIdentifier, Limit, NameChoice, Params, StaffScope};

/// Sections with their lines.
pub(super) fn sections(params: &Params) -> Vec<(&'static str, Vec<String>)> {
    let mut sections = vec![
        ("Who is who", identity(params)),
        ("Who gets an account", eligible(params)),
        ("Consent", consent(params)),
        ("Names", names(params)),
        ("The gate", gate(params)),
        ("Leaving", leaving(params)),
        ("Claims and decisions", claims(params)),
        ("Accounts that people ask for", non_mis(params)),
        ("Groups", groups(params)),
        ("Guards", guards(params)),
    ];
    let owners = params
        .owners
        .iter()
        .map(|(owner, who)| format!("{owner}: {who}"))
        .collect();
    sections.push(("Who mends what", owners));
    sections
}

fn identity(params: &Params) -> Vec<String> {
    let number = match params.identity.learner {
        LearnerIdentifier::Upn => "UPN",
        LearnerIdentifier::Scn => "SCN",
    };
    let scope = match params.identity.staff_scope {
        StaffScope::Establishment => "establishment",
        StaffScope::Authority => "authority",
    };
    vec![
        format!("learners are matched by {number}, nation-wide"),
        format!(
            "staff are matched by {} within one {scope}",
            params.identity.staff
        ),
    ]
}

fn eligible(params: &Params) -> Vec<String> {
    let mut lines = Vec::new();
    if params.eligible.maintained {
        lines.push("only maintained establishments".to_owned());
    }
    if params.eligible.data_sharing {
        lines.push("only where authority and establishment share data".to_owned());
    }
    lines.push(format!(
        "a learner's row must have: {}",
        params.complete.learner.join(", ")
    ));
    lines.push(format!(
        "a staff row must have: {}",
        params.complete.staff.join(", ")
    ));
    lines.push(format!(
        "a start up to {} ahead counts as on roll",
        days(params.on_roll.start_ahead_days)
    ));
    if params.on_roll.teaching_needs_registration {
        lines.push("staff without a registration number are non-teaching staff".to_owned());
    }
    lines
}

fn consent(params: &Params) -> Vec<String> {
    let Some(consent) = &params.consent else {
        return vec!["not asked".to_owned()];
    };
    let word = |is_in: bool| if is_in { "in" } else { "not in" };
    vec![
        format!(
            "a blank of an authority means {}",
            word(consent.authority_default)
        ),
        format!(
            "a blank of an establishment means {}",
            word(consent.establishment_default)
        ),
        "a person's blank means in, or the last explicit choice".to_owned(),
        format!(
            "a choice is kept for {} months after the person was last on roll",
            consent.keep_months
        ),
    ]
}

fn non_mis(params: &Params) -> Vec<String> {
    let Some(own) = &params.non_mis else {
        return vec!["reported, never made or changed: accounts come from the roll".to_owned()];
    };
    let list = |roles: &[Role]| {
        let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        words.join(", ")
    };
    let mut lines = vec![
        format!("roles: {}", list(&own.roles)),
        format!("must name an organisation: {}", list(&own.organisation)),
        format!("must name a last day: {}", list(&own.expiry)),
        format!(
            "may stand without an establishment: {}",
            list(&own.without_school)
        ),
        "the last day is at most the 31 August that ends the academic year".to_owned(),
        format!(
            "on the list of those that expire soon for {}",
            days(own.soon_days)
        ),
        format!("kept for: {}", own.durations.join(", ")),
    ];
    lines.extend(own.sign_in_days.map(|n| {
        format!(
            "expire after {} without a sign-in, where the directory tells",
            days(n)
        )
    }));
    lines
}

fn names(params: &Params) -> Vec<String> {
    let names = &params.names;
    let choice = |choice: NameChoice| match choice {
        NameChoice::Legal => "legal",
        NameChoice::Preferred => "preferred, else legal",
    };
    let follows = if names.follow_roll {
        "follow the roll"
    } else {
        "stay as they are; a difference is reported"
    };
    vec![
        format!(
            "accounts carry {} names, which {follows}",
            choice(names.account)
        ),
        format!(
            "usernames are made of {} names as {}",
            choice(names.username_from),
            names.username
        ),
        format!("for a denied stem as {}", names.username_fallback),
        format!(
            "at most {} characters; the first number is {}",
            names.username_max, names.username_first_number
        ),
        format!("e-mail addresses end in @{}", names.email_domain),
        format!(
            "display names: learners {}, staff {}",
            names.display_learner, names.display_staff
        ),
    ]
}

fn gate(params: &Params) -> Vec<String> {
    let gate = &params.gate;
    vec![
        format!("an export may be {} old", days(gate.max_export_age_days)),
        format!(
            "of an establishment's usable accounts, {} % or {} may be without a row for the first time",
            gate.shrink_percent, gate.shrink_count
        ),
        format!(
            "above {} % of held establishments a run says so (exit code 3)",
            gate.held_establishments_max_percent
        ),
    ]
}

fn leaving(params: &Params) -> Vec<String> {
    let mut lines = vec![format!(
        "who is missing is released after {}",
        days(params.absence.release_days)
    )];
    match &params.grace {
        None => lines.push("there is no grace".to_owned()),
        Some(grace) => lines.push(format!(
            "grace lasts {}; it may be asked for up to {} after leaving; an unused grant lapses after {} months",
            days(grace.days),
            days(grace.request_days),
            grace.grant_months
        )),
    }
    lines.push(format!(
        "an inactive account is purged after {} months, and never before {} of being inactive",
        params.retention.months,
        days(params.retention.inactive_days_min)
    ));
    for hold in &params.calendar_hold {
        lines.push(format!(
            "leavers of year groups {} who leave after {} keep their accounts until {}",
            hold.year_groups.join(", "),
            hold.leaving_after,
            hold.until
        ));
    }
    lines
}

fn claims(params: &Params) -> Vec<String> {
    let mut lines = vec![format!("a claim opens as {}", params.transfers.opens_as)];
    if params.transfers.proposes {
        lines.push("main, subsidiary and the time share propose an answer".to_owned());
    }
    if params.transfers.main_takes_from_subsidiary {
        lines.push(
            "a main school takes the account from a subsidiary one without a decision".to_owned(),
        );
    }
    lines.push(format!(
        "decisions taken: {}",
        params.decisions.accepted.join(", ")
    ));
    lines.push(format!(
        "a decision that cannot be applied yet is tried for {}",
        days(params.decisions.wait_days)
    ));
    lines.push(format!(
        "not_a_leaver holds for {} when none are given",
        days(params.decisions.not_a_leaver_days)
    ));
    lines
}

fn groups(params: &Params) -> Vec<String> {
    let Some(groups) = params.groups_on() else {
        return vec!["none are made".to_owned()];
    };
    let mut lines = vec![
        format!(
            "groups of an academic year are made from {}",
            groups.opens_on
        ),
        format!(
            "they follow their classes until the day before {}",
            groups.freeze_on
        ),
        format!("they are archived the night after {}", groups.ends_on),
    ];
    let year = |own: &GroupYear| format!("{} has dates of its own", own.academic_year);
    lines.extend(groups.year.iter().map(year));
    lines
}

fn guards(params: &Params) -> Vec<String> {
    let both = |name: &str, limit: Limit| match name {
        "opt_out" => format!(
            "opt_out: trips at {} people and {} %",
            limit.count, limit.percent
        ),
        _ => format!(
            "{name}: trips above {} % or {}, the larger",
            limit.percent, limit.count
        ),
    };
    let all = |limits: &BTreeMap<String, Limit>| {
        let each: Vec<String> = limits.iter().map(|(name, l)| both(name, *l)).collect();
        each.join("; ")
    };
    let mut lines: Vec<String> = limits(&params.guards)
        .iter()
        .map(|(name, limit)| both(name, *limit))
        .collect();
    let budgets = params.guards.budget.iter();
    lines.extend(budgets.map(|b| format!("{} together: {}", days(b.days), all(&b.limits))));
    let windows = params.guards.window.iter();
    lines.extend(
        windows.map(|w| format!("{} ({} to {}): {}", w.name, w.from, w.until, all(&w.limits))),
    );
    lines
}

fn days(number: u32) -> String {
    if number == 1 {
        "1 day".to_owned()
    } else {
        format!("{number} days")
    }
}
