//! `forecast` and `readiness`: what they print and that they write nothing.

use std::fs;

use super::world::{Done, World};

const TEACHER: &str = "establishment,staff_code,legal_surname,legal_forename,start_date,leaving_date\n\
    6602001,ZZ77,Prydderch,Heulwen,2015-09-01,\n";

fn learners(year: &str, leaving: &str) -> String {
    let header = "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,year_group";
    format!(
        "{header}\n6602001,Q660200019001,1,Llwyd,Siân,2020-09-01,{leaving},6\n6602001,E661210020042,2,Puw,Ela,2020-09-01,,{year}\n"
    )
}

/// A primary school with a learner in Year 5 and one in Year 6, on a night.
fn night(world: &World, date: &str, year: &str, leaving: &str) {
    world.write(
        "mis/authorities.csv",
        "authority,name,nation\n660,Awen,wales\n",
    );
    world.write(
        "mis/establishments.csv",
        "establishment,name,authority,phase,maintained\n6602001,Ysgol y Bont,660,primary,Y\n",
    );
    world.write(
        "mis/exports.csv",
        &format!("establishment,exported_at,status\n6602001,{date},complete\n"),
    );
    world.write("mis/learners.csv", &learners(year, leaving));
    world.write("mis/staff.csv", TEACHER);
}

fn at(world: &World, command: &str, date: &str) -> Done {
    world.onroll(&["-C", "school", command, "--as-of", date])
}

fn runs(world: &World) -> usize {
    fs::read_dir(world.at("school/runs")).map_or(0, |runs| runs.count())
}

#[test]
fn a_school_is_ready_once_it_has_advanced_its_year_groups_and_said_who_leaves() {
    let world = World::bare();
    world
        .onroll(&["init", "school", "--policy", "hwb"])
        .ends_with(0);
    night(&world, "2026-05-29", "5", "");
    at(&world, "run", "2026-05-29").ends_with(0);

    night(&world, "2026-07-01", "5", "");
    let count = runs(&world);
    let told = at(&world, "readiness", "2026-07-01").ends_with(0).out;
    assert!(told.contains("1 of 1 school not ready"), "{told}");
    assert!(
        told.contains("school: advance the year groups in the MIS; it is due by 08-12"),
        "{told}"
    );
    assert!(
        told.contains("school: enter leaving dates for the final year"),
        "{told}"
    );
    assert_eq!(runs(&world), count, "readiness writes nothing");

    night(&world, "2026-07-20", "6", "2026-07-17");
    at(&world, "run", "2026-07-20").ends_with(0);
    night(&world, "2026-08-20", "6", "2026-07-17");
    let told = at(&world, "readiness", "2026-08-20").ends_with(0).out;
    assert!(told.starts_with("1 school ready."), "{told}");

    world.write(
        "mis/exports.csv",
        "establishment,exported_at,status\n6602001,2026-08-20,failed\n",
    );
    let told = at(&world, "readiness", "2026-08-20").ends_with(0).out;
    assert!(
        told.contains(
            "send a good export: the last is of 2026-08-20, and it is held (export_not_complete)"
        ),
        "{told}"
    );
}

#[test]
fn what_no_kept_run_can_tell_is_said_and_not_guessed() {
    let world = World::bare();
    world
        .onroll(&["init", "school", "--policy", "hwb"])
        .ends_with(0);
    night(&world, "2026-07-01", "5", "2026-07-17");
    let first = at(&world, "run", "2026-07-01").ends_with(0);
    assert!(first.out.contains("create 3"), "{}", first.out);
    let told = at(&world, "readiness", "2026-07-01").ends_with(0).out;
    assert!(
        told.contains("note: whether the year groups have been advanced cannot be told"),
        "{told}"
    );
}

#[test]
fn a_forecast_counts_by_horizon_and_writes_nothing() {
    let world = World::bare();
    world
        .onroll(&["init", "school", "--policy", "hwb"])
        .ends_with(0);
    night(&world, "2026-07-01", "5", "2026-07-17");
    at(&world, "run", "2026-07-01").ends_with(0);
    let count = runs(&world);
    let told = at(&world, "forecast", "2026-07-01").ends_with(0).out;
    let line = told
        .lines()
        .find(|l| l.contains("leaving dates pass"))
        .expect("a line");
    let numbers: Vec<&str> = line.split_whitespace().rev().take(3).collect();
    assert_eq!(numbers, ["1", "1", "0"], "{told}");
    assert_eq!(runs(&world), count, "forecast writes nothing");
    let json = world.onroll(&[
        "-C",
        "school",
        "forecast",
        "--as-of",
        "2026-07-01",
        "--format",
        "json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&json.ends_with(0).out).expect("JSON");
    assert_eq!(json["due"][0]["due_on"], "2026-07-18");
    let run = fs::read_dir(world.at("school/runs")).unwrap().flatten();
    let written = run
        .map(|r| r.path().join("forecast.csv"))
        .find(|p| p.exists());
    let written = fs::read_to_string(written.expect("forecast.csv")).unwrap();
    assert!(written.starts_with("due_on,within,kind,establishment,role,account_id,decision_id\n2026-07-18,30,leaving,6602001,learner,"), "{written}");
    world.write("mis/exports.csv", "establishment\n");
    at(&world, "forecast", "2026-07-01").ends_with(4);
    at(&world, "readiness", "2026-07-01").ends_with(4);
}
