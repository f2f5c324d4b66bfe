//! Plays a story through the library and holds every night against the laws.

use std::collections::{BTreeMap, BTreeSet};

use onroll::directory::{AccountRecord, Column};
use onroll::nightly::Decided;
use onroll::plan::{Change, Status};
use onroll::policy::params::Limit;

use crate::laws;
use crate::oracle::{Identity, Oracle, person_refs};
use crate::story::{Named, Scene, Story, Word, codes, date_of, job};
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
    /// The ledger after the night: what became of which decision or request.
    pub ledger: &'a BTreeMap<String, String>,
}

impl<'a> Night<'a> {
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
        self.words(change).any(|played| played.name() == word)
    }

    /// The decisions that a change carries out.
    pub fn words<'b>(&'b self, change: &'b Change) -> impl Iterator<Item = &'b Word> {
        let applied = change
            .elsewhere()
            .decisions
            .iter()
            .filter(|e| e.outcome == "applied");
        applied.filter_map(|entry| {
            let at: usize = entry.decision_id.strip_prefix('d')?.parse().ok()?;
            self.oracle.scene.words.get(at)
        })
    }

    /// The account as a change would leave it; `None` when it goes.
    pub fn outcome(&self, change: &Change) -> Option<AccountRecord> {
        let before = self.before.get(change.account_id());
        let mut record = before.cloned().unwrap_or_default();
        for (column, field) in change.fields.columns() {
            record.set(column, field.after);
        }
        (!change.deletes()).then_some(record)
    }

    /// The row of an account that goes ahead tonight.
    pub fn planned(&self, account_id: &str) -> Option<&'a Change> {
        let mut changes = self.decided.plan.changes.iter();
        changes.find(|c| c.account_id() == account_id && c.status == Status::Planned)
    }

    /// Tonight, as the tables write it.
    pub fn today(&self) -> String {
        date_of(self.oracle.scene.as_of).to_string()
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

/// Whether somebody asked for an account, so that it does not follow the roll.
pub fn is_asked(account: &AccountRecord) -> bool {
    account.get(Column::Category) == "non_mis"
}

/// Plays every night of a story.
pub fn play(story: &Story) -> Verdict {
    let mut world = world(story);
    let mut named = BTreeMap::new();
    let refs = person_refs(story, &mut world);
    let mut names = BTreeMap::new();
    let mut held = Vec::new();
    for (n, scene) in story.scenes().iter().enumerate() {
        let as_of = date_of(scene.as_of).to_string();
        lay(&mut world, story, scene, &mut named, &refs);
        approve(&world, scene, &held, n);
        let before = accounts(&world);
        let plan = world.plan(&as_of);
        let tale = world.tell(&plan);
        let told = |law: String| format!("night {} of {as_of}: {law}\n{tale}", n + 1);
        laws::same_bytes(&world, &plan, &as_of, n).map_err(told)?;
        laws::same_in_parts(&world, &plan, &as_of, n).map_err(told)?;
        laws::bound_to_its_input(&mut world, &plan, scene.as_of, n).map_err(told)?;
        let lines = account_lines(&world);
        let snapshot = world.snapshot();
        world.apply(&plan);
        let after = accounts(&world);
        let known: BTreeSet<Identity> = before
            .values()
            .filter_map(|a| refs.get(a.get(Column::PersonRef)).copied())
            .collect();
        let occupied = before
            .values()
            .filter(|a| usable(a) && !is_asked(a))
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
            ledger: &ledger(&world),
        };
        laws::accounts_for_all(&night).map_err(told)?;
        laws::plan_is_the_difference(&night, &lines, &account_lines(&world)).map_err(told)?;
        laws::one_account_per_person(&night).map_err(told)?;
        laws::names_are_unique_ever(&after, &mut names).map_err(told)?;
        crate::classes::hold_their_members(&plan, &snapshot, &world.snapshot(), &after)
            .map_err(told)?;
        laws::nobody_is_forgotten(&night).map_err(told)?;
        crate::names::names_change_by_word(&night).map_err(told)?;
        crate::names::directory_is_heard(&night).map_err(told)?;
        crate::joined::both_or_neither(&night).map_err(told)?;
        crate::non_mis::follow_their_rules(&night).map_err(told)?;
        crate::non_mis::every_request_ends(&night).map_err(told)?;
        crate::people::nobody_is_wronged(&night).map_err(told)?;
        crate::people::what_is_due_happens(&night).map_err(told)?;
        let again = world.plan(&as_of);
        let again_told = |law: String| format!("{}\nagain:\n{}", told(law), world.tell(&again));
        laws::nothing_is_left(&plan, &again).map_err(again_told)?;
        laws::no_identifier_leaves(&world, story, &plan).map_err(told)?;
        held = plan
            .plan
            .changes
            .iter()
            .filter(|c| c.status == Status::Held)
            .map(|c| c.change_id().to_owned())
            .collect();
    }
    Ok(())
}

