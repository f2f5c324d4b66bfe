//! What a night leaves in its run folder, handed to the room that writes it.

use std::path::Path;

use rayon::prelude::*;

use super::outcome::CliError;
use crate::directory::{AccountRecord, Snapshot, Transfer};
use crate::model::Date;
use crate::nightly::{Decided, Refused};
use crate::plan::{Change, Status};
use crate::policy::Policy;
use crate::report::{self, About, ApprovalUsed, Artefacts, Before, CredentialLine};
use crate::workspace::approvals::{self, InForce};
use crate::workspace::{FileMark, HeldChange, Workspace, WorkspaceError, write_held};

/// What reports say of the run they belong to.
pub fn about(
    run: &str,
    workspace: &Workspace,
    decided: &Decided,
    policy: &Policy,
) -> Result<About, CliError> {
    let approvals = approvals::read(&workspace.settings.decisions, decided.plan.as_of)?;
    let terms = policy.params.readiness.as_ref();
    Ok(About {
        readiness: terms.cloned(),
        moved: super::readiness::moved(workspace, terms, decided.plan.as_of, run)?,
        run: run.to_owned(),
        workspace: place(workspace),
        policy: policy.params.name.clone(),
        policy_digest: policy.digest.clone(),
        inputs: decided
            .input_files
            .iter()
            .map(|file| (file.label.clone(), file.sha256.clone()))
            .collect(),
        snapshot_digest: decided.snapshot_before.clone(),
        plan_digest: decided.plan_csv.sha256.clone(),
        approvals: approvals
            .in_force
            .iter()
            .map(|approval| used(approval, &decided.plan.changes))
            .collect(),
    })
}

/// How a command shown on a terminal names the workspace; nothing for the folder one is in.
pub fn place(workspace: &Workspace) -> String {
    match workspace.root.to_string_lossy() {
        root if root == "." => String::new(),
        root => root.into_owned(),
    }
}

fn used(approval: &InForce, changes: &[Change]) -> ApprovalUsed {
    let holds = approval.holds.iter().map(|code| format!("hold:{code}"));
    let targets: Vec<String> = approval.guards.iter().cloned().chain(holds).collect();
    let through = changes
        .iter()
        .filter(|change| change.approved && approval.changes.contains(change.change_id()));
    ApprovalUsed {
        file: approval.file.file.clone(),
        sha256: approval.file.sha256.clone(),
        target: targets.join(", "),
        by: approval.by.clone(),
        expires_on: approval.expires,
        changes: through.count() as u64,
    }
}

/// Writes everything a decided night leaves.
pub fn write_plan(
    folder: &Path,
    run: &str,
    workspace: &Workspace,
    decided: &Decided,
    policy: &Policy,
) -> Result<Vec<FileMark>, CliError> {
    tracing::info!(target: "onroll::stage", stage = "report", "writing the reports");
    let changes = &decided.plan.changes;
    let (snapshot_diff, credentials) = rayon::join(
        || {
            let max = workspace.settings.report_rows_max;
            let (pairs, more) = report::pairs(changes, &decided.before, max);
            report::snapshot_diff(&pairs, more)
        },
        || {
            let waiting = waiting(&decided.before).into_iter();
            report::credentials_due(&decided.before.accounts, changes, waiting)
        },
    );
    let artefacts = Artefacts {
        plan: &decided.plan,
        about: &about(run, workspace, decided, policy)?,
        plan_csv: &decided.plan_csv,
        groups_csv: decided.groups_csv.as_deref(),
        credentials: &credentials,
        waiting: &decided.waiting,
        snapshot_diff: &snapshot_diff,
        rows_max: workspace.settings.report_rows_max,
        office_names: workspace.settings.office_names,
    };
    let written = report::write_all(folder, &artefacts)
        .map_err(|e| WorkspaceError::io("write the reports in", folder, e))?;
    write_held(folder, held(changes))?;
    Ok(written)
}

/// Writes what a refused night leaves.
pub fn write_refusal(folder: &Path, refused: &Refused) -> Result<Vec<FileMark>, CliError> {
    Ok(
        report::write_refusal(folder, refused.as_of, &refused.faults)
            .map_err(|e| WorkspaceError::io("write the report in", folder, e))?,
    )
}

/// Writes what a night leaves that an error ended.
pub fn write_failure(folder: &Path, as_of: Date) -> Result<Vec<FileMark>, CliError> {
    Ok(report::write_failure(folder, as_of)
        .map_err(|e| WorkspaceError::io("write the numbers in", folder, e))?)
}

fn held(changes: &[Change]) -> Vec<HeldChange> {
    let held = changes
        .iter()
        .filter(|change| change.status == Status::Held);
    held.flat_map(|change| {
        change.held_by.iter().map(|guard| HeldChange {
            guard: guard.clone(),
            change_id: change.change_id().to_owned(),
        })
    })
    .collect()
}

/// Accounts that wait for a sign-in.
fn waiting(snapshot: &Snapshot) -> Vec<CredentialLine> {
    let accounts = &snapshot.accounts;
    (0..accounts.len())
        .into_par_iter()
        .filter(|place| report::waits(&accounts.list[*place]))
        .map(|place| accounts.with(place, report::waiting_line))
        .collect()
}

impl Before for Snapshot {
    fn account(&self, change: &Change) -> Option<AccountRecord> {
        change.place.map(|place| self.accounts.record(place))
    }

    fn transfer(&self, account_id: &str, to_establishment: &str) -> Option<Transfer> {
        let key = (account_id, to_establishment);
        let at = self
            .transfers
            .binary_search_by(|t| (t.account_id.as_str(), t.to_establishment.as_str()).cmp(&key))
            .ok()?;
        self.transfers.get(at).cloned()
    }
}
