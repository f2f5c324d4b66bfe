//! `onroll check`: the gate alone, every fault of every file at once. Nothing is written.

use clap::Args;
use serde_json::json;

use super::args::{Answer, Form, Global, Places, Tonight};
use super::night::{self, Scope};
use super::outcome::{CliError, Outcome, too_many_held};
use super::screen::Screen;
use super::summary::counted;
use crate::model::{Fault, Roll, Severity};
use crate::nightly;
use crate::plan::HeldEstablishment;
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
        let (checked, max) = match night::setting(&workspace)? {
            Ok(setting) => {
                let checked = match nightly::read(&setting.request(&workspace, &scope)) {
                    Ok(read) => Checked::of(&read.roll, read.under_previous_key),
                    Err(error) => Checked::refused(night::refusal(error)?),
                };
                (checked, setting.held_max_percent())
            }
            Err(fault) => (Checked::refused(fault), 0),
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
}

impl Checked {
    fn of(roll: &Roll, previous_key_accounts: u64) -> Checked {
        let (held, establishments_counted) = held_establishments(roll);
        Checked {
            faults: roll.faults.list.clone(),
            held,
            establishments_counted,
            previous_key_accounts,
        }
    }

    fn refused(fault: Fault) -> Checked {
        Checked {
            faults: vec![fault],
            held: Vec::new(),
            establishments_counted: 0,
            previous_key_accounts: 0,
        }
    }
}

/// The establishments that the gate holds, and how many count.
fn held_establishments(roll: &Roll) -> (Vec<HeldEstablishment>, usize) {
    let held = roll.establishments.iter().filter_map(|establishment| {
        let hold = establishment.hold.as_ref()?;
        Some(HeldEstablishment {
            code: establishment.code.clone(),
            reason: hold.reason,
            message: hold.message.clone(),
            approvable: hold.approvable,
        })
    });
    let counted = roll
        .establishments
        .iter()
        .filter(|e| e.listed || e.hold.is_some());
    (held.collect(), counted.count())
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
    screen.styled(&report::terminal_faults(&checked.faults, screen.colour));
    let refusals = count(&checked.faults, Severity::Refuse);
    if refusals > 0 {
        screen.out(&format!(
            "\n{} the night: nothing would be decided.\n",
            if refusals == 1 {
                "1 fault refuses".to_owned()
            } else {
                format!("{refusals} faults refuse")
            }
        ));
        return;
    }
    for held in &checked.held {
        screen.out(&format!(
            "held {} {}: {}\n",
            held.code,
            held.reason.code(),
            held.message
        ));
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
    })
}
