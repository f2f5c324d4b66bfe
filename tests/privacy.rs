//! Plants identifiers, names and odd cells everywhere, and searches every byte that is written or printed for them.

#[allow(dead_code)]
#[path = "cli/world.rs"]
mod world;

use std::io::Write;
use std::process::{Command, Stdio};

use world::{Done, IDENTIFIERS, World, files};

/// Names as no username spells them: a blank and a hyphen stand inside.
const NAMES: [&str; 2] = ["Zyx Wvutson", "Quill-Tilda"];

/// Cells that no column expects. Each is planted where it is a fault.
const CELLS: [&str; 9] = [
    "Odd1 cell",
    "Odd2 cell",
    "Odd3 cell",
    "Odd4 cell",
    "Odd5 cell",
    "Odd6 cell",
    "Odd7 cell",
    "Odd8 cell",
    "Odd9 cell",
];

/// Identifiers that are wrong: a check letter, a length, something else altogether.
const WRONG: [&str; 4] = ["A660200019001", "66020001900", "H66020001900Q", "990101123"];

/// Where names may stand.
fn may_hold_names(path: &str) -> bool {
    let run = path.contains("/runs/")
        && [
            "/plan.csv",
            "/report.html",
            "/roll/enrolments.csv",
            "/snapshot.diff",
        ]
        .iter()
        .any(|file| path.ends_with(file));
    let snapshot = path.contains("/directory/") || path.contains("/runs/snapshots/");
    run || path.ends_with("/accounts.csv") && snapshot
}

/// Searches everything below `runs/` and `directory/`, and what a command printed.
#[track_caller]
fn search(world: &World, told: &[Done], what: &str, office_names: bool) {
    let mut places: Vec<(String, String)> = Vec::new();
    for folder in ["school/runs", "school/directory"] {
        for path in files(&world.at(folder)) {
            let bytes = std::fs::read(&path).unwrap();
            places.push((
                path.display().to_string(),
                String::from_utf8_lossy(&bytes).to_lowercase(),
            ));
        }
    }
    for done in told {
        places.push((
            format!("what was printed: {}{}", done.out, done.err),
            format!("{}{}", done.out, done.err).to_lowercase(),
        ));
    }
    let key = std::fs::read_to_string(world.at("school.key")).unwrap_or_default();
    let secret = key
        .trim()
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    for (place, text) in &places {
        for planted in IDENTIFIERS.iter().chain(&WRONG).chain(&CELLS) {
            assert!(
                !text.contains(&planted.to_lowercase()),
                "{what}: {planted} in {place}"
            );
        }
        assert!(
            secret.len() < 16 || !text.contains(&secret),
            "{what}: the key in {place}"
        );
        let names = may_hold_names(place) || (office_names && place.contains("/offices/"));
        for name in NAMES.iter().filter(|_| !names) {
            assert!(
                !text.contains(&name.to_lowercase()),
                "{what}: a name in {place}"
            );
        }
    }
}

/// A school that has run once, with the names of these tests.
fn world() -> World {
    let world = World::new();
    name(&world);
    world.tonight(&["run"]).ends_with(0);
    world
}

fn name(world: &World) {
    for (table, surname, forename) in [
        ("learners", "Prosser", "Dylan"),
        ("staff", "Morgan", "Elin"),
    ] {
        let path = format!("mis/{table}.csv");
        let text = world
            .read(&path)
            .replace(surname, NAMES[0])
            .replace(forename, NAMES[1]);
        world.write(&path, &text);
    }
}

/// Runs every command of a night, loudly; every other one with a log for programs.
fn play(world: &World, day: &str) -> Vec<Done> {
    let commands: [&[&str]; 6] = [
        &["check", "--log", "json"],
        &["check", "--format", "json"],
        &["plan", "--log", "json"],
        &["plan", "--format", "json"],
        &["run"],
        &["apply", "--log", "json"],
    ];
    let dated = |command: &[&str]| match command[0] {
        "apply" => Vec::new(),
        _ => vec!["--as-of".to_owned(), day.to_owned()],
    };
    commands
        .iter()
        .map(|command| {
            let date = dated(command);
            let date: Vec<&str> = date.iter().map(String::as_str).collect();
            world.onroll(&[&["-C", "school", "-vvv"], *command, &date[..]].concat())
        })
        .collect()
}

#[test]
fn an_ordinary_year_tells_nothing() {
    for office_names in [false, true] {
        let world = world();
        if office_names {
            world.write(
                "onroll.toml",
                &format!("{}\noffice_names = true\n", world.read("onroll.toml")),
            );
        }
        let mut told = Vec::new();
        for (day, first, second) in [
            ("2026-09-02", "", "2026-09-01"),
            ("2026-11-02", "2026-10-30", ""),
            ("2027-12-01", "2026-10-30", "2026-09-01"),
        ] {
            world.export(day, first, second);
            name(&world);
            told.extend(play(&world, day));
        }
        search(&world, &told, "a year", office_names);
    }
}

