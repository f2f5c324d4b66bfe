//! The limits in force on a day: the policy's, or those of a window of the year.

use super::RUN;
use crate::calendar::DayOfYear;
use crate::model::Date;
use crate::policy::params::{Budget, GuardWindow, Guards, Limit};

/// The limits of one day.
#[derive(Debug)]
pub struct Limits<'a> {
    guards: &'a Guards,
    windows: Vec<&'a GuardWindow>,
}

/// The largest number that does not trip: the larger of a share of the base and a count.
pub fn limit_value(limit: Limit, base: u64) -> u64 {
    (base * u64::from(limit.percent) / 100).max(u64::from(limit.count))
}

/// A scope in which nobody was before is not measured against itself; the whole run is, but for new accounts.
fn is_measured(guard: &str, scope: &str, base: u64) -> bool {
    base > 0 || (scope == RUN && guard != "create")
}

impl<'a> Limits<'a> {
    /// The limits of an as-of.
    pub fn of(guards: &'a Guards, as_of: Date) -> Self {
        let open = |window: &&GuardWindow| match (
            DayOfYear::parse(&window.from),
            DayOfYear::parse(&window.until),
        ) {
            (Some(from), Some(until)) => from.spans(until, as_of),
            _ => false,
        };
        Limits {
            guards,
            windows: guards.window.iter().filter(open).collect(),
        }
    }

    /// The largest value a guard lets through in a scope, and the window it comes from;
    /// `None` when the scope is not measured: nobody was there before.
    pub fn limit(&self, guard: &str, scope: &str, base: u64) -> Option<(u64, String)> {
        if guard == "everyone" {
            // No establishment may lose everyone of a role, where there were two or more (SPEC §9).
            return (base >= 2).then(|| (base - 1, String::new()));
        }
        if !is_measured(guard, scope, base) {
            return None;
        }
        let (limit, name) = self.in_force(guard, self.ordinary(guard))?;
        if guard == "opt_out" {
            // Trips when both the number and the share are reached.
            let share = (base * u64::from(limit.percent)).div_ceil(100);
            return Some((share.max(u64::from(limit.count)).saturating_sub(1), name));
        }
        Some((limit_value(limit, base), name))
    }

    /// The same for a budget, `<guard>_<days>d`, with its ordinary limit.
    pub fn of_budget(
        &self,
        guard: &str,
        scope: &str,
        ordinary: Limit,
        base: u64,
    ) -> Option<(u64, String)> {
        let is_create = guard.starts_with("create_");
        if !is_measured(if is_create { "create" } else { guard }, scope, base) {
            return None;
        }
        let (limit, name) = self.in_force(guard, Some(ordinary))?;
        Some((limit_value(limit, base), name))
    }

    /// The budgets of the policy.
    pub fn budgets(&self) -> &'a [Budget] {
        &self.guards.budget
    }

    /// The limit of an open window, else the ordinary one.
    fn in_force(&self, guard: &str, ordinary: Option<Limit>) -> Option<(Limit, String)> {
        let mut windows = self.windows.iter();
        let window = windows.find_map(|w| Some((*w.limits.get(guard)?, w.name.clone())));
        window.or(ordinary.map(|limit| (limit, String::new())))
    }

    fn ordinary(&self, guard: &str) -> Option<Limit> {
        Some(match guard {
            "release" => self.guards.release,
            "absence" => self.guards.absence,
            "withdraw" => self.guards.withdraw,
            "opt_out" => self.guards.opt_out,
            "purge" => self.guards.purge,
            "create" => self.guards.create,
            "transfer" => self.guards.transfer,
            _ => return None,
        })
    }
}
