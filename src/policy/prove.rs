//! The proof that a table may be used: every combination of its facts is looked at when the policy is loaded.
//!
//! A table is refused unless it is total, each of its rules decides something,
//! none of them is unconditional, and the properties of SPEC §13 hold for every
//! combination. A fact that a table does not ask counts as having its neutral
//! value, so a table must ask whatever its platform can make differ:
//! [`REQUIRED`], `opted_in` where the policy has `[consent]`, `grace` where it
//! has `[grace]`. `returned` may be left out, and the columns of a claim's
//! `decision` and `subsidiary` where nobody decides on claims.

mod breaches;
mod coverage;

use std::fmt;

use super::params::Params;
use super::properties::{self, Property};
use super::table::{Table, TableKind};
use super::words::grouped;
use super::{Policy, PolicyError};
use coverage::Survey;
pub use coverage::{REQUIRED, REQUIRED_OF_CLAIMS, REQUIRED_OF_NON_MIS};

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
    let mut faults = coverage::lacking(table, params);
    if !faults.is_empty() {
        return Err(faults);
    }
    faults.extend(coverage::unconditional(table));
    faults.extend(coverage::unmanaged(table, params));
    let survey = Survey::of(table);
    faults.extend(coverage::gaps(table, &survey));
    faults.extend(coverage::hidden(table, &survey));
    if survey.gaps > 0 {
        // A property may look at neighbours, which must have an answer.
        return Err(faults);
    }
    faults.extend(breaches::broken(table));
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

fn combinations(count: u64) -> String {
    if count == 1 {
        "1 combination".to_owned()
    } else {
        format!("{} combinations", grouped(count))
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
