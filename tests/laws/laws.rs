//! The laws that need no knowledge of people: SPEC §13, properties 1, 2, 4 to 11.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use onroll::directory::Column;
use onroll::model::Action;
use onroll::nightly::Decided;
use onroll::plan::{Notice, Status};
use onroll::report::{self, About, Artefacts};

use crate::oracle::Fate;
use crate::play::{Accounts, Night, Verdict, is_asked, usable};
use crate::story::{Day, Story, date_of};
use crate::support::World;

macro_rules! law {
    ($holds:expr, $($told:tt)+) => { if !$holds { return Err(format!($($told)+)); } };
}
pub(crate) use law;

/// 1 and 2: no account is lost, none goes from usable to deleted.
pub fn accounts_for_all(night: &Night<'_>) -> Verdict {
    let purged: Vec<&str> = rows(night, |a| a == Action::Purge);
    let unique: BTreeSet<&str> = purged.iter().copied().collect();
    law!(
        unique.len() == purged.len(),
        "law 1: two purge rows for one account"
    );
    for (id, account) in night.before {
        let gone = unique.contains(id.as_str());
        law!(
            night.after.contains_key(id) != gone,
            "law 1: account {id} is neither kept nor purged, or both"
        );
        law!(
            !(gone && usable(account)),
            "law 2: usable account {id} was purged"
        );
    }
    let mut seen = BTreeSet::new();
    for change in &night.decided.plan.changes {
        law!(
            seen.insert(change.account_id()),
            "two rows for account {}",
            change.account_id()
        );
    }
    let impossible = night
        .decided
        .plan
        .faults
        .iter()
        .find(|f| f.code == "impossible_case");
    law!(
        impossible.is_none(),
        "a real case is called impossible: {}",
        impossible.map_or("", |f| &f.message)
    );
    Ok(())
}

fn rows<'a>(night: &'a Night<'_>, wanted: impl Fn(Action) -> bool) -> Vec<&'a str> {
    let planned = night
        .decided
        .plan
        .changes
        .iter()
        .filter(|c| c.status == Status::Planned && wanted(c.action));
    planned.map(|c| c.account_id()).collect()
}

/// 11: without a row an account is the same bytes; with one, `fields` is the whole difference.
pub fn plan_is_the_difference(
    night: &Night<'_>,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Verdict {
    let planned: BTreeSet<&str> = rows(night, |_| true).into_iter().collect();
    for id in before
        .keys()
        .chain(after.keys())
        .filter(|id| !planned.contains(id.as_str()))
    {
        law!(
            before.get(id) == after.get(id),
            "law 11: account {id} changed without a row"
        );
    }
    for change in night
        .decided
        .plan
        .changes
        .iter()
        .filter(|c| c.status == Status::Planned && c.action != Action::Purge)
    {
        let (was, is) = (
            night.before.get(change.account_id()),
            night.after.get(change.account_id()),
        );
        let Some(is) = is else {
            return Err(format!("{} of an account that is not there", change.action));
        };
        for column in Column::ALL {
            let cell = was.map_or("", |a| a.get(*column));
            let field = change.fields.iter().find(|f| f.name == column.name());
            let same = match field {
                Some(f) => f.before == cell && f.after == is.get(*column) && f.before != f.after,
                None => cell == is.get(*column),
            };
            law!(
                same,
                "{} says something else of {} than the directory",
                change.action,
                column.name()
            );
        }
        law!(
            !change.fields.is_empty(),
            "{} changes nothing",
            change.action
        );
    }
    Ok(())
}

/// 4: one usable account per person.
pub fn one_account_per_person(night: &Night<'_>) -> Verdict {
    let mut people = BTreeSet::new();
    for account in night.after.values().filter(|a| usable(a) && !is_asked(a)) {
        law!(
            people.insert(account.get(Column::PersonRef)),
            "law 4: two usable accounts of one person"
        );
    }
    Ok(())
}

