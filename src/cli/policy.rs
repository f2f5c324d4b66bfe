//! `onroll policy`: the decision tables for people, and their proof.

use clap::{Args, Subcommand};

use super::args::{Answer, Form, Global, Places};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting;
use crate::policy::{self, Policy};
use crate::workspace::PolicyChoice;

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show rules, facts and parameters
    Show {
        #[command(flatten)]
        which: Which,
        /// Only this part
        #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(policy::show::PARTS))]
        part: Option<String>,
    },
    /// Prove every table: each combination meets a rule, and the safety properties hold for it
    Check {
        #[command(flatten)]
        which: Which,
    },
    /// Decide the archived nights whose rolls are kept by two policies, and show what differs
    Compare(super::policy_compare::Compare),
}

#[derive(Debug, Args)]
pub struct Which {
    /// A shipped policy (hwb, glow) or a policy's folder [default: that of the workspace]
    #[arg(value_name = "NAME|FOLDER")]
    policy: Option<String>,
    #[command(flatten)]
    answer: Answer,
}

impl PolicyCommand {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        match self {
            PolicyCommand::Show { which, part } => {
                let policy = which.load(global)?;
                match which.answer.format {
                    Form::Json if part.is_some() => {
                        let message = "--part goes with --format text only";
                        return Err(CliError::new(Outcome::Usage, message)
                            .hint("In JSON every part stands under a name of its own."));
                    }
                    Form::Json => screen.out(&format!("{:#}\n", policy::show_json(&policy))),
                    Form::Text => screen.out(&policy::show(&policy, part.as_deref())),
                }
            }
            PolicyCommand::Compare(compare) => return compare.run(global, screen),
            PolicyCommand::Check { which } => {
                let policy = which.load(global)?;
                let report = policy::check(&policy)
                    .map_err(|e| CliError::new(Outcome::Refused, e.to_string()))?;
                match which.answer.format {
                    Form::Json => screen.out(&format!("{:#}\n", report.to_json())),
                    Form::Text => screen.out(&report.to_string()),
                }
            }
        }
        Ok(Outcome::Done)
    }
}

impl Which {
    fn load(&self, global: &Global) -> Result<Policy, CliError> {
        match &self.policy {
            Some(word) => setting::load_policy(&PolicyChoice::of(word, std::path::Path::new(""))),
            None => {
                let nowhere = Places {
                    policy: None,
                    key: None,
                    mis: None,
                    decisions: None,
                    directory: None,
                    runs: None,
                };
                setting::policy(&nowhere.open(global)?)
            }
        }
    }
}
