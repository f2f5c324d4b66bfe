//! `onroll run`: the nightly command; plan and apply in one.

use clap::Args;

use super::args::{Answer, Global, Places, Tonight};
use super::night;
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting::Scope;
use super::summary::{self, Told};
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
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: self.tonight.only(),
        };
        let mut turn = workspace.begin(&format!("onroll run for {}", scope.as_of))?;
        summary::settled(screen, &turn);
        let told = plan_and_apply(&mut turn, &workspace, &scope)?;
        super::stages::tell();
        summary::show(screen, self.answer.format, &told);
        Ok(told.leave())
    }
}

/// Plans and applies one night, and records it whatever comes of it.
pub fn plan_and_apply(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    scope: &Scope,
) -> Result<Told, CliError> {
    night::plan_and_apply(turn, workspace, scope, None)
}