/// 5: a name, once given, is never another account's.
pub fn names_are_unique_ever(after: &Accounts, names: &mut BTreeMap<String, String>) -> Verdict {
    for (id, account) in after {
        let aliases = account
            .get(Column::Aliases)
            .split(';')
            .filter(|a| !a.is_empty());
        // An alias is an address; what stands before the `@` was a username.
        for name in aliases.chain([account.get(Column::Username)]) {
            let name = name.split('@').next().unwrap_or_default();
            let owner = names
                .entry(name.to_lowercase())
                .or_insert_with(|| id.clone());
            law!(
                owner == id,
                "law 5: the username {name} was another account's"
            );
        }
    }
    Ok(())
}

/// 6: what is applied is not due again.
pub fn nothing_is_left(plan: &Decided, again: &Decided) -> Verdict {
    let ids = |decided: &Decided, all: bool| -> BTreeSet<(String, String)> {
        let changes = decided
            .plan
            .changes
            .iter()
            .filter(|c| all || c.status != Status::Planned);
        changes
            .map(|c| {
                (
                    c.change_id().to_owned(),
                    format!("{} {}", c.action, c.rule()),
                )
            })
            .collect()
    };
    let (held, left) = (ids(plan, false), ids(again, true));
    law!(held == left, "law 6: held {held:?}, planned again {left:?}");
    let freed = again
        .plan
        .changes
        .iter()
        .find(|c| c.status == Status::Planned);
    law!(
        freed.is_none(),
        "law 6: what was held goes ahead when asked again"
    );
    let groups = again.plan.groups.iter().flat_map(|g| &g.changes).next();
    law!(groups.is_none(), "law 6: a group changes again: {groups:?}");
    law!(
        !again.changes_snapshot(),
        "law 6: applying again would change the directory"
    );
    Ok(())
}

/// Every table that a story writes.
const TABLES: [&str; 11] = [
    "learners",
    "staff",
    "establishments",
    "exports",
    "authorities",
    "decisions",
    "requests",
    "directory_feedback",
    "rekeys",
    "classes",
    "class_members",
];

/// 7: order of rows, files and threads change nothing.
pub fn same_bytes(world: &World, plan: &Decided, as_of: &str, n: usize) -> Verdict {
    let kept: Vec<(PathBuf, Vec<u8>)> = TABLES
        .iter()
        .map(|table| world.path_of(table))
        .filter_map(|path| Some((path.clone(), std::fs::read(path).ok()?)))
        .collect();
    for (path, bytes) in &kept {
        let many = [
            "learners",
            "staff",
            "decisions",
            "requests",
            "classes",
            "class_members",
        ];
        let may_be_split = many
            .iter()
            .any(|table| path.ends_with(format!("{table}.csv")))
            && bytes.iter().filter(|byte| **byte == b'\n').count() > 1;
        match may_be_split && !n.is_multiple_of(3) {
            true => split(path, bytes, n % 3 == 2),
            false => std::fs::write(path, turned(bytes, n)).expect("written"),
        }
    }
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(1 + n % 2)
        .build()
        .expect("threads");
    let other = threads.install(|| world.plan(as_of));
    for (path, bytes) in &kept {
        let _ = std::fs::remove_dir_all(path.with_extension(""));
        std::fs::write(path, bytes).expect("written");
    }
    law!(
        plan.plan_csv == other.plan_csv,
        "law 7: plan.csv depends on order, files or threads\n{}\n{}",
        world.tell(plan),
        world.tell(&other)
    );
    law!(
        plan.groups_csv == other.groups_csv,
        "law 7: groups.csv depends on order, files or threads"
    );
    law!(
        unplaced(plan) == unplaced(&other),
        "law 7: notices depend on order, files or threads\n{}\n{}",
        world.tell(plan),
        world.tell(&other)
    );
    let (this, that) = (written(plan)?, written(&other)?);
    law!(
        this == that,
        "law 7: the snapshot depends on order, files or threads"
    );
    Ok(())
}

/// 7, as far as parts go: however many there are, what comes of them is what comes of the whole.
pub fn same_in_parts(world: &World, plan: &Decided, as_of: &str, n: usize) -> Verdict {
    let parts = [2, 3, 5][n % 3];
    let parted = world.decide_in_parts(as_of, &[], parts, Some(plan));
    parted.map_err(|difference| format!("law 7: a night in parts differs\n{difference}"))
}

/// Rows in another order.
fn turned(bytes: &[u8], n: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let by = n % lines.len().max(1);
    let rows = lines.len() - 1;
    if rows > 0 {
        lines[1..].rotate_left(by % rows);
    }
    lines.join("\n").into_bytes()
}

