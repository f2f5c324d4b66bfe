//! `onroll forecast`: what falls due in 7, 30 and 90 days. Nothing is written.

use clap::Args;
use serde_json::{Value, json};

use super::args::{Answer, Form, Global, Places, Tonight};
use super::night;
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting::Scope;
use super::summary::{counted, tell_refusal};
use crate::forecast::{Due, HORIZONS};
use crate::model::{Date, DueKind};
use crate::nightly::Night;
use crate::plan::Plan;

#[derive(Debug, Args)]
pub struct Forecast {
    #[command(flatten)]
    tonight: Tonight,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Forecast {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: self.tonight.only(),
        };
        let decided = match night::decide(&workspace, &scope)?.night {
            Night::Decided(decided) => decided,
            Night::Refused(refused) => {
                return Ok(tell_refusal(screen, self.answer.format, &refused));
            }
        };
        let due: Vec<&Due> = decided
            .plan
            .due
            .iter()
            .filter(|due| scope.only.is_empty() || scope.only.contains(&due.establishment))
            .collect();
        match self.answer.format {
            Form::Json => screen.out(&format!("{:#}\n", as_json(&due, scope.as_of))),
            Form::Text => screen.out(&told(&due, scope.as_of)),
        }
        Ok(Outcome::Done)
    }
}

/// How many of a kind fall due within each horizon, nearer ones counted in the further.
fn count(due: &[&Due], kind: DueKind, as_of: Date) -> [u64; 3] {
    HORIZONS.map(|days| {
        let within = |d: &&&Due| d.kind == kind && d.within(as_of).is_some_and(|w| w <= days);
        due.iter().filter(within).count() as u64
    })
}

/// What a kind is called, and who may want to do something before.
const fn words(kind: DueKind) -> (&'static str, &'static str) {
    match kind {
        DueKind::Leaving => ("leaving dates pass", ""),
        DueKind::AbsentRelease => (
            "missing from exports for too long",
            "the school: enter the leaving date or export the row again",
        ),
        DueKind::GraceEnd => ("grace periods end", ""),
        DueKind::Expiry => (
            "accounts on request expire",
            "an administrator: keep_account or close_account",
        ),
        DueKind::HoldEnd => (
            "holds of leavers end",
            "the school: correct the leaving date",
        ),
        DueKind::Purge => ("accounts are deleted for good", ""),
        DueKind::DecisionLapse => (
            "waiting decisions lapse",
            "an administrator: read why they wait",
        ),
    }
}

/// What the demonstration shows of a plan: the same table.
pub fn glance(plan: &Plan) -> String {
    let due: Vec<&Due> = plan.due.iter().collect();
    told(&due, plan.as_of)
}

fn told(due: &[&Due], as_of: Date) -> String {
    use std::fmt::Write;
    let mut text = format!("After tonight, {as_of}, if nothing else changes:\n\n");
    let _ = writeln!(text, "  {:<36}{:>8}{:>8}{:>8}", "within days", 7, 30, 90);
    for kind in DueKind::ALL {
        let [week, month, quarter] = count(due, *kind, as_of);
        let (what, _) = words(*kind);
        let _ = writeln!(text, "  {what:<36}{week:>8}{month:>8}{quarter:>8}");
    }
    let asks: Vec<String> = DueKind::ALL
        .iter()
        .filter_map(|kind| {
            let (what, who) = words(*kind);
            let soon = count(due, *kind, as_of)[1];
            (soon > 0 && !who.is_empty()).then(|| {
                format!(
                    "  {what}, {} within 30 days. {who}\n",
                    counted(soon, "item")
                )
            })
        })
        .collect();
    if !asks.is_empty() {
        text.push_str("\nWhat people can do before:\n");
        text.push_str(&asks.concat());
    }
    text.push_str("\nEach stands with its date in forecast.csv of tonight's run.\n");
    text
}

fn as_json(due: &[&Due], as_of: Date) -> Value {
    let counts: serde_json::Map<String, Value> = DueKind::ALL
        .iter()
        .map(|kind| {
            let [week, month, quarter] = count(due, *kind, as_of);
            let counts = json!({ "7": week, "30": month, "90": quarter });
            (kind.as_str().to_owned(), counts)
        })
        .collect();
    let items: Vec<Value> = due
        .iter()
        .map(|d| {
            json!({
                "due_on": d.due_on, "within": d.within(as_of), "kind": d.kind.as_str(),
                "establishment": d.establishment, "role": d.role,
                "account_id": d.account_id, "decision_id": d.decision_id,
            })
        })
        .collect();
    json!({ "as_of": as_of, "counts": counts, "due": items })
}
