//! `explain`: by id, username and identifier, tonight and in an archived run, as text and JSON.

use std::io::Write;
use std::process::{Command, Stdio};

use super::world::{IDENTIFIERS, World};

/// Runs `explain` in the workspace with an identifier on standard input.
fn by_identifier(
    world: &World,
    identifier: &str,
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_onroll"))
        .current_dir(world.at("school"))
        .args(["explain", "--person", "--as-of", "2026-09-01"])
        .args(arguments)
        .env_remove("ONROLL_KEY_FILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{identifier}").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_person_is_found_by_the_identifier_that_only_standard_input_gives() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    let [first, _, teacher] = IDENTIFIERS;
    let (code, told, _) = by_identifier(&world, first, &[]);
    assert_eq!(code, Some(0), "{told}");
    for step in [
        "1. In the input?",
        "2. Accepted?",
        "3. Matched",
        "4. Which facts",
        "5. What happened?",
    ] {
        assert!(told.contains(step), "{told}");
    }
    assert!(
        told.contains("mis/learners.csv line 2: at 6601001 from 2024-09-01"),
        "{told}"
    );
    assert!(!told.contains(first));
    let (code, told, _) = by_identifier(&world, teacher, &["--staff", "6601001"]);
    assert_eq!(code, Some(0));
    assert!(
        told.contains("teaching_staff, active, at 6601001") && !told.contains(teacher),
        "{told}"
    );
    let (code, _, err) = by_identifier(&world, "E661210020099", &[]);
    assert_eq!(code, Some(1));
    assert!(!err.contains("E661210020099"), "{err}");
}

#[test]
fn an_archived_run_explains_its_rows_by_the_policy_it_used() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    let run = world.runs().remove(0);
    let plan = world.read(&format!("runs/{run}/plan.csv"));
    // The key is drawn at random, and with it the order of the rows.
    let of_a_learner = plan.lines().find(|line| line.contains(",learner,"));
    let row: Vec<&str> = of_a_learner.unwrap().split(',').collect();
    let account = row[4];
    let answer = world
        .onroll(&[
            "-C", "school", "explain", account, "--run", &run, "--format", "json",
        ])
        .ends_with(0);
    let told: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(told["run"], run.as_str());
    assert_eq!(told["changes"][0]["action"], "create");
    assert_eq!(told["cases"][0]["rule"], told["changes"][0]["rule"]);
    assert_eq!(told["cases"][0]["facts"][0]["value"], "none");
    // While the roll is kept all five steps are there, by the username too.
    assert_eq!(told["rows"][0]["accepted"], true);
    let username = row[6];
    let by_username = ["-C", "school", "explain", username, "--run", &run];
    let whole = world.onroll(&by_username).ends_with(0).out;
    assert!(whole.contains("mis/learners.csv line "), "{whole}");
    // A night that changed nothing of theirs is explained as well.
    world.export("2026-09-02", "", "");
    world
        .onroll(&["-C", "school", "run", "--as-of", "2026-09-02"])
        .ends_with(0);
    let quiet = world.runs().remove(1);
    let quiet = ["-C", "school", "explain", username, "--run", &quiet];
    let quiet = world.onroll(&quiet).ends_with(0).out;
    assert!(quiet.contains("Nothing changed."), "{quiet}");
    // Without it, and without the key, what happened still stands in the plan.
    std::fs::rename(world.at("school.key"), world.at("away.key")).unwrap();
    let answer = world
        .onroll(&[
            "-C", "school", "explain", account, "--run", &run, "--format", "json",
        ])
        .ends_with(0);
    let told: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert!(told["rows"].is_null());
    assert_eq!(told["cases"][0]["rule"], told["changes"][0]["rule"]);
    std::fs::rename(world.at("away.key"), world.at("school.key")).unwrap();
    // The same by its username; and tonight, where nothing is left to do.
    world.export("2026-09-03", "", "");
    let tonight = world
        .onroll(&["-C", "school", "explain", username, "--as-of", "2026-09-03"])
        .ends_with(0);
    assert!(tonight.out.contains("Nothing changed."), "{}", tonight.out);
    // Rules that were altered since explain nothing.
    let kept = super::world::names(&world.at("school/runs/policies")).remove(0);
    let rules = format!("runs/policies/{kept}/learner.csv");
    let altered = world.read(&rules).replacen("S4", "S5", 1);
    world.write(&rules, &altered);
    let refused = world
        .onroll(&["-C", "school", "explain", account, "--run", &run])
        .ends_with(1);
    assert!(
        refused.err.contains("policy kept beside that run"),
        "{}",
        refused.err
    );
}

#[test]
fn nobody_of_a_name_is_an_error_with_a_remedy() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    let nobody = world.tonight(&["explain", "NobodyN9"]).ends_with(1);
    assert!(
        nobody.err.contains("no account and no row"),
        "{}",
        nobody.err
    );
    world.tonight(&["explain"]).ends_with(64);
}
