//! The command line: one file per command with its arguments, one call and what is printed.
//!
//! [`main`] turns arguments into an exit code; [`outcome`] is the one place that knows the codes.

mod adopt;
mod apply;
mod approve;
mod archive;
mod args;
mod check;
mod demo;
mod diff;
mod documents;
mod drift;
mod drill;
mod explain;
mod filing;
mod forecast;
mod glimpse;
mod init;
mod key;
mod logging;
mod merge;
mod night;
mod outcome;
mod past;
mod person_ref;
mod plan;
mod policy;
mod policy_compare;
mod progress;
mod readiness;
mod run;
mod screen;
mod setting;
mod stages;
mod summary;
mod verify;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use args::Global;
use outcome::{CliError, Outcome};
use screen::Screen;

/// Keeps a directory of school accounts true to the school rolls.
///
/// Every night onroll reads what the schools' systems exported and the directory as it stands, decides for every person
/// and account what is due, and writes a plan of changes and the applied snapshot.
#[derive(Debug, Parser)]
#[command(name = "onroll", bin_name = "onroll", version, propagate_version = true, after_help = outcome::EXIT_CODES, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the sample nights of both platforms and show what happens: a good first command
    Demo(demo::Demo),
    /// Make a workspace with an empty snapshot and a key
    Init(init::Init),
    /// Make the first snapshot from an export of a directory that exists already
    Adopt(adopt::Adopt),
    /// Check tonight's input: every fault of every file at once
    Check(check::Check),
    /// Decide and write the plan; the directory is untouched
    Plan(plan::Plan),
    /// Apply a written plan, unless what it was made from has changed
    Apply(apply::Apply),
    /// Plan and apply: the nightly command
    Run(run::Run),
    /// Settle what the parts of a night (`plan --part`) have left
    Merge(merge::Merge),
    /// Say why an account is as it is, tonight or in an archived run
    Explain(explain::Explain),
    /// Compare two snapshots or runs, record by record
    Diff(diff::Diff),
    /// Check that the archive is as it was written, and decide its last nights once more
    Verify(verify::Verify),
    /// Compare the last snapshot with a list of what the directory really holds
    Drift(drift::Drift),
    /// Damage copies of tonight's input and show which gate or guard fires
    Drill(drill::Drill),
    /// Show what falls due in 7, 30 and 90 days
    Forecast(forecast::Forecast),
    /// Show whether each school is ready for the first day of term, and who must do what
    Readiness(readiness::Readiness),
    /// Let a held part of a run through on the next one
    Approve(approve::Approve),
    /// Turn identifiers on standard input, one a line, into person_refs
    #[command(subcommand)]
    Ref(person_ref::Ref),
    /// Make a key
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Show or prove the decision tables
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Write a shell's completions to standard output
    Completions(documents::Completions),
    /// Write the manual page to standard output
    Man(documents::Man),
}

/// Runs one command line and returns its exit code (SPEC §2).
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing can be done for who closed the terminal.
            let _ = error.print();
            return if error.use_stderr() {
                Outcome::Usage.code()
            } else {
                Outcome::Done.code()
            };
        }
    };
    let screen = Screen::new(&cli.global);
    let _progress = logging::start(&cli.global);
    match dispatch(cli, &screen) {
        Ok(outcome) => outcome.code(),
        Err(CliError {
            outcome,
            message,
            hint,
        }) => {
            screen.error(&message, hint.as_deref());
            outcome.code()
        }
    }
}

fn dispatch(cli: Cli, screen: &Screen) -> Result<Outcome, CliError> {
    let global = &cli.global;
    match cli.command {
        Command::Demo(command) => command.run(screen),
        Command::Init(command) => command.run(screen),
        Command::Adopt(command) => command.run(global, screen),
        Command::Check(command) => command.run(global, screen),
        Command::Plan(command) => command.run(global, screen),
        Command::Apply(command) => command.run(global, screen),
        Command::Run(command) => command.run(global, screen),
        Command::Merge(command) => command.run(global, screen),
        Command::Explain(command) => command.run(global, screen),
        Command::Diff(command) => command.run(global, screen),
        Command::Verify(command) => command.run(global, screen),
        Command::Drift(command) => command.run(global, screen),
        Command::Drill(command) => command.run(global, screen),
        Command::Forecast(command) => command.run(global, screen),
        Command::Readiness(command) => command.run(global, screen),
        Command::Approve(command) => command.run(global, screen),
        Command::Ref(command) => command.run(global, screen),
        Command::Key(command) => command.run(screen),
        Command::Policy(command) => command.run(global, screen),
        Command::Completions(command) => command.run(Cli::command()),
        Command::Man(command) => command.run(Cli::command(), screen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
