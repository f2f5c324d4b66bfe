//! What `plan`, `apply` and `run` share: one decision, one entry in the archive.

use std::path::Path;

use super::archive;
use super::filing::{file_failure, file_plan, file_refusal};
use super::outcome::{CliError, Outcome};
use super::setting::{self, Scope};
use super::stages;
use super::summary::Told;
use crate::nightly::parts::Gathered;
use crate::nightly::{self, Decided, Night, NightError, Request};
use crate::policy::Policy;
use crate::workspace::files::flush_beside;
use crate::workspace::{RunFolder, Turn, Workspace};

/// A night that was decided.
pub struct Evening {
    /// What came of it.
    pub night: Night,
    /// Which rules decided; `None` when there were none to use.
    pub policy: Option<Policy>,
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
    match setting::open(workspace)? {
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
                Err(error) => {
                    Night::Refused(setting::refused(scope, vec![setting::refusal(error)?]))
                }
            };
            Ok(Evening {
                night,
                policy: Some(setting.policy),
            })
        }
        Err(faults) => Ok(Evening {
            night: Night::Refused(setting::refused(scope, faults)),
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
