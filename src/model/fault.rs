//! Faults: everything wrong with the input, said so that somebody can mend it.

use super::Kind;

/// What a fault costs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Nothing is decided tonight.
    Refuse,
    /// An establishment stays untouched.
    Hold,
    /// A row is rejected and its person held.
    Reject,
    /// Nothing is withheld; somebody should look.
    Warn,
}

impl Severity {
    /// The word in `faults.csv`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Refuse => "refuse",
            Severity::Hold => "hold",
            Severity::Reject => "reject",
            Severity::Warn => "warn",
        }
    }
}

/// One row of `faults.csv`. No message repeats a cell: it names the column, the form expected and the shape found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fault {
    /// What it costs; faults sort by it first.
    pub severity: Severity,
    /// Stable code, `snake_case`.
    pub code: &'static str,
    /// Canonical table name, e.g. `learners`; empty when the fault is of no table.
    pub table: String,
    /// Path below the workspace folder, e.g. `mis/learners.csv`.
    pub file: String,
    /// Line of the file where the record begins, the header being line 1; 0 when the fault is of no row.
    pub row: u64,
    /// Establishment code, when known.
    pub establishment: String,
    /// Column name, when the fault is of one.
    pub column: String,
    /// What is wrong.
    pub message: String,
    /// What somebody can do about it.
    pub fix: String,
    /// Which register the row belongs to, when it is of one; not written.
    pub kind: Option<Kind>,
}

impl Fault {
    /// A fault with severity, code, message and remedy; the place is added with the `in_*` calls.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Fault {
            severity,
            code,
            table: String::new(),
            file: String::new(),
            row: 0,
            establishment: String::new(),
            column: String::new(),
            message: message.into(),
            fix: fix.into(),
            kind: None,
        }
    }

    /// Names the table and file.
    pub fn in_file(mut self, table: &str, file: &str) -> Self {
        self.table = table.to_owned();
        self.file = file.to_owned();
        self
    }

    /// Names the line of the file.
    pub fn at_row(mut self, row: u64) -> Self {
        self.row = row;
        self
    }

    /// Names the column.
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = column.to_owned();
        self
    }

    /// Names the establishment.
    pub fn of_establishment(mut self, code: &str) -> Self {
        self.establishment = code.to_owned();
        self
    }
}

/// All faults of a night, gathered before anything is decided.
#[derive(Clone, Default, Debug)]
pub struct Faults {
    /// In order of discovery until [`Faults::sort`].
    pub list: Vec<Fault>,
}

impl Faults {
    /// Adds one.
    pub fn push(&mut self, fault: Fault) {
        self.list.push(fault);
    }

    /// Whether any of them refuses the night.
    pub fn refuses(&self) -> bool {
        self.list
            .iter()
            .any(|fault| fault.severity == Severity::Refuse)
    }

    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list
            .iter()
            .filter(|fault| fault.severity == severity)
            .count()
    }

    /// Puts them in their final order, which depends on their content alone.
    pub fn sort(&mut self) {
        self.list.sort();
        self.list.dedup();
    }
}
