//! Writing the next snapshot: unchanged lines pass through as the bytes they were.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use rayon::prelude::*;

use super::digested::digested;
use super::flushed::{FlushedFile, Flushing};
use super::pass::{self, Edit};
use super::snapshot::{FORMAT_VERSION, folder_name, sha256};
use super::tables::{self, Row};
use super::{
    AccountRecord, Accounts, Column, Consent, Fields, Group, GroupMember, GuardRow, LedgerEntry,
    Meta, RetiredUsername, Snapshot, Transfer,
};
use crate::rounds::try_in_rounds;
use crate::table::push_cell;
use crate::warm;

/// The table of the accounts.
const ACCOUNTS: &str = "accounts";

/// What happens to one line of the accounts table.
#[derive(Debug)]
pub enum AccountEdit<'a> {
    /// Cells of the line at this place change.
    Replace(usize, &'a Fields),
    /// The line at this place goes.
    Remove(usize),
    /// A new line, told as what differs from a blank one.
    Insert(&'a Fields),
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

/// The accounts of a snapshot that is being written: complete, and on their way to the disk.
pub struct NextAccounts {
    rows: u64,
    digest: String,
    flushing: Flushing,
}

/// Begins a snapshot in an existing empty folder with its accounts; [`write_next`] ends it.
///
/// # Errors
/// When the file cannot be written.
pub fn begin_next(
    folder: &Path,
    accounts: &Accounts,
    edits: Vec<AccountEdit<'_>>,
) -> std::io::Result<NextAccounts> {
    write_accounts(&folder.join("accounts.csv"), accounts, edits)
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
    let accounts = &before.accounts;
    let mut lines: Vec<Edit<'_>> = edits
        .par_iter()
        .map(|edit| match edit {
            AccountEdit::Replace(place, fields) => Edit {
                key: accounts.id(*place),
                line: Some(one_line(accounts.line(*place), fields)),
            },
            AccountEdit::Remove(place) => Edit {
                key: accounts.id(*place),
                line: None,
            },
            AccountEdit::Insert(fields) => Edit {
                key: id(fields),
                line: Some(one_line(BLANK, fields)),
            },
        })
        .collect();
    lines.par_sort_unstable_by_key(|edit| edit.key);
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
    edits: impl Iterator<Item = Edit<'a>>,
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

/// A part of the accounts table.
enum Part<'a> {
    /// Lines as they lie in memory.
    Lines(&'a [u8]),
    /// A line, and what changes in it.
    Edited(&'a str, &'a Fields),
}

impl Part<'_> {
    /// Looks at changes that are written next; lines lie in their order.
    fn touch(&self) -> usize {
        match self {
            Part::Lines(_) => 0,
            Part::Edited(_, fields) => fields.touch(),
        }
    }
}

/// Parts that one task writes.
const PARTS: usize = 4096;
/// Tasks whose bytes stand in memory together.
const BATCH: usize = 32;

/// Writes the file of a header and parts in their order and returns its digest, batch by batch: while one is written and
/// its digest taken, the next is made.
fn write_parts(
    path: &Path,
    header: &str,
    parts: &[Part<'_>],
) -> std::io::Result<(Flushing, String)> {
    let (file, _, digest) = digested(FlushedFile::create(path)?, |file| {
        file.take(&[header])?;
        let batches = parts.chunks(PARTS * BATCH);
        try_in_rounds(batches, batch, |made| file.take(&made))
    })?;
    Ok((file.end()?, digest))
}

/// Many parts as bytes, made on every core.
fn batch<'a>(parts: &[Part<'a>]) -> Vec<Cow<'a, [u8]>> {
    let made: Vec<_> = parts.par_chunks(PARTS).map(pieces).collect();
    made.into_iter().flatten().collect()
}

/// Parts as bytes; neighbours that are written anew share a buffer.
fn pieces<'a>(parts: &[Part<'a>]) -> Vec<Cow<'a, [u8]>> {
    let mut list: Vec<Cow<'a, [u8]>> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if at % warm::TOGETHER == 0 {
            let near = &parts[at..(at + warm::TOGETHER).min(parts.len())];
            warm::looked(near.iter().map(Part::touch).sum());
        }
        match part {
            Part::Lines(lines) => list.push(Cow::Borrowed(lines)),
            Part::Edited(line, fields) => match list.last_mut() {
                Some(Cow::Owned(buffer)) => put(buffer, line, fields),
                _ => {
                    let mut buffer = Vec::new();
                    put(&mut buffer, line, fields);
                    list.push(Cow::Owned(buffer));
                }
            },
        }
    }
    list
}

/// The line of a new account before anything stands in it.
const BLANK: &str = ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,";

fn one_line(before: &str, fields: &Fields) -> Vec<u8> {
    let mut line = Vec::with_capacity(before.len() + 64);
    put(&mut line, before, fields);
    line
}

