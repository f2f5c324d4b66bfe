//! The proof that a table may be used: every combination of its facts is looked at when the policy is loaded.
//!
//! A table is refused unless it is total, each of its rules decides something,
//! none of them is unconditional, and the properties of SPEC §13 hold for every
//! combination. A fact that a table does not ask counts as having its neutral
//! value, so a table must ask whatever its platform can make differ:
//! [`REQUIRED`], `opted_in` where the policy has `[consent]`, `grace` where it
//! has `[grace]`. `returned` may be left out, and the columns of a claim's
//! `decision` and `subsidiary` where nobody decides on claims.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::compile::any;
use super::params::Params;
use super::properties::{self, Case, Property};
use super::table::{NO_RULE, Outcome, Table, TableKind};
use super::words::{self, grouped};
use super::{Policy, PolicyError};
use crate::facts::registry::{claim, person};

/// The facts that a table for learners or staff must ask.
pub const REQUIRED: [usize; 8] = [
    person::ACCOUNT,
    person::HELD,
    person::HOME,
    person::ELSEWHERE,
    person::KEPT,
    person::ABSENCE,
    person::RETENTION,
    person::DETAILS,
];

/// The facts that a table for claims must ask.
pub const REQUIRED_OF_CLAIMS: [usize; 5] = [
    claim::KNOWN,
    claim::ROW,
    claim::HOLDER,
    claim::SUBSIDIARY,
    claim::CHANGED,
];

/// Decisions after which a claim is settled by somebody.
const CLAIM_DECISIONS: [&str; 3] = ["approve_transfer", "defer_transfer", "decline_transfer"];

/// Indices of bad combinations that are kept to make examples of.
const KEPT_MAX: usize = 4096;

/// What the proof of one table looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The table.
    pub kind: TableKind,
    /// Combinations of its facts.
    pub combinations: u32,
    /// Its rules.
    pub rules: usize,
    /// Combinations that a policy calls impossible.
    pub impossible: u64,
    /// For each property: its number, name and sentence, and the combinations it speaks of.
    pub properties: Vec<(u8, &'static str, &'static str, u64)>,
}

/// What was proved of a whole policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The policy's name.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// One proof per table.
    pub proofs: Vec<Proof>,
}

