//! Arguments that several commands share.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::outcome::CliError;
use crate::model::Date;
use crate::workspace::{Overrides, Workspace};

/// Understood by every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The workspace
    #[arg(short = 'C', value_name = "DIR", default_value = ".", global = true)]
    pub dir: PathBuf,
    /// Say more on standard error (twice: even more)
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Say nothing when all is well
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Form of the log on standard error
    #[arg(long, value_enum, default_value_t = Form::Text, global = true, hide_default_value = true)]
    pub log: Form,
    /// Show no progress, not even on a terminal
    #[arg(long, global = true)]
    pub no_progress: bool,
}

/// For people or for programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Form {
    /// For people
    Text,
    /// For programs
    Json,
}

/// In which form a command answers.
#[derive(Clone, Debug, Args)]
pub struct Answer {
    /// Form of the answer on standard output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub format: Form,
}

/// Places that `onroll.toml` names.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Places (default: as onroll.toml says)")]
pub struct Places {
    /// A shipped policy (hwb, glow) or a policy's folder
    #[arg(long, value_name = "NAME|FOLDER")]
    pub policy: Option<String>,
    /// The key of person_refs; ONROLL_KEY_FILE says the same
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// What the schools' systems exported
    #[arg(long, value_name = "FOLDER")]
    pub mis: Option<PathBuf>,
    /// What people decided
    #[arg(long, value_name = "FOLDER")]
    pub decisions: Option<PathBuf>,
    /// The snapshots
    #[arg(long, value_name = "FOLDER")]
    pub directory: Option<PathBuf>,
    /// The archive of runs
    #[arg(long, value_name = "FOLDER")]
    pub runs: Option<PathBuf>,
}

impl Places {
    /// Opens the workspace these places belong to.
    pub fn open(&self, global: &Global) -> Result<Workspace, CliError> {
        let flags = Overrides {
            policy: self.policy.clone(),
            key: self.key.clone(),
            mis: self.mis.clone(),
            decisions: self.decisions.clone(),
            directory: self.directory.clone(),
            runs: self.runs.clone(),
        };
        let key_file = std::env::var_os("ONROLL_KEY_FILE")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        Ok(Workspace::open(&global.dir, &flags, key_file)?)
    }
}

/// Which night, and of whom.
#[derive(Clone, Debug, Args)]
pub struct Tonight {
    /// The date to compute for [default: today in London]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub as_of: Option<Date>,
    /// Plan only this establishment (may be repeated); accounts held elsewhere are not changed
    #[arg(long = "establishment", value_name = "CODE", value_parser = code)]
    pub establishments: Vec<String>,
}

impl Tonight {
    /// The date given, or today in London.
    pub fn as_of(&self) -> Date {
        self.as_of.unwrap_or_else(today)
    }

    /// The establishments named, sorted, each once.
    pub fn only(&self) -> Vec<String> {
        let mut only = self.establishments.clone();
        only.sort();
        only.dedup();
        only
    }
}

/// Today in London: the only place that reads the clock for a decision.
pub fn today() -> Date {
    chrono::Utc::now()
        .with_timezone(&chrono_tz::Europe::London)
        .date_naive()
}

/// A date in the one form there is: four digits, two, two.
pub fn date(text: &str) -> Result<Date, String> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| {
            if at == 4 || at == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    let date = if form { text.parse().ok() } else { None };
    date.ok_or_else(|| "a date looks like 2026-07-20 and must exist".to_owned())
}

/// A national code: of an establishment, an authority or a class (SPEC §3).
pub fn code(text: &str) -> Result<String, String> {
    let is_code = (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if is_code {
        Ok(text.to_owned())
    } else {
        Err("a code has up to 32 letters, digits, - and _".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_form_of_date_is_read() {
        assert_eq!(date("2026-02-28").unwrap().to_string(), "2026-02-28");
        for text in [
            "2026-2-28",
            "2026-02-30",
            "20260228",
            " 2026-02-28",
            "+026-02-28",
            "2026-02-28T",
            "",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }
}
