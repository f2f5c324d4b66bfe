//! What a guard counts where, and what it is measured against.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{GUARDS, RUN, loser};
use crate::directory::Account;
use crate::facts::Tonight;
use crate::model::{Action, Role};
use crate::plan::Change;

/// Where a guard counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Where<'a> {
    /// In the whole run.
    Run,
    /// At an establishment.
    Establishment(&'a str),
    /// Among the accounts of a role at an establishment.
    Register(&'a str, Role),
}

impl std::fmt::Display for Where<'_> {
    /// `run`, an establishment code, or `<establishment>/<role>`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Where::Run => f.write_str(RUN),
            Where::Establishment(code) => f.write_str(code),
            Where::Register(code, role) => write!(f, "{code}/{role}"),
        }
    }
}

/// A guard and where it counts, before it has a name.
pub type Counts<'a> = (&'static str, Where<'a>);

/// The guards that count a change, and where: the guard of its action there and in the whole run, and that of everyone.
pub fn of<'a>(tonight: &Tonight<'a>, change: &'a Change) -> [Option<Counts<'a>>; 3] {
    if change.guard.is_empty() {
        return [None; 3];
    }
    let (code, role) = match change.guard {
        "create" => (change.establishment(), change.role),
        _ => loser(tonight, change),
    };
    let takes_away = matches!(change.action, Action::Release | Action::Withdraw)
        || (change.action == Action::Transfer && !change.from_establishment().is_empty());
    let everyone = ("everyone", Where::Register(code, role));
    let everyone = takes_away.then_some(everyone);
    match change.guard {
        guard @ "opt_out" => [Some((guard, Where::Establishment(code))), None, everyone],
        guard => [
            Some((guard, Where::Register(code, role))),
            Some((guard, Where::Run)),
            everyone,
        ],
    }
}

/// The bases of a night: accounts at the first run of its as-of, and what was applied since.
#[derive(Debug, Default)]
pub struct Bases {
    base: BTreeMap<(&'static str, String), u64>,
    applied: BTreeMap<(&'static str, String), u64>,
}

impl Bases {
    /// What a guard's share is measured against in a scope.
    pub fn base(&self, guard: &'static str, scope: &str) -> u64 {
        self.base
            .get(&(guard, scope.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// What was applied earlier for the same as-of.
    pub fn applied(&self, guard: &'static str, scope: &str) -> u64 {
        self.applied
            .get(&(guard, scope.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// Every guard and scope with its base.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str, u64)> {
        self.base
            .iter()
            .map(|((guard, scope), base)| (*guard, scope.as_str(), *base))
    }
}

/// The bases of tonight: from the history when this as-of has been run before, else counted now.
pub fn bases(tonight: &Tonight<'_>) -> Bases {
    let mut bases = Bases::default();
    let today: Vec<_> = tonight
        .snapshot
        .guard_history
        .iter()
        .filter(|row| row.as_of == tonight.as_of)
        .collect();
    if !today.is_empty() {
        for row in today {
            if let Some(guard) = GUARDS.iter().find(|g| **g == row.action) {
                bases.base.insert((guard, row.scope.clone()), row.base);
                bases
                    .applied
                    .insert((guard, row.scope.clone()), row.applied);
            }
        }
        return bases;
    }
    let roles = Role::ALL;
    for (at, (usable, inactive)) in tally(tonight).into_iter().enumerate() {
        if usable + inactive == 0 {
            continue;
        }
        let (holder, role) = (at / roles.len(), at % roles.len());
        let code = code(tonight, holder);
        let role = roles[role];
        let local = format!("{code}/{role}");
        let mut add = |guard: &'static str, scope: String, base: u64| {
            *bases.base.entry((guard, scope)).or_default() += base
        };
        for guard in GUARDS {
            let base = if guard == "purge" {
                usable + inactive
            } else {
                usable
            };
            match guard {
                "opt_out" => add(guard, code.to_owned(), base),
                _ => add(guard, local.clone(), base),
            }
            if !matches!(guard, "opt_out" | "everyone") {
                add(guard, RUN.to_owned(), base);
            }
        }
    }
    bases
        .base
        .retain(|(_, scope), base| *base > 0 || scope == RUN);
    for guard in GUARDS
        .iter()
        .filter(|g| !matches!(**g, "opt_out" | "everyone"))
    {
        // Written even when nobody was there, so that a second run of the day knows it is not the first.
        bases.base.entry((guard, RUN.to_owned())).or_insert(0);
    }
    bases
}

/// The code of a place among tonight's establishments; blank behind the last, where nobody's school is known.
fn code<'a>(tonight: &Tonight<'a>, place: usize) -> &'a str {
    let establishment = tonight.roll.establishments.get(place);
    establishment.map_or("", |e| e.code.as_str())
}

/// Accounts that are worth a tally of their own.
const MANY: usize = 1 << 16;

/// Usable and inactive accounts by establishment and role; those of an organisation stand behind the last establishment.
fn tally(tonight: &Tonight<'_>) -> Vec<(u64, u64)> {
    let roles = Role::ALL;
    let nowhere = tonight.roll.establishments.len();
    let none = || vec![(0u64, 0u64); (nowhere + 1) * roles.len()];
    let count = |mut tally: Vec<(u64, u64)>, account: &Account| {
        let holder = tonight.people.holder[account.establishment as usize];
        let at = holder.index().min(nowhere);
        let counts = &mut tally[at * roles.len() + account.role as usize];
        if account.state.is_usable() {
            counts.0 += 1
        } else {
            counts.1 += 1
        }
        tally
    };
    let sum = |mut tally: Vec<(u64, u64)>, other: Vec<(u64, u64)>| {
        for (counts, more) in tally.iter_mut().zip(other) {
            *counts = (counts.0 + more.0, counts.1 + more.1);
        }
        tally
    };
    let list = tonight.snapshot.accounts.list.par_iter();
    let list = list.with_min_len(MANY);
    let mut tally = list.fold(none, count).reduce(none, sum);
    for (code, by_role) in &tonight.sums.accounts {
        let holder = tonight.roll.establishment_id(code);
        let at = holder.map_or(nowhere, |holder| holder.index());
        for (role, [usable, inactive]) in by_role.iter().enumerate() {
            let counts = &mut tally[at * roles.len() + role];
            counts.0 += usable;
            counts.1 += inactive;
        }
    }
    tally
}
