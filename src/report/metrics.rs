//! `metrics.prom`: a night as numbers, in the text format that Prometheus' collectors read.
//!
//! Samples are gauges of one night, not counters: a scrape that is missed loses nothing. No label names a person. A count
//! of one to four withdrawals, and what would give it away, has no sample (SPEC §7 "Consent").

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::tally::{Tally, guard_is_told, is_told};
use crate::model::{Action, Date, Fault, Severity};
use crate::plan::{GuardReading, Plan, Status};

/// How a night ended, as far as the file can know when it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Decided,
    Refused,
    Failed,
}

/// The bytes for a plan.
pub fn metrics(plan: &Plan) -> Vec<u8> {
    let mut page = Page::default();
    page.night(plan.as_of, Ended::Decided);
    page.faults(&plan.faults);
    page.changes(plan);
    page.guards(&plan.guards);
    page.help(
        "onroll_establishments_held",
        "Establishments held by the gate.",
    );
    page.sample(&[], plan.held.len() as u64);
    page.help(
        "onroll_establishments_counted",
        "Establishments that count tonight.",
    );
    page.sample(&[], plan.establishments_counted as u64);
    page.help(
        "onroll_notices",
        "Notices that stand, by who can mend them.",
    );
    let mut owners = BTreeMap::from([
        ("administrator", 0),
        ("authority", 0),
        ("platform", 0),
        ("school", 0),
    ]);
    let told = plan.notices.iter().filter(|n| !n.office_only);
    for notice in told.filter(|n| n.code != "opt_out_waiting") {
        *owners.entry(&notice.owner).or_default() += 1;
    }
    for (owner, count) in owners {
        page.sample(&[("owner", owner)], count);
    }
    page.help(
        "onroll_number",
        "The numbers of plan.json: accounts by state before and after, rows read and accepted, and so on.",
    );
    for (name, number) in &plan.counts {
        page.sample(&[("name", name)], *number);
    }
    page.text.into_bytes()
}

/// The bytes for a night that was refused before a plan existed.
pub fn refusal_metrics(as_of: Date, faults: &[Fault]) -> Vec<u8> {
    let mut page = Page::default();
    page.night(as_of, Ended::Refused);
    page.faults(faults);
    page.text.into_bytes()
}

/// The bytes for a night that an error ended.
pub fn failure_metrics(as_of: Date) -> Vec<u8> {
    let mut page = Page::default();
    page.night(as_of, Ended::Failed);
    page.text.into_bytes()
}

/// The text so far, and the metric whose samples follow.
#[derive(Default)]
struct Page {
    text: String,
    metric: &'static str,
}

