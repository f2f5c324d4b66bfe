//! Stage 7: how much one plan may change. What trips is held; the rest goes on.

mod budgets;
mod limits;
mod scopes;

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::directory::GuardRow;
use crate::facts::Tonight;
use crate::model::{Action, Category, Role};
use crate::plan::{Change, GuardReading, Status};

use budgets::{Nightly, Spent};
pub use limits::{Limits, limit_value};
pub use scopes::{Bases, bases};
use scopes::{Counts, Where};

/// The guards by name, in the order reports show them.
pub const GUARDS: [&str; 8] = [
    "release", "absence", "withdraw", "opt_out", "transfer", "create", "purge", "everyone",
];

/// The scope of the whole run.
pub const RUN: &str = "run";

/// Days for which the history remembers what was applied.
pub const HISTORY_DAYS: u32 = 30;

/// Measures every guard and holds what trips.
///
/// Approved changes are let through and not counted. What was applied earlier for the same as-of counts,
/// so that running twice a day doubles nothing.
#[must_use = "a plan that was not judged must not be applied"]
pub fn judge(
    tonight: &Tonight<'_>,
    bases: &Bases,
    changes: &mut [Change],
    counted: &Counted,
    approved: &BTreeSet<String>,
) -> Vec<GuardReading> {
    let limits = Limits::of(&tonight.params.guards, tonight.as_of);
    if !approved.is_empty() {
        changes
            .par_iter_mut()
            .for_each(|change| change.approved = approved.contains(change.change_id()));
    }
    let mut counts = vec![Vec::new(); counted.scopes.len()];
    for (at, scopes) in counted.of.iter().filter(|(at, _)| !changes[*at].approved) {
        for scope in scopes.iter().flatten() {
            counts[*scope as usize].push(*at);
        }
    }
    let spent = Spent::before(tonight.as_of, &tonight.snapshot.guard_history);
    let mut readings = Vec::new();
    for ((guard, scope), members) in counted.scopes.iter().zip(counts) {
        // Where all that a guard counts was approved there is nothing to measure, but for the whole run.
        if members.is_empty() && scope != RUN {
            continue;
        }
        let of_tonight = measure(&limits, &spent, bases, (guard, scope), members.len());
        for reading in of_tonight {
            let tripped = reading.value > reading.limit && !members.is_empty();
            if tripped {
                for &at in &members {
                    changes[at].status = Status::Held;
                    changes[at].held_by.push(reading.id.clone());
                }
            }
            let held = if tripped { members.len() as u64 } else { 0 };
            readings.push(GuardReading {
                tripped,
                held,
                ..reading
            });
        }
    }
    block_dependents(changes);
    readings.sort_by_key(|r| {
        let place = (place(&r.guard), r.guard.clone());
        (!r.tripped, place, r.scope != RUN, r.scope.clone())
    });
    readings
}

/// A guard and where it counts.
type Scope = (&'static str, String);

/// Which guards count which changes, and where.
pub struct Counted {
    /// Sorted; those of the whole run are always among them.
    scopes: Vec<Scope>,
    /// The places of changes that guards count, with the places of their scopes.
    of: Vec<(usize, [Option<u32>; 3])>,
}

/// Says which guards count which changes, and where.
pub fn counted(tonight: &Tonight<'_>, changes: &[Change]) -> Counted {
    let guarded = changes.par_iter().enumerate();
    let guarded = guarded.filter(|(_, change)| !change.guard.is_empty());
    let guarded: Vec<_> = guarded
        .map(|(at, change)| (at, scopes::of(tonight, change)))
        .collect();
    let of_run = GUARDS
        .into_iter()
        .filter(|guard| !matches!(*guard, "everyone" | "opt_out"))
        .map(|guard| (guard, Where::Run));
    let each = guarded.par_iter().flat_map_iter(|(_, scopes)| scopes);
    let each = each.flatten_iter().copied();
    let sets = each.fold(HashSet::new, |mut set, counts: Counts<'_>| {
        set.insert(counts);
        set
    });
    let mut distinct = sets.reduce(HashSet::new, |mut set, other| {
        set.extend(other);
        set
    });
    distinct.extend(of_run);
    let name = |counts: &Counts<'_>| (counts.0, counts.1.to_string());
    let scopes: BTreeSet<Scope> = distinct.iter().map(name).collect();
    let scopes: Vec<Scope> = scopes.into_iter().collect();
    // By what it is called: whatever has one name is one scope.
    let place = |counts: &Counts<'_>| scopes.binary_search(&name(counts)).ok();
    let places = distinct.into_iter();
    let places: HashMap<Counts<'_>, u32> = places
        .filter_map(|counts| Some((counts, place(&counts)? as u32)))
        .collect();
    let place = |counts: Option<Counts<'_>>| places.get(&counts?).copied();
    let of = guarded.par_iter();
    let of = of.map(|(at, scopes)| (*at, scopes.map(place))).collect();
    Counted { scopes, of }
}

