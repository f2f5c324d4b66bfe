//! Which files make up a table: `learners.csv`, or `learners/*.csv`, or both.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Fault, Severity};
use crate::table::TableSpec;

/// A file to read and the name that people see.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub label: String,
    pub path: PathBuf,
}

/// The files of a table in sorted order; what is in the way becomes a fault.
pub(super) fn of_table(
    dir: &Path,
    prefix: &str,
    spec: &TableSpec,
    faults: &mut Vec<Fault>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let file = dir.join(format!("{}.csv", spec.name));
    let label = format!("{prefix}/{}.csv", spec.name);
    match kind_of(&file) {
        Kind::File => found.push(Found { label, path: file }),
        Kind::Nothing => {}
        other => faults.push(in_the_way(spec, &label, other)),
    }
    let folder = dir.join(spec.name);
    let label = format!("{prefix}/{}", spec.name);
    match kind_of(&folder) {
        Kind::Folder => of_folder(&folder, &label, spec, &mut found, faults),
        Kind::Nothing => {}
        other => faults.push(in_the_way(spec, &label, other)),
    }
    found
}

fn of_folder(
    folder: &Path,
    label: &str,
    spec: &TableSpec,
    found: &mut Vec<Found>,
    faults: &mut Vec<Fault>,
) {
    let Ok(entries) = fs::read_dir(folder) else {
        faults.push(in_the_way(spec, label, Kind::Other));
        return;
    };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    for name in names {
        let path = folder.join(&name);
        let label = format!("{label}/{name}");
        match kind_of(&path) {
            Kind::File if name.ends_with(".csv") => found.push(Found { label, path }),
            Kind::File | Kind::Folder | Kind::Nothing => faults.push(ignored(spec, &label)),
            other => faults.push(in_the_way(spec, &label, other)),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    File,
    Folder,
    Link,
    Nothing,
    Other,
}

fn kind_of(path: &Path) -> Kind {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_symlink() => Kind::Link,
        Ok(meta) if meta.is_file() => Kind::File,
        Ok(meta) if meta.is_dir() => Kind::Folder,
        Ok(_) => Kind::Other,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kind::Nothing,
        Err(_) => Kind::Other,
    }
}

fn in_the_way(spec: &TableSpec, label: &str, kind: Kind) -> Fault {
    let (code, message, fix) = match kind {
        Kind::Link => (
            "symbolic_link",
            "a symbolic link stands where a file should",
            "Put the file itself there.",
        ),
        _ => (
            "unreadable",
            "neither a readable file nor a folder of files",
            "Look at its kind and its permissions.",
        ),
    };
    Fault::new(Severity::Refuse, code, message, fix).in_file(spec.name, label)
}

fn ignored(spec: &TableSpec, label: &str) -> Fault {
    let message = "only files whose names end in `.csv` are read; this one is ignored";
    Fault::new(
        Severity::Warn,
        "file_ignored",
        message,
        "Take it out of the folder.",
    )
    .in_file(spec.name, label)
}
