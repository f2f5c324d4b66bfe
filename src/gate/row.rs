//! One row of the roll: accepted, rejected with every reason at once, or long gone.

use chrono::Months;

use super::cells::{self, CellFault};
use super::context::{GateContext, check_learner};
use super::crowd::{self, Crowd};
use super::index::{Index, top};
use super::rekeys::Rekeys;
use crate::identity;
use crate::model::{
    Authority, Date, Enrolment, EnrolmentStatus, EstId, Establishment, Fault, HeldPerson, Kind,
    PersonKey, Role, RowRef, Severity, earlier_codes,
};
use crate::policy::params::StaffScope;
use crate::table::{CappedFaults, TableRead, TableSpec};

/// What a column of the policy's `complete` list asks of a row.
#[derive(Clone, Copy, Debug)]
enum Need {
    Names,
    Permanent,
    Nothing,
    Column(usize),
    Never,
}

/// Where the columns of a roll table stand in the canonical order.
#[derive(Clone, Copy, Debug)]
struct Places {
    establishment: usize,
    id: usize,
    names: [usize; 4],
    start: usize,
    leaving: usize,
    status: usize,
    time_share: usize,
    login: usize,
    data_sharing: usize,
    staff_type: Option<usize>,
    registration: Option<usize>,
}

/// What all rows of all files are judged by.
pub(super) struct Bench<'a> {
    pub ctx: &'a GateContext<'a>,
    pub establishments: &'a [Establishment],
    pub authorities: &'a [Authority],
    pub rekeys: &'a Rekeys,
    /// Accounts by the hash stored, where everybody's rows are kept.
    pub stored: Option<Index<'a>>,
    /// Everybody's accounts, where only some people's rows are kept.
    pub crowd: Option<&'a Crowd<'a>>,
}

impl<'a> Bench<'a> {
    /// The scopes that staff of an establishment had under the codes it had before; none where staff are known by
    /// their authority.
    pub(super) fn old_scopes(&self, at: EstId) -> Vec<&'a str> {
        match self.ctx.params.identity.staff_scope {
            StaffScope::Establishment => {
                let place = |code: &str| find(self.establishments, code);
                earlier_codes(self.establishments, at, place)
            }
            StaffScope::Authority => Vec::new(),
        }
    }

    /// Whether an account of the directory stands under a hash.
    pub(super) fn is_account(&self, hash: u128) -> bool {
        let stored = self.crowd.map(Crowd::stored).or(self.stored.as_ref());
        stored
            .into_iter()
            .flat_map(|stored| stored.find(top(hash)))
            .filter_map(|place| self.ctx.accounts.get(place as usize))
            .any(|account| account.person == Some(hash))
    }
}

/// What a part of a file gave.
#[derive(Default)]
pub(super) struct Part {
    pub enrolments: Vec<Enrolment>,
    pub held: Vec<HeldPerson>,
    pub untold: Vec<EstId>,
    pub aliases: Vec<(Kind, u8, u128, PersonKey)>,
    /// As [`super::rolls::Rolls`] has them.
    pub logins: Vec<crowd::Used>,
    pub together: Vec<PersonKey>,
    /// People and establishments of rows that the crowd is told of.
    marked: Vec<(PersonKey, EstId)>,
    /// Rows read, as runs of one establishment.
    pub counts: Vec<(EstId, u64)>,
    pub long_gone: u64,
    pub rejected: u64,
    pub faults: CappedFaults,
}

/// Judges the rows of one file.
pub(super) struct Judge<'a> {
    bench: &'a Bench<'a>,
    spec: &'static TableSpec,
    file: &'a TableRead,
    number: u16,
    kind: Kind,
    places: Places,
    needs: Vec<Need>,
}

