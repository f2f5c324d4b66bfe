//! One row of an existing directory on its way to an account, with everything wrong with it at once.

use super::Desk;
use super::columns::{self, In, folded};
use crate::calendar::{academic_year_end, plus_days};
use crate::directory::{AccountRecord, Column};
use crate::gate::cells::{self, CellFault};
use crate::model::{Category, Date, Fault, InactiveReason, Role, Severity, State};
use crate::table::{CappedFaults, TableRead, spec};

/// What stands in the account as it stood in the export.
pub const COPIED: [(In, Column); 12] = [
    (In::Surname, Column::Surname),
    (In::Forename, Column::Forename),
    (In::DisplayName, Column::DisplayName),
    (In::Email, Column::Email),
    (In::Login, Column::Login),
    (In::YearGroup, Column::YearGroup),
    (In::RegistrationClass, Column::RegistrationClass),
    (In::DirectoryId, Column::DirectoryId),
    (In::Organisation, Column::Organisation),
    (In::JobTitle, Column::JobTitle),
    (In::WorkEmail, Column::WorkEmail),
    (In::ContactNumber, Column::ContactNumber),
];

/// A row, read.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its line in the file.
    pub line: u64,
    /// The account, as yet without its id.
    pub record: AccountRecord,
    /// Username first, then aliases, as they are compared, with the column each stands in.
    pub keys: Vec<(In, String)>,
    /// Something keeps it from being adopted.
    pub is_bad: bool,
    /// What became of its last day.
    pub expiry: Expiry,
    /// The person's choice about data sharing, where the platform asks.
    pub consent: Option<bool>,
}

/// What became of the last day of an account that does not follow the roll.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Expiry {
    /// It is as it was given.
    #[default]
    AsGiven,
    /// There was none.
    Set,
    /// It was too late.
    Capped,
}

/// Reads rows and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    pub desk: &'a Desk<'a>,
    pub table: &'a TableRead,
    pub faults: CappedFaults,
}

/// What tells an account's life: who it is for and whether it can be used.
pub(super) struct Standing {
    pub category: Category,
    pub role: Role,
    pub state: State,
}

