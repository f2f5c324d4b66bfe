//! `decisions.csv` and `requests.csv` in: what people decided and asked for, with every fault of every row at once.

use std::collections::HashSet;
use std::path::Path;

use super::{Decision, Request};
use crate::calendar::parse_date;
use crate::model::{Date, Fault, InputFile, Role, Severity, Word};
use crate::table::spec::{DECISIONS, REQUESTS};
use crate::table::{ReadOptions, TableRead, TableSpec};

/// What the ledger calls a request: no decision may have an id that begins so.
pub const REQUEST_PREFIX: &str = "request:";

/// The decisions and requests of a night and the files they stand in.
#[derive(Debug, Default)]
pub struct Decided {
    /// Readable decisions.
    pub list: Vec<Decision>,
    /// Readable requests.
    pub requests: Vec<Request>,
    /// The files read.
    pub files: Vec<InputFile>,
    /// Everything wrong with them; an unusable file refuses the night.
    pub faults: Vec<Fault>,
}

/// Reads `decisions.csv` and `requests.csv`, or every file of the folders of those names. None at all is an empty book.
pub fn read(folder: &Path, label: &str, windows_1252: bool) -> Decided {
    let mut decided = Decided::default();
    let mut from = (folder, label, windows_1252);
    decided.list = rows(&mut from, &DECISIONS, &mut decided, decision);
    decided.requests = rows(&mut from, &REQUESTS, &mut decided, request);
    decided.files.sort();
    decided
}

/// A row that somebody gave an id of its own.
trait Filed: Clone + PartialEq {
    /// The table it stands in.
    const TABLE: &'static TableSpec;
    /// The column of the id.
    const ID: &'static str;
    fn id(&self) -> &str;
    fn place(&self) -> (&str, u64);
    /// The same row, wherever it stands.
    fn anywhere(&self) -> Self;
}

impl Filed for Decision {
    const TABLE: &'static TableSpec = &DECISIONS;
    const ID: &'static str = "decision_id";

    fn id(&self) -> &str {
        &self.id
    }

    fn place(&self) -> (&str, u64) {
        (&self.file, self.row)
    }

    fn anywhere(&self) -> Self {
        Decision {
            file: String::new(),
            row: 0,
            ..self.clone()
        }
    }
}

impl Filed for Request {
    const TABLE: &'static TableSpec = &REQUESTS;
    const ID: &'static str = "request_id";

    fn id(&self) -> &str {
        &self.id
    }

    fn place(&self) -> (&str, u64) {
        (&self.file, self.row)
    }

    fn anywhere(&self) -> Self {
        Request {
            file: String::new(),
            row: 0,
            ..self.clone()
        }
    }
}

fn rows<R: Filed>(
    (folder, label, windows_1252): &mut (&Path, &str, bool),
    spec: &'static TableSpec,
    decided: &mut Decided,
    read_row: fn(&mut Row<'_>) -> Option<R>,
) -> Vec<R> {
    let options = ReadOptions {
        windows_1252: *windows_1252,
        may_be_empty: true,
        ..ReadOptions::default()
    };
    let tables = crate::intake::read_table(folder, label, spec, &options);
    decided.files.extend(tables.input_files);
    decided.faults.extend(tables.faults);
    let mut list = Vec::new();
    for table in tables.files {
        decided.faults.extend(table.faults.iter().cloned());
        for record in (0..table.rows.len()).filter(|_| table.usable) {
            let mut row = Row {
                spec,
                table: &table,
                record,
                faults: Vec::new(),
            };
            let read = read_row(&mut row);
            if row.faults.is_empty() {
                list.extend(read);
            }
            decided.faults.extend(row.faults);
        }
    }
    refuse_repeats(&mut list, &mut decided.faults);
    list
}

/// One row while its cells are read.
struct Row<'a> {
    spec: &'static TableSpec,
    table: &'a TableRead,
    record: usize,
    faults: Vec<Fault>,
}

