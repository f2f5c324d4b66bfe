//! `onroll key new`: a key in a file of its own.

use std::path::PathBuf;

use clap::Subcommand;

use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use crate::identity::Key;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Write a new key to a file that must not exist yet
    New {
        /// The file; keep it outside the workspace and its backups
        file: PathBuf,
    },
}

impl KeyCommand {
    pub fn run(self, screen: &Screen) -> Result<Outcome, CliError> {
        let KeyCommand::New { file } = self;
        let key = Key::generate()?;
        key.write_new(&file)?;
        screen.note(&format!(
            "Wrote key {} to {}. Whoever has it can turn identifiers into person_refs.\n",
            key.id(),
            file.display()
        ));
        Ok(Outcome::Done)
    }
}
