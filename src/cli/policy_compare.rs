//! `onroll policy compare`: two policies over the archived nights whose rolls are kept. Nothing is written.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::args::{Answer, Form, Global, Places};
use super::outcome::{CliError, Outcome};
use super::past::{self, Past};
use super::screen::Screen;
use super::setting;
use super::summary::counted;
use crate::compare::{Decision, Difference, differences, ways};
use crate::model::Date;
use crate::nightly;
use crate::nightly::kept::KeptError;
use crate::plan::{Plan, Status};
use crate::policy::Policy;
use crate::workspace::{PolicyChoice, ROLL_DAYS, RunFolder};

/// Accounts listed as text; JSON has all.
const LISTED: usize = 20;

/// Decide the archived nights whose rolls are kept by two policies, and show which decisions differ and which nights
/// would have been held. What the gate said of the rows stands as it was.
#[derive(Debug, Args)]
pub struct Compare {
    /// A shipped policy (hwb, glow) or a policy's folder
    #[arg(value_name = "FIRST")]
    first: String,
    /// The other one [default: that of the workspace]
    #[arg(value_name = "SECOND")]
    second: Option<String>,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

/// One night under both.
#[derive(Serialize)]
struct Compared {
    run: String,
    as_of: Date,
    first: Side,
    second: Side,
    differences: Vec<Difference>,
}

/// What one policy makes of a night.
#[derive(Serialize)]
struct Side {
    planned: u64,
    held: u64,
    /// Guards that trip.
    tripped: Vec<String>,
    /// How `run` would have ended.
    outcome: &'static str,
}

#[derive(Serialize)]
struct Answered {
    first: String,
    second: String,
    nights: Vec<Compared>,
    /// Runs that cannot be decided again, with the reason.
    left_out: BTreeMap<String, String>,
}

impl Compare {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let load =
            |word: &String| setting::load_policy(&PolicyChoice::of(word, std::path::Path::new("")));
        let first = load(&self.first)?;
        let second = match &self.second {
            Some(word) => load(word)?,
            None => setting::policy(&workspace)?,
        };
        let keys = past::keys(&workspace).map_err(CliError::failed)?;
        let mut answered = Answered {
            first: label(&first),
            second: label(&second),
            nights: Vec::new(),
            left_out: BTreeMap::new(),
        };
        let runs = workspace.runs()?;
        let planned = |run: &&RunFolder| run.roll().is_some() && !run.record.plan_digest.is_empty();
        for run in runs.iter().filter(planned) {
            same_platform(run, [&first, &second])?;
            let past = Past::of(&workspace, run, &keys);
            match past.and_then(|past| compare(&past, &first, &second)) {
                Ok(compared) => answered.nights.push(compared),
                Err(why) => {
                    answered.left_out.insert(run.name.clone(), why.to_string());
                }
            }
        }
        if answered.nights.is_empty() {
            return Err(
                CliError::failed("no archived night can be decided again").hint(format!(
                    "Rolls are kept for {ROLL_DAYS} days: compare after a few nights."
                )),
            );
        }
        match self.answer.format {
            Form::Json => {
                let json = serde_json::to_string_pretty(&answered)
                    .map_err(|e| CliError::failed(format!("the answer could not be made: {e}")))?;
                screen.out(&(json + "\n"));
            }
            Form::Text => screen.out(&told(&answered)),
        }
        Ok(Outcome::Done)
    }
}

fn label(policy: &Policy) -> String {
    format!("{} ({})", policy.params.name, &policy.digest[..8])
}

/// A roll that was read under one platform's rules says nothing about another's.
fn same_platform(run: &RunFolder, policies: [&Policy; 2]) -> Result<(), CliError> {
    let name = &run.record.policy.name;
    match policies.iter().find(|policy| policy.params.name != *name) {
        None => Ok(()),
        Some(other) => Err(CliError::new(
            Outcome::Usage,
            format!("the nights were read under `{name}`, and one policy is called `{}`", other.params.name),
        )
        .hint("Compare policies of the same name: copies of the shipped folder with other rules or limits.")),
    }
}

/// The error is why the night cannot be told.
fn compare(past: &Past<'_>, first: &Policy, second: &Policy) -> Result<Compared, KeptError> {
    let request = past.request(first);
    let read = past.read(&request)?;
    let plan = |policy: &Policy| nightly::plan_again(&past.request(policy), &read);
    let (one, other) = (plan(first), plan(second));
    Ok(Compared {
        run: past.run.name.clone(),
        as_of: past.run.record.as_of,
        differences: differences(&one, &other),
        first: side(&one, first),
        second: side(&other, second),
    })
}

fn side(plan: &Plan, policy: &Policy) -> Side {
    let held = plan.changes.iter().filter(|c| c.status != Status::Planned);
    let held = held.count() as u64;
    let tripped = plan.guards.iter().filter(|guard| guard.tripped);
    let max = policy.params.gate.held_establishments_max_percent;
    Side {
        planned: plan.changes.len() as u64 - held,
        held,
        tripped: tripped.map(|guard| guard.id.clone()).collect(),
        outcome: Outcome::of_plan(plan, max).as_str(),
    }
}

fn told(answered: &Answered) -> String {
    let mut text = format!(
        "First {}, second {}, over {}. The gate's verdicts on the rows stand as they were.\n\n",
        answered.first,
        answered.second,
        counted(answered.nights.len() as u64, "night")
    );
    text.push_str("                 first              second\n");
    text.push_str("  night       planned  held     planned  held   decided differently\n");
    for night in &answered.nights {
        text.push_str(&format!(
            "  {:<10}{:>9}{:>6}{:>12}{:>6}{:>22}\n",
            night.as_of.to_string(),
            night.first.planned,
            night.first.held,
            night.second.planned,
            night.second.held,
            night.differences.len()
        ));
    }
    let all: Vec<Difference> = answered
        .nights
        .iter()
        .flat_map(|n| n.differences.clone())
        .collect();
    if all.is_empty() {
        text.push_str("\nBoth decide every account alike.\n");
    } else {
        text.push_str("\nHow they differ\n");
    }
    for ((first, second), count) in ways(&all) {
        text.push_str(&format!(
            "  {count:>7}  {} → {}\n",
            words(first),
            words(second)
        ));
    }
    for night in &answered.nights {
        let (first, second) = (&night.first.tripped, &night.second.tripped);
        for (guards, others, which) in [(first, second, "first"), (second, first, "second")] {
            for guard in guards.iter().filter(|guard| !others.contains(guard)) {
                text.push_str(&format!(
                    "  {} {guard} trips under the {which} alone\n",
                    night.as_of
                ));
            }
        }
    }
    let listed = answered
        .nights
        .iter()
        .flat_map(|n| n.differences.iter().map(|d| (n.as_of, d)));
    if !all.is_empty() {
        text.push_str("\nThe first of them; --format json has all\n");
    }
    for (as_of, difference) in listed.take(LISTED) {
        text.push_str(&format!(
            "  {as_of} {}: {} → {}\n",
            difference.account_id,
            words(&difference.first),
            words(&difference.second)
        ));
    }
    for (run, why) in &answered.left_out {
        text.push_str(&format!("{run} is left out: {why}.\n"));
    }
    text
}

/// `release by L-REL-1, held`; `update by L-UPD-1`; `none`.
fn words(decision: &Decision) -> String {
    let rule = match decision.rule.as_str() {
        "" => String::new(),
        rule => format!(" by {rule}"),
    };
    let status = match decision.status {
        "" | "planned" => String::new(),
        status => format!(", {status}"),
    };
    format!("{}{rule}{status}", decision.action)
}
