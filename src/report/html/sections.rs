//! The page's tables: what has to be known before the changes, and what follows them.

use std::collections::BTreeMap;

use super::super::About;
use super::super::tally::{
    Tally, action_count, discreet, guard_numbers, guards_shown, notice_count,
};
use super::text;
use crate::model::{Fault, Severity};
use crate::plan::Plan;

/// Most rows of a table that has one for each of a thing that may be many.
const ROWS_MAX: usize = 200;
/// Guards that did not trip.
const CALM_GUARDS_MAX: usize = 25;

/// A heading, a sentence and a table.
pub struct Section {
    pub id: &'static str,
    pub title: String,
    pub said: String,
    pub head: &'static [&'static str],
    pub rows: Vec<Vec<String>>,
}

fn section(
    id: &'static str,
    title: &str,
    head: &'static [&'static str],
    mut rows: Vec<Vec<String>>,
    elsewhere: &str,
) -> Option<Section> {
    let left = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    let said = match left {
        0 => String::new(),
        _ => format!("{left} more stand in {elsewhere}."),
    };
    (!rows.is_empty()).then(|| Section {
        id,
        title: title.to_owned(),
        said,
        head,
        rows,
    })
}

/// Guards, holds and removals, and all counts.
pub fn before(plan: &Plan, tally: &Tally) -> Vec<Section> {
    let sections = [
        holds(plan),
        Some(removals(tally)),
        actions(tally),
        guards(plan),
    ];
    sections.into_iter().flatten().collect()
}

/// Who can mend what, what people decided, what the input lacks.
pub fn after(plan: &Plan, about: &About, tally: &Tally) -> Vec<Section> {
    let mut sections = notices(plan, tally);
    sections.extend(decisions(plan));
    sections.extend(faults(tally));
    sections.extend(not_shared(plan));
    sections.extend(readiness(plan, about));
    sections
}

