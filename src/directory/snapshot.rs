//! Reading a snapshot: every digest is checked before a row is believed.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::digested::Digesting;
use super::scan::{self, AllAccounts, Wanted};
use super::tables::{self, Row};
use super::{
    Accounts, Consent, Group, GroupMember, GuardRow, LedgerEntry, RetiredUsername, Transfer,
};
use crate::model::Date;
use crate::pages;

/// Why a snapshot cannot be used.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// There is none: only `init` and `adopt` make one.
    #[error(
        "there is no directory snapshot at this path; `onroll init` makes an empty one, `onroll adopt` one from an existing directory"
    )]
    Missing,
    /// Its content is not what its digests say.
    #[error("the directory snapshot was altered: {0}")]
    Altered(String),
    /// It was written under another key.
    #[error(
        "the directory snapshot was written under another key (fingerprint {0}); give that key with --key, or as previous_key beside a new one"
    )]
    WrongKey(String),
    /// It was written by a newer version.
    #[error("the directory snapshot has format version {0}, which this version does not read")]
    Format(u32),
    /// It could not be read or written.
    #[error("the directory snapshot could not be read or written: {0}")]
    Io(#[from] std::io::Error),
}

/// `snapshot.json`.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Meta {
    /// Version of this format.
    pub format_version: u32,
    /// Date of the run that wrote it; `None` before the first.
    pub as_of: Option<Date>,
    /// Name of the policy.
    pub policy: String,
    /// Digest of the policy's files.
    pub policy_digest: String,
    /// Short id of the key that person_refs stand under.
    pub key_id: String,
    /// Fingerprint of that key.
    pub key_fingerprint: String,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// SHA-256 of each table's file.
    pub digests: BTreeMap<String, String>,
    /// The snapshot it came from; `None` for the first.
    pub from: Option<String>,
}

/// The format this version writes.
pub const FORMAT_VERSION: u32 = 1;

/// A snapshot in memory.
#[derive(Debug)]
pub struct Snapshot {
    /// The digest it is named by.
    pub name: String,
    /// Its `snapshot.json`.
    pub meta: Meta,
    /// The accounts.
    pub accounts: Accounts,
    /// Claims, by account and claimant.
    pub transfers: Vec<Transfer>,
    /// Choices, by person.
    pub consents: Vec<Consent>,
    /// Groups, by id.
    pub groups: Vec<Group>,
    /// Their members, by group and account.
    pub group_members: Vec<GroupMember>,
    /// Decisions that are settled, by id.
    pub ledger: Vec<LedgerEntry>,
    /// What guards measured, by night.
    pub guard_history: Vec<GuardRow>,
    /// Names never issued again.
    pub retired: Vec<RetiredUsername>,
}

impl Snapshot {
    /// Reads the snapshot in a folder. `keys` are (id, fingerprint) of the run's keys, the current one first.
    ///
    /// # Errors
    /// When there is none, its digests differ, or it stands under none of the keys.
    pub fn read(folder: &Path, keys: &[(String, String)]) -> Result<Snapshot, DirectoryError> {
        Snapshot::read_by(folder, keys, |path| std::fs::read(path))
    }

    /// The same of a snapshot that another one follows tonight, so that its accounts are not read again soon.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    pub fn read_last(folder: &Path, keys: &[(String, String)]) -> Result<Snapshot, DirectoryError> {
        Snapshot::read_by(folder, keys, pages::read_once)
    }

    fn read_by(
        folder: &Path,
        keys: &[(String, String)],
        read: fn(&Path) -> std::io::Result<Vec<u8>>,
    ) -> Result<Snapshot, DirectoryError> {
        let (name, meta) = open(folder, keys)?;
        let key_ids: Vec<String> = keys.iter().map(|(id, _)| id.clone()).collect();
        let (accounts, rest) = rayon::join(
            || read_accounts(folder, &meta, &key_ids, read),
            || -> Result<(Vec<Consent>, Snapshot), DirectoryError> {
                let consents = read_small(folder, &meta)?;
                Ok((consents, rest(folder, name, meta.clone())?))
            },
        );
        let (consents, rest) = rest?;
        Ok(Snapshot {
            accounts: accounts?,
            consents,
            ..rest
        })
    }

    /// Reads a snapshot of which only some accounts are kept; its choices are left out ([`Snapshot::read_consents`]).
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    pub fn read_some(
        folder: &Path,
        keys: &[(String, String)],
        wanted: &Wanted<'_>,
    ) -> Result<(Snapshot, AllAccounts), DirectoryError> {
        let (name, meta) = open(folder, keys)?;
        let key_ids: Vec<String> = keys.iter().map(|(id, _)| id.clone()).collect();
        let digest = meta.digests.get("accounts").map(String::as_str);
        let (accounts, crowd) = scan::scan(folder, digest, &key_ids, wanted)?;
        let rest = rest(folder, name, meta)?;
        Ok((Snapshot { accounts, ..rest }, crowd))
    }

    /// Reads the choices of some people, by their person_refs.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    pub fn read_consents(
        &mut self,
        folder: &Path,
        keeps: impl Fn(&str) -> bool,
    ) -> Result<(), DirectoryError> {
        let table = Consent::TABLE;
        let file = File::open(folder.join(format!("{table}.csv"))).map_err(missing(table))?;
        let mut reader = csv::Reader::from_reader(Digesting::of(file));
        let altered = |_| DirectoryError::Altered(format!("{}.csv", Consent::TABLE));
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(altered)? {
            if keeps(row.get(0).unwrap_or_default()) {
                let consent =
                    (row.len() == Consent::COLUMNS.len()).then(|| Consent::from_row(&row));
                let consent = consent.flatten().ok_or_else(|| {
                    DirectoryError::Altered("a choice is not as this program writes it".to_owned())
                })?;
                self.consents.push(consent);
            }
        }
        check(&reader.get_mut().digest(), Consent::TABLE, &self.meta)
    }
}

