//! Lines of the accounts table taken apart: quickly where they have no quotes, as nearly all.

use super::Column;
use crate::eight;

/// The fields of a line without quotes; `None` of any other.
pub(super) fn plain_fields(line: &str) -> Option<[&str; Column::ALL.len()]> {
    if memchr::memchr(b'"', line.as_bytes()).is_some() {
        return None;
    }
    let mut fields = [""; Column::ALL.len()];
    first_fields(line, &mut fields);
    Some(fields)
}

/// The first fields of a line without quotes; the last one takes the rest of a longer line.
pub(super) fn first_fields<'a>(line: &'a str, fields: &mut [&'a str]) {
    let (last, others) = match fields.split_last_mut() {
        Some(split) => split,
        None => return,
    };
    let (mut commas, mut from) = (Commas::of(line.as_bytes()), 0);
    for field in others {
        let Some(at) = commas.next() else {
            *field = &line[from..];
            return;
        };
        *field = &line[from..at];
        from = at + 1;
    }
    *last = &line[from..];
}

/// Places of commas, eight bytes looked at together: fields are short, and a search for each begins anew.
pub(super) struct Commas<'a> {
    bytes: &'a [u8],
    /// Where the eight bytes stand that are looked at.
    at: usize,
    /// The highest bit of each of them that is a comma and was not told yet.
    found: u64,
}

impl<'a> Commas<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let found = Commas::in_word(bytes, 0);
        Commas {
            bytes,
            at: 0,
            found,
        }
    }

    fn in_word(bytes: &[u8], at: usize) -> u64 {
        eight::equal(eight::word(bytes, at, 0), b',')
    }
}

impl Iterator for Commas<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.at += 8;
            if self.at >= self.bytes.len() {
                return None;
            }
            self.found = Commas::in_word(self.bytes, self.at);
        }
        let at = self.at + eight::first(self.found);
        self.found &= self.found - 1;
        Some(at)
    }
}

/// Calls `read` with the fields of a line; only a line with a quote needs the CSV reader.
pub(super) fn with_fields<T>(line: &str, read: impl FnOnce(&[&str]) -> T) -> T {
    if let Some(fields) = plain_fields(line) {
        return read(&fields);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    // The line was written by this program and its digest checked: it is one record.
    let _ = reader.read_record(&mut record);
    let mut fields: Vec<&str> = record.iter().collect();
    fields.resize(Column::ALL.len(), "");
    read(&fields)
}

/// Calls `read` with each line of a text and its fields.
pub(super) fn for_each_line(
    text: &str,
    mut read: impl FnMut(&str, &[&str]) -> Result<(), &'static str>,
) -> Result<(), String> {
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]);
        let end = end.map_or(text.len(), |n| start + n);
        let line = &text[start..end];
        with_fields(line, |fields| read(line, fields))?;
        start = end + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn commas_are_found_where_they_stand(line in "[,+-.a-cé¬Ȁ\u{0}]{0,40}") {
            let found: Vec<usize> = Commas::of(line.as_bytes()).collect();
            let stand: Vec<usize> = line.match_indices(',').map(|(at, _)| at).collect();
            prop_assert_eq!(found, stand);
        }

        #[test]
        fn first_fields_are_those_between_commas(line in "[,a-bé]{0,40}", count in 1..9_usize) {
            let mut found = vec![""; count];
            first_fields(&line, &mut found);
            let mut stand: Vec<&str> = line.splitn(count, ',').collect();
            stand.resize(count, "");
            prop_assert_eq!(found, stand);
        }
    }
}
