//! `onroll run`: the nightly command; plan and apply in one.

use clap::Args;

use super::args::{Answer, Global, Places, Tonight};
use super::night::{self, Scope};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::summary;
use crate::nightly::Night;
use crate::workspace::{Turn, Workspace};

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    tonight: Tonight,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Run {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let scope = Scope { as_of: self.tonight.as_of(), only: self.tonight.only() };
        let mut turn = workspace.begin(&format!("onroll run for {}", scope.as_of))?;
        summary::settled(screen, &turn);
        let done = night(&mut turn, &workspace, &scope)?;
        summary::show(screen, self.answer.format, &done);
        Ok(done.outcome)
    }
}

/// Plans and applies one night, and records it whatever comes of it.
pub fn night(turn: &mut Turn<'_>, workspace: &Workspace, scope: &Scope) -> Result<summary::Told, CliError> {
    let evening = night::recorded(turn, scope, || night::decide(workspace, scope))?;
    let max = evening.held_max_percent();
    match (evening.night, &evening.policy) {
        (Night::Decided(decided), Some(policy)) => {
            let run = night::file_plan(turn, workspace, scope, &decided, policy)?;
            let run = night::commit(turn, &run, &decided)?;
            Ok(summary::Told { outcome: Outcome::of_plan(&decided.plan, max), applied: true, run, night: Night::Decided(decided) })
        }
        (Night::Refused(refused), _) => {
            let run = night::file_refusal(turn, scope, &refused)?;
            Ok(summary::Told { outcome: Outcome::Refused, applied: false, run, night: Night::Refused(refused) })
        }
        (Night::Decided(_), None) => Err(CliError::failed("a night was decided without a policy")),
    }
}
