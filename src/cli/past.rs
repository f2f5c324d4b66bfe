//! An archived night whose roll is still kept: everything needed to decide it again.

use std::path::PathBuf;

use super::outcome::CliError;
use super::setting;
use crate::identity::Keys;
use crate::nightly::kept::{self, KeptError};
use crate::nightly::{self, Decided, Read, Request};
use crate::policy::Policy;
use crate::workspace::{POLICIES, RunFolder, Workspace};

/// Why there is no roll to decide a night from.
const NO_ROLL: &str = "its roll is no longer kept";

/// An archived night.
pub struct Past<'a> {
    workspace: &'a Workspace,
    /// Its run.
    pub run: &'a RunFolder,
    keys: &'a Keys,
    roll: PathBuf,
    snapshot: PathBuf,
}

impl<'a> Past<'a> {
    /// A night that was planned, if what it was decided from is still there.
    ///
    /// # Errors
    /// What is gone.
    pub fn of(
        workspace: &'a Workspace,
        run: &'a RunFolder,
        keys: &'a Keys,
    ) -> Result<Past<'a>, KeptError> {
        let snapshot = workspace.kept_snapshot(&run.record.snapshot_before);
        Ok(Past {
            workspace,
            run,
            keys,
            roll: run.roll().ok_or(KeptError::Gone(NO_ROLL))?,
            snapshot: snapshot.ok_or(KeptError::Gone(
                "the snapshot it began with is no longer kept",
            ))?,
        })
    }

    /// The question of that night, put to a policy.
    pub fn request<'b>(&'b self, policy: &'b Policy) -> Request<'b> {
        Request {
            as_of: self.run.record.as_of,
            mis: &self.workspace.settings.mis,
            decisions: &self.workspace.settings.decisions,
            snapshot: &self.snapshot,
            keys: self.keys,
            policy,
            only: &self.run.record.establishments,
            windows_1252: self.workspace.settings.windows_1252,
            keep: None,
            plan_csv: None,
            next: None,
            gathered: None,
        }
    }

    /// What the night was decided from.
    ///
    /// # Errors
    /// When something is no longer as it was.
    pub fn read(&self, request: &Request<'_>) -> Result<Read, KeptError> {
        kept::read(&self.roll, request, &self.run.record.inputs.files)
    }

    /// The same with the rows of some people alone.
    ///
    /// # Errors
    /// As [`Past::read`].
    pub fn read_about(&self, request: &Request<'_>, names: &[String]) -> Result<Read, KeptError> {
        let inputs = &self.run.record.inputs.files;
        kept::read_about(&self.roll, request, inputs, Some(names))
    }

    /// Decides the night once more by a policy.
    ///
    /// # Errors
    /// When something is no longer as it was.
    pub fn decide(&self, policy: &Policy) -> Result<Decided, KeptError> {
        let request = self.request(policy);
        let read = self.read(&request)?;
        Ok(nightly::decide_again(&request, read)?)
    }
}

/// The policy that decided a run, as the archive keeps it.
///
/// # Errors
/// When it is not there, or not the one.
pub fn policy(workspace: &Workspace, run: &RunFolder) -> Result<Policy, CliError> {
    let digest = &run.record.policy.digest;
    let policy = Policy::load(&workspace.settings.runs.join(POLICIES).join(digest))
        .map_err(|e| CliError::failed(format!("the policy of that run cannot be used: {e}")))?;
    if policy.digest == *digest {
        Ok(policy)
    } else {
        Err(CliError::failed(
            "the policy kept beside that run is not the one that decided it",
        ))
    }
}

/// The keys of a workspace, or why nothing can be decided again without them.
///
/// # Errors
/// As a sentence.
pub fn keys(workspace: &Workspace) -> Result<Keys, String> {
    setting::keys(workspace).map_err(|error| error.message)
}
