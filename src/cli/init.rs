//! `onroll init`: a workspace with an empty snapshot, and its key beside it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting;
use crate::directory;
use crate::identity::Key;
use crate::policy::Policy;
use crate::workspace::{self, NewWorkspace, PolicyChoice, WorkspaceError};

#[derive(Debug, Args)]
pub struct Init {
    /// The folder to make; it must be empty or not there yet
    dir: PathBuf,
    /// A shipped policy (hwb for Wales, glow for Scotland) or a policy's folder
    #[arg(long, value_name = "NAME|FOLDER")]
    policy: String,
    /// Where the key is or shall be; an existing key is used as it is [default: DIR.key beside DIR]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Init {
    pub fn run(self, screen: &Screen) -> Result<Outcome, CliError> {
        let policy = setting::load_policy(&PolicyChoice::of(&self.policy, Path::new("")))?;
        let made = make(&self.dir, &self.policy, &policy, self.key.as_deref())?;
        screen.note(&next_steps(&self.dir, &made));
        Ok(Outcome::Done)
    }
}

/// What `init` made besides the workspace.
pub struct Made {
    key: PathBuf,
    key_is_new: bool,
}

/// Makes a workspace; nothing is written unless the folder is free and the key can be used.
pub fn make(
    dir: &Path,
    policy_word: &str,
    policy: &Policy,
    key: Option<&Path>,
) -> Result<Made, CliError> {
    workspace::refuse_occupied(dir)?;
    let path = key.map_or_else(|| workspace::default_key(dir), Path::to_owned);
    let key_is_new = !path.exists();
    if !key_is_new && key.is_none() {
        let message = format!(
            "{} is already there; a key is never overwritten",
            path.display()
        );
        return Err(
            CliError::failed(message).hint("Use it with --key, or name another place with --key.")
        );
    }
    let secret = if key_is_new {
        Key::generate()?
    } else {
        Key::load(&path)?
    };
    let policy_word = match PolicyChoice::of(policy_word, Path::new("")) {
        PolicyChoice::Shipped(name) => name,
        PolicyChoice::Folder(folder) => absolute(&folder)?.to_string_lossy().into_owned(),
    };
    let key_setting = key.map(absolute).transpose()?;
    if key_is_new {
        secret.write_new(&path)?;
    }
    let new = NewWorkspace {
        root: dir,
        policy: &policy_word,
        key: key_setting.as_deref(),
    };
    workspace::init(new, |folder| {
        directory::write_empty(
            folder,
            &policy.params.name,
            &policy.digest,
            &secret.id().to_string(),
            &secret.fingerprint(),
        )
        .map_err(|e| WorkspaceError::io("write the snapshot in", folder, e))
    })?;
    Ok(Made {
        key: path,
        key_is_new,
    })
}

fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path)
        .map_err(|e| CliError::failed(format!("{} cannot be resolved: {e}", path.display())))
}

fn next_steps(dir: &Path, made: &Made) -> String {
    let dir = dir.display();
    let key = made.key.display();
    let about_key = if made.key_is_new {
        format!(
            "Made the key {key}. Keep a copy in a safe place apart from the data: without it nobody on\nroll is recognised, and with it identifiers can be guessed."
        )
    } else {
        format!("It uses the key {key}.")
    };
    format!(
        "Made the workspace {dir} with an empty snapshot.
{about_key}

If the accounts exist already, `onroll adopt FILE -C {dir}` takes them over first.

Next:
  1. put the exports of the schools' systems into {dir}/mis
  2. onroll check -C {dir}      every fault of the input at once
  3. onroll plan -C {dir}       what would change; nothing is touched
  4. onroll run -C {dir}        every night from then on
"
    )
}
