//! A table held as one text buffer and the place of every field in it.

use std::fmt;

/// The records of one file, header excluded. Nothing is allocated per record.
///
/// A record lies in one piece: its fields follow one another, one byte apart.
#[derive(Default, Clone)]
pub struct Rows {
    text: String,
    /// Where each record begins in `text`.
    starts: Vec<u32>,
    /// End of every field in `text`, `width` of them per record.
    ends: Vec<u32>,
    /// Line of the file where each record begins; the header is line 1.
    lines: Vec<u32>,
    width: usize,
}

/// Cells may hold identifiers, so only the size is shown.
impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows({} records of {} fields)", self.len(), self.width)
    }
}

/// A cell without outer white space; nearly none has any, and that its ends tell at once.
pub fn trim(cell: &str) -> &str {
    let bytes = cell.as_bytes();
    let is_ink = |end: Option<&u8>| end.is_none_or(u8::is_ascii_graphic);
    match is_ink(bytes.first()) && is_ink(bytes.last()) {
        true => cell,
        false => cell.trim(),
    }
}

impl Rows {
    /// An empty table of `width` columns.
    pub fn new(width: usize) -> Self {
        Rows {
            width,
            ..Rows::default()
        }
    }

    /// A table over a text whose fields have been found already.
    pub(super) fn from_parts(
        text: String,
        starts: Vec<u32>,
        ends: Vec<u32>,
        lines: Vec<u32>,
        width: usize,
    ) -> Self {
        assert_eq!(
            ends.len(),
            starts.len() * width,
            "a record of another width"
        );
        assert_eq!(lines.len(), starts.len(), "a line for every record");
        Rows {
            text,
            starts,
            ends,
            lines,
            width,
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many columns each record has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Adds a record that begins at `line`.
    ///
    /// # Panics
    /// When the number of fields is not the table's width: the reader checks it first.
    pub fn push<'a>(&mut self, line: u64, fields: impl IntoIterator<Item = &'a str>) {
        self.starts.push(self.text.len() as u32);
        for field in fields {
            self.text.push_str(field);
            self.ends.push(self.text.len() as u32);
            self.text.push(',');
        }
        self.lines.push(line as u32);
        assert_eq!(
            self.ends.len(),
            self.lines.len() * self.width,
            "a record of another width"
        );
    }

    /// Some of the records, in their order; the text of the others is let go.
    pub fn only(&self, records: &[u32]) -> Rows {
        let mut rows = Rows::new(self.width);
        for record in records {
            let record = *record as usize;
            let fields = (0..self.width).map(|column| self.field(record, column));
            rows.push(self.line(record), fields);
        }
        rows
    }

    /// A field of a record.
    pub fn field(&self, record: usize, column: usize) -> &str {
        let at = record * self.width + column;
        let start = if column == 0 {
            self.starts[record]
        } else {
            self.ends[at - 1] + 1
        };
        &self.text[start as usize..self.ends[at] as usize]
    }

    /// The line of the file where a record begins.
    pub fn line(&self, record: usize) -> u64 {
        u64::from(self.lines[record])
    }
}
