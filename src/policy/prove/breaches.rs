//! Combinations for which a rule decides something that a property of SPEC §13 forbids.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::{KEPT_MAX, combinations};
use crate::policy::properties::{self, Case, Property};
use crate::policy::table::{Outcome, Table};
use crate::policy::words;

/// Combinations that one thread looks at in a row.
const PART: u32 = 1 << 15;
/// Combinations that break a property, by property and rule: how many, and the first of them.
type Found = BTreeMap<(usize, usize), (u64, Vec<u32>)>;

pub(super) fn broken(table: &Table) -> Vec<String> {
    let properties = properties::of(table.kind);
    let concerned: Vec<u32> = table
        .rules
        .iter()
        .map(|rule| {
            let about = |p: &Property| rule.outcome != Outcome::Impossible && (p.about)(rule);
            properties
                .iter()
                .enumerate()
                .filter(|(_, p)| about(p))
                .fold(0, |set, (bit, _)| set | 1 << bit)
        })
        .collect();
    let parts: Vec<Found> = (0..table.combinations())
        .step_by(PART as usize)
        .collect::<Vec<u32>>()
        .into_par_iter()
        .map(|begin| {
            broken_in(
                table,
                properties,
                &concerned,
                begin..table.combinations().min(begin + PART),
            )
        })
        .collect();
    let mut found = Found::new();
    for (key, (count, kept)) in parts.into_iter().flatten() {
        let all = found.entry(key).or_default();
        all.0 += count;
        all.1.extend(kept);
        all.1.truncate(KEPT_MAX);
    }
    found
        .iter()
        .map(|((bit, place), (count, kept))| breach(table, &properties[*bit], *place, *count, kept))
        .collect()
}

/// `concerned` has, for each rule, the properties that speak of it, one bit each.
fn broken_in(table: &Table, properties: &[Property], concerned: &[u32], part: Range<u32>) -> Found {
    let mut found = Found::new();
    let mut walk = Walk::new(table, part.start);
    for index in part {
        let place = table.place(index);
        let case = Case {
            table,
            values: &walk.values,
            rule: &table.rules[place],
        };
        let mut rest = concerned[place];
        while rest != 0 {
            let bit = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            if !(properties[bit].holds)(&case) {
                let (count, kept) = found.entry((bit, place)).or_default();
                *count += 1;
                if kept.len() < KEPT_MAX {
                    kept.push(index);
                }
            }
        }
        walk.next();
    }
    found
}

fn breach(table: &Table, property: &Property, place: usize, count: u64, kept: &[u32]) -> String {
    let rule = &table.rules[place];
    let bad = |index: u32| {
        table.place(index) == place
            && !(property.holds)(&Case {
                table,
                values: &table.places(index),
                rule: &table.rules[place],
            })
    };
    format!(
        "{}, line {}: rule {} breaks property {} ({}): it decides {} for {}; in all {}. {}",
        table.kind.file(),
        rule.line,
        rule.grounds.rule,
        property.number,
        property.name,
        rule.outcome.as_str(),
        words::examples(table, kept, bad).join("; and for "),
        combinations(count),
        property.says
    )
}

/// Counts through a table's combinations in the order of their index.
struct Walk {
    /// Places of the columns in the registry and their last values, the fastest first.
    columns: Vec<(usize, u8)>,
    values: Vec<u8>,
}

impl Walk {
    fn new(table: &Table, begin: u32) -> Self {
        let last = |place: &usize| (*place, table.facts()[*place].values.len() as u8 - 1);
        Walk {
            columns: table.columns.iter().rev().map(last).collect(),
            values: table.places(begin),
        }
    }

    fn next(&mut self) {
        for (place, last) in &self.columns {
            let value = &mut self.values[*place];
            if *value < *last {
                *value += 1;
                return;
            }
            *value = 0;
        }
    }
}
