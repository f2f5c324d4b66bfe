//! The digests of everything in a folder: what `run.json` says of the run's other files, and what `verify` holds them
//! against.

use std::path::Path;

use rayon::prelude::*;

use super::{FileMark, RUN_FILE, WorkspaceError, files};
use crate::directory::sha256;

/// Every file of a run's folder but its record, sorted by its path below it.
pub fn of_folder(folder: &Path) -> Result<Vec<FileMark>, WorkspaceError> {
    with_known(folder, &[])
}

/// The same, where the digests of some files were taken when they were written.
pub fn with_known(folder: &Path, known: &[FileMark]) -> Result<Vec<FileMark>, WorkspaceError> {
    let mut names = Vec::new();
    below(folder, "", &mut names)?;
    names.retain(|name| name != RUN_FILE);
    names.sort();
    names
        .into_par_iter()
        .map(|name| match known.iter().find(|mark| mark.file == name) {
            Some(mark) => Ok(mark.clone()),
            None => mark(folder, name),
        })
        .collect()
}

/// Every path below a folder, with `/` between its parts, but for what is unfinished.
pub fn below(folder: &Path, prefix: &str, out: &mut Vec<String>) -> Result<(), WorkspaceError> {
    for name in files::names(folder)? {
        let path = folder.join(&name);
        if name.starts_with(files::TEMPORARY) {
            continue;
        }
        if path.is_dir() {
            below(&path, &format!("{prefix}{name}/"), out)?;
        } else {
            out.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

fn mark(folder: &Path, file: String) -> Result<FileMark, WorkspaceError> {
    let path = folder.join(&file);
    let bytes = std::fs::read(&path).map_err(|e| WorkspaceError::io("read", &path, e))?;
    Ok(FileMark {
        file,
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
    })
}
