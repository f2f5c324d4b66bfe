//! What a part leaves for the merge: a folder of its own, of which `part.json` is written last.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Part;
use crate::directory::sha256;
use crate::gate::Feedback;
use crate::identity::parse_hex128;
use crate::model::{Date, Sums};
use crate::nightly::{Read, Request};
use crate::report::write_owner_only;
use crate::workspace::FileMark;

/// Which part it is, what it was made from, what it counted, and the marks of the other files.
const PART: &str = "part.json";
/// The people about whom anything is due, told or open: the hashes of their person_refs, one a line.
const NOTED: &str = "noted.txt";
/// What the real directory says of the accounts of the part, as the kept roll has it.
const FEEDBACK: &str = "feedback.json";
/// The accepted rows of the part, as the kept roll has them.
pub const ENROLMENTS: &str = "enrolments.csv";
/// The accounts of the part that wait for a sign-in and for nothing else, in the order of `credentials.csv`.
pub const WAITING: &str = "waiting.csv";

/// Grows when a key changes its meaning or goes.
const FORMAT: u32 = 2;

/// Why a night cannot be decided in parts.
#[derive(Debug, Error)]
pub enum PartsError {
    /// What the parts would need to know of each other.
    #[error("this night cannot be decided in parts: {0}")]
    Undivided(&'static str),
    /// One that is not there, or not finished.
    #[error("part {0} is missing")]
    Missing(Part),
    /// None at all.
    #[error("there is no part of a night in {}", .0.display())]
    None(PathBuf),
    /// Of several nights.
    #[error("there are parts of {one} and of {other} in {}; each night has one division", .folder.display())]
    Mixed {
        /// Into how many the first is one.
        one: u32,
        /// Into how many another is one.
        other: u32,
        /// Where they lie.
        folder: PathBuf,
    },
    /// Of another night, or of the same with other inputs.
    #[error("part {0} was made for another night or from other inputs than these: {1} differs")]
    Stale(Part, &'static str),
    /// Not as it was written.
    #[error("{} is not as this program wrote it", .0.display())]
    Damaged(PathBuf),
    /// A link where a folder should be.
    #[error("{path} is a symbolic link", path = .0.display())]
    Link(PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {1}", path = .0.display())]
    Io(PathBuf, #[source] std::io::Error),
}

/// What a part is bound to: it merges with parts of the same alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    as_of: Date,
    inputs: String,
    snapshot: String,
    policy: String,
    key: String,
    establishments: Vec<String>,
    version: String,
}

impl Bound {
    /// What a night is decided from.
    pub fn of(request: &Request<'_>, read: &Read) -> Bound {
        Bound {
            as_of: request.as_of,
            inputs: read.input_digest.clone(),
            snapshot: read.snapshot.name.clone(),
            policy: request.policy.digest.clone(),
            key: request.keys.current.fingerprint(),
            establishments: request.only.to_vec(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// What is not the same, by its name.
    fn differs(&self, other: &Bound) -> Option<&'static str> {
        let Bound {
            as_of,
            inputs,
            snapshot,
            policy,
            key,
            establishments,
            version,
        } = self;
        let same = [
            ("the date", *as_of == other.as_of),
            ("the policy", *policy == other.policy),
            ("the key", *key == other.key),
            ("the snapshot", *snapshot == other.snapshot),
            (
                "what is restricted to",
                *establishments == other.establishments,
            ),
            ("the version of this program", *version == other.version),
            ("an input file", *inputs == other.inputs),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(name, _)| name)
    }
}

/// `part.json`, key by key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: u32,
    part: u32,
    of: u32,
    bound: Bound,
    sums: Sums,
    files: Vec<(String, u64, String)>,
}

/// What a part has to say.
pub struct Findings {
    pub part: Part,
    pub bound: Bound,
    /// Sorted.
    pub noted: Vec<u128>,
    /// Places of accounts that stand in [`WAITING`].
    pub waiting: Vec<usize>,
    pub sums: Sums,
    pub feedback: BTreeMap<String, Feedback>,
}

/// A symbolic link would lead out of the workspace.
fn refuse_link(path: &Path) -> Result<(), PartsError> {
    match path.is_symlink() {
        true => Err(PartsError::Link(path.to_owned())),
        false => Ok(()),
    }
}

/// Makes the empty folder of a part; what an earlier attempt left goes.
pub fn begin(parts: &Path, part: Part) -> Result<PathBuf, PartsError> {
    let folder = parts.join(part.folder());
    [parts, &folder].into_iter().try_for_each(refuse_link)?;
    let made = (|| {
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)
    })();
    made.map_err(|e| PartsError::Io(folder.clone(), e))?;
    Ok(folder)
}

/// Writes what a part found, `part.json` last; its tables have been written.
pub fn write(folder: &Path, found: Findings, tables: [FileMark; 2]) -> Result<(), PartsError> {
    let mut noted = Vec::with_capacity(found.noted.len() * 33);
    for hash in &found.noted {
        // A vector takes everything.
        let _ = writeln!(noted, "{hash:032x}");
    }
    let unwritten = |e: serde_json::Error| PartsError::Io(folder.to_owned(), e.into());
    let feedback = serde_json::to_vec(&found.feedback).map_err(unwritten)?;
    let mut files: Vec<_> = tables
        .into_iter()
        .map(|table| (table.file, table.bytes, table.sha256))
        .collect();
    for (name, bytes) in [(NOTED, &noted), (FEEDBACK, &feedback)] {
        put(folder, name, bytes)?;
        files.push((name.to_owned(), bytes.len() as u64, sha256(bytes)));
    }
    let record = Record {
        format: FORMAT,
        part: found.part.number,
        of: found.part.of,
        bound: found.bound,
        sums: found.sums,
        files,
    };
    let mut json = serde_json::to_vec_pretty(&record).map_err(unwritten)?;
    json.push(b'\n');
    put(folder, PART, &json)
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), PartsError> {
    let path = folder.join(name);
    write_owner_only(&path, bytes).map_err(|e| PartsError::Io(path, e))
}

/// What all parts of a night found.
#[derive(Debug)]
pub struct Gathered {
    /// The hashes of people about whom some part found anything.
    pub noted: HashSet<u128>,
    /// The counts of all others.
    pub sums: Sums,
    /// What the real directory says of the parts' accounts.
    pub feedback: BTreeMap<String, Feedback>,
    /// The files of accepted rows, with what they must be.
    pub rows: Vec<(PathBuf, FileMark)>,
    /// The files of accounts that wait for a sign-in, with what they must be.
    pub waiting: Vec<(PathBuf, FileMark)>,
    bounds: Vec<(Part, Bound)>,
}

/// Reads every part that lies in a folder.
///
/// # Errors
/// When one is missing or damaged, or there are parts of several divisions.
pub fn gather(parts: &Path) -> Result<Gathered, PartsError> {
    let io = |e| PartsError::Io(parts.to_owned(), e);
    let mut names: Vec<PathBuf> = match fs::read_dir(parts) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(io)?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(io(e)),
    };
    names.sort();
    let mut gathered = Gathered {
        noted: HashSet::new(),
        sums: Sums::default(),
        feedback: BTreeMap::new(),
        rows: Vec::new(),
        waiting: Vec::new(),
        bounds: Vec::new(),
    };
    refuse_link(parts)?;
    for folder in names.iter().filter(|path| path.join(PART).is_file()) {
        refuse_link(folder)?;
        gathered.add(folder)?;
    }
    let Some((first, _)) = gathered.bounds.first() else {
        return Err(PartsError::None(parts.to_owned()));
    };
    let of = first.of;
    if let Some((other, _)) = gathered.bounds.iter().find(|(part, _)| part.of != of) {
        return Err(PartsError::Mixed {
            one: of,
            other: other.of,
            folder: parts.to_owned(),
        });
    }
    let there: HashSet<u32> = gathered
        .bounds
        .iter()
        .map(|(part, _)| part.number)
        .collect();
    if let Some(number) = (1..=of).find(|number| !there.contains(number)) {
        return Err(PartsError::Missing(Part { number, of }));
    }
    Ok(gathered)
}

impl Gathered {
    fn add(&mut self, folder: &Path) -> Result<(), PartsError> {
        let damaged = |name: &str| PartsError::Damaged(folder.join(name));
        let record: Record =
            serde_json::from_slice(&take(folder, PART)?).map_err(|_| damaged(PART))?;
        let part = Part {
            number: record.part,
            of: record.of,
        };
        let is_there = self.bounds.iter().any(|(other, _)| *other == part);
        if record.format != FORMAT || is_there || !(1..=part.of).contains(&part.number) {
            return Err(damaged(PART));
        }
        let mark = |name: &str| {
            let mut files = record.files.iter();
            let file = files.find(|(file, ..)| file == name);
            file.ok_or_else(|| damaged(PART))
        };
        let checked = |name: &str| -> Result<Vec<u8>, PartsError> {
            let bytes = take(folder, name)?;
            match mark(name)?.2 == sha256(&bytes) {
                true => Ok(bytes),
                false => Err(damaged(name)),
            }
        };
        let noted = String::from_utf8(checked(NOTED)?).map_err(|_| damaged(NOTED))?;
        for line in noted.lines() {
            let hash = parse_hex128(line).ok_or_else(|| damaged(NOTED))?;
            self.noted.insert(hash);
        }
        let feedback: BTreeMap<String, Feedback> =
            serde_json::from_slice(&checked(FEEDBACK)?).map_err(|_| damaged(FEEDBACK))?;
        self.feedback.extend(feedback);
        let table = |name: &str| -> Result<(PathBuf, FileMark), PartsError> {
            let (file, bytes, sha256) = mark(name)?.clone();
            let mark = FileMark {
                file,
                bytes,
                sha256,
            };
            Ok((folder.join(name), mark))
        };
        self.rows.push(table(ENROLMENTS)?);
        self.waiting.push(table(WAITING)?);
        self.sums.add(record.sums);
        self.bounds.push((part, record.bound));
        Ok(())
    }

    /// Takes the parts away.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn remove(&self) -> Result<(), PartsError> {
        for (rows, _) in &self.rows {
            if let Some(folder) = rows.parent() {
                fs::remove_dir_all(folder).map_err(|e| PartsError::Io(folder.to_owned(), e))?;
            }
        }
        Ok(())
    }

    /// Whether the parts are of this night.
    ///
    /// # Errors
    /// Says which is not, and what differs.
    pub fn check(&self, request: &Request<'_>, read: &Read) -> Result<(), PartsError> {
        let here = Bound::of(request, read);
        for (part, bound) in &self.bounds {
            if let Some(what) = bound.differs(&here) {
                return Err(PartsError::Stale(*part, what));
            }
        }
        Ok(())
    }
}

fn take(folder: &Path, name: &str) -> Result<Vec<u8>, PartsError> {
    let path = folder.join(name);
    fs::read(&path).map_err(|e| PartsError::Io(path, e))
}
