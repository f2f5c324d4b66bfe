//! What a plan was made from: said in `plan.json` and at the foot of reports.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Date;
use crate::policy::params::Readiness;
use crate::readiness::Moved;

/// The run a report belongs to and everything it was computed from.
#[derive(Clone, Default, Debug)]
pub struct About {
    /// Name of the run's folder, as `onroll approve` takes it.
    pub run: String,
    /// The workspace as the command line named it, for commands shown on a terminal; empty for the folder one is in.
    pub workspace: String,
    /// The policy's short name.
    pub policy: String,
    /// Digest of the policy's files.
    pub policy_digest: String,
    /// File label below the workspace → SHA-256 of its bytes.
    pub inputs: BTreeMap<String, String>,
    /// Digest of the snapshot the plan changes.
    pub snapshot_digest: String,
    /// Digest of `plan.csv`.
    pub plan_digest: String,
    /// What `[readiness]` of the policy says.
    pub readiness: Option<Readiness>,
    /// Learners whose year group moved in earlier runs.
    pub moved: Moved,
    /// Approvals that were read.
    pub approvals: Vec<ApprovalUsed>,
}

/// An approval file that let held changes through (SPEC §9).
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalUsed {
    /// Its label below the workspace.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The guard id, or `hold:<establishment>`.
    pub target: String,
    /// Who gave it.
    pub by: String,
    /// Last day on which it counts.
    pub expires_on: Date,
    /// How many of tonight's changes it let through.
    pub changes: u64,
}
