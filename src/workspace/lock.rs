//! One run at a time: an operating-system lock that a kill releases.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::{WorkspaceError, files};

/// The lock's name in the folder of the snapshots: what it guards is the directory.
pub const LOCK_FILE: &str = ".lock";

/// Held as long as this value lives, and no longer than the process does.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock or says who has it. `holder` is what others are told: the command and its date.
    pub fn take(directory: &Path, holder: &str) -> Result<Lock, WorkspaceError> {
        let path = directory.join(LOCK_FILE);
        let failed = |e| WorkspaceError::io("lock", &path, e);
        files::refuse_links(&path, 0)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(WorkspaceError::Locked(told_by(&mut file)));
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        files::close_file(&path)
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "process {}, {holder}", std::process::id()))
            .and_then(|()| file.flush())
            .map_err(failed)?;
        Ok(Lock { _file: file })
    }
}

/// What the holder wrote, and since when it has the lock as the file's own date tells it.
fn told_by(file: &mut File) -> String {
    let mut text = String::new();
    // On some systems a locked file cannot be read; the refusal stands without the detail.
    let _ = file.take(300).read_to_string(&mut text);
    let text = text.lines().next().unwrap_or_default().to_owned();
    let since = file
        .metadata()
        .and_then(|about| about.modified())
        .ok()
        .map(|at| {
            let at: chrono::DateTime<chrono::Utc> = at.into();
            at.with_timezone(&chrono_tz::Europe::London)
                .format(", since %Y-%m-%d %H:%M")
                .to_string()
        });
    if text.is_empty() {
        "another process".to_owned()
    } else {
        text + &since.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_is_told_who_holds_it_and_a_dropped_lock_is_free() {
        let home = tempfile::tempdir().unwrap();
        let first = Lock::take(home.path(), "onroll run for 2026-07-20").unwrap();
        match Lock::take(home.path(), "onroll plan") {
            Err(WorkspaceError::Locked(who)) => {
                assert!(who.starts_with(&format!(
                    "process {}, onroll run for 2026-07-20",
                    std::process::id()
                )))
            }
            other => panic!("{other:?}"),
        }
        drop(first);
        Lock::take(home.path(), "onroll plan").unwrap();
    }
}
