//! The facts that count days: holds, absence, grace and retention.

use super::Tonight;
use super::person::Case;
use super::registry::person as f;
use super::standing::{Standing, text};
use crate::calendar::{DayOfYear, plus_days, plus_months};
use crate::directory::Dates;
use crate::model::{Cell, Date, InactiveReason, State};
use crate::policy::params::Params;

impl Case<'_> {
    pub(super) fn kept(
        &self,
        tonight: &Tonight<'_>,
        home: Option<&Standing<'_>>,
        left_on: Option<Date>,
    ) -> (u8, Option<Date>) {
        let Some(account) = self.account.filter(|a| a.state.is_usable()) else {
            return (f::kept::NO, None);
        };
        let window = (account.state == State::Active)
            .then(|| self.window(tonight, home?, left_on?))
            .flatten();
        if window.is_some() && self.dates.hold_until == window {
            return (f::kept::WINDOW, window);
        }
        let held = self.dates.hold_until.max(self.words.hold_until);
        if held.is_some_and(|until| tonight.as_of <= until) {
            return (f::kept::DECIDED, None);
        }
        (
            if window.is_some() {
                f::kept::WINDOW_OPENS
            } else {
                f::kept::NO
            },
            window,
        )
    }

    /// The end of the calendar window in which this leaver stays active.
    fn window(&self, tonight: &Tonight<'_>, home: &Standing<'_>, left_on: Date) -> Option<Date> {
        let year_group = text(tonight, home.row, Cell::YearGroup);
        tonight.params.calendar_hold.iter().find_map(|hold| {
            let year = chrono::Datelike::year(&left_on);
            let after = DayOfYear::parse(&hold.leaving_after)?.in_year(year);
            let until = DayOfYear::parse(&hold.until)?.in_year(year);
            let applies = hold.year_groups.iter().any(|y| y == year_group)
                && left_on > after
                && tonight.as_of <= until;
            applies.then_some(until)
        })
    }

    pub(super) fn absence(&self, tonight: &Tonight<'_>) -> u8 {
        let (Some(since), Some(holder)) = (self.dates.missing_since, self.holder) else {
            return f::absence::NONE;
        };
        if tonight.as_of >= release_of_absent(tonight.params, since) {
            return f::absence::DUE;
        }
        let exported = tonight
            .roll
            .establishments
            .get(holder.index())
            .and_then(|e| e.export.as_ref());
        if exported.is_some_and(|e| e.exported_on > since) {
            f::absence::AGAIN
        } else {
            f::absence::MARKED
        }
    }

    pub(super) fn grace(&self, tonight: &Tonight<'_>, left_on: Option<Date>) -> (u8, Option<Date>) {
        let (Some(grace), Some(account)) = (&tonight.params.grace, self.account) else {
            return (f::grace::NONE, None);
        };
        let passed = |until: Date| tonight.as_of > until;
        match account.state {
            State::Active => {
                let Some(granted) = self.granted_on() else {
                    return (f::grace::NONE, None);
                };
                let Some(left) = left_on else {
                    return (f::grace::GRANTED, None);
                };
                if left > plus_months(granted, grace.grant_months) {
                    return (f::grace::NONE, None);
                }
                let until = plus_days(left, grace.days);
                (
                    if passed(until) {
                        f::grace::OVER
                    } else {
                        f::grace::GRANTED
                    },
                    Some(until),
                )
            }
            State::Grace => {
                let follows = self.grace_follows() && self.dates.left_on.is_some();
                let corrected = left_on
                    .filter(|_| follows)
                    .map(|left| plus_days(left, grace.days));
                let until = corrected.or(self.dates.grace_until);
                let over = until.is_none_or(passed);
                (
                    if over {
                        f::grace::OVER
                    } else {
                        f::grace::RUNNING
                    },
                    until,
                )
            }
            State::Inactive => match self.words.restored_on {
                Some(on) => (f::grace::GRANTED, Some(plus_days(on, grace.days))),
                None => (f::grace::NONE, None),
            },
        }
    }

    /// When the grace period in force was asked for: tonight's word renews an earlier one.
    pub fn granted_on(&self) -> Option<Date> {
        self.words.grace_granted_on.or(self.dates.grace_granted_on)
    }

    /// Whether a grant of an active account has gone unused for too long.
    pub fn grant_lapsed(&self, tonight: &Tonight<'_>, left_on: Option<Date>) -> bool {
        let (Some(grace), Some(granted)) = (&tonight.params.grace, self.granted_on()) else {
            return false;
        };
        let last = plus_months(granted, grace.grant_months);
        self.account.is_some_and(|a| a.state == State::Active)
            && tonight.as_of > last
            && left_on.is_none_or(|left| left > last)
    }

    /// Whether the leaving date that a grace period was counted from has been corrected.
    pub fn corrected_grace(&self, left_on: Option<Date>) -> bool {
        self.account.is_some_and(|a| {
            a.state == State::Grace
                && self.grace_follows()
                && left_on.is_some()
                && left_on != self.dates.left_on
        })
    }

    /// Whether the grace period is counted from the leaving date: it was asked for no later.
    fn grace_follows(&self) -> bool {
        self.dates.grace_granted_on <= self.dates.left_on
    }

    /// The leaving date an inactive account has after tonight: it follows its row to a later day only.
    pub fn corrected_left_on(&self, left_on: Option<Date>) -> Option<Date> {
        let account = self.account?;
        let follows = account.inactive_reason == Some(InactiveReason::Left) && !self.earlier;
        match (self.dates.left_on, left_on) {
            (Some(old), Some(new)) if follows && new > old => Some(new),
            (old, _) => old,
        }
    }

    pub(super) fn retention(
        &self,
        tonight: &Tonight<'_>,
        left_on: Option<Date>,
    ) -> (u8, Option<Date>) {
        let Some(account) = self.account else {
            return (f::retention::RUNNING, None);
        };
        let corrected = self.corrected_left_on(left_on);
        let from = corrected.or(self.dates.inactive_since);
        retention_of(tonight, account.state, &self.dates, from)
    }
}

