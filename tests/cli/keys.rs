//! A key gives way to another without anybody losing an account.

use crate::world::World;

const TOML: &str = "policy = \"hwb\"\nkey = \"../new.key\"\n";

/// What `check` counts under the previous key: accounts, and usernames of deleted accounts.
fn counted(world: &World) -> [u64; 2] {
    let answer = world.tonight(&["check", "--format", "json"]).ends_with(0);
    let answer: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    [
        "accounts_needing_previous_key",
        "retired_usernames_needing_previous_key",
    ]
    .map(|name| answer[name].as_u64().unwrap())
}

#[test]
fn a_new_key_takes_over_as_people_are_seen_and_the_old_one_goes_last() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    let before = world.accounts();
    world.onroll(&["key", "new", "new.key"]).ends_with(0);

    world.write("onroll.toml", TOML);
    let refused = world.tonight(&["run"]).ends_with(4);
    assert!(refused.out.contains("key_wrong"), "{}", refused.out);
    assert_eq!(world.accounts(), before);

    world.write(
        "onroll.toml",
        &format!("{TOML}previous_key = \"../school.key\"\n"),
    );
    assert_eq!(counted(&world), [3, 0]);
    world.tonight(&["plan", "--detailed-exitcode"]).ends_with(2);
    assert_eq!(counted(&world), [3, 0]);
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(counted(&world), [0, 0]);
    world.tonight(&["plan", "--detailed-exitcode"]).ends_with(0);

    world.write("onroll.toml", TOML);
    world.tonight(&["plan", "--detailed-exitcode"]).ends_with(0);
    let ids = |accounts: &str| -> Vec<String> {
        let id = |line: &str| line.split(',').next().unwrap_or_default().to_owned();
        accounts.lines().map(id).collect()
    };
    assert_eq!(ids(&world.accounts()), ids(&before));
    assert_ne!(world.accounts(), before);
}

#[test]
fn the_old_key_cannot_go_while_an_account_stands_under_it() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    world.onroll(&["key", "new", "new.key"]).ends_with(0);
    // The second learner has left long ago by the export, hence is released; then the row is gone.
    world.export("2026-09-01", "", "2026-08-31");
    world.tonight(&["run"]).ends_with(0);
    let learners = world.read("mis/learners.csv");
    let stay: Vec<&str> = learners
        .lines()
        .filter(|line| !line.contains("Bevan"))
        .collect();
    world.write("mis/learners.csv", &(stay.join("\n") + "\n"));
    let exports = world.read("mis/exports.csv").replace(",2,1", ",1,1");
    world.write("mis/exports.csv", &exports);

    world.write(
        "onroll.toml",
        &format!("{TOML}previous_key = \"../school.key\"\n"),
    );
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(counted(&world), [1, 0]);
    world.write("onroll.toml", TOML);
    let refused = world.tonight(&["run"]).ends_with(4);
    assert!(
        refused.out.contains("key_missing") && refused.out.contains("1 account stands"),
        "{}",
        refused.out
    );
}
