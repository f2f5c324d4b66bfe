//! What `plan`, `apply` and `run` tell of a night: on a terminal, in a pipe, as JSON.

use std::collections::BTreeMap;

use serde_json::json;

use super::args::Form;
use super::outcome::Outcome;
use super::screen::Screen;
use crate::model::{Fault, Severity};
use crate::nightly::{Night, Refused};
use crate::plan::Plan;
use crate::report::{self, About};
use crate::workspace::{RunFolder, RunState, Turn};

/// A night that was carried out as far as it could be.
pub struct Told {
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the plan was to be applied, and was.
    pub applied: bool,
    /// Its entry in the archive.
    pub run: RunFolder,
    /// What came of it.
    pub night: Night,
    /// What its reports are about; `None` for a refusal.
    pub about: Option<About>,
}

impl Told {
    /// Ends with a night: how it ended. What it held is left to the system, which takes it back at once; a nation's night
    /// given back piece by piece takes half a second.
    pub fn leave(self) -> Outcome {
        let outcome = self.outcome;
        std::mem::forget(self);
        outcome
    }
}

/// Says what a start found and settled.
pub fn settled(screen: &Screen, turn: &Turn<'_>) {
    for (run, state) in turn.settled() {
        let what = match state {
            RunState::Done => "was interrupted after its snapshot went live: it counts as done",
            _ => "was interrupted before its snapshot went live: nothing of it was applied",
        };
        screen.note(&format!("The run {run} {what}.\n"));
    }
}

/// Shows a night. With `-q`, only when it needs somebody.
pub fn show(screen: &Screen, form: Form, told: &Told) {
    if form == Form::Json {
        screen.out(&format!("{:#}\n", as_json(told)));
        return;
    }
    if screen.quiet && told.outcome == Outcome::Done {
        return;
    }
    match (&told.night, &told.about) {
        (Night::Decided(decided), Some(about)) => {
            screen.styled(&report::terminal_summary(
                &decided.plan,
                about,
                screen.colour,
            ));
            screen.out(&closing(told, &decided.plan));
        }
        (Night::Refused(refused), _) => {
            screen.styled(&report::terminal_faults(&refused.faults, screen.colour));
            screen.out(&format!(
                "\nInput refused: nothing was decided. All faults: {}\n",
                told.run.path.join("faults.csv").display()
            ));
        }
        (Night::Decided(_), None) => {}
    }
}

fn closing(told: &Told, plan: &Plan) -> String {
    let report = told.run.path.join("report.md");
    let mut text = if told.applied {
        let done: u64 = told.run.record.done.values().sum();
        match (done, told.run.record.changed_nothing()) {
            (0, true) => "\nNothing to apply: the directory is as it should be.\n".to_owned(),
            (0, false) => format!(
                "\nNo change was due; the directory stands at {} now.\n",
                plan.as_of
            ),
            _ => format!("\nApplied {}.\n", counted(done, "change")),
        }
    } else if told.run.record.intended.is_empty() {
        "\nThe directory is untouched.\n".to_owned()
    } else {
        format!(
            "\nThe directory is untouched. `onroll apply {}{}` carries the plan out.\n",
            match told.about.as_ref().map(|about| about.workspace.as_str()) {
                None | Some("") => String::new(),
                Some(folder) => format!("-C {folder} "),
            },
            told.run.name
        )
    };
    let faults = counts(&plan.faults);
    if !plan.faults.is_empty() {
        let list: Vec<String> = faults
            .iter()
            .filter(|(_, n)| **n > 0)
            .map(|(word, n)| format!("{n} {word}"))
            .collect();
        text += &format!("Faults in the input: {} (faults.csv)\n", list.join(", "));
    }
    text + &format!("Report: {}\n", report.display())
}

/// Shows why a command that writes nothing has no answer: the input is refused.
pub fn tell_refusal(screen: &Screen, form: Form, refused: &Refused) -> Outcome {
    match form {
        Form::Json => {
            let list = refused.faults.iter();
            let faults: Vec<_> = list
                .map(
                    |f| serde_json::json!({ "code": f.code, "file": f.file, "message": f.message }),
                )
                .collect();
            let answer = serde_json::json!({ "outcome": "refused", "faults": faults });
            screen.out(&format!("{answer:#}\n"));
        }
        Form::Text => {
            screen.styled(&report::terminal_faults(&refused.faults, screen.colour));
            screen.out("\nInput refused: nothing was decided. `onroll check` shows every fault.\n");
        }
    }
    Outcome::Refused
}

/// `1 fault refuses the night`, `2 faults refuse the night`.
pub fn refusing(faults: u64) -> String {
    match faults {
        1 => "1 fault refuses the night".to_owned(),
        n => format!("{n} faults refuse the night"),
    }
}

/// `1 change`, `2 changes`.
pub fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Faults by severity.
pub fn counts(faults: &[Fault]) -> BTreeMap<&'static str, u64> {
    let mut counts: BTreeMap<&'static str, u64> = [
        Severity::Refuse,
        Severity::Hold,
        Severity::Reject,
        Severity::Warn,
    ]
    .map(|severity| (severity.as_str(), 0))
    .into();
    for fault in faults {
        *counts.entry(fault.severity.as_str()).or_default() += 1;
    }
    counts
}

fn as_json(told: &Told) -> serde_json::Value {
    let record = &told.run.record;
    let (faults, guards): (&[Fault], Vec<&str>) = match &told.night {
        Night::Decided(decided) => {
            let tripped = decided
                .plan
                .guards
                .iter()
                .filter(|guard| guard.tripped)
                .map(|guard| guard.id.as_str());
            (&decided.plan.faults, tripped.collect())
        }
        Night::Refused(refused) => (&refused.faults, Vec::new()),
    };
    json!({
        "outcome": told.outcome.as_str(),
        "exit_code": told.outcome.code(),
        "as_of": record.as_of,
        "run": told.run.name,
        "folder": told.run.path,
        "state": record.state,
        "planned": record.intended,
        "held": record.held,
        "done": record.done,
        "guards_tripped": guards,
        "held_establishments": record.held_establishments,
        "faults": counts(faults),
        "snapshot_before": record.snapshot_before,
        "snapshot_after": record.snapshot_after,
    })
}
