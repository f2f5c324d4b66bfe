//! Where a person stands with each establishment that lists them.

use super::Tonight;
use crate::calendar::plus_days;
use crate::model::{Cell, Date, Enrolment, EnrolmentStatus, EstId};
use crate::relate::Person;

/// What an establishment's rows say of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Roll {
    /// Started, or starting within the days that the policy counts as started; not left.
    OnRoll,
    /// Starts further ahead.
    Ahead,
    /// The leaving date has passed, or the establishment closed.
    Left(Date),
    /// Only rows that neither create, claim nor keep: a guest.
    Guest,
    /// Only an application.
    Applied,
}

/// A person at one establishment.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The establishment.
    pub establishment: EstId,
    /// The row that counts.
    pub row: &'a Enrolment,
    /// What it says.
    pub roll: Roll,
    /// A row of a guest there today, whatever else stands beside it.
    pub guest: Option<&'a Enrolment>,
    /// The export cannot be relied on tonight.
    pub held: bool,
}

impl Standing<'_> {
    /// On roll by a row that may keep an account.
    pub fn on_roll(&self) -> bool {
        self.roll == Roll::OnRoll
    }

    /// Left, or only an applicant, but a guest there today (SPEC §16: a guest's row never counts).
    pub fn is_only_guest(&self) -> bool {
        self.guest.is_some() && matches!(self.roll, Roll::Left(_) | Roll::Guest)
    }
}

/// A person's standing at each establishment, by code.
pub fn standings<'a>(tonight: &Tonight<'a>, person: &Person) -> Vec<Standing<'a>> {
    let mut list = Vec::new();
    standings_into(tonight, person, &mut list);
    list
}

/// The same in a list that is there already, in place of what it held.
pub fn standings_into<'a>(tonight: &Tonight<'a>, person: &Person, list: &mut Vec<Standing<'a>>) {
    let rows = tonight.people.rows(person);
    let row = |place: &u32| &tonight.roll.enrolments[*place as usize];
    let by_school = rows.chunk_by(|a, b| row(a).establishment == row(b).establishment);
    list.clear();
    list.extend(by_school.map(|places| at_establishment(tonight, places.iter().map(row))));
}

fn at_establishment<'a>(
    tonight: &Tonight<'a>,
    rows: impl Iterator<Item = &'a Enrolment> + Clone,
) -> Standing<'a> {
    let counting = rows.clone().filter(|e| e.status.counts());
    let chosen = counting
        .clone()
        .map(|e| (e, roll_of(tonight, e)))
        // The current one, else the next, else the last (SPEC §3).
        .min_by_key(|(e, roll)| match roll {
            Roll::OnRoll if has_started(tonight, e) => (0, 0, 0),
            Roll::OnRoll | Roll::Ahead => (1, days(e.start), 0),
            // Where the school closed, several enrolments may end on that day.
            Roll::Left(on) => (2, -days(Some(*on)), -days(e.start)),
            Roll::Guest | Roll::Applied => (3, 0, 0),
        });
    let guest = guest(tonight, rows.clone());
    let (row, roll) = match (chosen, guest) {
        (Some(found), _) => found,
        (None, Some(row)) => (row, Roll::Guest),
        (None, None) => (applicant(tonight, rows), Roll::Applied),
    };
    Standing {
        establishment: row.establishment,
        row,
        roll,
        guest,
        held: tonight.is_held(row.establishment),
    }
}

/// The row of somebody who is a guest there today.
fn guest<'a>(
    tonight: &Tonight<'a>,
    rows: impl Iterator<Item = &'a Enrolment>,
) -> Option<&'a Enrolment> {
    rows.filter(|e| e.status == EnrolmentStatus::Guest && has_started(tonight, e))
        .filter(|e| roll_of(tonight, e) == Roll::OnRoll)
        .min_by_key(|e| by_content(tonight, e))
}

/// A row that is none tonight, when there is no other. The caller's group is never empty.
fn applicant<'a>(
    tonight: &Tonight<'a>,
    rows: impl Iterator<Item = &'a Enrolment>,
) -> &'a Enrolment {
    match rows.min_by_key(|e| by_content(tonight, e)) {
        Some(row) => row,
        None => unreachable!("chunk_by gives no empty group"),
    }
}

/// Rows that may overlap are told apart by what they say, never by where they stand.
fn by_content<'a>(
    tonight: &Tonight<'a>,
    row: &Enrolment,
) -> (i64, Option<Date>, &'static str, [&'a str; 3]) {
    let texts = [
        Cell::YearGroup,
        Cell::RegistrationClass,
        Cell::AdmissionNumber,
    ];
    (
        days(row.start),
        row.leaving,
        row.role.as_str(),
        texts.map(|cell| text(tonight, row, cell)),
    )
}

fn days(date: Option<Date>) -> i64 {
    date.map_or(i64::MIN / 2, |d| {
        i64::from(chrono::Datelike::num_days_from_ce(&d))
    })
}

fn has_started(tonight: &Tonight<'_>, row: &Enrolment) -> bool {
    row.start.is_none_or(|start| start <= tonight.as_of)
}

/// What one row says. "Left" means as-of is after the leaving date: that day is still a day on roll.
pub fn roll_of(tonight: &Tonight<'_>, row: &Enrolment) -> Roll {
    let leaving = match (row.leaving, tonight.closed_on(row.establishment)) {
        (Some(leaving), Some(closed)) => Some(leaving.min(closed)),
        (leaving, closed) => leaving.or(closed),
    };
    if let Some(on) = leaving.filter(|on| tonight.as_of > *on) {
        return Roll::Left(on);
    }
    let latest = plus_days(tonight.as_of, tonight.params.on_roll.start_ahead_days);
    if row.start.is_none_or(|start| start <= latest) {
        Roll::OnRoll
    } else {
        Roll::Ahead
    }
}

/// Which of several establishments receives or creates: main, single, subsidiary; then the greater
/// time share, the earlier start, the lower code (SPEC §7).
pub fn rank(row: &Enrolment) -> (u8, u16, i64, EstId) {
    let status = match row.status {
        EnrolmentStatus::Main => 0,
        EnrolmentStatus::Single => 1,
        EnrolmentStatus::Subsidiary => 2,
        EnrolmentStatus::Guest | EnrolmentStatus::PreAdmission => 3,
    };
    (
        status,
        u16::MAX - row.time_share.unwrap_or(0),
        row.start.map_or(i64::MAX, |d| days(Some(d))),
        row.establishment,
    )
}

/// A row's text, blank where the column is missing.
pub fn text<'a>(tonight: &Tonight<'a>, row: &Enrolment, cell: Cell) -> &'a str {
    tonight.roll.text(row.at, cell)
}
