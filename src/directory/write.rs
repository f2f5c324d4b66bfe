//! Writing the next snapshot: its tables and what ties them together.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::next_accounts::{AccountEdit, NextAccounts, begin_next, edited_lines};
use super::pass::{self, Edit};
use super::snapshot::{FORMAT_VERSION, folder_name, sha256};
use super::tables::{self, Row};
use super::{
    AccountRecord, Accounts, Consent, Fields, Group, GroupMember, GuardRow, LedgerEntry, Meta,
    RetiredUsername, Snapshot, Transfer,
};

/// The table of the accounts.
const ACCOUNTS: &str = "accounts";

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

/// Writes everything of a snapshot but the accounts, which [`begin_next`] has written into the same folder, and returns
/// the name that its folder must have. `meta` gives everything but rows and digests. Files are flushed to disk; modes are
/// the caller's.
///
/// # Errors
/// When a file cannot be written.
pub fn write_next(
    folder: &Path,
    mut meta: Meta,
    accounts: NextAccounts,
    tables: &NextTables,
) -> std::io::Result<String> {
    meta.rows = BTreeMap::from([(ACCOUNTS.to_owned(), accounts.rows)]);
    meta.digests = BTreeMap::from([(ACCOUNTS.to_owned(), accounts.digest)]);
    write_small(folder, &mut meta, &tables.consents)?;
    accounts.flushing.wait()?;
    finish(folder, meta, tables)
}

/// The same where only some accounts and choices were read of the snapshot before, which lies in `old`: all other lines
/// pass from file to file.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write_next_of_some(
    folder: &Path,
    mut meta: Meta,
    (old, before): (&Path, &Snapshot),
    edits: Vec<AccountEdit<'_>>,
    tables: &NextTables,
) -> std::io::Result<String> {
    meta.rows = BTreeMap::new();
    meta.digests = BTreeMap::new();
    let lines = edited_lines(&before.accounts, &edits);
    let lines = lines.into_iter();
    pass_table(folder, &mut meta, (old, before), ACCOUNTS, lines)?;
    let gone = before
        .consents
        .iter()
        .map(|c| (c.person_ref.as_str(), None));
    let mut choices: BTreeMap<&str, Option<&Consent>> = gone.collect();
    choices.extend(
        tables
            .consents
            .iter()
            .map(|c| (c.person_ref.as_str(), Some(c))),
    );
    let mut formatted = Vec::with_capacity(choices.len());
    for (key, choice) in choices {
        let line = choice.map(tables::format_line).transpose()?;
        formatted.push(Edit { key, line });
    }
    pass_table(
        folder,
        &mut meta,
        (old, before),
        Consent::TABLE,
        formatted.into_iter(),
    )?;
    finish(folder, meta, tables)
}

fn pass_table<'a>(
    folder: &Path,
    meta: &mut Meta,
    (old, before): (&Path, &Snapshot),
    table: &str,
    edits: impl Iterator<Item = Edit<'a>> + Send,
) -> std::io::Result<()> {
    let file = format!("{table}.csv");
    let passed = pass::pass(&old.join(&file), &folder.join(&file), edits)?;
    let rows = before.meta.rows.get(table).copied().unwrap_or(0);
    let rows = rows.saturating_add_signed(passed.rows_more);
    meta.rows.insert(table.to_owned(), rows);
    meta.digests.insert(table.to_owned(), passed.digest);
    Ok(())
}

/// Writes what is left, and `snapshot.json` last.
fn finish(folder: &Path, mut meta: Meta, tables: &NextTables) -> std::io::Result<String> {
    write_small(folder, &mut meta, &tables.transfers)?;
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
    let accounts = begin_next(folder, &Accounts::default(), Vec::new())?;
    write_next(folder, meta, accounts, &NextTables::default())
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
    let accounts: Vec<Fields> = accounts.iter().map(AccountRecord::fields).collect();
    let edits = accounts.iter().map(AccountEdit::Insert).collect();
    let accounts = begin_next(folder, &Accounts::default(), edits)?;
    write_next(folder, meta, accounts, tables)
}

fn write_small<R: Row>(folder: &Path, meta: &mut Meta, rows: &[R]) -> std::io::Result<()> {
    let bytes = tables::format(rows)?;
    meta.rows.insert(R::TABLE.to_owned(), rows.len() as u64);
    meta.digests.insert(R::TABLE.to_owned(), sha256(&bytes));
    let mut file = File::create(folder.join(format!("{}.csv", R::TABLE)))?;
    file.write_all(&bytes)?;
    file.sync_all()
}
