//! The workspace: its settings, its one lock, the archive of runs and the one place where the directory changes.
//!
//! Reading needs a [`Workspace`]; whatever writes needs a [`Turn`], which only the holder of the lock has. The order
//! of a commit and what a start makes of an interrupted one stand in [`commit`].

mod age;
pub mod approvals;
pub mod chain;
pub mod commit;
pub mod files;
mod init;
mod kept;
mod lock;
mod marks;
mod record;
mod runs;
mod settings;

use std::path::{Path, PathBuf};

pub use init::{NewWorkspace, init, refuse_occupied};
pub use kept::{ROLL, ROLL_DAYS};
pub use lock::{LOCK_FILE, Lock};
pub use marks::of_folder as file_marks;
pub use record::{
    FileMark, HeldMark, Inputs, PolicyMark, RunRecord, RunState, StageTime, Step, tool,
};
pub use runs::{
    GROUPS_FILE, HELD_FILE, HeldChange, PLAN_FILE, POLICIES, RUN_FILE, RunFolder, SNAPSHOTS,
    read_held, write_held,
};
pub use settings::{Overrides, PolicyChoice, SETTINGS_FILE, Settings, default_key, nearest};

/// One line in the folder of the snapshots: the name of the live one.
pub const CURRENT_FILE: &str = "CURRENT";

/// What goes wrong around a night rather than in it.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// Somebody else has the lock.
    #[error("another run holds the lock: {0}")]
    Locked(String),
    /// There is no `onroll.toml`.
    #[error("there is no workspace at {}", .0.display())]
    NoWorkspace(PathBuf),
    /// There is no live snapshot.
    #[error("there is no snapshot in {}", .0.display())]
    NoSnapshot(PathBuf),
    /// `onroll.toml` cannot be used.
    #[error("onroll.toml: {0}")]
    Settings(String),
    /// A symbolic link where none may be.
    #[error("{} is a symbolic link; a workspace holds its own files only", .0.display())]
    Link(PathBuf),
    /// `init` found something.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A request that cannot be met, in one sentence.
    #[error("{0}")]
    Other(String),
    /// A file could not be read or written.
    #[error("could not {what} {}: {error}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl WorkspaceError {
    /// A failed file operation.
    pub fn io(what: &'static str, path: &Path, error: std::io::Error) -> Self {
        WorkspaceError::Io {
            what,
            path: path.to_owned(),
            error,
        }
    }
}

/// A workspace to read from.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// What `onroll.toml` and the flags say.
    pub settings: Settings,
}

impl Workspace {
    /// Opens a workspace, refusing symbolic links in it.
    pub fn open(
        root: &Path,
        flags: &Overrides,
        key_file: Option<PathBuf>,
    ) -> Result<Workspace, WorkspaceError> {
        files::refuse_links(&root.join(SETTINGS_FILE), 0)?;
        let settings = Settings::read(root, flags, key_file)?;
        // Runs and snapshots are their own work; deeper down they are looked at when they are used.
        for (folder, depth) in [
            (&settings.mis, 8),
            (&settings.decisions, 8),
            (&settings.directory, 2),
            (&settings.runs, 1),
        ] {
            files::refuse_links(folder, depth)?;
        }
        Ok(Workspace {
            root: root.to_owned(),
            settings,
        })
    }

