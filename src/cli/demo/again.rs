//! SPEC §13.6, shown every night: the same input again leaves nothing to do.

use super::super::night;
use super::super::outcome::{CliError, Outcome};
use super::super::screen::{Screen, Style};
use super::super::setting::Scope;
use super::super::summary::Told;
use crate::nightly::Night;
use crate::plan::Status;
use crate::workspace::Workspace;

/// Plans the night once more and fails if anything is left to do.
pub fn nothing_left(
    screen: &Screen,
    workspace: &Workspace,
    scope: &Scope,
    told: &Told,
    silent: bool,
) -> Result<(), CliError> {
    if told.outcome == Outcome::Refused {
        return Ok(());
    }
    let again = night::decide(workspace, scope)?;
    let left = match &again.night {
        Night::Decided(decided) => {
            let changes = decided.plan.changes.iter();
            let groups = decided.plan.groups.iter().flat_map(|g| &g.changes);
            changes.filter(|c| c.status == Status::Planned).count() + groups.count()
        }
        Night::Refused(_) => {
            return Err(CliError::failed(
                "the same input was refused the second time",
            ));
        }
    };
    if left > 0 {
        return Err(CliError::failed(format!(
            "planning {} again finds {left} changes that should have been made",
            scope.as_of
        )));
    }
    if !silent {
        screen.line(&[(
            Some(Style::Dim),
            "    planning again finds nothing left to do",
        )]);
    }
    Ok(())
}
