//! Two policies, or two states of the directory, side by side.

use crate::world::{World, names};

/// Nights of 1 and 2 September: three accounts made, one released.
fn two_nights() -> World {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    world.export("2026-09-02", "2026-09-01", "");
    world
        .onroll(&["run", "-C", "school", "--as-of", "2026-09-02"])
        .ends_with(0);
    world
}

/// A copy of the shipped policy with something else in its parameters.
fn policy(world: &World, from: &str, to: &str) {
    let kept = names(&world.at("school/runs/policies")).remove(0);
    let kept = world.at("school/runs/policies").join(kept);
    let rules = world.at("rules");
    std::fs::create_dir_all(&rules).unwrap();
    for name in names(&kept) {
        let text = std::fs::read_to_string(kept.join(&name)).unwrap();
        let text = match name.as_str() {
            "policy.toml" => {
                assert!(text.contains(from), "{from}");
                text.replacen(from, to, 1)
            }
            _ => text,
        };
        std::fs::write(rules.join(name), text).unwrap();
    }
}

#[test]
fn two_policies_over_the_same_nights_show_what_differs_and_what_would_be_held() {
    let world = two_nights();
    policy(
        &world,
        "release = { percent = 35, count = 10 }",
        "release = { percent = 0, count = 0 }",
    );
    let before = super::world::files(&world.at("school")).len();
    let compare = ["policy", "compare", "hwb", "./rules", "-C", "school"];
    let told = world.onroll(&compare).ends_with(0).out;
    for line in [
        "        1  release by L-REL-1 → release by L-REL-1, held\n",
        "  2026-09-02 release@6601001/learner trips under the second alone\n",
    ] {
        assert!(told.contains(line), "{line}{told}");
    }
    let json = world
        .onroll(&[&compare[..], &["--format", "json"]].concat())
        .ends_with(0)
        .out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let nights = json["nights"].as_array().unwrap();
    let outcomes = |side: &str| -> Vec<&str> {
        nights
            .iter()
            .map(|n| n[side]["outcome"].as_str().unwrap())
            .collect()
    };
    assert_eq!(outcomes("first"), ["done", "done"]);
    assert_eq!(outcomes("second"), ["done", "held"]);
    assert_eq!(nights[0]["differences"].as_array().unwrap().len(), 0);
    assert_eq!(super::world::files(&world.at("school")).len(), before);

    // Against the workspace's own, which is the shipped one.
    let same = world.onroll(&["policy", "compare", "hwb", "-C", "school"]);
    let same = same.ends_with(0).out;
    assert!(same.contains("Both decide every account alike."), "{same}");
    // Another platform's rules read other rows.
    world
        .onroll(&["policy", "compare", "glow", "-C", "school"])
        .ends_with(64);
}

#[test]
fn without_a_kept_roll_there_is_nothing_to_compare() {
    let world = World::new();
    let nothing = world
        .onroll(&["policy", "compare", "hwb", "-C", "school"])
        .ends_with(1);
    assert!(nothing.err.contains("no archived night"), "{}", nothing.err);
}

fn diff(world: &World, arguments: &[&str], code: i32) -> String {
    let done = world.onroll(&[&["diff", "-C", "school"], arguments].concat());
    done.ends_with(code).out
}

#[test]
fn two_runs_are_compared_by_the_directories_they_left() {
    let world = two_nights();
    let runs = world.runs();
    // The key is not needed: an auditor may look without it.
    std::fs::rename(world.at("school.key"), world.at("away.key")).unwrap();
    let told = diff(&world, &[&runs[0], &runs[1]], 0);
    for part in [
        "  accounts                    0        0        1\n",
        "\nusername ProsserD1 · role learner · establishment 6601001\n",
        "-state: active\n",
        "+state: inactive\n",
        "+left_on: 2026-09-01\n",
    ] {
        assert!(told.contains(part), "{part}{told}");
    }
    let csv = diff(&world, &[&runs[0], &runs[1], "--format", "csv"], 0);
    assert!(
        csv.starts_with("table,key,change,column,before,after\n"),
        "{csv}"
    );
    assert!(csv.contains(",changed,state,active,inactive\n"), "{csv}");
    let json = diff(&world, &[&runs[0], "--format", "json"], 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["tables"]["accounts"], serde_json::json!([0, 0, 1]));
    assert_eq!(json["columns"]["accounts"]["left_on"], 1);

    // A snapshot by the beginning of its name or by its folder; into a file of one's own.
    let current = world.current();
    let folder = format!("school/directory/{current}");
    let same = diff(&world, &[&current[..6], &folder, "--detailed-exitcode"], 0);
    assert!(same.contains("nothing differs"), "{same}");
    diff(
        &world,
        &[
            &runs[0],
            "CURRENT",
            "--detailed-exitcode",
            "--out",
            "page.html",
            "--format",
            "html",
        ],
        2,
    );
    let page = std::fs::read_to_string(world.at("page.html")).unwrap();
    assert!(
        page.contains("<ins>inactive</ins>") && !page.contains("<script"),
        "{page}"
    );
}

#[test]
fn plans_are_compared_for_ever_and_what_is_gone_or_altered_says_so() {
    let world = two_nights();
    for day in ["2026-09-20", "2026-10-25"] {
        world.export(day, "2026-09-01", "");
        world
            .onroll(&["run", "-C", "school", "--as-of", day])
            .ends_with(0);
    }
    let runs = world.runs();
    let gone = world
        .onroll(&["diff", "-C", "school", &runs[0], &runs[1]])
        .ends_with(1);
    assert!(
        gone.err.contains("no longer kept") && gone.err.contains("--plans"),
        "{}",
        gone.err
    );
    let plans = diff(&world, &[&runs[0], &runs[1], "--plans", "--summary"], 0);
    assert!(
        plans.contains("  plan                        1        3        0\n"),
        "{plans}"
    );

    let accounts = format!("directory/{}/accounts.csv", world.current());
    let altered = world.read(&accounts).replace("Bevan", "Devan");
    world.write(&accounts, &altered);
    let altered = world
        .onroll(&["diff", "-C", "school", &runs[3], "CURRENT"])
        .ends_with(1);
    assert!(
        altered
            .err
            .contains("accounts.csv is not as it was written"),
        "{}",
        altered.err
    );
    let nobody = world
        .onroll(&["diff", "-C", "school", "2026-01-01-00000000"])
        .ends_with(1);
    assert!(
        nobody.err.contains("no run and no kept snapshot"),
        "{}",
        nobody.err
    );
}