    /// The name of the live snapshot; `None` when there is none.
    pub fn current(&self) -> Result<Option<String>, WorkspaceError> {
        let path = self.settings.directory.join(CURRENT_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let name = text.trim_end_matches(['\r', '\n']);
                let plain = !name.is_empty()
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                if plain {
                    Ok(Some(name.to_owned()))
                } else {
                    Err(WorkspaceError::Other(
                        "directory/CURRENT does not hold the name of a snapshot; write the name of the newest folder beside it there"
                            .to_owned(),
                    ))
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(WorkspaceError::io("read", &path, e)),
        }
    }

    /// The folder of the live snapshot.
    pub fn live_snapshot(&self) -> Result<PathBuf, WorkspaceError> {
        match self.current()? {
            Some(name) if self.snapshot(&name).is_dir() => Ok(self.snapshot(&name)),
            _ => Err(WorkspaceError::NoSnapshot(self.settings.directory.clone())),
        }
    }

    /// The folder of a snapshot.
    pub fn snapshot(&self, name: &str) -> PathBuf {
        self.settings.directory.join(name)
    }

    /// Makes the folder of the snapshots where there is none: what `adopt` needs before it can take the lock.
    pub fn make_directory(&self) -> Result<(), WorkspaceError> {
        if self.settings.directory.is_dir() {
            return Ok(());
        }
        files::make_folder(&self.settings.directory)
    }

    /// Every run of the archive with a readable record, in the order in which they were made.
    ///
    /// # Errors
    /// When the archive cannot be listed.
    pub fn runs(&self) -> Result<Vec<RunFolder>, WorkspaceError> {
        if self.settings.runs.is_dir() {
            runs::all(&self.settings.runs)
        } else {
            Ok(Vec::new())
        }
    }

    /// A run by its folder's name or by a path that ends in it.
    ///
    /// # Errors
    /// When the archive cannot be listed or has no such run.
    pub fn run(&self, named: &str) -> Result<RunFolder, WorkspaceError> {
        runs::named(&self.runs()?, named)
    }

    /// Whether a snapshot lies there that nothing names as the live one.
    pub fn has_stray_snapshot(&self) -> Result<bool, WorkspaceError> {
        let names = files::names(&self.settings.directory)?;
        let current = self.current()?;
        Ok(names.iter().any(|name| {
            current.as_ref() != Some(name) && self.snapshot(name).join("snapshot.json").is_file()
        }))
    }

    /// Takes the lock and settles what a killed run left. `holder` is what others are told meanwhile.
    pub fn begin(&self, holder: &str) -> Result<Turn<'_>, WorkspaceError> {
        if !self.settings.directory.is_dir() {
            return Err(WorkspaceError::NoSnapshot(self.settings.directory.clone()));
        }
        let lock = Lock::take(&self.settings.directory, holder)?;
        files::make_folder(&self.settings.runs)?;
        let mut turn = Turn {
            workspace: self,
            _lock: lock,
            runs: runs::all(&self.settings.runs)?,
            chain: chain::Chain::read(&self.settings.runs)?,
            settled: Vec::new(),
            clock: None,
        };
        turn.settle()?;
        Ok(turn)
    }
}

/// The right to write: a workspace whose lock this process holds.
#[derive(Debug)]
pub struct Turn<'a> {
    workspace: &'a Workspace,
    _lock: Lock,
    /// Every archived run that can be read, by sequence.
    runs: Vec<RunFolder>,
    /// Everything that ever happened to their records.
    chain: chain::Chain,
    /// Runs that were found interrupted, with what became of them.
    settled: Vec<(String, RunState)>,
    /// Who knows how long the stages took.
    clock: Option<Clock>,
}

/// Tells how long each stage has taken so far.
pub type Clock = fn() -> Vec<StageTime>;

impl Turn<'_> {
    /// Records say from now on how long the stages took.
    pub fn watch(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    fn times(&self) -> Vec<StageTime> {
        self.clock.map(|clock| clock()).unwrap_or_default()
    }

    /// Runs that were found interrupted, with what became of them.
    pub fn settled(&self) -> &[(String, RunState)] {
        &self.settled
    }

    /// Every archived run that can be read, oldest first.
    pub fn runs(&self) -> &[RunFolder] {
        &self.runs
    }

    /// A run by its folder's name or by a path that ends in it.
    pub fn run(&self, named: &str) -> Result<RunFolder, WorkspaceError> {
        runs::named(&self.runs, named)
    }
}

/// Ends the process at once when `ONROLL_TEST_STOP_AT` names this step, as a kill or a power cut would. Only tests set
/// it; [`commit::STEPS`] lists the names.
pub fn fault_point(name: &str) {
    if std::env::var_os("ONROLL_TEST_STOP_AT").is_some_and(|at| at == name) {
        std::process::abort();
    }
}
