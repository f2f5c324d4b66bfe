//! `decisions.csv` in: what people decided, with every fault of every row at once.

use std::collections::HashSet;
use std::path::Path;

use super::Decision;
use crate::calendar::parse_date;
use crate::model::{Fault, InputFile, Severity, Word};
use crate::table::spec::DECISIONS;
use crate::table::{ReadOptions, TableRead};

/// The decisions of a night and the files they stand in.
#[derive(Debug, Default)]
pub struct Decided {
    /// Readable rows, in file order.
    pub list: Vec<Decision>,
    /// The files read.
    pub files: Vec<InputFile>,
    /// Everything wrong with them; an unusable file refuses the night.
    pub faults: Vec<Fault>,
}

/// Reads `decisions.csv`, or every file of the folder `decisions/decisions/`. None at all is an empty book.
pub fn read(folder: &Path, label: &str, windows_1252: bool) -> Decided {
    let options = ReadOptions {
        windows_1252,
        may_be_empty: true,
        ..ReadOptions::default()
    };
    let tables = crate::intake::read_table(folder, label, &DECISIONS, &options);
    let mut decided = Decided {
        files: tables.input_files,
        faults: tables.faults,
        ..Decided::default()
    };
    for table in tables.files {
        decided.faults.extend(table.faults.iter().cloned());
        if table.usable {
            for record in 0..table.rows.len() {
                match decision(&table, record) {
                    Ok(decision) => decided.list.push(decision),
                    Err(faults) => decided.faults.extend(faults),
                }
            }
        }
    }
    refuse_repeats(&mut decided);
    decided
}

fn decision(table: &TableRead, record: usize) -> Result<Decision, Vec<Fault>> {
    let cell = |column: &str| {
        DECISIONS
            .place(column)
            .map_or("", |place| table.cell(record, place))
    };
    let row = table.rows.line(record);
    let mut faults = Vec::new();
    let mut fault = |column: &str, expected: &str| {
        let message = format!("{column}: {expected} was expected; the cell holds something else");
        faults.push(
            Fault::new(
                Severity::Reject,
                "decision_unreadable",
                message,
                "Correct the row; the decision is not carried out before.",
            )
            .in_file(DECISIONS.name, &table.label)
            .at_row(row)
            .in_column(column),
        );
    };
    let id = cell("decision_id");
    if id.is_empty()
        || id.len() > 64
        || !id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    {
        fault("decision_id", "1 to 64 letters, digits or - _ . :");
    }
    let on = parse_date(cell("decided_on"));
    if on.is_none() {
        fault("decided_on", "a date YYYY-MM-DD");
    }
    let word = Word::parse(cell("decision"));
    if word.is_none() {
        fault("decision", "one of the decisions of docs/formats.md");
    }
    if cell("decided_by").is_empty() {
        fault("decided_by", "who decided");
    }
    match (on, word, faults.is_empty()) {
        (Some(on), Some(word), true) => Ok(Decision {
            id: id.to_owned(),
            on,
            by: cell("decided_by").to_owned(),
            word,
            account: cell("account").to_owned(),
            establishment: cell("establishment").to_owned(),
            value: cell("value").to_owned(),
            file: table.label.clone(),
            row,
        }),
        _ => Err(faults),
    }
}

/// Two different rows of one id: neither is carried out, for nobody can say which was meant.
fn refuse_repeats(decided: &mut Decided) {
    decided
        .list
        .sort_by(|a, b| (&a.id, a.on, &a.file, a.row).cmp(&(&b.id, b.on, &b.file, b.row)));
    let same = |a: &Decision, b: &Decision| {
        Decision {
            file: String::new(),
            row: 0,
            ..a.clone()
        } == Decision {
            file: String::new(),
            row: 0,
            ..b.clone()
        }
    };
    let mut doubtful = HashSet::new();
    for pair in decided.list.windows(2) {
        if pair[0].id == pair[1].id && !same(&pair[0], &pair[1]) {
            doubtful.insert(pair[0].id.clone());
        }
    }
    for decision in decided.list.iter().filter(|d| doubtful.contains(&d.id)) {
        decided.faults.push(
            Fault::new(
                Severity::Reject,
                "decision_repeated",
                "decision_id: two different rows have the same id; neither is carried out",
                "Give each decision an id of its own.",
            )
            .in_file(DECISIONS.name, &decision.file)
            .at_row(decision.row)
            .in_column("decision_id"),
        );
    }
    decided.list.retain(|d| !doubtful.contains(&d.id));
    decided.list.dedup_by(|a, b| a.id == b.id);
}