/// Opens a snapshot's `snapshot.json`: its name and what it says.
fn open(folder: &Path, keys: &[(String, String)]) -> Result<(String, Meta), DirectoryError> {
    let json = match std::fs::read(folder.join("snapshot.json")) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(DirectoryError::Missing);
        }
        Err(e) => return Err(e.into()),
    };
    let name = folder_name(&json);
    if folder.file_name().and_then(|n| n.to_str()) != Some(name.as_str()) {
        return Err(DirectoryError::Altered(
            "snapshot.json does not have the digest its folder is named by".into(),
        ));
    }
    let meta: Meta = serde_json::from_slice(&json).map_err(|_| {
        DirectoryError::Altered("snapshot.json is not as this program writes it".into())
    })?;
    if meta.format_version != FORMAT_VERSION {
        return Err(DirectoryError::Format(meta.format_version));
    }
    if !keys
        .iter()
        .any(|(_, fingerprint)| *fingerprint == meta.key_fingerprint)
    {
        return Err(DirectoryError::WrongKey(meta.key_fingerprint));
    }
    Ok((name, meta))
}

/// A snapshot without its accounts and choices.
fn rest(folder: &Path, name: String, meta: Meta) -> Result<Snapshot, DirectoryError> {
    Ok(Snapshot {
        name,
        accounts: Accounts::default(),
        transfers: read_small(folder, &meta)?,
        consents: Vec::new(),
        groups: read_later(folder, &meta)?,
        group_members: read_later(folder, &meta)?,
        ledger: read_small(folder, &meta)?,
        guard_history: read_small(folder, &meta)?,
        retired: read_small(folder, &meta)?,
        meta,
    })
}

/// The name of the folder for a `snapshot.json` of these bytes.
pub fn folder_name(json: &[u8]) -> String {
    let mut name = sha256(json);
    name.truncate(32);
    name
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
            let _ = write!(text, "{b:02x}");
            text
        })
}

fn read_file(
    folder: &Path,
    table: &str,
    read: impl Fn(&Path) -> std::io::Result<Vec<u8>>,
) -> Result<Vec<u8>, DirectoryError> {
    read(&folder.join(format!("{table}.csv"))).map_err(missing(table))
}

/// A table that is not there was taken away.
pub(super) fn missing(table: &str) -> impl Fn(std::io::Error) -> DirectoryError {
    move |error| match error.kind() {
        std::io::ErrorKind::NotFound => DirectoryError::Altered(format!("{table}.csv is missing")),
        _ => error.into(),
    }
}

fn check_digest(bytes: &[u8], table: &str, meta: &Meta) -> Result<(), DirectoryError> {
    check(&sha256(bytes), table, meta)
}

fn check(digest: &str, table: &str, meta: &Meta) -> Result<(), DirectoryError> {
    if meta.digests.get(table).map(String::as_str) == Some(digest) {
        return Ok(());
    }
    Err(DirectoryError::Altered(format!(
        "{table}.csv does not have the digest that snapshot.json gives"
    )))
}

/// A table that `snapshot.json` does not name is one that the version which wrote it did not have yet.
fn read_later<R: Row>(folder: &Path, meta: &Meta) -> Result<Vec<R>, DirectoryError> {
    if meta.digests.contains_key(R::TABLE) {
        read_small(folder, meta)
    } else {
        Ok(Vec::new())
    }
}

fn read_small<R: Row>(folder: &Path, meta: &Meta) -> Result<Vec<R>, DirectoryError> {
    let bytes = read_file(folder, R::TABLE, |path| std::fs::read(path))?;
    check_digest(&bytes, R::TABLE, meta)?;
    tables::parse(&bytes).map_err(DirectoryError::Altered)
}

fn read_accounts(
    folder: &Path,
    meta: &Meta,
    keys: &[String],
    read: fn(&Path) -> std::io::Result<Vec<u8>>,
) -> Result<Accounts, DirectoryError> {
    let bytes = read_file(folder, "accounts", read)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| DirectoryError::Altered("accounts.csv is not UTF-8".into()))?;
    // Beside each other, so that neither waits; nothing parsed is used before the digest is known to be right.
    let (digest, parsed) = rayon::join(
        || check_digest(text.as_bytes(), "accounts", meta),
        || Accounts::parse(&text, keys),
    );
    digest?;
    let mut accounts = parsed.map_err(DirectoryError::Altered)?;
    accounts.keep_text(text);
    Ok(accounts)
}
