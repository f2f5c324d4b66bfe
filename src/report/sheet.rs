//! CSV bytes of many rows, written on every core and joined in order.

use std::fmt::{Display, Write};

use rayon::prelude::*;

use crate::rounds::try_in_rooms;
use crate::table::{neutralise, push_cell};
use crate::warm;

/// Rows that one task writes before its bytes are joined to the others.
const CHUNK: usize = 2048;
/// Chunks that stand in memory beside the joined bytes.
const BATCH: usize = 64;
/// Bytes that most rows fit into.
const ROOM: usize = 384;

/// Writes the cells of one chunk's rows: bytes as the `csv` crate writes them, without its walk over each of them.
pub(crate) struct Line {
    bytes: Vec<u8>,
    /// The row being filled has a cell already.
    is_begun: bool,
    scratch: String,
}

impl Line {
    /// Writes behind what stands in some bytes.
    fn behind(bytes: Vec<u8>) -> Self {
        Line {
            bytes,
            is_begun: false,
            scratch: String::new(),
        }
    }

    /// A cell as it is: for files that machines read.
    pub fn raw(&mut self, cell: &str) {
        if std::mem::replace(&mut self.is_begun, true) {
            self.bytes.push(b',');
        }
        push_cell(&mut self.bytes, cell);
    }

    /// A cell of this program's own words or digits, in which nothing needs quotes; never anything that was read.
    pub fn plain(&mut self, cell: impl AsRef<[u8]>) {
        if std::mem::replace(&mut self.is_begun, true) {
            self.bytes.push(b',');
        }
        self.bytes.extend_from_slice(cell.as_ref());
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
        self.plain(&scratch);
        self.scratch = scratch;
    }

    /// A date, blank when there is none.
    pub fn date(&mut self, date: Option<crate::model::Date>) {
        use chrono::Datelike;
        match date {
            Some(date) if (1..=9999).contains(&date.year()) => {
                let digits = |number: u32, place: u32| b'0' + (number / place % 10) as u8;
                let (year, month, day) = (date.year_ce().1, date.month(), date.day());
                let text = [
                    digits(year, 1000),
                    digits(year, 100),
                    digits(year, 10),
                    digits(year, 1),
                    b'-',
                    digits(month, 10),
                    digits(month, 1),
                    b'-',
                    digits(day, 10),
                    digits(day, 1),
                ];
                self.plain(text);
            }
            Some(date) => self.shown(date),
            None => self.plain(""),
        }
    }

    /// A number, without the detour over its display.
    pub fn number(&mut self, number: u64) {
        self.plain("");
        self.digits(number);
    }

    /// A number that belongs to the cell before, with what stands between.
    pub fn number_after(&mut self, between: u8, number: u64) {
        self.bytes.push(between);
        self.digits(number);
    }

    fn digits(&mut self, number: u64) {
        let (mut digits, mut from, mut rest) = ([0; 20], 20, number);
        loop {
            from -= 1;
            digits[from] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[from..]);
    }

    /// A line of a file, blank for 0.
    pub fn row_number(&mut self, row: u64) {
        if row == 0 {
            self.raw("")
        } else {
            self.number(row)
        }
    }

    /// A cell that `fill` writes as it has to stand in the file.
    pub fn written(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        self.plain("");
        fill(&mut self.bytes);
    }

    fn end(&mut self) {
        self.bytes.push(b'\n');
        self.is_begun = false;
    }

    fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The header and one record per row, LF line ends, quotes where needed.
pub(crate) fn sheet<T: Sync>(
    header: &[&str],
    rows: &[T],
    write: impl Fn(&T, &mut Line) + Sync,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let never = pour(
        header,
        rows,
        |_| 0,
        write,
        |parts, rest| {
            bytes.reserve(room(parts, rest));
            parts.iter().for_each(|part| bytes.extend_from_slice(part));
            Ok::<(), std::convert::Infallible>(())
        },
    );
    let Ok(()) = never;
    bytes
}

/// Room for parts and what follows them: rows are much alike, so the first ones tell how much all of them need.
fn room(parts: &[Vec<u8>], rest: usize) -> usize {
    let size: usize = parts.iter().map(Vec::len).sum();
    size + (size / (parts.len() * CHUNK).max(1) + 2) * rest
}

/// Hands the bytes of a table to `sink`, batch by batch in their order, with the number of rows that still follow: one
/// core takes a batch while the next is written.
///
/// # Errors
/// The first of `sink`; nothing more is handed to it then.
pub(crate) fn pour<T: Sync, E: Send>(
    header: &[&str],
    rows: &[T],
    touch: impl Fn(&T) -> usize + Sync,
    write: impl Fn(&T, &mut Line) + Sync,
    mut sink: impl FnMut(&[Vec<u8>], usize) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut head = header.join(",").into_bytes();
    head.push(b'\n');
    sink(&[head], 0)?;
    let make = |batch: &[T], parts: &mut Vec<Vec<u8>>| {
        let chunks = batch.par_chunks(CHUNK);
        parts.resize_with(chunks.len(), Vec::new);
        chunks.zip(parts).for_each(|(chunk, bytes)| {
            bytes.clear();
            *bytes = part(chunk, std::mem::take(bytes), &touch, &write);
        });
    };
    let mut rest = rows.len();
    try_in_rooms(rows.chunks(CHUNK * BATCH), make, |parts| {
        rest = rest.saturating_sub(CHUNK * BATCH);
        sink(parts, rest)
    })
}

/// The lines of a few rows, without a header.
pub(crate) fn lines<T>(rows: &[T], write: impl Fn(&T, &mut Line)) -> Vec<u8> {
    part(rows, Vec::new(), |_| 0, write)
}

/// The lines of a few rows, written behind what stands in `bytes`.
fn part<T>(
    chunk: &[T],
    mut bytes: Vec<u8>,
    touch: impl Fn(&T) -> usize,
    write: impl Fn(&T, &mut Line),
) -> Vec<u8> {
    bytes.reserve(chunk.len() * ROOM);
    let mut line = Line::behind(bytes);
    for near in chunk.chunks(warm::TOGETHER) {
        warm::looked(near.iter().map(&touch).sum());
        for row in near {
            write(row, &mut line);
            line.end();
        }
    }
    line.into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_are_those_of_the_csv_crate(rows in prop::collection::vec(["[a-z,\"\r\n #=é]{0,6}", ".{0,4}", "x?"], 0..40)) {
            let ours = sheet(&["a", "b", "c"], &rows, |row, line| {
                for cell in row.clone() {
                    line.raw(&cell);
                }
            });
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record(["a", "b", "c"]).unwrap();
            for row in &rows {
                theirs.write_record(row).unwrap();
            }
            prop_assert_eq!(ours, theirs.into_inner().unwrap());
        }
    }

    #[test]
    fn words_of_our_own_need_no_quotes() {
        use crate::model::{Action, Category, Kind, Role};
        let words = (Action::ALL.iter().map(|word| word.as_str()))
            .chain(Category::ALL.iter().map(|word| word.as_str()))
            .chain(Kind::ALL.iter().map(|word| word.as_str()))
            .chain(Role::ALL.iter().map(|word| word.as_str()));
        for word in words {
            let mut as_it_needs = Vec::new();
            push_cell(&mut as_it_needs, word);
            assert_eq!(as_it_needs, word.as_bytes());
        }
    }

    #[test]
    fn a_number_is_written_as_it_is_shown() {
        for number in [0, 7, 10, 99, 100, 1_234_567_890, u64::MAX] {
            let text = sheet(&["n"], &[number], |number, line| line.number(*number));
            assert_eq!(String::from_utf8(text).unwrap(), format!("n\n{number}\n"));
        }
    }

    #[test]
    fn a_date_is_written_as_it_is_shown() {
        for date in ["2026-01-09", "0987-12-31", "9999-10-10"] {
            let parsed: crate::model::Date = date.parse().unwrap();
            let text = sheet(&["on", "x"], &[parsed], |date, line| {
                line.date(Some(*date));
                line.raw("");
            });
            assert_eq!(String::from_utf8(text).unwrap(), format!("on,x\n{date},\n"));
        }
    }
}
