//! What the page shows of one establishment when somebody chooses it: counts, guards, notices, faults, readiness.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::About;
use super::super::tally::{action_count, guard_numbers, notice_count};
use super::text;
use crate::model::Action;
use crate::plan::{Change, Plan};

/// The establishments that a change is counted at.
fn places(change: &Change) -> [&str; 2] {
    [change.establishment(), change.from_establishment()]
}

#[derive(Default)]
struct School<'a> {
    changes: BTreeMap<Action, [u64; 3]>,
    guards: Vec<Value>,
    notices: BTreeMap<(&'a str, &'a str, &'a str), u64>,
    faults: BTreeMap<(&'a str, &'a str), u64>,
    hold: Option<String>,
    open: Vec<Value>,
}

/// Every establishment about which there is something to say, by its code.
pub fn of(plan: &Plan, about: &About) -> Value {
    let mut schools: BTreeMap<&str, School> = BTreeMap::new();
    // Changes stand by action and establishment.
    let alike = |a: &Change, b: &Change| (a.action, places(a)) == (b.action, places(b));
    for run in plan.changes.chunk_by(alike) {
        for code in places(&run[0]).into_iter().filter(|code| !code.is_empty()) {
            let school = schools.entry(code).or_default();
            let counts = school.changes.entry(run[0].action).or_default();
            run.iter()
                .for_each(|change| counts[change.status as usize] += 1);
        }
    }
    for guard in &plan.guards {
        let code = guard.scope.split('/').next().unwrap_or_default();
        // A guard of the whole run stands in the summary; only what measured something is worth a line here.
        if guard.scope != crate::guard::RUN && (guard.value > 0 || guard.tripped) {
            let (value, headroom) = guard_numbers(guard);
            let held = match value.starts_with('<') && guard.held > 0 {
                true => value.clone(),
                false => guard.held.to_string(),
            };
            let line = json!([
                text(&guard.id),
                value,
                guard.limit.to_string(),
                headroom,
                held
            ]);
            schools.entry(code).or_default().guards.push(line);
        }
    }
    for notice in plan.notices.iter().filter(|n| !n.office_only) {
        let key = (
            notice.code.as_str(),
            notice.owner.as_str(),
            notice.fix.as_str(),
        );
        let school = schools.entry(&notice.establishment).or_default();
        *school.notices.entry(key).or_default() += 1;
    }
    for fault in &plan.faults {
        let school = schools.entry(&fault.establishment).or_default();
        *school
            .faults
            .entry((fault.severity.as_str(), fault.code))
            .or_default() += 1;
    }
    for held in &plan.held {
        schools.entry(&held.code).or_default().hold = Some(text(&held.message));
    }
    for school in &plan.schools {
        for item in school.open(about.readiness.as_ref(), plan.as_of, &about.moved) {
            let line = json!([text(&item.message), item.count.to_string(), item.owner]);
            schools.entry(&school.code).or_default().open.push(line);
        }
    }
    schools.remove("");
    schools
        .iter()
        .map(|(code, school)| (text(code), school.as_json()))
        .collect()
}

impl School<'_> {
    fn as_json(&self) -> Value {
        let changes = self.changes.iter().map(|(action, counts)| {
            let [planned, held, blocked] = counts.map(|n| action_count(*action, n));
            json!([action.as_str(), planned, held, blocked])
        });
        let notices = self
            .notices
            .iter()
            .map(|((code, owner, fix), n)| json!([code, owner, notice_count(code, *n), text(fix)]));
        let faults = self
            .faults
            .iter()
            .map(|((severity, code), n)| json!([severity, code, n.to_string()]));
        json!({
            "hold": self.hold,
            "changes": changes.collect::<Vec<_>>(),
            "guards": self.guards,
            "notices": notices.collect::<Vec<_>>(),
            "faults": faults.collect::<Vec<_>>(),
            "open": self.open,
        })
    }
}
