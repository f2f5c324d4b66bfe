//! Whether a table asks what it must, answers everything, and has no rule in vain.

use std::collections::BTreeSet;

use super::{KEPT_MAX, combinations};
use crate::facts::registry::{claim, non_mis, person};
use crate::policy::compile::any;
use crate::policy::params::Params;
use crate::policy::table::{NO_RULE, Outcome, Table, TableKind};
use crate::policy::words;

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

/// The facts that the table for accounts that people ask for must ask where the platform has such accounts.
pub const REQUIRED_OF_NON_MIS: [usize; 8] = [
    non_mis::ACCOUNT,
    non_mis::REQUEST,
    non_mis::SCHOOL,
    non_mis::EXPIRY,
    non_mis::CLOSES,
    non_mis::DECISION,
    non_mis::RETENTION,
    non_mis::DETAILS,
];

/// Decisions after which a claim is settled by somebody.
const CLAIM_DECISIONS: [&str; 3] = ["approve_transfer", "defer_transfer", "decline_transfer"];
/// Facts that the table must ask and does not, and the reverse.
pub(super) fn lacking(table: &Table, params: &Params) -> Vec<String> {
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
    if table.kind == TableKind::NonMis {
        lacking_of_non_mis(params, &mut must);
        return faults;
    }
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
    let joins = |word: &String| word == "keep_previous_account";
    if table.kind == TableKind::Staff && params.decisions.accepted.iter().any(joins) {
        must(
            person::RETURNED,
            ": the platform takes keep_previous_account",
        );
    }
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

/// What a table for accounts that people ask for lacks: where a platform has none, it only says so.
fn lacking_of_non_mis(params: &Params, must: &mut impl FnMut(usize, &str)) {
    let Some(own) = &params.non_mis else {
        must(non_mis::ACCOUNT, "");
        must(non_mis::REQUEST, "");
        return;
    };
    REQUIRED_OF_NON_MIS
        .iter()
        .for_each(|place| must(*place, ""));
    if own.sign_in_days.is_some() {
        must(
            non_mis::SIGN_IN,
            ": policy.toml asks for a sign-in (non_mis.sign_in_days)",
        );
    }
}

/// Where a platform manages no accounts that people ask for, its table changes none.
pub(super) fn unmanaged(table: &Table, params: &Params) -> Vec<String> {
    if table.kind != TableKind::NonMis || params.non_mis.is_some() {
        return Vec::new();
    }
    let acts = table.rules.iter().filter(|r| r.outcome.action().is_some());
    acts.map(|rule| {
        format!(
            "{}, line {}: rule {} changes an account, but policy.toml has no section [non_mis]",
            table.kind.file(),
            rule.line,
            rule.grounds.rule
        )
    })
    .collect()
}

pub(super) fn unconditional(table: &Table) -> Vec<String> {
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
                rule.grounds.rule
            )
        })
        .collect()
}

/// How many combinations each rule decides, and how many none does.
pub(super) struct Survey {
    /// By the place of the rule.
    pub(super) decides: Vec<u64>,
    /// Combinations that no rule decides.
    pub(super) gaps: u64,
}

impl Survey {
    pub(super) fn of(table: &Table) -> Self {
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

    pub(super) fn impossible(&self, table: &Table) -> u64 {
        let of = table
            .rules
            .iter()
            .zip(&self.decides)
            .filter(|(rule, _)| rule.outcome == Outcome::Impossible);
        of.map(|(_, count)| count).sum()
    }
}

pub(super) fn gaps(table: &Table, survey: &Survey) -> Option<String> {
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

pub(super) fn hidden(table: &Table, survey: &Survey) -> Vec<String> {
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
            .filter_map(|decider| Some(&*table.rules.get(*decider)?.grounds.rule))
            .collect();
        faults.push(format!(
            "{}, line {}: rule {} never decides anything: {} before it {} all of its combinations",
            table.kind.file(),
            rule.line,
            rule.grounds.rule,
            by.join(", "),
            if by.len() == 1 { "takes" } else { "take" }
        ));
    }
    faults
}
