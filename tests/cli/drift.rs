//! The real directory's list beside our last snapshot.

use crate::world::{IDENTIFIERS, World, files};

/// Three accounts of 1 September, one of them released on the 2nd, and a quiet week after.
fn world() -> World {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    for day in ["2026-09-02", "2026-09-09"] {
        world.export(day, "2026-09-01", "");
        world
            .onroll(&["run", "-C", "school", "--as-of", day])
            .ends_with(0);
    }
    world
}

fn list(world: &World, rows: &[&str]) {
    let header = "Username,Role,Establishment,Status,Last Name,Email Address\n";
    let text = format!("{header}{}\n", rows.join("\n"));
    std::fs::write(world.at("list.csv"), text).unwrap();
}

fn drift(world: &World, arguments: &[&str], code: i32) -> String {
    let all = [&["drift", "list.csv", "-C", "school"], arguments].concat();
    world.onroll(&all).ends_with(code).out
}

fn findings(world: &World) -> Vec<String> {
    let answer = drift(world, &["--format", "json"], 0);
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("–").to_owned();
    let finding = |f: &serde_json::Value| {
        let part = |name: &str| text(&f[name]);
        let waits = if f["not_carried_out"] == true {
            "waits"
        } else {
            "drift"
        };
        format!(
            "{} {} {}: {} / {} since {} {waits}",
            part("username"),
            part("kind"),
            part("column"),
            part("ours"),
            part("theirs"),
            part("since")
        )
    };
    answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(finding)
        .collect()
}

#[test]
fn drift_is_told_apart_from_what_nobody_has_carried_out_yet_with_its_age() {
    let world = world();
    list(
        &world,
        &[
            "ProsserD1@hwbcymru.net,student,6601001,Enabled,Prosser,",
            "bevanc1,Student,6601001,enabled,Devan,BevanC1@hwbcymru.net",
            "GhostG9,learner,6601001,enabled,Ghost,",
            &format!(
                "{},learner,6601001,disabled,\"=HYPERLINK(\"\"x\"\")\",",
                IDENTIFIERS[0]
            ),
        ],
    );
    let before = files(&world.at("school")).len();
    assert_eq!(
        findings(&world),
        [
            "(an identifier) unknown :  / inactive since – drift",
            "GhostG9 unknown :  / active since – drift",
            "BevanC1 differs surname: Bevan / Devan since 2026-09-01 drift",
            "MorganE1 missing : active /  since 2026-09-01 waits",
            "ProsserD1 still_usable : inactive / active since 2026-09-02 waits",
        ]
    );
    let told = drift(&world, &["--detailed-exitcode"], 2);
    for part in [
        "3 accounts in the snapshot of 2026-09-09, 4 rows in the list, 2 pairs.",
        "BevanC1 (6601001): surname: `Bevan` here, `Devan` there, since 2026-09-01 (8 days)\n",
        "ProsserD1 (6601001): inactive here, active there, since 2026-09-02 (7 days) — not carried out there yet\n",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let csv = drift(&world, &["--format", "csv"], 0);
    assert_eq!(csv.lines().count(), 6, "{csv}");
    assert_eq!(
        files(&world.at("school")).len(),
        before,
        "nothing is written"
    );
}

#[test]
fn what_was_deleted_and_is_still_there_waits_and_a_true_list_shows_nothing() {
    let world = world();
    for day in ["2027-09-02", "2027-09-03"] {
        world.export(day, "2026-09-01", "");
        world
            .onroll(&["run", "-C", "school", "--as-of", day])
            .ends_with(0);
    }
    let rows = [
        "BevanC1,learner,6601001,active,Bevan,bevanc1@hwbcymru.net",
        "MorganE1,teaching_staff,6601001,active,Morgan,morgane1@hwbcymru.net",
    ];
    list(
        &world,
        &[&rows[..], &["ProsserD1,learner,6601001,disabled,Prosser,"]].concat(),
    );
    assert_eq!(
        findings(&world),
        ["ProsserD1 unknown :  / inactive since 2027-09-02 waits"]
    );
    list(&world, &rows);
    let told = drift(&world, &["--detailed-exitcode"], 0);
    assert!(told.ends_with("Nothing differs.\n"), "{told}");
}

#[test]
fn a_list_that_cannot_be_compared_says_every_reason() {
    let world = world();
    list(
        &world,
        &[
            "BevanC1,learner,6601001,sometimes,Bevan,",
            ",learner,6601001,active,Rees,",
        ],
    );
    let refused = world
        .onroll(&["drift", "list.csv", "-C", "school"])
        .ends_with(4);
    let all = refused.out + &refused.err;
    for part in ["state", "username", "cannot be compared"] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert!(!all.contains("sometimes") && !all.contains("Rees"), "{all}");
}