/// One file per establishment, or per decision or request, instead of one.
fn split(path: &Path, bytes: &[u8], turn: bool) {
    let turned = if turn {
        turned(bytes, 1)
    } else {
        bytes.to_vec()
    };
    let text = String::from_utf8_lossy(&turned).into_owned();
    let folder = path.with_extension("");
    std::fs::remove_file(path).expect("removed");
    std::fs::create_dir(&folder).expect("a folder");
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let (header, rows) = text.split_once('\n').expect("a header");
    for row in rows.lines() {
        let code = row.split(',').next().unwrap_or_default();
        files
            .entry(code)
            .or_insert_with(|| format!("{header}\n"))
            .push_str(&format!("{row}\n"));
    }
    for (code, text) in files {
        std::fs::write(folder.join(format!("{code}.csv")), text).expect("written");
    }
}

/// Notices without the place of the row, which is where it is.
fn unplaced(decided: &Decided) -> Vec<Notice> {
    let place = |n: &Notice| Notice {
        file: String::new(),
        row: 0,
        ..n.clone()
    };
    let mut notices: Vec<Notice> = decided.plan.notices.iter().map(place).collect();
    notices.sort();
    notices.dedup();
    notices
}

fn written(decided: &Decided) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let name = decided
        .write_snapshot(folder.path(), None)
        .map_err(|e| e.to_string())?;
    let mut files = BTreeMap::from([(name, Vec::new())]);
    for entry in std::fs::read_dir(folder.path())
        .map_err(|e| e.to_string())?
        .flatten()
    {
        files.insert(
            entry.file_name().to_string_lossy().into_owned(),
            std::fs::read(entry.path()).unwrap_or_default(),
        );
    }
    Ok(files)
}

/// 10: a plan's digest is another with any byte of any input, any other policy, any other date.
pub fn bound_to_its_input(world: &mut World, plan: &Decided, as_of: Day, n: usize) -> Verdict {
    let path = world.path_of(TABLES[n % TABLES.len()]);
    let Ok(bytes) = std::fs::read(&path) else {
        return Ok(());
    };
    let today = date_of(as_of).to_string();
    std::fs::write(&path, [&bytes[..], b"\n"].concat()).expect("written");
    let touched = world.plan(&today);
    std::fs::write(&path, &bytes).expect("written");
    law!(
        touched.plan_digest != plan.plan_digest,
        "law 10: a byte of {} more, and the same plan digest",
        path.display()
    );
    if n == 0 {
        let digest = world.policy.digest.clone();
        world.policy.digest.push('0');
        let other = world.plan(&today);
        world.policy.digest = digest;
        law!(
            other.plan_digest != plan.plan_digest,
            "law 10: another policy, and the same plan digest"
        );
        let tomorrow = world.plan(&date_of(as_of + 1).to_string());
        law!(
            tomorrow.plan_digest != plan.plan_digest,
            "law 10: another date, and the same plan digest"
        );
        law!(
            world.plan(&today).plan_digest == plan.plan_digest,
            "law 10: the same night has another digest"
        );
    }
    Ok(())
}

