//! Writing the next snapshot: unchanged lines pass through as the bytes they were.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::snapshot::{FORMAT_VERSION, folder_name, hex, sha256};
use super::tables::{self, Row};
use super::{
    AccountRecord, Accounts, Column, Consent, Group, GroupMember, GuardRow, LedgerEntry, Meta,
    RetiredUsername, Transfer,
};
use crate::table::push_cell;

/// What happens to one line of the accounts table.
#[derive(Debug)]
pub enum AccountEdit<'a> {
    /// The line at this place is replaced.
    Replace(usize, &'a AccountRecord),
    /// The line at this place goes.
    Remove(usize),
    /// A new line.
    Insert(&'a AccountRecord),
}

/// Everything of the next snapshot but the accounts, already sorted.
#[derive(Debug, Default)]
pub struct NextTables {
    /// Claims.
    pub transfers: Vec<Transfer>,
    /// Choices.
    pub consents: Vec<Consent>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Their members.
    pub group_members: Vec<GroupMember>,
    /// Settled decisions.
    pub ledger: Vec<LedgerEntry>,
    /// Guard history.
    pub guard_history: Vec<GuardRow>,
    /// Names never issued again.
    pub retired: Vec<RetiredUsername>,
}

/// Writes a snapshot into an existing empty folder and returns the name its folder must have.
/// `meta` gives everything but rows and digests. Files are flushed to disk; modes are the caller's.
///
/// # Errors
/// When a file cannot be written.
pub fn write_next(
    folder: &Path,
    mut meta: Meta,
    accounts: &Accounts,
    edits: Vec<AccountEdit<'_>>,
    tables: &NextTables,
) -> std::io::Result<String> {
    meta.rows = BTreeMap::new();
    meta.digests = BTreeMap::new();
    write_accounts(folder, &mut meta, accounts, edits)?;
    write_small(folder, &mut meta, &tables.transfers)?;
    write_small(folder, &mut meta, &tables.consents)?;
    write_small(folder, &mut meta, &tables.groups)?;
    write_small(folder, &mut meta, &tables.group_members)?;
    write_small(folder, &mut meta, &tables.ledger)?;
    write_small(folder, &mut meta, &tables.guard_history)?;
    write_small(folder, &mut meta, &tables.retired)?;
    let mut json = serde_json::to_vec_pretty(&meta)?;
    json.push(b'\n');
    let name = folder_name(&json);
    let mut file = File::create(folder.join("snapshot.json"))?;
    file.write_all(&json)?;
    file.sync_all()?;
    Ok(name)
}

/// Writes the empty snapshot that `init` begins with.
///
/// # Errors
/// When a file cannot be written.
pub fn write_empty(
    folder: &Path,
    policy: &str,
    policy_digest: &str,
    key_id: &str,
    key_fingerprint: &str,
) -> std::io::Result<String> {
    let meta = Meta {
        format_version: FORMAT_VERSION,
        as_of: None,
        policy: policy.to_owned(),
        policy_digest: policy_digest.to_owned(),
        key_id: key_id.to_owned(),
        key_fingerprint: key_fingerprint.to_owned(),
        rows: BTreeMap::new(),
        digests: BTreeMap::new(),
        from: None,
    };
    write_next(
        folder,
        meta,
        &Accounts::default(),
        Vec::new(),
        &NextTables::default(),
    )
}

/// Writes the first snapshot with accounts in it; `meta` is that of the empty one it takes the place of, brought up to
/// date by the caller.
///
/// # Errors
/// When a file cannot be written.
pub fn write_first(
    folder: &Path,
    meta: Meta,
    accounts: &[AccountRecord],
    tables: &NextTables,
) -> std::io::Result<String> {
    let meta = Meta {
        format_version: FORMAT_VERSION,
        ..meta
    };
    let edits = accounts.iter().map(AccountEdit::Insert).collect();
    write_next(folder, meta, &Accounts::default(), edits, tables)
}

fn write_small<R: Row>(folder: &Path, meta: &mut Meta, rows: &[R]) -> std::io::Result<()> {
    let bytes = tables::format(rows)?;
    meta.rows.insert(R::TABLE.to_owned(), rows.len() as u64);
    meta.digests.insert(R::TABLE.to_owned(), sha256(&bytes));
    let mut file = File::create(folder.join(format!("{}.csv", R::TABLE)))?;
    file.write_all(&bytes)?;
    file.sync_all()
}

/// A file in pieces: unchanged lines as they lie in memory, others written anew.
#[derive(Default)]
struct Pieces<'a> {
    list: Vec<Cow<'a, [u8]>>,
}

