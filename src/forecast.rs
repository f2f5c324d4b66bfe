//! What falls due in the next 7, 30 and 90 days, once tonight's plan is applied.
//!
//! It is a short use of the stages: the dates come from the functions that facts use, the accounts are those that the
//! planned changes leave. It says on which night something will happen if nothing else changes before. A deletion is
//! foretold only if the decision table, asked about that night with tonight's roll, would delete.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::calendar::{parse_date, plus_days};
use crate::directory::{Accounts, Column, Edited};
use crate::facts::Tonight;
use crate::facts::choice::choice;
use crate::facts::clocks::{purge_dates, release_of_absent};
use crate::facts::non_mis::Standing as Asked;
use crate::facts::person::{Case, Words};
use crate::facts::standing::{Roll, standings};
use crate::identity::parse_hex128;
use crate::model::{
    Action, Category, Date, DueKind as Kind, Enrolment, Kind as Register, PersonKey, State,
};
use crate::plan::{Change, Status};
use crate::policy::Policy;
use crate::relate::{Person, person_hash};
use crate::warm;

/// The horizons, in days.
pub const HORIZONS: [u32; 3] = [7, 30, 90];

/// One thing that falls due.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    /// The first night on which it happens.
    pub due_on: Date,
    /// What.
    pub kind: Kind,
    /// The account's establishment; blank for none.
    pub establishment: String,
    /// The account's role; blank for a decision.
    pub role: String,
    /// The account; blank for a decision.
    pub account_id: String,
    /// The decision or request that lapses; blank for an account.
    pub decision_id: String,
}

impl Due {
    /// The shortest horizon it lies in; what is overdue lies in the first.
    pub fn within(&self, as_of: Date) -> Option<u32> {
        HORIZONS
            .into_iter()
            .find(|days| self.due_on <= plus_days(as_of, *days))
    }
}

/// An account as it stands after tonight, as far as something can fall due.
struct After {
    account_id: String,
    establishment: String,
    role: String,
    category: Category,
    state: State,
    dates: [Option<Date>; 6],
    /// The last day on which nobody need have signed in, where the policy asks for that.
    quiet_until: Option<Date>,
}

/// The places of [`After::dates`].
const DATES: [Column; 6] = [
    Column::LeftOn,
    Column::InactiveSince,
    Column::GraceUntil,
    Column::ExpiresOn,
    Column::HoldUntil,
    Column::MissingSince,
];

impl After {
    fn of(record: &Edited<'_>) -> Option<After> {
        Some(After {
            account_id: record.get(Column::AccountId).to_owned(),
            establishment: record.get(Column::Establishment).to_owned(),
            role: record.get(Column::Role).to_owned(),
            category: Category::parse(record.get(Column::Category))?,
            state: State::parse(record.get(Column::State))?,
            dates: DATES.map(|column| parse_date(record.get(column))),
            quiet_until: None,
        })
    }

    /// The same account with what its sign-ins say, which no record tells alone.
    fn with_sign_ins(self, tonight: &Tonight<'_>, place: usize) -> After {
        let quiet_until = match (self.category, self.state.is_usable()) {
            (Category::NonMis, true) => Asked::of(tonight, place).quiet_from(tonight),
            _ => None,
        };
        After {
            quiet_until,
            ..self
        }
    }

    /// A night, put off to the end of a hold that still runs then.
    fn after_hold(&self, night: Date) -> Date {
        let [.., hold_until, _] = self.dates;
        hold_until.map_or(night, |until| night.max(plus_days(until, 1)))
    }

    fn due(&self, due_on: Date, kind: Kind) -> Due {
        Due {
            due_on,
            kind,
            establishment: self.establishment.clone(),
            role: self.role.clone(),
            account_id: self.account_id.clone(),
            decision_id: String::new(),
        }
    }