impl<'a> Row<'a> {
    fn cell(&self, column: &str) -> &'a str {
        let place = self.spec.place(column);
        place.map_or("", |place| self.table.cell(self.record, place))
    }

    fn text(&self, column: &str) -> String {
        self.cell(column).to_owned()
    }

    fn line(&self) -> u64 {
        self.table.rows.line(self.record)
    }

    fn fault(&mut self, column: &str, expected: &str) {
        let code = if self.spec.name == REQUESTS.name {
            "request_unreadable"
        } else {
            "decision_unreadable"
        };
        let message = format!("{column}: {expected} was expected; the cell holds something else");
        self.faults.push(
            Fault::new(
                Severity::Reject,
                code,
                message,
                "Correct the row; nothing of it is carried out before.",
            )
            .in_file(self.spec.name, &self.table.label)
            .at_row(self.line())
            .in_column(column),
        );
    }

    fn id(&mut self, column: &str) -> String {
        let id = self.cell(column);
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
        if id.is_empty() || id.len() > 64 || !id.bytes().all(is_plain) {
            self.fault(column, "1 to 64 letters, digits or - _ . :");
        } else if id.starts_with(REQUEST_PREFIX) {
            self.fault(column, "an id that does not begin with `request:`");
        }
        id.to_owned()
    }

    fn date(&mut self, column: &str) -> Option<Date> {
        let date = parse_date(self.cell(column));
        if date.is_none() {
            self.fault(column, "a date YYYY-MM-DD");
        }
        date
    }

    fn who(&mut self, column: &str) -> String {
        if self.cell(column).is_empty() {
            self.fault(column, "who decided or asked");
        }
        self.text(column)
    }
}

fn decision(row: &mut Row<'_>) -> Option<Decision> {
    let id = row.id("decision_id");
    let on = row.date("decided_on");
    let word = Word::parse(row.cell("decision"));
    if word.is_none() {
        row.fault("decision", "one of the decisions of docs/formats.md");
    }
    let by = row.who("decided_by");
    Some(Decision {
        id,
        on: on?,
        by,
        word: word?,
        account: row.text("account"),
        establishment: row.text("establishment"),
        value: row.text("value"),
        file: row.table.label.clone(),
        row: row.line(),
    })
}

fn request(row: &mut Row<'_>) -> Option<Request> {
    let id = row.id("request_id");
    let on = row.date("requested_on");
    let by = row.who("requested_by");
    let role = Role::parse(row.cell("role"));
    if role.is_none() {
        row.fault("role", "one of the roles of docs/formats.md");
    }
    let expires_on = match row.cell("expires_on") {
        "" => None,
        _ => row.date("expires_on"),
    };
    for column in [
        "surname",
        "forename",
        "organisation",
        "job_title",
        "contact_number",
    ] {
        if !is_short_and_seen(row.cell(column)) {
            row.fault(column, "at most 200 characters that can be seen");
        }
    }
    let email = row.cell("work_email");
    if !email.is_empty() && !is_address(email) {
        row.fault("work_email", "one e-mail address, or nothing");
    }
    Some(Request {
        id,
        on: on?,
        by,
        role: role?,
        surname: row.text("surname"),
        forename: row.text("forename"),
        establishment: row.text("establishment"),
        organisation: row.text("organisation"),
        job_title: row.text("job_title"),
        work_email: email.to_owned(),
        contact_number: row.text("contact_number"),
        expires_on,
        file: row.table.label.clone(),
        row: row.line(),
    })
}

/// Longest text of a request, in characters.
const TEXT_MAX: usize = 200;

/// Whether a text can stand in an account: of a sane length, every character of it to be seen.
pub(super) fn is_short_and_seen(text: &str) -> bool {
    text.chars().count() <= TEXT_MAX && !text.chars().any(is_unseen)
}

/// Control characters, line ends among them, what has no width, and the marks that turn the direction of text.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Something before one `@` and a domain behind it; more is for the mail system to say.
fn is_address(text: &str) -> bool {
    let one_word = !text
        .chars()
        .any(|c| c.is_whitespace() || is_unseen(c) || c == ';' || c == ',');
    let parts = text.split_once('@');
    one_word
        && text.len() <= 254
        && parts.is_some_and(|(name, domain)| {
            !name.is_empty() && domain.contains('.') && !domain.contains('@')
        })
}

/// Two different rows of one id: neither is carried out, for nobody can say which was meant.
fn refuse_repeats<R: Filed>(list: &mut Vec<R>, faults: &mut Vec<Fault>) {
    list.sort_by(|a, b| (a.id(), a.place()).cmp(&(b.id(), b.place())));
    let mut doubtful = HashSet::new();
    for pair in list.windows(2) {
        if pair[0].id() == pair[1].id() && pair[0].anywhere() != pair[1].anywhere() {
            doubtful.insert(pair[0].id().to_owned());
        }
    }
    for row in list.iter().filter(|row| doubtful.contains(row.id())) {
        let (file, line) = row.place();
        faults.push(
            Fault::new(
                Severity::Reject,
                "decision_repeated",
                format!(
                    "{}: two different rows have the same id; neither is carried out",
                    R::ID
                ),
                "Give each row an id of its own.",
            )
            .in_file(R::TABLE.name, file)
            .at_row(line)
            .in_column(R::ID),
        );
    }
    list.retain(|row| !doubtful.contains(row.id()));
    list.dedup_by(|a, b| a.id() == b.id());
}
