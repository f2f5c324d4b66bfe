//! The corridor once more, with an eye on one account or person: what `onroll explain` shows of tonight.

use super::draft::{Draughtsman, Outcome};
use super::{NightError, Refused, Request, read, with_desk};
use crate::directory::{Account, Column, Snapshot};
use crate::explain::{Case, Done, Explained, Matched, Row, Told, weigh};
use crate::facts::Tonight;
use crate::identity::person_ref::PersonRef;
use crate::model::{Category, EstId, Fault, PersonKey, Roll, RowRef};
use crate::plan::{Change, Notice, Plan};
use crate::policy::table::{Table, TableKind};

/// A case that was watched: where its facts stand in its table.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The table.
    pub table: TableKind,
    /// The place in it.
    pub index: u32,
    /// The account's place; `None` for a person without one.
    pub place: Option<usize>,
    /// The claimant, where the case is a claim.
    pub claimant: Option<EstId>,
}

impl Seen {
    /// A case of a table.
    pub(super) fn of(
        table: &Table,
        index: u32,
        place: Option<usize>,
        claimant: Option<EstId>,
    ) -> Seen {
        Seen {
            table: table.kind,
            index,
            place,
            claimant,
        }
    }
}

/// Whom the corridor watches.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// The person.
    pub person: Option<PersonKey>,
    /// Their accounts, or the account of nobody.
    pub places: Vec<usize>,
}

impl Watch {
    /// Whether a case is one to note.
    fn is_on(&self, person: Option<PersonKey>, place: Option<usize>) -> bool {
        place.is_some_and(|place| self.places.contains(&place))
            || (person.is_some() && person == self.person)
    }
}

impl Draughtsman<'_> {
    /// Notes a case if somebody looks at it.
    pub(super) fn see(&self, person: Option<PersonKey>, case: Seen, out: &mut Outcome) {
        if self.watch.is_on(person, case.place) {
            out.seen.push(case);
        }
    }
}

/// What a look came to.
pub enum Looked {
    /// The five steps.
    Explained(Box<Explained>),
    /// The gate refused the input: nothing is decided tonight.
    Refused(Refused),
    /// Nobody of that name: no account, no row, no deleted account.
    Nobody,
    /// The account was deleted: the day, and the rule.
    Deleted(crate::model::Date, String),
}

/// Walks tonight with an eye on one account or person: the first of the names that stands for somebody. A name is an
/// account's id, username or address, or a person_ref.
///
/// # Errors
/// As [`super::decide`].
pub fn look(request: &Request<'_>, names: &[String]) -> Result<Looked, NightError> {
    let read = read(request)?;
    if read.roll.faults.refuses() {
        return Ok(Looked::Refused(super::refuse(request, read)));
    }
    with_desk(request, &read, |desk, people, requests| {
        let Some(watch) = names.iter().find_map(|name| watch(desk.tonight, name)) else {
            return gone(&read.snapshot, names);
        };
        desk.watch = watch;
        let (plan, seen) = super::plan(desk, people, requests, &read);
        Looked::Explained(Box::new(explained(desk, &plan, &seen)))
    })
}

/// Whom a name stands for: the person with every account of theirs, or one account alone.
fn watch(tonight: &Tonight<'_>, name: &str) -> Option<Watch> {
    let current = |hash: u128| PersonKey(tonight.people.current_hash(hash));
    if let Some(person) = PersonRef::parse(name) {
        let watch = of_person(tonight, current(person.hash));
        return Some(watch).filter(|w| w.person.is_some() || !w.places.is_empty());
    }
    let accounts = &tonight.snapshot.accounts;
    let place = accounts.find(name).or_else(|| by_username(tonight, name))?;
    let Account {
        person, category, ..
    } = accounts.list[place];
    let person = person.filter(|_| category == Category::Mis);
    let mut watch = person.map_or_else(Watch::default, |hash| of_person(tonight, current(hash)));
    if !watch.places.contains(&place) {
        watch.places.push(place);
    }
    Some(watch)
}

fn of_person(tonight: &Tonight<'_>, key: PersonKey) -> Watch {
    let person = tonight.people.find(key);
    let places = person.map_or(&[][..], |person| tonight.people.accounts(person));
    let known = person.is_some() || tonight.is_person_held(Some(key));
    Watch {
        person: known.then_some(key),
        places: places.iter().map(|place| *place as usize).collect(),
    }
}

/// The account that signs in by this name, or did: usernames and aliases are unique, ever.
fn by_username(tonight: &Tonight<'_>, name: &str) -> Option<usize> {
    let accounts = &tonight.snapshot.accounts;
    let is = |cell: &str| cell.eq_ignore_ascii_case(name);
    (0..accounts.len()).find(|&place| {
        accounts.with(place, |cells| {
            let cell = |column: Column| cells[column as usize];
            is(cell(Column::Username))
                || is(cell(Column::Email))
                || cell(Column::Aliases)
                    .split(';')
                    .any(|alias| !alias.is_empty() && is(alias))
        })
    })
}

fn gone(snapshot: &Snapshot, names: &[String]) -> Looked {
    let mut retired = snapshot.retired.iter();
    let tombstone = retired.find(|r| names.contains(&r.account_id));
    tombstone.map_or(Looked::Nobody, |r| {
        Looked::Deleted(r.purged_on, r.rule.clone())
    })
}

