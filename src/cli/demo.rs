//! `onroll demo`: the sample nights of both platforms, played and told.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args;
use super::init;
use super::night::{self, Scope};
use super::outcome::{CliError, Outcome};
use super::run;
use super::screen::{Screen, Style};
use super::summary::{Told, counted};
use crate::model::{Action, Date, Severity};
use crate::nightly::Night;
use crate::plan::{Plan, Status};
use crate::policy::Policy;
use crate::sample::{self, Story};
use crate::workspace::approvals::{self, Request};
use crate::workspace::{Overrides, Workspace};

#[derive(Debug, Args)]
pub struct Demo {
    /// Where to play; a new folder that stays [default: a temporary folder, which stays too]
    dir: Option<PathBuf>,
    /// Only this platform
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
}

impl Demo {
    pub fn run(self, screen: &Screen) -> Result<Outcome, CliError> {
        let stories = stories(self.policy.as_deref())?;
        let home = home(self.dir)?;
        for story in &stories {
            play(screen, &home.join(&story.policy), story)?;
        }
        farewell(screen, &home, &stories);
        Ok(Outcome::Done)
    }
}

fn stories(only: Option<&str>) -> Result<Vec<Story>, CliError> {
    let names = match only {
        Some(name) => vec![name.to_owned()],
        None => Policy::builtin_names().into_iter().rev().collect(),
    };
    let mut stories = Vec::new();
    for name in names {
        match sample::story(&name) {
            Some(story) => {
                stories.push(story.map_err(|e| {
                    CliError::failed(format!("the sample nights cannot be read: {e}"))
                })?)
            }
            None if only.is_some() => {
                return Err(
                    CliError::failed("there are no sample nights of that policy")
                        .hint("There are: hwb, glow."),
                );
            }
            None => {}
        }
    }
    Ok(stories)
}

/// The folder to play in. It is kept: what the demo says is there to be looked at.
fn home(dir: Option<PathBuf>) -> Result<PathBuf, CliError> {
    match dir {
        Some(dir) => Ok(dir),
        None => {
            let made = tempfile::Builder::new().prefix("onroll-demo-").tempdir();
            Ok(made
                .map_err(|e| CliError::failed(format!("no temporary folder could be made: {e}")))?
                .keep())
        }
    }
}

fn play(screen: &Screen, root: &Path, story: &Story) -> Result<(), CliError> {
    if let Some(parent) = root.parent() {
        crate::workspace::files::make_folder(parent)?;
    }
    let policy = Policy::builtin(&story.policy).map_err(|e| CliError::failed(e.to_string()))?;
    init::make(root, &story.policy, &policy, None)?;
    let workspace = Workspace::open(root, &Overrides::default(), None)?;
    screen.line(&[
        (
            Some(Style::Bold),
            &format!("\n━━ {} ━━", policy.params.title),
        ),
        (None, "  "),
        (None, &story.title),
    ]);
    let mut before: Option<String> = None;
    let mut glimpse = super::glimpse::Glimpse::default();
    for night in &story.nights {
        let as_of = args::date(&night.as_of)
            .map_err(|e| CliError::failed(format!("a sample night has no date: {e}")))?;
        night
            .lay_over(root)
            .map_err(|e| CliError::failed(format!("the sample night cannot be written: {e}")))?;
        let workspace = Workspace::open(&workspace.root, &Overrides::default(), None)?;
        let mut turn = workspace.begin("onroll demo")?;
        if !night.prologue {
            heading(screen, as_of, &night.title);
        }
        if let (Some(approve), Some(run)) = (&night.approve, &before) {
            let expires = args::date(&approve.expires).map_err(CliError::failed)?;
            let guards = [approve.guard.clone()];
            let request = Request {
                guards: &guards,
                holds: &[],
                by: &approve.by,
                reason: &approve.reason,
                expires,
            };
            let written =
                approvals::write(&workspace.settings.decisions, &turn.run(run)?, &request)?;
            paragraph(
                screen,
                &format!(
                    "{} approves {} held by {}: “{}”",
                    approve.by,
                    counted(written.changes as u64, "change"),
                    approve.guard,
                    approve.reason
                ),
            );
        }
        let scope = Scope {
            as_of,
            only: Vec::new(),
        };
        let told = run::plan_and_apply(&mut turn, &workspace, &scope)?;
        if night.prologue {
            screen.line(&[(
                Some(Style::Dim),
                &format!(
                    "{as_of}  {}: {}",
                    night.title,
                    deeds(&told).unwrap_or_else(|| "nothing to do".to_owned())
                ),
            )]);
        } else {
            paragraph(screen, &night.text);
            tell(screen, &told);
        }
        nothing_left(screen, &workspace, &scope, &told, night.prologue)?;
        glimpse.look(screen, &workspace, &policy, &told)?;
        before = Some(told.run.name);
    }
    glimpse.end(screen);
    Ok(())
}

