//! Lines to fields on both cores: the fast path that finds delimiters, and the careful one for odd lines.

use rayon::prelude::*;

use super::capped::CappedFaults;
use super::header::Header;
use super::join::Joined;
use super::line;
use super::rows::{Far, Rows, is_long, push_ends};
use super::spec::TableSpec;
use crate::eight;
use crate::model::{Fault, Severity};
use crate::rounds::in_rooms;

/// Longest field, in bytes.
pub const FIELD_BYTES_MAX: usize = 4_096;

/// Bytes of text that one task splits: small enough to share out, large enough not to matter.
const CHUNK_BYTES: usize = 1 << 20;

/// Tasks of one round: what they found is put together while the next is split, and its memory then serves another.
const BATCH: usize = 16;

/// A row whose number of fields is not the header's, so that no cell of it can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRow {
    /// Line of the file.
    pub line: u64,
    /// What stands where the establishment should, if it has the form of a code; it may be anything.
    pub establishment: Option<String>,
}

/// What the lines of a file hold.
pub(super) struct Body {
    pub rows: Rows,
    pub damaged: Vec<u32>,
    pub lost: Vec<LostRow>,
    pub blank_lines: u64,
    pub faults: CappedFaults,
}

/// Splits the text from `start`, where the first record's line number is `first_line`.
pub(super) fn split_body(
    spec: &TableSpec,
    label: &str,
    header: &Header,
    text: String,
    start: usize,
    first_line: u64,
) -> Body {
    let ranges = cut(text.as_bytes(), start, CHUNK_BYTES);
    split_ranges((spec, label, header), text, &ranges, first_line)
}

/// Splits ranges of whole lines, round by round.
fn split_ranges(
    (spec, label, header): (&TableSpec, &str, &Header),
    text: String,
    ranges: &[(usize, usize)],
    first_line: u64,
) -> Body {
    let rounds = ranges.chunks(BATCH);
    let splitter = Splitter {
        spec,
        label,
        header,
        text: &text,
    };
    let mut joined = Joined::new(first_line, rounds.len());
    let split = |round: &[(usize, usize)], pieces: &mut Vec<Piece>| {
        pieces.resize_with(round.len(), Piece::default);
        let pieces = pieces.par_iter_mut().zip(round);
        pieces.for_each(|(piece, (from, to))| splitter.piece(*from, *to, piece));
    };
    in_rooms(rounds, split, |pieces| joined.take(&splitter, pieces));
    joined.body(text, header.width)
}

/// Cuts text after line ends into pieces of about so many bytes.
fn cut(text: &[u8], start: usize, size: usize) -> Vec<(usize, usize)> {
    let end_byte = if memchr::memchr(b'\n', &text[start..]).is_some() {
        b'\n'
    } else {
        b'\r'
    };
    let mut ranges = Vec::new();
    let mut from = start;
    while from < text.len() {
        let aim = (from + size).min(text.len());
        let to = memchr::memchr(end_byte, &text[aim..]).map_or(text.len(), |at| aim + at + 1);
        ranges.push((from, to));
        from = to;
    }
    ranges
}

/// What one piece of the text holds; lines and records count from 0 within it until the pieces are joined.
#[derive(Default)]
pub(super) struct Piece {
    pub line_count: u64,
    pub starts: Vec<u32>,
    /// As [`super::Rows`] has them.
    pub ends: Vec<u16>,
    pub far: Far,
    /// Records that are too long for short ends.
    pub long: usize,
    pub lines: Vec<u32>,
    /// Records whose text was rebuilt: their offsets count within `rebuilt`.
    pub rebuilt_records: Vec<u32>,
    pub rebuilt: String,
    pub damaged: Vec<u32>,
    pub odd: Vec<Odd>,
    pub blank_lines: u64,
}

impl Piece {
    /// An empty one in the memory of this one.
    fn emptied(&mut self) -> Piece {
        let mut piece = std::mem::take(self);
        piece.starts.clear();
        piece.ends.clear();
        piece.lines.clear();
        Piece {
            starts: piece.starts,
            ends: piece.ends,
            lines: piece.lines,
            ..Piece::default()
        }
    }
}

/// A line that is not a good record.
pub(super) enum Odd {
    Lost {
        line: u64,
        what: Lost,
        establishment: Option<String>,
    },
    Field {
        line: u64,
        what: Bad,
        column: Option<&'static str>,
    },
}

