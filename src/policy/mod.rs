//! Stage 5: policies as data. Parameters, decision tables, their proof and their compiled form.
//!
//! A policy is a folder of six files: `policy.toml` ([`params`]), the tables
//! `learner.csv`, `staff.csv`, `claim.csv`, `non_mis.csv` ([`table`]) and `denied_stems.txt`.
//! Nothing of it is used before [`prove`] has looked at every combination.

mod check_params;
mod compile;
pub mod params;
pub mod properties;
pub mod prove;
mod read;
pub mod show;
mod show_json;
pub mod table;
mod words;

use std::fmt;
use std::path::Path;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::identity::{DenyList, Usernames};
use crate::model::TransferState;
use params::Params;
pub use prove::{Report, check};
pub use show::show;
pub use show_json::show_json;
pub use table::{Outcome, Rule, RuleNotice, Table, TableKind};

/// The platforms that ship inside the binary.
static BUILTIN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/config/policies");

/// The files that make a policy, sorted; the digest is over them and nothing else.
pub const FILES: [&str; 6] = [
    "claim.csv",
    "denied_stems.txt",
    "learner.csv",
    "non_mis.csv",
    "policy.toml",
    "staff.csv",
];

/// Everything wrong with a policy, each in a sentence that names the file and what to look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyError {
    /// In the order of the files, then of their lines.
    pub faults: Vec<String>,
}

impl PolicyError {
    /// A single fault.
    pub fn one(fault: impl Into<String>) -> Self {
        PolicyError {
            faults: vec![fault.into()],
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the policy is refused")?;
        self.faults
            .iter()
            .try_for_each(|fault| write!(f, "\n- {fault}"))
    }
}

impl std::error::Error for PolicyError {}

/// A proved policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Numbers, names and lists.
    pub params: Params,
    /// What is due for learners.
    pub learner: Table,
    /// What is due for staff.
    pub staff: Table,
    /// What becomes of claims.
    pub claim: Table,
    /// What is due for accounts that people ask for.
    pub non_mis: Table,
    /// What usernames are made by: patterns, and the stems of `denied_stems.txt` that none may be made of.
    pub usernames: Usernames,
    /// SHA-256 over the names and bytes of its files, in hex.
    pub digest: String,
    /// Its files, sorted by name, so that a run can keep the policy it used.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Policy {
    /// The names of the policies inside the binary, sorted.
    pub fn builtin_names() -> Vec<String> {
        let mut names: Vec<String> = BUILTIN
            .dirs()
            .filter_map(|dir| Some(dir.path().file_name()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        names
    }

    /// A policy that ships inside the binary: `hwb` or `glow`.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn builtin(name: &str) -> Result<Self, PolicyError> {
        Policy::from_files(builtin_files(name)?)
    }

    /// A policy from a folder.
    ///
    /// # Errors
    /// A file cannot be read, or anything that [`Policy::from_files`] refuses.
    pub fn load(dir: &Path) -> Result<Self, PolicyError> {
        let mut files = Vec::new();
        let mut faults = Vec::new();
        for name in FILES {
            match std::fs::read(dir.join(name)) {
                Ok(bytes) => files.push((name.to_owned(), bytes)),
                Err(error) => faults.push(format!(
                    "{name}: cannot be read from the policy's folder ({})",
                    error.kind()
                )),
            }
        }
        if faults.is_empty() {
            Policy::from_files(files)
        } else {
            Err(PolicyError { faults })
        }
    }

    /// A policy from its files, e.g. those that a run kept. Files other than [`FILES`] are left aside.
    ///
    /// # Errors
    /// A file is missing, a parameter or table is faulty, or the proof fails: all faults at once, but a table whose
    /// text is faulty is not proved.
    pub fn from_files(files: Vec<(String, Vec<u8>)>) -> Result<Self, PolicyError> {
        let mut files: Vec<_> = files
            .into_iter()
            .filter(|(name, _)| FILES.contains(&name.as_str()))
            .collect();
        files.sort();
        let missing: Vec<String> = FILES
            .iter()
            .filter(|name| !files.iter().any(|(file, _)| file == *name))
            .map(|name| format!("{name}: is missing"))
            .collect();
        if !missing.is_empty() {
            return Err(PolicyError { faults: missing });
        }
        let bytes = |name: &str| {
            files
                .iter()
                .find(|(file, _)| file == name)
                .map_or(&[][..], |(_, bytes)| bytes.as_slice())
        };

        let params = Params::parse(bytes("policy.toml"))?;
        let mut faults = check_params::check(&params);
        let opens = params
            .transfers
            .opening_state()
            .unwrap_or(TransferState::Pending);
        let mut tables = Vec::with_capacity(TableKind::ALL.len());
        for kind in TableKind::ALL {
            match Table::parse(kind, bytes(kind.file()), opens) {
                Ok(table) => tables.push(table),
                Err(error) => faults.extend(error.faults),
            }
        }
        let denied = text(bytes("denied_stems.txt"), "denied_stems.txt", &mut faults);
        let names = &params.names;
        let usernames = Usernames::parse(
            &names.username,
            &names.username_fallback,
            names.username_max,
            names.username_first_number,
            &denied,
        );
        if let Err(fault) = DenyList::parse(&denied) {
            faults.push(fault);
        }
        for table in &tables {
            faults.extend(prove::prove(table, &params).err().into_iter().flatten());
        }
        let (true, Ok([learner, staff, claim, non_mis]), Ok(usernames)) =
            (faults.is_empty(), <[Table; 4]>::try_from(tables), usernames)
        else {
            return Err(PolicyError { faults });
        };
        let digest = digest(&files);
        Ok(Policy {
            params,
            learner,
            staff,
            claim,
            non_mis,
            usernames,
            digest,
            files,
        })
    }

    /// Its table of a kind.
    pub fn table(&self, kind: TableKind) -> &Table {
        match kind {
            TableKind::Learner => &self.learner,
            TableKind::Staff => &self.staff,
            TableKind::Claim => &self.claim,
            TableKind::NonMis => &self.non_mis,
        }
    }
}

fn builtin_files(name: &str) -> Result<Vec<(String, Vec<u8>)>, PolicyError> {
    let unknown = || {
        let known = Policy::builtin_names().join(", ");
        PolicyError::one(format!(
            "no policy of this name is built in; there are: {known}"
        ))
    };
    let dir = BUILTIN.get_dir(name).ok_or_else(unknown)?;
    let named = |path: &Path| {
        path.file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned)
    };
    Ok(dir
        .files()
        .filter_map(|file| Some((named(file.path())?, file.contents().to_vec())))
        .collect())
}

fn text(bytes: &[u8], name: &str, faults: &mut Vec<String>) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            faults.push(format!("{name}: is not UTF-8 text"));
            String::new()
        }
    }
}

/// Lengths stand before names and bytes, so that no other split of the same text has this digest.
fn digest(files: &[(String, Vec<u8>)]) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        for part in [name.as_bytes(), bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests;
