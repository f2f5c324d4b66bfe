//! The archive: one folder per run, found again by name, by what it planned, or by its place in time.

use std::path::{Path, PathBuf};

use super::{FileMark, RunRecord, RunState, Turn, WorkspaceError, fault_point, files};
use crate::directory::sha256;

/// The record of a run.
pub const RUN_FILE: &str = "run.json";
/// The plan of a run.
pub const PLAN_FILE: &str = "plan.csv";
/// What changes in groups, in a run's folder.
pub const GROUPS_FILE: &str = "groups.csv";
/// Which guard holds which change of a run; what `approve` reads.
pub const HELD_FILE: &str = "held.csv";

/// The folder below `runs/` with every policy that decided, once per digest.
pub const POLICIES: &str = "policies";
/// The folder below `runs/` with the snapshots that archived rolls belong to.
pub const SNAPSHOTS: &str = "snapshots";

/// A run in the archive.
#[derive(Clone, Debug)]
pub struct RunFolder {
    /// The folder's name below `runs/`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its `run.json`.
    pub record: RunRecord,
}

impl RunFolder {
    /// The bytes of `run.json` as they lie on the disk.
    pub fn record_bytes(&self) -> Result<Vec<u8>, WorkspaceError> {
        let path = self.path.join(RUN_FILE);
        std::fs::read(&path).map_err(|e| WorkspaceError::io("read", &path, e))
    }

    /// Whether `plan.csv`, and `groups.csv` where there is one, are as they were written.
    pub fn plan_is_intact(&self) -> bool {
        let is = |file: &str, digest: &str| {
            std::fs::read(self.path.join(file)).is_ok_and(|bytes| sha256(&bytes) == digest)
        };
        let groups = &self.record.groups_csv_sha256;
        is(PLAN_FILE, &self.record.plan_csv_sha256)
            && (groups.is_empty() || is(GROUPS_FILE, groups))
    }
}

