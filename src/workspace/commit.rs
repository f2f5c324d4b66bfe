//! The one commit point, and what a start makes of a run that was killed.
//!
//! Order (SPEC §11): the run says `intended`; the new snapshot stands under a temporary name, where `run` has written it
//! beside the reports and `apply` writes it now, and is flushed; the run names it; the folder takes its name; `CURRENT` is
//! replaced; the run says `done`; older snapshots go. Only the replacing of `CURRENT` changes what is live, so a start that
//! finds `intended` looks there: if it names the run's snapshot the run is done, else nothing of it happened.

use std::path::{Path, PathBuf};

use super::{
    CURRENT_FILE, RunFolder, RunState, Turn, Workspace, WorkspaceError, fault_point, files,
};

/// The steps at which [`fault_point`] can end the process, in their order.
pub const STEPS: &[&str] = &[
    "run_folder_begun",
    "run_folder_filed",
    "run_chained",
    "run_intended",
    "snapshot_written",
    "snapshot_named",
    "snapshot_in_place",
    "current_replaced",
    "run_done",
    "old_snapshots_removed",
];

impl Workspace {
    /// Where a snapshot is written until it has its name.
    fn new_snapshot(&self) -> PathBuf {
        files::temporary_name(&self.snapshot("snapshot"))
    }

    /// An empty folder for the next snapshot.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin_snapshot(&self) -> Result<PathBuf, WorkspaceError> {
        let folder = self.new_snapshot();
        files::remove_folder(&folder)?;
        files::make_folder(&folder)?;
        Ok(folder)
    }

    /// Removes a snapshot that nothing comes of.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn end_snapshot(&self) -> Result<(), WorkspaceError> {
        files::remove_folder(&self.new_snapshot())
    }
}

impl Turn<'_> {
    /// Carries out a filed run. `write` sees to it that the folder of [`Workspace::begin_snapshot`] has the new snapshot,
    /// which may have been written there already, and returns its digest name; `None` when nothing is to change. On an
    /// error nothing was applied and the run says why.
    pub fn commit<E>(
        &mut self,
        run: &RunFolder,
        write: Option<impl FnOnce(&Path) -> Result<String, E>>,
    ) -> Result<RunFolder, E>
    where
        E: From<WorkspaceError> + std::fmt::Display,
    {
        let mut run = run.clone();
        if run.record.changed_nothing() && write.is_none() {
            return Ok(run);
        }
        let before = run.record.snapshot_before.clone();
        let Some(write) = write else {
            run.record.enter(RunState::Done, Some(before), false);
            self.save(&run, RunState::Done.as_str())?;
            return Ok(run);
        };
        match self.put_in_place(&mut run, write) {
            Ok(after) => {
                fault_point("current_replaced");
                run.record.stages = self.times();
                run.record.enter(RunState::Done, Some(after.clone()), false);
                self.save(&run, RunState::Done.as_str())?;
                fault_point("run_done");
                self.put_away_snapshots_but(&[&after, &before])?;
                fault_point("old_snapshots_removed");
                Ok(run)
            }
            Err(error) => {
                // It is of no use and may fill the disk on which the record has to be written.
                let _ = self.workspace.end_snapshot();
                run.record.error = Some(error.to_string());
                run.record.enter(RunState::Failed, None, false);
                // The first error is the one to report; a start settles the record if this one fails too.
                let _ = self.save(&run, RunState::Failed.as_str());
                Err(error)
            }
        }
    }

    fn put_in_place<E>(
        &mut self,
        run: &mut RunFolder,
        write: impl FnOnce(&Path) -> Result<String, E>,
    ) -> Result<String, E>
    where
        E: From<WorkspaceError>,
    {
        let workspace = self.workspace;
        // An adoption may find no snapshot at all, which its record names by nothing.
        if workspace.current()?.unwrap_or_default() != run.record.snapshot_before {
            return Err(WorkspaceError::Other(
                "the directory has moved on since the plan was made".to_owned(),
            )
            .into());
        }
        run.record.error = None;
        run.record.enter(RunState::Intended, None, false);
        self.save(run, RunState::Intended.as_str())?;
        fault_point("run_intended");

        let temporary = workspace.new_snapshot();
        let after = write(&temporary)?;
        tracing::info!(target: "onroll::stage", stage = "commit", "putting the snapshot in place");
        files::seal(&temporary)?;
        fault_point("snapshot_written");

        run.record
            .enter(RunState::Intended, Some(after.clone()), false);
        self.save(run, RunState::Intended.as_str())?;
        fault_point("snapshot_named");
        place_snapshot(workspace, &temporary, &after)?;
        fault_point("snapshot_in_place");
        files::replace(
            &workspace.settings.directory.join(CURRENT_FILE),
            format!("{after}\n").as_bytes(),
        )?;
        Ok(after)
    }

    /// Settles every interrupted run and removes what is unfinished.
    pub(super) fn settle(&mut self) -> Result<(), WorkspaceError> {
        let current = self.workspace.current()?;
        let mut runs = std::mem::take(&mut self.runs);
        self.chain.settle(&runs)?;
        for run in runs
            .iter_mut()
            .filter(|run| run.record.state == RunState::Intended)
        {
            let after = run.record.snapshot_after.clone();
            let live = after.is_some() && after == current;
            let state = if live {
                RunState::Done
            } else {
                RunState::Abandoned
            };
            run.record.enter(state, after.filter(|_| live), true);
            self.save(run, state.as_str())?;
            self.settled.push((run.name.clone(), state));
        }
        self.runs = runs;
        for folder in [
            &self.workspace.settings.runs,
            &self.workspace.settings.directory,
        ] {
            remove_unfinished(folder)?;
        }
        for run in &self.runs {
            remove_unfinished(&run.path)?;
        }
        Ok(())
    }
}

