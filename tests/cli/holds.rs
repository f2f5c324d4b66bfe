//! What is held, refused or approved, and how a caller learns of it.

use crate::world::World;

/// A night after which both learners are said to have left.
fn everyone_leaves() -> World {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    world.export("2026-09-02", "2026-09-01", "2026-09-01");
    world
}

fn second_night(world: &World, command: &[&str]) -> crate::world::Done {
    world.onroll(&[&["-C", "school"], command, &["--as-of", "2026-09-02"]].concat())
}

#[test]
fn held_changes_end_with_3_until_somebody_answers_for_them() {
    let world = everyone_leaves();
    let held = second_night(&world, &["run", "--format", "json"]).ends_with(3);
    let told: serde_json::Value = serde_json::from_str(&held.out).unwrap();
    assert_eq!(
        (told["outcome"].as_str(), told["held"]["release"].as_u64()),
        (Some("held"), Some(2))
    );
    let guards: Vec<&str> = told["guards_tripped"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|id| id.as_str())
        .collect();
    let run = told["run"].as_str().unwrap();

    let answer = [
        "--by",
        "A. Person",
        "--reason",
        "the school closed its class",
        "--expires",
        "2026-09-30",
    ];
    let wrong = world
        .onroll(
            &[
                &["-C", "school", "approve", run, "--guard", "purge@run"],
                &answer[..],
            ]
            .concat(),
        )
        .ends_with(1);
    assert!(
        guards.iter().all(|guard| wrong.err.contains(guard)),
        "{}",
        wrong.err
    );
    let mut approve = vec!["-C", "school", "approve", run];
    guards
        .iter()
        .for_each(|guard| approve.extend(["--guard", guard]));
    world
        .onroll(&[&approve[..], &answer[..]].concat())
        .ends_with(0);

    second_night(&world, &["run"]).ends_with(0);
    assert_eq!(world.accounts().matches(",inactive,").count(), 2);
}

#[test]
fn the_command_that_is_shown_can_be_typed_as_it_stands() {
    let world = everyone_leaves();
    let held = second_night(&world, &["run"]).ends_with(3);
    let shown = held
        .out
        .lines()
        .find(|line| line.contains("onroll approve"));
    let words: Vec<&str> = shown.unwrap().split_whitespace().skip(1).collect();
    world.onroll(&words).ends_with(0);
}

#[test]
fn an_approval_that_has_run_out_lets_nothing_through() {
    let world = everyone_leaves();
    second_night(&world, &["plan"]).ends_with(3);
    let run = world.runs().into_iter().next_back().unwrap();
    let held = world.read(&format!("runs/{run}/held.csv"));
    let guard = held
        .lines()
        .nth(1)
        .and_then(|line| line.split(',').next())
        .unwrap()
        .to_owned();
    let approve = |expires| {
        [
            "-C",
            "school",
            "approve",
            &run,
            "--guard",
            &guard,
            "--by",
            "a",
            "--reason",
            "b",
            "--expires",
            expires,
        ]
        .map(str::to_owned)
    };
    let run_out = approve("2026-09-01");
    world
        .onroll(&run_out.each_ref().map(String::as_str))
        .ends_with(1);
    let short = approve("2026-09-02");
    world
        .onroll(&short.each_ref().map(String::as_str))
        .ends_with(0);
    world.export("2026-09-03", "2026-09-01", "2026-09-01");
    world
        .onroll(&["-C", "school", "run", "--as-of", "2026-09-03"])
        .ends_with(3);
}

#[test]
fn refused_input_changes_nothing_and_is_recorded() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    let before = world.current();
    world.write("mis/learners.csv", "establishment,learner_id\n");
    world.tonight(&["check"]).ends_with(4);
    world.tonight(&["run"]).ends_with(4);
    world.tonight(&["run"]).ends_with(4);
    let refused: Vec<String> = world
        .runs()
        .into_iter()
        .filter(|run| run.contains("-refused-"))
        .collect();
    assert_eq!(
        (refused.len(), world.state(&refused[0]).as_str()),
        (1, "refused")
    );
    assert!(
        world
            .read(&format!("runs/{}/faults.csv", refused[0]))
            .lines()
            .count()
            > 1
    );
    assert_eq!(world.current(), before);
    let record = world.read(&format!("runs/{}/run.json", refused[0]));
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(
        (&record["policy"]["name"], &record["snapshot_before"]),
        (&"hwb".into(), &before.into())
    );
}

#[test]
fn a_held_school_ends_with_3_and_its_people_stay() {
    let world = everyone_leaves();
    let before = world.accounts();
    world.write(
        "mis/exports.csv",
        "establishment,exported_at,status,learners,staff\n6601001,2026-09-02,failed,2,1\n",
    );
    second_night(&world, &["check"]).ends_with(3);
    second_night(&world, &["run"]).ends_with(3);
    assert_eq!(world.accounts(), before);
}
