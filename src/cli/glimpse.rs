//! What the demonstration shows of the commands that look ahead: the first late summer night's readiness, and at the end
//! the forecast.

use super::outcome::CliError;
use super::screen::Screen;
use super::summary::Told;
use super::{forecast, readiness};
use crate::nightly::Night;
use crate::policy::Policy;
use crate::workspace::Workspace;

/// What has been shown, and what is left to show.
#[derive(Default)]
pub struct Glimpse {
    summer: bool,
    ahead: String,
}

impl Glimpse {
    /// Looks at a night that was played.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn look(
        &mut self,
        screen: &Screen,
        workspace: &Workspace,
        policy: &Policy,
        told: &Told,
    ) -> Result<(), CliError> {
        let Night::Decided(decided) = &told.night else {
            return Ok(());
        };
        let terms = policy.params.readiness.as_ref();
        if !self.summer && readiness::is_late(terms, decided.plan.as_of) {
            self.summer = true;
            let schools = readiness::glance(workspace, &decided.plan, terms)?;
            screen.out(&indented("onroll readiness", &schools));
        }
        self.ahead = forecast::glance(&decided.plan);
        Ok(())
    }

    /// Shows what comes after the last night.
    pub fn end(&self, screen: &Screen) {
        screen.out(&indented("onroll forecast", &self.ahead));
    }
}

/// What a command prints, under its name.
fn indented(command: &str, text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| format!("    {line}").trim_end().to_owned() + "\n");
    format!("\n  $ {command}\n{}", lines.collect::<String>())
}
