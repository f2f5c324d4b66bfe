//! What came of a damaged night, beside the undamaged one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{Action, Severity};
use crate::nightly::{Night, Refused};
use crate::plan::{Plan, Status};

/// The night as it is: what it does anyway is no harm of a damage.
pub struct Baseline {
    planned: BTreeSet<(Action, String)>,
    tripped: BTreeSet<String>,
    held: BTreeSet<String>,
    rejected: BTreeMap<&'static str, u64>,
}

/// What stood in the way.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fired {
    /// Faults that refused the night.
    pub refused: BTreeSet<&'static str>,
    /// Holds of the gate: the reason, and how many establishments.
    pub held: BTreeMap<&'static str, u64>,
    /// Guards that tripped.
    pub guards: Vec<String>,
    /// Changes that those hold.
    pub held_changes: u64,
    /// Rows rejected besides, by the fault's code.
    pub rejected: BTreeMap<&'static str, u64>,
}

/// How a damage ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Something stood in its way, and nobody lost or got an account by it.
    Stopped,
    /// Nothing stood in its way, and nobody lost or got an account by it that night.
    Harmless,
    /// Somebody lost or got an account by it.
    LetThrough,
}

/// A damaged night.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// What stood in its way.
    pub fired: Fired,
    /// Accounts that would have been taken away or deleted by it.
    pub taken: u64,
    /// Accounts that would have been made by it.
    pub made: u64,
    /// Whether that is as it should be.
    pub verdict: Verdict,
}

fn takes(action: Action) -> bool {
    action.is_removal() || action == Action::Purge
}

impl Baseline {
    /// The undamaged night.
    pub fn of(plan: &Plan) -> Baseline {
        let tripped = plan.guards.iter().filter(|guard| guard.tripped);
        Baseline {
            planned: planned(plan),
            tripped: tripped.map(|guard| guard.id.clone()).collect(),
            held: plan.held.iter().map(|held| held.code.clone()).collect(),
            rejected: rejected(plan),
        }
    }

    /// Accounts that the undamaged night takes away or deletes, and those it makes.
    pub fn counts(&self) -> (u64, u64) {
        let taken = self.planned.iter().filter(|(action, _)| takes(*action));
        let taken = taken.count() as u64;
        (taken, self.planned.len() as u64 - taken)
    }

    /// A damaged night beside it.
    pub fn measure(&self, night: &Night) -> Measured {
        match night {
            Night::Refused(refused) => refusal(refused),
            Night::Decided(decided) => self.decided(&decided.plan),
        }
    }

    fn decided(&self, plan: &Plan) -> Measured {
        let mut fired = Fired::default();
        for held in plan.held.iter().filter(|h| !self.held.contains(&h.code)) {
            *fired.held.entry(held.reason.code()).or_default() += 1;
        }
        for guard in plan
            .guards
            .iter()
            .filter(|g| g.tripped && !self.tripped.contains(&g.id))
        {
            fired.guards.push(guard.id.clone());
        }
        let held = plan
            .changes
            .iter()
            .filter(|c| c.held_by.iter().any(|id| fired.guards.contains(id)));
        fired.held_changes = held.count() as u64;
        for (code, count) in rejected(plan) {
            let before = self.rejected.get(code).copied().unwrap_or(0);
            if count > before {
                fired.rejected.insert(code, count - before);
            }
        }
        let after = planned(plan);
        let more: Vec<Action> = after
            .difference(&self.planned)
            .map(|(action, _)| *action)
            .collect();
        let taken = more.iter().filter(|action| takes(**action)).count() as u64;
        let made = more.len() as u64 - taken;
        let stood =
            !fired.held.is_empty() || !fired.guards.is_empty() || !fired.rejected.is_empty();
        let verdict = match (taken + made, stood) {
            (0, true) => Verdict::Stopped,
            (0, false) => Verdict::Harmless,
            _ => Verdict::LetThrough,
        };
        Measured {
            fired,
            taken,
            made,
            verdict,
        }
    }
}

fn refusal(refused: &Refused) -> Measured {
    let faults = refused.faults.iter();
    let codes = faults
        .filter(|f| f.severity == Severity::Refuse)
        .map(|f| f.code);
    Measured {
        fired: Fired {
            refused: codes.collect(),
            ..Fired::default()
        },
        taken: 0,
        made: 0,
        verdict: Verdict::Stopped,
    }
}

/// What takes an account away, deletes or makes one, and goes ahead.
fn planned(plan: &Plan) -> BTreeSet<(Action, String)> {
    let changes = plan.changes.iter();
    let weighs = |action: Action| takes(action) || action == Action::Create;
    changes
        .filter(|c| c.status == Status::Planned && weighs(c.action))
        .map(|c| (c.action, c.account_id().to_owned()))
        .collect()
}

fn rejected(plan: &Plan) -> BTreeMap<&'static str, u64> {
    let mut rejected = BTreeMap::new();
    let faults = plan.faults.iter();
    for fault in faults.filter(|f| f.severity == Severity::Reject) {
        *rejected.entry(fault.code).or_default() += 1;
    }
    rejected
}
