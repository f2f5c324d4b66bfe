//! One pass over a plan: the counts that every report for people begins with.

use std::collections::{BTreeMap, BTreeSet};

use super::{About, shell};
use crate::model::{Action, Severity};
use crate::plan::{GuardReading, Plan, Status};

/// Below this number a count of people's own choices is not told (SPEC §7 "Consent").
const DISCREET_BELOW: u64 = 5;
/// Days that a proposed approval counts.
const APPROVAL_DAYS: u64 = 7;

/// Planned, held and blocked changes.
pub(super) type Counts = [u64; 3];

/// Changes of one rule.
#[derive(Default)]
pub(super) struct ByRule<'a> {
    pub reason: &'a str,
    pub counts: Counts,
}

/// A plan in numbers.
#[derive(Default)]
pub(super) struct Tally<'a> {
    /// Every action that occurs.
    pub actions: BTreeMap<Action, Counts>,
    /// Removals and purges by rule.
    pub removals: BTreeMap<(Action, &'a str), ByRule<'a>>,
    /// Notices by code and owner; those for a person's own office are counted apart.
    pub notices: BTreeMap<(&'a str, &'a str), u64>,
    /// Faults by severity and code.
    pub faults: BTreeMap<(Severity, &'static str), u64>,
    /// Decisions by outcome.
    pub decisions: BTreeMap<&'a str, u64>,
}

impl<'a> Tally<'a> {
    /// Counts a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let mut tally = Tally::default();
        for change in &plan.changes {
            let at = change.status as usize;
            tally.actions.entry(change.action).or_default()[at] += 1;
            if change.action.is_removal() || change.action == Action::Purge {
                let rule = tally
                    .removals
                    .entry((change.action, change.rule()))
                    .or_default();
                rule.counts[at] += 1;
                rule.reason = change.reason();
            }
        }
        for notice in plan.notices.iter().filter(|notice| !notice.office_only) {
            *tally
                .notices
                .entry((&notice.code, &notice.owner))
                .or_default() += 1;
        }
        for fault in &plan.faults {
            *tally
                .faults
                .entry((fault.severity, fault.code))
                .or_default() += 1;
        }
        for decision in &plan.decisions {
            *tally.decisions.entry(&decision.outcome).or_default() += 1;
        }
        tally
    }

    /// Changes of a status.
    pub fn total(&self, status: Status) -> u64 {
        self.actions
            .values()
            .map(|counts| counts[status as usize])
            .sum()
    }

    /// What happened, in a few short sentences without markup.
    pub fn headline(&self, plan: &Plan) -> String {
        let groups = plan.groups.iter().flat_map(|groups| groups.counts());
        let groups = groups.filter(|(_, count)| *count > 0);
        let planned: Vec<String> = self
            .actions
            .iter()
            .filter(|(_, counts)| counts[0] > 0)
            .map(|(action, counts)| format!("{action} {}", action_count(*action, counts[0])))
            .chain(groups.map(|(action, count)| format!("{action} {count}")))
            .collect();
        let mut text = match planned.is_empty() {
            true => format!("Nothing is planned for {}.", plan.as_of),
            false => format!("Planned for {}: {}.", plan.as_of, planned.join(", ")),
        };
        let held = self.total(Status::Held) + self.total(Status::Blocked);
        if held > 0 {
            let guards: BTreeSet<&str> = plan
                .guards
                .iter()
                .filter(|g| g.tripped)
                .map(|g| g.id.as_str())
                .collect();
            text += &format!(
                " {} held or blocked by {}.",
                is(held, "change"),
                many(guards.len() as u64, "guard")
            );
        }
        if !plan.held.is_empty() {
            text += &format!(
                " {} held by the gate.",
                is(plan.held.len() as u64, "establishment")
            );
        }
        let rejected = plan
            .faults
            .iter()
            .filter(|f| f.severity == Severity::Reject)
            .count() as u64;
        if rejected > 0 {
            text += &format!(" {} rejected.", was(rejected, "row"));
        }
        text
    }
}

