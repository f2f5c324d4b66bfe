//! A table held as one text buffer and the place of every field in it.

use std::collections::BTreeMap;
use std::fmt;

/// The records of one file, header excluded. Nothing is allocated per record.
///
/// A record lies in one piece: its fields follow one another, one byte apart.
#[derive(Default, Clone)]
pub struct Rows {
    text: String,
    /// Where each record begins in `text`.
    starts: Vec<u32>,
    ends: Ends,
    /// The same of the records that are longer than that can tell: hardly a table has many.
    far: Far,
    lines: Lines,
    width: usize,
}

/// Lines of a file at which its records begin; the header is line 1.
#[derive(Default, Clone)]
pub(super) struct Lines {
    count: u32,
    /// Those of all records. Nothing where each has a line of its own behind the header, as in nearly every file.
    told: Vec<u32>,
}

impl Lines {
    /// Adds that of the next record.
    pub(super) fn push(&mut self, line: u32) {
        if self.told.is_empty() && line != self.count + Lines::FIRST {
            self.told = (Lines::FIRST..).take(self.count as usize).collect();
            self.told.push(line);
        } else if !self.told.is_empty() {
            self.told.push(line);
        }
        self.count += 1;
    }

    fn at(&self, record: usize) -> u32 {
        match self.told.is_empty() {
            true => record as u32 + Lines::FIRST,
            false => self.told[record],
        }
    }

    const FIRST: u32 = 2;
}

/// Where every field ends, from the beginning of its record, as many for each record as it has fields. A last end that
/// is the largest there can be says that [`Far`] may know better.
#[derive(Clone)]
pub(super) enum Ends {
    /// Of a table in which nearly every record is short.
    Short(Vec<u8>),
    Long(Vec<u16>),
}

/// Records that are too long for [`Ends`], and where their fields end.
pub(super) type Far = BTreeMap<u32, Vec<u32>>;

/// Of how many records one may be long where ends are kept short.
const RARE: usize = 64;

/// Adds where the fields of a record end, from its beginning, to those of the records before.
pub(super) fn push_ends(record: u32, record_ends: Vec<u32>, ends: &mut Vec<u16>, far: &mut Far) {
    let most = u32::from(u16::MAX);
    ends.extend(record_ends.iter().map(|end| *end.min(&most) as u16));
    if record_ends.last().is_some_and(|last| *last > most) {
        far.insert(record, record_ends);
    }
}

/// Whether a record is too long for short ends.
pub(super) fn is_long(bytes: usize) -> bool {
    bytes > u8::MAX.into()
}

impl Default for Ends {
    fn default() -> Self {
        Ends::Long(Vec::new())
    }
}

impl Ends {
    /// Whether a table's ends are kept short, where so many of its records are long ([`is_long`]).
    pub(super) fn may_be_short(records: usize, long: usize) -> bool {
        long <= records / RARE
    }

    /// Keeps longer ones, of the records that are there and of those that follow.
    pub(super) fn lengthen(&mut self, width: usize, far: &mut Far) {
        let Ends::Short(short) = self else { return };
        let mut ends = Vec::with_capacity(short.capacity());
        ends.extend(short.iter().map(|end| u16::from(*end)));
        far.retain(|record, own| {
            let first = *record as usize * width;
            for (end, of_record) in ends[first..].iter_mut().zip(&*own) {
                *end = (*of_record).min(u16::MAX.into()) as u16;
            }
            own.last().is_some_and(|last| *last > u16::MAX.into())
        });
        *self = Ends::Long(ends);
    }

