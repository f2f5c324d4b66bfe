//! `onroll demo`: the sample nights of both platforms, played and told.

mod acts;
mod again;
mod tell;

use std::path::{Path, PathBuf};

use clap::Args;

use super::args;
use super::init;
use super::outcome::{CliError, Outcome};
use super::run;
use super::screen::{Screen, Style};
use super::setting::Scope;
use crate::policy::Policy;
use crate::sample::{self, Story};
use crate::workspace::{Overrides, Workspace, files};

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
            play(screen, &home.join(&story.name), story)?;
        }
        farewell(screen, &home, &stories);
        Ok(Outcome::Done)
    }
}

/// Every story, or those of one platform.
fn stories(only: Option<&str>) -> Result<Vec<Story>, CliError> {
    let unreadable = |e| CliError::failed(format!("the sample nights cannot be read: {e}"));
    let all = sample::NAMES.iter().filter_map(|name| sample::story(name));
    let mut stories: Vec<Story> = all.collect::<std::io::Result<_>>().map_err(unreadable)?;
    stories.retain(|story| only.is_none_or(|policy| story.policy == policy));
    if stories.is_empty() {
        return Err(
            CliError::failed("there are no sample nights of that policy")
                .hint("There are: hwb, glow."),
        );
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
    let policy = opened(screen, root, story)?;
    let mut before: Option<String> = None;
    let mut glimpse = super::glimpse::Glimpse::default();
    for night in &story.nights {
        let as_of = args::date(&night.as_of)
            .map_err(|e| CliError::failed(format!("a sample night has no date: {e}")))?;
        night
            .lay_over(root)
            .map_err(|e| CliError::failed(format!("the sample night cannot be written: {e}")))?;
        let workspace = Workspace::open(root, &Overrides::default(), None)?;
        let mut turn = workspace.begin("onroll demo")?;
        if !night.prologue {
            tell::heading(screen, as_of, &night.title);
        }
        if let Some(file) = &night.adopt {
            tell::paragraph(screen, &night.text);
            acts::take_over(
                screen,
                &workspace,
                &policy,
                &mut turn,
                as_of,
                &root.join(file),
            )?;
            continue;
        }
        if let (Some(approve), Some(run)) = (&night.approve, &before) {
            acts::approve(screen, &workspace, &turn, run, approve)?;
        }
        if let Some(restore) = &night.restore {
            acts::restore(&workspace, as_of, restore)?;
        }
        let scope = Scope {
            as_of,
            only: Vec::new(),
        };
        let told = run::plan_and_apply(&mut turn, &workspace, &scope)?;
        if night.prologue {
            let deeds = tell::deeds(&told).unwrap_or_else(|| "nothing to do".to_owned());
            let line = format!("{as_of}  {}: {deeds}", night.title);
            screen.line(&[(Some(Style::Dim), &line)]);
        } else {
            tell::paragraph(screen, &night.text);
            tell::tell(screen, &told);
        }
        again::nothing_left(screen, &workspace, &scope, &told, night.prologue)?;
        glimpse.look(screen, &workspace, &policy, &told)?;
        before = Some(told.run.name);
    }
    glimpse.end(screen);
    Ok(())
}

/// Makes the workspace of a story and tells its title. A story with groups has a policy of its own: the shipped files
/// with groups switched on, as an authority would do it.
fn opened(screen: &Screen, root: &Path, story: &Story) -> Result<Policy, CliError> {
    if let Some(parent) = root.parent() {
        files::make_folder(parent)?;
    }
    let unusable = |e: crate::policy::PolicyError| CliError::failed(e.to_string());
    let shipped = Policy::builtin(&story.policy).map_err(unusable)?;
    let policy = match story.groups {
        false => {
            init::make(root, &story.policy, &shipped, None)?;
            shipped
        }
        true => {
            let own = with_groups(&shipped);
            let rules = root.join(RULES);
            let policy = Policy::from_files(own).map_err(unusable)?;
            init::make(root, &rules.to_string_lossy(), &policy, None)?;
            files::make_folder(&rules)?;
            for (name, bytes) in &policy.files {
                files::replace(&rules.join(name), bytes)?;
            }
            policy
        }
    };
    let title = format!("\n━━ {} ━━", policy.params.title);
    screen.line(&[
        (Some(Style::Bold), &title),
        (None, "  "),
        (None, &story.title),
    ]);
    if story.groups {
        let rules = format!(
            "Groups are switched on: {RULES}/ holds the shipped policy with `enabled = true`."
        );
        screen.line(&[(Some(Style::Dim), &rules)]);
    }
    Ok(policy)
}

/// The folder of a story's own policy.
const RULES: &str = "rules";

/// The files of a policy with groups switched on.
fn with_groups(policy: &Policy) -> Vec<(String, Vec<u8>)> {
    let files = policy.files.iter().cloned();
    files
        .map(|(name, bytes)| {
            let text = String::from_utf8_lossy(&bytes);
            let on = text.replacen("[groups]\nenabled = false", "[groups]\nenabled = true", 1);
            (name, on.into_bytes())
        })
        .collect()
}

fn farewell(screen: &Screen, home: &Path, stories: &[Story]) {
    screen.line(&[(Some(Style::Bold), "\nLook around")]);
    for story in stories {
        screen.line(&[
            (None, "  "),
            (
                None,
                &home.join(&story.name).join("runs").display().to_string(),
            ),
            (
                Some(Style::Dim),
                "   one folder per night: report.md, plan.csv, offices/",
            ),
        ]);
    }
    let first = stories
        .first()
        .map(|story| home.join(&story.name))
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