#[derive(Clone, Copy)]
pub(super) enum Lost {
    Short(usize),
    Long(usize),
    Quote,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Bad {
    TooLong,
    Control,
}

/// Adds where the fields of a line end, from its beginning. Says where the line ends, and whether anything stands in it
/// that asks for more care: a quote or a control character.
fn fields(bytes: &[u8], start: usize, ends: &mut Vec<u16>) -> (usize, bool) {
    let (mut at, mut is_odd) = (start, false);
    loop {
        let word = eight::word(bytes, at, b'\n');
        let line_ends = eight::equal(word, b'\n') | eight::equal(word, b'\r');
        let controls = eight::below_space(word) & !line_ends | eight::equal(word, 0x7F);
        // `C2` leads the two-byte forms of the upper control characters, and of others: with care too.
        let odd = controls | eight::equal(word, b'"') | eight::equal(word, 0xC2);
        let end = eight::first(line_ends);
        is_odd |= eight::before(odd, end) != 0;
        let mut commas = eight::before(eight::equal(word, b','), end);
        while commas != 0 {
            // Cut short where the line is too long: then it is taken apart with care.
            ends.push((at + eight::first(commas) - start) as u16);
            commas &= commas - 1;
        }
        at += end;
        if line_ends != 0 {
            ends.push((at - start) as u16);
            return (at, is_odd);
        }
    }
}

/// A table's text and what is known of its columns.
pub(super) struct Splitter<'a> {
    spec: &'a TableSpec,
    label: &'a str,
    pub header: &'a Header,
    pub text: &'a str,
}

impl Splitter<'_> {
    fn piece(&self, from: usize, to: usize, room: &mut Piece) {
        let bytes = &self.text.as_bytes()[..to];
        let width = self.header.width;
        let mut piece = room.emptied();
        let mut at = from;
        while at < to {
            let (line_start, first) = (at, piece.ends.len());
            let (line_end, is_odd) = fields(bytes, line_start, &mut piece.ends);
            at = line_end + 1;
            if bytes[line_end..].starts_with(b"\r\n") {
                at += 1;
            }
            let line = piece.line_count;
            piece.line_count += 1;
            let fields = piece.ends.len() - first;
            let is_blank = line_end - line_start == fields - 1;
            if !is_blank && !is_odd && fields == width && line_end - line_start <= FIELD_BYTES_MAX {
                piece.starts.push(line_start as u32);
                piece.lines.push(line as u32);
                piece.long += usize::from(is_long(line_end - line_start));
                continue;
            }
            piece.ends.truncate(first);
            match is_blank {
                true => piece.blank_lines += 1,
                false => self.odd_line(&mut piece, line, &self.text[line_start..line_end]),
            }
        }
        *room = piece;
    }

    /// Takes a line apart with care: quotes, long fields, control characters, a wrong number of fields.
    fn odd_line(&self, piece: &mut Piece, line: u64, text: &str) {
        let fields = line::split(text);
        let width = self.header.width;
        let lost = match &fields {
            Err(line::BadQuote) => Some(Lost::Quote),
            Ok(fields) if fields.len() < width => Some(Lost::Short(fields.len())),
            Ok(fields) if fields.len() > width => Some(Lost::Long(fields.len())),
            Ok(_) => None,
        };
        if let Some(what) = lost {
            let establishment = self.establishment_of(fields.as_deref().unwrap_or(&[]));
            piece.odd.push(Odd::Lost {
                line,
                what,
                establishment,
            });
            return;
        }
        let (record, start) = (piece.starts.len() as u32, piece.rebuilt.len());
        let mut ends = Vec::with_capacity(width);
        piece.starts.push(start as u32);
        piece.lines.push(line as u32);
        piece.rebuilt_records.push(record);
        let mut is_damaged = false;
        for (column, field) in fields.unwrap_or_default().iter().enumerate() {
            match fault_of(&field.text) {
                None => piece.rebuilt.push_str(&field.text),
                Some(what) => {
                    is_damaged = true;
                    piece.odd.push(Odd::Field {
                        line,
                        what,
                        column: self.header.names[column],
                    });
                }
            }
            ends.push((piece.rebuilt.len() - start) as u32);
            piece.rebuilt.push(',');
        }
        piece.long += usize::from(ends.last().is_some_and(|last| is_long(*last as usize)));
        push_ends(record, ends, &mut piece.ends, &mut piece.far);
        if is_damaged {
            piece.damaged.push(record);
        }
    }

    fn establishment_of(&self, fields: &[line::Field]) -> Option<String> {
        let place = self.header.columns[self.spec.place("establishment")?]?;
        let text = fields.get(place as usize)?.text.trim();
        let is_code = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        is_code.then(|| text.to_owned())
    }

    pub(super) fn fault(&self, odd: &Odd, first_line: u64) -> Fault {
        let width = self.header.width;
        let (line, column, message, fix) = match odd {
            Odd::Lost { line, what, .. } => {
                let (message, fix) = match what {
                    Lost::Short(n) => (
                        format!("the row has {n} fields where the header has {width}"),
                        "Export the table again; a file that was cut off ends like this.",
                    ),
                    Lost::Long(n) => (
                        format!("the row has {n} fields where the header has {width}"),
                        "Put quotes around fields that hold a comma.",
                    ),
                    Lost::Quote => (
                        "a quote is not closed on its line, or its field goes on after it"
                            .to_owned(),
                        "Double a quote that belongs to the text; keep line breaks out of fields.",
                    ),
                };
                (line, "", message, fix)
            }
            Odd::Field { line, what, column } => {
                let name = column.unwrap_or("");
                let (message, fix) = match what {
                    Bad::TooLong => (
                        format!("the field is longer than {FIELD_BYTES_MAX} bytes"),
                        "Shorten it in the source.",
                    ),
                    Bad::Control => (
                        "the field holds a control character".to_owned(),
                        "Type the value again in the source.",
                    ),
                };
                (line, name, message, fix)
            }
        };
        Fault::new(Severity::Reject, code_of(odd), message, fix)
            .in_file(self.spec.name, self.label)
            .at_row(first_line + line)
            .in_column(column)
    }
}