/// `1 row`, `2 rows`.
pub(super) fn many(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn is(n: u64, noun: &str) -> String {
    format!("{} {}", many(n, noun), if n == 1 { "is" } else { "are" })
}

fn was(n: u64, noun: &str) -> String {
    format!("{} {}", many(n, noun), if n == 1 { "was" } else { "were" })
}

/// Whether a count of people's own choices may be told: one that is not 1 to 4.
pub(super) fn is_told(n: u64) -> bool {
    !(1..DISCREET_BELOW).contains(&n)
}

/// Whether what a guard measured may be told.
pub(super) fn guard_is_told(guard: &GuardReading) -> bool {
    let counts_choices = guard.guard == "opt_out" || guard.guard.starts_with("withdraw");
    !counts_choices || is_told(guard.value)
}

/// A count of people's own choices: 1 to 4 are told as `<5`.
pub(super) fn discreet(n: u64) -> String {
    if is_told(n) {
        n.to_string()
    } else {
        format!("<{DISCREET_BELOW}")
    }
}

/// A count of changes of an action; opt-outs are withdrawals, so few of those are told as `<5`.
pub(super) fn action_count(action: Action, n: u64) -> String {
    if action == Action::Withdraw {
        discreet(n)
    } else {
        n.to_string()
    }
}

/// A count of notices of a code.
pub(super) fn notice_count(code: &str, n: u64) -> String {
    if code == "opt_out_waiting" {
        discreet(n)
    } else {
        n.to_string()
    }
}

/// Value and headroom of a guard; of those that count opt-outs a small value is not told, nor the headroom that would give it away.
pub(super) fn guard_numbers(guard: &GuardReading) -> (String, String) {
    if guard_is_told(guard) {
        (guard.value.to_string(), guard.headroom().to_string())
    } else {
        (
            discreet(guard.value),
            if guard.tripped {
                "0".into()
            } else {
                "–".into()
            },
        )
    }
}

/// Guards for people: the tripped ones, then the nearest to their limit among those that measured something,
/// then whole-run ones; at most `tripped_max` and `others_max`, with how many of each kind are left out.
pub(super) fn guards_shown(
    plan: &Plan,
    tripped_max: usize,
    others_max: usize,
) -> (Vec<&GuardReading>, usize, usize) {
    let (mut tripped, mut others): (Vec<&GuardReading>, Vec<_>) =
        plan.guards.iter().partition(|g| g.tripped);
    tripped.sort_by(|a, b| b.held.cmp(&a.held).then_with(|| a.id.cmp(&b.id)));
    others.sort_by(|a, b| {
        let key = |g: &GuardReading| (g.value == 0, g.value == 0 && g.scope != "run", g.headroom());
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let left = (
        tripped.len().saturating_sub(tripped_max),
        others.len().saturating_sub(others_max),
    );
    tripped.truncate(tripped_max);
    others.truncate(others_max);
    tripped.extend(others);
    (tripped, left.0, left.1)
}

/// The command lines that would let held parts through, most held first: guards, then gate holds.
pub(super) fn approve_lines(plan: &Plan, about: &About, workspace: &str) -> Vec<String> {
    let expires = plan
        .as_of
        .checked_add_days(chrono::Days::new(APPROVAL_DAYS))
        .unwrap_or(plan.as_of);
    let run = if about.run.is_empty() {
        "RUN".to_owned()
    } else {
        shell(&about.run)
    };
    let place = match workspace {
        "" => String::new(),
        folder => format!("-C {} ", shell(folder)),
    };
    let line = |what: String| {
        format!("onroll approve {place}{run} {what} --by WHO --reason WHY --expires {expires}")
    };
    let (tripped, ..) = guards_shown(plan, usize::MAX, 0);
    let guards = tripped
        .into_iter()
        .filter(|g| g.held > 0)
        .map(|g| line(format!("--guard {}", shell(&g.id))));
    let holds = plan
        .held
        .iter()
        .filter(|h| h.approvable)
        .map(|h| line(format!("--hold {}", shell(&h.code))));
    guards.chain(holds).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change, empty_plan, guard};
    use super::*;

    #[test]
    fn few_opt_outs_are_not_counted_aloud() {
        let mut plan = empty_plan();
        plan.changes = vec![
            change(Action::Withdraw, "S1", "a1"),
            change(Action::Create, "S1", "a2"),
        ];
        let tally = Tally::of(&plan);
        assert_eq!(
            tally.headline(&plan),
            "Planned for 2026-11-23: withdraw <5, create 1."
        );
        assert_eq!(
            guard_numbers(&guard("opt_out@S1", 3, 10)),
            ("<5".into(), "–".into())
        );
        assert_eq!(
            guard_numbers(&guard("release@S1", 3, 10)),
            ("3".into(), "7".into())
        );
        assert_eq!(discreet(0), "0");
    }

    #[test]
    fn tripped_guards_come_first_then_the_least_headroom_then_quiet_ones_of_the_whole_run() {
        let mut plan = empty_plan();
        plan.guards = vec![
            guard("create@S1", 0, 5),
            guard("create@run", 0, 9),
            guard("release@S1", 3, 10),
            guard("absence@S2", 9, 10),
            guard("purge@S3", 8, 5),
        ];
        let (shown, _, left) = guards_shown(&plan, 10, 3);
        let ids: Vec<&str> = shown.iter().map(|g| g.id.as_str()).collect();
        assert_eq!(ids, ["purge@S3", "absence@S2", "release@S1", "create@run"]);
        assert_eq!(left, 1);
        let about = About {
            run: "2026-11-23-0a1b2c3d".into(),
            ..About::default()
        };
        assert_eq!(
            approve_lines(&plan, &about, ""),
            [
                "onroll approve 2026-11-23-0a1b2c3d --guard purge@S3 --by WHO --reason WHY --expires 2026-11-30"
            ]
        );
    }
}
