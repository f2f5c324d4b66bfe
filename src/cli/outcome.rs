//! How a command ends: the one place that maps outcomes to exit codes (SPEC §2).

use std::io::ErrorKind;

use crate::identity::key::KeyError;
use crate::nightly::parts::PartsError;
use crate::plan::Plan;
use crate::workspace::WorkspaceError;

/// Shown below the help.
pub const EXIT_CODES: &str = "\
Exit codes, the first that applies:
   1  failed
   5  another run holds the lock
   4  input refused, nothing decided
   6  stale or altered plan
   3  something is held; `run` has applied the rest
   2  changes pending (plan --detailed-exitcode only)
   0  done
  64  wrong usage";

/// Every way to end, the first that applies first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// Something broke.
    Failed,
    /// Another run holds the lock.
    Locked,
    /// The input was refused; nothing was decided.
    Refused,
    /// The plan is not, or no longer, what would be decided.
    Stale,
    /// A guard or the gate holds something.
    Held,
    /// There are changes to apply, and the caller wants to know.
    Pending,
    /// Done.
    Done,
    /// The command line cannot be understood.
    Usage,
}

impl Outcome {
    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Outcome::Failed => 1,
            Outcome::Locked => 5,
            Outcome::Refused => 4,
            Outcome::Stale => 6,
            Outcome::Held => 3,
            Outcome::Pending => 2,
            Outcome::Done => 0,
            Outcome::Usage => 64,
        }
    }

    /// The word in JSON answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Failed => "failed",
            Outcome::Locked => "locked",
            Outcome::Refused => "refused",
            Outcome::Stale => "stale",
            Outcome::Held => "held",
            Outcome::Pending => "pending",
            Outcome::Done => "done",
            Outcome::Usage => "usage",
        }
    }

    /// How a plan ends: held when a guard holds part of it or the gate too many establishments.
    pub fn of_plan(plan: &Plan, held_max_percent: u32) -> Outcome {
        let too_many = too_many_held(
            plan.held.len(),
            plan.establishments_counted,
            held_max_percent,
        );
        if plan.has_held() || too_many {
            Outcome::Held
        } else {
            Outcome::Done
        }
    }
}

/// Whether more than the allowed share of the establishments that count is held.
pub fn too_many_held(held: usize, counted: usize, max_percent: u32) -> bool {
    held as u128 * 100 > counted as u128 * u128::from(max_percent)
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct CliError {
    /// Which exit code.
    pub outcome: Outcome,
    /// What is the case, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl CliError {
    /// An error with its outcome.
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        CliError {
            outcome,
            message: message.into(),
            hint: None,
        }
    }

    /// Something broke.
    pub fn failed(message: impl Into<String>) -> Self {
        CliError::new(Outcome::Failed, message)
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl std::fmt::Display for CliError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<WorkspaceError> for CliError {
    fn from(error: WorkspaceError) -> Self {
        let (outcome, hint) = match &error {
            WorkspaceError::Locked(_) => (
                Outcome::Locked,
                Some("Wait for it to end; a killed run frees the lock by itself."),
            ),
            WorkspaceError::NoSnapshot(_) => (
                Outcome::Refused,
                Some("Only `onroll init` and `onroll adopt` make a first snapshot."),
            ),
            WorkspaceError::NoWorkspace(_) => (
                Outcome::Failed,
                Some("Name it with -C, or make one with `onroll init DIR --policy hwb`."),
            ),
            WorkspaceError::NotEmpty(_) => (
                Outcome::Failed,
                Some("Name a folder that is empty or not there yet."),
            ),
            WorkspaceError::Link(_) => (
                Outcome::Failed,
                Some("Put the file or folder itself there, or name its place in onroll.toml."),
            ),
            WorkspaceError::Settings(_) | WorkspaceError::Other(_) | WorkspaceError::Io { .. } => {
                (Outcome::Failed, None)
            }
        };
        CliError {
            outcome,
            message: error.to_string(),
            hint: hint.map(str::to_owned),
        }
    }
}

impl From<&PartsError> for CliError {
    fn from(error: &PartsError) -> Self {
        let (outcome, hint) = match error {
            PartsError::Stale(..) => (
                Outcome::Stale,
                "Make the parts again from the inputs of this night.",
            ),
            PartsError::Damaged(_) => (Outcome::Stale, "Make that part again."),
            PartsError::Undivided(_) => (Outcome::Failed, "Plan the night in one piece."),
            PartsError::None(_) | PartsError::Missing(_) => (
                Outcome::Failed,
                "`onroll plan --part I/N` makes a part; bring all of them together in one folder.",
            ),
            PartsError::Mixed { .. } => {
                (Outcome::Failed, "Take out the parts of another division.")
            }
            PartsError::Link(_) => (Outcome::Failed, "Put the folder itself there."),
            PartsError::Io(..) => (Outcome::Failed, "Look at the folder and its permissions."),
        };
        CliError::new(outcome, error.to_string()).hint(hint)
    }
}

impl From<PartsError> for CliError {
    fn from(error: PartsError) -> Self {
        CliError::from(&error)
    }
}

impl From<KeyError> for CliError {
    fn from(error: KeyError) -> Self {
        let outcome = match error {
            KeyError::OthersCanRead(_) | KeyError::BadContent(_) | KeyError::NotAFile(_) => {
                Outcome::Refused
            }
            KeyError::Io { .. } | KeyError::NoRandomness => Outcome::Failed,
        };
        let hint = match &error {
            KeyError::OthersCanRead(_) => {
                "Take the rights of others away (chmod 600) and consider a new key."
            }
            KeyError::BadContent(_) => {
                "Name the file that `onroll init` or `onroll key new` wrote, or fetch its copy."
            }
            KeyError::NotAFile(_) => "Name the file itself.",
            KeyError::Io { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
                "A key is never overwritten: name a file that is not there yet."
            }
            KeyError::Io {
                attempt: "read", ..
            } => "Say where the key is: `key` in onroll.toml, --key or ONROLL_KEY_FILE.",
            KeyError::Io { .. } => "Name a file in a folder that is there and can be written.",
            KeyError::NoRandomness => "Try again; if it fails again, look at the system.",
        };
        CliError::new(outcome, error.to_string()).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_published_in_their_order() {
        use Outcome::*;
        let all = [Failed, Locked, Refused, Stale, Held, Pending, Done, Usage];
        assert!(all.is_sorted());
        assert_eq!(all.map(Outcome::code), [1, 5, 4, 6, 3, 2, 0, 64]);
    }

    #[test]
    fn one_in_a_hundred_establishments_may_be_held() {
        assert!(!too_many_held(0, 0, 1));
        assert!(!too_many_held(1, 100, 1));
        assert!(too_many_held(1, 99, 1));
        assert!(too_many_held(2, 100, 1));
        assert!(too_many_held(1, 100, 0));
    }
}
