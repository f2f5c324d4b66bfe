//! A row of the accounts table while something changes in it: the cells as they stand, and what is written over them.

use super::lines::Commas;
use super::{AccountRecord, Column, Fields};
use crate::model::Date;

/// The cells of a row as they stand in its line.
pub enum Cells<'a> {
    /// Of a row in which nothing stands.
    Blank,
    /// Of a line without quotes, and where each of them ends.
    Plain(&'a str, [u16; Column::ALL.len()]),
    /// Of any other.
    Read(AccountRecord),
}

impl<'a> Cells<'a> {
    /// Of a line without quotes; `None` of any other, or of one too long for its places to be noted.
    pub(super) fn plain(line: &'a str) -> Option<Self> {
        let end = u16::try_from(line.len()).ok()?;
        if memchr::memchr(b'"', line.as_bytes()).is_some() {
            return None;
        }
        let mut ends = [end; Column::ALL.len()];
        for (end, at) in ends.iter_mut().zip(Commas::of(line.as_bytes())) {
            *end = at as u16;
        }
        Some(Cells::Plain(line, ends))
    }

    /// A cell.
    pub fn get(&self, column: Column) -> &str {
        match self {
            Cells::Blank => "",
            Cells::Plain(line, ends) => {
                let at = column as usize;
                let end = usize::from(ends[at]);
                let start = at.checked_sub(1);
                let start = start.map_or(0, |before| usize::from(ends[before]) + 1);
                // A line with too few cells lacks the last ones.
                &line[start.min(end)..end]
            }
            Cells::Read(record) => record.get(column),
        }
    }
}

/// An account's row, and how its cells change.
pub struct Edited<'a> {
    before: Cells<'a>,
    /// What was written over cells, one after the other.
    text: String,
    /// Cells that differ from those before, in file order, and where in the text their values stand.
    set: Vec<(Column, u32, u32)>,
}

impl std::fmt::Debug for Edited<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let set = self.set.iter().map(|set| (set.0, self.written(set)));
        f.debug_list().entries(set).finish()
    }
}

impl<'a> Edited<'a> {
    /// A row as it stands, nothing changed yet.
    pub fn of(before: Cells<'a>) -> Self {
        Edited {
            before,
            text: String::new(),
            set: Vec::new(),
        }
    }

    /// A row with changes that are known.
    pub fn with(before: Cells<'a>, fields: &Fields) -> Self {
        let mut edited = Edited::of(before);
        for (column, field) in fields.columns() {
            let (from, to) = edited.write(field.after);
            edited.set.push((column, from, to));
        }
        edited
    }

    /// The row of a new account: blank.
    pub fn blank() -> Self {
        Edited::of(Cells::Blank)
    }

    /// A cell as it stood.
    pub fn before(&self, column: Column) -> &str {
        self.before.get(column)
    }

    /// A cell as it is now.
    pub fn get(&self, column: Column) -> &str {
        let set = self.set.iter().find(|(of, ..)| *of == column);
        set.map_or(self.before.get(column), |set| self.written(set))
    }

    fn written(&self, (_, from, to): &(Column, u32, u32)) -> &str {
        &self.text[*from as usize..*to as usize]
    }

    fn write(&mut self, value: &str) -> (u32, u32) {
        if self.text.capacity() == 0 {
            self.text.reserve(ROOM);
            self.set.reserve(CELLS);
        }
        let from = self.text.len() as u32;
        self.text.push_str(value);
        (from, self.text.len() as u32)
    }

    /// Sets a cell.
    pub fn set(&mut self, column: Column, value: impl AsRef<str>) {
        let value = value.as_ref();
        let changes = self.before.get(column) != value;
        let at = self.set.binary_search_by_key(&column, |(of, ..)| *of);
        match at {
            Ok(at) if !changes => drop(self.set.remove(at)),
            Err(_) if !changes => {}
            at => {
                let (from, to) = self.write(value);
                match at {
                    Ok(at) => self.set[at] = (column, from, to),
                    Err(at) => self.set.insert(at, (column, from, to)),
                }
            }
        }
    }

    /// Sets a cell to a date, or blanks it.
    pub fn set_date(&mut self, column: Column, value: Option<Date>) {
        match value {
            Some(date) => self.set(column, date.to_string()),
            None => self.set(column, ""),
        }
    }

    /// What differs from the row as it stood; a new account's from a blank one.
    pub fn fields(&self) -> Fields {
        let sizes = self.set.iter();
        let sizes = sizes.map(|set| Fields::room_of(self.before.get(set.0), self.written(set)));
        let mut fields = Fields::with_room(sizes.sum());
        for set in &self.set {
            fields.push_column(set.0, self.before.get(set.0), self.written(set));
        }
        fields
    }
}

/// Bytes that nearly every row's new values find room in.
const ROOM: usize = 128;

/// Cells that hardly a row changes more of.
const CELLS: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_differs_is_a_change() {
        let mut record = AccountRecord::default();
        record.set(Column::State, "active");
        record.set(Column::YearGroup, "8");
        let line = record.cells().collect::<Vec<&str>>().join(",");
        let cells = || Cells::plain(&line).unwrap();
        let mut row = Edited::of(cells());
        row.set(Column::YearGroup, "9");
        row.set(Column::State, "inactive");
        row.set(Column::State, "active");
        row.set(Column::Role, "learner");
        row.set(Column::YearGroup, "10");
        row.set(Column::LeftOn, "");
        let fields = row.fields();
        let told: Vec<_> = fields.iter().map(|f| (f.name, f.before, f.after)).collect();
        assert_eq!(told, [("role", "", "learner"), ("year_group", "8", "10")]);
        assert_eq!(
            (row.get(Column::YearGroup), row.before(Column::YearGroup)),
            ("10", "8")
        );
        let known = Edited::with(cells(), &fields);
        assert_eq!(
            (known.get(Column::Role), known.get(Column::State)),
            ("learner", "active")
        );
    }
    proptest! {
        #[test]
        fn cells_are_read_as_they_stand(cells in prop::collection::vec("[a-zé]{0,3}", Column::ALL.len())) {
            let line = cells.join(",");
            let plain = Cells::plain(&line).unwrap();
            for (column, cell) in Column::ALL.iter().zip(&cells) {
                prop_assert_eq!(plain.get(*column), cell);
            }
        }
    }

    #[test]
    fn a_line_with_quotes_or_of_great_length_is_read_otherwise() {
        let commas = ",".repeat(Column::ALL.len() - 1);
        assert!(Cells::plain(&commas).is_some());
        assert_eq!(Cells::plain("a").unwrap().get(Column::ContactNumber), "");
        assert!(Cells::plain(&format!("\"a\"{commas}")).is_none());
        assert!(Cells::plain(&format!("{}{commas}", "a".repeat(1 << 16))).is_none());
    }
}
