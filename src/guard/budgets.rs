//! What nights together may change: a slow bleed stays below every night's limit and empties a school in a week.

use std::collections::BTreeMap;

use super::Limits;
use crate::directory::GuardRow;
use crate::model::Date;
use crate::policy::params::Budget;

/// What was applied on earlier days, by guard and scope, in the order of the days.
#[derive(Debug)]
pub struct Spent<'a> {
    as_of: Date,
    days: BTreeMap<(&'a str, &'a str), Vec<&'a GuardRow>>,
}

/// A budget against what it has to bear tonight.
pub struct Measured {
    /// `<guard>_<days>d`.
    pub guard: String,
    /// Tonight's changes, and what was applied in its days before.
    pub value: u64,
    /// The largest value that does not trip.
    pub limit: u64,
    /// Accounts before the first of the changes it counts.
    pub base: u64,
    /// The window of the year that sets its limit; blank for none.
    pub window: String,
}

/// Tonight, as the ordinary guard of the same name and scope measured it.
pub struct Nightly<'a> {
    /// Its name.
    pub guard: &'a str,
    /// Its scope.
    pub scope: &'a str,
    /// What it lets through, with earlier runs of the day.
    pub value: u64,
    /// What it allows.
    pub limit: u64,
    /// What it measures against.
    pub base: u64,
}

impl<'a> Spent<'a> {
    /// What the history says of the days before an as-of.
    pub fn before(as_of: Date, history: &'a [GuardRow]) -> Self {
        let mut days: BTreeMap<(&str, &str), Vec<&GuardRow>> = BTreeMap::new();
        for row in history {
            if row.as_of < as_of && row.applied > 0 {
                let key = (row.action.as_str(), row.scope.as_str());
                days.entry(key).or_default().push(row);
            }
        }
        for rows in days.values_mut() {
            rows.sort_by_key(|row| row.as_of);
        }
        Spent { as_of, days }
    }

    /// One budget in one scope; `None` where the policy sets none, nothing can be measured, or one school's days before
    /// were quiet: its ordinary guard then says all there is to say.
    pub fn measure(
        &self,
        limits: &Limits<'_>,
        budget: &Budget,
        night: &Nightly<'_>,
    ) -> Option<Measured> {
        let days = u64::from(budget.days).saturating_sub(1);
        let first = self.as_of.checked_sub_days(chrono::Days::new(days))?;
        let rows = self.days.get(&(night.guard, night.scope));
        let mut rows = rows
            .into_iter()
            .flatten()
            .filter(|row| row.as_of >= first)
            .peekable();
        if rows.peek().is_none() && night.scope != super::RUN {
            return None;
        }
        // The oldest base: a bleed shrinks the base that it would be measured against.
        let base = rows.peek().map_or(night.base, |row| row.base);
        let before: u64 = rows.map(|row| row.applied).sum();
        let guard = budget.name(night.guard);
        let ordinary = budget.limits.get(night.guard).copied()?;
        let (limit, window) = limits.of_budget(&guard, night.scope, ordinary, base)?;
        Some(Measured {
            value: before + night.value,
            // A window that allows more in one night allows it in the days around it.
            limit: limit.max(night.limit),
            guard,
            base,
            window,
        })
    }
}
