//! The committed sample nights are what their generator writes.

#[path = "../examples/sample_nights/generator/mod.rs"]
mod generator;

use std::collections::BTreeMap;
use std::path::Path;

fn committed(folder: &Path, base: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            committed(&path, base, into);
        } else {
            let name = path
                .strip_prefix(base)
                .expect("below")
                .to_string_lossy()
                .replace('\\', "/");
            into.insert(name, std::fs::read(&path).expect("readable"));
        }
    }
}

#[test]
fn the_generator_writes_the_committed_sample_byte_for_byte() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let mut found = BTreeMap::new();
    for platform in ["hwb", "adoption", "glow"] {
        committed(&base.join(platform), &base, &mut found);
    }
    let made = generator::build();
    let differing: Vec<_> = made
        .keys()
        .chain(found.keys())
        .filter(|path| made.get(*path) != found.get(*path))
        .collect();
    assert!(
        differing.is_empty(),
        "run `cargo run --release --example sample_nights -- sample-data`: {differing:?}"
    );
}

/// The rows of a run's table whose first column is this word, by the dates of the runs.
fn nights(runs: &Path, table: &str, word: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(runs).expect("runs") {
        let path = entry.expect("a run").path();
        let Ok(text) = std::fs::read_to_string(path.join(table)) else {
            continue;
        };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let column = reader
            .headers()
            .expect("a header")
            .iter()
            .position(|name| name == "action");
        let rows = reader.records().map(|row| row.expect("a row"));
        let count = rows
            .filter(|row| column.is_some_and(|at| &row[at] == word))
            .count();
        let name = path.file_name().expect("a name").to_string_lossy();
        if count > 0 {
            found.push((name[..10].to_owned(), count));
        }
    }
    found.sort();
    found
}

#[test]
fn the_welsh_nights_show_a_groups_whole_year_and_a_directory_taken_over() {
    let home = tempfile::tempdir().expect("a folder");
    let played = std::process::Command::new(env!("CARGO_BIN_EXE_onroll"))
        .args(["demo", "played", "--policy", "hwb"])
        .current_dir(home.path())
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(played.status.success(), "{told}");

    let runs = home.path().join("played/hwb/runs");
    let groups = |word: &str| nights(&runs, "groups.csv", word);
    let on = |date: &str, count: usize| vec![(date.to_owned(), count)];
    assert_eq!(
        groups("group_create"),
        [on("2025-09-02", 2), on("2026-08-17", 2)].concat()
    );
    assert_eq!(groups("group_archive"), on("2026-09-01", 2));
    assert_eq!(groups("group_restore"), on("2026-09-24", 1));
    // Only the change of class of September: the one after the freeze date moved nobody.
    let followed = groups("group_update");
    assert!(
        followed.contains(&("2026-09-03".to_owned(), 1)),
        "{followed:?}"
    );
    assert!(
        followed
            .iter()
            .all(|(date, _)| date.as_str() > "2026-08-31"),
        "{followed:?}"
    );

    let runs = home.path().join("played/adoption/runs");
    let plan = |word: &str| nights(&runs, "plan.csv", word);
    assert!(
        told.contains("Adopted 7 accounts: 6 active, 0 in grace, 1 inactive."),
        "{told}"
    );
    assert!(
        told.contains("1 row left out. Their usernames are never issued again"),
        "{told}"
    );
    assert_eq!(plan("create"), on("2026-06-16", 1));
    assert_eq!(plan("purge"), []);
    assert_eq!(plan("release"), []);
}
