//! Bars, where a look beats reading. Each stands for a table on the same page, or says its numbers beside the bars.

use std::collections::BTreeMap;

use super::super::tally::{Tally, action_count};
use super::text;
use crate::calendar::plus_days;
use crate::forecast::HORIZONS;
use crate::model::Action;
use crate::plan::{Change, Plan};

/// Where bars begin and how long the longest is, in the drawing's units.
const BEGIN: u64 = 190;
const LONGEST: u64 = 340;
const LINE: u64 = 22;
/// Most bars of a chart.
const BARS_MAX: usize = 14;

/// A chart of horizontal bars.
pub struct Chart {
    pub title: &'static str,
    /// The same in words.
    pub label: String,
    pub height: u64,
    pub bars: Vec<Bar>,
}

/// A bar, its name before it and its count behind it.
pub struct Bar {
    pub name: String,
    pub count: String,
    pub count_x: u64,
    pub y: u64,
    pub parts: Vec<Part>,
}

/// A piece of a bar.
pub struct Part {
    pub class: &'static str,
    pub x: u64,
    pub width: u64,
}

/// The charts that have something to show.
pub fn of(plan: &Plan, tally: &Tally) -> Vec<Chart> {
    let charts = [
        actions(tally),
        establishments(plan),
        due(plan),
        nights(plan),
    ];
    charts.into_iter().flatten().collect()
}

struct Line {
    name: String,
    count: String,
    parts: [u64; 3],
}

fn chart(title: &'static str, mut lines: Vec<Line>) -> Option<Chart> {
    let left = lines.len().saturating_sub(BARS_MAX);
    lines.truncate(BARS_MAX);
    let most = lines
        .iter()
        .map(|line| line.parts.iter().sum::<u64>())
        .max()?;
    let label: Vec<String> = lines
        .iter()
        .map(|line| format!("{} {}", line.name, line.count))
        .collect();
    let more = if left > 0 {
        format!("; and {left} more")
    } else {
        String::new()
    };
    Some(Chart {
        title,
        label: format!("{title}: {}{more}", label.join(", ")),
        height: lines.len() as u64 * LINE,
        bars: lines
            .iter()
            .enumerate()
            .map(|(at, line)| bar(line, at as u64, most))
            .collect(),
    })
}

fn bar(line: &Line, at: u64, most: u64) -> Bar {
    let mut x = BEGIN;
    let mut parts = Vec::new();
    for (class, value) in ["go", "hold", "block"].into_iter().zip(line.parts) {
        if value > 0 {
            // Whatever there is can be seen.
            let width = (value * LONGEST / most.max(1)).max(2);
            parts.push(Part { class, x, width });
            x += width;
        }
    }
    Bar {
        name: line.name.clone(),
        count: line.count.clone(),
        count_x: x + 6,
        y: at * LINE,
        parts,
    }
}

fn actions(tally: &Tally) -> Option<Chart> {
    let lines = tally.actions.iter().map(|(action, counts)| {
        let sum: u64 = counts.iter().sum();
        Line {
            name: action.as_str().to_owned(),
            count: action_count(*action, sum),
            parts: discreet(*action, *counts),
        }
    });
    chart("Changes by action", lines.collect())
}

/// A bar must not tell what its number does not.
fn discreet(action: Action, counts: [u64; 3]) -> [u64; 3] {
    counts.map(|n| match action_count(action, n).starts_with('<') {
        true => 1,
        false => n,
    })
}

fn establishments(plan: &Plan) -> Option<Chart> {
    let mut by: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    // Withdrawals are left out: few of them could tell who opted out.
    // They stand by action and establishment.
    let alike =
        |a: &Change, b: &Change| (a.action, a.establishment()) == (b.action, b.establishment());
    let runs = plan.changes.chunk_by(alike);
    let runs = runs.filter(|run| run[0].action != Action::Withdraw);
    for run in runs.filter(|run| !run[0].establishment().is_empty()) {
        let counts = by.entry(run[0].establishment()).or_default();
        run.iter()
            .for_each(|change| counts[change.status as usize] += 1);
    }
    let mut sorted: Vec<(&str, [u64; 3])> = by.into_iter().collect();
    sorted.sort_by_key(|(code, counts)| (std::cmp::Reverse(counts.iter().sum::<u64>()), *code));
    let lines = sorted.into_iter().map(|(code, counts)| Line {
        name: text(code),
        count: counts.iter().sum::<u64>().to_string(),
        parts: counts,
    });
    chart(
        "Changes by establishment, withdrawals left out",
        lines.collect(),
    )
}

fn due(plan: &Plan) -> Option<Chart> {
    let mut by: BTreeMap<(&str, u32), u64> = BTreeMap::new();
    for due in &plan.due {
        for days in HORIZONS
            .into_iter()
            .filter(|days| due.due_on <= plus_days(plan.as_of, *days))
        {
            *by.entry((due.kind.as_str(), days)).or_default() += 1;
        }
    }
    let lines = by.into_iter().map(|((kind, days), n)| Line {
        name: format!("{kind}, {days} days"),
        count: n.to_string(),
        parts: [n, 0, 0],
    });
    chart("What falls due", lines.collect())
}

/// What was applied in the last nights, as the guards counted it; opt-outs are not told.
fn nights(plan: &Plan) -> Option<Chart> {
    let mut by: BTreeMap<String, u64> = BTreeMap::new();
    let of_run = plan
        .quiet
        .guard_history
        .iter()
        .filter(|row| row.scope == crate::guard::RUN);
    for row in of_run.filter(|row| !matches!(row.action.as_str(), "withdraw" | "opt_out")) {
        *by.entry(row.as_of.to_string()).or_default() += row.applied;
    }
    if by.values().all(|n| *n == 0) {
        return None;
    }
    let lines = by.into_iter().rev().map(|(day, n)| Line {
        name: day,
        count: n.to_string(),
        parts: [n, 0, 0],
    });
    chart(
        "What was applied in the last nights (updates and withdrawals left out)",
        lines.collect(),
    )
}
