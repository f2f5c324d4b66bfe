//! `onroll plan`: decides and writes the plan; the directory is untouched.

use std::path::PathBuf;

use clap::Args;

use super::args::{Answer, Global, Places, Tonight};
use super::merge;
use super::night;
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting::Scope;
use super::summary;
use crate::nightly::parts::Part;

#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    tonight: Tonight,
    /// Exit with 2 when there is something to apply
    #[arg(long)]
    detailed_exitcode: bool,
    /// Judge only the people of one part, e.g. 3/16, and leave what it finds for `onroll merge`
    #[arg(long, value_name = "I/N", conflicts_with = "detailed_exitcode")]
    part: Option<Part>,
    /// Where parts are left [default: parts/ in the workspace]
    #[arg(long, value_name = "FOLDER", requires = "part")]
    parts: Option<PathBuf>,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Plan {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: self.tonight.only(),
        };
        if let Some(part) = self.part {
            let parts = merge::folder(&workspace, self.parts.as_deref());
            return merge::part(
                &workspace,
                &scope,
                (part, &parts),
                self.answer.format,
                screen,
            );
        }
        let mut turn = workspace.begin(&format!("onroll plan for {}", scope.as_of))?;
        summary::settled(screen, &turn);
        let mut told = night::plan(&mut turn, &workspace, &scope)?;
        let pending = told.run.record.intended.values().sum::<u64>() > 0;
        if self.detailed_exitcode && pending && told.outcome == Outcome::Done {
            told.outcome = Outcome::Pending;
        }
        super::stages::tell();
        summary::show(screen, self.answer.format, &told);
        Ok(told.leave())
    }
}
