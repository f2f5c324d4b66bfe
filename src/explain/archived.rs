//! Step 4 and 5 of an archived run, from its `plan.csv` and `notices.csv`.

use std::io::Read;

use serde::Deserialize;

use super::{Case, Done, Told, weigh};
use crate::nightly::look::Doubt;
use crate::policy::Policy;
use crate::policy::table::TableKind;

/// A row of an archived `plan.csv`.
#[derive(Debug, Deserialize)]
pub struct PastRow {
    change_id: String,
    action: String,
    rule: String,
    status: String,
    /// The account.
    pub account_id: String,
    /// The person; empty for an account on request.
    pub person_ref: String,
    username: String,
    effective_on: String,
    reason: String,
    facts: String,
    fields: String,
}

/// A row of an archived `notices.csv`, as far as it is shown.
#[derive(Deserialize)]
struct PastNotice {
    code: String,
    account_id: String,
    person_ref: String,
    message: String,
    fix: String,
    owner: String,
}

/// The rows of a plan about whom `named` names: an account's id or username, or a person_ref.
///
/// # Errors
/// When the text is no `plan.csv`; the message repeats no cell.
pub fn past_rows(plan_csv: impl Read, named: &[String]) -> Result<Vec<PastRow>, String> {
    let mut found = Vec::new();
    for row in csv::Reader::from_reader(plan_csv).deserialize::<PastRow>() {
        let row = row.map_err(|e| broken("plan.csv", &e))?;
        let is = |name: &String| {
            *name == row.account_id
                || (!row.person_ref.is_empty() && *name == row.person_ref)
                || (!row.username.is_empty() && name.eq_ignore_ascii_case(&row.username))
        };
        if named.iter().any(is) {
            found.push(row);
        }
    }
    Ok(found)
}

fn broken(file: &str, error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    format!("{file} of the run cannot be read: line {line} is not one that onroll wrote")
}

impl PastRow {
    /// The case behind the row, weighed by the policy that decided it; `None` where that policy has no such case.
    pub fn case(&self, policy: &Policy) -> Option<Case> {
        let (table, index) = self.facts.split_once(':')?;
        let kind = TableKind::ALL.into_iter().find(|k| k.as_str() == table)?;
        Some(Case {
            account_id: self.account_id.clone(),
            claimant: String::new(),
            weighed: weigh(policy.table(kind), index.parse().ok()?)?,
        })
    }

    /// What came of it. `held` names the guards that hold a change.
    pub fn done(&self, held: impl Fn(&str) -> Vec<String>) -> Done {
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.fields).unwrap_or_default();
        let side = |pair: &serde_json::Value, at: usize| {
            let value = pair.get(at).and_then(|v| v.as_str());
            value.unwrap_or_default().to_owned()
        };
        Done {
            change_id: self.change_id.clone(),
            action: self.action.clone(),
            rule: self.rule.clone(),
            status: self.status.clone(),
            held_by: held(&self.change_id),
            account_id: self.account_id.clone(),
            effective_on: self.effective_on.clone(),
            reason: self.reason.clone(),
            fields: fields
                .iter()
                .map(|(name, pair)| (name.clone(), side(pair, 0), side(pair, 1)))
                .collect(),
        }
    }
}

/// A row of an archived `faults.csv`, as far as it is shown.
#[derive(Deserialize)]
struct PastFault {
    code: String,
    file: String,
    row: Option<u64>,
    message: String,
}

/// What a run found wrong with rows.
///
/// # Errors
/// When the text is no `faults.csv`; the message repeats no cell.
pub fn past_doubts(faults_csv: impl Read) -> Result<Vec<Doubt>, String> {
    let mut found = Vec::new();
    for fault in csv::Reader::from_reader(faults_csv).deserialize::<PastFault>() {
        let PastFault {
            code,
            file,
            row,
            message,
        } = fault.map_err(|e| broken("faults.csv", &e))?;
        found.extend(row.map(|row| Doubt {
            file,
            row,
            text: format!("{code}: {message}"),
        }));
    }
    Ok(found)
}

/// The notices of a run about these accounts and people.
///
/// # Errors
/// When the text is no `notices.csv`; the message repeats no cell.
pub fn past_notices(notices_csv: impl Read, named: &[String]) -> Result<Vec<Told>, String> {
    let mut found = Vec::new();
    for notice in csv::Reader::from_reader(notices_csv).deserialize::<PastNotice>() {
        let notice = notice.map_err(|e| broken("notices.csv", &e))?;
        let of = [&notice.account_id, &notice.person_ref];
        if of.iter().any(|id| !id.is_empty() && named.contains(id)) {
            found.push(Told {
                code: notice.code,
                message: notice.message,
                fix: notice.fix,
                owner: notice.owner,
            });
        }
    }
    Ok(found)
}
