//! Every folder of `tests/scenarios` is a short story: nights laid over each other, and what must come of them.
//!
//! `ONROLL_BLESS=1 cargo test --release --test scenarios` writes what happens as what is expected; read the
//! difference before you commit it.

mod support;

use std::fmt::Write;
use std::path::Path;

use support::World;

/// Tells a scenario: every night, then the directory.
fn play(folder: &Path) -> String {
    let story = std::fs::read_to_string(folder.join("story.md")).expect("story.md");
    let policy = story
        .lines()
        .find_map(|l| l.strip_prefix("Policy: "))
        .expect("a line `Policy: hwb|glow`")
        .trim();
    let mut world = World::new(policy);
    let common = folder
        .parent()
        .expect("a parent")
        .join("_common")
        .join(policy);
    lay(&mut world, &common);
    let mut told = String::new();
    let mut nights: Vec<_> = std::fs::read_dir(folder.join("nights"))
        .expect("nights/")
        .flatten()
        .map(|e| e.path())
        .collect();
    nights.sort();
    for night in nights {
        let as_of = night
            .file_name()
            .and_then(|n| n.to_str())
            .expect("a date")
            .to_owned();
        lay(&mut world, &night);
        if !night.join("exports.csv").exists() {
            world.export_all(&as_of);
        }
        let decided = world.run(&as_of);
        let _ = write!(told, "== {as_of}\n{}", world.tell(&decided));
    }
    let _ = write!(told, "== directory\n{}", world.tell_accounts());
    told
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
        "decisions",
    ] {
        if let Ok(csv) = std::fs::read_to_string(night.join(format!("{table}.csv"))) {
            world.put(table, &csv);
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
    folders.sort();
    assert!(!folders.is_empty());
    let bless = std::env::var_os("ONROLL_BLESS").is_some();
    let mut wrong = Vec::new();
    for folder in folders {
        let told = play(&folder);
        let path = folder.join("expected.txt");
        if bless {
            std::fs::write(&path, &told).expect("written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if told != expected {
            let name = folder
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default();
            let diff = similar::TextDiff::from_lines(&expected, &told);
            wrong.push(format!(
                "--- {name}\n{}",
                diff.unified_diff().context_radius(2)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