    /// Everything that its own dates bring; a last day is still a day on which the account can be used.
    fn everything(&self, tonight: &Tonight<'_>) -> Vec<Due> {
        let [
            left_on,
            inactive_since,
            grace_until,
            expires_on,
            hold_until,
            missing_since,
        ] = self.dates;
        let day_after = |day: Date| plus_days(day, 1);
        let managed = tonight.params.non_mis.is_some();
        let mut found = Vec::new();
        let mut add = |due_on: Option<Date>, kind| {
            found.extend(due_on.map(|due_on| self.due(due_on, kind)));
        };
        match (self.state, self.category) {
            (State::Inactive, Category::NonMis) if !managed => {}
            (State::Inactive, _) => {
                let from = left_on.or(inactive_since);
                let dates = purge_dates(tonight.params, from, inactive_since, grace_until);
                add(dates.map(|dates| dates.first_night), Kind::Purge);
            }
            (_, Category::NonMis) => {
                let last = [expires_on, self.quiet_until].into_iter().flatten().min();
                add(last.filter(|_| managed).map(day_after), Kind::Expiry);
            }
            (State::Grace, Category::Mis) => add(grace_until.map(day_after), Kind::GraceEnd),
            (State::Active, Category::Mis) => {
                let ahead = hold_until.filter(|until| tonight.as_of <= *until);
                add(ahead.map(day_after), Kind::HoldEnd);
                let release = missing_since.map(|since| release_of_absent(tonight.params, since));
                // While a hold runs nobody is released.
                let release = release.map(|night| self.after_hold(night));
                add(release, Kind::AbsentRelease);
            }
        }
        found
    }
}

/// What falls due within the longest horizon, sorted; `waiting` are the decisions and requests that wait, with the days
/// on which they were made.
pub fn due(
    tonight: &Tonight<'_>,
    policy: &Policy,
    changes: &[Change],
    waiting: &[(String, Date)],
) -> Vec<Due> {
    let accounts = &tonight.snapshot.accounts;
    let planned = Planned::of(changes, accounts.len());
    let of_account = |place: usize| {
        let after = match planned.on(place) {
            Some(change) => timed(accounts, change).map(|after| match change.action {
                Action::Update => after.with_sign_ins(tonight, place),
                // A decision of tonight's counts the days without a sign-in anew.
                _ => after,
            }),
            None if is_timed(tonight, place) => {
                stands(accounts, place).map(|after| after.with_sign_ins(tonight, place))
            }
            None => None,
        };
        let due = after.into_iter().flat_map(|a| a.everything(tonight));
        due.filter(|due| {
            due.kind != Kind::Purge
                || due.within(tonight.as_of).is_none()
                || would_delete(tonight, policy, place, due.due_on)
        })
        .collect::<Vec<Due>>()
    };
    let near = planned.by_place.par_chunks(warm::TOGETHER).enumerate();
    let near = near.flat_map_iter(|(at, near)| {
        let near_changes = near.iter().filter_map(|number| planned.change(*number));
        let fields = near_changes.map(|c| c.fields.touch());
        warm::looked(fields.sum());
        let first = at * warm::TOGETHER;
        (first..first + near.len()).flat_map(&of_account)
    });
    let mut found: Vec<Due> = near.collect();
    let new = planned
        .new
        .values()
        .filter_map(|change| timed(accounts, change));
    found.extend(new.flat_map(|a| a.everything(tonight)));
    found.extend(leavings(tonight, &planned));
    found.extend(waiting.iter().map(|(id, on)| Due {
        due_on: plus_days(*on, tonight.params.decisions.wait_days.saturating_add(1)),
        kind: Kind::DecisionLapse,
        establishment: String::new(),
        role: String::new(),
        account_id: String::new(),
        decision_id: id.clone(),
    }));
    found.retain(|due| due.within(tonight.as_of).is_some());
    found.par_sort_unstable();
    found
}

