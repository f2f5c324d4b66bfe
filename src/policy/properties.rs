//! The safety properties of SPEC §13 that a decision table can keep or break, as predicates over facts and outcome.
//!
//! Each is asked for every combination that a rule decides, except those a
//! policy calls impossible: a case that meets one is held with a fault.

use super::table::{Outcome, Rule, Table, TableKind};
use crate::facts::registry::person as f;
use crate::model::Action;

/// A property named like the function that says whether it holds.
macro_rules! property {
    ($number:literal $name:ident about $about:expr; $says:literal) => {
        Property {
            number: $number,
            name: stringify!($name),
            says: $says,
            about: $about,
            holds: $name,
        }
    };
}

mod claims;
mod non_mis;
mod people;

/// A combination and the rule that decides it.
pub struct Case<'a> {
    /// The table.
    pub table: &'a Table,
    /// The place of each fact's value, in registry order; facts that the table does not ask have their neutral value.
    pub values: &'a [u8],
    /// The deciding rule.
    pub rule: &'a Rule,
}

impl Case<'_> {
    /// Whether a fact has one of these values.
    #[inline]
    fn is(&self, fact: usize, values: &[u8]) -> bool {
        values.contains(&self.values[fact])
    }

    /// Whether the rule decides this action.
    fn does(&self, action: Action) -> bool {
        self.rule.outcome == Outcome::Action(action)
    }

    /// What is decided where one fact has another value and all else is equal.
    fn outcome_with(&self, fact: usize, value: u8) -> Outcome {
        let strides = self.table.strides();
        let index = self.table.index(self.values) - strides[fact] * u32::from(self.values[fact])
            + strides[fact] * u32::from(value);
        self.table.decide(index).outcome
    }

    fn usable_before(&self) -> bool {
        self.is(f::ACCOUNT, &[f::account::ACTIVE, f::account::GRACE])
    }

    /// Tonight's rows of the person, and the export of the account's own establishment, can be relied on.
    fn roll_is_known(&self) -> bool {
        self.is(f::HELD, &[f::held::NO]) && !self.is(f::HOME, &[f::home::UNKNOWN])
    }

    /// Another establishment can receive the account.
    fn can_move(&self) -> bool {
        self.is(f::ELSEWHERE, &[f::elsewhere::READY, f::elsewhere::SETTLED])
    }
}

/// A property: of what it speaks, and whether it holds there.
pub struct Property {
    /// Its number in SPEC §13.
    pub number: u8,
    /// A short name, `snake_case`.
    pub name: &'static str,
    /// One plain sentence.
    pub says: &'static str,
    /// Whether it speaks of what such a rule decides.
    pub about: fn(&Rule) -> bool,
    /// Whether it holds for a combination.
    pub holds: fn(&Case<'_>) -> bool,
}

/// The properties that a table of this kind must keep.
pub fn of(kind: TableKind) -> &'static [Property] {
    match kind {
        TableKind::Learner | TableKind::Staff => people::PROPERTIES,
        TableKind::Claim => claims::PROPERTIES,
        TableKind::NonMis => non_mis::PROPERTIES,
    }
}

fn decides(rule: &Rule, actions: &[Action]) -> bool {
    rule.outcome
        .action()
        .is_some_and(|action| actions.contains(&action))
}

fn anything(rule: &Rule) -> bool {
    rule.outcome != Outcome::Impossible
}
