//! `onroll verify`: is the archive as it was written, and do its nights come out the same once more? Nothing is written.
//! No key is needed for the digests.

use clap::Args;

use super::args::{Answer, Form, Global, Places};
use super::outcome::{CliError, Outcome};
use super::past::{self, Past};
use super::screen::Screen;
use crate::directory::sha256;
use crate::nightly::kept::KeptError;
use crate::verify::{Verified, verify};
use crate::workspace::{GROUPS_FILE, PLAN_FILE, RUN_FILE, RunFolder, Workspace, tool};

/// Check the digests of a run, or of every run: its files, its policy, the chain of records and the snapshots. A run
/// whose roll is still kept is decided once more.
#[derive(Debug, Args)]
pub struct Verify {
    /// The run to check [default: every run]
    run: Option<String>,
    /// Look at digests alone: faster, and without the key
    #[arg(long)]
    digests: bool,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Verify {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let runs = match &self.run {
            Some(named) => vec![workspace.run(named)?],
            None => workspace.runs()?,
        };
        let mut verified = verify(&workspace, &runs)?;
        if !self.digests {
            decide_again(&workspace, &runs, &mut verified)?;
        }
        match self.answer.format {
            Form::Text => screen.out(&text(&verified)),
            Form::Json => {
                let json = serde_json::to_string_pretty(&verified)
                    .map_err(|e| CliError::failed(format!("the answer could not be made: {e}")))?;
                screen.out(&(json + "\n"));
            }
        }
        match verified.findings.len() {
            0 => Ok(Outcome::Done),
            n => Err(CliError::new(
                Outcome::Stale,
                match n {
                    1 => "1 file is not as it was written".to_owned(),
                    n => format!("{n} files are not as they were written"),
                },
            )
            .hint("Compare with a backup; nothing was changed.")),
        }
    }
}

/// Decides every planned night once more whose roll is kept and undamaged.
fn decide_again(
    workspace: &Workspace,
    runs: &[RunFolder],
    verified: &mut Verified,
) -> Result<(), CliError> {
    let keys = past::keys(workspace);
    for run in runs
        .iter()
        .filter(|run| run.roll().is_some() && !run.record.plan_digest.is_empty())
    {
        let keys = match &keys {
            _ if verified.is_damaged(&run.name) => Err("it is not as it was written".to_owned()),
            Ok(keys) => Ok(keys),
            Err(why) => Err(why.clone()),
        };
        let came_out = match keys {
            Ok(keys) => again(workspace, run, keys)?,
            Err(why) => Err(why),
        };
        match came_out {
            Err(why) => verified.not_decided_again.push((run.name.clone(), why)),
            Ok(differing) if differing.is_empty() => verified.decided_again.push(run.name.clone()),
            Ok(differing) => {
                for file in differing {
                    let what = match run.record.tool == tool() {
                        true => "deciding the night once more gives another".to_owned(),
                        false => {
                            format!("deciding the night once more with {} gives another", tool())
                        }
                    };
                    verified.find(format!("runs/{}/{file}", run.name), what);
                }
            }
        }
    }
    verified.findings.sort();
    Ok(())
}

/// The files that come out differently; the inner error is why it cannot be told.
fn again(
    workspace: &Workspace,
    run: &RunFolder,
    keys: &crate::identity::Keys,
) -> Result<Result<Vec<&'static str>, String>, CliError> {
    let policy = match past::policy(workspace, run) {
        Ok(policy) => policy,
        Err(error) => return Ok(Err(error.message)),
    };
    let decided = match Past::of(workspace, run, keys).and_then(|past| past.decide(&policy)) {
        Ok(decided) => decided,
        Err(KeptError::Io(error)) => return Err(CliError::failed(error.to_string())),
        Err(gone) => return Ok(Err(gone.to_string())),
    };
    let record = &run.record;
    let groups = decided
        .groups_csv
        .as_deref()
        .map_or_else(String::new, sha256);
    let same = [
        (PLAN_FILE, decided.plan_csv.sha256 == record.plan_csv_sha256),
        (GROUPS_FILE, groups == record.groups_csv_sha256),
        (RUN_FILE, decided.plan_digest == record.plan_digest),
    ];
    let differs = same.iter().filter(|(_, same)| !same);
    Ok(Ok(differs.map(|(file, _)| *file).collect()))
}

fn text(verified: &Verified) -> String {
    let mut text = String::new();
    for finding in &verified.findings {
        let file = crate::report::plain(&finding.file);
        text.push_str(&format!("{file}: {}\n", finding.what));
    }
    text.push_str(&format!(
        "{} runs, {} files and {} lines of the chain looked at.\n",
        verified.runs, verified.files, verified.links
    ));
    if !verified.without_digests.is_empty() {
        text.push_str(&format!(
            "{} runs were made before every file had a digest: only their plans can be checked.\n",
            verified.without_digests.len()
        ));
    }
    let again = verified.decided_again.len();
    if again > 0 {
        text.push_str(&format!(
            "{again} of them decided once more, from the rolls that are kept: the plans are the same.\n"
        ));
    }
    for (run, why) in &verified.not_decided_again {
        text.push_str(&format!("{run} could not be decided once more: {why}.\n"));
    }
    if verified.aged > 0 {
        text.push_str(&format!(
            "{} runs have lost whatever names people, as they should; the digests of their first plans stay in run.json.\n",
            verified.aged
        ));
    }
    if verified.findings.is_empty() {
        text.push_str(&format!(
            "Everything is as it was written. Head of the chain: {}\n",
            verified.chain_head
        ));
    }
    text
}