/// The changes that go ahead.
struct Planned<'a> {
    /// By the place of their account: their own place among all changes and one more, or zero.
    by_place: Vec<u32>,
    changes: &'a [Change],
    /// Those that make one, by whom it is for ([`new_key`]).
    new: HashMap<u128, &'a Change>,
}

impl<'a> Planned<'a> {
    fn of(changes: &'a [Change], accounts: usize) -> Self {
        let mut planned = Planned {
            by_place: vec![0; accounts],
            changes,
            new: HashMap::new(),
        };
        let numbered = (1..).zip(changes);
        for (number, change) in numbered.filter(|(_, c)| c.status == Status::Planned) {
            match change.place {
                Some(place) => planned.by_place[place] = number,
                None => planned.new.extend(new_key(change).map(|key| (key, change))),
            }
        }
        planned
    }

    fn on(&self, place: usize) -> Option<&'a Change> {
        self.change(self.by_place[place])
    }

    fn change(&self, number: u32) -> Option<&'a Change> {
        self.changes.get((number as usize).checked_sub(1)?)
    }
}

/// An account that nothing changes.
fn stands(accounts: &Accounts, place: usize) -> Option<After> {
    After::of(&Edited::of(accounts.cells(place)))
}

/// The account after a change.
fn changed(accounts: &Accounts, change: &Change) -> Option<After> {
    change.after(accounts).as_ref().and_then(After::of)
}

/// The account after a change, where its own dates can bring something; those of nearly everybody on roll cannot.
fn timed(accounts: &Accounts, change: &Change) -> Option<After> {
    let before = change.place.map(|place| accounts.dates(place));
    let before = before.unwrap_or_default();
    let blank = |column, was: Option<Date>| match change.fields.of(column) {
        Some(date) => date.after.is_empty(),
        None => was.is_none(),
    };
    let plain = change.state_after(accounts) == Some(State::Active)
        && change.category == Category::Mis
        && blank(Column::HoldUntil, before.hold_until)
        && blank(Column::MissingSince, before.missing_since);
    if plain {
        None
    } else {
        changed(accounts, change)
    }
}

/// Whether an account has a date that can bring something within the longest horizon; almost none has.
fn is_timed(tonight: &Tonight<'_>, place: usize) -> bool {
    let accounts = &tonight.snapshot.accounts;
    let (account, dates) = (&accounts.list[place], accounts.dates(place));
    let last = plus_days(tonight.as_of, HORIZONS[2]);
    if account.state == State::Inactive {
        let from = dates.left_on.or(dates.inactive_since);
        let (since, grace) = (dates.inactive_since, dates.grace_until);
        return purge_dates(tonight.params, from, since, grace)
            .is_some_and(|dates| dates.first_night <= last);
    }
    account.state == State::Grace
        || account.category == Category::NonMis
        || dates.hold_until.is_some()
        || dates.missing_since.is_some()
}

/// Whether the table deletes an account on a night, as far as tonight's roll tells. A deletion within the longest horizon
/// is of an account that has been inactive for long, so that tonight's plan leaves it as the snapshot has it.
fn would_delete(tonight: &Tonight<'_>, policy: &Policy, place: usize, night: Date) -> bool {
    let account = tonight.snapshot.accounts.list[place];
    if account.category == Category::NonMis {
        return true;
    }
    let key = account.person();
    let key = key.map(|hash| PersonKey(tonight.people.current_hash(hash)));
    let Some(person) = key.and_then(|key| tonight.people.find(key)) else {
        return true;
    };
    let then = Tonight {
        as_of: night,
        selected: tonight.selected.clone(),
        ..*tonight
    };
    let accounts = &tonight.snapshot.accounts.list;
    let own = tonight.people.accounts(&person).iter();
    let own = own.map(|place| *place as usize);
    let newest = own.max_by_key(|place| {
        let account = &accounts[*place];
        (account.state.is_usable(), account.created_on, *place)
    });
    let earlier = newest != Some(place);
    let all = standings(&then, &person);
    let holder = Some(tonight.people.holder[account.establishment as usize]);
    let case = Case {
        person: &person,
        standings: if earlier { &[] } else { &all },
        place: Some(place),
        account: Some(account),
        dates: tonight.snapshot.accounts.dates(place),
        holder,
        earlier,
        choice: choice(&then, &person, holder),
        words: Words::default(),
    };
    let table = match person.kind {
        Register::Learner => &policy.learner,
        Register::Staff => &policy.staff,
    };
    let index = table.index(&case.judge(&then).values);
    table.decide(index).outcome.action() == Some(Action::Purge)
}

