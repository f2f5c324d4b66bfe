//! A plan is applied to what it was made from, or not at all.

use std::path::Path;

use crate::files::{beside, copy_folder, files};
use crate::world::World;

#[test]
fn a_plan_waits_is_applied_and_leaves_nothing_to_do() {
    let world = World::new();
    let empty = world.current();
    world.tonight(&["plan", "--detailed-exitcode"]).ends_with(2);
    assert_eq!(world.current(), empty);
    world.onroll(&["-C", "school", "apply"]).ends_with(0);
    assert_eq!(world.accounts().lines().count(), 4);
    let [run] = &world.runs()[..] else {
        panic!("one run")
    };
    assert_eq!(world.state(run), "done");
    let applied = world.current();
    world.onroll(&["-C", "school", "apply"]).ends_with(0);
    world.tonight(&["plan", "--detailed-exitcode"]).ends_with(0);
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(world.current(), applied);
}

#[test]
fn a_night_carried_out_at_once_leaves_what_a_plan_leaves_that_is_applied() {
    let world = World::new();
    let teachers: String = (1..=5)
        .map(|n| format!("6601001,AB0{n},,Rees,Non,,,2020-09-01,,,,teaching,123456{n},,\n"))
        .collect();
    let staffed = |day: &str, left: &str| {
        world.export(day, left, "");
        for (file, more, with) in [
            ("mis/staff.csv", "", teachers.as_str()),
            ("mis/exports.csv", "2,1\n", "2,6\n"),
        ] {
            let text = world.read(file);
            world.write(file, &(text.trim_end_matches(more).to_owned() + with));
        }
    };
    staffed("2026-09-01", "");
    world.tonight(&["run"]).ends_with(0);
    staffed("2026-09-02", "2026-09-01");
    // One leaves: few of all accounts change, so that the next snapshot is written before the reports.
    let twin = world.at("twin");
    let school = world.at("school");
    copy_folder(&school, &twin);
    std::fs::copy(beside(&school), beside(&twin)).unwrap();
    let on = ["--as-of", "2026-09-02"];
    let onroll = |place: &str, command: &[&str]| {
        world
            .onroll(&[&["-C", place], command].concat())
            .ends_with(0);
    };
    onroll("school", &[&["run"][..], &on].concat());
    onroll("twin", &[&["plan"][..], &on].concat());
    onroll("twin", &["apply"]);
    let directory = |root: &Path| files(root, &root.join("directory"));
    assert_eq!(directory(&school), directory(&twin));
    assert!(world.accounts().contains("inactive"));
    onroll("school", &["verify"]);
}

#[test]
fn the_same_night_again_and_again_keeps_one_folder() {
    let world = World::new();
    for _ in 0..4 {
        world.tonight(&["run"]).ends_with(0);
    }
    // The night itself, and the empty plan of every further run.
    assert_eq!(world.runs().len(), 2);
}

#[test]
fn a_plan_made_from_other_input_is_stale_and_says_which_file() {
    let world = World::new();
    world.tonight(&["plan"]).ends_with(0);
    let before = world.current();
    world.export("2026-09-01", "2026-08-31", "");
    let refused = world.onroll(&["-C", "school", "apply"]).ends_with(6);
    assert!(
        refused.err.contains("mis/learners.csv has changed") && !refused.err.contains("staff.csv"),
        "{}",
        refused.err
    );
    assert_eq!(world.current(), before);
    world.export("2026-09-01", "", "");
    world.onroll(&["-C", "school", "apply"]).ends_with(0);
}

#[test]
fn a_plan_made_from_another_snapshot_is_stale() {
    let world = World::new();
    world.tonight(&["plan"]).ends_with(0);
    let [planned] = &world.runs()[..] else {
        panic!("one run")
    };
    world.export("2026-09-02", "", "");
    world
        .onroll(&["-C", "school", "run", "--as-of", "2026-09-02"])
        .ends_with(0);
    let before = world.current();
    let refused = world
        .onroll(&["-C", "school", "apply", planned])
        .ends_with(6);
    assert!(refused.err.contains("has moved on"));
    assert_eq!(world.current(), before);
}

#[test]
fn an_altered_plan_is_refused_and_never_taken_for_the_real_one() {
    let world = World::new();
    world.tonight(&["plan"]).ends_with(0);
    let [planned] = &world.runs()[..] else {
        panic!("one run")
    };
    let path = format!("runs/{planned}/plan.csv");
    world.write(&path, &world.read(&path).replace(",create,", ",purge,"));
    let before = world.current();
    assert!(
        world
            .onroll(&["-C", "school", "apply"])
            .ends_with(6)
            .err
            .contains("plan.csv")
    );
    assert_eq!(world.current(), before);
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(
        (world.runs().len(), world.state(planned).as_str()),
        (2, "planned")
    );
}

#[test]
fn an_establishment_nobody_knows_is_refused_and_not_taken_for_a_quiet_night() {
    let world = World::new();
    let refused = world
        .tonight(&["run", "--establishment", "6601002"])
        .ends_with(4);
    assert!(refused.out.contains("selection_unknown"), "{}", refused.out);
    world
        .tonight(&["run", "--establishment", "6601001"])
        .ends_with(0);
}

#[test]
fn there_is_nothing_to_apply_before_a_plan_and_no_run_of_a_wrong_name() {
    let world = World::new();
    world.onroll(&["-C", "school", "apply"]).ends_with(1);
    world
        .onroll(&["-C", "school", "apply", "2026-09-01-00000000"])
        .ends_with(1);
}
