//! `onroll explain`: why an account is as it is, tonight or in an archived run. Nothing is written.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use clap::Args;

use super::args::{Answer, Form, Global, Places, Tonight};
use super::outcome::{CliError, Outcome};
use super::past::{self, Past};
use super::person_ref::{self, Register};
use super::screen::Screen;
use super::setting::{self, Scope};
use super::summary::tell_refusal;
use crate::explain::{Explained, PastRow, past_doubts, past_notices, past_rows};

use crate::nightly::look::{Looked, look, look_back};
use crate::policy::Policy;
use crate::report;
use crate::workspace::{RunFolder, Workspace, WorkspaceError, read_held};

/// Why an account is as it is, in five steps: in the input? accepted? matched to which account? which facts and rule?
/// what happened?
#[derive(Debug, Args)]
pub struct Explain {
    /// The account's id or username, or a person_ref
    #[arg(value_name = "ACCOUNT", required_unless_present = "person")]
    account: Option<String>,
    /// Read an identifier from standard input: a learner's, or with --staff one of staff
    #[arg(long, conflicts_with = "account")]
    person: bool,
    /// Where the staff identifier is unique: the establishment (hwb) or the authority (glow)
    #[arg(long, value_name = "SCOPE", requires = "person")]
    staff: Option<String>,
    /// An archived run instead of tonight
    #[arg(long, value_name = "RUN", conflicts_with_all = ["as_of", "establishments"])]
    run: Option<String>,
    #[command(flatten)]
    tonight: Tonight,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Explain {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let refs = self.refs(&workspace)?;
        let names: Vec<String> = self.account.iter().chain(&refs).cloned().collect();
        match &self.run {
            Some(named) => {
                let run = workspace.run(named)?;
                self.tell(screen, &archived(&workspace, &run, &names)?)
            }
            None => self.of_tonight(&workspace, screen, &names),
        }
    }

    /// The references of the identifier on standard input, under each key there is.
    fn refs(&self, workspace: &Workspace) -> Result<Vec<String>, CliError> {
        if !self.person {
            return Ok(Vec::new());
        }
        let register = match &self.staff {
            Some(scope) => Register::staff(scope)?,
            None => Register::learners(),
        };
        person_ref::read_one(workspace, &register)
    }

    fn of_tonight(
        &self,
        workspace: &Workspace,
        screen: &Screen,
        names: &[String],
    ) -> Result<Outcome, CliError> {
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: self.tonight.only(),
        };
        let looked = match setting::open(workspace)? {
            Ok(setting) => match look(&setting.request(workspace, &scope), names) {
                Ok(looked) => looked,
                Err(error) => {
                    Looked::Refused(setting::refused(&scope, vec![setting::refusal(error)?]))
                }
            },
            Err(faults) => Looked::Refused(setting::refused(&scope, faults)),
        };
        match looked {
            Looked::Explained(explained) => self.tell(screen, &explained),
            Looked::Refused(refused) => Ok(tell_refusal(screen, self.answer.format, &refused)),
            Looked::Deleted(on, rule) => Err(CliError::failed(format!(
                "the account was deleted on {on} by rule {rule}; its id is never used again"
            ))
            .hint(
                "With --run and the run of that day, or an earlier one, its rows are explained.",
            )),
            Looked::Nobody => Err(nobody()),
        }
    }

    fn tell(&self, screen: &Screen, explained: &Explained) -> Result<Outcome, CliError> {
        match self.answer.format {
            Form::Text => screen.out(&report::explained(explained)),
            Form::Json => {
                let json = serde_json::to_string_pretty(explained)
                    .map_err(|e| CliError::failed(format!("the answer could not be made: {e}")))?;
                screen.out(&(json + "\n"));
            }
        }
        Ok(Outcome::Done)
    }
}

fn nobody() -> CliError {
    CliError::failed("no account and no row of tonight is of that name").hint(
        "Give an account's id or username, or a person_ref; with --person the identifier on standard input. \
         `onroll check` lists rows whose person cannot be told.",
    )
}

/// What an archived run says of it: what happened from its files, for ever; what it was decided from while that is kept.
fn archived(
    workspace: &Workspace,
    run: &RunFolder,
    names: &[String],
) -> Result<Explained, CliError> {
    let rows = past_rows(open(&run.path.join("plan.csv"))?, names).map_err(CliError::failed)?;
    let policy = past::policy(workspace, run)?;
    let of_rows = rows
        .iter()
        .flat_map(|row: &PastRow| [&row.account_id, &row.person_ref]);
    let ids: Vec<String> = of_rows
        .chain(names)
        .filter(|id| !id.is_empty())
        .cloned()
        .collect();
    let kept = kept(workspace, run, &policy, &ids)?;
    let of_accounts = kept.iter().flat_map(|kept| &kept.accounts);
    let ids: Vec<String> = ids
        .iter()
        .chain(of_accounts.map(|account| &account.account_id))
        .cloned()
        .collect();
    let notices = match run.record.aged_on {
        Some(_) => Vec::new(),
        None => {
            past_notices(open(&run.path.join("notices.csv"))?, &ids).map_err(CliError::failed)?
        }
    };
    if rows.is_empty() && notices.is_empty() && kept.is_none() {
        let nothing =
            "that run has no change and no notice about an account or person of that name";
        return Err(CliError::failed(nothing).hint(match run.record.aged_on {
            Some(_) => "Usernames have aged out of it: give an account's id or a person_ref.",
            None => "Nothing was due for them that night, or they were not known yet.",
        }));
    }
    let held = read_held(&run.path).unwrap_or_default();
    let held_by = |change: &str| {
        let of = held.iter().filter(|h| h.change_id == change);
        of.map(|h| h.guard.clone()).collect::<Vec<_>>()
    };
    let changes = rows.iter().map(|row| row.done(held_by)).collect();
    let (known, accounts, cases) = match kept {
        Some(kept) => (kept.rows, kept.accounts, kept.cases),
        None => {
            let cases = rows.iter().filter_map(|row| row.case(&policy));
            (None, Vec::new(), cases.collect())
        }
    };
    Ok(Explained {
        as_of: run.record.as_of,
        run: run.name.clone(),
        rows: known,
        accounts,
        cases,
        changes,
        notices,
    })
}

/// The steps before the last, while the night's roll is kept, the key is there and nothing of it is altered.
fn kept(
    workspace: &Workspace,
    run: &RunFolder,
    policy: &Policy,
    names: &[String],
) -> Result<Option<Explained>, CliError> {
    let Ok(keys) = past::keys(workspace) else {
        return Ok(None);
    };
    let Ok(past) = Past::of(workspace, run, &keys) else {
        return Ok(None);
    };
    let request = past.request(policy);
    let Ok(read) = past.read_about(&request, names) else {
        return Ok(None);
    };
    let doubts = past_doubts(open(&run.path.join("faults.csv"))?).map_err(CliError::failed)?;
    Ok(look_back(&request, &read, names, &doubts))
}

fn open(path: &Path) -> Result<impl Read, CliError> {
    let file = File::open(path).map_err(|e| WorkspaceError::io("read", path, e))?;
    Ok(BufReader::new(file))
}
