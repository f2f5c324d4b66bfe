//! CSV bytes of many rows, written on every core and joined in order.

use std::fmt::{Display, Write};

use rayon::prelude::*;

use crate::table::neutralise;

/// Rows that one task writes before its bytes are joined to the others.
const CHUNK: usize = 2048;
/// Chunks that stand in memory beside the joined bytes.
const BATCH: usize = 64;

/// Writes the cells of one chunk's rows.
pub(super) struct Line {
    writer: csv::Writer<Vec<u8>>,
    /// The record being filled; written whole, with one look at the room left.
    record: csv::ByteRecord,
    scratch: String,
}

impl Line {
    fn new(rows: usize) -> Self {
        // Rows differ in width only by mistake, and the header test would show it.
        let writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::with_capacity(rows * 384));
        Line {
            writer,
            record: csv::ByteRecord::new(),
            scratch: String::new(),
        }
    }

    /// A cell as it is: for files that machines read.
    pub fn raw(&mut self, cell: &str) {
        self.record.push_field(cell.as_bytes());
    }

    /// A cell that no spreadsheet runs: for files that people open.
    pub fn cell(&mut self, cell: &str) {
        self.raw(&neutralise(cell));
    }

    /// A number or date, which needs no care.
    pub fn shown(&mut self, value: impl Display) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let _ = write!(scratch, "{value}");
        self.raw(&scratch);
        self.scratch = scratch;
    }

    /// A date, blank when there is none.
    pub fn date(&mut self, date: Option<crate::model::Date>) {
        match date {
            Some(date) => self.shown(date),
            None => self.raw(""),
        }
    }

    /// A line of a file, blank for 0.
    pub fn row_number(&mut self, row: u64) {
        if row == 0 {
            self.raw("")
        } else {
            self.shown(row)
        }
    }

    /// A cell that `fill` composes in a buffer kept between rows.
    pub fn composed(&mut self, fill: impl FnOnce(&mut String)) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        fill(&mut scratch);
        self.raw(&scratch);
        self.scratch = scratch;
    }

    fn end(&mut self) {
        self.writer
            .write_byte_record(&self.record)
            .expect("memory takes every byte");
        self.record.clear();
    }

    fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner().expect("memory takes every byte")
    }
}

/// The header and one record per row, LF line ends, quotes where needed.
pub(super) fn sheet<T: Sync>(
    header: &[&str],
    rows: &[T],
    write: impl Fn(&T, &mut Line) + Sync,
) -> Vec<u8> {
    let mut bytes = header.join(",").into_bytes();
    bytes.push(b'\n');
    for (n, batch) in rows.chunks(CHUNK * BATCH).enumerate() {
        let parts: Vec<Vec<u8>> = batch
            .par_chunks(CHUNK)
            .map(|chunk| part(chunk, &write))
            .collect();
        if n == 0 {
            // Rows are much alike, so the first batch tells how much room all of them need.
            let size: usize = parts.iter().map(Vec::len).sum();
            bytes.reserve((size / batch.len() + 2) * rows.len());
        }
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
    }
    bytes
}

fn part<T>(chunk: &[T], write: impl Fn(&T, &mut Line)) -> Vec<u8> {
    let mut line = Line::new(chunk.len());
    for row in chunk {
        write(row, &mut line);
        line.end();
    }
    line.into_bytes()
}