impl Page {
    fn help(&mut self, metric: &'static str, help: &str) {
        self.metric = metric;
        // Writing into a text cannot fail.
        let _ = write!(self.text, "# HELP {metric} {help}\n# TYPE {metric} gauge\n");
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.text += self.metric;
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        if !labels.is_empty() {
            let _ = write!(self.text, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(self.text, " {value}");
    }

    fn night(&mut self, as_of: Date, ended: Ended) {
        self.help(
            "onroll_as_of_seconds",
            "The night's civil date, as seconds since 1970 at its midnight, UTC.",
        );
        let midnight = as_of.and_time(chrono::NaiveTime::MIN).and_utc();
        self.sample(&[], midnight.timestamp());
        self.help("onroll_night", "1 for how the night ended, 0 for the rest.");
        for (name, each) in [
            ("decided", Ended::Decided),
            ("failed", Ended::Failed),
            ("refused", Ended::Refused),
        ] {
            self.sample(&[("ended", name)], u8::from(each == ended));
        }
    }

    fn faults(&mut self, faults: &[Fault]) {
        self.help("onroll_faults", "Faults of the input, by severity.");
        for severity in [
            Severity::Refuse,
            Severity::Hold,
            Severity::Reject,
            Severity::Warn,
        ] {
            let count = faults.iter().filter(|f| f.severity == severity).count();
            self.sample(&[("severity", severity.as_str())], count);
        }
    }

    fn changes(&mut self, plan: &Plan) {
        self.help("onroll_changes", "Changes, by action and status.");
        let tally = Tally::of(plan);
        for &action in Action::ALL {
            let counts = tally.actions.get(&action).copied().unwrap_or_default();
            for status in [Status::Planned, Status::Held, Status::Blocked] {
                let count = counts[status as usize];
                if action != Action::Withdraw || is_told(count) {
                    let labels = [("action", action.as_str()), ("status", status.as_str())];
                    self.sample(&labels, count);
                }
            }
        }
    }

    /// The guards of the whole run, and those that tripped: one for each school and role would be tens of thousands.
    fn guards(&mut self, guards: &[GuardReading]) {
        let mut shown: Vec<&GuardReading> = guards
            .iter()
            .filter(|g| g.tripped || g.scope == "run")
            .collect();
        shown.sort_by(|a, b| a.id.cmp(&b.id));
        for (metric, help, number) in MEASURES {
            self.help(metric, help);
            for guard in shown.iter().filter(|g| guard_is_told(g)) {
                self.sample(&[("guard", &guard.id)], number(guard));
            }
        }
        self.help("onroll_guards_tripped", "Guards that tripped.");
        self.sample(&[], shown.iter().filter(|g| g.tripped).count());
    }
}

/// What a guard is asked: the metric, what it says, and the number.
type Measure = (&'static str, &'static str, fn(&GuardReading) -> u64);

const MEASURES: [Measure; 4] = [
    (
        "onroll_guard_value",
        "What a guard counted: those of the whole run and those that tripped.",
        |guard| guard.value,
    ),
    ("onroll_guard_limit", "What it allows.", |guard| guard.limit),
    (
        "onroll_guard_headroom",
        "How many more it would allow.",
        GuardReading::headroom,
    ),
    ("onroll_guard_held", "Changes that it holds.", |guard| {
        guard.held
    }),
];

/// A label's value: the three characters that the format reserves.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change, day, empty_plan, fault, guard};
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_sample_stands_below_the_help_of_its_own_metric() {
        let mut plan = empty_plan();
        plan.changes = vec![change(Action::Release, "S1", "a1")];
        plan.guards = vec![
            guard("release@S\"1/learner", 9, 4),
            guard("create@S2", 1, 4),
        ];
        plan.counts.insert("rows_read".into(), 7);
        let page = text(metrics(&plan));
        let mut metric = String::new();
        let mut seen = std::collections::BTreeSet::new();
        for line in page.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                metric = help.split(' ').next().unwrap().to_owned();
                assert!(seen.insert(format!("help of {metric}")), "{metric} twice");
            } else if !line.starts_with("# TYPE ") {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert_eq!(name.split('{').next().unwrap(), metric);
                assert!(value.parse::<u64>().is_ok(), "{line}");
                assert!(seen.insert(name.to_owned()), "{name} twice");
            }
        }
        for line in [
            "onroll_as_of_seconds 1795392000",
            "onroll_night{ended=\"decided\"} 1",
            "onroll_changes{action=\"release\",status=\"planned\"} 1",
            r#"onroll_guard_value{guard="release@S\"1/learner"} 9"#,
            r#"onroll_guard_headroom{guard="release@S\"1/learner"} 0"#,
            "onroll_guards_tripped 1",
            "onroll_number{name=\"rows_read\"} 7",
        ] {
            assert!(page.lines().any(|l| l == line), "{line} in {page}");
        }
        assert!(!page.contains("create@S2"), "a quiet guard of one school");
    }

    #[test]
    fn few_withdrawals_have_no_sample() {
        let mut plan = empty_plan();
        plan.changes = (0..4)
            .map(|n| change(Action::Withdraw, "S1", &format!("a{n}")))
            .collect();
        plan.guards = vec![guard("withdraw@run", 4, 10)];
        let page = text(metrics(&plan));
        assert!(!page.contains("action=\"withdraw\",status=\"planned\""));
        assert!(!page.contains("withdraw@run"));
        plan.changes.push(change(Action::Withdraw, "S1", "a4"));
        let page = text(metrics(&plan));
        assert!(page.contains("onroll_changes{action=\"withdraw\",status=\"planned\"} 5\n"));
    }

    #[test]
    fn refused_and_failed_nights_have_their_numbers() {
        let page = text(refusal_metrics(day(11, 23), &[fault("bad_date", "S1", 3)]));
        assert!(page.contains("onroll_night{ended=\"refused\"} 1\n"));
        assert!(page.contains("onroll_faults{severity=\"reject\"} 1\n"));
        assert!(!page.contains("onroll_changes"));
        assert!(text(failure_metrics(day(11, 23))).contains("onroll_night{ended=\"failed\"} 1\n"));
    }
}
