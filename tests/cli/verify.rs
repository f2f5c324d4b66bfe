//! The archive years later: any altered byte is found and named, and what names a deleted person is gone.

use std::path::Path;

use onroll::directory::sha256;

use crate::world::{World, files, names};

fn verify(world: &World) -> (Option<i32>, serde_json::Value) {
    let done = world.onroll(&["-C", "school", "verify", "--format", "json"]);
    (done.code, serde_json::from_str(&done.out).unwrap())
}

fn night(world: &World, day: &str, left: &str) {
    world.export(day, left, "");
    world
        .onroll(&["-C", "school", "run", "--as-of", day])
        .ends_with(0);
}

#[test]
fn a_flipped_byte_anywhere_in_the_archive_names_its_file() {
    let world = World::new();
    world.tonight(&["plan"]).ends_with(0);
    world.tonight(&["run"]).ends_with(0);
    night(&world, "2026-09-02", "2026-09-01");
    let (code, all) = verify(&world);
    assert_eq!((code, all["runs"].as_u64()), (Some(0), Some(2)), "{all}");

    let mut flipped = 0;
    for folder in ["runs", "directory"] {
        for path in files(&world.at("school").join(folder)) {
            if path.ends_with(".lock") {
                continue;
            }
            let whole = std::fs::read(&path).unwrap();
            let places = [0, whole.len() / 2, whole.len().saturating_sub(1)];
            for at in places.iter().filter(|at| **at < whole.len()) {
                let mut bytes = whole.clone();
                bytes[*at] ^= 1;
                std::fs::write(&path, bytes).unwrap();
                let (code, found) = verify(&world);
                let file = name_of(&world, &path);
                assert_eq!(code, Some(6), "{file}, byte {at}: {found}");
                let named = found["findings"].as_array().unwrap();
                assert!(
                    named.iter().any(|f| f["file"] == file.as_str()),
                    "{file}, byte {at}: {found}"
                );
                flipped += 1;
            }
            std::fs::write(&path, whole).unwrap();
        }
    }
    assert!(flipped > 100, "only {flipped} bytes were flipped");
    assert_eq!(verify(&world).0, Some(0));
}

fn name_of(world: &World, path: &Path) -> String {
    let below = path.strip_prefix(world.at("school")).unwrap();
    below.to_string_lossy().into_owned()
}

fn list(found: &serde_json::Value, what: &str) -> Vec<String> {
    let list = found[what].as_array().unwrap();
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn a_night_is_decided_again_for_as_long_as_its_roll_is_kept() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    for day in ["2026-09-02", "2026-09-04", "2026-09-07"] {
        night(&world, day, "2026-09-01");
    }
    let (code, found) = verify(&world);
    assert_eq!((code, list(&found, "decided_again").len()), (Some(0), 4));
    assert!(list(&found, "not_decided_again").is_empty(), "{found}");
    // The live snapshot and the one before stay in `directory`; those that earlier rolls began with are archived.
    assert_eq!(names(&world.at("school/runs/snapshots")).len(), 3);

    night(&world, "2026-09-08", "2026-09-01");
    let first = world.runs().remove(0);
    assert!(!world.at("school/runs").join(&first).join("roll").exists());
    let (code, found) = verify(&world);
    assert_eq!((code, list(&found, "decided_again").len()), (Some(0), 4));
    assert_eq!(names(&world.at("school/runs/snapshots")).len(), 3);

    // Weeks later nothing of it is left, and every digest still holds.
    night(&world, "2026-09-30", "2026-09-01");
    let (code, found) = verify(&world);
    assert_eq!((code, list(&found, "decided_again").len()), (Some(0), 1));
    assert!(names(&world.at("school/runs/snapshots")).is_empty());
}

/// Alters a file of a run and every digest that would give it away: what somebody with the whole archive can do.
fn forge(world: &World, run: &str, file: &str, from: &str, to: &str) {
    let path = format!("runs/{run}/{file}");
    let before = world.read(&path);
    let after = before.replace(from, to);
    assert_ne!(before, after, "{from} is not in {file}");
    world.write(&path, &after);
    let place = format!("runs/{run}/run.json");
    let record = world.read(&place);
    let digest = |text: &str| sha256(text.as_bytes());
    let forged = record.replace(&digest(&before), &digest(&after));
    assert_ne!(record, forged);
    world.write(&place, &forged);
    let chain = world.read("runs/chain.csv");
    let mut lines: Vec<String> = Vec::new();
    for line in chain.lines() {
        let line = line.replace(&digest(&record), &digest(&forged));
        let (rest, _) = line.rsplit_once(',').unwrap();
        lines.push(match lines.last() {
            Some(before) => format!("{rest},{}", digest(before)),
            None => line,
        });
    }
    world.write("runs/chain.csv", &(lines.join("\n") + "\n"));
}

