//! What `check`, `plan`, `apply` and `run` share: policy and keys, one decision, one entry in the archive.

use std::path::Path;

use super::archive;
use super::filing::{file_failure, file_plan, file_refusal};
use super::outcome::{CliError, Outcome};
use super::stages;
use super::summary::Told;
use crate::directory::{DirectoryError, sha256};
use crate::identity::{Key, Keys};
use crate::model::{Date, Fault, Severity};
use crate::nightly::parts::Gathered;
use crate::nightly::{self, Decided, Night, NightError, Refused, Request};
use crate::policy::{Policy, PolicyError};
use crate::workspace::files::flush_beside;
use crate::workspace::{PolicyChoice, RunFolder, Turn, Workspace};

/// Which night is decided, for whom.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The date.
    pub as_of: Date,
    /// The establishments it is restricted to; empty for all.
    pub only: Vec<String>,
}

/// A night that was decided.
pub struct Evening {
    /// What came of it.
    pub night: Night,
    /// Which rules decided; `None` when there were none to use.
    pub policy: Option<Policy>,
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
    policy: Policy,
    snapshot: std::path::PathBuf,
}

/// Opens keys, policy and the live snapshot. The outer error is a failure, the inner one a refusal.
pub fn setting(workspace: &Workspace) -> Result<Result<Setting, Vec<Fault>>, CliError> {
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
    pub fn params(&self) -> &crate::policy::params::Params {
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

/// Decides a night. What cannot even be asked is a refusal like any other.
pub fn decide(workspace: &Workspace, scope: &Scope) -> Result<Evening, CliError> {
    decide_and_keep(workspace, scope, Kept::default())
}

/// What a night is decided with beside its inputs.
#[derive(Clone, Copy, Default)]
pub struct Kept<'a> {
    /// An empty folder for the accepted roll.
    pub roll: Option<&'a Path>,
    /// The file that becomes `plan.csv`.
    pub plan_csv: Option<&'a Path>,
    /// The folder of the next snapshot.
    pub next: Option<&'a Path>,
    /// What its parts have left.
    pub gathered: Option<&'a Gathered>,
}

/// Decides a night and writes its accepted roll into an empty folder.
fn decide_and_keep(
    workspace: &Workspace,
    scope: &Scope,
    kept: Kept<'_>,
) -> Result<Evening, CliError> {
    match setting(workspace)? {
        Ok(setting) => {
            let request = Request {
                keep: kept.roll,
                plan_csv: kept.plan_csv,
                next: kept.next,
                gathered: kept.gathered,
                ..setting.request(workspace, scope)
            };
            let night = match nightly::decide(&request) {
                Ok(night) => night,
                Err(error) => Night::Refused(refused(scope, vec![refusal(error)?])),
            };
            Ok(Evening {
                night,
                policy: Some(setting.policy),
            })
        }
        Err(faults) => Ok(Evening {
            night: Night::Refused(refused(scope, faults)),
            policy: None,
        }),
    }
}

/// Decides a night; an error that ends it is recorded in the archive.
pub fn decide_and_record(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    kept: Kept<'_>,
) -> Result<Evening, CliError> {
    decide_and_keep(workspace, scope, kept).map_err(|error| {
        match file_failure(turn, scope, &error) {
            Ok(run) => {
                let remedy = error.hint.clone().map_or(String::new(), |hint| hint + " ");
                error.hint(format!("{remedy}It is recorded in {}.", run.path.display()))
            }
            // The first error is the one to report.
            Err(_) => error,
        }
    })
}

/// Decides a night and files what came of it; the directory stays as it is.
pub fn plan(turn: &mut Turn<'_>, workspace: &Workspace, scope: &Scope) -> Result<Told, CliError> {
    plan_of(turn, workspace, scope, None)
}

/// The same of what the parts of the night have left, if it is decided in parts.
pub fn plan_of(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    gathered: Option<&Gathered>,
) -> Result<Told, CliError> {
    let kept = Kept {
        gathered,
        ..Kept::default()
    };
    let evening = tonight(turn, workspace, scope, kept)?;
    let told = file(turn, workspace, scope, evening)?;
    turn.end_plan()?;
    Ok(told)
}

/// Decides a night, files what came of it and carries it out. The next snapshot is written beside the plan and the
/// reports; it counts for nothing before the run is filed.
pub fn plan_and_apply(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    gathered: Option<&Gathered>,
) -> Result<Told, CliError> {
    let folder = workspace.begin_snapshot()?;
    let next = Some(folder.as_path());
    let filed = plan_with_next(
        turn,
        workspace,
        scope,
        Kept {
            next,
            gathered,
            ..Kept::default()
        },
    );
    if !matches!(&filed, Ok((_, Some(_)))) {
        // It is of no use without its run and may fill the disk; where something went wrong, that is the error to report.
        let _ = workspace.end_snapshot();
    }
    let (mut told, written) = filed?;
    turn.end_plan()?;
    if let Night::Decided(_) = &told.night {
        tracing::info!(target: "onroll::stage", stage = "snapshot", "carrying out the run");
        told.run = turn.commit(
            &told.run,
            written.map(|name| |_: &Path| name.map_err(unwritten)),
        )?;
        told.applied = true;
    }
    Ok(told)
}

/// Decides and files a night, and writes the next snapshot if it changes anything.
fn plan_with_next(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    kept: Kept<'_>,
) -> Result<(Told, Option<Result<String, NightError>>), CliError> {
    let mut evening = tonight(turn, workspace, scope, kept)?;
    let accounts = match &mut evening.night {
        Night::Decided(decided) if decided.changes_snapshot() => Some(decided.next_accounts.take()),
        _ => None,
    };
    let next = kept.next.zip(accounts);
    let (told, written) = file_beside(turn, workspace, scope, evening, |decided| {
        next.map(|(folder, accounts)| decided.write_snapshot(folder, accounts))
    });
    Ok((told?, written.flatten()))
}

fn unwritten(error: NightError) -> CliError {
    CliError::failed(error.to_string())
}

/// Decides the night of a turn, with all that its run keeps.
fn tonight(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    kept: Kept<'_>,
) -> Result<Evening, CliError> {
    turn.watch(stages::so_far);
    let roll = turn.begin_roll()?;
    let plan_csv = workspace.new_plan();
    let kept = Kept {
        roll: Some(&roll),
        plan_csv: Some(&plan_csv),
        ..kept
    };
    decide_and_record(turn, workspace, scope, kept)
}

/// Files a night in the archive.
pub fn file(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    evening: Evening,
) -> Result<Told, CliError> {
    file_beside(turn, workspace, scope, evening, |_| ()).0
}

/// Files a night, and does something else with its plan on the other core.
fn file_beside<T: Send>(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    evening: Evening,
    beside: impl FnOnce(&Decided) -> T + Send,
) -> (Result<Told, CliError>, Option<T>) {
    let (night, policy) = (evening.night, evening.policy);
    let (run, done) = match (&night, &policy) {
        (Night::Decided(decided), Some(policy)) => {
            let (made, flushed) = flush_beside(&workspace.new_plan(), || {
                let file = || file_plan(turn, workspace, scope, decided, policy);
                rayon::join(file, || beside(decided))
            });
            let (run, done) = made;
            (flushed.map_err(CliError::from).and(run), Some(done))
        }
        (Night::Refused(refused), policy) => (
            file_refusal(turn, workspace, scope, refused, policy.as_ref()),
            None,
        ),
        (Night::Decided(_), None) => {
            let error = "a night was decided without a policy";
            (Err(CliError::failed(error)), None)
        }
    };
    let told = run.and_then(|run| told(turn, workspace, scope, (night, policy), run));
    (told, done)
}

/// What is told of a night that was filed.
fn told(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
    (night, policy): (Night, Option<Policy>),
    run: RunFolder,
) -> Result<Told, CliError> {
    match (night, policy) {
        (Night::Decided(decided), Some(policy)) => {
            // A date that the gate let pass: a mistyped one must not age the archive.
            turn.age(scope.as_of)?;
            let about = archive::about(&run.name, workspace, &decided, &policy)?;
            let outcome = Outcome::of_plan(
                &decided.plan,
                policy.params.gate.held_establishments_max_percent,
            );
            Ok(Told {
                outcome,
                applied: false,
                run,
                night: Night::Decided(decided),
                about: Some(about),
            })
        }
        (night, _) => Ok(Told {
            outcome: Outcome::Refused,
            applied: false,
            run,
            night,
            about: None,
        }),
    }
}

/// Carries out a filed run.
pub fn commit(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    run: &RunFolder,
    decided: &Decided,
) -> Result<RunFolder, CliError> {
    let write = |folder: &Path| {
        tracing::info!(target: "onroll::stage", stage = "snapshot", "writing the next snapshot");
        workspace.begin_snapshot()?;
        decided.write_snapshot(folder, None).map_err(unwritten)
    };
    turn.commit(run, decided.changes_snapshot().then_some(write))
}