impl<'a> Reader<'a> {
    pub(super) fn cell(&self, at: usize, column: In) -> &'a str {
        self.table.cell(at, column as usize)
    }

    fn has(&self, column: In) -> bool {
        self.table.columns[column as usize].is_some()
    }

    /// Reads the row at a place.
    pub(super) fn candidate(&mut self, at: usize) -> Candidate {
        let mut row = Candidate {
            line: self.table.rows.line(at),
            record: AccountRecord::default(),
            keys: Vec::new(),
            is_bad: false,
            expiry: Expiry::AsGiven,
            consent: None,
        };
        for (from, to) in COPIED {
            row.record.set(to, self.cell(at, from));
        }
        // First of all, so that every fault of the row names its school.
        let establishment = self.cell(at, In::Establishment);
        if cells::is_code(establishment) {
            row.record.set(Column::Establishment, establishment);
        }
        self.names_in_use(&mut row, at);
        self.without_identifiers(&mut row, at);
        let standing = self.standing(&mut row, at);
        self.dates(&mut row, at, standing.as_ref());
        let establishment = self.establishment(&mut row, at, standing.as_ref());
        if let (Some(standing), Some(establishment)) = (&standing, establishment)
            && let Some(person) = self.person(&mut row, at, standing, establishment)
        {
            row.record.set(Column::PersonRef, person);
            row.consent = self.consent(&mut row, at);
        }
        if let Some(standing) = &standing {
            self.names(&mut row, standing);
        }
        row
    }

    fn standing(&mut self, row: &mut Candidate, at: usize) -> Option<Standing> {
        let role = self.word(
            row,
            at,
            In::Role,
            "one of the roles of the accounts table, e.g. `learner` or `teaching_staff`",
            columns::role,
        );
        let category = match (self.cell(at, In::Category), role) {
            ("", role) => role.map(|role| match role {
                Role::Learner | Role::TeachingStaff | Role::NonTeachingStaff => Category::Mis,
                _ => Category::NonMis,
            }),
            _ => self.word(row, at, In::Category, "`mis` or `non_mis`", |word| {
                Category::parse(&folded(word))
            }),
        };
        let state = match self.has(In::State) {
            false => Some(State::Active),
            true => self.word(
                row,
                at,
                In::State,
                "`active`, `grace` or `inactive`",
                columns::state,
            ),
        };
        let standing = Standing {
            category: category?,
            role: role?,
            state: state?,
        };
        row.record.set(Column::Category, standing.category.as_str());
        row.record.set(Column::Role, standing.role.as_str());
        row.record.set(Column::State, standing.state.as_str());
        if (standing.category, standing.role) == (Category::NonMis, Role::Learner) {
            let message = "a learner's account that does not follow the roll: there should be none";
            let fix = "Give the learner's identifier and the category `mis`, or close the account.";
            self.warn(row, In::Category, "learner_non_mis", message, fix);
        }
        Some(standing)
    }

    /// A word of a closed set, however it is capitalised and joined.
    fn word<T>(
        &mut self,
        row: &mut Candidate,
        at: usize,
        column: In,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.cell(at, column);
        let found = parse(text);
        if found.is_none() {
            let CellFault { code, message, .. } = cells::not_a_word(expected, text);
            let fix = "Map the directory's values to these words and export again.";
            self.reject(row, column, code, message, fix);
        }
        found
    }

    fn dates(&mut self, row: &mut Candidate, at: usize, standing: Option<&Standing>) {
        let created = self.date(row, at, In::CreatedOn);
        row.record.set_date(Column::CreatedOn, created);
        let signed_in = self.date(row, at, In::LastSignIn);
        row.record.set_date(Column::LastSignIn, signed_in);
        let left = self.date(row, at, In::LeftOn);
        let expires = self.date(row, at, In::ExpiresOn);
        let Some(standing) = standing else { return };
        match (standing.state, standing.category) {
            (State::Active, Category::Mis) => {}
            (State::Active, Category::NonMis) => self.expiry(row, expires),
            (State::Grace, category) => self.grace(row, category, left, expires),
            (State::Inactive, category) => {
                let word = folded(self.cell(at, In::State));
                // Somebody's word, which the roll must not undo.
                let closed = ["suspended", "closed"].contains(&word.as_str());
                self.inactive(row, category, expires, closed);
            }
        }
    }

    /// An inactive account begins its retention with this night, whenever it really ended: the directory that is being
    /// adopted may have kept it for years, and nothing may be deleted before somebody has looked.
    fn inactive(
        &mut self,
        row: &mut Candidate,
        category: Category,
        expires: Option<Date>,
        closed: bool,
    ) {
        let today = Some(self.desk.as_of);
        row.record.set_date(Column::InactiveSince, today);
        let reason = match category {
            // What the roll may end it may bring back; `left` is the reason that follows the policy's own rules.
            Category::Mis => {
                row.record.set_date(Column::LeftOn, today);
                InactiveReason::Left
            }
            Category::NonMis => {
                row.record.set_date(Column::ExpiresOn, expires);
                InactiveReason::Expired
            }
        };
        let reason = if closed {
            InactiveReason::Closed
        } else {
            reason
        };
        row.record.set(Column::InactiveReason, reason.as_str());
    }

    fn grace(
        &mut self,
        row: &mut Candidate,
        category: Category,
        left: Option<Date>,
        until: Option<Date>,
    ) {
        let grace = self.desk.params.grace.as_ref();
        let grace = grace.filter(|_| category == Category::Mis);
        // No grace lasts longer than one that is asked for on the last day on which it may be.
        let longest = grace.map(|g| plus_days(self.desk.as_of, g.days + g.request_days));
        let left = left.filter(|day| *day <= self.desk.as_of);
        match until.filter(|day| Some(*day) <= longest) {
            Some(until) => {
                row.record.set_date(Column::LeftOn, left);
                // Granted tonight as far as anybody can tell, so that the date given stands as it is.
                row.record
                    .set_date(Column::GraceGrantedOn, Some(self.desk.as_of));
                row.record.set_date(Column::GraceUntil, Some(until));
            }
            None => {
                let message = "`grace` is for accounts that follow the roll, under a policy with grace, with its last day, no further ahead than a grace can last, in `expires_on`";
                let fix = "Give the last day, or the state `active` or `inactive`.";
                self.reject(row, In::State, "bad_grace", message, fix);
            }
        }
    }

    /// An account that people asked for ends with the academic year where the policy manages such accounts; one that
    /// somebody has kept, at the latest with the next.
    fn expiry(&mut self, row: &mut Candidate, given: Option<Date>) {
        let this_year = academic_year_end(self.desk.as_of);
        let cap = given.map_or(this_year, |_| academic_year_end(plus_days(this_year, 1)));
        let expires = match given {
            _ if !self.desk.manages_non_mis() => given,
            Some(day) if day <= cap => {
                if day < self.desk.as_of {
                    let message = "the account is active although its last day has passed; the first night closes it";
                    self.warn(
                        row,
                        In::ExpiresOn,
                        "expiry_passed",
                        message,
                        "Give a later day if it is still needed.",
                    );
                }
                Some(day)
            }
            Some(_) => {
                row.expiry = Expiry::Capped;
                Some(cap)
            }
            None => {
                row.expiry = Expiry::Set;
                Some(cap)
            }
        };
        row.record.set_date(Column::ExpiresOn, expires);
    }

    fn consent(&mut self, row: &mut Candidate, at: usize) -> Option<bool> {
        self.desk.params.consent.as_ref()?;
        match cells::flag(self.cell(at, In::DataSharing)) {
            Ok(choice) => choice,
            Err(CellFault { code, message, fix }) => {
                self.reject(row, In::DataSharing, code, message, fix);
                None
            }
        }
    }

    fn date(&mut self, row: &mut Candidate, at: usize, column: In) -> Option<Date> {
        match cells::date(self.cell(at, column)) {
            Ok(date) => date,
            Err(CellFault { code, message, .. }) => {
                let fix = "Write the date as YYYY-MM-DD, or leave it blank.";
                self.reject(row, column, code, message, fix);
                None
            }
        }
    }

    pub(super) fn reject(
        &mut self,
        row: &mut Candidate,
        column: In,
        code: &'static str,
        message: impl Into<String>,
        fix: &str,
    ) {
        row.is_bad = true;
        self.push(Severity::Reject, row, column, code, message, fix);
    }

    pub(super) fn warn(
        &mut self,
        row: &Candidate,
        column: In,
        code: &'static str,
        message: impl Into<String>,
        fix: &str,
    ) {
        self.push(Severity::Warn, row, column, code, message, fix);
    }

    fn push(
        &mut self,
        severity: Severity,
        row: &Candidate,
        column: In,
        code: &'static str,
        message: impl Into<String>,
        fix: &str,
    ) {
        let label = &self.table.label;
        self.faults.push(code, severity, || {
            Fault::new(severity, code, message, fix)
                .in_file(spec::EXISTING_DIRECTORY.name, label)
                .at_row(row.line)
                .in_column(column.name())
                .of_establishment(row.record.get(Column::Establishment))
        });
    }
}