/// What refused a night, and every fault that it has.
pub fn refusal(faults: &[Fault]) -> Vec<Section> {
    let refusing = faults.iter().filter(|f| f.severity == Severity::Refuse);
    let rows = refusing.map(|f| {
        vec![
            f.code.to_owned(),
            text(&f.file),
            text(&f.message),
            text(&f.fix),
        ]
    });
    let head = &["code", "file", "what is wrong", "what to do"];
    let mut counted = BTreeMap::<(Severity, &'static str), u64>::new();
    faults
        .iter()
        .for_each(|f| *counted.entry((f.severity, f.code)).or_default() += 1);
    let why = section("h-why", "Why", head, rows.collect(), "faults.csv");
    why.into_iter().chain(fault_counts(&counted)).collect()
}

fn holds(plan: &Plan) -> Option<Section> {
    let rows = plan.held.iter().map(|held| {
        let may = if held.approvable { "yes" } else { "no" };
        vec![
            text(&held.code),
            held.reason.code().to_owned(),
            text(&held.message),
            may.to_owned(),
        ]
    });
    let head = &[
        "establishment",
        "reason",
        "what was found",
        "may be approved",
    ];
    section(
        "h-holds",
        "Held establishments",
        head,
        rows.collect(),
        "plan.json",
    )
}

fn removals(tally: &Tally) -> Section {
    let rows = tally.removals.iter().map(|((action, rule), by)| {
        let mut row = vec![action.to_string(), (*rule).to_owned(), text(by.reason)];
        row.extend(by.counts.iter().map(|n| action_count(*action, *n)));
        row
    });
    let head = &["action", "rule", "reason", "planned", "held", "blocked"];
    section("h-removals", "Removals", head, rows.collect(), "plan.csv").unwrap_or(Section {
        id: "h-removals",
        title: "Removals".to_owned(),
        said: "No account is taken away or deleted.".to_owned(),
        head,
        rows: Vec::new(),
    })
}

fn actions(tally: &Tally) -> Option<Section> {
    let rows = tally.actions.iter().map(|(action, counts)| {
        let mut row = vec![action.to_string()];
        row.extend(counts.iter().map(|n| action_count(*action, *n)));
        row
    });
    let head = &["action", "planned", "held", "blocked"];
    section(
        "h-actions",
        "All changes by action",
        head,
        rows.collect(),
        "plan.csv",
    )
}

fn guards(plan: &Plan) -> Option<Section> {
    let (shown, tripped, calm) = guards_shown(plan, ROWS_MAX - CALM_GUARDS_MAX, CALM_GUARDS_MAX);
    let rows = shown.iter().map(|guard| {
        let (value, headroom) = guard_numbers(guard);
        let held = match value.starts_with('<') && guard.held > 0 {
            true => value.clone(),
            false => guard.held.to_string(),
        };
        let state = if guard.tripped { "tripped" } else { "within" };
        vec![
            text(&guard.id),
            state.to_owned(),
            value,
            guard.limit.to_string(),
            headroom,
            guard.base.to_string(),
            held,
            text(&guard.window),
        ]
    });
    let head = &[
        "guard", "state", "value", "limit", "headroom", "base", "holds", "window",
    ];
    let mut section = section("h-guards", "Guards", head, rows.collect(), "plan.json")?;
    if tripped + calm > 0 {
        section.said = format!(
            "{tripped} more tripped and {calm} more are within their limits; plan.json names them all."
        );
    }
    Some(section)
}

/// A table for each of those who can mend something.
fn notices(plan: &Plan, tally: &Tally) -> Vec<Section> {
    let mut texts: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for notice in &plan.notices {
        texts
            .entry(&notice.code)
            .or_insert((&notice.message, &notice.fix));
    }
    let owners = [
        ("h-school", "school", "What schools can mend"),
        ("h-authority", "authority", "What authorities can mend"),
        (
            "h-administrator",
            "administrator",
            "What administrators should look at",
        ),
        (
            "h-platform",
            "platform",
            "What the platform's service desk can mend",
        ),
    ];
    let table = |(id, owner, title): (&'static str, &str, &str)| {
        let of_owner = tally.notices.iter().filter(|((_, of), _)| *of == owner);
        let rows = of_owner.map(|((code, _), n)| {
            let (message, fix) = texts.get(code).copied().unwrap_or_default();
            vec![
                (*code).to_owned(),
                notice_count(code, *n),
                text(message),
                text(fix),
            ]
        });
        let head = &["code", "count", "for example", "what mends it"];
        section(id, title, head, rows.collect(), "notices.csv")
    };
    owners.into_iter().filter_map(table).collect()
}

fn decisions(plan: &Plan) -> Option<Section> {
    // What did not go through comes first: somebody has to read it.
    let mut sorted: Vec<_> = plan.decisions.iter().collect();
    sorted.sort_by_key(|d| {
        (
            d.outcome == "applied",
            d.outcome.clone(),
            d.decision_id.clone(),
        )
    });
    let rows = sorted
        .iter()
        .map(|d| vec![text(&d.decision_id), text(&d.outcome), text(&d.reason)]);
    let head = &["decision", "outcome", "reason"];
    section(
        "h-decisions",
        "Decisions",
        head,
        rows.collect(),
        "plan.json",
    )
}

fn faults(tally: &Tally) -> Option<Section> {
    fault_counts(&tally.faults)
}

fn fault_counts(faults: &BTreeMap<(Severity, &'static str), u64>) -> Option<Section> {
    let rows = faults.iter().map(|((severity, code), n)| {
        vec![
            severity.as_str().to_owned(),
            (*code).to_owned(),
            n.to_string(),
        ]
    });
    let head = &["severity", "code", "count"];
    section(
        "h-faults",
        "Faults in the input",
        head,
        rows.collect(),
        "faults.csv",
    )
}

fn not_shared(plan: &Plan) -> Option<Section> {
    let counted = plan.not_shared.iter().filter(|(_, n)| **n > 0);
    let rows = counted.map(|(code, n)| vec![text(code), discreet(*n)]);
    let head = &["establishment", "people"];
    section(
        "h-shared",
        "On roll, data not shared",
        head,
        rows.collect(),
        "plan.json",
    )
}

fn readiness(plan: &Plan, about: &About) -> Option<Section> {
    let mut rows = Vec::new();
    for school in &plan.schools {
        for item in school.open(about.readiness.as_ref(), plan.as_of, &about.moved) {
            if !item.owner.is_empty() {
                rows.push(vec![
                    text(&school.code),
                    text(&item.message),
                    item.count.to_string(),
                    item.owner.to_owned(),
                ]);
            }
        }
    }
    let head = &["establishment", "what is to be done", "count", "by whom"];
    let title = "Not ready for the first day of term";
    section("h-ready", title, head, rows, "`onroll readiness`")
}