    /// Adds those of a few records, the first of which is number `record`.
    pub(super) fn extend(&mut self, record: u32, width: usize, more: &[u16], far: &mut Far) {
        match self {
            Ends::Long(ends) => ends.extend_from_slice(more),
            Ends::Short(ends) => {
                ends.extend(more.iter().map(|end| (*end).min(u8::MAX.into()) as u8));
                for (ends, record) in more.chunks_exact(width.max(1)).zip(record..) {
                    if ends.last().is_some_and(|last| is_long((*last).into())) {
                        let known = || ends.iter().map(|end| u32::from(*end)).collect();
                        far.entry(record).or_insert_with(known);
                    }
                }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Ends::Short(ends) => ends.len(),
            Ends::Long(ends) => ends.len(),
        }
    }
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
        (ends, far): (Ends, Far),
        lines: Lines,
        width: usize,
    ) -> Self {
        assert_eq!(
            ends.len(),
            starts.len() * width,
            "a record of another width"
        );
        assert_eq!(
            lines.count as usize,
            starts.len(),
            "a line for every record"
        );
        Rows {
            text,
            starts,
            ends,
            far,
            lines,
            width,
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
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
        let start = self.text.len();
        let mut ends = Vec::with_capacity(self.width);
        for field in fields {
            self.text.push_str(field);
            ends.push((self.text.len() - start) as u32);
            self.text.push(',');
        }
        let (record, mut more) = (self.len() as u32, Vec::with_capacity(self.width));
        push_ends(record, ends, &mut more, &mut self.far);
        self.ends.extend(record, self.width, &more, &mut self.far);
        self.starts.push(start as u32);
        self.lines.push(line as u32);
        assert_eq!(
            self.ends.len(),
            self.len() * self.width,
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
        let of_record = record * self.width..(record + 1) * self.width;
        match &self.ends {
            Ends::Short(ends) => self.between(record, column, &ends[of_record], u8::MAX.into()),
            Ends::Long(ends) => self.between(record, column, &ends[of_record], u16::MAX.into()),
        }
    }

    /// A field by the ends of its record, of which none can be more than `most`.
    fn between<E: Copy + Into<usize>>(
        &self,
        record: usize,
        column: usize,
        ends: &[E],
        most: usize,
    ) -> &str {
        let start = self.starts[record] as usize;
        if ends.last().is_some_and(|last| (*last).into() == most)
            && let Some(ends) = self.far.get(&(record as u32))
        {
            let begin = column.checked_sub(1).map_or(0, |before| ends[before] + 1);
            return &self.text[start + begin as usize..start + ends[column] as usize];
        }
        let begin = column
            .checked_sub(1)
            .map_or(0, |before| ends[before].into() + 1);
        &self.text[start + begin..start + ends[column].into()]
    }

    /// The line of the file where a record begins.
    pub fn line(&self, record: usize) -> u64 {
        u64::from(self.lines.at(record))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fields_come_back_whatever_their_length(
            lengths in prop::collection::vec((0..9_usize, of_a_field()), 1..9),
        ) {
            let text = |length: &usize| "é".repeat(*length);
            let mut rows = Rows::new(2);
            for (line, record) in lengths.iter().enumerate() {
                let fields = [text(&record.0), text(&record.1)];
                rows.push(line as u64, fields.iter().map(String::as_str));
            }
            let (mut short, mut far) = (Ends::Short(Vec::new()), rows.far.clone());
            if let Ends::Long(ends) = &rows.ends {
                short.extend(0, 2, ends, &mut far);
            }
            let short = Rows { ends: short, far, ..rows.clone() };
            let (mut longer, mut far) = (short.ends.clone(), short.far.clone());
            longer.lengthen(2, &mut far);
            prop_assert_eq!(&far, &rows.far);
            let longer = Rows { ends: longer, far, ..rows.clone() };
            for rows in [rows, short, longer] {
                for (record, fields) in lengths.iter().enumerate() {
                    prop_assert_eq!(rows.line(record), record as u64);
                    for (column, length) in [fields.0, fields.1].iter().enumerate() {
                        prop_assert!(rows.field(record, column) == text(length));
                    }
                }
            }
        }
    }

    /// Characters of two bytes: short, about as many as a byte tells, about as many as two tell, and more.
    fn of_a_field() -> impl Strategy<Value = usize> {
        prop_oneof![
            0..9_usize,
            115..130_usize,
            32_755..32_770_usize,
            40_000..70_000_usize
        ]
    }

    proptest! {
        #[test]
        fn lines_come_back_wherever_records_begin(steps in prop::collection::vec(prop_oneof![9 => Just(1), 1 => 1..4_u32], 0..40)) {
            let mut lines = Lines::default();
            let begins = steps.iter().scan(1, |line, step| {
                *line += step;
                Some(*line)
            });
            let begins: Vec<u32> = begins.collect();
            begins.iter().for_each(|line| lines.push(*line));
            let back: Vec<u32> = (0..begins.len()).map(|record| lines.at(record)).collect();
            prop_assert!(lines.told.is_empty() == steps.iter().all(|step| *step == 1));
            prop_assert_eq!(back, begins);
        }
    }

    #[test]
    fn ends_are_kept_short_where_long_records_are_rare() {
        let is_short = |long| Ends::may_be_short(128, long);
        assert_eq!([0, 2, 3, 128].map(is_short), [true, true, false, false]);
    }
}
