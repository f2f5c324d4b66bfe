//! Strict CSV in: a file's bytes to rows, with every fault of the file at once.

use std::collections::BTreeSet;

use super::decode::{Trouble, decode};
use super::header::{self, match_header};
use super::line;
use super::rows::{Rows, trim};
use super::spec::TableSpec;
use super::split::{Body, LostRow, split_body};
use crate::model::{Fault, Severity};

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Read a file that is not UTF-8 as Windows-1252.
    pub windows_1252: bool,
    /// Columns that must stand in the header besides those the table requires.
    pub required: Vec<String>,
    /// A header without rows is a good, empty table (as in a snapshot).
    pub may_be_empty: bool,
    /// Which of the table's columns a header of another spelling means; a blank answer has the column skipped unread.
    pub meant: Option<fn(&str) -> Option<&'static str>>,
    /// Nobody asks for the file again soon, so the system need not keep it in memory.
    pub once: bool,
}

/// A file of a table, read.
#[derive(Debug, Default)]
pub struct TableRead {
    /// Path below the workspace folder.
    pub label: String,
    /// Every record of the right width, columns in file order; fields are not trimmed.
    pub rows: Rows,
    /// The header as it stands in the file.
    pub header: Vec<String>,
    /// For each column of the table, its place in the file.
    pub columns: Vec<Option<u16>>,
    /// Everything wrong with the file. One that refuses comes with `usable` false.
    pub faults: Vec<Fault>,
    /// Whether the rows can be used.
    pub usable: bool,
    /// Records with a field that is blank here because it was too long or held control characters; sorted.
    pub damaged: Vec<u32>,
    /// Rows left out because their number of fields is not the header's.
    pub lost: Vec<LostRow>,
    /// Of an unusable file, or one whose rows were let go: texts that may be establishment codes, sorted. Compare, never
    /// print.
    pub codes: Vec<String>,
    /// How many rows were let go after they were read; they are read once more where they are needed.
    pub let_go: Option<u64>,
}

impl TableRead {
    /// A field by its place among the table's columns, without outer white space; empty when the file lacks the column.
    pub fn cell(&self, record: usize, place: usize) -> &str {
        match self.columns[place] {
            Some(column) => trim(self.rows.field(record, column as usize)),
            None => "",
        }
    }

    /// Data rows of the file, those left out included.
    pub fn row_count(&self) -> u64 {
        self.let_go.unwrap_or(self.rows.len() as u64) + self.lost.len() as u64
    }

    /// The file without its rows: how many there were, and the establishments they name.
    pub fn without_rows(mut self) -> TableRead {
        if !self.usable {
            return self;
        }
        let mut codes: BTreeSet<&str> = BTreeSet::new();
        let mut last = None;
        for record in 0..self.rows.len() {
            let code = self.cell(record, 0);
            if last != Some(code) {
                codes.insert(code);
                last = Some(code);
            }
        }
        self.codes = codes.into_iter().map(str::to_owned).collect();
        self.let_go = Some(self.rows.len() as u64);
        self.rows = Rows::new(self.rows.width());
        self.damaged = Vec::new();
        self
    }
}

/// Reads a file of a table. `label` is the path that people see.
pub fn read(spec: &TableSpec, label: &str, bytes: Vec<u8>, options: &ReadOptions) -> TableRead {
    let no_columns = vec![None; spec.columns.len()];
    let mut out = TableRead {
        label: label.to_owned(),
        columns: no_columns,
        ..TableRead::default()
    };
    let salvage = if bytes.len() < 64 << 20 {
        None
    } else {
        Some(Vec::new())
    };
    let lossy = |bytes: &[u8]| {
        salvage
            .clone()
            .unwrap_or_else(|| codes_in(spec, &String::from_utf8_lossy(bytes)))
    };
    let copy = std::str::from_utf8(&bytes).is_err().then(|| lossy(&bytes));
    let (text, start) = match decode(bytes, options.windows_1252) {
        Ok(decoded) => decoded,
        Err(trouble) => {
            out.codes = copy.unwrap_or_default();
            return refuse(out, spec, trouble);
        }
    };
    let Some((cells, body_start, first_line)) = header_cells(&text, start) else {
        return refuse(out, spec, header::empty(false));
    };
    let Ok(cells) = cells else {
        let message = "a quote in the header is not closed";
        return refuse(
            out,
            spec,
            Trouble {
                line: 1,
                ..Trouble::new("wrong_header", message, "Export the table again.")
            },
        );
    };
    out.header = cells;
    let meant = |cell: &String| match options.meant.and_then(|meant| meant(cell)) {
        Some(name) => name.to_owned(),
        None => cell.clone(),
    };
    let cells: Vec<String> = out.header.iter().map(meant).collect();
    let (header, faults) = match_header(spec, &options.required, &cells);
    let is_refused = faults
        .iter()
        .any(|fault| fault.severity == Severity::Refuse);
    out.faults = faults
        .into_iter()
        .map(|fault| fault.in_file(spec.name, label))
        .collect();
    if is_refused {
        out.codes = codes_in(spec, &text);
        return out;
    }
    let has_last_end = text.ends_with(['\n', '\r']);
    let body = split_body(spec, label, &header, text, body_start, first_line);
    out.columns = header.columns;
    fill(out, spec, body, has_last_end, options)
}