/// A row while it is judged.
struct Row<'p> {
    record: usize,
    code: &'p str,
    faults: &'p mut CappedFaults,
    is_bad: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        bench: &'a Bench<'a>,
        kind: Kind,
        spec: &'static TableSpec,
        file: &'a TableRead,
        number: u16,
    ) -> Self {
        let place = |name: &str| spec.place(name).unwrap_or(0);
        let params = bench.ctx.params;
        let (id, start) = match kind {
            Kind::Learner => ("learner_id", "admission_date"),
            Kind::Staff => (params.identity.staff.as_str(), "start_date"),
        };
        let places = Places {
            establishment: place("establishment"),
            id: place(id),
            names: [
                "legal_surname",
                "legal_forename",
                "preferred_surname",
                "preferred_forename",
            ]
            .map(place),
            start: place(start),
            leaving: place("leaving_date"),
            status: place("enrolment_status"),
            time_share: place("time_share"),
            login: place("login"),
            data_sharing: place("data_sharing"),
            staff_type: spec.place("staff_type"),
            registration: spec.place("registration_number"),
        };
        let needs = params
            .complete
            .of(kind)
            .iter()
            .map(|name| need(spec, name))
            .collect();
        Judge {
            bench,
            spec,
            file,
            number,
            kind,
            places,
            needs,
        }
    }

    fn cell(&self, record: usize, place: usize) -> &'a str {
        self.file.cell(record, place)
    }

    /// Judges a range of records.
    pub(super) fn part(&self, records: std::ops::Range<usize>) -> Part {
        let mut part = Part::default();
        let mut last: (&str, Option<EstId>) = ("", None);
        for record in records {
            let code = self.cell(record, self.places.establishment);
            if code != last.0 || last.1.is_none() {
                last = (code, find(self.bench.establishments, code));
            }
            self.row(&mut part, record, code, last.1);
        }
        if let Some(crowd) = self.bench.crowd {
            crowd.mark(self.kind, &std::mem::take(&mut part.marked));
        }
        part
    }

    fn row(&self, part: &mut Part, record: usize, code: &'a str, at: Option<EstId>) {
        if let Some(at) = at {
            match part.counts.last_mut() {
                Some((last, n)) if *last == at => *n += 1,
                _ => part.counts.push((at, 1)),
            }
        }
        let leaving = cells::date(self.cell(record, self.places.leaving));
        if let Ok(Some(day)) = leaving
            && self.is_past_retention(day)
            && !self.matches_account(record, code, at)
        {
            part.long_gone += 1;
            return;
        }
        let is_damaged = self.file.damaged.binary_search(&(record as u32)).is_ok();
        let mut faults = std::mem::take(&mut part.faults);
        let mut row = Row {
            record,
            code: if at.is_some() { code } else { "" },
            faults: &mut faults,
            is_bad: is_damaged,
        };
        let listed = at.filter(|at| self.bench.establishments[at.index()].listed);
        self.check_establishment(&mut row, code, listed.is_some());
        let who = self.person(&mut row, code, at, part);
        let is_kept = who.is_none_or(|(person, _)| self.is_kept(part, record, at, person));
        if !is_kept && self.bench.crowd.is_some_and(|c| !c.share.checks_all()) {
            part.faults = faults;
            return;
        }
        let leaving = self.taken(&mut row, self.places.leaving, leaving);
        let enrolment = self.enrolment(
            &mut row,
            at.unwrap_or(EstId(0)),
            who.unwrap_or((PersonKey(0), false)),
            leaving,
        );
        let is_bad = row.is_bad;
        part.faults = faults;
        match who {
            Some(_) if !is_bad => part.enrolments.extend(is_kept.then_some(enrolment)),
            Some(_) => {
                part.rejected += 1;
                part.held.extend(is_kept.then(|| held(&enrolment)));
            }
            None => {
                part.rejected += 1;
                part.untold.extend(at);
            }
        }
    }

    /// Counts a row of somebody among everybody's, and says whether it is kept; without parts every one is.
    fn is_kept(
        &self,
        part: &mut Part,
        record: usize,
        at: Option<EstId>,
        person: PersonKey,
    ) -> bool {
        let Some(crowd) = self.bench.crowd else {
            return true;
        };
        part.marked.push((person, at.unwrap_or(EstId(0))));
        let asks_login = self.bench.ctx.params.complete.asks_login(self.kind);
        if asks_login && !crowd.share.checks_all() {
            let authority = at.and_then(|at| self.bench.establishments[at.index()].authority);
            let login = crowd::login_hash(self.cell(record, self.places.login));
            part.logins.extend(crowd::used(authority, login, person.0));
        }
        let had_other_scope = !self.old_scopes(at).is_empty();
        if had_other_scope {
            part.together.push(person);
        }
        had_other_scope || crowd.share.keeps(person.0)
    }

    fn is_past_retention(&self, leaving: Date) -> bool {
        let months = Months::new(self.bench.ctx.params.retention.months);
        leaving
            .checked_add_months(months)
            .is_some_and(|end| end < self.bench.ctx.as_of)
    }

    /// The scope of an identifier in this row; `None` when it cannot be told.
    fn scope(&self, code: &'a str, at: Option<EstId>) -> Option<&'a str> {
        match (self.kind, self.bench.ctx.params.identity.staff_scope) {
            (Kind::Learner, _) => Some(""),
            (Kind::Staff, StaffScope::Establishment) => cells::is_code(code).then_some(code),
            (Kind::Staff, StaffScope::Authority) => {
                let authority = self.bench.establishments[at?.index()].authority?;
                Some(&self.bench.authorities[authority.index()].code)
            }
        }
    }

    /// The scopes that staff of the row's establishment had under the codes it had before.
    fn old_scopes(&self, at: Option<EstId>) -> Vec<&'a str> {
        at.filter(|_| self.kind == Kind::Staff)
            .map_or_else(Vec::new, |at| self.bench.old_scopes(at))
    }

    /// Whether any account is known under this row's identifier, under whichever key, rekey or old code.
    fn matches_account(&self, record: usize, code: &'a str, at: Option<EstId>) -> bool {
        let id = self.cell(record, self.places.id);
        let Some(scope) = self.scope(code, at) else {
            return false;
        };
        let refs = self.bench.ctx.refs;
        let is_known = |hash: u128| self.bench.is_account(hash);
        let now = self
            .bench
            .rekeys
            .person(self.kind, refs.hash(0, self.kind, scope, id));
        let mut before = self.bench.rekeys.before(self.kind, now).iter();
        is_known(now.0)
            || before.any(|old| is_known(*old))
            || (0..refs.keys()).any(|key| {
                let old = self.old_scopes(at);
                old.into_iter()
                    .chain([scope])
                    .any(|s| is_known(refs.hash(key, self.kind, s, id)))
            })
    }

    fn check_establishment(&self, row: &mut Row<'_>, code: &str, is_listed: bool) {
        if is_listed {
            return;
        }
        let fault = cells::code(code).err().unwrap_or_else(|| CellFault {
            code: "establishment_unknown",
            message: "the establishment is not in the establishments table".to_owned(),
            fix: "List the establishment, or correct the code.",
        });
        self.reject(row, self.places.establishment, fault);
    }

    /// Who the row is about, and whether under a temporary identifier.
    fn person(
        &self,
        row: &mut Row<'_>,
        code: &'a str,
        at: Option<EstId>,
        part: &mut Part,
    ) -> Option<(PersonKey, bool)> {
        let id = self.cell(row.record, self.places.id);
        let temporary = match self.kind {
            Kind::Learner => match check_learner(self.bench.ctx.params, id) {
                Ok(learner) => {
                    if learner.authority_unlisted {
                        self.warn(
                            row,
                            self.places.id,
                            "upn_authority_unlisted",
                            "the authority number in the UPN is not a listed one",
                        );
                    }
                    learner.temporary
                }
                Err(fault) => {
                    let fault = Fault::new(Severity::Reject, fault.code, fault.message, fault.fix);
                    self.push(row, self.places.id, fault);
                    return None;
                }
            },
            Kind::Staff if id.is_empty() => {
                let message = "expected an identifier; found nothing".to_owned();
                self.reject(
                    row,
                    self.places.id,
                    CellFault {
                        code: "identifier_missing",
                        message,
                        fix: "Give the member of staff a code.",
                    },
                );
                return None;
            }
            Kind::Staff => false,
        };
        let Some(scope) = self.scope(code, at) else {
            let message =
                "the authority within which the identifier counts is not known".to_owned();
            let fix = "Give the establishment a listed authority.";
            self.reject(
                row,
                self.places.id,
                CellFault {
                    code: "authority_unknown",
                    message,
                    fix,
                },
            );
            return None;
        };
        let refs = self.bench.ctx.refs;
        let person = self
            .bench
            .rekeys
            .person(self.kind, refs.hash(0, self.kind, scope, id));
        for key in 0..refs.keys() {
            if key > 0 {
                part.aliases.push((
                    self.kind,
                    key as u8,
                    refs.hash(key, self.kind, scope, id),
                    person,
                ));
            }
            for old in self.old_scopes(at) {
                part.aliases.push((
                    self.kind,
                    key as u8,
                    refs.hash(key, self.kind, old, id),
                    person,
                ));
            }
        }
        Some((person, temporary))
    }

    /// Reads the rest of the row; whatever is wrong marks it bad.
    fn enrolment(
        &self,
        row: &mut Row<'_>,
        establishment: EstId,
        who: (PersonKey, bool),
        leaving: Option<Date>,
    ) -> Enrolment {
        let (person, temporary) = who;
        let places = &self.places;
        let text = |place| self.cell(row.record, place);
        let names = places.names.map(text);
        let (status_text, start) = (text(places.status), cells::date(text(places.start)));
        let (share, sharing) = (
            cells::time_share(text(places.time_share)),
            cells::flag(text(places.data_sharing)),
        );
        let (staff_type, registration) = (
            places.staff_type.map_or("", text),
            places.registration.map_or("", text),
        );
        for (place, name) in places.names.into_iter().zip(names) {
            if let Some(fault) = identity::name_fault(name) {
                self.push(
                    row,
                    place,
                    Fault::new(Severity::Reject, fault.code, fault.message, fault.fix),
                );
            }
        }
        let start = self.taken(row, places.start, start);
        let time_share = self.taken(row, places.time_share, share);
        let data_sharing = self.taken(row, places.data_sharing, sharing);
        let status = EnrolmentStatus::parse(status_text).unwrap_or_else(|| {
            let words = "`single`, `main`, `subsidiary`, `guest`, `pre_admission` or nothing";
            self.reject(row, places.status, cells::not_a_word(words, status_text));
            EnrolmentStatus::Single
        });
        if start
            .zip(leaving)
            .is_some_and(|(start, leaving)| leaving < start)
        {
            let message = "the leaving date is before the start".to_owned();
            self.reject(
                row,
                places.leaving,
                CellFault {
                    code: "leaving_before_start",
                    message,
                    fix: "Correct one of the dates.",
                },
            );
        }
        let role = self.role(row, staff_type, registration);
        let complete = start.is_some()
            && self
                .needs
                .iter()
                .all(|need| self.is_met(row.record, *need, names, temporary));
        self.check_prefix(row, establishment);
        Enrolment {
            person,
            kind: self.kind,
            establishment,
            start,
            leaving,
            status,
            time_share,
            data_sharing,
            temporary,
            complete,
            role,
            at: RowRef {
                file: self.number,
                record: row.record as u32,
            },
        }
    }

    fn role(&self, row: &mut Row<'_>, staff_type: &str, registration: &str) -> Role {
        let needs_registration = self.bench.ctx.params.on_roll.teaching_needs_registration;
        match (self.kind, staff_type) {
            (Kind::Learner, _) => Role::Learner,
            (Kind::Staff, "teaching") if !needs_registration || !registration.is_empty() => {
                Role::TeachingStaff
            }
            (Kind::Staff, "teaching" | "non_teaching" | "") => Role::NonTeachingStaff,
            (Kind::Staff, _) => {
                let fault = cells::not_a_word("`teaching` or `non_teaching`", staff_type);
                self.reject(row, self.places.staff_type.unwrap_or(0), fault);
                Role::NonTeachingStaff
            }
        }
    }

    fn is_met(&self, record: usize, need: Need, names: [&str; 4], temporary: bool) -> bool {
        match need {
            Need::Names => !names[0].is_empty() || !names[1].is_empty(),
            Need::Permanent => !temporary,
            Need::Nothing => true,
            Need::Column(place) => !self.cell(record, place).is_empty(),
            Need::Never => false,
        }
    }

    /// S1: councils take a local prefix off logins before they pass them on; one that still has it is worth a look.
    fn check_prefix(&self, row: &mut Row<'_>, establishment: EstId) {
        let authority = self.bench.establishments[establishment.index()].authority;
        let prefix =
            authority.and_then(|a| self.bench.authorities[a.index()].login_prefix.as_deref());
        let login = self.cell(row.record, self.places.login);
        let begins = |prefix: &str| {
            login
                .get(..prefix.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        };
        if prefix.is_some_and(|prefix| login.len() > prefix.len() && begins(prefix)) {
            self.warn(
                row,
                self.places.login,
                "login_prefix",
                "the login begins with the authority's local prefix",
            );
        }
    }

    fn taken<T>(
        &self,
        row: &mut Row<'_>,
        place: usize,
        cell: Result<Option<T>, CellFault>,
    ) -> Option<T> {
        cell.unwrap_or_else(|fault| {
            self.reject(row, place, fault);
            None
        })
    }

    fn reject(&self, row: &mut Row<'_>, place: usize, fault: CellFault) {
        self.push(
            row,
            place,
            Fault::new(Severity::Reject, fault.code, fault.message, fault.fix),
        );
    }

    fn warn(&self, row: &mut Row<'_>, place: usize, code: &'static str, message: &str) {
        self.push(
            row,
            place,
            Fault::new(
                Severity::Warn,
                code,
                message,
                "Look at it; the row counts as it is.",
            ),
        );
    }

    fn push(&self, row: &mut Row<'_>, place: usize, mut fault: Fault) {
        row.is_bad |= fault.severity == Severity::Reject;
        row.faults.push(fault.code, fault.severity, || {
            fault.kind = Some(self.kind);
            fault
                .in_file(self.spec.name, &self.file.label)
                .at_row(self.file.rows.line(row.record))
                .in_column(self.spec.columns[place])
                .of_establishment(row.code)
        });
    }
}

fn need(spec: &TableSpec, name: &str) -> Need {
    match name {
        "names" => Need::Names,
        "permanent_identifier" => Need::Permanent,
        "identifier" => Need::Nothing,
        name => spec.place(name).map_or(Need::Never, Need::Column),
    }
}

/// The place of a code among establishments sorted by code.
pub(super) fn find(establishments: &[Establishment], code: &str) -> Option<EstId> {
    if code.is_empty() {
        return None;
    }
    establishments
        .binary_search_by(|e| e.code.as_str().cmp(code))
        .ok()
        .map(|at| EstId(at as u32))
}

/// The person of a row that turned out to be bad.
pub(super) fn held(row: &Enrolment) -> HeldPerson {
    HeldPerson {
        kind: row.kind,
        person: row.person,
        establishment: row.establishment,
        at: row.at,
        data_sharing: row.data_sharing,
    }
}
