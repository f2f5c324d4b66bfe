//! Every folder of `tests/scenarios` is a short story: nights laid over each other, and what must come of them.
//!
//! `ONROLL_BLESS=1 cargo test --release --test scenarios` writes what happens as what is expected; read the
//! difference before you commit it. `ONROLL_SCENARIO=part-of-a-name` plays some of them only.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use onroll::model::Severity;
use onroll::nightly::Night;
use onroll::policy::Policy;
use support::World;

/// Tells a scenario: every night, then the directory.
///
/// A night's folder is named by its date, `b` behind it for a second run that day. Beside tables it may hold
/// a table as it stands (`raw/learners.csv`) or split over files (`learners/one.csv`), `only.txt` (codes for `--establishment`, one a line) and `approvals.toml`,
/// in which `@held` stands for the change_ids that the night before held.
fn play(folder: &Path) -> String {
    let story = std::fs::read_to_string(folder.join("story.md")).expect("story.md");
    let policy = story
        .lines()
        .find_map(|l| l.strip_prefix("Policy: "))
        .expect("a line `Policy: hwb|glow`")
        .trim();
    let mut world = world_of(folder, policy);
    let common = folder
        .parent()
        .expect("a parent")
        .join("_common")
        .join(policy);
    lay(&mut world, &common);
    let mut told = String::new();
    let mut held: Vec<String> = Vec::new();
    for night in entries(&folder.join("nights")) {
        let name = night
            .file_name()
            .and_then(|n| n.to_str())
            .expect("a date")
            .to_owned();
        let as_of = &name[..10];
        lay(&mut world, &night);
        if !night.join("exports.csv").exists() {
            world.export_all(as_of);
        }
        if let Ok(approval) = std::fs::read_to_string(night.join("approvals.toml")) {
            let ids = held
                .iter()
                .map(|id| format!("{id:?}"))
                .collect::<Vec<_>>()
                .join(", ");
            let place = world
                .folder
                .path()
                .join("decisions/approvals")
                .join(format!("{name}.toml"));
            std::fs::write(place, approval.replace("\"@held\"", &ids)).expect("written");
        }
        let only = std::fs::read_to_string(night.join("only.txt")).unwrap_or_default();
        let only: Vec<String> = only.lines().map(str::to_owned).collect();
        let whole = world.decide_with(as_of, &only);
        for parts in [1, 2, 7] {
            let whole = match &whole {
                Night::Decided(decided) => Some(&**decided),
                Night::Refused(_) => None,
            };
            let parted = world.decide_in_parts(as_of, &only, parts, whole);
            parted.unwrap_or_else(|difference| panic!("{name}, {difference}"));
        }
        let decided = match whole {
            Night::Decided(decided) => decided,
            Night::Refused(refused) => {
                let faults = refused
                    .faults
                    .iter()
                    .filter(|f| f.severity == Severity::Refuse);
                let codes: BTreeSet<String> = faults
                    .map(|f| format!("{} {} {}", f.code, f.file, f.column))
                    .collect();
                let lines = codes.iter().map(|c| format!("refused {}\n", c.trim_end()));
                let _ = write!(told, "== {name}\n{}", lines.collect::<String>());
                continue;
            }
        };
        world.decide_from_what_is_kept(as_of, &only, &decided);
        world.carry_out(as_of, &only, &decided);
        let of_plan = decided
            .plan
            .changes
            .iter()
            .filter(|c| c.status != onroll::plan::Status::Planned);
        held = of_plan.map(|c| c.change_id().to_owned()).collect();
        let _ = write!(told, "== {name}\n{}", world.tell(&decided));
    }
    let _ = write!(told, "== directory\n{}", world.tell_accounts());
    told
}

/// A world under the shipped policy, with the scenario's `policy/append.toml` behind its parameters where there is one,
/// and each line `this => that` of `policy/replace.txt` carried out on them.
fn world_of(folder: &Path, name: &str) -> World {
    let read = |file: &str| std::fs::read_to_string(folder.join("policy").join(file));
    let (more, replace) = (read("append.toml"), read("replace.txt"));
    if more.is_err() && replace.is_err() {
        return World::new(name);
    }
    World::under(changed_policy(
        name,
        &more.unwrap_or_default(),
        &replace.unwrap_or_default(),
    ))
}

