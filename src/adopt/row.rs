//! One row of an existing directory on its way to an account, with everything wrong with it at once.

use super::Desk;
use super::columns::{In, folded};
use crate::calendar::academic_year_end;
use crate::directory::{AccountRecord, Column};
use crate::effects::names::{Names, shown};
use crate::gate::cells::{self, CellFault};
use crate::gate::check_learner;
use crate::identity::{LEARNER_SCOPE, name_fault};
use crate::model::{Category, Date, Fault, InactiveReason, Kind, Role, Severity, State};
use crate::policy::params::StaffScope;
use crate::table::{CappedFaults, TableRead, spec};

/// What stands in the account as it stood in the export.
const COPIED: [(In, Column); 12] = [
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
struct Standing {
    category: Category,
    role: Role,
    state: State,
}

impl<'a> Reader<'a> {
    fn cell(&self, at: usize, column: In) -> &'a str {
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
        let standing = self.standing(&mut row, at);
        self.dates(&mut row, at, standing.as_ref());
        let establishment = self.establishment(&mut row, at, standing.as_ref());
        if let (Some(standing), Some(establishment)) = (&standing, establishment)
            && let Some(person) = self.person(&mut row, at, standing, establishment)
        {
            row.record.set(Column::PersonRef, person);
        }
        if let Some(standing) = &standing {
            self.names(&mut row, standing);
        }
        row
    }

    /// Username, e-mail address and aliases: together the names that nobody else may ever have.
    fn names_in_use(&mut self, row: &mut Candidate, at: usize) {
        let domain = &self.desk.params.names.email_domain;
        let given = self.cell(at, In::Username);
        let username = self.desk.without_domain(given);
        if username.is_empty() {
            let message = "expected the account's username; found nothing";
            self.reject(
                row,
                In::Username,
                "username_missing",
                message,
                "Give the username.",
            );
        } else if !is_name(username) {
            let message = format!(
                "expected a name without white space, commas and semicolons, of at most 64 characters; found {}",
                cells::shape(username)
            );
            let fix = "Correct the username in the directory and export it again.";
            self.reject(row, In::Username, "bad_username", message, fix);
        }
        row.record.set(Column::Username, username);
        row.keys.push((In::Username, self.desk.key(username)));
        let mut aliases: Vec<&str> = Vec::new();
        for alias in self.cell(at, In::Aliases).split(';').map(str::trim) {
            if !alias.is_empty() && !is_name(alias) {
                let message = format!(
                    "expected names or e-mail addresses separated by `;`; found one of {}",
                    cells::shape(alias)
                );
                self.reject(
                    row,
                    In::Aliases,
                    "bad_alias",
                    message,
                    "Correct the aliases and export again.",
                );
            }
            aliases.extend(Some(alias).filter(|alias| !alias.is_empty()));
        }
        let email = self.cell(at, In::Email);
        if !email.is_empty() && !(is_name(email) && email.contains('@')) {
            let message = format!("expected an e-mail address; found {}", cells::shape(email));
            self.reject(
                row,
                In::Email,
                "bad_email",
                message,
                "Correct the address, or leave it blank.",
            );
        }
        match email {
            "" if given.contains('@') => row.record.set(Column::Email, given),
            "" if !username.is_empty() => row
                .record
                .set(Column::Email, format!("{username}@{domain}")),
            _ => {}
        }
        // An address of the platform is a name as well: one that is not the username's is kept among the aliases.
        let is_platform = self.desk.without_domain(email) != email;
        if is_platform && self.desk.key(email) != row.keys[0].1 {
            aliases.push(email);
        }
        for alias in &aliases {
            let key = self.desk.key(alias);
            if row.keys.iter().all(|(_, known)| *known != key) {
                row.keys.push((
                    if *alias == email {
                        In::Email
                    } else {
                        In::Aliases
                    },
                    key,
                ));
            }
        }
        aliases.sort_unstable();
        aliases.dedup();
        row.record.set(Column::Aliases, aliases.join(";"));
    }

    fn standing(&mut self, row: &mut Candidate, at: usize) -> Option<Standing> {
        let role = self.word(
            row,
            at,
            In::Role,
            "one of the roles of the accounts table, e.g. `learner` or `teaching_staff`",
            |word| match word {
                "student" | "pupil" => Some(Role::Learner),
                word => Role::parse(word),
            },
        );
        let category = match (self.cell(at, In::Category), role) {
            ("", role) => role.map(|role| match role {
                Role::Learner | Role::TeachingStaff | Role::NonTeachingStaff => Category::Mis,
                _ => Category::NonMis,
            }),
            _ => self.word(row, at, In::Category, "`mis` or `non_mis`", Category::parse),
        };
        let state = match self.has(In::State) {
            false => Some(State::Active),
            true => self.word(
                row,
                at,
                In::State,
                "`active`, `grace` or `inactive`",
                |word| match word {
                    "enabled" => Some(State::Active),
                    "disabled" | "deleted" | "suspended" => Some(State::Inactive),
                    word => State::parse(word),
                },
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
        let found = parse(&folded(text));
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
            (State::Inactive, category) => self.inactive(row, category, expires),
        }
    }

    /// An inactive account begins its retention with this night, whenever it really ended: the directory that is being
    /// adopted may have kept it for years, and nothing may be deleted before somebody has looked.
    fn inactive(&mut self, row: &mut Candidate, category: Category, expires: Option<Date>) {
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
        row.record.set(Column::InactiveReason, reason.as_str());
    }

    fn grace(
        &mut self,
        row: &mut Candidate,
        category: Category,
        left: Option<Date>,
        until: Option<Date>,
    ) {
        let known = self.desk.params.grace.is_some() && category == Category::Mis;
        match until.filter(|_| known) {
            Some(until) => {
                row.record.set_date(Column::LeftOn, left);
                // Granted tonight as far as anybody can tell, so that the date given stands as it is.
                row.record
                    .set_date(Column::GraceGrantedOn, Some(self.desk.as_of));
                row.record.set_date(Column::GraceUntil, Some(until));
            }
            None => {
                let message = "`grace` is for accounts that follow the roll, under a policy with grace, with its last day in `expires_on`";
                let fix = "Give the last day, or the state `active` or `inactive`.";
                self.reject(row, In::State, "bad_grace", message, fix);
            }
        }
    }

    /// An account that people asked for ends with the academic year where the policy manages such accounts.
    fn expiry(&mut self, row: &mut Candidate, given: Option<Date>) {
        let cap = academic_year_end(self.desk.as_of);
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

    /// The establishment of the account; blank is good for accounts that do not follow the roll.
    fn establishment(
        &mut self,
        row: &mut Candidate,
        at: usize,
        standing: Option<&Standing>,
    ) -> Option<&'a str> {
        let code = self.cell(at, In::Establishment);
        let may_be_blank = standing.is_none_or(|s| s.category == Category::NonMis);
        if let Err(CellFault { code, message, fix }) = cells::code(code)
            && !(may_be_blank && self.cell(at, In::Establishment).is_empty())
        {
            self.reject(row, In::Establishment, code, message, fix);
            return None;
        }
        let listed = &self.desk.authorities;
        if !code.is_empty() && !listed.is_empty() && !listed.contains_key(code) {
            let message =
                "the establishment is not in mis/establishments.csv; a night would hold it";
            self.warn(
                row,
                In::Establishment,
                "establishment_unlisted",
                message,
                "List the establishment, or correct the code.",
            );
        }
        Some(code)
    }

    /// The person_ref of an account that follows the roll. The identifier itself goes no further than this.
    fn person(
        &mut self,
        row: &mut Candidate,
        at: usize,
        standing: &Standing,
        establishment: &'a str,
    ) -> Option<String> {
        let identity = &self.desk.params.identity;
        let (kind, column) = match standing.role.kind() {
            Kind::Learner => (Kind::Learner, In::LearnerId),
            Kind::Staff if identity.staff == In::StaffId.name() => (Kind::Staff, In::StaffId),
            Kind::Staff => (Kind::Staff, In::StaffCode),
        };
        let id = self.cell(at, column);
        if standing.category == Category::NonMis {
            if !id.is_empty() {
                let message = "the account does not follow the roll, so its identifier is not used";
                self.warn(
                    row,
                    column,
                    "identifier_unused",
                    message,
                    "Give the category `mis` if it should follow the roll.",
                );
            }
            return None;
        }
        let scope = match kind {
            Kind::Learner => self.learner(row, column, id).then_some(LEARNER_SCOPE)?,
            Kind::Staff if id.is_empty() => {
                let message = "expected the identifier under which the roll lists this member of staff; found nothing";
                let fix =
                    "Give it, or the category `non_mis` if the account does not follow the roll.";
                self.reject(row, column, "identifier_missing", message, fix);
                return None;
            }
            Kind::Staff => match identity.staff_scope {
                StaffScope::Establishment => establishment,
                StaffScope::Authority => self.authority(row, at, establishment)?,
            },
        };
        Some(self.desk.keys.person_ref(kind, scope, id).to_string())
    }

    fn learner(&mut self, row: &mut Candidate, column: In, id: &str) -> bool {
        match check_learner(self.desk.params, id) {
            Ok(learner) => {
                if learner.temporary {
                    let message =
                        "a temporary UPN: the account is found again only under the same one";
                    let fix = "Give the permanent UPN where there is one; later, `rekeys.csv` says which replaced which.";
                    self.warn(row, column, "temporary_upn", message, fix);
                }
                true
            }
            Err(fault) => {
                let fix = match fault.absent {
                    true => "Give it, or the category `non_mis` if the account does not follow the roll.".to_owned(),
                    false => fault.fix,
                };
                self.reject(row, column, fault.code, fault.message, &fix);
                false
            }
        }
    }

    /// The authority within which staff are known: as given, or as mis/establishments.csv says.
    fn authority(
        &mut self,
        row: &mut Candidate,
        at: usize,
        establishment: &str,
    ) -> Option<&'a str> {
        let given = self.cell(at, In::Authority);
        let listed = self.desk.authorities.get(establishment).map(String::as_str);
        let fix = "Fill the column, or put establishments.csv into mis/ first.";
        match (given, listed) {
            ("", Some(listed)) => Some(listed),
            ("", None) => {
                let message = "the authority within which the identifier counts is not known";
                self.reject(row, In::Authority, "authority_unknown", message, fix);
                None
            }
            (given, Some(listed)) if given != listed => {
                let message =
                    "another authority than mis/establishments.csv gives for this establishment";
                self.reject(
                    row,
                    In::Authority,
                    "authority_differs",
                    message,
                    "Correct one of the two.",
                );
                None
            }
            (given, _) => match cells::code(given) {
                Ok(code) => Some(code),
                Err(CellFault { code, message, .. }) => {
                    self.reject(row, In::Authority, code, message, fix);
                    None
                }
            },
        }
    }

    /// Names are only looked at: the username exists already, and nobody loses an account over a spelling.
    fn names(&mut self, row: &mut Candidate, standing: &Standing) {
        let surname = row.record.get(Column::Surname).to_owned();
        let forename = row.record.get(Column::Forename).to_owned();
        for (column, name) in [(In::Surname, &surname), (In::Forename, &forename)] {
            if let Some(fault) = name_fault(name) {
                let fix = "Correct the name in the directory; the account is adopted as it is.";
                self.warn(row, column, fault.code, fault.message, fix);
            }
        }
        if standing.category == Category::Mis && surname.is_empty() && forename.is_empty() {
            let message = "neither surname nor forename is given";
            self.warn(
                row,
                In::Surname,
                "name_missing",
                message,
                "Give at least one of the two.",
            );
        }
        if row.record.get(Column::DisplayName).is_empty() {
            let names = Names {
                surname: &surname,
                forename: &forename,
            };
            let display = shown(&self.desk.params.names, standing.role, names);
            row.record.set(Column::DisplayName, display);
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

/// Whether a text can be a username, an alias or an address: the aliases column separates with `;`.
fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    let is_part = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, ';' | ',');
    (1..=128).contains(&length)
        && text.chars().all(is_part)
        && text
            .split('@')
            .all(|part| (1..=64).contains(&part.chars().count()))
        && text.matches('@').count() <= 1
}
