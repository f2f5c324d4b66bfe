//! Windows of the year and guards.

use crate::guard::HISTORY_DAYS;
use crate::policy::params::{Budget, CalendarHold, GuardWindow, Guards, Limit};

/// Whether a text is a day of every year, `MM-DD`.
pub(super) fn is_month_day(text: &str) -> bool {
    let shaped = text.len() == 5
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 2 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    // 2001 has no 29 February: a window that begins or ends on it would have no day in most years.
    shaped && chrono::NaiveDate::parse_from_str(&format!("2001-{text}"), "%Y-%m-%d").is_ok()
}

pub(super) fn calendar_hold(hold: &CalendarHold) -> Vec<String> {
    let mut faults = Vec::new();
    if hold.year_groups.is_empty() {
        faults.push("policy.toml: calendar_hold: year_groups names none".to_owned());
    }
    for (day, name) in [
        (&hold.leaving_after, "leaving_after"),
        (&hold.until, "until"),
    ] {
        if !is_month_day(day) {
            faults.push(format!(
                "policy.toml: calendar_hold: {name} must be a day of every year, MM-DD"
            ));
        }
    }
    if faults.is_empty() && hold.until <= hold.leaving_after {
        faults.push(
            "policy.toml: calendar_hold: until must come after leaving_after in the same year"
                .to_owned(),
        );
    }
    faults
}

/// The guards by name, with their ordinary limits.
pub fn limits(guards: &Guards) -> [(&'static str, Limit); 7] {
    [
        ("release", guards.release),
        ("absence", guards.absence),
        ("withdraw", guards.withdraw),
        ("opt_out", guards.opt_out),
        ("purge", guards.purge),
        ("create", guards.create),
        ("transfer", guards.transfer),
    ]
}

pub(super) fn guards(guards: &Guards) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, limit) in limits(guards) {
        faults.extend(percent(&format!("guards.{name}"), limit));
    }
    for (at, budget) in guards.budget.iter().enumerate() {
        faults.extend(self::budget(budget));
        if guards.budget[..at].iter().any(|b| b.days == budget.days) {
            faults.push(format!(
                "policy.toml: guards.budget: {} days stand twice",
                budget.days
            ));
        }
    }
    for window in &guards.window {
        faults.extend(guard_window(window, guards));
    }
    faults
}

/// The guards that can have a budget: an opt-out is a night's own.
const BUDGETED: [&str; 6] = [
    "release", "absence", "withdraw", "purge", "create", "transfer",
];

fn budget(budget: &Budget) -> Vec<String> {
    let mut faults = Vec::new();
    if !(2..=HISTORY_DAYS).contains(&budget.days) {
        faults.push(format!(
            "policy.toml: guards.budget: days is {}; it must be 2 to {HISTORY_DAYS}, for which history is kept",
            budget.days
        ));
    }
    for (name, limit) in &budget.limits {
        if !BUDGETED.contains(&name.as_str()) {
            faults.push(format!(
                "policy.toml: guards.budget: `{name}` is not a guard that can have one"
            ));
        }
        faults.extend(percent(&format!("guards.budget.limits.{name}"), *limit));
    }
    faults
}

fn percent(name: &str, limit: Limit) -> Option<String> {
    (limit.percent > 100).then(|| {
        format!(
            "policy.toml: {name}.percent is {}; it must be 0 to 100",
            limit.percent
        )
    })
}

fn guard_window(window: &GuardWindow, guards: &Guards) -> Vec<String> {
    let mut faults = Vec::new();
    if window.name.trim().is_empty() {
        faults.push("policy.toml: guards.window: name is blank".to_owned());
    }
    for (day, name) in [(&window.from, "from"), (&window.until, "until")] {
        if !is_month_day(day) {
            faults.push(format!(
                "policy.toml: guards.window: {name} must be a day of every year, MM-DD"
            ));
        }
    }
    for (name, limit) in &window.limits {
        let mut budgets = guards.budget.iter().flat_map(Budget::names);
        if !limits(guards).iter().any(|(guard, _)| guard == name) && !budgets.any(|b| b == *name) {
            faults.push(format!(
                "policy.toml: guards.window: `{name}` is not a guard"
            ));
        }
        faults.extend(percent(&format!("guards.window.limits.{name}"), *limit));
    }
    faults
}
