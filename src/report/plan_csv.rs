//! `plan.csv`: every change, one row each, for machines and for the archive.

use std::io::{self, Write};
use std::path::Path;

use super::files::pour_owner_only;
use super::sheet::{Line, pour, sheet};
use crate::directory::digested;
use crate::plan::{Change, Fields};
use crate::table::spec;
use crate::workspace::{FileMark, PLAN_FILE};

/// Its header row (SPEC §11).
pub const HEADER: &[&str] = spec::PLAN.columns;

/// The bytes of `plan.csv`, in the order of `changes`, which [`crate::plan::sort`] gives.
///
/// Machines read it back, so cells stand as they are and nothing is neutralised for spreadsheets.
pub fn plan_csv(changes: &[Change]) -> Vec<u8> {
    sheet(HEADER, changes, row)
}

/// Writes it as its bytes come, if there is a file for it, and says what it is: a plan may be larger than what else of
/// a night stands in memory.
///
/// # Errors
/// When the file cannot be written.
pub fn write_plan_csv(changes: &[Change], file: Option<&Path>) -> io::Result<FileMark> {
    let Some(path) = file else {
        return write(changes, io::sink());
    };
    pour_owner_only(path, |file| write(changes, file))
}

fn write(changes: &[Change], file: impl Write + Send) -> io::Result<FileMark> {
    let (_, bytes, sha256) = digested(file, |file| {
        pour(HEADER, changes, Change::touch, row, |parts, _| {
            file.take(parts)
        })
    })?;
    Ok(FileMark {
        file: PLAN_FILE.to_owned(),
        bytes,
        sha256,
    })
}

fn row(change: &Change, line: &mut Line) {
    line.plain(change.change_id());
    line.plain(change.action.as_str());
    line.raw(change.rule());
    line.plain(change.status.as_str());
    line.raw(change.account_id());
    line.raw(change.person_ref());
    line.raw(change.username());
    line.plain(change.category.as_str());
    line.plain(change.role.as_str());
    line.raw(change.establishment());
    line.raw(change.from_establishment());
    line.date(Some(change.effective_on));
    line.raw(change.reason());
    line.plain(change.facts.table.as_str());
    line.number_after(b':', change.facts.index.into());
    line.written(|out| fields(&change.fields, out));
}

/// `{"year_group":["8","9"]}`: name, before and after, in the plan's own order; nothing at all where nothing is listed.
/// Between quotes of CSV, where each quote stands twice.
fn fields(fields: &Fields, out: &mut Vec<u8>) {
    let mut before: &[u8] = b"\"{";
    for field in fields.iter() {
        out.extend_from_slice(before);
        json_string(field.name, out);
        out.extend_from_slice(b":[");
        json_string(field.before, out);
        out.push(b',');
        json_string(field.after, out);
        out.push(b']');
        before = b",";
    }
    if !fields.is_empty() {
        out.extend_from_slice(b"}\"");
    }
}

/// A JSON string (RFC 8259) within a quoted cell, built in place: a million rows leave no room for a value tree each.
fn json_string(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"\"");
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        out.extend_from_slice(text.as_bytes());
    } else {
        for byte in text.bytes() {
            match byte {
                b'"' => out.extend_from_slice(b"\\\"\""),
                b'\\' => out.extend_from_slice(b"\\\\"),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'\r' => out.extend_from_slice(b"\\r"),
                b'\t' => out.extend_from_slice(b"\\t"),
                0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => out.push(byte),
            }
        }
    }
    out.extend_from_slice(b"\"\"");
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change, hostile_names};
    use super::*;
    use crate::model::Action;

    #[test]
    fn hostile_names_come_back_as_they_went_in() {
        let changes: Vec<Change> = hostile_names()
            .iter()
            .map(|name| {
                let mut change = change(Action::Update, "S1", "a1");
                change.fields.push("surname", "Old", name);
                change.fields.push("year_group", "8", "9");
                change
            })
            .collect();
        let bytes = plan_csv(&changes);
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), HEADER);
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), changes.len());
        for (record, name) in records.iter().zip(hostile_names()) {
            let fields: serde_json::Value = serde_json::from_str(&record[14]).unwrap();
            assert_eq!(fields["surname"][1], *name);
            assert!(record[14].ends_with(r#","year_group":["8","9"]}"#));
        }
    }

    #[test]
    fn a_purge_lists_nothing() {
        let text = String::from_utf8(plan_csv(&[change(Action::Purge, "S1", "a1")])).unwrap();
        assert!(
            text.lines().nth(1).unwrap().ends_with(",learner:7,"),
            "{text}"
        );
    }

    #[test]
    fn rows_stand_by_action_class_then_establishment_then_account() {
        let mut changes = vec![
            change(Action::Update, "S1", "a1"),
            change(Action::Create, "S2", "a1"),
            change(Action::Create, "S1", "a9"),
            change(Action::Purge, "S9", "a9"),
            change(Action::Create, "S1", "a2"),
        ];
        crate::plan::sort(&mut changes);
        let text = String::from_utf8(plan_csv(&changes)).unwrap();
        let order: Vec<String> = text
            .lines()
            .skip(1)
            .map(|l| {
                let cells: Vec<&str> = l.split(',').collect();
                format!("{} {} {}", cells[1], cells[9], cells[4])
            })
            .collect();
        assert_eq!(
            order,
            [
                "purge S9 a9",
                "create S1 a2",
                "create S1 a9",
                "create S2 a1",
                "update S1 a1"
            ]
        );
    }

    #[test]
    fn many_rows_are_the_same_bytes_on_any_number_of_threads() {
        let changes: Vec<Change> = (0..9000)
            .map(|n| change(Action::Create, "S1", &format!("a{n:05}")))
            .collect();
        let wide = plan_csv(&changes);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert!(wide == pool.install(|| plan_csv(&changes)));
        assert_eq!(wide.iter().filter(|b| **b == b'\n').count(), 9001);
    }
}
