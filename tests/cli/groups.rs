//! Groups made of classes: their file is part of the plan, and nothing of who is in a class leaves.

use std::path::Path;

use crate::world::{IDENTIFIERS, World, files};

/// A school whose policy has groups, with one class of a teacher and two learners.
fn world() -> World {
    let world = World::new();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/hwb");
    std::fs::create_dir(world.at("school/rules")).unwrap();
    for path in files(&shipped) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("enabled = false", "enabled = true");
        world.write(&format!("rules/{name}"), &text);
    }
    let settings = world.read("onroll.toml");
    world.write(
        "onroll.toml",
        &settings.replace("policy = \"hwb\"", "policy = \"./rules\""),
    );
    world.write(
        "mis/classes.csv",
        "establishment,class_id,title,academic_year\n6601001,3A,=Dosbarth 3,2026/2027\n",
    );
    members(&world, &IDENTIFIERS[..2]);
    world
}

fn members(world: &World, learners: &[&str]) {
    let teacher = IDENTIFIERS[2];
    let mut text =
        format!("establishment,class_id,member_kind,member_id,role\n6601001,3A,staff,{teacher},\n");
    for learner in learners {
        text += &format!("6601001,3A,learner,{learner},\n");
    }
    world.write("mis/class_members.csv", &text);
}

fn nobody_is_named(world: &World) {
    for folder in ["school/runs", "school/directory"] {
        for path in files(&world.at(folder)) {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            for identifier in IDENTIFIERS {
                assert!(!text.contains(identifier), "{}", path.display());
            }
        }
    }
}

#[test]
fn a_class_becomes_a_group_in_every_place_that_tells_of_the_run() {
    let world = world();
    let told = world.tonight(&["run"]).ends_with(0);
    assert!(told.out.contains("group_create 1"), "{}", told.out);
    let [run] = &world.runs()[..] else {
        panic!("one run")
    };
    let groups = world.read(&format!("runs/{run}/groups.csv"));
    assert_eq!(groups.lines().count(), 2);
    assert!(groups.contains(",6601001,3A,2026/2027,'=Dosbarth 3,0,3,"));
    let plan: serde_json::Value =
        serde_json::from_str(&world.read(&format!("runs/{run}/plan.json"))).unwrap();
    assert_eq!(plan["groups"]["group_create"], 1);
    let record: serde_json::Value =
        serde_json::from_str(&world.read(&format!("runs/{run}/run.json"))).unwrap();
    assert_eq!(record["done"]["group_create"], 1);
    let report = world.read(&format!("runs/{run}/report.md"));
    assert!(report.contains("## Groups"), "{report}");
    let snapshot = world.current();
    let table = |name| world.read(&format!("directory/{snapshot}/{name}.csv"));
    assert_eq!(table("groups").lines().count(), 2);
    assert_eq!(table("group_members").lines().count(), 4);
    nobody_is_named(&world);
}

#[test]
fn a_plan_of_groups_alone_is_pending_and_bound_to_its_file() {
    let world = world();
    world.tonight(&["run"]).ends_with(0);
    members(&world, &IDENTIFIERS[..1]);
    world.tonight(&["plan", "--detailed-exitcode"]).ends_with(2);
    let run = world
        .runs()
        .into_iter()
        .find(|r| world.state(r) == "planned");
    let path = format!("runs/{}/groups.csv", run.unwrap());
    let written = world.read(&path);
    let before = world.current();
    world.write(&path, &written.replace("group_update", "group_archive"));
    let refused = world.onroll(&["-C", "school", "apply"]).ends_with(6);
    assert!(refused.err.contains("groups.csv"), "{}", refused.err);
    assert_eq!(world.current(), before);
    // A new plan takes the place of the altered one, which stays as it is found.
    world.tonight(&["plan"]).ends_with(0);
    world.onroll(&["-C", "school", "apply"]).ends_with(0);
    assert_ne!(world.read(&path), written);
    world.tonight(&["plan", "--detailed-exitcode"]).ends_with(0);
}

#[test]
fn a_fault_in_a_class_names_its_row_and_repeats_no_cell() {
    let world = world();
    members(&world, &["A660200019001", IDENTIFIERS[0]]);
    world.write(
        "mis/classes.csv",
        "establishment,class_id,title,academic_year\n6601001,3A,Dosbarth 3,Odd1 cell\n6601001,Odd2 cell,x,2026/2027\n",
    );
    let told = world.tonight(&["run"]).ends_with(0);
    let [run] = &world.runs()[..] else {
        panic!("one run")
    };
    let faults = world.read(&format!("runs/{run}/faults.csv"));
    for fault in [
        "reject,bad_academic_year,classes,mis/classes.csv,2,6601001,academic_year,",
        "reject,bad_code,classes,mis/classes.csv,3,6601001,class_id,",
        "reject,upn_check_letter,class_members,mis/class_members.csv,3,6601001,member_id,",
    ] {
        assert!(faults.contains(fault), "{fault}\n{faults}");
    }
    for text in [&faults, &told.out, &told.err] {
        assert!(!text.contains("Odd") && !text.contains("A660200019001"));
    }
    nobody_is_named(&world);
}
