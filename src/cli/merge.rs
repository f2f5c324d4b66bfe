//! `onroll plan --part` and `onroll merge`: a night in parts.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::args::{Answer, Form, Global, Places, Tonight};
use super::night;
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting::{self, Scope};
use super::summary;
use crate::nightly::Night;
use crate::nightly::parts::{self, Part, PartNight};
use crate::workspace::Workspace;

/// The folder in a workspace in which parts are left.
const PARTS: &str = "parts";

#[derive(Debug, Args)]
pub struct Merge {
    #[command(flatten)]
    tonight: Tonight,
    /// Apply the plan too, as `onroll run` does
    #[arg(long)]
    apply: bool,
    /// Where the parts were left [default: parts/ in the workspace]
    #[arg(long, value_name = "FOLDER")]
    parts: Option<PathBuf>,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Merge {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: self.tonight.only(),
        };
        let parts = folder(&workspace, self.parts.as_deref());
        let mut turn = workspace.begin(&format!("onroll merge for {}", scope.as_of))?;
        summary::settled(screen, &turn);
        let gathered = parts::gather(&parts)?;
        let night = match self.apply {
            true => night::plan_and_apply,
            false => night::plan_of,
        };
        let told = night(&mut turn, &workspace, &scope, Some(&gathered))?;
        if let Night::Decided(_) = &told.night {
            // What they say of people stands in the run now, and ages there.
            if let Err(error) = gathered.remove() {
                // The night is decided all the same.
                screen.error(&error.to_string(), Some("Take the parts away by hand."));
            }
        }
        super::stages::tell();
        summary::show(screen, self.answer.format, &told);
        Ok(told.leave())
    }
}

/// Where the parts of a workspace are left.
pub fn folder(workspace: &Workspace, flag: Option<&Path>) -> PathBuf {
    flag.map_or_else(|| workspace.root.join(PARTS), Path::to_owned)
}

/// Judges one part. Nothing else of the workspace is written, and no lock is taken: parts may run beside each other.
pub fn part(
    workspace: &Workspace,
    scope: &Scope,
    (part, parts): (Part, &Path),
    form: Form,
    screen: &Screen,
) -> Result<Outcome, CliError> {
    let refused = |faults| PartNight::Refused(setting::refused(scope, faults));
    let judged = match setting::open(workspace)? {
        Err(faults) => refused(faults),
        Ok(setting) => match parts::judge(&setting.request(workspace, scope), part, parts) {
            Ok(judged) => judged,
            Err(error) => refused(vec![setting::refusal(error)?]),
        },
    };
    super::stages::tell();
    match judged {
        PartNight::Refused(refused) => Ok(summary::tell_refusal(screen, form, &refused)),
        PartNight::Judged { people, noted } => {
            match form {
                Form::Json => {
                    let answer = json!({"part": part.number, "of": part.of, "people": people, "noted": noted});
                    screen.out(&format!("{answer:#}\n"));
                }
                Form::Text if screen.quiet => {}
                Form::Text => screen.out(&format!(
                    "Part {part}: {people} people judged, {noted} left to the merge.\n"
                )),
            }
            Ok(Outcome::Done)
        }
    }
}
