//! What stays of a night for some nights so that it can be decided again (SPEC §15): its accepted roll in the run's folder,
//! and the snapshot it began with.

use std::path::{Path, PathBuf};

use chrono::Days;

use super::{PLAN_FILE, RunFolder, SNAPSHOTS, Turn, Workspace, WorkspaceError, files};
use crate::model::Date;

/// The accepted roll, in a run's folder.
pub const ROLL: &str = "roll";
/// Days for which a roll is kept.
pub const ROLL_DAYS: u64 = 7;

impl RunFolder {
    /// Where its roll is, if it is kept.
    pub fn roll(&self) -> Option<PathBuf> {
        Some(self.path.join(ROLL)).filter(|path| path.is_dir())
    }

    /// Whether its record says that its roll is kept: a start after a kill may find less.
    fn lists_roll(&self) -> bool {
        self.record.files.iter().any(|mark| is_of_roll(&mark.file))
    }
}

fn is_of_roll(file: &str) -> bool {
    file.split('/').next() == Some(ROLL)
}

impl Workspace {
    /// The folder of a snapshot, live or kept for a roll.
    pub fn kept_snapshot(&self, name: &str) -> Option<PathBuf> {
        let places = [
            self.snapshot(name),
            self.settings.runs.join(SNAPSHOTS).join(name),
        ];
        let is_named = !name.is_empty();
        places.into_iter().find(|path| is_named && path.is_dir())
    }

    fn new_roll(&self) -> PathBuf {
        files::temporary_name(&self.settings.runs.join(ROLL))
    }

    /// Where `plan.csv` is written until its run has a folder.
    pub fn new_plan(&self) -> PathBuf {
        files::temporary_name(&self.settings.runs.join(PLAN_FILE))
    }

    /// Moves the plan and the roll of the night that is being filed into its run's folder.
    pub fn put_plan(&self, folder: &Path) -> Result<(), WorkspaceError> {
        for (new, name) in [(self.new_plan(), PLAN_FILE), (self.new_roll(), ROLL)] {
            match std::fs::rename(&new, folder.join(name)) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(WorkspaceError::io("put in place", &new, e));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Turn<'_> {
    /// An empty folder for the roll of the night that is about to be decided.
    pub fn begin_roll(&self) -> Result<PathBuf, WorkspaceError> {
        let path = self.workspace.new_roll();
        files::remove_folder(&path)?;
        files::make_folder(&path)?;
        Ok(path)
    }

    /// Removes the plan and the roll of a night that was not filed, or filed before.
    pub fn end_plan(&self) -> Result<(), WorkspaceError> {
        let plan = self.workspace.new_plan();
        match std::fs::remove_file(&plan) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(WorkspaceError::io("remove", &plan, e));
            }
            _ => {}
        }
        files::remove_folder(&self.workspace.new_roll())
    }

    /// Takes out every roll that is older than [`ROLL_DAYS`] tonight, and the snapshots that only those needed.
    pub(super) fn take_out_rolls(&mut self, tonight: Date) -> Result<(), WorkspaceError> {
        let is_due = |run: &RunFolder| {
            let until = run.record.as_of.checked_add_days(Days::new(ROLL_DAYS));
            run.lists_roll() && until.is_some_and(|until| until <= tonight)
        };
        for at in 0..self.runs.len() {
            if !is_due(&self.runs[at]) {
                continue;
            }
            let mut run = self.runs[at].clone();
            files::remove_folder(&run.path.join(ROLL))?;
            run.record.files.retain(|mark| !is_of_roll(&mark.file));
            self.save(&run, "roll_removed")?;
            self.runs[at] = run;
        }
        let kept = self.workspace.settings.runs.join(SNAPSHOTS);
        for name in files::names(&kept)? {
            if !self.is_needed(&name) {
                files::remove_folder(&kept.join(name))?;
            }
        }
        Ok(())
    }

    /// Whether a kept roll belongs to a snapshot.
    fn is_needed(&self, snapshot: &str) -> bool {
        let mut runs = self.runs.iter().filter(|run| run.lists_roll());
        runs.any(|run| run.record.snapshot_before == snapshot)
    }

    /// Takes every snapshot but those named out of the directory: to the archive, where a roll belongs to it, else for
    /// good. Anything that is not a snapshot stays.
    pub(super) fn put_away_snapshots_but(&self, live: &[&str]) -> Result<(), WorkspaceError> {
        let archive = self.workspace.settings.runs.join(SNAPSHOTS);
        for name in files::names(&self.workspace.settings.directory)? {
            let path = self.workspace.snapshot(&name);
            if !path.join("snapshot.json").is_file() || live.contains(&name.as_str()) {
                continue;
            }
            let place = archive.join(&name);
            if self.is_needed(&name) && !place.exists() {
                files::make_folder(&archive)?;
                std::fs::rename(&path, &place)
                    .map_err(|e| WorkspaceError::io("put in place", &place, e))?;
            } else {
                files::remove_folder(&path)?;
            }
        }
        Ok(())
    }
}
