//! Causes: removals explained by what they share, so that a plan is judged by its first lines (SPEC §9, §11).
//!
//! 340 releases are nothing to look at one by one, and everything once it is said that 318 of them are at one school
//! that listed 1,204 people and now lists 890. Nothing here holds anything; guards do that.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::directory::{Accounts, Column};
use crate::facts::Tonight;
use crate::facts::standing::{Roll, roll_of};
use crate::guard::Bases;
use crate::model::Action;
use crate::plan::Change;

/// Fewer removals than this, or fewer of them that share something, need no summing up, and few of a kind could tell
/// whose they are (SPEC §7 "Consent").
const FEWEST: u64 = 5;

/// What removals can share, in the order in which it is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trait {
    /// The establishment that loses them.
    Establishment,
    /// The rule that decided.
    Rule,
    /// The date of the cause.
    EffectiveOn,
    /// The year group.
    YearGroup,
}

/// Something that at least half of the removals of an action share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shared {
    /// What kind of thing.
    pub of: Trait,
    /// Its value.
    pub value: String,
    /// How many share it.
    pub count: u64,
}

/// The removals of one action and what they share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cause {
    /// The action's word.
    pub action: &'static str,
    /// How many there are, held ones included.
    pub count: u64,
    /// What at least half of them share; nothing where they have nothing in common.
    pub shared: Vec<Shared>,
    /// Usable accounts before, at the establishment that most of them share.
    pub accounts_there: Option<u64>,
    /// People on its roll tonight.
    pub on_roll_there: Option<u64>,
}

/// Explains the removals of a plan, the most first.
pub fn causes(tonight: &Tonight<'_>, bases: &Bases, changes: &[Change]) -> Vec<Cause> {
    let mut by_action: BTreeMap<Action, Vec<&Change>> = BTreeMap::new();
    let removals = changes.iter().filter(|c| takes_away(c.action));
    for change in removals {
        by_action.entry(change.action).or_default().push(change);
    }
    let many = by_action
        .into_iter()
        .filter(|(_, list)| list.len() as u64 >= FEWEST);
    let mut causes: Vec<Cause> = many
        .map(|(action, list)| one(tonight, bases, action, &list))
        .filter(|cause| !cause.shared.is_empty())
        .collect();
    causes.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.action.cmp(b.action)));
    causes
}

/// Whether an action takes access or an account away.
fn takes_away(action: Action) -> bool {
    action.is_removal() || action == Action::Purge
}

fn one(tonight: &Tonight<'_>, bases: &Bases, action: Action, list: &[&Change]) -> Cause {
    let count = list.len() as u64;
    let of = |of: Trait| {
        most(&tonight.snapshot.accounts, list, of).filter(|shared| shared.count * 2 >= count)
    };
    let establishment = of(Trait::Establishment).filter(|s| stands_out(bases, s, count));
    let told = [Trait::Rule, Trait::EffectiveOn, Trait::YearGroup];
    let shared: Vec<Shared> = establishment
        .iter()
        .cloned()
        .chain(told.into_iter().filter_map(of))
        .collect();
    let there = establishment.map(|s| s.value);
    Cause {
        action: action.as_str(),
        count,
        shared,
        accounts_there: there.as_deref().map(|code| accounts_at(bases, code)),
        on_roll_there: there.as_deref().map(|code| on_roll_at(tonight, code)),
    }
}

/// The value that most of them share.
fn most(accounts: &Accounts, list: &[&Change], of: Trait) -> Option<Shared> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for change in list {
        *counts.entry(value(accounts, change, of)).or_default() += 1;
    }
    counts.remove("");
    // Of equals the first by name, so that the order of rows says nothing.
    let most = counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| *count >= FEWEST);
    most.map(|(value, count)| Shared { of, value, count })
}

fn value(accounts: &Accounts, change: &Change, of: Trait) -> String {
    match of {
        Trait::Establishment if change.from_establishment().is_empty() => {
            change.establishment().to_owned()
        }
        Trait::Establishment => change.from_establishment().to_owned(),
        Trait::Rule => change.rule().to_owned(),
        Trait::EffectiveOn => change.effective_on.to_string(),
        Trait::YearGroup => {
            let after = change.after(accounts);
            after.map_or_else(String::new, |a| a.get(Column::YearGroup).to_owned())
        }
    }
}

/// Whether a school has far more of the removals than of the accounts: in an authority of one school that says nothing.
fn stands_out(bases: &Bases, shared: &Shared, count: u64) -> bool {
    let (here, everywhere) = (
        accounts_at(bases, &shared.value),
        bases.base("release", crate::guard::RUN),
    );
    shared.count * everywhere * 2 >= count * here * 3
}

/// Usable accounts of an establishment before the night.
fn accounts_at(bases: &Bases, code: &str) -> u64 {
    let of_school = bases.all().filter(|(guard, scope, ..)| {
        *guard == "release" && scope.rsplit_once('/').is_some_and(|(at, _)| at == code)
    });
    of_school.map(|(_, _, base, _)| base).sum()
}

/// Rows of an establishment that say tonight that somebody is on roll.
fn on_roll_at(tonight: &Tonight<'_>, code: &str) -> u64 {
    let Some(at) = tonight.roll.establishment_id(code) else {
        return 0;
    };
    let there = tonight.roll.enrolments.iter();
    let there = there.filter(|row| row.establishment == at && row.status.counts());
    let here = there.filter(|row| roll_of(tonight, row) == Roll::OnRoll);
    let elsewhere = tonight.sums.on_roll.get(code);
    here.count() as u64 + elsewhere.copied().unwrap_or(0)
}

impl Cause {
    /// One sentence for people.
    pub fn sentence(&self) -> String {
        let shares = self.shared.iter().map(|shared| self.share(shared));
        format!(
            "{}, {} in all: {}.",
            self.action,
            grouped(self.count),
            shares.collect::<Vec<_>>().join("; ")
        )
    }

    fn share(&self, shared: &Shared) -> String {
        let count = match shared.count {
            all if all == self.count => "all".to_owned(),
            some => grouped(some),
        };
        let value = &shared.value;
        match shared.of {
            Trait::Establishment => {
                let before = self.accounts_there.unwrap_or_default();
                let now = self.on_roll_there.unwrap_or_default();
                format!(
                    "{count} are at {value}, which had {} usable accounts and has {} on roll tonight",
                    grouped(before),
                    grouped(now)
                )
            }
            Trait::Rule => format!("{count} are by rule {value}"),
            Trait::EffectiveOn => format!("{count} date from {value}"),
            Trait::YearGroup => format!("{count} are in year group {value}"),
        }
    }
}

/// A number with its thousands set apart: 1,204.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_one_sentence_with_readable_numbers() {
        let shared = |of, value: &str, count| Shared {
            of,
            value: value.to_owned(),
            count,
        };
        let cause = Cause {
            action: "release",
            count: 1340,
            shared: vec![
                shared(Trait::Establishment, "6982106", 1318),
                shared(Trait::EffectiveOn, "2026-07-20", 1340),
            ],
            accounts_there: Some(1_002_204),
            on_roll_there: Some(890),
        };
        assert_eq!(
            cause.sentence(),
            "release, 1,340 in all: 1,318 are at 6982106, which had 1,002,204 usable accounts and has 890 on roll tonight; all date from 2026-07-20."
        );
    }
}
