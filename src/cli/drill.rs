//! `onroll drill`: which gate or guard fires when tonight's input is damaged. The workspace is only read.

use clap::Args;
use serde_json::{Value, json};

use super::args::{Answer, Form, Global, Places, Tonight};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting::{self, Scope, Setting};
use super::summary::{counted, tell_refusal};
use crate::drill::{Baseline, Copy, DAMAGES, Damage, Fired, Measured, Target, Verdict, target};
use crate::model::Date;
use crate::nightly::{self, Night, Request};
use crate::workspace::Workspace;

/// Damage copies of tonight's input, one way at a time, and show which gate or guard fires. Nothing is written to the
/// workspace; the copies lie in a folder of their own, for their owner alone, and go with the command.
#[derive(Debug, Args)]
pub struct Drill {
    /// Only this damage (repeatable) [default: all of them]
    #[arg(long = "damage", value_name = "NAME")]
    only: Vec<String>,
    #[command(flatten)]
    tonight: Tonight,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

/// A damage and what came of it; `None` where tonight's input has nothing to damage in this way.
type Played = (&'static Damage, Option<Measured>);

impl Drill {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let damages = self.damages()?;
        let workspace = self.places.open(global)?;
        let scope = Scope {
            as_of: self.tonight.as_of(),
            only: self.tonight.only(),
        };
        let setting = match setting::open(&workspace)? {
            Ok(setting) => setting,
            Err(faults) => {
                let refused = setting::refused(&scope, faults);
                return Ok(tell_refusal(screen, self.answer.format, &refused));
            }
        };
        let undamaged = match decide(&setting, &workspace, &scope, None)? {
            Night::Decided(decided) => Baseline::of(&decided.plan),
            Night::Refused(refused) => {
                return Ok(tell_refusal(screen, self.answer.format, &refused));
            }
        };
        let target = aim(&workspace, &setting, scope.as_of)?;
        let mut played: Vec<Played> = Vec::new();
        for damage in damages {
            tracing::info!(target: "onroll::stage", "damage: {}", damage.name);
            let copy = Copy::of(&workspace.settings.mis).map_err(scratch)?;
            let measured = match (damage.apply)(&copy, &target).map_err(scratch)? {
                true => {
                    let night = decide(&setting, &workspace, &scope, Some(&copy))?;
                    Some(undamaged.measure(&night))
                }
                false => None,
            };
            played.push((damage, measured));
        }
        match self.answer.format {
            Form::Json => screen.out(&format!("{:#}\n", as_json(&scope, &target, &played))),
            Form::Text => screen.out(&told(&undamaged, &scope, &target, &played)),
        }
        let through = |(_, measured): &Played| {
            measured
                .as_ref()
                .is_some_and(|m| m.verdict == Verdict::LetThrough)
        };
        Ok(match played.iter().any(through) {
            true => Outcome::Held,
            false => Outcome::Done,
        })
    }

    fn damages(&self) -> Result<Vec<&'static Damage>, CliError> {
        let all = || DAMAGES.iter();
        if let Some(unknown) = self.only.iter().find(|name| all().all(|d| d.name != *name)) {
            let known: Vec<&str> = all().map(|damage| damage.name).collect();
            let message = format!("there is no damage `{unknown}`");
            return Err(CliError::new(Outcome::Usage, message)
                .hint(format!("The damages: {}.", known.join(", "))));
        }
        let wanted = |d: &&Damage| self.only.is_empty() || self.only.iter().any(|n| n == d.name);
        Ok(all().filter(wanted).collect())
    }
}

fn scratch(error: std::io::Error) -> CliError {
    CliError::failed(format!("the scratch copy could not be made: {error}"))
        .hint("It needs as much room as mis/, in the folder that TMPDIR names.")
}

/// Decides tonight, from a damaged copy of `mis/` if one is given.
fn decide(
    setting: &Setting,
    workspace: &Workspace,
    scope: &Scope,
    copy: Option<&Copy>,
) -> Result<Night, CliError> {
    let live = setting.request(workspace, scope);
    let request = Request {
        mis: copy.map_or(live.mis, Copy::path),
        ..live
    };
    match nightly::decide(&request) {
        Ok(night) => Ok(night),
        Err(error) => Ok(Night::Refused(setting::refused(
            scope,
            vec![setting::refusal(error)?],
        ))),
    }
}

