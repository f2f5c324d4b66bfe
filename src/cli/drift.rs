//! `onroll drift`: our last snapshot against the real directory's list. Nothing is written.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::args::{Global, Places};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting;
use crate::directory::Snapshot;
use crate::drift::{History, drift, listing};
use crate::report;
use crate::workspace::{PLAN_FILE, RunState, Workspace};

/// Compare the last snapshot with a list of the accounts that the directory really holds: what drifted, since when, and
/// apart from it what nobody has carried out there yet.
#[derive(Debug, Args)]
pub struct Drift {
    /// The list: one CSV table of every account, as for `onroll adopt`
    file: PathBuf,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    format: Shape,
    /// End with 2 if something drifted
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    places: Places,
}

/// In which form drift is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Shape {
    /// For people
    Text,
    /// One line for each difference
    Csv,
    /// For programs
    Json,
}

impl Drift {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let policy = setting::policy(&workspace)?;
        let label = self
            .file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let label = label.unwrap_or_default();
        let bytes = std::fs::read(&self.file).map_err(|e| {
            CliError::failed(format!("{} cannot be read: {e}", self.file.display()))
        })?;
        let domain = &policy.params.names.email_domain;
        let listing = listing(&label, bytes, domain, workspace.settings.windows_1252);
        if listing.is_refused() {
            screen.styled(&report::terminal_every_fault(
                &listing.faults,
                screen.colour,
            ));
            return Err(CliError::new(
                Outcome::Refused,
                "the list cannot be compared as it is",
            ));
        }
        let snapshot = snapshot(&workspace)?;
        let (found, sides, history) = drift(&snapshot.accounts, &listing, |wanted| {
            history(&workspace, wanted)
        })?;
        let (as_of, max) = (snapshot.meta.as_of, workspace.settings.report_rows_max);
        let answer = match self.format {
            Shape::Text => report::drift_text(&found, sides, as_of, history.oldest(), max),
            Shape::Csv => String::from_utf8_lossy(&report::drift_csv(&found)).into_owned(),
            Shape::Json => {
                let answer = json!({ "as_of": as_of, "accounts": sides, "findings": found });
                format!("{answer:#}\n")
            }
        };
        screen.out(&answer);
        let drifted = found.iter().any(|finding| !finding.not_carried_out);
        Ok(match self.detailed_exitcode && drifted {
            true => Outcome::Pending,
            false => Outcome::Done,
        })
    }
}

fn snapshot(workspace: &Workspace) -> Result<Snapshot, CliError> {
    let keys: Vec<(String, String)> = setting::keys(workspace)?
        .all()
        .map(|key| (key.id().to_string(), key.fingerprint()))
        .collect();
    Snapshot::read(&workspace.live_snapshot()?, &keys)
        .map_err(|e| CliError::new(Outcome::Refused, e.to_string()))
}

/// The plans of applied runs whose values have not aged out, newest first.
fn history(workspace: &Workspace, wanted: &HashSet<String>) -> Result<History, CliError> {
    let mut history = History::default();
    let runs = workspace.runs()?;
    let applied = runs.iter().rev().filter(|run| {
        run.record.state == RunState::Done && !run.record.adopted && run.record.aged_on.is_none()
    });
    for run in applied {
        let path = run.path.join(PLAN_FILE);
        let plan = std::fs::File::open(&path)
            .map_err(|e| CliError::failed(format!("could not read {}: {e}", path.display())))?;
        let plan = std::io::BufReader::new(plan);
        history.add(run.record.as_of, plan, wanted).map_err(|why| {
            CliError::failed(format!("{}: {why}", run.name))
                .hint("`onroll verify` looks at every file; a backup has it as it was.")
        })?;
    }
    Ok(history)
}