#[test]
fn no_fault_repeats_a_cell() {
    let [first, second, teacher] = IDENTIFIERS;
    let plants: [(&str, &str, &str); 22] = [
        ("learners", first, WRONG[0]),
        ("learners", first, WRONG[1]),
        ("learners", first, WRONG[2]),
        ("learners", first, CELLS[0]),
        ("learners", "2024-09-01", CELLS[1]),
        ("learners", "2024-09-01", first),
        (
            "learners",
            "2024-09-01,,,",
            "2024-09-01,Odd3 cell,Odd4 cell,Odd5 cell",
        ),
        ("learners", "3,3A,,", "3,3A,,Odd6 cell"),
        ("learners", ",3A,,", ",3A,Odd7 cell\u{1}\u{1b}[31m,"),
        ("learners", "6601001,", "Odd8 cell,"),
        ("learners", ",3A,,", ",3A"),
        ("learners", ",3A,,", ",3A,,,Odd9 cell,Q660200019001"),
        ("learners", "admission_number", "admission_numbr Odd1 cell"),
        (
            "learners",
            "data_sharing",
            "data_sharing,Odd2 cell,Q660200019001",
        ),
        (
            "learners",
            "establishment,learner_id",
            "Q660200019001,Odd3 cell",
        ),
        (
            "learners",
            "establishment,learner_id",
            "learner_id,learner_id",
        ),
        ("learners", ",1,Zyx", ",\"1,Zyx"),
        ("learners", second, first),
        ("staff", teacher, ""),
        ("staff", "teaching", CELLS[4]),
        ("establishments", "6601001,", "Odd5 cell,"),
        ("exports", "complete", CELLS[6]),
    ];
    for (table, from, to) in plants {
        let world = world();
        world.export("2026-09-02", "", "");
        name(&world);
        let path = format!("mis/{table}.csv");
        let text = world.read(&path);
        let planted = text.replacen(from, to, 1);
        assert!(text != planted, "{from} is not in {table}");
        world.write(&path, &planted);
        let told = play(&world, "2026-09-02");
        search(
            &world,
            &told,
            &format!("{from} became {to} in {table}"),
            false,
        );
    }
}

#[test]
fn what_is_damaged_or_typed_is_not_repeated() {
    let world = world();
    let [first, ..] = IDENTIFIERS;
    let mut told = Vec::new();
    // Decisions that name people by what onroll never stores.
    let header = "decision_id,decided_on,decided_by,decision,account,establishment,value,note\n";
    let row = |word: &str, account: &str, rest: &str| {
        format!(
            "d{},2026-09-01,office,{word},{account},{rest}\n",
            account.len()
        )
    };
    let decisions = [
        row("not_a_leaver", first, ",,Odd1 cell"),
        row("Odd2 cell", "x", ",,"),
        row(
            "close_account",
            "Zyx Wvutson",
            "Odd3 cell,Odd4 cell,Quill-Tilda",
        ),
        "d9,Odd5 cell,office,rename,y,,,\n".to_owned(),
    ];
    world.write(
        "decisions/decisions.csv",
        &format!("{header}{}", decisions.concat()),
    );
    told.extend(play(&world, "2026-09-02"));
    world.write(
        "decisions/approvals/a.toml",
        "format = 1\nby = \"Odd6 cell\"\nQ660200019001 = 1\n",
    );
    told.extend(play(&world, "2026-09-02"));
    std::fs::remove_file(world.at("school/decisions/approvals/a.toml")).unwrap();
    // A run that cannot be approved, by a guard that is none.
    let run = world.runs().pop().unwrap();
    for guard in [first, "Odd7 cell"] {
        told.push(world.onroll(&[
            "-C",
            "school",
            "-vvv",
            "approve",
            &run,
            "--guard",
            guard,
            "--by",
            "x",
            "--reason",
            "y",
            "--expires",
            "2026-12-31",
        ]));
    }
    for bytes in [
        &b"\xff\xfeQ660200019001"[..],
        b"<html>Q660200019001 Odd8 cell</html>",
        b"Q660200019001\0",
        b"\xe9Odd9 cell,Q660200019001\n",
    ] {
        std::fs::write(world.at("school/mis/learners.csv"), bytes).unwrap();
        told.extend(play(&world, "2026-09-03"));
    }
    search(&world, &told, "damage", false);
}

#[test]
fn ref_repeats_nothing_and_a_bad_key_stays_secret() {
    let world = world();
    let mut told = Vec::new();
    for (kind, input) in [
        (&["ref", "learner"][..], WRONG.join("\n")),
        (&["ref", "learner"], CELLS.join("\n")),
        (
            &["ref", "learner"],
            format!("{}\n\n{}", IDENTIFIERS[0], WRONG[1]),
        ),
        (&["ref", "staff", "Odd1 cell"], IDENTIFIERS[2].to_owned()),
        (&["ref", "staff", "6601001"], String::new()),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onroll"))
            .current_dir(world.at("school"))
            .args(["-vvv", "--log", "json"])
            .args(kind)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A child that has seen enough closes its end.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        told.push(Done {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        });
    }
    let key = std::fs::read_to_string(world.at("school.key")).unwrap();
    for wrong in [
        key.replacen("onroll-key-1", "onroll-key-x", 1),
        key.trim().to_owned() + "0\n",
        key[..key.len() - 9].to_owned(),
    ] {
        std::fs::write(world.at("school.key"), &wrong).unwrap();
        told.extend(play(&world, "2026-09-02"));
        search(&world, &told, "a bad key", false);
    }
    std::fs::write(world.at("school.key"), &key).unwrap();
    search(&world, &told, "ref", false);
}

#[test]
fn a_bad_policy_repeats_no_row_of_the_roll() {
    let world = world();
    std::fs::create_dir(world.at("rules")).unwrap();
    std::fs::write(world.at("rules/policy.toml"), "name = 3\n").unwrap();
    world.export("2026-09-02", "", "");
    let told: Vec<Done> = ["check", "plan", "run"]
        .map(|c| {
            world.onroll(&[
                "-C",
                "school",
                "-vvv",
                c,
                "--as-of",
                "2026-09-02",
                "--policy",
                "./rules",
            ])
        })
        .into();
    assert!(told.iter().all(|done| done.code == Some(4)));
    search(&world, &told, "a bad policy", false);
}