/// A guard in one scope, and the budgets of the same name.
fn measure(
    limits: &Limits<'_>,
    spent: &Spent<'_>,
    bases: &Bases,
    (guard, scope): (&'static str, &str),
    members: usize,
) -> Vec<GuardReading> {
    let base = bases.base(guard, scope);
    let Some((limit, window)) = limits.limit(guard, scope, base) else {
        return Vec::new();
    };
    let applied = bases.applied(guard, scope);
    let value = members as u64 + applied;
    let reading = |guard: String, value, limit, base, window| GuardReading {
        id: format!("{guard}@{scope}"),
        guard,
        scope: scope.to_owned(),
        value,
        limit,
        base,
        tripped: false,
        held: 0,
        window,
    };
    let night = Nightly {
        guard,
        scope,
        // What the guard itself holds tonight is not spent.
        value: if value > limit { applied } else { value },
        limit,
        base,
    };
    let mut readings = vec![reading(guard.to_owned(), value, limit, base, window)];
    let budgets = limits.budgets().iter();
    let measured = budgets.filter_map(|budget| spent.measure(limits, budget, &night));
    readings.extend(measured.map(|m| reading(m.guard, m.value, m.limit, m.base, m.window)));
    readings
}

fn place(guard: &str) -> usize {
    GUARDS
        .iter()
        .position(|g| *g == guard)
        .unwrap_or(GUARDS.len())
}

/// The earlier account of a person is purged only once the newer one that follows it is really made.
fn block_dependents(changes: &mut [Change]) {
    let held: BTreeSet<String> = changes
        .par_iter()
        .filter(|c| c.action == Action::Create && c.status == Status::Held)
        .map(|c| c.person_ref().to_owned())
        .collect();
    if held.is_empty() {
        return;
    }
    changes.par_iter_mut().for_each(|change| {
        let follows = change.action == Action::Purge && change.category == Category::Mis;
        if follows
            && change.status == Status::Planned
            && held.contains(change.person_ref())
            && !change.person_ref().is_empty()
        {
            change.status = Status::Blocked;
        }
    });
}

/// The guard history after a run: the bases of this as-of, and what was applied in the last 30 days.
pub fn history(
    tonight: &Tonight<'_>,
    bases: &Bases,
    changes: &[Change],
    counted: &Counted,
) -> Vec<GuardRow> {
    let mut applied = vec![0; counted.scopes.len()];
    let counts = |change: &Change| change.status == Status::Planned && !change.approved;
    for (_, scopes) in counted.of.iter().filter(|(at, _)| counts(&changes[*at])) {
        for scope in scopes.iter().flatten() {
            applied[*scope as usize] += 1;
        }
    }
    let oldest = tonight.as_of - chrono::Days::new(u64::from(HISTORY_DAYS));
    let mut rows: Vec<GuardRow> = tonight
        .snapshot
        .guard_history
        .iter()
        .filter(|row| row.as_of < tonight.as_of && row.as_of >= oldest)
        .filter(|row| row.applied > 0 || row.scope == RUN)
        .cloned()
        .collect();
    for (guard, scope, base, before) in bases.all() {
        let known = counted.scopes.binary_search_by(|(other, at)| {
            let other = (*other, at.as_str());
            other.cmp(&(guard, scope))
        });
        let now = known.map_or(0, |at| applied[at]);
        rows.push(GuardRow {
            as_of: tonight.as_of,
            scope: scope.to_owned(),
            action: guard.to_owned(),
            base,
            applied: before + now,
        });
    }
    rows.sort_by(|a, b| (a.as_of, &a.scope, &a.action).cmp(&(b.as_of, &b.scope, &b.action)));
    rows
}

/// Where a change takes something away: the establishment and role before it.
fn loser<'a>(tonight: &Tonight<'a>, change: &'a Change) -> (&'a str, Role) {
    let accounts = &tonight.snapshot.accounts;
    match change.place {
        Some(place) => {
            let account = &accounts.list[place];
            let holder = tonight.people.holder[account.establishment as usize];
            let holder = tonight.roll.establishments.get(holder.index());
            (holder.map_or("", |e| e.code.as_str()), account.role)
        }
        None => (change.establishment(), change.role),
    }
}
