//! `onroll completions` and `onroll man`: what an installer puts in its place.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use super::outcome::{CliError, Outcome};
use super::screen::Screen;

#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub fn run(self, mut command: Command) -> Result<Outcome, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "onroll", &mut script);
        // As on screen: a reader that has gone is no error. A script keeps its tabs and escapes.
        let _ = std::io::Write::write_all(&mut std::io::stdout(), &script);
        Ok(Outcome::Done)
    }
}

#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for every command into this folder instead
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Man {
    pub fn run(self, command: Command, screen: &Screen) -> Result<Outcome, CliError> {
        match self.out {
            Some(folder) => std::fs::create_dir_all(&folder)
                .and_then(|()| clap_mangen::generate_to(command, &folder))
                .map_err(|e| CliError::failed(format!("the pages could not be written: {e}")))?,
            None => {
                let mut page = Vec::new();
                clap_mangen::Man::new(command)
                    .render(&mut page)
                    .map_err(|e| CliError::failed(format!("the page could not be made: {e}")))?;
                screen.out(&String::from_utf8_lossy(&page));
            }
        }
        Ok(Outcome::Done)
    }
}
