//! Whether the archive is as it was written: the chain of records, every file of every run, the policies that decided
//! and the snapshots that are kept (SPEC §11, §15). No key is needed, so that an auditor can look without one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::directory::{Meta, folder_name, sha256};
use crate::workspace::chain::{CHAIN_FILE, Chain, Link};
use crate::workspace::{
    CURRENT_FILE, FileMark, POLICIES, RUN_FILE, RunFolder, RunState, SNAPSHOTS, Workspace,
    WorkspaceError, file_marks, files,
};

/// A file that is not as it was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Finding {
    /// Its path below the workspace.
    pub file: String,
    /// What is wrong, in one sentence without an end.
    pub what: String,
}

/// What was looked at and what was found.
#[derive(Clone, Default, Debug, Serialize)]
pub struct Verified {
    /// Runs looked at.
    pub runs: usize,
    /// Files whose digest was taken.
    pub files: usize,
    /// Lines of the chain.
    pub links: usize,
    /// Digest of the last line of the chain: who keeps it can prove everything above it.
    pub chain_head: String,
    /// Runs made before onroll kept a digest of every file: only their plan can be checked.
    pub without_digests: Vec<String>,
    /// Runs from which whatever names people has aged out.
    pub aged: usize,
    /// Runs that were decided once more and came out the same.
    pub decided_again: Vec<String>,
    /// Planned runs that could not be, with the reason.
    pub not_decided_again: Vec<(String, String)>,
    /// Everything that is not as it was, sorted.
    pub findings: Vec<Finding>,
}

impl Verified {
    /// Whether something of a run was found not to be as it was.
    pub fn is_damaged(&self, run: &str) -> bool {
        let of_run = format!("runs/{run}/");
        self.findings
            .iter()
            .any(|finding| finding.file.starts_with(&of_run))
    }

    /// Adds a finding.
    pub fn find(&mut self, file: impl Into<String>, what: impl Into<String>) {
        self.findings.push(Finding {
            file: file.into(),
            what: what.into(),
        });
    }
}

/// Checks the chain, the snapshots and the runs given, with the policies that they name.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn verify(workspace: &Workspace, runs: &[RunFolder]) -> Result<Verified, WorkspaceError> {
    let mut verified = Verified {
        runs: runs.len(),
        ..Verified::default()
    };
    let chain = Chain::read(&workspace.settings.runs)?;
    check_chain(workspace, &chain, &mut verified)?;
    for run in runs {
        check_run(run, &mut verified)?;
    }
    check_succession(&workspace.runs()?, &mut verified);
    check_policies(workspace, runs, &mut verified)?;
    check_snapshots(&workspace.settings.directory, "directory", &mut verified)?;
    let archived = workspace.settings.runs.join(SNAPSHOTS);
    check_snapshots(&archived, &format!("runs/{SNAPSHOTS}"), &mut verified)?;
    check_current(workspace, &mut verified)?;
    verified.findings.sort();
    verified.findings.dedup();
    Ok(verified)
}

/// Every line follows from the one before, and every record is what its last line says.
fn check_chain(
    workspace: &Workspace,
    chain: &Chain,
    verified: &mut Verified,
) -> Result<(), WorkspaceError> {
    if let Some(line) = chain.first_broken() {
        let what = format!("line {line} is not as it was written");
        verified.find(format!("runs/{CHAIN_FILE}"), what);
    }
    let mut last: BTreeMap<String, Link> = BTreeMap::new();
    for link in chain.links().flatten() {
        verified.links += 1;
        last.insert(link.run.clone(), link);
    }
    verified.chain_head = chain.head();
    for name in files::names(&workspace.settings.runs)? {
        let record = workspace.settings.runs.join(&name).join(RUN_FILE);
        if record.is_file() && !last.contains_key(&name) {
            verified.find(
                format!("runs/{name}/{RUN_FILE}"),
                "the chain has no line for it",
            );
        }
    }
    for (name, link) in last {
        let path = workspace.settings.runs.join(&name).join(RUN_FILE);
        let file = format!("runs/{name}/{RUN_FILE}");
        match digest(&path)? {
            None => verified.find(file, "it is gone"),
            Some(found) if found != link.record => {
                verified.find(file, "it does not have the digest that the chain gives");
            }
            Some(_) => verified.files += 1,
        }
    }
    Ok(())
}

fn check_run(run: &RunFolder, verified: &mut Verified) -> Result<(), WorkspaceError> {
    let record = &run.record;
    verified.aged += usize::from(record.aged_on.is_some());
    if record.files.is_empty() && !record.plan_digest.is_empty() {
        verified.without_digests.push(run.name.clone());
        if !run.plan_is_intact() {
            let what = "it does not have the digest that run.json gives";
            verified.find(format!("runs/{}/plan.csv", run.name), what);
        }
        return Ok(());
    }
    let there = file_marks(&run.path)?;
    verified.files += there.len();
    let place = format!("runs/{}", run.name);
    compare(&place, &record.files, &there, verified);
    let plan = record.files.iter().find(|mark| mark.file == "plan.csv");
    let is_told =
        record.aged_on.is_some() || plan.is_none_or(|mark| mark.sha256 == record.plan_csv_sha256);
    if !is_told {
        verified.find(
            format!("{place}/{RUN_FILE}"),
            "it gives two digests of plan.csv",
        );
    }
    Ok(())
}

