//! The accounts of the next snapshot: lines that nothing changes pass through as the bytes they were.

use std::borrow::Cow;
use std::path::Path;

use rayon::prelude::*;

use super::digested::digested;
use super::flushed::{FlushedFile, Flushing};
use super::pass::Edit;
use super::{Accounts, Column, Fields};
use crate::rounds::try_in_rounds;
use crate::table::push_cell;
use crate::warm;

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

/// The accounts of a snapshot that is being written: complete, and on their way to the disk.
pub struct NextAccounts {
    pub(super) rows: u64,
    pub(super) digest: String,
    pub(super) flushing: Flushing,
}

/// Begins a snapshot in an existing empty folder with its accounts, in the order of their ids; [`super::write_next`] ends it.
///
/// # Errors
/// When the file cannot be written.
pub fn begin_next<'a>(
    folder: &Path,
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
    let (flushing, digest) = write_parts(&folder.join("accounts.csv"), &header, &out)?;
    Ok(NextAccounts {
        rows: rows as u64,
        digest,
        flushing,
    })
}

/// The lines of a table that differ after some edits, in its order; for a table of which not every line is at hand.
pub(super) fn edited_lines<'a>(accounts: &'a Accounts, edits: &[AccountEdit<'a>]) -> Vec<Edit<'a>> {
    let mut lines: Vec<Edit<'a>> = edits
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
    lines
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
    Ok((file.end(), digest))
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