/// A shipped policy with other parameters. Proving it takes longer than most stories, so each is proved once.
fn changed_policy(name: &str, more: &str, replace: &str) -> Policy {
    type Proved = BTreeMap<[String; 3], Policy>;
    static PROVED: Mutex<Proved> = Mutex::new(BTreeMap::new());
    let mut proved = PROVED.lock().expect("no story panics while proving");
    let policy = proved
        .entry([name, more, replace].map(str::to_owned))
        .or_insert_with(|| prove(name, more, replace));
    policy.clone()
}

fn prove(name: &str, more: &str, replace: &str) -> Policy {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("config/policies")
        .join(name);
    let files = entries(&shipped).into_iter().map(|path| {
        let file = path
            .file_name()
            .and_then(|n| n.to_str())
            .expect("a name")
            .to_owned();
        let mut bytes = std::fs::read(path).expect("a file of the policy");
        if file == "policy.toml" {
            let mut text = String::from_utf8(bytes).expect("UTF-8");
            for (this, that) in replace.lines().filter_map(|line| line.split_once(" => ")) {
                assert_eq!(text.matches(this).count(), 1, "`{this}` stands once");
                text = text.replace(this, that);
            }
            bytes = (text + more).into_bytes();
        }
        (file, bytes)
    });
    Policy::from_files(files.collect()).expect("the scenario's policy proves")
}

/// What a folder holds, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|e| e.path())
        .collect();
    found.sort();
    found
}

/// Lays a night's tables over those before; establishments first, since staff scopes need them.
fn lay(world: &mut World, night: &Path) {
    for table in [
        "authorities",
        "establishments",
        "exports",
        "learners",
        "staff",
        "rekeys",
        "directory_feedback",
        "classes",
        "class_members",
        "decisions",
        "requests",
    ] {
        if let Ok(csv) = std::fs::read_to_string(night.join(format!("{table}.csv"))) {
            world.put(table, &csv);
        }
        if let Ok(bytes) = std::fs::read(night.join("raw").join(format!("{table}.csv"))) {
            std::fs::write(world.path_of(table), bytes).expect("written");
        }
        if night.join(table).is_dir() {
            let read = |path: PathBuf| {
                let name = path
                    .file_name()
                    .and_then(|n| n.to_str())
                    .expect("a name")
                    .to_owned();
                (
                    name,
                    std::fs::read_to_string(path).expect("a part of a table"),
                )
            };
            let parts: Vec<_> = entries(&night.join(table)).into_iter().map(read).collect();
            world.put_split(table, &parts);
        }
    }
}

#[test]
fn every_story_ends_as_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut folders: Vec<_> = std::fs::read_dir(&root)
        .expect("scenarios")
        .flatten()
        .map(|e| e.path())
        .collect();
    folders.retain(|f| f.join("story.md").exists());
    if let Ok(part) = std::env::var("ONROLL_SCENARIO") {
        folders.retain(|f| f.to_string_lossy().contains(&part));
    }
    folders.sort();
    assert!(!folders.is_empty());
    let bless = std::env::var_os("ONROLL_BLESS").is_some();
    // Own threads, not the engine's pool: a worker of that would take up story within story while it waits.
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get());
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts = folders.chunks(folders.len().div_ceil(workers));
        let running: Vec<_> = parts
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .filter_map(|f| compare(f, bless))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let ended = running
            .into_iter()
            .map(|worker| worker.join().expect("its stories were played"));
        ended.flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Plays a story; the difference from what it is expected to come to, if there is one.
fn compare(folder: &Path, bless: bool) -> Option<String> {
    let told = play(folder);
    let path = folder.join("expected.txt");
    if bless {
        std::fs::write(&path, &told).expect("written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let name = folder.file_name()?.to_str()?;
    let diff = similar::TextDiff::from_lines(&expected, &told);
    let shown = format!("--- {name}\n{}", diff.unified_diff().context_radius(2));
    (told != expected).then_some(shown)
}
