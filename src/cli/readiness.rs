//! `onroll readiness`: is each school ready for the first day of term, and if not, who must do what? Nothing is written.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use super::args::{Answer, Form, Global, Places, Tonight};
use super::night;
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting::Scope;
use super::summary::{counted, tell_refusal};
use crate::calendar::DayOfYear;
use crate::model::Date;
use crate::nightly::Night;
use crate::plan::Plan;
use crate::policy::params::Readiness as Terms;
use crate::readiness::{Item, Moved, School, Season, season};
use crate::workspace::{RunFolder, RunState, Workspace};

#[derive(Debug, Args)]
pub struct Readiness {
    #[command(flatten)]
    tonight: Tonight,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Readiness {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        // The schools are looked at as they are; only what is shown is restricted.
        let only = self.tonight.only();
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: Vec::new(),
        };
        let evening = night::decide(&workspace, &scope)?;
        let decided = match evening.night {
            Night::Decided(decided) => decided,
            Night::Refused(refused) => {
                return Ok(tell_refusal(screen, self.answer.format, &refused));
            }
        };
        let known = |code: &&String| decided.plan.schools.iter().any(|s| s.code == **code);
        if only.iter().any(|code| !known(&code)) {
            let unknown = "no school of a code behind --establishment has accounts or rows tonight";
            return Err(CliError::new(Outcome::Usage, unknown)
                .hint("Correct the code; without it every school is shown."));
        }
        let terms = evening.policy.and_then(|policy| policy.params.readiness);
        let moved = moved(&workspace, terms.as_ref(), scope.as_of, "")?;
        let mut rows = rows(&decided.plan, terms.as_ref(), &moved);
        rows.retain(|(school, _)| only.is_empty() || only.contains(&school.code));
        match self.answer.format {
            Form::Json => screen.out(&format!("{:#}\n", as_json(&rows, scope.as_of))),
            Form::Text => screen.out(&told(&rows, terms.as_ref(), scope.as_of)),
        }
        Ok(Outcome::Done)
    }
}

/// Every school with what is open, those that are not ready first.
fn rows<'a>(plan: &'a Plan, terms: Option<&Terms>, moved: &Moved) -> Vec<(&'a School, Vec<Item>)> {
    let open = |school: &'a School| (school, school.open(terms, plan.as_of, moved));
    let mut rows: Vec<_> = plan.schools.iter().map(open).collect();
    rows.sort_by_key(|(school, items)| (School::is_ready(items), school.code.clone()));
    rows
}

/// Whether the day by which year groups must be advanced has passed and term has not begun.
pub fn is_late(terms: Option<&Terms>, as_of: Date) -> bool {
    terms.is_some_and(|terms| season(terms, as_of) == Season::YearEnd { late: true })
}

/// What the demonstration shows: the same list, cut short.
///
/// # Errors
/// When the archive cannot be read.
pub fn glance(
    workspace: &Workspace,
    plan: &Plan,
    terms: Option<&Terms>,
) -> Result<String, CliError> {
    const LINES: usize = 10;
    let moved = moved(workspace, terms, plan.as_of, "")?;
    let text = told(&rows(plan, terms, &moved), terms, plan.as_of);
    let mut lines: Vec<&str> = text.lines().take(LINES).collect();
    if text.lines().count() > LINES {
        lines.push("…");
    }
    Ok(lines.join("\n"))
}

/// The moves of year groups in runs of this summer that were applied; `except` is the run that is being written.
///
/// # Errors
/// When the archive cannot be read.
pub fn moved(
    workspace: &Workspace,
    terms: Option<&Terms>,
    as_of: Date,
    except: &str,
) -> Result<Moved, CliError> {
    let from = terms.and_then(|terms| DayOfYear::parse(&terms.year_end_from));
    let Some(from) = from.map(|day| day.in_year(chrono::Datelike::year(&as_of))) else {
        return Ok(None);
    };
    let runs = workspace.runs()?;
    let applied = |run: &&RunFolder| run.record.state == RunState::Done && run.name != except;
    let mut known = false;
    let mut moved: BTreeMap<String, u64> = BTreeMap::new();
    for run in runs.iter().filter(applied) {
        known |= run.record.as_of <= from;
        if (from..=as_of).contains(&run.record.as_of) {
            let Some(counts) = moved_in(run) else {
                return Ok(None);
            };
            for (school, count) in counts {
                *moved.entry(school).or_default() += count;
            }
        }
    }
    Ok(known.then_some(moved))
}

/// What a run's `plan.json` says of moves; `None` where it cannot be read, so that nothing can be told.
fn moved_in(run: &RunFolder) -> Option<BTreeMap<String, u64>> {
    if run.record.adopted {
        return Some(BTreeMap::new());
    }
    let bytes = std::fs::read(run.path.join("plan.json")).ok()?;
    let json: Value = serde_json::from_slice(&bytes).ok()?;
    let counts = json["year_groups_moved"].as_object()?.iter();
    counts
        .map(|(school, count)| Some((school.clone(), count.as_u64()?)))
        .collect()
}

fn name(school: &School) -> &str {
    if school.code.is_empty() {
        "organisations"
    } else {
        &school.code
    }
}

fn told(rows: &[(&School, Vec<Item>)], terms: Option<&Terms>, as_of: Date) -> String {
    use std::fmt::Write;
    let open = rows.iter().filter(|(_, items)| !School::is_ready(items));
    let open = open.count() as u64;
    let mut text = match open {
        0 => format!("{} ready.\n", counted(rows.len() as u64, "school")),
        n => format!(
            "{n} of {} not ready.\n",
            counted(rows.len() as u64, "school")
        ),
    };
    match terms.map(|terms| season(terms, as_of)) {
        Some(Season::YearEnd { .. }) => {}
        _ => text.push_str(
            "Year groups and leavers are asked about in the summer only; the rest is asked all year.\n",
        ),
    }
    for (school, items) in rows.iter().filter(|(_, items)| !items.is_empty()) {
        let verdict = if School::is_ready(items) {
            "ready, as far as can be told"
        } else {
            "not ready"
        };
        let last = school
            .exported_on
            .map(|day| format!(", last export {day}"))
            .unwrap_or_default();
        let _ = writeln!(text, "\n{}: {verdict}{last}", name(school));
        for item in items {
            let who = if item.owner.is_empty() {
                "note"
            } else {
                item.owner
            };
            let count = if item.count > 1 {
                format!(" ({})", item.count)
            } else {
                String::new()
            };
            let _ = writeln!(text, "  {who}: {}{count}", item.message);
        }
    }
    text
}

fn as_json(rows: &[(&School, Vec<Item>)], as_of: Date) -> Value {
    let item = |item: &Item| json!({ "code": item.code, "count": item.count, "owner": item.owner, "message": item.message });
    let schools: Vec<Value> = rows
        .iter()
        .map(|(school, items)| {
            json!({
                "establishment": school.code,
                "ready": School::is_ready(items),
                "exported_on": school.exported_on,
                "held": school.held,
                "open": items.iter().map(item).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "as_of": as_of, "schools": schools })
}
