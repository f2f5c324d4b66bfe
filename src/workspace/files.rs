//! Files as a workspace keeps them: for their owner alone, replaced whole, never behind a symbolic link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::WorkspaceError;
use crate::directory::Flushing;

/// Makes a folder (and those above it) that only its owner can enter, whatever the umask.
pub fn make_folder(path: &Path) -> Result<(), WorkspaceError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .and_then(|()| close_folder(path))
        .map_err(|e| WorkspaceError::io("make the folder", path, e))
}

/// Writes a file that must not exist yet, readable by its owner alone from its first moment.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), WorkspaceError> {
    create_new(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|e| WorkspaceError::io("write", path, e))
}

/// Replaces a file whole: a reader, or a start after a crash, sees the old content or the new, never half.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), WorkspaceError> {
    let temporary = temporary_name(path);
    let replaced = remove_file_if_there(&temporary)
        .and_then(|()| create_new(&temporary))
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| path.parent().map_or(Ok(()), sync_folder));
    replaced.map_err(|e| WorkspaceError::io("replace", path, e))
}

/// Brings a file to the disk, in a thread of its own, while something else is done: waiting for a disk needs no core.
pub fn flush_beside<T>(path: &Path, work: impl FnOnce() -> T) -> (T, Result<(), WorkspaceError>) {
    // Opened first: meanwhile it may be moved to its place.
    let flushing = File::open(path).and_then(Flushing::begin);
    let done = work();
    let flushed = flushing.and_then(Flushing::wait);
    (
        done,
        flushed.map_err(|e| WorkspaceError::io("flush", path, e)),
    )
}

/// Closes a finished folder to everybody but its owner and brings every byte of it to the disk.
pub fn seal(folder: &Path) -> Result<(), WorkspaceError> {
    seal_below(folder).map_err(|e| WorkspaceError::io("flush", folder, e))
}

fn seal_below(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if fs::symlink_metadata(&path)?.is_dir() {
            seal_below(&path)?;
        } else {
            close_file(&path)?;
            File::open(&path)?.sync_all()?;
        }
    }
    close_folder(folder)?;
    sync_folder(folder)
}

/// Brings the names in a folder to the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Refuses a symbolic link at `path` or anywhere below it, `depth` folders down.
pub fn refuse_links(path: &Path, depth: usize) -> Result<(), WorkspaceError> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(WorkspaceError::io("look at", path, e)),
    };
    if about.file_type().is_symlink() {
        return Err(WorkspaceError::Link(path.to_owned()));
    }
    if about.is_dir() && depth > 0 {
        for entry in names(path)? {
            refuse_links(&path.join(entry), depth - 1)?;
        }
    }
    Ok(())
}

/// The names in a folder that are text, sorted; none when there is no such folder.
pub fn names(folder: &Path) -> Result<Vec<String>, WorkspaceError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(WorkspaceError::io("list", folder, e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| WorkspaceError::io("list", folder, e))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Removes a folder and all it holds, if it is there.
pub fn remove_folder(path: &Path) -> Result<(), WorkspaceError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(WorkspaceError::io("remove", path, e)),
        _ => Ok(()),
    }
}

fn remove_file_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// `.new-<name>` beside the file or folder meant.
pub fn temporary_name(path: &Path) -> PathBuf {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    path.with_file_name(format!("{TEMPORARY}{name}"))
}

/// How names of unfinished files and folders begin; a start removes what a killed run left of them.
pub const TEMPORARY: &str = ".new-";

fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    close_file(path)?;
    Ok(file)
}

/// Makes a file readable and writable by its owner alone.
pub fn close_file(path: &Path) -> io::Result<()> {
    set_mode(path, 0o600)
}

fn close_folder(path: &Path) -> io::Result<()> {
    set_mode(path, 0o700)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_sealed_belongs_to_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("run");
        make_folder(&folder.join("offices")).unwrap();
        fs::write(folder.join("offices/0001.csv"), "x").unwrap();
        fs::set_permissions(folder.join("offices"), fs::Permissions::from_mode(0o755)).unwrap();
        seal(&folder).unwrap();
        assert_eq!(
            (
                mode(&folder.join("offices")),
                mode(&folder.join("offices/0001.csv"))
            ),
            (0o700, 0o600)
        );
    }

    #[test]
    fn a_link_is_refused_however_deep() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("mis/learners")).unwrap();
        assert!(refuse_links(&home.path().join("mis"), 8).is_ok());
        std::os::unix::fs::symlink("/etc/hostname", home.path().join("mis/learners/a.csv"))
            .unwrap();
        assert!(matches!(
            refuse_links(&home.path().join("mis"), 8),
            Err(WorkspaceError::Link(_))
        ));
    }

    #[test]
    fn replacing_leaves_no_temporary_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("CURRENT");
        replace(&path, b"one\n").unwrap();
        replace(&path, b"two\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two\n");
        assert_eq!(
            (names(home.path()).unwrap(), mode(&path)),
            (vec!["CURRENT".to_owned()], 0o600)
        );
    }
}