/// The last day of a row: its leaving date, or the day on which its school closes and nobody takes over.
fn last_day(tonight: &Tonight<'_>, row: &Enrolment) -> Option<Date> {
    let school = tonight.roll.establishment(row.establishment);
    let closes = school.closed_on.filter(|_| !school.followed);
    [row.leaving, closes].into_iter().flatten().min()
}

/// Whether another row at the same school has its person on roll on the night on which one would be released.
fn goes_on(tonight: &Tonight<'_>, person: &Person, row: &Enrolment, night: Date) -> bool {
    let ahead = plus_days(night, tonight.params.on_roll.start_ahead_days);
    let rows = tonight.people.rows(person).iter();
    rows.map(|place| &tonight.roll.enrolments[*place as usize])
        .any(|other| {
            other.establishment == row.establishment
                && other.status.counts()
                && last_day(tonight, other).is_none_or(|day| night <= day)
                && other.start.is_none_or(|day| day <= ahead)
        })
}

/// Whom a new account is for: the hash of its person, or its own id where it is nobody's on the roll.
fn new_key(change: &Change) -> Option<u128> {
    match change.person_ref() {
        "" => parse_hex128(change.account_id()),
        person_ref => person_hash(person_ref),
    }
}

/// Usable accounts whose row at their own establishment has a last day that has not passed.
fn leavings(tonight: &Tonight<'_>, planned: &Planned<'_>) -> Vec<Due> {
    let rows = tonight.roll.enrolments.par_iter();
    let mut found: Vec<Due> = rows
        .filter_map(|row| Some((row, last_day(tonight, row)?)))
        .filter(|(_, day)| tonight.as_of <= *day)
        .flat_map_iter(|(row, last)| leaving(tonight, planned, row, last))
        .collect();
    found.par_sort_unstable();
    found.dedup();
    found
}

/// The usable accounts of one row with a last day.
fn leaving(tonight: &Tonight<'_>, planned: &Planned<'_>, row: &Enrolment, last: Date) -> Vec<Due> {
    let Some(person) = tonight.people.find(row.person) else {
        return Vec::new();
    };
    let accounts = &tonight.snapshot.accounts;
    let own = tonight.people.accounts(&person).iter();
    let own = own.map(|place| match planned.on(*place as usize) {
        Some(change) => changed(accounts, change),
        None => stands(accounts, *place as usize),
    });
    let new = planned.new.get(&{ row.person.0 });
    let new = new.map(|change| changed(accounts, change));
    let code = &tonight.roll.establishment(row.establishment).code;
    let here = |after: &After| after.state == State::Active && after.establishment == *code;
    let usable: Vec<After> = own.chain(new).flatten().filter(here).collect();
    let counts = || {
        standings(tonight, &person).into_iter().any(|s| {
            s.establishment == row.establishment
                && s.row.leaving == row.leaving
                && s.roll == Roll::OnRoll
        })
    };
    if usable.is_empty() || !counts() {
        return Vec::new();
    }
    let nights = usable
        .iter()
        .map(|after| (after, after.after_hold(plus_days(last, 1))));
    nights
        .filter(|(_, night)| !goes_on(tonight, &person, row, *night))
        .map(|(after, night)| after.due(night, Kind::Leaving))
        .collect()
}
