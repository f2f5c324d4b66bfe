//! One table outside `mis/`: read by the same rules.

use std::path::Path;

use super::{files, input_file};
use crate::model::{Fault, InputFile, Severity};
use crate::table::{ReadOptions, TableRead, TableSpec, read};

/// A table's files, their records for the run, and what is in the way.
#[derive(Debug, Default)]
pub struct OneTable {
    /// The files in sorted order, each with its faults.
    pub files: Vec<TableRead>,
    /// What was read.
    pub input_files: Vec<InputFile>,
    /// Faults of files as files.
    pub faults: Vec<Fault>,
}

/// Reads every file of a table; `prefix` stands for the folder in labels. None at all is an empty table.
pub fn read_table(
    folder: &Path,
    prefix: &str,
    spec: &TableSpec,
    options: &ReadOptions,
) -> OneTable {
    let mut table = OneTable::default();
    for found in files::of_table(folder, prefix, spec, &mut table.faults) {
        match std::fs::read(&found.path) {
            Ok(bytes) => {
                table.input_files.push(input_file(&found.label, &bytes));
                table.files.push(read(spec, &found.label, bytes, options));
            }
            Err(_) => table.faults.push(
                Fault::new(
                    Severity::Refuse,
                    "unreadable",
                    "the file cannot be read",
                    "Look at its permissions.",
                )
                .in_file(spec.name, &found.label),
            ),
        }
    }
    table
}
