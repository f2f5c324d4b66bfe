//! `directory_feedback.csv`: what the real directory says of its accounts (SPEC §3). It decides about nobody's match.

use std::collections::HashMap;
use std::path::Path;

use crate::calendar::parse_date;
use crate::model::{Date, Fault, InputFile, Severity};
use crate::table::spec::DIRECTORY_FEEDBACK;
use crate::table::{ReadOptions, TableRead};

/// What the directory says of one account.
#[derive(Clone, Default, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Feedback {
    /// Its id there; empty when it does not say.
    pub directory_id: String,
    /// When somebody last signed in; `None` when it does not say, or nobody has.
    pub last_sign_in: Option<Date>,
}

/// Everything the directory says tonight.
#[derive(Debug, Default)]
pub struct FeedbackBook {
    /// By username in lower case.
    by_username: HashMap<String, Feedback>,
    /// The files read.
    pub files: Vec<InputFile>,
    /// Everything wrong with them; a bad row is left out, and nobody is held for it.
    pub faults: Vec<Fault>,
}

impl FeedbackBook {
    /// A book that says this, by username in lower case.
    pub fn of_accounts(by_username: HashMap<String, Feedback>) -> Self {
        FeedbackBook {
            by_username,
            ..FeedbackBook::default()
        }
    }

    /// What is said of a username, whatever its case.
    pub fn of(&self, username: &str) -> Option<&Feedback> {
        if self.by_username.is_empty() {
            return None;
        }
        self.by_username.get(&username.to_lowercase())
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.by_username.is_empty()
    }
}

/// Reads the table, or every file of the folder of its name. None at all is an empty book.
pub fn read(folder: &Path, label: &str, as_of: Date, windows_1252: bool) -> FeedbackBook {
    let options = ReadOptions {
        windows_1252,
        may_be_empty: true,
        ..ReadOptions::default()
    };
    let tables = crate::intake::read_table(folder, label, &DIRECTORY_FEEDBACK, &options);
    let mut book = FeedbackBook {
        files: tables.input_files,
        faults: tables.faults,
        ..FeedbackBook::default()
    };
    let mut doubtful = Vec::new();
    for table in &tables.files {
        book.faults.extend(table.faults.iter().cloned());
        for record in (0..table.rows.len()).filter(|_| table.usable) {
            let Some((username, said)) = row(table, record, as_of, &mut book.faults) else {
                continue;
            };
            let known = book.by_username.entry(username.clone());
            let known = known.or_insert_with(|| said.clone());
            if *known != said {
                book.faults.push(fault(
                    table,
                    record,
                    "username",
                    "two rows say different things of one account; neither is taken",
                ));
                doubtful.push(username);
            }
        }
    }
    for username in doubtful {
        book.by_username.remove(&username);
    }
    book
}

fn fault(table: &TableRead, record: usize, column: &str, message: &str) -> Fault {
    Fault::new(
        Severity::Warn,
        "feedback_unreadable",
        format!("{column}: {message}"),
        "Export the directory's list again; the row is left out.",
    )
    .in_file(DIRECTORY_FEEDBACK.name, &table.label)
    .at_row(table.rows.line(record))
    .in_column(column)
}

fn row(
    table: &TableRead,
    record: usize,
    as_of: Date,
    faults: &mut Vec<Fault>,
) -> Option<(String, Feedback)> {
    let cell = |column: &str| {
        let place = DIRECTORY_FEEDBACK.place(column);
        place.map_or("", |place| table.cell(record, place))
    };
    let mut bad = |column: &str, message: &str| faults.push(fault(table, record, column, message));
    let username = cell("username").to_lowercase();
    if username.is_empty() {
        bad("username", "a username was expected; the cell is empty");
        return None;
    }
    let directory_id = cell("directory_id");
    if directory_id.len() > 256 || directory_id.chars().any(char::is_control) {
        bad("directory_id", "at most 256 plain characters were expected");
        return None;
    }
    let last_sign_in = match cell("last_sign_in") {
        "" => None,
        text => match parse_date(text.get(..10).unwrap_or(text)) {
            Some(date) if date <= as_of && is_stamp(text) => Some(date),
            _ => {
                bad(
                    "last_sign_in",
                    "a date YYYY-MM-DD not after the run's was expected",
                );
                return None;
            }
        },
    };
    Some((
        username,
        Feedback {
            directory_id: directory_id.to_owned(),
            last_sign_in,
        },
    ))
}

/// A date, or a time stamp that begins with one.
fn is_stamp(text: &str) -> bool {
    text.len() == 10 || text.as_bytes().get(10) == Some(&b'T')
}
