//! What a row of the plan changes, value by value.

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

/// The changed values of one row, in the order of `plan.csv`.
///
/// One text, because a rollover holds these for nearly everybody in a nation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields {
    text: String,
    /// Where name, before and after of each field end.
    ends: Vec<[u32; 3]>,
}

impl Fields {
    /// Adds a value that changes.
    pub fn push(&mut self, name: &str, before: &str, after: &str) {
        let ends = [name, before, after].map(|part| {
            self.text.push_str(part);
            self.text.len() as u32
        });
        self.ends.push(ends);
    }

    /// Every value that changes.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = FieldChange<'_>> {
        (0..self.ends.len()).map(|at| {
            let begin = at.checked_sub(1).map_or(0, |before| self.ends[before][2]);
            let [name, before, after] = self.ends[at];
            let part = |from: u32, to: u32| &self.text[from as usize..to as usize];
            FieldChange {
                name: part(begin, name),
                before: part(name, before),
                after: part(before, after),
            }
        })
    }

    /// Looks at the values ([`crate::warm`]).
    pub(super) fn touch(&self) -> usize {
        let first = self.ends.first().map_or(0, |ends| ends[0] as usize);
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

impl<'a> Extend<FieldChange<'a>> for Fields {
    fn extend<T: IntoIterator<Item = FieldChange<'a>>>(&mut self, fields: T) {
        for field in fields {
            self.push(field.name, field.before, field.after);
        }
    }
}

impl<'a> FromIterator<FieldChange<'a>> for Fields {
    fn from_iter<T: IntoIterator<Item = FieldChange<'a>>>(fields: T) -> Self {
        let mut all = Fields::default();
        all.extend(fields);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_put_in() {
        let given = [
            ("year_group", "8", "9"),
            ("login", "", ""),
            ("état", "é", ""),
        ];
        let mut fields = Fields::default();
        assert!(fields.is_empty());
        for (name, before, after) in given {
            fields.push(name, before, after);
        }
        let told: Vec<_> = fields.iter().map(|f| (f.name, f.before, f.after)).collect();
        assert_eq!(told, given);
        let backwards: Fields = fields.iter().rev().collect();
        assert_eq!(backwards.iter().next().unwrap().name, "état");
    }
}