/// A line of the table with other values in some cells; all between them passes through as the bytes it was.
fn put(out: &mut Vec<u8>, line: &str, fields: &Fields) {
    let bytes = line.as_bytes();
    let (mut column, mut begin, mut copied, mut quoted) = (0, 0, 0, false);
    let mut changed = fields.columns().peekable();
    let mut marks = memchr::memchr2_iter(b',', b'"', bytes);
    while let Some((of, field)) = changed.peek() {
        // A line ends its last cell.
        let at = marks.next().unwrap_or(bytes.len());
        if bytes.get(at) == Some(&b'"') {
            quoted = !quoted;
            continue;
        }
        if quoted && at < bytes.len() {
            continue;
        }
        if column == *of as usize {
            out.extend_from_slice(&bytes[copied..begin]);
            push_cell(out, field.after);
            copied = at;
            changed.next();
        }
        column += 1;
        begin = at + 1;
        if column == Column::ALL.len() {
            break;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'\n');
}

/// The account_id of a new account.
fn id(fields: &Fields) -> &str {
    fields.of(Column::AccountId).map_or("", |field| field.after)
}

/// Order of the table: by account_id; an edit of a line stands where the line stands.
fn write_accounts<'a>(
    path: &Path,
    accounts: &'a Accounts,
    edits: Vec<AccountEdit<'a>>,
) -> std::io::Result<NextAccounts> {
    let mut changed = Vec::new();
    let mut inserted = Vec::new();
    for edit in edits {
        match edit {
            AccountEdit::Replace(place, fields) => changed.push((place, Some(fields))),
            AccountEdit::Remove(place) => changed.push((place, None)),
            AccountEdit::Insert(fields) => inserted.push(fields),
        }
    }
    changed.par_sort_unstable_by_key(|(place, _)| *place);
    let inserted = inserted.into_par_iter();
    let before = inserted.map(|fields: &Fields| (accounts.search(id(fields)), fields));
    let mut inserted: Vec<(usize, &Fields)> = before
        .map(|(found, fields)| (found.unwrap_or_else(|place| place), fields))
        .collect();
    inserted.par_sort_by_key(|(_, fields)| id(fields));
    let mut rows = accounts.len() + inserted.len();
    let mut parts = Parts {
        list: Vec::new(),
        accounts,
        at: 0,
        fresh: inserted.into_iter().peekable(),
    };
    for (place, fields) in changed {
        parts.pass_until(place);
        match fields {
            Some(fields) => parts.list.push(Part::Edited(accounts.line(place), fields)),
            None => rows -= 1,
        }
        parts.at = place + 1;
    }
    parts.pass_until(accounts.len());
    let out = parts.list;
    let header = format!("{}\n", Column::NAMES.join(","));
    let (flushing, digest) = write_parts(path, &header, &out)?;
    Ok(NextAccounts {
        rows: rows as u64,
        digest,
        flushing,
    })
}

/// The parts of the next table while they are put together.
struct Parts<'a, I: Iterator> {
    list: Vec<Part<'a>>,
    accounts: &'a Accounts,
    /// The first line that neither passed nor was dealt with.
    at: usize,
    /// New lines and the places before which they stand.
    fresh: std::iter::Peekable<I>,
}

impl<'a, I: Iterator<Item = (usize, &'a Fields)>> Parts<'a, I> {
    /// Lines before a place pass, with the new ones that stand among them and before it.
    fn pass_until(&mut self, to: usize) {
        while let Some((place, fields)) = self.fresh.next_if(|(place, _)| *place <= to) {
            self.pass_lines(place);
            self.list.push(Part::Edited(BLANK, fields));
        }
        self.pass_lines(to);
    }

    fn pass_lines(&mut self, to: usize) {
        if self.at < to {
            self.list
                .push(Part::Lines(self.accounts.lines(self.at, to)));
            self.at = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(cells: &[String]) -> String {
        let mut bytes = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                bytes.push(b',');
            }
            push_cell(&mut bytes, cell);
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn an_edited_line_is_that_of_its_cells(
            before in prop::collection::vec("[a-zé,\"\n]{0,3}", Column::ALL.len()),
            edits in prop::collection::btree_map(0..Column::ALL.len(), "[a-z,\"]{0,3}", 0..5),
        ) {
            let (mut after, mut fields) = (before.clone(), Fields::default());
            for (at, value) in edits {
                fields.push_column(Column::ALL[at], &before[at], &value);
                after[at] = value;
            }
            let written = one_line(&line(&before), &fields);
            prop_assert_eq!(String::from_utf8(written).unwrap(), line(&after) + "\n");
        }
    }

    #[test]
    fn a_blank_line_has_room_for_every_column() {
        assert_eq!(BLANK.split(',').count(), Column::ALL.len());
    }
}