fn fault_of(field: &str) -> Option<Bad> {
    if field.len() > FIELD_BYTES_MAX {
        return Some(Bad::TooLong);
    }
    field
        .trim()
        .chars()
        .any(char::is_control)
        .then_some(Bad::Control)
}

pub(super) fn code_of(odd: &Odd) -> &'static str {
    match odd {
        Odd::Lost {
            what: Lost::Short(_),
            ..
        } => "short_row",
        Odd::Lost {
            what: Lost::Long(_),
            ..
        } => "long_row",
        Odd::Lost {
            what: Lost::Quote, ..
        } => "open_quote",
        Odd::Field {
            what: Bad::TooLong, ..
        } => "field_too_long",
        Odd::Field {
            what: Bad::Control, ..
        } => "control_character",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lines as they come, many of them short and good, in a table of two columns.
    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            6 => "[a-f]{1,9},[a-f]{0,9}",
            1 => "\"[a-f,]{0,9}\",[a-f]{0,9}",
            1 => "[a-f]{1,9},[a-f]{250,270}",
            1 => "[a-f\"\t]{0,9}(,[a-f\u{85}\u{7f}]{0,9}){0,3}",
            1 => ",?",
        ];
        prop::collection::vec(line, 0..60).prop_map(|lines| lines.join("\n"))
    }

    /// All that is found in a text, cut into pieces of about so many bytes.
    fn told(text: &str, size: usize) -> impl PartialEq + std::fmt::Debug {
        let spec = &crate::table::spec::EXPORTS;
        let header = Header {
            columns: vec![Some(0), Some(1)],
            width: 2,
            names: vec![Some("establishment"), Some("status")],
        };
        let of = (spec, "mis/exports.csv", &header);
        let ranges = cut(text.as_bytes(), 0, size);
        let body = split_ranges(of, text.to_owned(), &ranges, 2);
        let rows = &body.rows;
        let fields = |row| [0, 1].map(|column| rows.field(row, column).to_owned());
        let rows: Vec<_> = (0..rows.len())
            .map(|row| (rows.line(row), fields(row)))
            .collect();
        let faults = body.faults.finish("exports", "mis/exports.csv");
        (rows, body.damaged, body.lost, body.blank_lines, faults)
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_are_the_table_as_it_is(text in lines(), size in 1..200_usize) {
            prop_assert_eq!(told(&text, size), told(&text, CHUNK_BYTES));
        }

        #[test]
        fn fields_end_where_commas_and_the_line_do(text in "[,a-f\"\n\r\t \u{7f}\u{85}·éŵ]{0,60}", start in 0..9_usize) {
            let bytes = text.as_bytes();
            let start = start.min(bytes.len());
            let rest = &bytes[start..];
            let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
            let line = &rest[..rest.iter().position(is_end).unwrap_or(rest.len())];
            let commas = (0..line.len()).filter(|at| line[*at] == b',');
            let stand: Vec<u16> = commas.chain([line.len()]).map(|at| at as u16).collect();
            let asks_care = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | 0x7F | 0xC2);
            let mut ends = Vec::new();
            let (end, is_odd) = fields(bytes, start, &mut ends);
            prop_assert_eq!(ends, stand);
            prop_assert_eq!((end, is_odd), (start + line.len(), line.iter().any(asks_care)));
        }
    }
}