fn to_json(record: &RunRecord) -> Result<Vec<u8>, WorkspaceError> {
    let mut bytes = serde_json::to_vec_pretty(record)
        .map_err(|e| WorkspaceError::Other(format!("run.json could not be made: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Every run with a readable record, in the order in which they were made. Others are left alone: an old folder that
/// somebody damaged must not stop tonight.
pub(super) fn all(runs: &Path) -> Result<Vec<RunFolder>, WorkspaceError> {
    let mut found = Vec::new();
    for name in files::names(runs)? {
        let path = runs.join(&name);
        if name.starts_with(files::TEMPORARY)
            || name == POLICIES
            || name == SNAPSHOTS
            || !path.is_dir()
        {
            continue;
        }
        files::refuse_links(&path, 1)?;
        let record = std::fs::read(path.join(RUN_FILE))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match record {
            Some(record) => found.push(RunFolder { name, path, record }),
            None => {
                tracing::warn!(run = %name, "run.json cannot be read; the folder is left alone")
            }
        }
    }
    found.sort_by(|a, b| (a.record.sequence, &a.name).cmp(&(b.record.sequence, &b.name)));
    Ok(found)
}

pub(super) fn named(runs: &[RunFolder], named: &str) -> Result<RunFolder, WorkspaceError> {
    let name = Path::new(named)
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    runs.iter()
        .find(|run| run.name == name)
        .cloned()
        .ok_or_else(|| {
            let newest = runs
                .last()
                .map(|run| format!("; the newest is {}", run.name))
                .unwrap_or_default();
            WorkspaceError::Other(format!("there is no such run in the archive{newest}"))
        })
}

impl Turn<'_> {
    /// Writes `run.json` of a filed run anew, with a line in the chain.
    pub(super) fn save(&mut self, run: &RunFolder, event: &str) -> Result<(), WorkspaceError> {
        let bytes = to_json(&run.record)?;
        self.chain.add(run, event, &bytes)?;
        fault_point("run_chained");
        files::replace(&run.path.join(RUN_FILE), &bytes)
    }

    /// Files a run: `write` fills its folder, given that folder and the name it will have, `run.json` is added, and the
    /// folder appears whole under its name. Files whose marks `write` returns are not read again for their digests. The
    /// same run made again keeps its folder and everything recorded there.
    pub fn file<E: From<WorkspaceError>>(
        &mut self,
        mut record: RunRecord,
        write: impl FnOnce(&Path, &str) -> Result<Vec<FileMark>, E>,
    ) -> Result<RunFolder, E> {
        record.sequence = 1 + self.runs.last().map_or(0, |run| run.record.sequence);
        let base = record.folder_name();
        let mut name = base.clone();
        for number in 2.. {
            match self.runs.iter().position(|run| run.name == name) {
                Some(at) if is_same(&self.runs[at], &record) => {
                    return Ok(self.file_again(at, record.sequence)?);
                }
                None if !self.workspace.settings.runs.join(&name).exists() => break,
                _ => name = format!("{base}-{number}"),
            }
        }
        let path = self.workspace.settings.runs.join(&name);
        let temporary = files::temporary_name(&path);
        files::make_folder(&temporary)?;
        let written = write(&temporary, &name).inspect_err(|_| {
            // What is half written is of no use and may fill the disk.
            let _ = files::remove_folder(&temporary);
        })?;
        fault_point("run_folder_begun");
        tracing::info!(target: "onroll::stage", stage = "file", "filing the run");
        record.files = super::marks::with_known(&temporary, &written)?;
        record.stages = self.times();
        let bytes = to_json(&record)?;
        files::replace(&temporary.join(RUN_FILE), &bytes)?;
        files::seal(&temporary)?;
        std::fs::rename(&temporary, &path)
            .and_then(|()| files::sync_folder(&self.workspace.settings.runs))
            .map_err(|e| WorkspaceError::io("put in place", &path, e))?;
        fault_point("run_folder_filed");
        let run = RunFolder { name, path, record };
        self.chain.add(&run, run.record.state.as_str(), &bytes)?;
        self.runs.push(run.clone());
        Ok(run)
    }

    /// Keeps the files of a policy for as long as the archive: what an index in `facts` means stands in them.
    pub fn keep_policy(
        &self,
        digest: &str,
        policy: &[(String, Vec<u8>)],
    ) -> Result<(), WorkspaceError> {
        let place = self.workspace.settings.runs.join(POLICIES).join(digest);
        if place.is_dir() {
            return Ok(());
        }
        let temporary = self
            .workspace
            .settings
            .runs
            .join(format!("{}policy", files::TEMPORARY));
        files::remove_folder(&temporary)?;
        files::make_folder(&temporary)?;
        for (name, bytes) in policy {
            files::write_new(&temporary.join(name), bytes)?;
        }
        files::seal(&temporary)?;
        files::make_folder(&self.workspace.settings.runs.join(POLICIES))?;
        std::fs::rename(&temporary, &place)
            .map_err(|e| WorkspaceError::io("put in place", &place, e))
    }

    /// The same run once more: it becomes the newest, and one that was not carried out is planned again.
    fn file_again(&mut self, at: usize, sequence: u64) -> Result<RunFolder, WorkspaceError> {
        let mut run = self.runs.remove(at);
        let settled = matches!(run.record.state, RunState::Planned | RunState::Refused)
            || run.record.changed_nothing();
        if !settled && !run.record.plan_digest.is_empty() {
            run.record.enter(RunState::Planned, None, false);
        }
        run.record.sequence = sequence;
        self.save(&run, run.record.state.as_str())?;
        self.runs.push(run.clone());
        Ok(run)
    }
}

fn is_same(run: &RunFolder, record: &RunRecord) -> bool {
    run.record.fingerprint == record.fingerprint
        && run.record.plan_csv_sha256 == record.plan_csv_sha256
        && (record.plan_digest.is_empty() || run.plan_is_intact())
}

/// A change and a guard that holds it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeldChange {
    /// The guard's id, e.g. `release@run`.
    pub guard: String,
    /// The change.
    pub change_id: String,
}

/// Writes `held.csv`: `guard,change_id`, sorted.
pub fn write_held(folder: &Path, mut held: Vec<HeldChange>) -> Result<(), WorkspaceError> {
    held.sort();
    let mut text = String::from("guard,change_id\n");
    for HeldChange { guard, change_id } in &held {
        text.push_str(&format!("{guard},{change_id}\n"));
    }
    files::write_new(&folder.join(HELD_FILE), text.as_bytes())
}

/// Reads `held.csv` of a run.
pub fn read_held(folder: &Path) -> Result<Vec<HeldChange>, WorkspaceError> {
    let path = folder.join(HELD_FILE);
    let text = std::fs::read_to_string(&path).map_err(|e| WorkspaceError::io("read", &path, e))?;
    let lines = text.lines().skip(1).filter_map(|line| line.split_once(','));
    Ok(lines
        .map(|(guard, change_id)| HeldChange {
            guard: guard.to_owned(),
            change_id: change_id.to_owned(),
        })
        .collect())
}
