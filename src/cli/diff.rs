//! `onroll diff`: two snapshots or runs, record by record. Nothing is written but the answer, and no key is needed.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::{Global, Places};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use crate::diff::{self, Differences, Side, SideError, differences};
use crate::report;
use crate::workspace::{CURRENT_FILE, PLAN_FILE, RunFolder, SNAPSHOTS, Workspace, files};

/// Compare two snapshots or runs: what was added, removed and changed. A run stands for the directory as it left it.
#[derive(Debug, Args)]
pub struct Diff {
    /// A run, a snapshot's name or the beginning of it, the folder of a snapshot, or CURRENT
    #[arg(value_name = "A")]
    first: String,
    /// The other
    #[arg(value_name = "B", default_value = CURRENT_FILE)]
    second: String,
    /// Compare the plans of two runs instead of what they left
    #[arg(long)]
    plans: bool,
    /// Only how many records differ, by table and column
    #[arg(long, conflicts_with = "format")]
    summary: bool,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Shape::Unified)]
    format: Shape,
    /// Write the answer into a file that only its owner can read
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// End with 2 if something differs
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    places: Places,
}

/// In which form differences are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Shape {
    /// Lines with + and -, record by record
    #[value(alias = "text")]
    Unified,
    /// One line for each cell that differs
    Csv,
    /// A page for a browser
    Html,
    /// For programs
    Json,
}

impl Diff {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let side = |named: &str| match self.plans {
            true => plan(&workspace, named),
            false => state(&workspace, named),
        };
        let (first, second) = (side(&self.first)?, side(&self.second)?);
        let found = differences(&first, &second).map_err(unreadable)?;
        let answer = self.answer(&found, &first, &second, workspace.settings.report_rows_max)?;
        match &self.out {
            Some(path) => report::write_owner_only(path, &answer).map_err(|e| {
                CliError::failed(format!("could not write {}: {e}", path.display()))
            })?,
            None => screen.out(&String::from_utf8_lossy(&answer)),
        }
        Ok(match self.detailed_exitcode && !found.is_empty() {
            true => Outcome::Pending,
            false => Outcome::Done,
        })
    }

    fn answer(
        &self,
        found: &Differences,
        first: &Side,
        second: &Side,
        max: usize,
    ) -> Result<Vec<u8>, CliError> {
        let summary = || {
            let from = format!("{} → {}\n\n", told(first), told(second));
            from + &report::differences_summary(found)
        };
        Ok(match self.format {
            _ if self.summary => summary().into_bytes(),
            Shape::Unified if found.is_empty() => {
                format!("{} → {}: nothing differs.\n", told(first), told(second)).into_bytes()
            }
            Shape::Unified => {
                (summary() + "\n" + &report::differences_unified(found, max)).into_bytes()
            }
            Shape::Csv => report::differences_csv(found),
            Shape::Html => report::differences_html(found, &told(first), &told(second), max),
            Shape::Json => {
                let mut json = serde_json::to_vec_pretty(found)
                    .map_err(|e| CliError::failed(format!("the answer could not be made: {e}")))?;
                json.push(b'\n');
                json
            }
        })
    }
}

/// A side's name and the date it stands at.
fn told(side: &Side) -> String {
    match side.as_of {
        Some(as_of) => format!("{} ({as_of})", side.label),
        None => side.label.clone(),
    }
}

fn unreadable(error: SideError) -> CliError {
    let error = CliError::failed(error.to_string());
    error.hint("`onroll verify` looks at every file; a backup has it as it was.")
}

/// The directory as a snapshot or run has it.
fn state(workspace: &Workspace, named: &str) -> Result<Side, CliError> {
    let folder = Path::new(named);
    if folder.join("snapshot.json").is_file() {
        let label = folder
            .file_name()
            .map_or(named.into(), |name| name.to_string_lossy());
        return diff::snapshot(folder, &label).map_err(unreadable);
    }
    if named == CURRENT_FILE {
        let name = workspace.current()?.unwrap_or_default();
        return kept(workspace, &name, &name);
    }
    if let Some(name) = snapshot_name(workspace, named)? {
        return kept(workspace, &name, &name);
    }
    let run = workspace.run(named).map_err(|_| {
        CliError::failed("there is no run and no kept snapshot of that name").hint(
            "A run is named by its folder in runs/, a snapshot by its folder in directory/ or runs/snapshots/.",
        )
    })?;
    let record = &run.record;
    let name = record
        .snapshot_after
        .as_ref()
        .unwrap_or(&record.snapshot_before);
    kept(workspace, name, &run.name)
}

fn kept(workspace: &Workspace, name: &str, label: &str) -> Result<Side, CliError> {
    match workspace.kept_snapshot(name) {
        Some(folder) => diff::snapshot(&folder, label).map_err(unreadable),
        None => Err(CliError::failed(format!(
            "the directory as {label} left it is no longer kept"
        ))
        .hint("With --plans the plans of two runs are compared: those stay.")),
    }
}

/// The one kept snapshot whose name begins so.
fn snapshot_name(workspace: &Workspace, named: &str) -> Result<Option<String>, CliError> {
    let mut found: Vec<String> = Vec::new();
    for folder in [
        &workspace.settings.directory,
        &workspace.settings.runs.join(SNAPSHOTS),
    ] {
        let names = files::names(folder)?.into_iter();
        found.extend(names.filter(|name| {
            name.starts_with(named) && folder.join(name).join("snapshot.json").is_file()
        }));
    }
    found.sort_unstable();
    found.dedup();
    match found.len() {
        0 | 1 => Ok(found.pop()),
        n => Err(
            CliError::failed(format!("{n} snapshots have names that begin so"))
                .hint("Give more of the name."),
        ),
    }
}

/// A run's plan.
fn plan(workspace: &Workspace, named: &str) -> Result<Side, CliError> {
    let run: RunFolder = match named {
        CURRENT_FILE => workspace.runs()?.into_iter().next_back(),
        _ => Some(workspace.run(named)?),
    }
    .ok_or_else(|| CliError::failed("the archive has no run"))?;
    let path = run.path.join(PLAN_FILE);
    let bytes = std::fs::read(&path)
        .map_err(|e| CliError::failed(format!("could not read {}: {e}", path.display())))?;
    Ok(diff::plan(&run.name, run.record.as_of, bytes))
}