fn place_snapshot(
    workspace: &Workspace,
    temporary: &Path,
    name: &str,
) -> Result<(), WorkspaceError> {
    let place = workspace.snapshot(name);
    if workspace.current()?.as_deref() == Some(name) {
        return files::remove_folder(temporary);
    }
    files::remove_folder(&place)?;
    std::fs::rename(temporary, &place)
        .and_then(|()| files::sync_folder(&workspace.settings.directory))
        .map_err(|e| WorkspaceError::io("put in place", &place, e))
}

fn remove_unfinished(folder: &Path) -> Result<(), WorkspaceError> {
    for name in files::names(folder)?
        .iter()
        .filter(|name| name.starts_with(files::TEMPORARY))
    {
        let path = folder.join(name);
        if path.is_dir() {
            files::remove_folder(&path)?;
        } else {
            std::fs::remove_file(&path).map_err(|e| WorkspaceError::io("remove", &path, e))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Overrides, RunRecord};

    type Result<T> = std::result::Result<T, WorkspaceError>;

    fn workspace(home: &Path) -> Workspace {
        std::fs::write(home.join("onroll.toml"), "policy = 'hwb'\n").unwrap();
        std::fs::create_dir_all(home.join("directory/s0")).unwrap();
        std::fs::write(home.join("directory/s0/snapshot.json"), "{}").unwrap();
        std::fs::write(home.join("directory/CURRENT"), "s0\n").unwrap();
        Workspace::open(home, &Overrides::default(), None).unwrap()
    }

    fn record(before: &str, digest: &str) -> RunRecord {
        let mut record = RunRecord::new("2026-07-20".parse().unwrap(), RunState::Planned, digest);
        record.snapshot_before = before.to_owned();
        record.plan_digest = digest.to_owned();
        record.plan_csv_sha256 = crate::directory::sha256(b"plan");
        record
    }

    fn file(turn: &mut Turn<'_>, record: RunRecord) -> RunFolder {
        turn.file(record, |folder, _| {
            files::write_new(&folder.join("plan.csv"), b"plan").map(|()| Vec::new())
        })
        .unwrap()
    }

    fn write(name: &'static str) -> Option<impl FnOnce(&Path) -> Result<String>> {
        Some(move |folder: &Path| {
            files::make_folder(folder)?;
            files::write_new(&folder.join("snapshot.json"), b"{}").map(|()| name.to_owned())
        })
    }

    #[test]
    fn two_snapshots_are_kept_and_current_names_the_last() {
        let home = tempfile::tempdir().unwrap();
        let workspace = workspace(home.path());
        let mut turn = workspace.begin("test").unwrap();
        for (before, after) in [("s0", "s1"), ("s1", "s2")] {
            let run = file(&mut turn, record(before, after));
            assert_eq!(
                turn.commit(&run, write(after)).unwrap().record.state,
                RunState::Done
            );
        }
        assert_eq!(
            files::names(&workspace.settings.directory).unwrap(),
            [".lock", "CURRENT", "s1", "s2"]
        );
        assert_eq!(workspace.current().unwrap().as_deref(), Some("s2"));
    }

    #[test]
    fn an_interrupted_run_is_settled_by_what_is_live() {
        let home = tempfile::tempdir().unwrap();
        let workspace = workspace(home.path());
        let mut turn = workspace.begin("test").unwrap();
        for (digest, after) in [("aaaa", Some("s9")), ("bbbb", None), ("cccc", Some("s0"))] {
            let mut run = file(&mut turn, record("s", digest));
            run.record
                .enter(RunState::Intended, after.map(str::to_owned), false);
            turn.save(&run, "intended").unwrap();
        }
        std::fs::create_dir(home.path().join("directory/.new-snapshot")).unwrap();
        drop(turn);
        let turn = workspace.begin("test").unwrap();
        let states: Vec<_> = turn
            .settled()
            .iter()
            .map(|(name, state)| (name.as_str(), *state))
            .collect();
        assert_eq!(
            states,
            [
                ("2026-07-20-aaaa", RunState::Abandoned),
                ("2026-07-20-bbbb", RunState::Abandoned),
                ("2026-07-20-cccc", RunState::Done)
            ]
        );
        assert!(!home.path().join("directory/.new-snapshot").exists());
    }

    #[test]
    fn a_failed_snapshot_leaves_the_directory_and_the_reason() {
        let home = tempfile::tempdir().unwrap();
        let workspace = workspace(home.path());
        let mut turn = workspace.begin("test").unwrap();
        let run = file(&mut turn, record("s0", "aaaa"));
        let full =
            |_: &Path| -> Result<String> { Err(WorkspaceError::Other("no space".to_owned())) };
        assert!(turn.commit(&run, Some(full)).is_err());
        assert!(!home.path().join("directory/.new-snapshot").exists());
        drop(turn);
        let turn = workspace.begin("test").unwrap();
        let run = turn.run("runs/2026-07-20-aaaa").unwrap();
        assert_eq!(
            (run.record.state, run.record.error.as_deref()),
            (RunState::Failed, Some("no space"))
        );
        assert_eq!(workspace.current().unwrap().as_deref(), Some("s0"));
    }

    #[test]
    fn the_same_plan_keeps_its_folder_and_an_altered_one_does_not_pass_for_it() {
        let home = tempfile::tempdir().unwrap();
        let workspace = workspace(home.path());
        let mut turn = workspace.begin("test").unwrap();
        let first = file(&mut turn, record("s0", "aaaa"));
        let again = file(&mut turn, record("s0", "aaaa"));
        assert_eq!(
            (again.name.as_str(), again.record.sequence),
            (first.name.as_str(), 2)
        );
        std::fs::write(again.path.join("plan.csv"), "other").unwrap();
        assert_eq!(
            file(&mut turn, record("s0", "aaaa")).name,
            "2026-07-20-aaaa-2"
        );
    }
}
