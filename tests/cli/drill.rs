//! What fires when tonight's input is damaged, in the workspaces of the demonstration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::world::{Done, World, files, names};

fn played() -> World {
    let world = World::bare();
    world.onroll(&["demo", "played"]).ends_with(0);
    std::fs::create_dir(world.at("scratch")).unwrap();
    world
}

fn drill(world: &World, arguments: &[&str]) -> Done {
    let scratch = world.at("scratch");
    let done = world.onroll_with(
        &[&["drill", "--format", "json"], arguments].concat(),
        &[("TMPDIR", &scratch.to_string_lossy())],
    );
    assert!(names(&scratch).is_empty(), "the copies are gone");
    done
}

fn bytes(world: &World) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files(&world.at("played"));
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    files.into_iter().map(read).collect()
}

/// The damages of an answer: name, verdict, and what fired.
fn results(done: &Done) -> BTreeMap<String, (String, String)> {
    let answer: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    let result = |each: &serde_json::Value| {
        let result = &each["result"];
        let verdict = result["verdict"].as_str().unwrap_or("none").to_owned();
        (
            each["damage"].as_str().unwrap().to_owned(),
            (verdict, result["fired"].to_string()),
        )
    };
    answer["damages"]
        .as_array()
        .unwrap()
        .iter()
        .map(result)
        .collect()
}

#[test]
fn the_shipped_policies_stop_every_damage_and_the_workspace_stays_as_it_is() {
    let world = played();
    let before = bytes(&world);
    let glow = drill(&world, &["-C", "played/glow", "--as-of", "2026-09-23"]).ends_with(0);
    let glow = results(&glow);
    assert!(glow.len() > 15 && glow.values().all(|(verdict, _)| verdict != "none"));
    for (damage, fires) in [
        ("learners_empty", "roll_vanished"),
        ("learners_cut", "export_short"),
        ("column_renamed", "missing_column"),
        ("other_encoding", "encoding"),
        ("accents_lost", "name_encoding"),
        ("school_twice", "export_unreadable"),
        ("exports_old", "exports_too_old"),
        ("school_left", "release@"),
        ("everyone_left", "release@run"),
        ("identifiers_changed", "roll_shrunk"),
        ("authorities_not_in", "withdraw@run"),
        ("school_opted_out", "opt_out@"),
    ] {
        let (verdict, fired) = &glow[damage];
        assert_eq!(verdict, "stopped", "{damage}: {fired}");
        assert!(fired.contains(fires), "{damage}: {fired}");
    }
    let hwb = drill(&world, &["-C", "played/hwb", "--as-of", "2026-09-25"]).ends_with(0);
    assert_eq!(
        results(&hwb)["school_opted_out"].0,
        "none",
        "hwb asks nobody"
    );
    assert!(bytes(&world) == before, "nothing was written");
}

#[test]
fn a_policy_that_lets_a_damage_through_is_told_so() {
    let world = played();
    let place = world.at("played/hwb/rules/policy.toml");
    let mut rules = std::fs::read_to_string(&place).unwrap();
    for (from, to) in [
        ("shrink_percent = 10 ", "shrink_percent = 100 "),
        (
            "create = { percent = 40, count = 15",
            "create = { percent = 40, count = 9999",
        ),
        (
            "create = { percent = 80, count = 30",
            "create = { percent = 80, count = 9999",
        ),
        (
            "create = { percent = 100, count = 45",
            "create = { percent = 100, count = 9999",
        ),
    ] {
        assert!(rules.contains(from), "{from}");
        rules = rules.replace(from, to);
    }
    std::fs::write(&place, rules).unwrap();
    let at = ["-C", "played/hwb", "--as-of", "2026-09-25"];
    let one = ["--damage", "identifiers_changed"];
    let through = drill(&world, &[&at[..], &one].concat()).ends_with(3);
    let answer: serde_json::Value = serde_json::from_str(&through.out).unwrap();
    let result = &answer["damages"][0]["result"];
    assert_eq!(result["verdict"], "let_through");
    assert!(result["made"].as_u64().unwrap() > 300, "{result}");
    let told = world
        .onroll(&[&["drill"], &at[..], &one].concat())
        .ends_with(3)
        .out;
    assert!(
        told.contains("LET THROUGH: 0 accounts taken away, "),
        "{told}"
    );
}

#[test]
fn a_drill_needs_a_good_night_and_something_to_damage() {
    let world = World::new();
    std::fs::create_dir(world.at("scratch")).unwrap();
    let tonight = ["-C", "school", "--as-of", "2026-09-01"];
    world
        .onroll(&[&["drill", "--damage", "flood"], &tonight[..]].concat())
        .ends_with(64);
    std::fs::remove_file(world.at("school/mis/exports.csv")).unwrap();
    drill(&world, &tonight).ends_with(4);
}
