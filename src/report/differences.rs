//! What differs between two states, for people and for spreadsheets.

use super::escape::plain;
use super::sheet::{Line, sheet};
use super::snapshot_diff::unified;
use super::tally::is_told;
use crate::diff::{COUNTED, Cell, Differences, Record};

/// How many records of each table differ, one line each; few choices are not told.
pub fn differences_summary(found: &Differences) -> String {
    let mut text = format!(
        "  {:<20}{:>9}{:>9}{:>9}\n",
        "", "added", "removed", "changed"
    );
    for (table, counts) in &found.tables {
        let [added, removed, changed] = counts.map(|n| count(table, n));
        text.push_str(&format!(
            "  {table:<20}{added:>9}{removed:>9}{changed:>9}\n"
        ));
    }
    for (table, columns) in &found.columns {
        for (column, changed) in columns {
            text.push_str(&format!(
                "  {:<38}{changed:>9}\n",
                format!("{table}.{column}")
            ));
        }
    }
    text
}

/// A count of records of a table; one to four choices are told as `<5`.
pub(super) fn count(table: &str, n: u64) -> String {
    match table == "consents" && !is_told(n) {
        true => super::tally::discreet(n),
        false => n.to_string(),
    }
}

/// At most `max` records, each as a unified difference of its lines.
pub fn differences_unified(found: &Differences, max: usize) -> String {
    let mut text = String::new();
    for record in found.records.iter().take(max) {
        text.push_str(&format!("{}\n", heading(record)));
        let about = about(record);
        if !about.is_empty() {
            text.push_str(&format!("{about}\n"));
        }
        text.push_str(&format!("{}\n", body(record)));
    }
    let more = found.records.len().saturating_sub(max);
    if more > 0 {
        text.push_str(&format!(
            "{more} more records differ; --format csv or json has all.\n"
        ));
    }
    text
}

/// Table, key and what became of the record.
pub(super) fn heading(record: &Record) -> String {
    format!(
        "{} {} ({})",
        record.table,
        plain(&record.key),
        record.kind.as_str()
    )
}

/// What is said of an account that is gone.
pub(super) const GONE: &str = "removed; what it held is not shown";

fn body(record: &Record) -> String {
    if record.cells.is_empty() {
        return format!("{GONE}\n");
    }
    let line = |column: &str, value: &str| match value {
        "" => String::new(),
        _ => format!("{column}: {}\n", plain(value)),
    };
    let side = |value: fn(&Cell) -> &String| -> String {
        let cells = record.cells.iter();
        cells.map(|cell| line(&cell.column, value(cell))).collect()
    };
    unified(&side(|cell| &cell.before), &side(|cell| &cell.after))
}

/// `username JonesD1 · role learner`: what does not differ and tells a reader who it is.
pub(super) fn about(record: &Record) -> String {
    let is_changed = |column: &String| record.cells.iter().any(|cell| cell.column == *column);
    let same = record
        .about
        .iter()
        .filter(|(column, _)| !is_changed(column));
    let words: Vec<String> = same
        .map(|(column, value)| format!("{column} {}", plain(value)))
        .collect();
    words.join(" · ")
}

/// Every changed cell, one line each; a record without cells has one line.
pub fn differences_csv(found: &Differences) -> Vec<u8> {
    let nothing = Cell {
        column: String::new(),
        before: String::new(),
        after: String::new(),
    };
    let rows: Vec<(&Record, &Cell)> = found
        .records
        .iter()
        .flat_map(|record| {
            let cells = match &record.cells[..] {
                [] => std::slice::from_ref(&nothing),
                cells => cells,
            };
            cells.iter().map(move |cell| (record, cell))
        })
        .collect();
    let header = ["table", "key", "change", "column", "before", "after"];
    sheet(
        &header,
        &rows,
        |(record, cell): &(&Record, &Cell), line: &mut Line| {
            line.raw(&record.table);
            line.cell(&record.key);
            line.raw(record.kind.as_str());
            line.raw(&cell.column);
            line.cell(&cell.before);
            line.cell(&cell.after);
        },
    )
}

/// Whether a table's records are counted only.
pub(super) fn is_counted(table: &str) -> bool {
    COUNTED.contains(&table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Kind;
    use crate::report::testing::hostile_names;

    fn changed(before: &str, after: &str) -> Differences {
        let cells = vec![Cell {
            column: "surname".into(),
            before: before.into(),
            after: after.into(),
        }];
        Differences {
            tables: [
                ("accounts".to_owned(), [0, 0, 1]),
                ("consents".to_owned(), [3, 0, 9]),
            ]
            .into(),
            records: vec![Record {
                table: "accounts".into(),
                key: "a1".into(),
                kind: Kind::Changed,
                about: vec![("role".into(), "learner".into())],
                cells,
            }],
            ..Differences::default()
        }
    }

    #[test]
    fn hostile_names_are_shown_and_break_nothing() {
        for name in hostile_names() {
            let found = changed("Jones", name);
            let text = differences_unified(&found, 10);
            assert_eq!(text.lines().count(), 6, "{text}");
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
            let csv = differences_csv(&found);
            let mut reader = csv::Reader::from_reader(&csv[..]);
            let row = reader.records().next().unwrap().unwrap();
            assert!(!row[5].starts_with(['=', '+', '-', '@']), "{row:?}");
        }
    }

    #[test]
    fn few_choices_are_not_told_and_what_is_left_out_is_counted() {
        let found = changed("Jones", "Rees");
        let summary = differences_summary(&found);
        assert!(
            summary.contains("<5") && summary.contains("        9"),
            "{summary}"
        );
        assert!(differences_unified(&found, 0).starts_with("1 more records differ"));
    }
}