/// How long an account must still be kept, and the last day of that: `from` is the day it is counted from, unless a
/// grace period ended later.
pub fn retention_of(
    tonight: &Tonight<'_>,
    state: State,
    dates: &Dates,
    from: Option<Date>,
) -> (u8, Option<Date>) {
    if state != State::Inactive {
        return (f::retention::RUNNING, None);
    }
    let dates = purge_dates(
        tonight.params,
        from,
        dates.inactive_since,
        dates.grace_until,
    );
    let Some(dates) = dates else {
        return (f::retention::RUNNING, None);
    };
    let value = if tonight.as_of <= dates.anniversary {
        f::retention::RUNNING
    } else if tonight.as_of < dates.first_night {
        f::retention::WAITING
    } else {
        f::retention::OVER
    };
    (value, Some(dates.anniversary))
}

/// When an inactive account may be deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PurgeDates {
    /// Last day of the retention period, still in time for a return.
    pub anniversary: Date,
    /// The first night on which it can be deleted: it must have been inactive for some days too.
    pub first_night: Date,
}

/// Retention is counted from a day, unless a grace period ended later (SPEC §7).
pub fn purge_dates(
    params: &Params,
    from: Option<Date>,
    inactive_since: Option<Date>,
    grace_until: Option<Date>,
) -> Option<PurgeDates> {
    let from = from.into_iter().chain(grace_until).max()?;
    let anniversary = plus_months(from, params.retention.months);
    let since = inactive_since.unwrap_or(from);
    let first_night =
        plus_days(anniversary, 1).max(plus_days(since, params.retention.inactive_days_min));
    Some(PurgeDates {
        anniversary,
        first_night,
    })
}

/// The night on which somebody who is missing from the exports is released.
pub fn release_of_absent(params: &Params, missing_since: Date) -> Date {
    plus_days(missing_since, params.absence.release_days)
}
