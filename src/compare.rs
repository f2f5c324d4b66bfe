//! Two policies over the same night: which decisions differ, and how.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::{Change, Plan};

/// What a policy makes of one account or person: the action, the rule that decided it, and whether it goes ahead.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Decision {
    /// The action; `none` where the plan has no row.
    pub action: &'static str,
    /// The rule; blank where the plan has no row.
    pub rule: String,
    /// `planned`, `held` or `blocked`; blank where the plan has no row.
    pub status: &'static str,
}

impl Decision {
    const NONE: Decision = Decision {
        action: "none",
        rule: String::new(),
        status: "",
    };

    fn of(change: &Change) -> Decision {
        Decision {
            action: change.action.as_str(),
            rule: change.rule().to_owned(),
            status: change.status.as_str(),
        }
    }
}

/// One account that two policies decide differently.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Difference {
    /// The account's id: the same for an account that both would make.
    pub account_id: String,
    /// Its person; blank for an account on request.
    pub person_ref: String,
    /// What the first policy decides.
    pub first: Decision,
    /// What the second decides.
    pub second: Decision,
    /// Fields that only one of them changes, or to another value.
    pub fields: Vec<String>,
}

/// Every account that two plans of one night decide differently, sorted by its id.
pub fn differences(first: &Plan, second: &Plan) -> Vec<Difference> {
    let (first, second) = (by_account(first), by_account(second));
    let mut accounts: Vec<&str> = first.keys().chain(second.keys()).copied().collect();
    accounts.sort_unstable();
    accounts.dedup();
    let difference = |account: &str| {
        let (one, other) = (first.get(account), second.get(account));
        let change = one.or(other)?;
        let decision = |side: Option<&&Change>| side.map_or(Decision::NONE, |c| Decision::of(c));
        let (before, after) = (decision(one), decision(other));
        let fields = fields(one, other);
        (before != after || !fields.is_empty()).then(|| Difference {
            account_id: account.to_owned(),
            person_ref: change.person_ref().to_owned(),
            first: before,
            second: after,
            fields,
        })
    };
    accounts.into_iter().filter_map(difference).collect()
}

fn by_account(plan: &Plan) -> BTreeMap<&str, &Change> {
    let changes = plan.changes.iter();
    changes.map(|c| (c.account_id(), c)).collect()
}

/// The names of fields that differ, where both change the account.
fn fields(one: Option<&&Change>, other: Option<&&Change>) -> Vec<String> {
    let (Some(one), Some(other)) = (one, other) else {
        return Vec::new();
    };
    let values = |change: &Change| -> BTreeMap<String, String> {
        let fields = change.fields.iter();
        let owned = fields.map(|f| (f.name.to_owned(), f.after.to_owned()));
        owned.collect()
    };
    let (one, other) = (values(one), values(other));
    let mut names: Vec<String> = one.keys().chain(other.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| one.get(name) != other.get(name));
    names
}

/// How many accounts differ in each way: decision of the first policy, decision of the second.
pub fn ways(differences: &[Difference]) -> BTreeMap<(&Decision, &Decision), u64> {
    let mut ways = BTreeMap::new();
    for difference in differences {
        *ways
            .entry((&difference.first, &difference.second))
            .or_default() += 1;
    }
    ways
}
