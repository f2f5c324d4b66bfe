//! A row of the accounts table while something changes in it: the cells as they stand, and what is written over them.

use std::borrow::Cow;

use super::{AccountRecord, Column, Fields};
use crate::model::Date;

/// The cells of a row as they stand in its line.
#[allow(
    clippy::large_enum_variant,
    reason = "short-lived: one row is looked at after the other"
)]
pub enum Cells<'a> {
    /// Of a line without quotes.
    Plain([&'a str; Column::ALL.len()]),
    /// Of any other.
    Read(AccountRecord),
}

impl Cells<'_> {
    /// Of a row in which nothing stands.
    pub fn blank() -> Self {
        Cells::Plain([""; Column::ALL.len()])
    }

    /// A cell.
    pub fn get(&self, column: Column) -> &str {
        match self {
            Cells::Plain(cells) => cells[column as usize],
            Cells::Read(record) => record.get(column),
        }
    }
}

/// An account's row, and how its cells change.
pub struct Edited<'a> {
    before: Cells<'a>,
    /// Cells that differ from those before, in file order.
    set: Vec<(Column, Cow<'a, str>)>,
}

impl std::fmt::Debug for Edited<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.set).finish()
    }
}

impl<'a> Edited<'a> {
    /// A row as it stands, nothing changed yet.
    pub fn of(before: Cells<'a>) -> Self {
        Edited {
            before,
            set: Vec::new(),
        }
    }

    /// A row with changes that are known.
    pub fn with(before: Cells<'a>, fields: &'a Fields) -> Self {
        let set = fields.columns();
        Edited {
            before,
            set: set
                .map(|(column, field)| (column, Cow::Borrowed(field.after)))
                .collect(),
        }
    }

    /// The row of a new account: blank.
    pub fn blank() -> Self {
        Edited::of(Cells::blank())
    }

    /// A cell as it stood.
    pub fn before(&self, column: Column) -> &str {
        self.before.get(column)
    }

    /// A cell as it is now.
    pub fn get(&self, column: Column) -> &str {
        let set = self.set.iter().find(|(of, _)| *of == column);
        set.map_or(self.before.get(column), |(_, value)| value)
    }

    /// Sets a cell.
    pub fn set(&mut self, column: Column, value: impl AsRef<str>) {
        let value = value.as_ref();
        let changes = self.before.get(column) != value;
        match self.set.binary_search_by_key(&column, |(of, _)| *of) {
            Ok(at) if changes => self.set[at].1 = Cow::Owned(value.to_owned()),
            Ok(at) => drop(self.set.remove(at)),
            Err(at) if changes => self.set.insert(at, (column, Cow::Owned(value.to_owned()))),
            Err(_) => {}
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
        let sizes = sizes.map(|(column, after)| self.before.get(*column).len() + after.len());
        let mut fields = Fields::with_room(self.set.len(), sizes.sum());
        for (column, after) in &self.set {
            fields.push_column(*column, self.before.get(*column), after);
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_a_change() {
        let mut cells = [""; Column::ALL.len()];
        cells[Column::State as usize] = "active";
        cells[Column::YearGroup as usize] = "8";
        let mut row = Edited::of(Cells::Plain(cells));
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
        let known = Edited::with(Cells::Plain(cells), &fields);
        assert_eq!(
            (known.get(Column::Role), known.get(Column::State)),
            ("learner", "active")
        );
    }
}
