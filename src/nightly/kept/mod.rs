//! The accepted roll of a night as the archive keeps it for seven nights (SPEC §15): enough to decide the night again,
//! to explain it, or to ask what another policy would have done.
//!
//! It holds person_refs and no identifier: rows that the gate rejected stand in it by their place alone. Decisions,
//! requests and approvals stay where people wrote them, in `decisions/`: of those only ids and keyed hashes are kept, so
//! that a cell in which somebody mistyped an identifier is not copied.

mod enrolments;
mod merge;
mod rest;

use std::path::Path;

use super::read::{count_keys, input_digest};
use super::{Read, Request};
use crate::decisions;
use crate::directory::{DirectoryError, FlushedFile, Flushing, Snapshot, digested};
use crate::gate::FeedbackBook;
use crate::model::{Faults, InputFile, PersonKey, Roll, RollFile, Sums};
use crate::report::pour_owner_only;
use crate::table::spec::{LEARNERS, STAFF};
use crate::workspace::{FileMark, approvals};
use rest::Rest;

/// The accepted rows.
const ENROLMENTS: &str = "enrolments.csv";
/// Everything else the gate let through.
const REST: &str = "roll.json";

/// Why a night cannot be decided again.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// Something it was decided from is no longer there, or is another by now.
    #[error("{0}")]
    Gone(&'static str),
    /// A kept file is not as it was written.
    #[error("{0} is not as this program writes it")]
    Damaged(&'static str),
    /// The snapshot it began with.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The approvals.
    #[error(transparent)]
    Workspace(#[from] crate::workspace::WorkspaceError),
    /// A file could not be read.
    #[error("a kept file could not be read: {0}")]
    Io(#[from] std::io::Error),
}

/// A kept file that is written and on its way to the disk: whoever decides the night does not wait for it.
pub struct Written {
    mark: FileMark,
    flushing: Flushing,
}

impl Written {
    /// Waits until it is there.
    ///
    /// # Errors
    /// When it could not be brought there.
    pub fn wait(self) -> std::io::Result<FileMark> {
        self.flushing.wait().map(|()| self.mark)
    }
}

/// Writes what a night was decided from into an empty folder and sends it on its way to the disk.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, request: &Request<'_>, read: &Read) -> std::io::Result<Vec<Written>> {
    let rows = match request.gathered {
        None => write_rows(folder, ENROLMENTS, request, &read.roll, |_| true)?,
        Some(gathered) => merge::write(folder, request, read, gathered)?,
    };
    let mut rest = Rest::of(request.keys, read);
    if let Some(gathered) = request.gathered {
        rest.feedback.extend(gathered.feedback.clone());
    }
    let mut json = serde_json::to_vec_pretty(&rest)?;
    json.push(b'\n');
    let rest = put(folder, REST, |sink| sink(&json))?;
    Ok(vec![rows, rest])
}

/// Writes the accepted rows of some people into a file.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_rows(
    folder: &Path,
    name: &str,
    request: &Request<'_>,
    roll: &Roll,
    of: impl Fn(PersonKey) -> bool + Sync,
) -> std::io::Result<Written> {
    let key = request.keys.current.id();
    put(folder, name, |sink| enrolments::pour(roll, key, of, sink))
}

/// Takes the parts of a file as they come.
type Sink<'a> = dyn FnMut(&[u8]) -> std::io::Result<()> + Send + 'a;

/// Writes a file as its bytes come and takes their digest on the way.
fn put(
    folder: &Path,
    name: &str,
    pour: impl FnOnce(&mut Sink<'_>) -> std::io::Result<()>,
) -> std::io::Result<Written> {
    pour_owner_only(&folder.join(name), |file| {
        let flushed = FlushedFile::over(file.try_clone()?)?;
        let (file, bytes, sha256) = digested(flushed, |file| pour(&mut |part| file.take(&[part])))?;
        Ok(Written {
            mark: FileMark {
                file: name.to_owned(),
                bytes,
                sha256,
            },
            flushing: file.end(),
        })
    })
}

/// What an archived night was decided from: `folder` has its kept roll, `request` names its snapshot, its date and the
/// decisions of today, and `inputs` are the files that its record lists.
///
/// # Errors
/// When something is no longer as it was that night; [`KeptError`] says what.
pub fn read(folder: &Path, request: &Request<'_>, inputs: &[FileMark]) -> Result<Read, KeptError> {
    read_about(folder, request, inputs, None)
}

/// The same with the rows of some people alone, by the names that [`super::look`] takes: a fraction of the work, and
/// enough to judge them.
///
/// # Errors
/// As [`read`].
pub fn read_about(
    folder: &Path,
    request: &Request<'_>,
    inputs: &[FileMark],
    about: Option<&[String]>,
) -> Result<Read, KeptError> {
    let json = std::fs::read(folder.join(REST))?;
    let rest: Rest = serde_json::from_slice(&json).map_err(|_| KeptError::Damaged(REST))?;
    if rest.key_fingerprint != request.keys.current.fingerprint() {
        return Err(KeptError::Gone("another key is in use since"));
    }
    let keys: Vec<(String, String)> = request
        .keys
        .all()
        .map(|k| (k.id().to_string(), k.fingerprint()))
        .collect();
    let (snapshot, csv) = rayon::join(
        || Snapshot::read(request.snapshot, &keys),
        || std::fs::read(folder.join(ENROLMENTS)),
    );
    let (snapshot, mut csv) = (snapshot?, csv?);
    let decided = decisions::read(request.decisions, "decisions", request.windows_1252);
    let decided = rest.decided(request.keys, decided).ok_or(KeptError::Gone(
        "a decision of that night is no longer as it was",
    ))?;
    let is_input = |mark: &FileMark| inputs.contains(mark);
    let approvals = approvals::read_those(request.decisions, request.as_of, is_input)?;
    let approved = inputs
        .iter()
        .filter(|mark| approvals::is_approval(&mark.file));
    if approved.count() != approvals.files.len() {
        return Err(KeptError::Gone(
            "an approval of that night is no longer as it was",
        ));
    }
    let input_files: Vec<InputFile> = inputs
        .iter()
        .map(|mark| InputFile {
            label: mark.file.clone(),
            bytes: mark.bytes,
            sha256: mark.sha256.clone(),
        })
        .collect();
    let mut roll = roll(&rest)?;
    if let Some(names) = about {
        let people = rest.people(&super::look::hashes(&snapshot, names));
        csv = enrolments::only(&csv, request.keys.current.id(), &people);
    }
    enrolments::read(&csv, &rest, &mut roll).ok_or(KeptError::Damaged(ENROLMENTS))?;
    roll.input_files = input_files.clone();
    let (under_previous_key, retired_under_previous_key) =
        count_keys(&snapshot, request.keys, &mut Faults::default());
    Ok(Read {
        roll,
        snapshot,
        decided,
        feedback: FeedbackBook::of_accounts(rest.feedback.into_iter().collect()),
        approvals,
        input_digest: input_digest(&input_files),
        input_files,
        sums: Sums::default(),
        under_previous_key,
        retired_under_previous_key,
    })
}

/// The roll without its rows.
fn roll(rest: &Rest) -> Result<Roll, KeptError> {
    let file = |(table, name): &(String, String)| {
        let table = [LEARNERS.name, STAFF.name]
            .into_iter()
            .find(|known| known == table)
            .ok_or(KeptError::Damaged(REST))?;
        Ok(RollFile {
            table,
            name: name.clone(),
            rows: enrolments::no_rows(),
            cells: enrolments::columns(),
        })
    };
    Ok(Roll {
        establishments: rest.establishments.clone(),
        authorities: rest.authorities.clone(),
        files: rest
            .files
            .iter()
            .map(file)
            .collect::<Result<_, KeptError>>()?,
        untold: rest.untold.clone(),
        aliases: rest
            .aliases
            .iter()
            .map(|a| (a.kind, a.key, a.before.0, a.person))
            .collect(),
        classes: rest.classes.clone(),
        rows_long_gone: rest.rows_long_gone,
        rows_read: rest.rows_read,
        rows_rejected: rest.rows_rejected,
        rows_collapsed: rest.rows_collapsed,
        ..Roll::default()
    })
}