fn heading(screen: &Screen, as_of: Date, title: &str) {
    screen.line(&[
        (None, "\n"),
        (Some(Style::Bold), &as_of.format("%A %-d %B %Y").to_string()),
        (Some(Style::Bold), &format!("  {title}")),
    ]);
}

fn paragraph(screen: &Screen, text: &str) {
    for line in wrap(text, 92) {
        screen.line(&[(None, "  "), (None, &line)]);
    }
}

fn tell(screen: &Screen, told: &Told) {
    match &told.night {
        Night::Refused(refused) => {
            let count = refused
                .faults
                .iter()
                .filter(|fault| fault.severity == Severity::Refuse)
                .count();
            screen.line(&[
                (Some(Style::Red), "  ✗ refused"),
                (
                    None,
                    &format!(": {}, nothing was decided", counted(count as u64, "fault")),
                ),
            ]);
            if let Some(first) = refused.faults.first() {
                paragraph(screen, &format!("{}: {}", first.file, first.message));
            }
        }
        Night::Decided(decided) => {
            let deeds = deeds(told).unwrap_or_else(|| "nothing to do".to_owned());
            for (at, line) in wrap(&deeds, 90).iter().enumerate() {
                screen.line(&[
                    (Some(Style::Green), if at == 0 { "  ✓ " } else { "    " }),
                    (None, line),
                ]);
            }
            held(screen, &decided.plan);
            answers(screen, &decided.plan);
            last_days(screen, &decided.plan);
            problems(screen, &decided.plan);
        }
    }
}

/// What was done, in words.
fn deeds(told: &Told) -> Option<String> {
    let done = &told.run.record.done;
    let words: Vec<String> = Action::ALL
        .iter()
        .rev()
        .filter_map(|action| Some(deed(*action, *done.get(action.as_str())?)))
        .collect();
    if words.is_empty() {
        None
    } else {
        Some(words.join(" · "))
    }
}

fn deed(action: Action, n: u64) -> String {
    match action {
        Action::Create => counted(n, "account") + " created",
        Action::Update => counted(n, "record") + " brought up to date",
        Action::Release => format!("{n} released"),
        Action::Withdraw => format!("{n} withdrawn"),
        Action::Purge => format!("{n} purged"),
        Action::Transfer => format!("{n} moved school"),
        Action::Reactivate => format!("{n} reactivated"),
        Action::GraceGrant => format!("{n} granted grace"),
        Action::GraceStart => format!("{n} began grace"),
        Action::GraceExpire => format!("{n} ended grace"),
        Action::MarkAbsent => format!("{n} missing from the roll"),
        Action::ClearAbsent => format!("{n} found again"),
        Action::TransferPending => counted(n, "claim") + " opened",
        Action::TransferClose => counted(n, "claim") + " closed",
        Action::TransferDefer => counted(n, "claim") + " deferred",
        Action::TransferDecline => counted(n, "claim") + " declined",
        Action::HoldLeaver => format!("{n} kept for now"),
        Action::Extend => counted(n, "account") + " given a later last day",
        Action::Expire => counted(n, "account") + " expired",
        Action::Close => counted(n, "account") + " closed",
        Action::Rename => counted(n, "account") + " renamed",
        Action::Supersede => counted(n, "account") + " superseded by the one before",
    }
}

fn held(screen: &Screen, plan: &Plan) {
    for school in &plan.held {
        screen.line(&[
            (Some(Style::Yellow), "  ‖ school "),
            (Some(Style::Yellow), &school.code),
            (None, ": "),
            (None, &school.message),
        ]);
    }
    for guard in plan.guards.iter().filter(|guard| guard.held > 0) {
        let what = format!(
            "{} held, at most {} pass without a person's word",
            counted(guard.held, "change"),
            guard.limit
        );
        screen.line(&[
            (Some(Style::Yellow), "  ‖ guard "),
            (Some(Style::Yellow), &guard.id),
            (None, ": "),
            (None, &what),
        ]);
    }
    let blocked = plan
        .changes
        .iter()
        .filter(|change| change.status == Status::Blocked)
        .count();
    if blocked > 0 {
        screen.line(&[(
            Some(Style::Yellow),
            &format!(
                "  ‖ {} on what is held",
                if blocked == 1 {
                    "1 depends".to_owned()
                } else {
                    format!("{blocked} depend")
                }
            ),
        )]);
    }
}

