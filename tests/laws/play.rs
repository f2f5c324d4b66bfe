//! Plays a story through the library and holds every night against the laws.

use std::collections::{BTreeMap, BTreeSet};

use onroll::directory::{AccountRecord, Column};
use onroll::nightly::Decided;
use onroll::plan::Status;
use onroll::policy::Policy;
use onroll::policy::params::Limit;

use crate::laws;
use crate::oracle::{Identity, Oracle, person_refs};
use crate::story::{Scene, Story, codes, date_of};
use crate::support::World;

/// A broken law, in one line.
pub type Verdict = Result<(), String>;

/// Accounts by id.
pub type Accounts = BTreeMap<String, AccountRecord>;

/// One night, with all that the laws ask of it.
pub struct Night<'a> {
    /// What the world says.
    pub oracle: &'a Oracle<'a>,
    /// What was decided.
    pub decided: &'a Decided,
    /// Accounts before.
    pub before: &'a Accounts,
    /// Accounts after.
    pub after: &'a Accounts,
    /// Who is behind a person_ref.
    pub refs: &'a BTreeMap<String, Identity>,
}

impl Night<'_> {
    /// The school of an account.
    pub fn school(&self, account: &AccountRecord) -> usize {
        school(self.oracle.story, account.get(Column::Establishment))
    }

    /// Who an account belongs to; `None` for the anchor.
    pub fn who(&self, account: &AccountRecord) -> Option<Identity> {
        self.refs.get(account.get(Column::PersonRef)).copied()
    }

    /// Whether a decision of this word was carried out with a change.
    pub fn applied(&self, change: &onroll::plan::Change, word: &str) -> bool {
        change.decisions.iter().any(|entry| {
            let at: usize = entry.decision_id[1..].parse().expect("d and a number");
            let played = self.oracle.scene.words[at].word % crate::story::WORDS.len();
            entry.outcome == "applied" && crate::story::WORDS[played] == word
        })
    }
}

fn school(story: &Story, code: &str) -> usize {
    (0..story.schools.len())
        .find(|at| codes(*at).iter().any(|c| c == code))
        .expect("a school of the story")
}

/// Whether an account is usable.
pub fn usable(account: &AccountRecord) -> bool {
    account.get(Column::State) != "inactive"
}

/// Plays every night of a story.
pub fn play(story: &Story) -> Verdict {
    let mut world = world(story);
    let refs = person_refs(story, &mut world);
    let mut names = BTreeMap::new();
    let mut held = Vec::new();
    for (n, scene) in story.scenes().iter().enumerate() {
        let as_of = date_of(scene.as_of).to_string();
        lay(&mut world, story, scene);
        approve(&world, scene, &held, n);
        let before = accounts(&world);
        let plan = world.plan(&as_of);
        let tale = world.tell(&plan);
        let told = |law: String| format!("night {} of {as_of}: {law}\n{tale}", n + 1);
        laws::same_bytes(&world, &plan, &as_of, n).map_err(told)?;
        laws::bound_to_its_input(&mut world, &plan, scene.as_of, n).map_err(told)?;
        let lines = account_lines(&world);
        world.apply(&plan);
        let after = accounts(&world);
        let known: BTreeSet<Identity> = before
            .values()
            .filter_map(|a| refs.get(a.get(Column::PersonRef)).copied())
            .collect();
        let occupied = before
            .values()
            .filter(|a| usable(a))
            .map(|a| school(story, a.get(Column::Establishment)))
            .collect();
        let mut oracle = Oracle::new(story, scene, &known, &occupied);
        oracle
            .held
            .extend(plan.plan.held.iter().map(|h| school(story, &h.code)));
        let night = Night {
            oracle: &oracle,
            decided: &plan,
            before: &before,
            after: &after,
            refs: &refs,
        };
        laws::accounts_for_all(&night).map_err(told)?;
        laws::plan_is_the_difference(&night, &lines, &account_lines(&world)).map_err(told)?;
        laws::one_account_per_person(&night).map_err(told)?;
        laws::names_are_unique_ever(&after, &mut names).map_err(told)?;
        laws::nobody_is_forgotten(&night).map_err(told)?;
        crate::people::nobody_is_wronged(&night).map_err(told)?;
        crate::people::what_is_due_happens(&night).map_err(told)?;
        let again = world.plan(&as_of);
        laws::nothing_is_left(&plan, &again).map_err(told)?;
        laws::no_identifier_leaves(&world, story, &plan).map_err(told)?;
        held = plan
            .plan
            .changes
            .iter()
            .filter(|c| c.status == Status::Held)
            .map(|c| c.change_id.clone())
            .collect();
    }
    Ok(())
}

fn world(story: &Story) -> World {
    let mut policy = Policy::builtin(story.policy).expect("the shipped policies prove");
    if story.tight {
        let guards = &mut policy.params.guards;
        for limit in [
            &mut guards.release,
            &mut guards.absence,
            &mut guards.withdraw,
            &mut guards.purge,
        ] {
            *limit = Limit {
                percent: 0,
                count: 1,
            };
        }
        guards.create = Limit {
            percent: 0,
            count: 3,
        };
        guards.transfer = Limit {
            percent: 0,
            count: 1,
        };
        guards.opt_out = Limit {
            percent: 0,
            count: 2,
        };
    }
    World::under(policy)
}

fn lay(world: &mut World, story: &Story, scene: &Scene) {
    for (table, csv) in scene.tables(story) {
        world.put(table, &csv);
    }
}

/// Writes tonight's approvals as `onroll approve` would.
fn approve(world: &World, scene: &Scene, held: &[String], n: usize) {
    let mut holds: Vec<String> = scene
        .approved_holds
        .iter()
        .map(|at| scene.code(*at))
        .collect();
    holds.sort();
    holds.dedup();
    let folder = world.folder.path().join("decisions/approvals");
    let _ = std::fs::remove_file(folder.join("holds.toml"));
    let day = date_of(scene.as_of);
    let file = |guards: &[&str], holds: &[String], changes: &[String]| {
        format!(
            "format = 1\nrun = \"{day}-00000000\"\nplan = \"0\"\nas_of = {day}\nby = \"office\"\nreason = \"looked at\"\nexpires = {day}\nguards = {guards:?}\nholds = {holds:?}\nchanges = {changes:?}\n"
        )
    };
    if !holds.is_empty() {
        std::fs::write(folder.join("holds.toml"), file(&[], &holds, &[])).expect("written");
    }
    if scene.approve_guards && !held.is_empty() {
        std::fs::write(
            folder.join(format!("guards-{n}.toml")),
            file(&["release@run"], &[], held),
        )
        .expect("written");
    }
}

fn accounts(world: &World) -> Accounts {
    world
        .accounts()
        .into_iter()
        .map(|a| (a.get(Column::AccountId).to_owned(), a))
        .collect()
}

fn account_lines(world: &World) -> BTreeMap<String, String> {
    let text =
        std::fs::read_to_string(world.snapshot_folder().join("accounts.csv")).expect("accounts");
    text.lines()
        .skip(1)
        .map(|line| {
            (
                line.split(',').next().unwrap_or_default().to_owned(),
                line.to_owned(),
            )
        })
        .collect()
}