fn world(story: &Story) -> World {
    let mut world = if story.seeded {
        seeded(story)
    } else {
        World::new(story.policy)
    };
    if let Some(groups) = world.policy.params.groups.as_mut() {
        groups.enabled = story.groups;
    }
    if story.tight {
        let guards = &mut world.policy.params.guards;
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
    world
}

/// A directory with accounts that people asked for, as another policy made them, under a policy that makes none.
fn seeded(story: &Story) -> World {
    let mut generous = World::new("hwb").policy;
    story.policy.clone_into(&mut generous.params.name);
    let mut world = World::under(generous);
    let day = date_of(story.first - 1).to_string();
    let school = codes(0)[0].clone();
    for (table, csv) in [
        (
            "authorities",
            "authority,name,nation,data_sharing\n660,Authority 0,wales,Y\n".to_owned(),
        ),
        (
            "establishments",
            format!(
                "establishment,name,authority,phase,maintained,data_sharing\n{school},School 0,660,primary,N,Y\n"
            ),
        ),
        (
            "exports",
            format!("establishment,exported_at,status,learners,staff\n{school},{day},complete,,\n"),
        ),
        (
            "learners",
            format!(
                "establishment,learner_id,legal_surname,legal_forename,admission_date\n{school},@l-anchor,Anchor,Ann,2020-09-01\n"
            ),
        ),
        (
            "requests",
            format!(
                "request_id,requested_on,requested_by,role,surname,forename,organisation,job_title,work_email,expires_on\n\
            s0,{day},office,authority_staff,Jones,Dylan,Partneriaeth,{},,\n\
            s1,{day},office,stakeholder,Shi,Tom,,Seed,shared@example.org,{}\n",
                job(0),
                date_of(story.first)
            ),
        ),
    ] {
        world.put(table, &csv);
    }
    let plan = world.plan(&day);
    world.apply(&plan);
    std::fs::remove_file(world.path_of("requests")).expect("removed");
    world.policy = World::new(story.policy).policy;
    world
}

/// Writes tonight's tables; what stands for an account is replaced by its id or username.
fn lay(
    world: &mut World,
    story: &Story,
    scene: &Scene,
    named: &mut BTreeMap<String, String>,
    refs: &BTreeMap<String, Identity>,
) {
    let accounts = world.accounts();
    for (table, csv) in scene.tables(story) {
        let mut text = String::new();
        let mut rest = csv.as_str();
        while let Some((before, (mark, behind))) = rest
            .split_once('<')
            .and_then(|(before, from)| Some((before, from.split_once('>')?)))
        {
            text.push_str(before);
            text.push_str(&name(mark, &accounts, named, refs));
            rest = behind;
        }
        text.push_str(rest);
        world.put(table, &text);
    }
}

/// What a mark stands for tonight, or has stood for since the first night on which there was such an account.
fn name(
    mark: &str,
    accounts: &[AccountRecord],
    named: &mut BTreeMap<String, String>,
    refs: &BTreeMap<String, Identity>,
) -> String {
    if let Some(known) = named.get(mark) {
        return known.clone();
    }
    let (what, by_username, stays) = Named::parse(mark).expect("a mark");
    let staff = |a: &&AccountRecord| !is_asked(a) && a.get(Column::Role).contains("teaching");
    let (n, found): (usize, Vec<&AccountRecord>) = match what {
        Named::Asked(n) => {
            let asked = |a: &&AccountRecord| a.get(Column::JobTitle) == job(n);
            (0, accounts.iter().filter(asked).collect())
        }
        Named::Person(who) => {
            let is_theirs = |a: &&AccountRecord| {
                refs.get(a.get(Column::PersonRef))
                    .is_some_and(|id| id.who == who)
            };
            let age = |a: &&AccountRecord| {
                (
                    a.get(Column::CreatedOn).to_owned(),
                    a.get(Column::AccountId).to_owned(),
                )
            };
            (
                0,
                accounts
                    .iter()
                    .filter(is_theirs)
                    .max_by_key(age)
                    .into_iter()
                    .collect(),
            )
        }
        Named::Any(n) => (n, accounts.iter().collect()),
        Named::Old(n) => {
            let old = |a: &&AccountRecord| staff(a) && !usable(a);
            (n, accounts.iter().filter(old).collect())
        }
        Named::New(n) => {
            let new = |a: &&AccountRecord| staff(a) && usable(a);
            (n, accounts.iter().filter(new).collect())
        }
    };
    if found.is_empty() {
        return "nobody".to_owned();
    }
    let column = if by_username {
        Column::Username
    } else {
        Column::AccountId
    };
    let told = found[n % found.len()].get(column).to_owned();
    if stays {
        named.insert(mark.to_owned(), told.clone());
    }
    told
}

fn ledger(world: &World) -> BTreeMap<String, String> {
    let entries = world.snapshot().ledger.into_iter();
    entries.map(|e| (e.decision_id, e.outcome)).collect()
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
