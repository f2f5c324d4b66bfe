//! The corridor once more, with an eye on one account or person: what `onroll explain` shows of tonight.

use super::draft::Draughtsman;
use super::outcome::Outcome;
use super::person::{Room, judge_person};
use super::{NightError, Read, Refused, Request, read, with_desk};
use crate::directory::{Accounts, Column, Snapshot};
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
    Ok(with_desk(request, &read, |desk, people, requests| {
        let Some(watch) = names.iter().find_map(|name| watch(desk.tonight, name)) else {
            return gone(&read.snapshot, names);
        };
        desk.watch = watch;
        let (plan, seen, ()) = super::plan(desk, people, requests, &read, |_| ());
        let doubts: Vec<Doubt> = plan.faults.iter().map(Doubt::from).collect();
        let mut explained = explained(desk, &seen, &doubts);
        what_happened(desk, &plan, &mut explained);
        Looked::Explained(Box::new(explained))
    }))
}

/// The first four steps of an archived night: what it read of somebody, and how their cases stood. What happened stands in
/// the run's own files. `None` when nobody is of that name.
pub fn look_back(
    request: &Request<'_>,
    read: &Read,
    names: &[String],
    doubts: &[Doubt],
) -> Option<Explained> {
    with_desk(request, read, |desk, people, requests| {
        desk.watch = names.iter().find_map(|name| watch(desk.tonight, name))?;
        let (mut outcome, mut room) = (Outcome::default(), Room::default());
        let is_theirs = |at: &&u32| {
            let person = people.at(**at);
            let mut accounts = people.accounts(&person).iter();
            (desk.watch.person.is_some() && desk.watch.person == person.key())
                || accounts.any(|place| desk.watch.places.contains(&(*place as usize)))
        };
        for at in people.order.iter().filter(is_theirs) {
            judge_person(desk, &people.at(*at), &mut room, &mut outcome);
        }
        super::non_mis::judge(desk, requests, &mut outcome);
        Some(explained(desk, &outcome.seen, doubts))
    })
}

/// What was found wrong with a row.
pub struct Doubt {
    /// Its file.
    pub file: String,
    /// Its line.
    pub row: u64,
    /// Code and message.
    pub text: String,
}

impl From<&Fault> for Doubt {
    fn from(fault: &Fault) -> Doubt {
        Doubt {
            file: fault.file.clone(),
            row: fault.row,
            text: format!("{}: {}", fault.code, fault.message),
        }
    }
}

/// Whom a name stands for: the person with every account of theirs, or one account alone.
fn watch(tonight: &Tonight<'_>, name: &str) -> Option<Watch> {
    let current = |hash: u128| PersonKey(tonight.people.current_hash(hash));
    if let Some(person) = PersonRef::parse(name) {
        let watch = of_person(tonight, current(person.hash));
        return Some(watch).filter(|w| w.person.is_some() || !w.places.is_empty());
    }
    let accounts = &tonight.snapshot.accounts;
    let place = accounts
        .find(name)
        .or_else(|| by_username(accounts, name))?;
    let account = accounts.list[place];
    let person = account
        .person()
        .filter(|_| account.category == Category::Mis);
    let mut watch = person.map_or_else(Watch::default, |hash| of_person(tonight, current(hash)));
    if !watch.places.contains(&place) {
        watch.places.push(place);
    }
    Some(watch)
}

fn of_person(tonight: &Tonight<'_>, key: PersonKey) -> Watch {
    let person = tonight.people.find(key);
    let places = person
        .as_ref()
        .map_or(&[][..], |person| tonight.people.accounts(person));
    let known = person.is_some() || tonight.is_person_held(Some(key));
    Watch {
        person: known.then_some(key),
        places: places.iter().map(|place| *place as usize).collect(),
    }
}

