//! `plan.json`: what the plan was made from, its counts and its guards, for machines.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{About, ApprovalUsed};
use crate::causes::Cause;
use crate::model::{Action, Date};
use crate::plan::{GroupPlan, Plan, Status};
use crate::readiness::year_groups_moved;

/// Grows when a key changes its meaning or goes.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Head<'a> {
    format: u32,
    as_of: Date,
    policy: Named<'a>,
    tool: Tool,
    inputs: &'a BTreeMap<String, String>,
    snapshot: &'a str,
    approvals: &'a [ApprovalUsed],
    plan: &'a str,
    counts: BTreeMap<&'static str, Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<BTreeMap<&'static str, u64>>,
    numbers: &'a BTreeMap<String, u64>,
    /// Learners that move to another year group, by establishment: what readiness adds up over the summer.
    year_groups_moved: BTreeMap<&'a str, u64>,
    causes: &'a [Cause],
    guards: Vec<Guard<'a>>,
    establishments_counted: usize,
    held_establishments: Vec<Held<'a>>,
    applyable: bool,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Changes of one action.
#[derive(Serialize, Default)]
struct Counts {
    planned: u64,
    held: u64,
    blocked: u64,
}

#[derive(Serialize)]
struct Guard<'a> {
    id: &'a str,
    value: u64,
    limit: u64,
    base: u64,
    headroom: u64,
    tripped: bool,
    held: u64,
    window: Option<&'a str>,
}

#[derive(Serialize)]
struct Held<'a> {
    establishment: &'a str,
    reason: &'static str,
    message: &'a str,
    approvable: bool,
}

/// Whether applying the plan would change anything but the date: a planned row, a group, a choice or a ledger entry.
pub fn is_applyable(plan: &Plan) -> bool {
    let quiet = &plan.quiet;
    let has_groups = |groups: &GroupPlan| !groups.changes.is_empty();
    plan.changes.iter().any(|c| c.status == Status::Planned)
        || plan.groups.as_ref().is_some_and(has_groups)
        || !(quiet.consents_set.is_empty()
            && quiet.consents_gone.is_empty()
            && quiet.ledger.is_empty())
}

/// The bytes of `plan.json`: indented, keys in one fixed order, every action with its counts.
pub fn plan_json(plan: &Plan, about: &About) -> Vec<u8> {
    let head = Head {
        format: FORMAT,
        as_of: plan.as_of,
        policy: Named {
            name: &about.policy,
            digest: &about.policy_digest,
        },
        tool: Tool {
            name: "onroll",
            version: env!("CARGO_PKG_VERSION"),
        },
        inputs: &about.inputs,
        snapshot: &about.snapshot_digest,
        approvals: &about.approvals,
        plan: &about.plan_digest,
        counts: counts(plan),
        groups: plan.groups.as_ref().map(GroupPlan::counts),
        numbers: &plan.counts,
        year_groups_moved: year_groups_moved(&plan.changes),
        causes: &plan.causes,
        guards: guards(plan),
        establishments_counted: plan.establishments_counted,
        held_establishments: held(plan),
        applyable: is_applyable(plan),
    };
    let mut bytes =
        serde_json::to_vec_pretty(&head).expect("text keys and plain values always serialise");
    bytes.push(b'\n');
    bytes
}

fn counts(plan: &Plan) -> BTreeMap<&'static str, Counts> {
    let mut counts: BTreeMap<&str, Counts> = Action::ALL
        .iter()
        .map(|a| (a.as_str(), Counts::default()))
        .collect();
    for change in &plan.changes {
        let count = counts.entry(change.action.as_str()).or_default();
        match change.status {
            Status::Planned => count.planned += 1,
            Status::Held => count.held += 1,
            Status::Blocked => count.blocked += 1,
        }
    }
    counts
}

fn guards(plan: &Plan) -> Vec<Guard<'_>> {
    plan.guards
        .iter()
        .map(|g| Guard {
            id: &g.id,
            value: g.value,
            limit: g.limit,
            base: g.base,
            headroom: g.headroom(),
            tripped: g.tripped,
            held: g.held,
            window: (!g.window.is_empty()).then_some(g.window.as_str()),
        })
        .collect()
}

fn held(plan: &Plan) -> Vec<Held<'_>> {
    plan.held
        .iter()
        .map(|h| Held {
            establishment: &h.code,
            reason: h.reason.code(),
            message: &h.message,
            approvable: h.approvable,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change, empty_plan, guard};
    use super::*;

    #[test]
    fn a_held_plan_counts_what_is_held_and_is_not_applyable() {
        let mut plan = empty_plan();
        plan.changes = vec![change(Action::Release, "S1", "a1")];
        assert!(is_applyable(&plan));
        plan.changes[0].status = Status::Held;
        plan.guards = vec![guard("release@S1/learner", 9, 4)];
        let json: serde_json::Value =
            serde_json::from_slice(&plan_json(&plan, &About::default())).unwrap();
        assert_eq!(json["counts"]["release"]["held"], 1);
        assert_eq!(json["counts"]["purge"]["planned"], 0);
        assert_eq!(json["guards"][0]["headroom"], 0);
        assert_eq!(json["applyable"], false);
    }
}