/// 8: no identifier in any byte that is written, nor in what a programmer would print.
pub fn no_identifier_leaves(world: &World, story: &Story, plan: &Decided) -> Verdict {
    let folder = tempfile::tempdir().expect("a folder");
    let about = About {
        run: "2026-01-01-00000000".to_owned(),
        policy: story.policy.to_owned(),
        policy_digest: world.policy.digest.clone(),
        inputs: plan
            .input_files
            .iter()
            .map(|f| (f.label.clone(), f.sha256.clone()))
            .collect(),
        snapshot_digest: plan.snapshot_before.clone(),
        plan_digest: plan.plan_csv.sha256.clone(),
        ..About::default()
    };
    let (pairs, more) = report::pairs(&plan.plan.changes, &Blind(plan), 1000);
    let artefacts = Artefacts {
        plan: &plan.plan,
        about: &about,
        plan_csv: &plan.plan_csv,
        groups_csv: plan.groups_csv.as_deref(),
        credentials: &report::credentials_due(
            &plan.before.accounts,
            &plan.plan.changes,
            std::iter::empty(),
        ),
        waiting: &[],
        snapshot_diff: &report::snapshot_diff(&pairs, more),
        rows_max: 100,
        office_names: true,
    };
    let plan_csv = folder.path().join("plan.csv");
    report::write_plan_csv(&plan.plan.changes, Some(&plan_csv)).map_err(|e| e.to_string())?;
    report::write_all(folder.path(), &artefacts).map_err(|e| e.to_string())?;
    let mut texts = vec![(
        "Debug of the plan".to_owned(),
        format!("{:?}", plan.plan).to_uppercase(),
    )];
    texts.extend(texts_below(folder.path()));
    texts.extend(texts_below(world.snapshot_folder()));
    for who in 0..story.people.len() {
        let label = story.label(who);
        let of = |label: &str| match (story.people[who].staff, story.policy) {
            (true, _) => label.to_uppercase(),
            (false, "hwb") => crate::support::upn_of(label),
            (false, _) => crate::support::scn_of(label),
        };
        // A corrected identifier of staff begins with the old one.
        let ids = [of(&label), of(&format!("l-{}", 100 + who))];
        let ids = if story.people[who].staff {
            &ids[..1]
        } else {
            &ids[..]
        };
        let mut texts = texts.iter();
        let leak = texts.find(|(_, text)| ids.iter().any(|id| text.contains(id)));
        law!(
            leak.is_none(),
            "law 8: an identifier stands in {}",
            leak.map_or("", |(name, _)| name)
        );
    }
    Ok(())
}

struct Blind<'a>(&'a Decided);

impl report::Before for Blind<'_> {
    fn account(&self, change: &onroll::plan::Change) -> Option<onroll::directory::AccountRecord> {
        change
            .place
            .map(|place| self.0.before.accounts.record(place))
    }

    fn transfer(&self, _: &str, _: &str) -> Option<onroll::directory::Transfer> {
        None
    }
}

fn texts_below(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path() {
            path if path.is_dir() => all.extend(texts_below(&path)),
            path => {
                let bytes = std::fs::read(&path).unwrap_or_default();
                all.push((
                    path.display().to_string(),
                    String::from_utf8_lossy(&bytes).to_uppercase(),
                ));
            }
        }
    }
    all
}

/// 9: everyone on roll has a usable account, a notice, a fault, or is counted as not shared.
pub fn nobody_is_forgotten(night: &Night<'_>) -> Verdict {
    let oracle = night.oracle;
    let plan = &night.decided.plan;
    let mut served: BTreeSet<_> = night
        .after
        .values()
        .filter(|a| usable(a))
        .filter_map(|a| night.who(a))
        .collect();
    served.extend(
        plan.notices
            .iter()
            .filter_map(|n| night.refs.get(&n.person_ref).copied()),
    );
    // A row that a guard holds tells of its person, and names the guard.
    let held = plan.changes.iter().filter(|c| c.status != Status::Planned);
    served.extend(held.filter_map(|c| night.refs.get(c.person_ref()).copied()));
    for row in oracle.rows(Fate::Accepted) {
        let who = oracle.identity(row);
        let guest = row.status == 4 && !oracle.left(row) && oracle.begins_within(row, 0);
        if oracle.is_held(who) || served.contains(&who) || !(oracle.on_roll(row) || guest) {
            continue;
        }
        // Somebody on roll at several such schools is counted at one of them.
        let counted = |r: &crate::story::Row| {
            plan.not_shared
                .get(&oracle.scene.code(r.at))
                .is_some_and(|n| *n > 0)
        };
        let not_shared = oracle.accepted(who).any(counted);
        law!(
            not_shared,
            "law 9: {} is on roll at {} and forgotten",
            oracle.story.label(who.who),
            oracle.scene.code(row.at)
        );
    }
    for row in oracle
        .rows(Fate::Rejected)
        .chain(oracle.rows(Fate::Untold))
        .chain(oracle.rows(Fate::Elsewhere))
    {
        let fault = plan
            .faults
            .iter()
            .any(|f| f.severity == onroll::model::Severity::Reject && f.row > 0);
        law!(
            fault,
            "law 9: the row of {} is wrong and no fault says so",
            oracle.story.label(row.who)
        );
    }
    Ok(())
}