/// The account that signs in by this name, or did: usernames and aliases are unique, ever.
fn by_username(accounts: &Accounts, name: &str) -> Option<usize> {
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

/// The hashes of the people these names stand for: of every reference, and of the first name that is an account's.
pub(super) fn hashes(snapshot: &Snapshot, names: &[String]) -> Vec<u128> {
    let accounts = &snapshot.accounts;
    let place = |name: &String| accounts.find(name).or_else(|| by_username(accounts, name));
    let (refs, others): (Vec<_>, Vec<_>) = names
        .iter()
        .partition(|name| PersonRef::parse(name).is_some());
    let account = others.into_iter().find_map(place);
    let refs = refs.into_iter().filter_map(|name| PersonRef::parse(name));
    refs.map(|person| person.hash)
        .chain(account.and_then(|place| accounts.list[place].person()))
        .collect()
}

fn gone(snapshot: &Snapshot, names: &[String]) -> Looked {
    let mut retired = snapshot.retired.iter();
    let tombstone = retired.find(|r| names.contains(&r.account_id));
    tombstone.map_or(Looked::Nobody, |r| {
        Looked::Deleted(r.purged_on, r.rule.clone())
    })
}

/// The steps up to the rule.
fn explained(desk: &Draughtsman<'_>, seen: &[Seen], doubts: &[Doubt]) -> Explained {
    let tonight = desk.tonight;
    let rows = desk
        .watch
        .person
        .map_or_else(Vec::new, |key| rows(tonight, doubts, key));
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
        changes: Vec::new(),
        notices: Vec::new(),
    }
}

/// The last step.
fn what_happened(desk: &Draughtsman<'_>, plan: &Plan, explained: &mut Explained) {
    let accounts = &desk.tonight.snapshot.accounts;
    let places = desk.watch.places.iter();
    let ids: Vec<&str> = places.map(|place| accounts.id(*place)).collect();
    let person_ref = desk.watch.person.map(|key| desk.ref_of(key));
    let is_theirs = |id: &str, of: &str| ids.contains(&id) || person_ref.as_deref() == Some(of);
    let changes = plan.changes.iter();
    let changes = changes.filter(|c| is_theirs(c.account_id(), c.person_ref()));
    explained.changes = changes.map(done).collect();
    let notices = plan.notices.iter();
    let notices = notices.filter(|n| is_theirs(&n.account_id, &n.person_ref));
    explained.notices = notices.map(told).collect();
}

/// The rows that were accepted and those that were not, by file and line.
fn rows(tonight: &Tonight<'_>, doubts: &[Doubt], key: PersonKey) -> Vec<Row> {
    let roll = tonight.roll;
    let accepted = tonight.people.find(key);
    let accepted = accepted
        .map_or(&[][..], |person| tonight.people.rows(&person))
        .iter();
    let mut rows: Vec<Row> = accepted
        .map(|place| {
            let row = &roll.enrolments[*place as usize];
            Row {
                start: row.start,
                leaving: row.leaving,
                enrolment_status: row.status.as_str().to_owned(),
                accepted: true,
                ..blank_row(roll, row.at, row.establishment, doubts)
            }
        })
        .collect();
    let rejected = tonight.held_rows(Some(key));
    rows.extend(rejected.map(|held| blank_row(roll, held.at, held.establishment, doubts)));
    rows.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    rows
}

fn blank_row(roll: &Roll, at: RowRef, establishment: EstId, all: &[Doubt]) -> Row {
    let file = &roll.files[at.file as usize];
    let line = roll.line(at);
    let establishment = roll.establishment(establishment);
    let of_row = all.iter().filter(|d| d.file == file.name && d.row == line);
    let mut doubts: Vec<String> = of_row.map(|d| d.text.clone()).collect();
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
        change_id: change.change_id().to_owned(),
        action: change.action.as_str().to_owned(),
        rule: change.rule().to_owned(),
        status: change.status.as_str().to_owned(),
        held_by: change.held_by.clone(),
        account_id: change.account_id().to_owned(),
        effective_on: change.effective_on.to_string(),
        reason: change.reason().to_owned(),
        fields: fields
            .map(|f| [f.name, f.before, f.after].map(str::to_owned).into())
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
