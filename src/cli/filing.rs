//! The record of a night in the archive: what was decided, refused, or ended by an error.

use std::collections::BTreeMap;

use super::archive;
use super::outcome::CliError;
use super::setting::Scope;
use crate::directory::sha256;
use crate::model::{InputFile, Severity};
use crate::nightly::{Decided, Refused};
use crate::plan::Status;
use crate::policy::Policy;
use crate::workspace::{
    FileMark, HeldMark, PolicyMark, ROLL, RunFolder, RunRecord, RunState, Turn, Workspace,
};

/// Files a decided night; the directory stays as it is.
pub fn file_plan(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    decided: &Decided,
    policy: &Policy,
) -> Result<RunFolder, CliError> {
    let mut record = RunRecord::new(scope.as_of, RunState::Planned, &decided.plan_digest);
    record.establishments = scope.only.clone();
    record.policy = policy_mark(policy);
    record.inputs = inputs(&decided.input_digest, &decided.input_files);
    record.snapshot_before = decided.snapshot_before.clone();
    record.plan_digest = decided.plan_digest.clone();
    record.plan_csv_sha256 = decided.plan_csv.sha256.clone();
    let groups = decided.groups_csv.as_ref();
    record.groups_csv_sha256 = groups.map_or_else(String::new, |bytes| sha256(bytes));
    for change in &decided.plan.changes {
        let counts = if change.status == Status::Planned {
            &mut record.intended
        } else {
            &mut record.held
        };
        *counts.entry(change.action.as_str().to_owned()).or_default() += 1;
    }
    let of_groups = decided.plan.groups.iter().flat_map(|g| &g.changes);
    for change in of_groups {
        *record
            .intended
            .entry(change.action.as_str().to_owned())
            .or_default() += 1;
    }
    let quiet = &decided.plan.quiet;
    record.quiet = BTreeMap::from([
        ("consents_set".to_owned(), quiet.consents_set.len() as u64),
        ("consents_gone".to_owned(), quiet.consents_gone.len() as u64),
        ("decisions_settled".to_owned(), quiet.ledger.len() as u64),
    ]);
    record.held_establishments = decided.plan.held.iter().map(held_mark).collect();
    turn.keep_policy(&policy.digest, &policy.files)?;
    turn.file(record, |folder, name| {
        let mut written = archive::write_plan(folder, name, workspace, decided, policy)?;
        workspace.put_plan(folder)?;
        written.extend(decided.kept.iter().map(of_roll));
        Ok(written)
    })
}

/// A file of the kept roll as the run's folder has it.
fn of_roll(mark: &FileMark) -> FileMark {
    FileMark {
        file: format!("{ROLL}/{}", mark.file),
        ..mark.clone()
    }
}

fn policy_mark(policy: &Policy) -> PolicyMark {
    PolicyMark {
        name: policy.params.name.clone(),
        digest: policy.digest.clone(),
        files: policy.files.iter().map(policy_file).collect(),
    }
}

fn policy_file((name, bytes): &(String, Vec<u8>)) -> FileMark {
    FileMark {
        file: name.clone(),
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    }
}

fn held_mark(held: &crate::plan::HeldEstablishment) -> HeldMark {
    HeldMark {
        establishment: held.code.clone(),
        reason: held.reason.code().to_owned(),
        approvable: held.approvable,
    }
}

fn inputs(digest: &str, files: &[InputFile]) -> crate::workspace::Inputs {
    crate::workspace::Inputs {
        digest: digest.to_owned(),
        files: files.iter().map(FileMark::from).collect(),
    }
}

/// Files a refused night.
pub fn file_refusal(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    refused: &Refused,
    policy: Option<&Policy>,
) -> Result<RunFolder, CliError> {
    let mut record = RunRecord::new(
        scope.as_of,
        RunState::Refused,
        &sha256(format!("{:?}", refused.faults).as_bytes()),
    );
    record.establishments = scope.only.clone();
    record.inputs = inputs(&refused.input_digest, &refused.input_files);
    record.policy = policy.map(policy_mark).unwrap_or_default();
    record.snapshot_before = workspace.current()?.unwrap_or_default();
    let refusals = refused.faults.iter();
    let refusals = refusals.filter(|fault| fault.severity == Severity::Refuse);
    record.error = Some(super::summary::refusing(refusals.count() as u64));
    turn.file(record, |folder, _| archive::write_refusal(folder, refused))
}

/// Files a night that an error ended before there was a plan.
pub fn file_failure(
    turn: &mut Turn<'_>,
    scope: &Scope,
    error: &CliError,
) -> Result<RunFolder, CliError> {
    let mut record = RunRecord::new(
        scope.as_of,
        RunState::Failed,
        &sha256(error.message.as_bytes()),
    );
    record.establishments = scope.only.clone();
    record.error = Some(error.message.clone());
    turn.file(record, |folder, _| {
        archive::write_failure(folder, scope.as_of)
    })
}
