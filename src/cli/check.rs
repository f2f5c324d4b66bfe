//! `onroll check`: the gate alone, every fault of every file at once. Nothing is written.

use clap::Args;
use serde_json::json;

use super::args::{Answer, Form, Global, Places, Tonight};
use super::outcome::{CliError, Outcome, too_many_held};
use super::screen::Screen;
use super::setting::{self, Scope};
use super::summary::{counted, refusing};
use crate::model::{Fault, Severity};
use crate::nightly;
use crate::plan::{HeldEstablishment, held_establishments};
use crate::report;

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    tonight: Tonight,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Check {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: self.tonight.only(),
        };
        let (checked, max) = match setting::open(&workspace)? {
            Ok(setting) => {
                let checked = match nightly::read(&setting.request(&workspace, &scope)) {
                    Ok(read) => Checked::of(&read),
                    Err(error) => Checked::refused(vec![setting::refusal(error)?]),
                };
                (checked, setting.held_max_percent())
            }
            Err(faults) => (Checked::refused(faults), 0),
        };
        let outcome = outcome(&checked, max);
        match self.answer.format {
            Form::Json => screen.out(&format!("{:#}\n", as_json(&checked, outcome))),
            Form::Text if screen.quiet && outcome == Outcome::Done => {}
            Form::Text => show(screen, &checked),
        }
        Ok(outcome)
    }
}

/// What the gate says of tonight's input.
struct Checked {
    faults: Vec<Fault>,
    held: Vec<HeldEstablishment>,
    establishments_counted: usize,
    previous_key_accounts: u64,
    previous_key_names: u64,
}

impl Checked {
    fn of(read: &nightly::Read) -> Checked {
        let (held, establishments_counted) = held_establishments(&read.roll);
        Checked {
            faults: read.roll.faults.list.clone(),
            held,
            establishments_counted,
            previous_key_accounts: read.under_previous_key,
            previous_key_names: read.retired_under_previous_key,
        }
    }

    fn refused(faults: Vec<Fault>) -> Checked {
        Checked {
            faults,
            held: Vec::new(),
            establishments_counted: 0,
            previous_key_accounts: 0,
            previous_key_names: 0,
        }
    }
}

fn outcome(checked: &Checked, max_percent: u32) -> Outcome {
    if checked
        .faults
        .iter()
        .any(|fault| fault.severity == Severity::Refuse)
    {
        Outcome::Refused
    } else if too_many_held(
        checked.held.len(),
        checked.establishments_counted,
        max_percent,
    ) {
        Outcome::Held
    } else {
        Outcome::Done
    }
}

fn count(faults: &[Fault], severity: Severity) -> u64 {
    faults
        .iter()
        .filter(|fault| fault.severity == severity)
        .count() as u64
}

fn show(screen: &Screen, checked: &Checked) {
    screen.styled(&report::terminal_every_fault(
        &checked.faults,
        screen.colour,
    ));
    let refusals = count(&checked.faults, Severity::Refuse);
    if refusals > 0 {
        screen.out(&format!(
            "\n{}: nothing would be decided.\n",
            refusing(refusals)
        ));
        return;
    }
    screen.out(&format!(
        "{}; {} of {} held.\n",
        match checked.faults.len() {
            0 => "No faults".to_owned(),
            _ => format!(
                "{} rejected, {}",
                counted(count(&checked.faults, Severity::Reject), "row"),
                counted(count(&checked.faults, Severity::Warn), "warning")
            ),
        },
        checked.held.len(),
        counted(checked.establishments_counted as u64, "establishment"),
    ));
    if checked.previous_key_accounts > 0 {
        screen.out(&format!(
            "{} still known under the previous key only.\n",
            counted(checked.previous_key_accounts, "account")
        ));
    }
    if checked.previous_key_names > 0 {
        screen.out(&format!(
            "{} of deleted accounts can be recognised with the previous key only.\n",
            counted(checked.previous_key_names, "username")
        ));
    }
}

fn as_json(checked: &Checked, outcome: Outcome) -> serde_json::Value {
    let fault = |fault: &Fault| {
        json!({
            "severity": fault.severity.as_str(), "code": fault.code, "table": fault.table, "file": fault.file, "row": fault.row,
            "establishment": fault.establishment, "column": fault.column, "message": fault.message, "fix": fault.fix,
        })
    };
    let held: Vec<_> = checked.held.iter().map(|held| json!({"establishment": held.code, "reason": held.reason.code(), "message": held.message, "approvable": held.approvable})).collect();
    json!({
        "outcome": outcome.as_str(),
        "exit_code": outcome.code(),
        "faults": checked.faults.iter().map(fault).collect::<Vec<_>>(),
        "held_establishments": held,
        "establishments_counted": checked.establishments_counted,
        "accounts_needing_previous_key": checked.previous_key_accounts,
        "retired_usernames_needing_previous_key": checked.previous_key_names,
    })
}
