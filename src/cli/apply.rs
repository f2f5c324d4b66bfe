//! `onroll apply`: carries out a plan that was written and reviewed, if it is still what would be decided.

use std::collections::BTreeMap;

use clap::Args;

use super::args::{Answer, Global, Places};
use super::night::{self, Evening};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting::Scope;
use super::summary::{self, Told};
use crate::nightly::{Decided, Night};
use crate::workspace::{FileMark, GROUPS_FILE, PLAN_FILE, RunFolder, RunState, Turn, Workspace};

#[derive(Debug, Args)]
pub struct Apply {
    /// The run to carry out [default: the newest plan made from the current snapshot]
    run: Option<String>,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Apply {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let mut turn = workspace.begin("onroll apply")?;
        summary::settled(screen, &turn);
        workspace.live_snapshot()?;
        let current = workspace.current()?.unwrap_or_default();
        let chosen = match &self.run {
            Some(named) => Some(turn.run(named)?),
            None => newest(turn.runs(), &current)?,
        };
        let Some(run) = chosen.filter(|run| run.record.state != RunState::Done) else {
            screen.note("Nothing to apply: the plan is carried out already.\n");
            return Ok(Outcome::Done);
        };
        let told = carry_out(&mut turn, &workspace, &run, &current)?;
        summary::show(screen, self.answer.format, &told);
        Ok(told.leave())
    }
}

/// The newest plan that waits and was made from the live snapshot; `None` when the newest run made that snapshot.
fn newest(runs: &[RunFolder], current: &str) -> Result<Option<RunFolder>, CliError> {
    let planned = || {
        runs.iter()
            .rev()
            .filter(|run| run.record.state == RunState::Planned)
    };
    if let Some(run) = planned().find(|run| run.record.snapshot_before == current) {
        return Ok(Some(run.clone()));
    }
    let live = runs.iter().any(|run| {
        run.record.state == RunState::Done && run.record.snapshot_after.as_deref() == Some(current)
    });
    match planned().next() {
        Some(run) if !live => Err(moved_on(run)),
        _ if live => Ok(None),
        _ => Err(CliError::failed("there is no plan to apply")
            .hint("`onroll plan` writes one; `onroll run` plans and applies.")),
    }
}

fn moved_on(run: &RunFolder) -> CliError {
    stale(&run.name, "the directory has moved on since it was made")
}

fn stale(run: &str, why: &str) -> CliError {
    CliError::new(
        Outcome::Stale,
        format!("the plan {run} is not applied: {why}"),
    )
    .hint("Nothing was changed. `onroll plan` makes a new one.")
}

fn carry_out(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    run: &RunFolder,
    current: &str,
) -> Result<Told, CliError> {
    if run.record.plan_digest.is_empty() {
        return Err(CliError::failed(format!(
            "the run {} has no plan",
            run.name
        )));
    }
    if run.record.snapshot_before != current {
        return Err(moved_on(run));
    }
    if !run.plan_is_intact() {
        return Err(stale(
            &run.name,
            "plan.csv or groups.csv is not as it was written",
        ));
    }
    let scope = Scope {
        as_of: run.record.as_of,
        only: run.record.establishments.clone(),
    };
    let Evening { night, policy } =
        night::decide_and_record(turn, workspace, &scope, night::Kept::default())?;
    let (decided, policy) = match (night, policy) {
        (Night::Decided(decided), Some(policy)) => (decided, policy),
        (night, policy) => return night::file(turn, workspace, &scope, Evening { night, policy }),
    };
    if decided.plan_digest != run.record.plan_digest {
        return Err(stale(
            &run.name,
            &differences(run, &decided, &policy.digest),
        ));
    }
    let on_disk = std::fs::read(run.path.join(PLAN_FILE))
        .map_err(|e| CliError::failed(format!("plan.csv of {} cannot be read: {e}", run.name)))?;
    if crate::directory::sha256(&on_disk) != decided.plan_csv.sha256 {
        return Err(stale(
            &run.name,
            "plan.csv is not what is decided from the same input",
        ));
    }
    if let Some(groups) = &decided.groups_csv
        && std::fs::read(run.path.join(GROUPS_FILE)).ok().as_ref() != Some(groups)
    {
        return Err(stale(&run.name, "groups.csv is not as it was written"));
    }
    let about = super::archive::about(&run.name, workspace, &decided, &policy)?;
    let done = night::commit(turn, workspace, run, &decided)?;
    let outcome = Outcome::of_plan(
        &decided.plan,
        policy.params.gate.held_establishments_max_percent,
    );
    Ok(Told {
        outcome,
        applied: true,
        run: done,
        night: Night::Decided(decided),
        about: Some(about),
    })
}

/// What is no longer as it was when the plan was made: files by name, policy, version.
fn differences(run: &RunFolder, decided: &Decided, policy_digest: &str) -> String {
    let record = &run.record;
    let before: BTreeMap<&str, &str> = record
        .inputs
        .files
        .iter()
        .map(|f: &FileMark| (f.file.as_str(), f.sha256.as_str()))
        .collect();
    let after: BTreeMap<&str, &str> = decided
        .input_files
        .iter()
        .map(|f| (f.label.as_str(), f.sha256.as_str()))
        .collect();
    let mut list: Vec<String> = Vec::new();
    for (file, digest) in &after {
        match before.get(file) {
            None => list.push(format!("{file} is new")),
            Some(earlier) if earlier != digest => list.push(format!("{file} has changed")),
            Some(_) => {}
        }
    }
    list.extend(
        before
            .keys()
            .filter(|file| !after.contains_key(*file))
            .map(|file| format!("{file} is gone")),
    );
    if record.policy.digest != policy_digest {
        list.push("the policy has changed".to_owned());
    }
    if record.tool != crate::workspace::tool() {
        list.push("it was made by another version of onroll".to_owned());
    }
    match list.len() {
        0 => "the settings or the key are others".to_owned(),
        n if n > 12 => format!("{}; and {} more", list[..12].join("; "), n - 12),
        _ => list.join("; "),
    }
}