/// What people decided or asked for, and did not get tonight.
fn answers(screen: &Screen, plan: &Plan) {
    for answer in &plan.decisions {
        let (mark, style) = match answer.outcome.as_str() {
            "refused" => ("✗", Style::Red),
            "waiting" => ("…", Style::Yellow),
            _ => continue,
        };
        let what = match answer.decision_id.split_once(':') {
            Some((_, id)) => format!("request {id}"),
            None => format!("decision {}", answer.decision_id),
        };
        let told = format!("{what} {}: {}", answer.outcome, answer.reason);
        for (at, line) in wrap(&told, 90).iter().enumerate() {
            let lead = if at == 0 { mark } else { " " };
            screen.line(&[(Some(style), &format!("  {lead} ")), (None, line)]);
        }
    }
}

/// Accounts on request whose last day was cut back tonight, and those on the eight-week list.
fn last_days(screen: &Screen, plan: &Plan) {
    let count = |code: &str| plan.notices.iter().filter(|n| n.code == code).count() as u64;
    let capped = count("expiry_capped");
    if capped > 0 {
        let what = counted(capped, "account") + " asked for beyond 31 August, and cut back to it";
        screen.line(&[(Some(Style::Yellow), "  ! "), (None, &what)]);
    }
    let soon = count("expiring_soon");
    if soon > 0 {
        let what = counted(soon, "account") + " on the eight-week list, to be kept or closed";
        screen.line(&[(Some(Style::Yellow), "  ! "), (None, &what)]);
    }
}

fn problems(screen: &Screen, plan: &Plan) {
    let rejected = plan
        .faults
        .iter()
        .filter(|fault| fault.severity == Severity::Reject)
        .count() as u64;
    if rejected > 0 {
        screen.line(&[(
            Some(Style::Dim),
            &format!(
                "    {} rejected; their schools' lists are in offices/",
                counted(rejected, "row")
            ),
        )]);
    }
    if !plan.notices.is_empty() {
        screen.line(&[(
            Some(Style::Dim),
            &format!(
                "    {} for people to look at",
                counted(plan.notices.len() as u64, "notice")
            ),
        )]);
    }
}

/// SPEC §13.6, shown every night: the same input again leaves nothing to do.
fn nothing_left(
    screen: &Screen,
    workspace: &Workspace,
    scope: &Scope,
    told: &Told,
    silent: bool,
) -> Result<(), CliError> {
    if told.outcome == Outcome::Refused {
        return Ok(());
    }
    let again = night::decide(workspace, scope)?;
    let left = match &again.night {
        Night::Decided(decided) => decided
            .plan
            .changes
            .iter()
            .filter(|change| change.status == Status::Planned)
            .count(),
        Night::Refused(_) => {
            return Err(CliError::failed(
                "the same input was refused the second time",
            ));
        }
    };
    if left > 0 {
        return Err(CliError::failed(format!(
            "planning {} again finds {left} changes that should have been made",
            scope.as_of
        )));
    }
    if !silent {
        screen.line(&[(
            Some(Style::Dim),
            "    planning again finds nothing left to do",
        )]);
    }
    Ok(())
}

fn farewell(screen: &Screen, home: &Path, stories: &[Story]) {
    screen.line(&[(Some(Style::Bold), "\nLook around")]);
    for story in stories {
        screen.line(&[
            (None, "  "),
            (
                None,
                &home.join(&story.policy).join("runs").display().to_string(),
            ),
            (
                Some(Style::Dim),
                "   one folder per night: report.md, plan.csv, offices/",
            ),
        ]);
    }
    let first = stories
        .first()
        .map(|story| home.join(&story.policy))
        .unwrap_or_else(|| home.to_owned());
    screen.line(&[(Some(Style::Bold), "Try next")]);
    screen.out(&format!("  onroll policy show hwb                             the rules that decided\n  onroll init my-school --policy hwb                 a workspace of your own\n  onroll plan -C {} --as-of {}\n", first.display(), last_night(stories)));
}

fn last_night(stories: &[Story]) -> &str {
    stories
        .first()
        .and_then(|story| story.nights.last())
        .map_or("2026-09-01", |night| night.as_of.as_str())
}

/// Lines of at most `width` characters, broken at spaces; line breaks in the text are spaces.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let length = lines[last].chars().count();
        if length == 0 {
            lines[last].push_str(word);
        } else if length + 1 + word.chars().count() <= width {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_spaces() {
        assert_eq!(
            wrap("one two\nthree  fourteen", 9),
            ["one two", "three", "fourteen"]
        );
        assert_eq!(wrap("", 9), [""]);
    }
}