impl<'a> Pieces<'a> {
    /// Lines as they lie in memory.
    fn lend(&mut self, lines: &'a [u8]) {
        self.list.push(Cow::Borrowed(lines));
    }

    /// A buffer of one's own to add to; neighbours share one.
    fn own(&mut self) -> &mut Vec<u8> {
        let has_room =
            |piece: &Cow<'_, [u8]>| matches!(piece, Cow::Owned(lines) if lines.len() < 1 << 20);
        if !self.list.last().is_some_and(has_room) {
            self.list.push(Cow::Owned(Vec::new()));
        }
        self.list.last_mut().expect("one was put there").to_mut()
    }

    /// A line written anew.
    fn put(&mut self, record: &AccountRecord) {
        let out = self.own();
        for (at, cell) in record.cells().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            push_cell(out, cell);
        }
        out.push(b'\n');
    }

    /// Writes the file on one core and takes its digest on the other.
    fn write(&self, path: &Path) -> std::io::Result<String> {
        let write = || {
            let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
            self.list
                .iter()
                .try_for_each(|piece| file.write_all(piece))?;
            file.into_inner().map_err(|e| e.into_error())?.sync_all()
        };
        let digest = || {
            let mut digest = Sha256::new();
            self.list.iter().for_each(|piece| digest.update(piece));
            hex(&digest.finalize())
        };
        let (written, digest) = rayon::join(write, digest);
        written.map(|()| digest)
    }
}

/// Order of the table: by account_id; an edit of a line stands where the line stands.
fn write_accounts(
    folder: &Path,
    meta: &mut Meta,
    accounts: &Accounts,
    edits: Vec<AccountEdit<'_>>,
) -> std::io::Result<()> {
    let mut changed = Vec::new();
    let mut inserted = Vec::new();
    for edit in edits {
        match edit {
            AccountEdit::Replace(place, record) => changed.push((place, Some(record))),
            AccountEdit::Remove(place) => changed.push((place, None)),
            AccountEdit::Insert(record) => inserted.push(record),
        }
    }
    changed.sort_by_key(|(place, _)| *place);
    inserted.sort_by_key(|record| record.get(Column::AccountId));
    let mut out = Pieces::default();
    let header = format!("{}\n", Column::NAMES.join(","));
    out.own().extend_from_slice(header.as_bytes());
    let mut rows = accounts.len() + inserted.len();
    let mut at = 0;
    let mut fresh = inserted.iter().peekable();
    for (place, record) in changed {
        copy_lines(&mut out, accounts, at, place, &mut fresh);
        insert_before(&mut out, accounts.id(place), &mut fresh);
        match record {
            Some(record) => out.put(record),
            None => rows -= 1,
        }
        at = place + 1;
    }
    copy_lines(&mut out, accounts, at, accounts.len(), &mut fresh);
    for record in fresh {
        out.put(record);
    }
    let digest = out.write(&folder.join("accounts.csv"))?;
    meta.digests.insert("accounts".to_owned(), digest);
    meta.rows.insert("accounts".to_owned(), rows as u64);
    Ok(())
}

type Fresh<'i, 'a> = std::iter::Peekable<std::slice::Iter<'i, &'a AccountRecord>>;

fn insert_before(out: &mut Pieces<'_>, id: &str, fresh: &mut Fresh<'_, '_>) {
    while let Some(record) = fresh.next_if(|r| r.get(Column::AccountId) < id) {
        out.put(record);
    }
}

/// Copies the lines `from..to`, with new lines put where they belong among them.
fn copy_lines<'o>(
    out: &mut Pieces<'o>,
    accounts: &'o Accounts,
    mut from: usize,
    to: usize,
    fresh: &mut Fresh<'_, '_>,
) {
    while from < to {
        let until = match fresh.peek() {
            Some(record) => {
                let id = record.get(Column::AccountId);
                from + partition(to - from, |i| accounts.id(from + i) < id)
            }
            None => to,
        };
        out.lend(accounts.lines(from, until));
        if until < to {
            insert_before(out, accounts.id(until), fresh);
        }
        from = until;
    }
}

/// The first of `len` places for which the sorted condition no longer holds.
fn partition(len: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1
        } else {
            high = middle
        }
    }
    low
}
