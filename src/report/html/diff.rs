//! Two states side by side as a page of its own, without a script.

use askama::Template;

use super::super::differences::{GONE, about, count, heading, is_counted};
use super::sections::Section;
use super::words::{self, Piece};
use super::{STYLE, hash, text};
use crate::diff::{Differences, Record};

#[derive(Template)]
#[template(path = "diff.html")]
struct Page<'a> {
    first: String,
    second: String,
    title: String,
    sections: Vec<Section>,
    records: Vec<Shown>,
    more: usize,
    style: &'a str,
    style_hash: String,
}

struct Shown {
    title: String,
    about: String,
    said: &'static str,
    rows: Vec<Row>,
}

struct Row {
    column: String,
    before: Vec<Piece>,
    after: Vec<Piece>,
}

/// The bytes of the page; at most `max` records.
pub fn differences_html(found: &Differences, first: &str, second: &str, max: usize) -> Vec<u8> {
    let records: Vec<Shown> = found.records.iter().take(max).map(shown).collect();
    let page = Page {
        first: text(first),
        second: text(second),
        title: match found.is_empty() {
            true => "Nothing differs".to_owned(),
            false => "What differs".to_owned(),
        },
        sections: sections(found),
        more: found.records.len() - records.len(),
        records,
        style: STYLE,
        style_hash: hash(STYLE),
    };
    // Writing into memory cannot fail, and every value is text already.
    page.render().unwrap_or_default().into_bytes()
}

fn sections(found: &Differences) -> Vec<Section> {
    let tables = found.tables.iter().map(|(table, counts)| {
        let numbers = counts.map(|n| count(table, n));
        std::iter::once(table.clone()).chain(numbers).collect()
    });
    let columns = found.columns.iter().flat_map(|(table, columns)| {
        let row =
            move |(column, n): (&String, &u64)| vec![table.clone(), column.clone(), n.to_string()];
        columns.iter().map(row)
    });
    let columns: Vec<Vec<String>> = columns.collect();
    let counted = found.tables.keys().any(|table| is_counted(table));
    let mut sections = vec![Section {
        id: "h-tables",
        title: "Records by table".to_owned(),
        said: match counted {
            true => "People's choices, measurements and hashes of names are counted and not shown."
                .to_owned(),
            false => String::new(),
        },
        head: &["table", "added", "removed", "changed"],
        rows: tables.collect(),
    }];
    if !columns.is_empty() {
        sections.push(Section {
            id: "h-columns",
            title: "Changed cells by column".to_owned(),
            said: String::new(),
            head: &["table", "column", "records"],
            rows: columns,
        });
    }
    sections
}

fn shown(record: &Record) -> Shown {
    let rows = record.cells.iter().map(|cell| {
        let (before, after) = words::sides(&cell.before, &cell.after);
        Row {
            column: text(&cell.column),
            before,
            after,
        }
    });
    Shown {
        title: heading(record),
        about: about(record),
        said: GONE,
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Cell, Kind};
    use crate::report::testing::hostile_names;

    #[test]
    fn hostile_names_are_shown_and_never_markup() {
        for name in hostile_names() {
            let found = Differences {
                records: vec![Record {
                    table: "accounts".into(),
                    key: "a1".into(),
                    kind: Kind::Changed,
                    about: vec![("username".into(), name.to_string())],
                    cells: vec![Cell {
                        column: "surname".into(),
                        before: name.to_string(),
                        after: format!("{name} Jones"),
                    }],
                }],
                ..Differences::default()
            };
            let page = differences_html(&found, name, "b", 10);
            let page = String::from_utf8(page).unwrap();
            assert!(!page.contains("<script"), "{page}");
            assert!(!page.contains(['\u{202e}', '\u{1b}']));
            assert!(
                page.contains("<ins> Jones</ins>") || page.contains("Jones</ins>"),
                "{page}"
            );
        }
    }
}
