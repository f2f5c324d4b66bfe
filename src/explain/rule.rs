//! What a decision table makes of one case: its facts, the rule, why no earlier rule matched, and what would change it.

use serde::Serialize;

use crate::policy::table::{Rule, Table};

/// A case, weighed by its table.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// The table and the place of the case in it, as in the `facts` column of `plan.csv`.
    pub facts_index: String,
    /// Every fact that the table asks, in its order.
    pub facts: Vec<Fact>,
    /// The rule that decided.
    pub rule: String,
    /// What it decides: an action, `none` or `impossible`.
    pub outcome: String,
    /// Its reason.
    pub reason: String,
    /// Where it comes from.
    pub source: String,
    /// The rules before it, each with the facts that kept it from matching.
    pub earlier: Vec<Passed>,
    /// The changes of a single fact that would change the outcome.
    pub others: Vec<Other>,
}

/// A fact of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: &'static str,
    /// What the value says, in plain words.
    pub means: &'static str,
}

/// A rule that stands before the one that decided, and did not match.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// The rule.
    pub rule: String,
    /// What it would have decided.
    pub outcome: String,
    /// Each fact that kept it from matching, with the values it asks for.
    pub kept_by: Vec<(&'static str, Vec<&'static str>)>,
}

/// One fact with another value, and what would then be decided.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Other {
    /// The fact.
    pub fact: &'static str,
    /// The other value.
    pub value: &'static str,
    /// What that value says, in plain words.
    pub means: &'static str,
    /// The rule that would decide.
    pub rule: String,
    /// What it would decide.
    pub outcome: String,
}

/// Weighs the case at an index of a table; `None` if the table has no such index.
pub fn weigh(table: &Table, index: u32) -> Option<Weighed> {
    let rule = table.get(index)?;
    let places = table.places(index);
    let facts = table.columns.iter().map(|&column| {
        let def = &table.facts()[column];
        let value = &def.values[usize::from(places[column])];
        Fact {
            name: def.name,
            value: value.name,
            means: value.means,
        }
    });
    let before = table.rules[..table.place(index)].iter();
    Some(Weighed {
        facts_index: format!("{}:{index}", table.kind.as_str()),
        facts: facts.collect(),
        rule: rule.grounds.rule.clone(),
        outcome: rule.outcome.as_str().to_owned(),
        reason: rule.grounds.reason.clone(),
        source: rule.source.clone(),
        earlier: before
            .map(|earlier| passed(table, earlier, &places))
            .collect(),
        others: others(table, rule, &places),
    })
}

fn passed(table: &Table, rule: &Rule, places: &[u8]) -> Passed {
    let cells = table.columns.iter().zip(&rule.cells);
    let kept_by = cells.filter(|&(&column, mask)| mask & (1 << places[column]) == 0);
    let wanted = |(&column, mask): (&usize, &u32)| {
        let def = &table.facts()[column];
        let values = def.values.iter().enumerate();
        let asked = values.filter(|(bit, _)| mask & (1 << bit) != 0);
        (def.name, asked.map(|(_, value)| value.name).collect())
    };
    Passed {
        rule: rule.grounds.rule.clone(),
        outcome: rule.outcome.as_str().to_owned(),
        kept_by: kept_by.map(wanted).collect(),
    }
}

/// Every other value of every fact, where it leads to another outcome of a case that can occur.
fn others(table: &Table, rule: &Rule, places: &[u8]) -> Vec<Other> {
    let mut others = Vec::new();
    for &column in &table.columns {
        let def = &table.facts()[column];
        for (at, value) in def.values.iter().enumerate() {
            let mut changed = places.to_vec();
            changed[column] = at as u8;
            let other = table.decide(table.index(&changed));
            let occurs = other.outcome != crate::policy::table::Outcome::Impossible;
            if occurs && (other.outcome, &other.notice) != (rule.outcome, &rule.notice) {
                others.push(Other {
                    fact: def.name,
                    value: value.name,
                    means: value.means,
                    rule: other.grounds.rule.clone(),
                    outcome: other.outcome.as_str().to_owned(),
                });
            }
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::policy::table::TableKind;

    /// Every case of every shipped table: each earlier rule has a fact that kept it out, the rule that decided has
    /// none, and every change that is offered leads where it says.
    #[test]
    fn the_explanation_of_every_case_agrees_with_its_table() {
        for name in Policy::builtin_names() {
            let policy = Policy::builtin(&name).expect("it ships");
            for kind in TableKind::ALL {
                let table = policy.table(kind);
                // A prime step, so that every fact takes every value without walking 700,000 cases.
                let step = if table.combinations() > 5000 { 97 } else { 1 };
                for index in (0..table.combinations()).step_by(step) {
                    agrees(table, index);
                }
            }
        }
    }

    fn agrees(table: &Table, index: u32) {
        let weighed = weigh(table, index).expect("an index of the table");
        let case = &weighed.facts_index;
        assert!(
            weighed.earlier.iter().all(|rule| !rule.kept_by.is_empty()),
            "{case}"
        );
        let rule = table.decide(index);
        let places = table.places(index);
        assert!(passed(table, rule, &places).kept_by.is_empty(), "{case}");
        for other in &weighed.others {
            let mut changed = places.clone();
            let column = table.columns.iter().copied();
            let column = column
                .clone()
                .find(|c| table.facts()[*c].name == other.fact);
            let column = column.expect("a fact of the table");
            changed[column] = table.facts()[column].value(other.value).expect("a value");
            let decided = table.decide(table.index(&changed));
            assert_eq!(*decided.grounds.rule, *other.rule, "{case}");
            assert_ne!(decided.grounds.rule, rule.grounds.rule, "{case}");
        }
    }

    #[test]
    fn an_index_from_elsewhere_is_no_case() {
        let policy = Policy::builtin("hwb").expect("it ships");
        assert_eq!(weigh(&policy.claim, u32::MAX), None);
    }
}
