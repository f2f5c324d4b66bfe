//! What a run leaves: everything promised, and no identifier in any of it.

use crate::world::{IDENTIFIERS, World, files, names};

#[test]
fn a_run_leaves_its_files_its_policy_and_a_chain_of_digests() {
    let world = World::new();
    let before = world.current();
    world.tonight(&["run"]).ends_with(0);
    let [run] = &world.runs()[..] else {
        panic!("one run")
    };
    let there = names(&world.at("school/runs").join(run));
    for name in [
        "plan.csv",
        "plan.json",
        "faults.csv",
        "notices.csv",
        "credentials.csv",
        "report.md",
        "report.html",
        "snapshot.diff",
        "metrics.prom",
        "run.json",
    ] {
        assert!(there.iter().any(|file| file == name), "{name} is missing");
    }
    let record: serde_json::Value =
        serde_json::from_str(&world.read(&format!("runs/{run}/run.json"))).unwrap();
    assert_eq!(record["snapshot_before"].as_str(), Some(before.as_str()));
    assert_eq!(
        record["snapshot_after"].as_str(),
        Some(world.current().as_str())
    );
    assert_eq!(record["done"]["create"].as_u64(), Some(3));
    let policy = record["policy"]["digest"].as_str().unwrap();
    assert!(
        world
            .at("school/runs/policies")
            .join(policy)
            .join("learner.csv")
            .is_file()
    );
}

#[test]
fn no_identifier_is_in_anything_written() {
    let world = World::new();
    world.tonight(&["run", "-vv"]).ends_with(0);
    for folder in ["school/runs", "school/directory"] {
        for path in files(&world.at(folder)) {
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                IDENTIFIERS
                    .iter()
                    .all(|identifier| !text.contains(identifier)),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn every_night_leaves_its_numbers_however_it_ended() {
    let world = World::new();
    let newest = |day: &str| {
        let runs = world.runs();
        let run = runs.iter().rfind(|run| run.starts_with(day)).unwrap();
        world.read(&format!("runs/{run}/metrics.prom"))
    };
    world.tonight(&["run"]).ends_with(0);
    let decided = newest("2026-09-01");
    for line in [
        "onroll_as_of_seconds 1788220800\n",
        "onroll_night{ended=\"decided\"} 1\n",
        "onroll_changes{action=\"create\",status=\"planned\"} 3\n",
        "onroll_number{name=\"accounts_active_after\"} 3\n",
    ] {
        assert!(decided.contains(line), "{line} in {decided}");
    }
    std::fs::remove_file(world.at("school/mis/exports.csv")).unwrap();
    world
        .onroll(&["run", "-C", "school", "--as-of", "2026-09-02"])
        .ends_with(4);
    assert!(newest("2026-09-02").contains("onroll_night{ended=\"refused\"} 1\n"));
    world.export("2026-09-03", "", "");
    let approvals = world.at("school/decisions/approvals");
    std::fs::remove_dir_all(&approvals).unwrap_or_default();
    std::fs::write(&approvals, "not a folder").unwrap();
    world
        .onroll(&["run", "-C", "school", "--as-of", "2026-09-03"])
        .ends_with(1);
    assert!(newest("2026-09-03").contains("onroll_night{ended=\"failed\"} 1\n"));
}

#[test]
fn the_record_and_the_log_say_how_long_each_stage_took() {
    let world = World::new();
    let told = world.tonight(&["run", "-v"]).ends_with(0);
    let run = world.runs().remove(0);
    let record: serde_json::Value =
        serde_json::from_str(&world.read(&format!("runs/{run}/run.json"))).unwrap();
    let stages = record["stages"].as_array().unwrap().iter();
    let stages: Vec<&str> = stages.map(|s| s["stage"].as_str().unwrap()).collect();
    let all = [
        "intake", "gate", "relate", "decide", "guard", "report", "file", "snapshot", "commit",
    ];
    assert_eq!(stages, all);
    for stage in all {
        let is_time = |line: &str| line.contains(&format!(" {stage} ")) && line.ends_with(" s");
        assert!(told.err.lines().any(is_time), "{stage}: {}", told.err);
    }
}
