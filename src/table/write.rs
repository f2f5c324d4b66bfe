//! Canonical CSV out: LF, quotes only where needed, equal bytes for equal tables.

use std::borrow::Cow;

/// A table being written into memory.
#[derive(Debug)]
pub struct CsvOut {
    writer: csv::Writer<Vec<u8>>,
}

impl CsvOut {
    /// Begins a table with its header.
    pub fn new<T: AsRef<[u8]>>(columns: impl IntoIterator<Item = T>) -> Self {
        let writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        let mut out = CsvOut { writer };
        out.row(columns);
        out
    }

    /// Adds a record.
    pub fn row<T: AsRef<[u8]>>(&mut self, fields: impl IntoIterator<Item = T>) {
        // Writing records of any width into memory has no way to fail.
        let _ = self.writer.write_record(fields);
    }

    /// The bytes of the table.
    pub fn finish(self) -> Vec<u8> {
        self.writer.into_inner().unwrap_or_default()
    }
}

/// Bytes of a cell that is looked at byte by byte.
const SHORT: usize = 16;

/// Adds a cell as the `csv` crate writes it, without its walk over each byte: for tables of a nation's size. The comma
/// before it and the line's end are the caller's.
pub fn push_cell(out: &mut Vec<u8>, cell: &str) {
    let cell = cell.as_bytes();
    // Most cells are shorter than what a search for several bytes takes to begin.
    let is_plain = match cell.len() {
        0..=SHORT => cell.iter().fold(true, |plain, byte| {
            plain & !matches!(byte, b',' | b'"' | b'\n' | b'\r')
        }),
        _ => {
            memchr::memchr3(b',', b'"', b'\n', cell).is_none()
                && memchr::memchr(b'\r', cell).is_none()
        }
    };
    if is_plain {
        out.extend_from_slice(cell);
        return;
    }
    out.push(b'"');
    for part in cell.split_inclusive(|byte| *byte == b'"') {
        out.extend_from_slice(part);
        if part.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

/// A cell as it may stand in a file meant for people: a spreadsheet runs what begins with `=`, `+`, `-`, `@`, tab or CR.
pub fn neutralise(cell: &str) -> Cow<'_, str> {
    match cell.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => Cow::Owned(format!("'{cell}")),
        _ => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stand_only_where_needed_and_lines_end_with_lf() {
        let mut out = CsvOut::new(["a", "b"]);
        out.row(["x y", "1,2"]);
        out.row(["say \"hi\"", ""]);
        assert_eq!(out.finish(), b"a,b\nx y,\"1,2\"\n\"say \"\"hi\"\"\",\n");
    }

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_made_text() {
        assert_eq!(neutralise("=1+1"), "'=1+1");
        assert_eq!(neutralise("O'Brien"), "O'Brien");
    }
}