#[test]
fn a_plan_forged_with_all_its_digests_is_found_by_deciding_it_again() {
    for (file, from, to) in [
        ("plan.csv", "release", "update"),
        (
            "roll/enrolments.csv",
            ",Y,learner,",
            ",Y,non_teaching_staff,",
        ),
        ("roll/enrolments.csv", "2026-09-01", "2026-09-11"),
    ] {
        let world = World::new();
        world.tonight(&["run"]).ends_with(0);
        night(&world, "2026-09-02", "2026-09-01");
        let run = world.runs().pop().unwrap();
        forge(&world, &run, file, from, to);
        let digests = world.onroll(&["-C", "school", "verify", "--digests"]);
        digests.ends_with(0);
        let (code, found) = verify(&world);
        assert_eq!(code, Some(6), "{file}: {found}");
        let plan = format!("runs/{run}/plan.csv");
        assert!(
            list(&found, "findings").iter().any(|f| f.contains(&plan)),
            "{file}: {found}"
        );
    }
}

#[test]
fn what_cannot_be_decided_again_says_why_and_is_no_finding() {
    let world = World::new();
    let header = "decision_id,decided_on,decided_by,decision,account,establishment,value,note\n";
    world.tonight(&["run"]).ends_with(0);
    let accounts = world.accounts();
    let id = accounts.lines().nth(1).unwrap().split(',').next().unwrap();
    let decision = format!("d1,2026-09-01,office,not_a_leaver,{id},,14,\n");
    world.write("decisions/decisions.csv", &format!("{header}{decision}"));
    night(&world, "2026-09-02", "2026-09-01");
    let more = format!("{header}d2,2026-09-03,office,not_a_leaver,nobody,,14,\n{decision}");
    world.write("decisions/decisions.csv", &more);
    let (code, found) = verify(&world);
    assert_eq!(
        (code, list(&found, "decided_again").len()),
        (Some(0), 2),
        "later decisions change nothing"
    );

    world.write("decisions/decisions.csv", &more.replace(",14,", ",13,"));
    let (code, found) = verify(&world);
    assert_eq!(code, Some(0));
    let why = list(&found, "not_decided_again");
    assert!(
        why.len() == 1 && why[0].contains("a decision of that night"),
        "{why:?}"
    );

    std::fs::remove_file(world.at("school.key")).unwrap();
    let (code, found) = verify(&world);
    assert_eq!(
        (code, list(&found, "not_decided_again").len()),
        (Some(0), 2)
    );
}

#[test]
fn a_run_that_is_removed_added_to_or_taken_out_of_the_chain_is_found() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    night(&world, "2026-09-02", "2026-09-01");
    let run = world.runs().remove(0);

    world.write(&format!("runs/{run}/extra.csv"), "a,b\n");
    let (code, found) = verify(&world);
    assert_eq!(code, Some(6));
    assert!(
        found.to_string().contains("the run did not write it"),
        "{found}"
    );
    std::fs::remove_file(world.at("school/runs").join(&run).join("extra.csv")).unwrap();

    let chain = world.read("runs/chain.csv");
    let kept: Vec<&str> = chain.lines().filter(|line| !line.contains(&run)).collect();
    world.write("runs/chain.csv", &(kept.join("\n") + "\n"));
    let (code, found) = verify(&world);
    assert_eq!(code, Some(6));
    assert!(
        found.to_string().contains("the chain has no line for it"),
        "{found}"
    );
    world.write("runs/chain.csv", &chain);

    std::fs::remove_dir_all(world.at("school/runs").join(&run)).unwrap();
    let (code, found) = verify(&world);
    assert_eq!(code, Some(6));
    assert!(found.to_string().contains("it is gone"), "{found}");
    // The next night goes on all the same, and vouches for nothing that is not there.
    night(&world, "2026-09-03", "2026-09-01");
    assert_eq!(verify(&world).0, Some(6));
}

#[test]
fn what_names_a_deleted_person_is_gone_once_the_windows_have_passed() {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    night(&world, "2026-09-11", "2026-09-10");
    let leaver = world
        .accounts()
        .lines()
        .find(|line| line.contains("Prosser"))
        .and_then(|line| line.split(',').next())
        .unwrap()
        .to_owned();
    let named = |world: &World| -> Vec<String> {
        let folders = ["school/runs", "school/directory"].map(|folder| files(&world.at(folder)));
        let names = |path: &std::path::PathBuf| {
            let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).to_lowercase();
            text.contains("prosser") || text.contains("dylan")
        };
        let all = folders.into_iter().flatten().filter(names);
        all.map(|path| name_of(world, &path)).collect()
    };
    assert!(!named(&world).is_empty());
    night(&world, "2027-09-09", "2026-09-10");
    night(&world, "2027-09-11", "2026-09-10");
    assert!(!world.accounts().contains("Prosser"), "it was deleted");
    night(&world, "2027-09-12", "2026-09-10");
    let purge = world
        .runs()
        .into_iter()
        .find(|run| run.starts_with("2027-09-11"))
        .unwrap();
    assert!(
        !named(&world).is_empty(),
        "the night before is still told with names"
    );

    night(&world, "2027-10-12", "2026-09-10");
    assert_eq!(named(&world), Vec::<String>::new());
    // What stays answers the auditor, and is still proved.
    let told = world
        .onroll(&["-C", "school", "explain", &leaver, "--run", &purge])
        .ends_with(0)
        .out;
    assert!(told.contains("purge"), "{told}");
    let (code, found) = verify(&world);
    assert_eq!(
        (code, found["aged"].as_u64()),
        (Some(0), Some(5)),
        "{found}"
    );
}
