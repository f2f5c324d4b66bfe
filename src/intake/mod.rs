//! Stage 1: files become canonical tables. What other systems' exports look like ends here.

mod digest;
mod files;
mod one;

use std::path::Path;

use rayon::prelude::*;

pub use digest::{digest_files, input_file, sha256_hex};
pub use one::{OneTable, read_table};

use files::Found;

use crate::model::{Fault, InputFile, Kind, Severity};
use crate::pages;
use crate::policy::params::{NameChoice, Params};
use crate::rounds::in_rounds;
use crate::table::{ReadOptions, TableRead, TableSpec, read, spec};

/// The files of one table.
#[derive(Debug)]
pub struct Table {
    /// Which table.
    pub spec: &'static TableSpec,
    /// Its files in sorted order, unusable ones among them.
    pub files: Vec<TableRead>,
}

impl Table {
    /// The files whose rows can be used.
    pub fn usable(&self) -> impl Iterator<Item = &TableRead> {
        self.files.iter().filter(|file| file.usable)
    }

    fn has_usable(&self) -> bool {
        self.usable().next().is_some()
    }
}

/// Everything of `mis/` that decides about accounts. Faults of the files stand here, not in the tables.
#[derive(Debug)]
pub struct Inputs {
    /// `authorities`.
    pub authorities: Table,
    /// `establishments`.
    pub establishments: Table,
    /// `exports`.
    pub exports: Table,
    /// `learners`.
    pub learners: Table,
    /// `staff`.
    pub staff: Table,
    /// `rekeys`; optional.
    pub rekeys: Table,
    /// `classes`; optional, read only where the policy has groups.
    pub classes: Table,
    /// `class_members`; as `classes`.
    pub class_members: Table,
    /// Every file read, sorted by label.
    pub input_files: Vec<InputFile>,
    /// What is wrong with files as files.
    pub faults: Vec<Fault>,
}

/// Every table of `mis/`, in the order of [`Inputs`].
const SPECS: [&TableSpec; 8] = [
    &spec::AUTHORITIES,
    &spec::ESTABLISHMENTS,
    &spec::EXPORTS,
    &spec::LEARNERS,
    &spec::STAFF,
    &spec::REKEYS,
    &spec::CLASSES,
    &spec::CLASS_MEMBERS,
];

/// Places in [`SPECS`]: the rolls, the first table that need not be there, and the first that decides about no account.
const ROLLS: [usize; 2] = [3, 4];
const OPTIONAL_FROM: usize = 5;
const GROUPS_FROM: usize = 6;

/// What becomes of the rows of the two rolls once their files are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RollRows {
    /// They are kept.
    Keep,
    /// They are let go, but for what concerns a file as a whole; [`read_again`] brings those of one file back.
    LetGo,
}

/// Reads a file of a roll once more, as [`read_inputs`] does.
///
/// # Errors
/// When it cannot be read, or is not the one that was read before.
pub fn read_again(
    mis_dir: &Path,
    file: (&TableSpec, &str),
    was: Option<&InputFile>,
    params: &Params,
    options: &ReadOptions,
) -> std::io::Result<TableRead> {
    let (spec, label) = file;
    let below = label.split_once('/').map_or(label, |(_, below)| below);
    let found = Found {
        label: label.to_owned(),
        path: mis_dir.join(below),
    };
    match read_file(spec, &found, params, options) {
        (file, Some(record)) if Some(&record) == was => Ok(file),
        _ => Err(std::io::Error::other("it changed while it was read")),
    }
}

/// Reads the tables of `mis_dir`; `prefix` stands for that folder in labels (`mis`).
///
/// Never fails: what cannot be read is a fault that refuses the night, or holds establishments where a
/// table is split over several files and others of it are good.
pub fn read_inputs(
    mis_dir: &Path,
    prefix: &str,
    params: &Params,
    options: &ReadOptions,
    rows: RollRows,
) -> Inputs {
    let mut faults = Vec::new();
    let wanted = match params.groups_on() {
        Some(_) => SPECS.len(),
        None => GROUPS_FROM,
    };
    let jobs: Vec<(usize, Found)> = SPECS
        .iter()
        .take(wanted)
        .enumerate()
        .flat_map(|(table, spec)| {
            files::of_table(mis_dir, prefix, spec, &mut faults)
                .into_iter()
                .map(move |f| (table, f))
        })
        .collect();
    if jobs.len() > FILES_MAX {
        faults.push(too_many_files(jobs.len()));
    }
    let jobs = jobs.into_iter().take(FILES_MAX).collect();
    let read = read_files(jobs, params, options, rows);
    let mut tables = SPECS.map(|spec| Table {
        spec,
        files: Vec::new(),
    });
    let mut input_files = Vec::new();
    for (table, file, record) in read {
        tables[table].files.push(file);
        input_files.extend(record);
    }
    input_files.sort();
    settle(&mut tables, prefix, &mut faults);
    let [
        authorities,
        establishments,
        exports,
        learners,
        staff,
        rekeys,
        classes,
        class_members,
    ] = tables;
    Inputs {
        authorities,
        establishments,
        exports,
        learners,
        staff,
        rekeys,
        classes,
        class_members,
        input_files,
        faults,
    }
}

/// A file of a table, by the table's place in [`SPECS`], and its record.
type OneFile = (usize, TableRead, Option<InputFile>);

