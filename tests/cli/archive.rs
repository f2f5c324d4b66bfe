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
        "snapshot.diff",
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
