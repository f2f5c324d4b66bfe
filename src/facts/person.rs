//! The facts of a person or account.

use super::Tonight;
use super::choice::Choice;
use super::registry::person as f;
use super::standing::{Roll, Standing, rank, text};

use crate::directory::{Account, Column, Dates, SHOWN};
use crate::model::{Cell, Date, EnrolmentStatus, EstId, InactiveReason, State};
use crate::relate::Person;

/// What people decided about one account, as far as facts ask.
#[derive(Clone, Copy, Default, Debug)]
pub struct Words {
    /// A transfer to this establishment was approved.
    pub approved_to: Option<EstId>,
    /// A `not_a_leaver` decision holds until this day.
    pub hold_until: Option<Date>,
    /// A grace period was asked for on this day.
    pub grace_granted_on: Option<Date>,
    /// The account is to be restored with a grace period, decided on this day.
    pub restored_on: Option<Date>,
    /// The account is to be reactivated.
    pub reactivate: bool,
    /// This previous account goes on in place of the person's newer one.
    pub takes_over: bool,
    /// This account gives way to a previous one.
    pub gives_way: bool,
    /// The names shown are to be those of tonight's row.
    pub rename_display: bool,
    /// A new username is to be made of the names of tonight's row.
    pub rename_username: bool,
}

/// One case: a person with the account that is judged, or without one.
pub struct Case<'a> {
    /// The person.
    pub person: &'a Person,
    /// Where they stand.
    pub standings: &'a [Standing<'a>],
    /// Place of the account.
    pub place: Option<usize>,
    /// The account.
    pub account: Option<Account>,
    /// The account's dates; blank without one.
    pub dates: Dates,
    /// The account's establishment tonight, `replaces` followed.
    pub holder: Option<EstId>,
    /// An account of the same key that a newer one follows.
    pub earlier: bool,
    /// The person's choice.
    pub choice: Choice,
    /// What people decided.
    pub words: Words,
}

/// The facts, and what they were read from that effects need.
pub struct Judged<'a> {
    /// One value per fact of the registry.
    pub values: [u8; f::FACTS.len()],
    /// The standing at the holder, when its rows count.
    pub home: Option<Standing<'a>>,
    /// Where the account would go or be made.
    pub target: Option<Standing<'a>>,
    /// The day the person left the holder.
    pub left_on: Option<Date>,
    /// End of the grace period that is running, asked for or corrected.
    pub grace_until: Option<Date>,
    /// End of the calendar window that applies.
    pub window_until: Option<Date>,
    /// Last day of the retention period.
    pub anniversary: Option<Date>,
    /// The roll gives other names than the account has, and names do not follow it (S5).
    pub names_differ: bool,
}

