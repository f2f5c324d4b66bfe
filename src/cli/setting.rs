//! What a night is decided with: policy, keys and the live snapshot of a workspace.

use std::path::PathBuf;

use super::outcome::{CliError, Outcome};
use crate::directory::{DirectoryError, sha256};
use crate::identity::{Key, Keys};
use crate::model::{Date, Fault, Severity};
use crate::nightly::{NightError, Refused, Request};
use crate::policy::params::Params;
use crate::policy::{Policy, PolicyError};
use crate::workspace::{PolicyChoice, Workspace};

/// Which night is decided, for whom.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The date.
    pub as_of: Date,
    /// The establishments it is restricted to; empty for all.
    pub only: Vec<String>,
}

/// The keys of a workspace.
pub fn keys(workspace: &Workspace) -> Result<Keys, CliError> {
    let previous = workspace
        .settings
        .previous_key
        .as_deref()
        .map(Key::load)
        .transpose()?;
    Ok(Keys::new(Key::load(&workspace.settings.key)?, previous))
}

/// The policy of a workspace.
pub fn policy(workspace: &Workspace) -> Result<Policy, CliError> {
    load_policy(&workspace.settings.policy)
}

/// A policy, proved.
pub fn load_policy(choice: &PolicyChoice) -> Result<Policy, CliError> {
    read_policy(choice)
        .map_err(|error| CliError::new(Outcome::Refused, error.to_string()).hint(POLICY_FIX))
}

const POLICY_FIX: &str =
    "`onroll policy check` proves a policy; a folder is written with a slash, e.g. ./rules.";

fn read_policy(choice: &PolicyChoice) -> Result<Policy, PolicyError> {
    match choice {
        PolicyChoice::Shipped(name) => Policy::builtin(name),
        PolicyChoice::Folder(folder) => Policy::load(folder),
    }
}

/// A fault for everything that is wrong with a policy.
fn policy_faults(error: PolicyError) -> Vec<Fault> {
    let fault = |text| Fault::new(Severity::Refuse, "policy_unusable", text, POLICY_FIX);
    error.faults.into_iter().map(fault).collect()
}

/// Everything a request needs, or the one fault for which nothing can be decided (SPEC §8 "Refuse").
pub struct Setting {
    keys: Keys,
    pub(super) policy: Policy,
    snapshot: PathBuf,
}

/// Opens keys, policy and the live snapshot. The outer error is a failure, the inner one a refusal.
pub fn open(workspace: &Workspace) -> Result<Result<Setting, Vec<Fault>>, CliError> {
    let unusable = |code, error: CliError| match error.outcome {
        Outcome::Refused => Ok(Err(vec![Fault::new(
            Severity::Refuse,
            code,
            error.message,
            error.hint.unwrap_or_default(),
        )])),
        _ => Err(error),
    };
    let policy = match read_policy(&workspace.settings.policy) {
        Ok(policy) => policy,
        Err(error) => return Ok(Err(policy_faults(error))),
    };
    let keys = match keys(workspace) {
        Ok(keys) => keys,
        Err(error) => return unusable("key_unusable", error),
    };
    match workspace.live_snapshot() {
        Ok(snapshot) => Ok(Ok(Setting {
            keys,
            policy,
            snapshot,
        })),
        Err(error) => unusable("snapshot_missing", error.into()),
    }
}

impl Setting {
    /// The question put to the corridor.
    pub fn request<'a>(&'a self, workspace: &'a Workspace, scope: &'a Scope) -> Request<'a> {
        Request {
            as_of: scope.as_of,
            mis: &workspace.settings.mis,
            decisions: &workspace.settings.decisions,
            snapshot: &self.snapshot,
            keys: &self.keys,
            policy: &self.policy,
            only: &scope.only,
            windows_1252: workspace.settings.windows_1252,
            keep: None,
            plan_csv: None,
            next: None,
            gathered: None,
        }
    }

    /// The policy's parameters.
    pub fn params(&self) -> &Params {
        &self.policy.params
    }

    /// The policy's limit on held establishments, in percent.
    pub fn held_max_percent(&self) -> u32 {
        self.policy.params.gate.held_establishments_max_percent
    }
}

/// A night that was refused before any input was read.
pub fn refused(scope: &Scope, faults: Vec<Fault>) -> Refused {
    Refused {
        as_of: scope.as_of,
        faults,
        input_files: Vec::new(),
        input_digest: sha256(b""),
    }
}

/// A snapshot that cannot be used refuses the night (SPEC §8); anything else is a failure.
pub fn refusal(error: NightError) -> Result<Fault, CliError> {
    let code = match &error {
        NightError::Directory(DirectoryError::Missing) => "snapshot_missing",
        NightError::Directory(DirectoryError::Altered(_)) => "snapshot_altered",
        NightError::Directory(DirectoryError::WrongKey(_)) => "key_wrong",
        NightError::Directory(DirectoryError::Format(_)) => "snapshot_format",
        NightError::Parts(error) => return Err(error.into()),
        _ => return Err(CliError::failed(error.to_string())),
    };
    let fix =
        "Nothing was decided and nothing was changed; put the snapshot or the key back as it was.";
    Ok(Fault::new(Severity::Refuse, code, error.to_string(), fix))
}
