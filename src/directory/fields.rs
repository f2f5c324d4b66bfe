//! What a row of the plan changes, value by value.

use super::Column;
use crate::packed;

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
/// One text ([`crate::packed`]): of each value its column, or 0 and its name, then what was before and what is after.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(String);

impl Fields {
    /// Room for columns that change, of so many bytes ([`Fields::room_of`]) together; more can still be added.
    pub fn with_room(bytes: usize) -> Self {
        Fields(String::with_capacity(bytes))
    }

    /// The bytes of a column that changes.
    pub fn room_of(before: &str, after: &str) -> usize {
        1 + packed::room(before) + packed::room(after)
    }

    /// Adds a value that changes, of something else than the account's columns.
    pub fn push(&mut self, name: &str, before: &str, after: &str) {
        packed::push_number(&mut self.0, 0);
        packed::push_text(&mut self.0, name);
        self.push_values(before, after);
    }

    /// Adds a column that changes; those of an account come in file order, before everything else.
    pub fn push_column(&mut self, column: Column, before: &str, after: &str) {
        packed::push_number(&mut self.0, column as usize + 1);
        self.push_values(before, after);
    }

    fn push_values(&mut self, before: &str, after: &str) {
        packed::push_text(&mut self.0, before);
        packed::push_text(&mut self.0, after);
    }

    fn each(&self) -> impl Iterator<Item = (Option<Column>, FieldChange<'_>)> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let column = packed::take_number(&mut rest).checked_sub(1);
            let column = column.map(|at| Column::ALL[at]);
            let name = match column {
                Some(column) => column.name(),
                None => packed::take_text(&mut rest),
            };
            let before = packed::take_text(&mut rest);
            let after = packed::take_text(&mut rest);
            Some((
                column,
                FieldChange {
                    name,
                    before,
                    after,
                },
            ))
        })
    }

    /// Every value that changes.
    pub fn iter(&self) -> impl Iterator<Item = FieldChange<'_>> {
        self.each().map(|(_, field)| field)
    }

    /// The columns of the account that change.
    pub fn columns(&self) -> impl Iterator<Item = (Column, FieldChange<'_>)> {
        self.each()
            .map_while(|(column, field)| Some((column?, field)))
    }

    /// How a column of the account changes, if it does.
    pub fn of(&self, column: Column) -> Option<FieldChange<'_>> {
        let mut columns = self.columns().skip_while(|(of, _)| *of < column);
        let next = columns.next();
        next.filter(|(of, _)| *of == column).map(|(_, field)| field)
    }

    /// Looks at the values ([`crate::warm`]).
    pub(crate) fn touch(&self) -> usize {
        crate::warm::touch(self.0.as_bytes())
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