/// Proves a policy again and says what was looked at.
///
/// # Errors
/// Every fault of every table, with combinations in words.
pub fn check(policy: &Policy) -> Result<Report, PolicyError> {
    let mut proofs = Vec::new();
    let mut faults = Vec::new();
    for kind in TableKind::ALL {
        match prove(policy.table(kind), &policy.params) {
            Ok(proof) => proofs.push(proof),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        Ok(Report {
            name: policy.params.name.clone(),
            digest: policy.digest.clone(),
            proofs,
        })
    } else {
        Err(PolicyError { faults })
    }
}

/// Proves one table, or says everything that is wrong with it.
pub(super) fn prove(table: &Table, params: &Params) -> Result<Proof, Vec<String>> {
    let mut faults = lacking(table, params);
    if !faults.is_empty() {
        return Err(faults);
    }
    faults.extend(unconditional(table));
    let survey = Survey::of(table);
    faults.extend(gaps(table, &survey));
    faults.extend(hidden(table, &survey));
    if survey.gaps > 0 {
        // A property may look at neighbours, which must have an answer.
        return Err(faults);
    }
    faults.extend(broken(table));
    if !faults.is_empty() {
        return Err(faults);
    }
    let speaks = |property: &Property| -> u64 {
        let about =
            |(rule, count): (&super::Rule, &u64)| if (property.about)(rule) { *count } else { 0 };
        table.rules.iter().zip(&survey.decides).map(about).sum()
    };
    Ok(Proof {
        kind: table.kind,
        combinations: table.combinations(),
        rules: table.rules.len(),
        impossible: survey.impossible(table),
        properties: properties::of(table.kind)
            .iter()
            .map(|p| (p.number, p.name, p.says, speaks(p)))
            .collect(),
    })
}

/// Facts that the table must ask and does not, and the reverse.
fn lacking(table: &Table, params: &Params) -> Vec<String> {
    let file = table.kind.file();
    let mut faults = Vec::new();
    let mut must = |place: usize, why: &str| {
        if !table.asks(place) {
            faults.push(format!(
                "{file}: must have the column `{}`{why}",
                table.facts()[place].name
            ));
        }
    };
    if table.kind == TableKind::Claim {
        REQUIRED_OF_CLAIMS.iter().for_each(|place| must(*place, ""));
        if params
            .decisions
            .accepted
            .iter()
            .any(|decision| CLAIM_DECISIONS.contains(&decision.as_str()))
        {
            must(claim::DECISION, ": the platform takes decisions on claims");
        }
        return faults;
    }
    REQUIRED.iter().for_each(|place| must(*place, ""));
    let optional = [
        (person::OPTED_IN, params.consent.is_some(), "[consent]"),
        (person::GRACE, params.grace.is_some(), "[grace]"),
    ];
    for (place, has, section) in optional {
        if has {
            must(place, &format!(": policy.toml has the section {section}"));
        }
    }
    for (place, has, section) in optional {
        if !has && table.asks(place) {
            let name = table.facts()[place].name;
            faults.push(format!(
                "{file}: has the column `{name}`, but policy.toml has no section {section}"
            ));
        }
    }
    faults
}

fn unconditional(table: &Table) -> Vec<String> {
    let sizes: Vec<u32> = table
        .columns
        .iter()
        .map(|place| table.facts()[*place].values.len() as u32)
        .collect();
    table
        .rules
        .iter()
        .filter(|rule| rule.cells.iter().zip(&sizes).all(|(cell, size)| *cell == any(*size)))
        .map(|rule| {
            format!(
                "{}, line {}: rule {} asks nothing, so it would hide what nobody thought of; name the facts it is for",
                table.kind.file(),
                rule.line,
                rule.id
            )
        })
        .collect()
}

/// How many combinations each rule decides, and how many none does.
struct Survey {
    decides: Vec<u64>,
    gaps: u64,
}

impl Survey {
    fn of(table: &Table) -> Self {
        let mut survey = Survey {
            decides: vec![0; table.rules.len()],
            gaps: 0,
        };
        for index in 0..table.combinations() {
            match survey.decides.get_mut(table.place(index)) {
                Some(count) => *count += 1,
                None => survey.gaps += 1,
            }
        }
        survey
    }

    fn impossible(&self, table: &Table) -> u64 {
        let of = table
            .rules
            .iter()
            .zip(&self.decides)
            .filter(|(rule, _)| rule.outcome == Outcome::Impossible);
        of.map(|(_, count)| count).sum()
    }
}

fn gaps(table: &Table, survey: &Survey) -> Option<String> {
    if survey.gaps == 0 {
        return None;
    }
    let gap = |index: u32| table.place(index) == usize::from(NO_RULE);
    let found: Vec<u32> = (0..table.combinations())
        .filter(|index| gap(*index))
        .take(KEPT_MAX)
        .collect();
    Some(format!(
        "{}: no rule for {}; in all {}",
        table.kind.file(),
        words::examples(table, &found, gap).join("; nor for "),
        combinations(survey.gaps)
    ))
}

fn hidden(table: &Table, survey: &Survey) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, rule) in table.rules.iter().enumerate() {
        if survey.decides[place] > 0 {
            continue;
        }
        let mut deciders = BTreeSet::new();
        for index in 0..table.combinations() {
            let values = table.places(index);
            let meant = rule
                .cells
                .iter()
                .zip(&table.columns)
                .all(|(cell, column)| cell >> values[*column] & 1 == 1);
            if meant {
                deciders.insert(table.place(index));
            }
        }
        let by: Vec<&str> = deciders
            .iter()
            .filter_map(|decider| Some(table.rules.get(*decider)?.id.as_str()))
            .collect();
        faults.push(format!(
            "{}, line {}: rule {} never decides anything: {} before it {} all of its combinations",
            table.kind.file(),
            rule.line,
            rule.id,
            by.join(", "),
            if by.len() == 1 { "takes" } else { "take" }
        ));
    }
    faults
}

/// Combinations that break a property, by property and rule.
fn broken(table: &Table) -> Vec<String> {
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
    let mut found: BTreeMap<(usize, usize), (u64, Vec<u32>)> = BTreeMap::new();
    let mut walk = Walk::new(table);
    for index in 0..table.combinations() {
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
        .iter()
        .map(|((bit, place), (count, kept))| breach(table, &properties[*bit], *place, *count, kept))
        .collect()
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
        rule.id,
        property.number,
        property.name,
        rule.outcome.as_str(),
        words::examples(table, kept, bad).join("; and for "),
        combinations(count),
        property.says
    )
}

fn combinations(count: u64) -> String {
    if count == 1 {
        "1 combination".to_owned()
    } else {
        format!("{} combinations", grouped(count))
    }
}

/// Counts through a table's combinations in the order of their index.
struct Walk<'a> {
    table: &'a Table,
    values: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn new(table: &'a Table) -> Self {
        Walk {
            table,
            values: vec![0; table.facts().len()],
        }
    }

    fn next(&mut self) {
        for place in self.table.columns.iter().rev() {
            let value = &mut self.values[*place];
            *value += 1;
            if usize::from(*value) < self.table.facts()[*place].values.len() {
                return;
            }
            *value = 0;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "policy {} ({}) is proved",
            self.name,
            self.digest.get(..8).unwrap_or_default()
        )?;
        for proof in &self.proofs {
            writeln!(
                f,
                "\n{}: {} rules decide {} combinations, {} of them impossible; none without a rule, no rule hidden, none unconditional",
                proof.kind.file(),
                proof.rules,
                grouped(u64::from(proof.combinations)),
                grouped(proof.impossible)
            )?;
            for (number, name, says, count) in &proof.properties {
                writeln!(
                    f,
                    "  property {number} ({name}): held for {}\n    {says}",
                    combinations(*count)
                )?;
            }
        }
        Ok(())
    }
}