/// What the damages are about.
fn aim(workspace: &Workspace, setting: &Setting, as_of: Date) -> Result<Target, CliError> {
    let copy = Copy::of(&workspace.settings.mis).map_err(scratch)?;
    let school = target(&copy).map_err(scratch)?;
    let before = |days: u64| {
        as_of
            .checked_sub_days(chrono::Days::new(days))
            .unwrap_or(as_of)
    };
    let params = setting.params();
    Ok(Target {
        school: school.ok_or_else(|| {
            CliError::failed("there is no learner in tonight's input")
                .hint("A drill needs something to damage: run it with a real export.")
        })?,
        yesterday: before(1),
        long_ago: before(30),
        learner: params.identity.learner,
        asks_consent: params.consent.is_some(),
    })
}

fn told(undamaged: &Baseline, scope: &Scope, target: &Target, played: &[Played]) -> String {
    let (taken, made) = undamaged.counts();
    let mut text = format!(
        "Undamaged, {} would take away {} and make {}. One school is {}, the one with the most learners.\n\n",
        scope.as_of,
        counted(taken, "account"),
        made,
        target.school
    );
    let mut counts = [0_usize; 4];
    for (damage, measured) in played {
        let (at, mark, lines) = match measured {
            None => (
                3,
                "-",
                vec!["tonight's input has nothing to damage in this way".to_owned()],
            ),
            Some(measured) => match measured.verdict {
                Verdict::Stopped => (0, "✓", fired(&measured.fired)),
                Verdict::Harmless => (
                    1,
                    "✓",
                    vec!["nothing fires, and nobody loses or gets an account tonight".to_owned()],
                ),
                Verdict::LetThrough => (2, "✗", through(measured)),
            },
        };
        counts[at] += 1;
        text.push_str(&format!("{mark} {:<22}{}\n", damage.name, damage.what));
        for line in lines {
            text.push_str(&format!("    {line}\n"));
        }
    }
    let [stopped, harmless, through, unplayed] = counts;
    text.push_str(&format!(
        "\n{stopped} stopped, {harmless} without effect tonight, {through} let through"
    ));
    if unplayed > 0 {
        text.push_str(&format!(", {unplayed} not applicable"));
    }
    text.push_str(". The copies are gone; nothing was written to the workspace.\n");
    text
}

/// What let through means, and what fired all the same.
fn through(measured: &Measured) -> Vec<String> {
    let mut lines = vec![format!(
        "LET THROUGH: {} taken away, {} made",
        counted(measured.taken, "account"),
        measured.made
    )];
    lines.extend(fired(&measured.fired));
    lines
}

fn fired(fired: &Fired) -> Vec<String> {
    let mut lines = Vec::new();
    if !fired.refused.is_empty() {
        let codes: Vec<&str> = fired.refused.iter().copied().collect();
        lines.push(format!("the gate refuses the night: {}", codes.join(", ")));
    }
    for (reason, count) in &fired.held {
        lines.push(format!(
            "the gate holds {}: {reason}",
            counted(*count, "school")
        ));
    }
    match &fired.guards[..] {
        [] => {}
        [one] => lines.push(format!(
            "{one} holds {}",
            counted(fired.held_changes, "change")
        )),
        [first, rest @ ..] => lines.push(format!(
            "{first} and {} hold {}",
            counted(rest.len() as u64, "other guard"),
            counted(fired.held_changes, "change")
        )),
    }
    for (code, count) in &fired.rejected {
        lines.push(format!(
            "the gate rejects {}, whose people stay as they are: {code}",
            counted(*count, "row")
        ));
    }
    lines
}

fn as_json(scope: &Scope, target: &Target, played: &[Played]) -> Value {
    let each: Vec<Value> = played
        .iter()
        .map(|(damage, measured)| {
            json!({ "damage": damage.name, "what": damage.what, "result": measured })
        })
        .collect();
    json!({ "as_of": scope.as_of, "school": target.school, "damages": each })
}
