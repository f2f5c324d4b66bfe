//! What a row of the plan changes, value by value.

use super::Column;

/// One changed value: an account column, `transfer:<establishment>`, `consent` or `decision:<id>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldChange<'a> {
    /// What changes.
    pub name: &'a str,
    /// Its value before; empty when there was none.
    pub before: &'a str,
    /// Its value after; empty when there is none.
    pub after: &'a str,
}

/// The changed values of one row, in the order of `plan.csv`: columns of the account first, in file order.
///
/// One text, because a rollover holds these for nearly everybody in a nation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields {
    text: String,
    ends: Vec<Ends>,
}

/// Where a field's parts end in the text. The name of a column is not in it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends {
    column: Option<Column>,
    name: u32,
    before: u32,
    after: u32,
}

impl Fields {
    /// Room for as many values, of as many bytes together: more than that can still be added.
    pub fn with_room(values: usize, bytes: usize) -> Self {
        Fields {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(values),
        }
    }

    /// Adds a value that changes, of something else than the account's columns.
    pub fn push(&mut self, name: &str, before: &str, after: &str) {
        self.add(None, name, before, after);
    }

    /// Adds a column that changes; those of an account come in file order, before everything else.
    pub fn push_column(&mut self, column: Column, before: &str, after: &str) {
        self.add(Some(column), "", before, after);
    }

    fn add(&mut self, column: Option<Column>, name: &str, before: &str, after: &str) {
        let [name, before, after] = [name, before, after].map(|part| {
            self.text.push_str(part);
            self.text.len() as u32
        });
        self.ends.push(Ends {
            column,
            name,
            before,
            after,
        });
    }

    /// Every value that changes.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = FieldChange<'_>> {
        (0..self.ends.len()).map(|at| self.field(at))
    }

    /// The columns of the account that change.
    pub fn columns(&self) -> impl Iterator<Item = (Column, FieldChange<'_>)> {
        let of_account = self.ends.iter().map_while(|ends| ends.column);
        of_account
            .enumerate()
            .map(|(at, column)| (column, self.field(at)))
    }

    /// How a column of the account changes, if it does.
    pub fn of(&self, column: Column) -> Option<FieldChange<'_>> {
        let at = self.ends.iter().position(|e| e.column == Some(column))?;
        Some(self.field(at))
    }

    fn field(&self, at: usize) -> FieldChange<'_> {
        let begin = at
            .checked_sub(1)
            .map_or(0, |before| self.ends[before].after);
        let ends = self.ends[at];
        let part = |from: u32, to: u32| &self.text[from as usize..to as usize];
        FieldChange {
            name: ends
                .column
                .map_or(part(begin, ends.name), |column| column.name()),
            before: part(ends.name, ends.before),
            after: part(ends.before, ends.after),
        }
    }

    /// Looks at the values ([`crate::warm`]).
    pub(crate) fn touch(&self) -> usize {
        let first = self.ends.first().map_or(0, |ends| ends.name as usize);
        crate::warm::touch(self.text.as_bytes()) + first
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_put_in() {
        let mut fields = Fields::default();
        assert!(fields.is_empty());
        fields.push_column(Column::YearGroup, "8", "9");
        fields.push_column(Column::LeftOn, "", "");
        fields.push("état", "é", "");
        let told: Vec<_> = fields.iter().map(|f| (f.name, f.before, f.after)).collect();
        let given = [
            ("year_group", "8", "9"),
            ("left_on", "", ""),
            ("état", "é", ""),
        ];
        assert_eq!(told, given);
        let columns: Vec<Column> = fields.columns().map(|(column, _)| column).collect();
        assert_eq!(columns, [Column::YearGroup, Column::LeftOn]);
        assert_eq!(fields.of(Column::YearGroup).unwrap().after, "9");
        assert_eq!(fields.of(Column::State), None);
    }
}
