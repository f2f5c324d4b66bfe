//! A run killed at any step: the next start knows what happened, and the night ends as if nothing had.

use onroll::workspace::commit::STEPS;

use crate::world::{World, names};

/// Steps after which the new snapshot is live.
const LIVE: [&str; 3] = ["current_replaced", "run_done", "old_snapshots_removed"];

#[test]
fn a_kill_at_any_step_leaves_the_old_or_the_new_directory_and_the_next_run_completes_it() {
    for step in STEPS {
        let world = World::new();
        let empty = world.current();
        let killed = world.onroll_with(
            &["-C", "school", "run", "--as-of", "2026-09-01"],
            &[("ONROLL_TEST_STOP_AT", step)],
        );
        assert_eq!(killed.code, None, "{step}: the step is never reached");
        assert_eq!(world.current() != empty, LIVE.contains(step), "{step}");

        world.tonight(&["run"]).ends_with(0);
        assert_eq!(world.accounts().lines().count(), 4, "{step}");
        for folder in ["school/runs", "school/directory"] {
            assert!(
                names(&world.at(folder))
                    .iter()
                    .all(|name| !name.starts_with(".new-")),
                "{step}"
            );
        }
        for run in world.runs() {
            assert_eq!(world.state(&run), "done", "{step}");
        }
        world.tonight(&["plan", "--detailed-exitcode"]).ends_with(0);
    }
}

#[test]
fn an_interrupted_apply_is_settled_by_the_next_start() {
    let world = World::new();
    world.tonight(&["plan"]).ends_with(0);
    let [run] = &world.runs()[..] else {
        panic!("one run")
    };
    for (step, found, settled) in [
        ("snapshot_named", "intended", "abandoned"),
        ("current_replaced", "intended", "done"),
    ] {
        world.onroll_with(
            &["-C", "school", "apply", run],
            &[("ONROLL_TEST_STOP_AT", step)],
        );
        assert_eq!(world.state(run), found);
        world
            .onroll(&[
                "-C",
                "school",
                "approve",
                run,
                "--guard",
                "x",
                "--by",
                "a",
                "--reason",
                "b",
                "--expires",
                "2026-09-30",
            ])
            .ends_with(1);
        assert_eq!(world.state(run), settled, "{step}");
    }
}