/// Moves the body into the result and says what is to be said of the file as a whole.
fn fill(
    mut out: TableRead,
    spec: &TableSpec,
    body: Body,
    has_last_end: bool,
    options: &ReadOptions,
) -> TableRead {
    let label = out.label.clone();
    let warn = |code, message: String, fix: &str| {
        Fault::new(Severity::Warn, code, message, fix).in_file(spec.name, &label)
    };
    if body.blank_lines > 0 {
        let message = format!("{} blank lines are skipped", body.blank_lines);
        out.faults.push(warn(
            "blank_lines",
            message,
            "Nothing, if no record is meant to stand there.",
        ));
    }
    let is_empty = body.rows.is_empty() && body.lost.is_empty();
    if !has_last_end && !is_empty {
        let message = "the last line has no line end: the file may have been cut off";
        out.faults.push(warn(
            "no_final_line_end",
            message.to_owned(),
            "Compare the number of rows with the source.",
        ));
    }
    out.faults.extend(body.faults.finish(spec.name, &label));
    out.usable = true;
    if is_empty && !options.may_be_empty {
        return refuse(out, spec, header::empty(true));
    }
    if body.rows.is_empty() && !body.lost.is_empty() {
        out.lost = body.lost;
        let message = "no row of the file has as many fields as its header";
        return refuse(
            out,
            spec,
            Trouble::new("no_usable_row", message, "Export the table again."),
        );
    }
    out.rows = body.rows;
    out.damaged = body.damaged;
    out.lost = body.lost;
    out
}

fn refuse(mut out: TableRead, spec: &TableSpec, trouble: Trouble) -> TableRead {
    let fault = Fault::new(Severity::Refuse, trouble.code, trouble.message, trouble.fix);
    out.faults
        .push(fault.in_file(spec.name, &out.label).at_row(trouble.line));
    out.usable = false;
    out
}

/// The fields of the first line that is not blank, where the next begins, and its number.
type HeaderCells = (Result<Vec<String>, line::BadQuote>, usize, u64);

fn header_cells(text: &str, start: usize) -> Option<HeaderCells> {
    let (mut at, mut number) = (start, 1);
    while at < text.len() {
        let end = text[at..]
            .find(['\n', '\r'])
            .map_or(text.len(), |found| at + found);
        let next = if text[end..].starts_with("\r\n") {
            end + 2
        } else {
            (end + 1).min(text.len())
        };
        let line = &text[at..end];
        number += 1;
        if !line.trim_matches([',', ' ']).is_empty() {
            let cells =
                line::split(line).map(|fields| fields.into_iter().map(|f| f.text).collect());
            return Some((cells, next, number));
        }
        at = next;
    }
    None
}

/// What may be establishment codes in a file that cannot be used.
fn codes_in(spec: &TableSpec, text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let header = lines.next().unwrap_or("");
    if spec.place("establishment").is_none() {
        return Vec::new();
    }
    let name = header
        .trim_start_matches('\u{feff}')
        .split(',')
        .position(|cell| cell.trim() == "establishment");
    let Some(place) = name else { return Vec::new() };
    let mut codes: Vec<String> = Vec::new();
    for line in lines {
        if let Some(code) = line.split(',').nth(place).map(str::trim)
            && codes.last().is_none_or(|last| last != code)
        {
            codes.push(code.to_owned());
        }
    }
    codes.sort();
    codes.dedup();
    codes
}