impl<'a> Case<'a> {
    /// Computes every fact.
    pub fn judge(&self, tonight: &Tonight<'a>) -> Judged<'a> {
        let home = self.home(tonight);
        let left_on = self.left_on(tonight, home.as_ref());
        let (elsewhere, target) = self.elsewhere(tonight, home.as_ref());
        let (grace, grace_until) = self.grace(tonight, left_on);
        let (kept, window_until) = self.kept(tonight, home.as_ref(), left_on);
        let (retention, anniversary) = self.retention(tonight, left_on);
        let mut values = [0; f::FACTS.len()];
        values[f::ACCOUNT] = self.account_value();
        values[f::HELD] = u8::from(tonight.is_person_held(self.person.key()));
        values[f::HOME] = self.home_value(tonight, home.as_ref());
        values[f::ELSEWHERE] = elsewhere;
        values[f::OPTED_IN] = self.opted_in(tonight);
        values[f::KEPT] = kept;
        values[f::ABSENCE] = self.absence(tonight);
        values[f::GRACE] = grace;
        values[f::RETENTION] = retention;
        values[f::RETURNED] = self.returned(target.as_ref());
        let mut judged = Judged {
            values,
            home,
            target,
            left_on,
            grace_until,
            window_until,
            anniversary,
            names_differ: false,
        };
        let difference = self.difference(tonight, &judged);
        judged.values[f::DETAILS] = u8::from(self.details_changed(tonight, &judged, difference));
        judged.names_differ = difference.names;
        judged
    }

    fn usable(&self) -> bool {
        self.account.is_some_and(|a| a.state.is_usable())
    }

    fn account_value(&self) -> u8 {
        match self.account {
            None => f::account::NONE,
            Some(a) => match (a.state, a.inactive_reason) {
                (State::Active, _) => f::account::ACTIVE,
                (State::Grace, _) => f::account::GRACE,
                (State::Inactive, Some(InactiveReason::Closed | InactiveReason::Superseded)) => {
                    f::account::RETIRED
                }
                (State::Inactive, _) if self.earlier => f::account::RETIRED,
                (State::Inactive, _) => f::account::INACTIVE,
            },
        }
    }

    fn home(&self, tonight: &Tonight<'a>) -> Option<Standing<'a>> {
        let holder = self.holder?;
        if tonight.is_held(holder) || self.earlier {
            return None;
        }
        self.standings
            .iter()
            .copied()
            .find(|s| s.establishment == holder && s.row.status.counts())
    }

    /// A closed establishment counts as exporting completely with everyone left that day: everyone who had
    /// not left before.
    fn left_on(&self, tonight: &Tonight<'_>, home: Option<&Standing<'_>>) -> Option<Date> {
        let active = self.account.is_some_and(|a| a.state == State::Active);
        match home.map(|h| h.roll) {
            Some(Roll::Left(on)) => Some(on),
            Some(_) => None,
            None => self
                .holder
                .filter(|_| active)
                .and_then(|h| tonight.closed_on(h)),
        }
    }

    fn home_value(&self, tonight: &Tonight<'_>, home: Option<&Standing<'_>>) -> u8 {
        let Some(holder) = self.holder else {
            return f::home::NO_ROW;
        };
        if self.earlier {
            return if tonight.is_held(holder) {
                f::home::UNKNOWN
            } else {
                f::home::NO_ROW
            };
        }
        match home.map(|h| h.roll) {
            _ if tonight.is_held(holder) => f::home::UNKNOWN,
            Some(Roll::Left(_)) => f::home::LEFT,
            Some(Roll::Ahead) => f::home::AHEAD,
            Some(Roll::OnRoll) if home.is_some_and(|h| h.row.complete && !h.row.temporary) => {
                f::home::ON_ROLL
            }
            Some(Roll::OnRoll) => f::home::INCOMPLETE,
            _ if tonight.closed_on(holder).is_some() => f::home::LEFT,
            _ if tonight.has_untold(holder, self.person.kind) => f::home::UNKNOWN,
            _ => f::home::NO_ROW,
        }
    }

    /// The most telling of the other establishments, and the best that can receive.
    fn elsewhere(
        &self,
        tonight: &Tonight<'a>,
        home: Option<&Standing<'a>>,
    ) -> (u8, Option<Standing<'a>>) {
        if self.earlier {
            return (f::elsewhere::NONE, None);
        }
        let others = self
            .standings
            .iter()
            .filter(|s| !self.usable() || Some(s.establishment) != self.holder);
        let valued = others.map(|s| (self.receives(tonight, s), s));
        let ready = valued
            .clone()
            .filter(|(v, _)| *v == f::elsewhere::READY)
            .map(|(_, s)| *s);
        if let Some(to) = self.words.approved_to
            && let Some(target) = ready.clone().find(|s| s.establishment == to)
        {
            return (f::elsewhere::SETTLED, Some(target));
        }
        if let Some(best) = ready.min_by_key(|s| rank(s.row)) {
            let settled = tonight.params.transfers.main_takes_from_subsidiary
                && best.row.status == EnrolmentStatus::Main
                && home.is_some_and(|h| h.on_roll() && h.row.status == EnrolmentStatus::Subsidiary);
            let value = if settled {
                f::elsewhere::SETTLED
            } else {
                f::elsewhere::READY
            };
            return (value, Some(best));
        }
        let order = [
            f::elsewhere::HELD,
            f::elsewhere::AHEAD,
            f::elsewhere::TEMPORARY,
            f::elsewhere::INCOMPLETE,
            f::elsewhere::NOT_SHARED,
            f::elsewhere::INELIGIBLE,
            f::elsewhere::GUEST,
        ];
        let place = |v: u8| order.iter().position(|o| *o == v);
        let found = valued
            .filter_map(|(v, s)| Some((place(v)?, rank(s.row), s)))
            .min_by_key(|(p, r, _)| (*p, *r));
        found.map_or((f::elsewhere::NONE, None), |(p, _, s)| (order[p], Some(*s)))
    }

    /// Whether one establishment could have the account.
    fn receives(&self, tonight: &Tonight<'_>, s: &Standing<'_>) -> u8 {
        let at = s.establishment;
        match s.roll {
            _ if s.is_only_guest() => f::elsewhere::GUEST,
            Roll::Left(_) | Roll::Applied | Roll::Guest => f::elsewhere::NONE,
            Roll::OnRoll | Roll::Ahead if s.held => f::elsewhere::HELD,
            Roll::Ahead if tonight.is_eligible(at) => f::elsewhere::AHEAD,
            Roll::Ahead => f::elsewhere::NONE,
            Roll::OnRoll if !tonight.serves(at) => f::elsewhere::INELIGIBLE,
            Roll::OnRoll if !tonight.shares(at) || self.choice.out => f::elsewhere::NOT_SHARED,
            Roll::OnRoll if s.row.temporary => f::elsewhere::TEMPORARY,
            Roll::OnRoll if !s.row.complete => f::elsewhere::INCOMPLETE,
            Roll::OnRoll => f::elsewhere::READY,
        }
    }

    fn opted_in(&self, tonight: &Tonight<'_>) -> u8 {
        match self.holder.filter(|_| self.usable()) {
            Some(holder) if !tonight.shares(holder) => f::opted_in::NOT_IN,
            Some(_) if self.choice.out => f::opted_in::PERSON_OUT,
            _ => f::opted_in::YES,
        }
    }

    fn returned(&self, target: Option<&Standing<'_>>) -> u8 {
        if self.words.gives_way {
            return f::returned::GIVES_WAY;
        }
        if self.words.takes_over {
            return f::returned::TAKES_OVER;
        }
        let (Some(account), Some(target)) =
            (self.account.filter(|a| a.state == State::Inactive), target)
        else {
            return f::returned::NO;
        };
        if self.earlier || !target.on_roll() {
            return f::returned::NO;
        }
        match (account.inactive_reason, self.dates.left_on) {
            _ if self.words.reactivate => f::returned::DECIDED,
            (Some(InactiveReason::Absent), _) => f::returned::AFTER_ABSENCE,
            (_, Some(left)) if target.row.start.is_some_and(|start| start > left) => {
                f::returned::LATER_START
            }
            _ => f::returned::LEAVING_WITHDRAWN,
        }
    }

    /// How an active account differs from the row that keeps it.
    fn difference(&self, tonight: &Tonight<'_>, judged: &Judged<'_>) -> Difference {
        let active = self.account.is_some_and(|a| a.state == State::Active);
        match (self.place, judged.home.filter(Standing::on_roll)) {
            (Some(place), Some(home)) if active => differs(tonight, place, &home),
            _ => Difference::default(),
        }
    }

    fn details_changed(
        &self,
        tonight: &Tonight<'_>,
        judged: &Judged<'_>,
        difference: Difference,
    ) -> bool {
        let Some(account) = self.account else {
            return false;
        };
        let moved_code = tonight.people.moved[account.establishment as usize];
        let rekeyed = account.person() != self.person.key().map(|k| k.0);
        let identity = (moved_code || rekeyed) && self.person.key().is_some();
        match account.state {
            State::Active => {
                let news = self
                    .place
                    .is_some_and(|place| super::feedback::has_news(tonight, place));
                identity || self.grant_lapsed(tonight, judged.left_on) || difference.details || news
            }
            State::Grace => identity || self.corrected_grace(judged.left_on),
            State::Inactive => {
                identity || self.corrected_left_on(judged.left_on) != self.dates.left_on
            }
        }
    }
}

/// The account columns that follow the roll and what the row says of them; a blank never erases.
pub fn following(tonight: &Tonight<'_>, row: &Standing<'_>, mut follow: impl FnMut(Column, &str)) {
    let mut follow = |column, value: &str| {
        if !value.is_empty() {
            follow(column, value);
        }
    };
    follow(Column::Role, row.row.role.as_str());
    for (column, cell) in [
        (Column::YearGroup, Cell::YearGroup),
        (Column::RegistrationClass, Cell::RegistrationClass),
        (Column::Login, Cell::Login),
    ] {
        follow(column, text(tonight, row.row, cell));
    }
    if tonight.params.names.follow_roll {
        let names = crate::effects::names::account_names(tonight, row.row);
        follow(Column::Surname, names.surname);
        follow(Column::Forename, names.forename);
        let shown = crate::effects::names::display_name(tonight, row.row);
        follow(Column::DisplayName, &shown);
    }
}

/// How an account differs from the row of its holder.
#[derive(Clone, Copy, Default)]
struct Difference {
    /// In something that follows the roll.
    details: bool,
    /// In its names, where those do not follow.
    names: bool,
}

fn differs<'a>(tonight: &Tonight<'a>, place: usize, row: &Standing<'a>) -> Difference {
    let accounts = &tonight.snapshot.accounts;
    let role = accounts.list[place].role;
    accounts.with_shown(place, |cells| {
        let at = |column: Column| cells[column as usize - SHOWN[0] as usize];
        let blank_or_same = |column: Column, value: &str| value.is_empty() || at(column) == value;
        let cell = |column, cell| blank_or_same(column, text(tonight, row.row, cell));
        let names = crate::effects::names::account_names(tonight, row.row);
        let same_names = blank_or_same(Column::Surname, names.surname)
            && blank_or_same(Column::Forename, names.forename);
        let follows = tonight.params.names.follow_roll;
        let same = role == row.row.role
            && cell(Column::YearGroup, Cell::YearGroup)
            && cell(Column::RegistrationClass, Cell::RegistrationClass)
            && cell(Column::Login, Cell::Login);
        let shown = || crate::effects::names::display_name(tonight, row.row);
        Difference {
            details: !same
                || (follows && !(same_names && blank_or_same(Column::DisplayName, &shown()))),
            names: !follows && !same_names,
        }
    })
}