fn explained(desk: &Draughtsman<'_>, plan: &Plan, seen: &[Seen]) -> Explained {
    let tonight = desk.tonight;
    let accounts = &tonight.snapshot.accounts;
    let ids: Vec<&str> = desk
        .watch
        .places
        .iter()
        .map(|place| accounts.id(*place))
        .collect();
    let person_ref = desk.watch.person.map(|key| desk.ref_of(key));
    let is_theirs = |id: &str, of: &str| ids.contains(&id) || person_ref.as_deref() == Some(of);
    let changes = plan.changes.iter();
    let notices = plan.notices.iter();
    let rows = desk
        .watch
        .person
        .map_or_else(Vec::new, |key| rows(tonight, plan, key));
    Explained {
        as_of: tonight.as_of,
        run: String::new(),
        rows: Some(rows),
        accounts: desk
            .watch
            .places
            .iter()
            .map(|place| matched(tonight, *place))
            .collect(),
        cases: seen.iter().filter_map(|seen| case(desk, seen)).collect(),
        changes: changes
            .filter(|c| is_theirs(&c.account_id, &c.person_ref))
            .map(done)
            .collect(),
        notices: notices
            .filter(|n| is_theirs(&n.account_id, &n.person_ref))
            .map(told)
            .collect(),
    }
}

/// The rows that were accepted and those that were not, by file and line.
fn rows(tonight: &Tonight<'_>, plan: &Plan, key: PersonKey) -> Vec<Row> {
    let roll = tonight.roll;
    let accepted = tonight.people.find(key);
    let accepted = accepted
        .map_or(&[][..], |person| tonight.people.rows(person))
        .iter();
    let mut rows: Vec<Row> = accepted
        .map(|place| {
            let row = &roll.enrolments[*place as usize];
            Row {
                start: row.start,
                leaving: row.leaving,
                enrolment_status: row.status.as_str().to_owned(),
                accepted: true,
                ..blank_row(roll, row.at, row.establishment, &plan.faults)
            }
        })
        .collect();
    let rejected = tonight.held_rows(Some(key));
    rows.extend(rejected.map(|held| blank_row(roll, held.at, held.establishment, &plan.faults)));
    rows.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    rows
}

fn blank_row(roll: &Roll, at: RowRef, establishment: EstId, faults: &[Fault]) -> Row {
    let file = &roll.files[at.file as usize];
    let line = roll.line(at);
    let establishment = roll.establishment(establishment);
    let of_row = faults
        .iter()
        .filter(|f| f.file == file.name && f.row == line);
    let mut doubts: Vec<String> = of_row
        .map(|f| format!("{}: {}", f.code, f.message))
        .collect();
    let hold = establishment.hold.iter();
    doubts.extend(hold.map(|hold| format!("{}: {}", hold.reason.code(), hold.message)));
    Row {
        table: file.table.to_owned(),
        file: file.name.clone(),
        line,
        establishment: establishment.code.clone(),
        start: None,
        leaving: None,
        enrolment_status: String::new(),
        accepted: false,
        doubts,
    }
}

/// The columns that say since when and until when an account is as it is.
const DATES: [Column; 12] = [
    Column::CreatedOn,
    Column::LeftOn,
    Column::InactiveSince,
    Column::InactiveReason,
    Column::GraceGrantedOn,
    Column::GraceUntil,
    Column::ExpiresOn,
    Column::ClosesOnExpiry,
    Column::HoldUntil,
    Column::MissingSince,
    Column::CredentialsDueOn,
    Column::LastSignIn,
];

fn matched(tonight: &Tonight<'_>, place: usize) -> Matched {
    let record = tonight.snapshot.accounts.record(place);
    let cell = |column: Column| record.get(column).to_owned();
    let filled = DATES
        .iter()
        .filter(|column| !record.get(**column).is_empty());
    Matched {
        account_id: cell(Column::AccountId),
        username: cell(Column::Username),
        category: cell(Column::Category),
        role: cell(Column::Role),
        state: cell(Column::State),
        establishment: cell(Column::Establishment),
        dates: filled
            .map(|column| (column.name().to_owned(), cell(*column)))
            .collect(),
    }
}

fn case(desk: &Draughtsman<'_>, seen: &Seen) -> Option<Case> {
    let accounts = &desk.tonight.snapshot.accounts;
    let code = |at: EstId| desk.tonight.roll.establishment(at).code.clone();
    Some(Case {
        account_id: seen
            .place
            .map_or_else(String::new, |place| accounts.id(place).to_owned()),
        claimant: seen.claimant.map(code).unwrap_or_default(),
        weighed: weigh(desk.policy.table(seen.table), seen.index)?,
    })
}

fn done(change: &Change) -> Done {
    let fields = change.fields.iter();
    Done {
        change_id: change.change_id.clone(),
        action: change.action.as_str().to_owned(),
        rule: change.rule.clone(),
        status: change.status.as_str().to_owned(),
        held_by: change.held_by.clone(),
        account_id: change.account_id.clone(),
        effective_on: change.effective_on.to_string(),
        reason: change.reason.clone(),
        fields: fields
            .map(|f| (f.name.clone(), f.before.clone(), f.after.clone()))
            .collect(),
    }
}

fn told(notice: &Notice) -> Told {
    Told {
        code: notice.code.clone(),
        message: notice.message.clone(),
        fix: notice.fix.clone(),
        owner: notice.owner.clone(),
    }
}