fn compare(place: &str, written: &[FileMark], there: &[FileMark], verified: &mut Verified) {
    let digests = |marks: &[FileMark]| -> BTreeMap<String, String> {
        marks
            .iter()
            .map(|m| (m.file.clone(), m.sha256.clone()))
            .collect()
    };
    let (written, there) = (digests(written), digests(there));
    for (file, digest) in &written {
        match there.get(file) {
            None => verified.find(format!("{place}/{file}"), "it is gone"),
            Some(found) if found != digest => {
                verified.find(format!("{place}/{file}"), "it is not as it was written");
            }
            Some(_) => {}
        }
    }
    for file in there.keys().filter(|file| !written.contains_key(*file)) {
        verified.find(format!("{place}/{file}"), "the run did not write it");
    }
}

/// Each applied run begins where an earlier one ended.
fn check_succession(runs: &[RunFolder], verified: &mut Verified) {
    let mut left: Vec<&str> = Vec::new();
    for run in runs.iter().filter(|run| run.record.state == RunState::Done) {
        let before = run.record.snapshot_before.as_str();
        if !left.is_empty() && !left.contains(&before) {
            let what = "it begins with a snapshot that no earlier run left";
            verified.find(format!("runs/{}/{RUN_FILE}", run.name), what);
        }
        left.extend(run.record.snapshot_after.as_deref());
    }
}

/// The policies that decided are what their runs say.
fn check_policies(
    workspace: &Workspace,
    runs: &[RunFolder],
    verified: &mut Verified,
) -> Result<(), WorkspaceError> {
    let mut seen: BTreeMap<&str, &[FileMark]> = BTreeMap::new();
    for run in runs
        .iter()
        .filter(|run| !run.record.policy.files.is_empty())
    {
        seen.insert(&run.record.policy.digest, &run.record.policy.files);
    }
    for (digest, written) in seen {
        let folder = workspace.settings.runs.join(POLICIES).join(digest);
        let there = file_marks(&folder)?;
        verified.files += there.len();
        compare(
            &format!("runs/{POLICIES}/{digest}"),
            written,
            &there,
            verified,
        );
    }
    Ok(())
}

/// Every kept snapshot has the digest it is named by, and its tables those that it gives.
fn check_snapshots(
    folder: &Path,
    label: &str,
    verified: &mut Verified,
) -> Result<(), WorkspaceError> {
    for name in files::names(folder)? {
        let folder = folder.join(&name);
        let json = folder.join("snapshot.json");
        if !folder.is_dir() {
            continue;
        }
        let place = format!("{label}/{name}");
        let bytes = match std::fs::read(&json) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                verified.find(format!("{place}/snapshot.json"), "it is gone");
                continue;
            }
            Err(e) => return Err(WorkspaceError::io("read", &json, e)),
        };
        verified.files += 1;
        let meta = serde_json::from_slice::<Meta>(&bytes);
        let (true, Ok(meta)) = (folder_name(&bytes) == name, meta) else {
            let what = "it does not have the digest that its folder is named by";
            verified.find(format!("{place}/snapshot.json"), what);
            continue;
        };
        for (table, written) in &meta.digests {
            let file = format!("{place}/{table}.csv");
            verified.files += 1;
            match digest(&folder.join(format!("{table}.csv")))? {
                None => verified.find(file, "it is gone"),
                Some(found) if found != *written => {
                    verified.find(file, "it does not have the digest that snapshot.json gives");
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

/// The live snapshot is the one that the last applied run left.
fn check_current(workspace: &Workspace, verified: &mut Verified) -> Result<(), WorkspaceError> {
    let runs = workspace.runs()?;
    let done = runs.iter().filter(|run| run.record.state == RunState::Done);
    let left = done
        .filter_map(|run| run.record.snapshot_after.as_deref())
        .next_back();
    let current = workspace.current().ok().flatten();
    let is_kept = |name: &String| workspace.snapshot(name).is_dir();
    let is_left = |name: &String| left.is_none_or(|left| left == name);
    if !current.is_some_and(|name| is_kept(&name) && is_left(&name)) {
        let what = "it does not name the snapshot that the last applied run left";
        verified.find(format!("directory/{CURRENT_FILE}"), what);
    }
    Ok(())
}

fn digest(path: &Path) -> Result<Option<String>, WorkspaceError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(sha256(&bytes))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(WorkspaceError::io("read", path, e)),
    }
}
