//! `onroll approve`: a person lets a held part of a run through on the next one (SPEC §9).

use clap::Args;

use super::args::{self, Global, Places};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use crate::model::Date;
use crate::workspace::approvals::{self, Request};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").args(["guards", "holds"]).required(true).multiple(true))]
pub struct Approve {
    /// The run whose held part was looked at: its folder's name
    run: String,
    /// A guard's id as the report names it, e.g. release@run (may be repeated)
    #[arg(long = "guard", value_name = "ID")]
    guards: Vec<String>,
    /// An establishment that the gate holds (may be repeated)
    #[arg(long = "hold", value_name = "ESTABLISHMENT", value_parser = args::code)]
    holds: Vec<String>,
    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why it is right
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// The last night on which it counts
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = args::date)]
    expires: Date,
    #[command(flatten)]
    places: Places,
}

impl Approve {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let turn = workspace.begin("onroll approve")?;
        let run = turn.run(&self.run)?;
        let request = Request {
            guards: &self.guards,
            holds: &self.holds,
            by: &self.by,
            reason: &self.reason,
            expires: self.expires,
        };
        let written = approvals::write(&workspace.settings.decisions, &run, &request)?;
        let mut text = format!(
            "Wrote {}.\n",
            workspace
                .settings
                .decisions
                .join(approvals::FOLDER)
                .join(&written.name)
                .display()
        );
        if !self.guards.is_empty() {
            text += &format!(
                "The {} held changes pass on runs until {}.\n",
                written.changes, self.expires
            );
        }
        if !self.holds.is_empty() {
            text += &format!(
                "The gate lets {} through until {}.\n",
                self.holds.join(", "),
                self.expires
            );
        }
        text += "Review it with `onroll plan`; `onroll run` applies it.\n";
        screen.note(&text);
        Ok(Outcome::Done)
    }
}
