//! Writing a table of which only some lines are at hand: the others pass from file to file, block by block.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::iter::Peekable;
use std::path::Path;

use super::blocks::each_block;
use super::digested::digested;
use super::flushed::FlushedFile;

/// A line by its key, which is its first cell: its text with the line end, or none where it goes.
pub struct Edit<'a> {
    pub key: &'a str,
    pub line: Option<Vec<u8>>,
}

/// What was written.
pub struct Passed {
    pub digest: String,
    pub rows_more: i64,
}

/// Writes a table as it stands in a file, sorted by key, with some of its lines changed. `edits` are sorted by key.
///
/// # Errors
/// When a file cannot be read or written.
pub fn pass<'a>(
    from: &Path,
    to: &Path,
    edits: impl Iterator<Item = Edit<'a>> + Send,
) -> io::Result<Passed> {
    let mut edits = edits.peekable();
    let (mut is_first, mut rows_more) = (true, 0);
    let (file, _, digest) = digested(FlushedFile::create(to)?, |target| {
        each_block(File::open(from)?, |lines| {
            let begin = match is_first {
                true => line_end(lines, 0),
                false => 0,
            };
            is_first = false;
            let mut pieces = Vec::new();
            let rest = change(lines, begin, &mut edits, &mut pieces, &mut rows_more);
            pieces.push(Cow::Borrowed(&lines[rest..]));
            target.take(&pieces)
        })?;
        let behind: Vec<_> = edits.filter_map(|edit| edit.line).collect();
        rows_more += behind.len() as i64;
        target.take(&behind)
    })?;
    file.close()?;
    Ok(Passed { digest, rows_more })
}

/// The pieces of whole lines up to the last edit among them; returns where what follows begins.
fn change<'b, 'a>(
    lines: &'b [u8],
    begin: usize,
    edits: &mut Peekable<impl Iterator<Item = Edit<'a>>>,
    pieces: &mut Vec<Cow<'b, [u8]>>,
    rows_more: &mut i64,
) -> usize {
    let (mut done, mut at) = (0, begin);
    while let Some(edit) = edits.peek() {
        let found = first_from(lines, at, edit.key.as_bytes());
        if found == lines.len() {
            break;
        }
        pieces.push(Cow::Borrowed(&lines[done..found]));
        let is_there = key(&lines[found..]) == edit.key.as_bytes();
        at = if is_there {
            line_end(lines, found)
        } else {
            found
        };
        done = at;
        if let Some(edit) = edits.next() {
            *rows_more += i64::from(edit.line.is_some()) - i64::from(is_there);
            pieces.extend(edit.line.map(Cow::Owned));
        }
    }
    done
}

/// Where the first line begins whose key is not before this one, from the beginning of a line on.
fn first_from(lines: &[u8], from: usize, wanted: &[u8]) -> usize {
    let (mut low, mut high) = (from, lines.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = memchr::memrchr(b'\n', &lines[low..middle]).map_or(low, |at| low + at + 1);
        match key(&lines[start..]) < wanted {
            true => low = line_end(lines, start),
            false => high = start,
        }
    }
    low
}

fn key(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|byte| matches!(byte, b',' | b'\n'));
    &line[..end.unwrap_or(line.len())]
}

fn line_end(lines: &[u8], start: usize) -> usize {
    let end = memchr::memchr(b'\n', &lines[start..]);
    end.map_or(lines.len(), |at| start + at + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table of some keys, each with a word.
    fn table(rows: &std::collections::BTreeMap<u16, u8>) -> Vec<u8> {
        let lines = rows.iter().map(|(key, word)| line(*key, *word));
        let mut text = b"key,word\n".to_vec();
        lines.for_each(|line| text.extend(line));
        text
    }

    fn line(key: u16, word: u8) -> Vec<u8> {
        format!("{key:04x},{}\n", "x".repeat(word.into())).into_bytes()
    }

    proptest! {
        #[test]
        fn what_is_written_is_the_table_with_its_edits(
            before in prop::collection::btree_map(0..300_u16, any::<u8>(), 0..120),
            edits in prop::collection::btree_map(0..300_u16, prop::option::of(any::<u8>()), 0..60),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
            std::fs::write(&from, table(&before)).unwrap();
            let mut after = before.clone();
            for (key, word) in &edits {
                match word {
                    Some(word) => _ = after.insert(*key, *word),
                    None => _ = after.remove(key),
                }
            }
            let keys: Vec<(String, Option<Vec<u8>>)> = edits
                .iter()
                .map(|(key, word)| (format!("{key:04x}"), word.map(|word| line(*key, word))))
                .collect();
            let passed = pass(&from, &to, keys.iter().map(|(key, line)| Edit {
                key,
                line: line.clone(),
            })).unwrap();
            let written = std::fs::read(&to).unwrap();
            prop_assert!(written == table(&after));
            prop_assert_eq!(passed.rows_more, after.len() as i64 - before.len() as i64);
            prop_assert_eq!(passed.digest, crate::directory::sha256(&written));
        }
    }
}