fn read_files(
    jobs: Vec<(usize, Found)>,
    params: &Params,
    options: &ReadOptions,
    rows: RollRows,
) -> Vec<OneFile> {
    let split = |(table, found): &(usize, Found), loaded| {
        let (file, record) = split_file(SPECS[*table], found, loaded, params, options);
        (*table, file, record)
    };
    match rows {
        RollRows::Keep => {
            let read = |job: &(usize, Found)| split(job, load(&job.1, options));
            jobs.par_iter().map(read).collect()
        }
        // No more of them is in memory than one, and the bytes of the next.
        RollRows::LetGo => {
            let mut files = Vec::with_capacity(jobs.len());
            let take = |(job, loaded)| {
                let (table, file, record): OneFile = split(job, loaded);
                let is_roll = ROLLS.contains(&table);
                let file = if is_roll { file.without_rows() } else { file };
                files.push((table, file, record));
            };
            in_rounds(&jobs, |job| (job, load(&job.1, options)), take);
            files
        }
    }
}

fn read_file(
    spec: &TableSpec,
    found: &Found,
    params: &Params,
    options: &ReadOptions,
) -> (TableRead, Option<InputFile>) {
    split_file(spec, found, load(found, options), params, options)
}

/// The bytes of a file, with their record.
type Loaded = (Vec<u8>, InputFile);

/// Reads a file whole; none where it cannot be read.
fn load(found: &Found, options: &ReadOptions) -> Option<Loaded> {
    let bytes = match options.once {
        true => pages::read_once(&found.path),
        false => std::fs::read(&found.path),
    };
    let bytes = bytes.ok()?;
    // Not beside the splitting, which would want the bytes twice: other cores have the directory to read.
    let record = input_file(&found.label, &bytes);
    Some((bytes, record))
}

fn split_file(
    spec: &TableSpec,
    found: &Found,
    loaded: Option<Loaded>,
    params: &Params,
    options: &ReadOptions,
) -> (TableRead, Option<InputFile>) {
    let Some((bytes, record)) = loaded else {
        let fault = Fault::new(
            Severity::Refuse,
            "unreadable",
            "the file cannot be read",
            "Look at its permissions.",
        );
        let faults = vec![fault.in_file(spec.name, &found.label)];
        let columns = vec![None; spec.columns.len()];
        return (
            TableRead {
                label: found.label.clone(),
                columns,
                faults,
                ..TableRead::default()
            },
            None,
        );
    };
    let mut options = options.clone();
    options.required.extend(required(spec, params));
    options.may_be_empty = SPECS[OPTIONAL_FROM..].iter().any(|o| o.name == spec.name);
    (read(spec, &found.label, bytes, &options), Some(record))
}

/// Columns that the policy needs besides those every platform needs (SPEC §3).
fn required(spec: &TableSpec, params: &Params) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let kind = match spec.name {
        "learners" => Some(Kind::Learner),
        "staff" => Some(Kind::Staff),
        _ => None,
    };
    if let Some(kind) = kind {
        columns.extend(
            params
                .complete
                .of(kind)
                .iter()
                .filter(|name| spec.place(name).is_some())
                .cloned(),
        );
        if params.names.account == NameChoice::Preferred
            || params.names.username_from == NameChoice::Preferred
        {
            columns.extend([
                "preferred_surname".to_owned(),
                "preferred_forename".to_owned(),
            ]);
        }
    }
    if kind == Some(Kind::Staff) {
        columns.push(params.identity.staff.clone());
        if params.on_roll.teaching_needs_registration {
            columns.push("registration_number".to_owned());
        }
    }
    if params.consent.is_some() && spec.place("data_sharing").is_some() {
        columns.push("data_sharing".to_owned());
    }
    if params.eligible.maintained && spec.name == "establishments" {
        columns.push("maintained".to_owned());
    }
    columns
}

/// Decides what unusable files cost, and moves every fault of a file to the night's list.
fn settle(tables: &mut [Table; 8], prefix: &str, faults: &mut Vec<Fault>) {
    let rolls_usable = ROLLS.map(|place| tables[place].has_usable());
    for (place, table) in tables.iter_mut().enumerate() {
        let is_roll = ROLLS.contains(&place);
        let other_roll_usable = is_roll && rolls_usable[ROLLS[1] - place];
        if table.files.is_empty() && place < OPTIONAL_FROM && !other_roll_usable {
            faults.push(missing(table.spec, prefix, is_roll));
        }
        let is_split = table.files.len() > 1 && table.has_usable();
        for file in &mut table.files {
            for mut fault in std::mem::take(&mut file.faults) {
                let has_no_rows = matches!(fault.code, "header_only" | "file_empty");
                if fault.severity == Severity::Refuse && place >= GROUPS_FROM {
                    // It costs groups their news of tonight, and no account anything.
                    fault.severity = Severity::Reject;
                } else if fault.severity == Severity::Refuse && is_split {
                    fault.severity = Severity::Hold;
                } else if fault.severity == Severity::Refuse && has_no_rows && other_roll_usable {
                    fault.severity = Severity::Warn;
                }
                faults.push(fault);
            }
        }
    }
}

/// Most files a night may have: a row keeps the number of its file in 16 bits.
const FILES_MAX: usize = u16::MAX as usize;

fn too_many_files(found: usize) -> Fault {
    Fault::new(
        Severity::Refuse,
        "too_many_files",
        format!("the tables are split over {found} files; at most {FILES_MAX} are read"),
        "Put several establishments into one file.",
    )
}

fn missing(spec: &TableSpec, prefix: &str, is_roll: bool) -> Fault {
    let (name, file) = (spec.name, format!("{prefix}/{}.csv", spec.name));
    let message = match is_roll {
        true => format!("neither `{name}.csv` nor the other roll gives any rows"),
        false => format!("there is no `{name}.csv` and no file in `{name}/`"),
    };
    Fault::new(
        Severity::Refuse,
        "table_missing",
        message,
        "Put the exported table there.",
    )
    .in_file(name, &file)
}
