//! What a guard counts where, and what it is measured against.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{GUARDS, RUN, loser, place};
use crate::directory::Account;
use crate::facts::Tonight;
use crate::model::{Action, Role};
use crate::plan::Change;
use crate::rounds::share;

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
    /// By scope: what each of [`GUARDS`] has there; none where it has no say.
    scopes: BTreeMap<String, [Option<Base>; GUARDS.len()]>,
}

/// What one guard has in one scope.
#[derive(Clone, Copy, Debug)]
struct Base {
    base: u64,
    applied: u64,
}

impl Bases {
    /// What a guard's share is measured against in a scope.
    pub fn base(&self, guard: &str, scope: &str) -> u64 {
        self.of(guard, scope).map_or(0, |of| of.base)
    }

    /// What was applied earlier for the same as-of.
    pub fn applied(&self, guard: &str, scope: &str) -> u64 {
        self.of(guard, scope).map_or(0, |of| of.applied)
    }

    fn of(&self, guard: &str, scope: &str) -> Option<Base> {
        self.scopes.get(scope)?.get(place(guard)).copied()?
    }

    /// Adds to the bases of those guards that count in a scope.
    fn add(&mut self, scope: Where<'_>, counts: fn(&str) -> bool, base: impl Fn(&str) -> u64) {
        let of = self.scopes.entry(scope.to_string()).or_default();
        let counting = GUARDS
            .into_iter()
            .zip(of)
            .filter(|(guard, _)| counts(guard));
        for (guard, of) in counting {
            let nothing = Base {
                base: 0,
                applied: 0,
            };
            of.get_or_insert(nothing).base += base(guard);
        }
    }

    /// Every guard and scope with its base, and what was applied.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str, u64, u64)> {
        let scopes = self.scopes.iter();
        scopes.flat_map(|(scope, of)| {
            let each = GUARDS.into_iter().zip(of);
            each.filter_map(|(guard, of)| of.map(|of| (guard, scope.as_str(), of.base, of.applied)))
        })
    }
}

/// The bases of tonight: from the history when this as-of has been run before, else counted now.
pub fn bases(tonight: &Tonight<'_>) -> Bases {
    let history = tonight.snapshot.guard_history.iter();
    let mut today = history.filter(|row| row.as_of == tonight.as_of).peekable();
    if today.peek().is_none() {
        return counted(tonight);
    }
    let mut bases = Bases::default();
    for row in today {
        let (base, applied) = (row.base, row.applied);
        let of = bases.scopes.entry(row.scope.clone()).or_default();
        if let Some(of) = of.get_mut(place(&row.action)) {
            *of = Some(Base { base, applied });
        }
    }
    bases
}

/// The bases as the directory has them, of which nothing was applied yet.
fn counted(tonight: &Tonight<'_>) -> Bases {
    let mut bases = Bases::default();
    let roles = Role::ALL;
    // In the whole run even where nobody is, so that a second run of the day knows it is not the first.
    bases.add(Where::Run, is_of_run, |_| 0);
    for (at, (usable, inactive)) in tally(tonight).into_iter().enumerate() {
        let (code, role) = (code(tonight, at / roles.len()), roles[at % roles.len()]);
        let base = |guard: &str| match guard {
            "purge" => usable + inactive,
            _ => usable,
        };
        if base("purge") > 0 {
            bases.add(Where::Run, is_of_run, base);
            bases.add(
                Where::Register(code, role),
                |guard| guard != "opt_out",
                base,
            );
            bases.add(Where::Establishment(code), |guard| guard == "opt_out", base);
        }
    }
    let local = bases.scopes.iter_mut().filter(|(scope, _)| *scope != RUN);
    local
        .flat_map(|(_, of)| of)
        .for_each(|of| *of = of.filter(|of| of.base > 0));
    bases
}

/// Whether a guard counts in the whole run too.
fn is_of_run(guard: &str) -> bool {
    !matches!(guard, "opt_out" | "everyone")
}

/// The code of a place among tonight's establishments; blank behind the last, where nobody's school is known.
fn code<'a>(tonight: &Tonight<'a>, place: usize) -> &'a str {
    let establishment = tonight.roll.establishments.get(place);
    establishment.map_or("", |e| e.code.as_str())
}

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
    let list = &tonight.snapshot.accounts.list;
    let list = list.par_iter().with_min_len(share(list.len()));
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
