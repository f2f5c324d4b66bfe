//! A third authority writes its own policy: files in a folder, and not a line of Rust.
//!
//! The authority is invented. Its policy begins as a copy of every file of the one for Wales; what it changes stands
//! here as text, as it would in the files themselves.

#[allow(dead_code)]
#[path = "cli/world.rs"]
mod world;

use std::path::Path;

use world::{World, names};

/// Values of `policy.toml` that the authority has of its own.
const PARAMETERS: [(&str, &str); 8] = [
    ("name = \"hwb\"", "name = \"arfordir\""),
    ("title = \"Hwb (Wales)\"", "title = \"Arfordir schools\""),
    ("months = 12 ", "months = 6 "),
    ("release_days = 30 ", "release_days = 10 "),
    (
        "username = \"{Surname}{F}{n}\"",
        "username = \"{forename}.{surname}{n?}\"",
    ),
    (
        "email_domain = \"hwbcymru.net\"",
        "email_domain = \"post.arfordir.example\"",
    ),
    (
        "display_learner = \"{forename} {s}\"",
        "display_learner = \"{forename} {surname}\"",
    ),
    ("follow_roll = false", "follow_roll = true"),
];

/// Hwb moves somebody who is missing from two exports and on roll elsewhere. Here the previous school has its full time.
const ITS_OWN_RULE: &str = "L-ARF-1,active,,no_row,ready,!decided,due,,,transfer,,Missing for the whole of its time and on roll at another school.,Arfordir circular 7";

/// Lays the policy down as `arfordir/`, with `change` made to each file by name and text.
fn lay(world: &World, folder: &str, change: impl Fn(&str, String) -> String) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/hwb");
    std::fs::create_dir(world.at(folder)).unwrap();
    for name in names(&shipped) {
        let text = std::fs::read_to_string(shipped.join(&name)).unwrap();
        std::fs::write(world.at(folder).join(&name), change(&name, text)).unwrap();
    }
}

/// The authority's policy.
fn arfordir(name: &str, text: String) -> String {
    match name {
        "policy.toml" => PARAMETERS.iter().fold(text, |text, (shipped, own)| {
            assert_eq!(text.matches(shipped).count(), 1, "{shipped}");
            text.replace(shipped, own)
        }),
        "learner.csv" => with_rule(&text, "L-MOV-6", Some(ITS_OWN_RULE)),
        _ => text,
    }
}

/// A table with one rule replaced or gone.
fn with_rule(table: &str, id: &str, by: Option<&str>) -> String {
    let is_meant = |line: &&str| line.starts_with(&format!("{id},"));
    assert_eq!(table.lines().filter(is_meant).count(), 1, "{id}");
    let lines = table.lines().filter_map(|line| match is_meant(&line) {
        true => by,
        false => Some(line),
    });
    lines.map(|line| format!("{line}\n")).collect()
}

const HEADER: &str = "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,year_group\n";

/// Pupils of the first school who stay.
const STAY: &str = "\
7001001,E666221518007,3,Gruffydd,Mali,2022-09-01,,5
7001001,J668400121123,4,Bowen,Macsen,2022-09-01,,5
7001001,K670230022999,5,Rees,Betsan,2022-09-01,,5
7002001,A681401024001,7,Rees,Betsan,2022-09-01,,5
";

/// Writes tonight's exports: those who stay, and `rows`.
fn export(world: &World, day: &str, rows: &str) {
    world.write("mis/authorities.csv", "authority,name\n700,Arfordir\n");
    world.write(
        "mis/establishments.csv",
        "establishment,name,authority,maintained\n7001001,Ysgol y Traeth,700,Y\n7002001,Ysgol y Clogwyn,700,Y\n",
    );
    world.write(
        "mis/exports.csv",
        &format!(
            "establishment,exported_at,status\n7001001,{day},complete\n7002001,{day},complete\n"
        ),
    );
    world.write("mis/learners.csv", &format!("{HEADER}{STAY}{rows}"));
}

/// One night: (action, rule, username) of every row of its plan, sorted: the plan's own order hangs on the key.
fn night(world: &World, day: &str, rows: &str) -> Vec<(String, String, String)> {
    export(world, day, rows);
    world
        .onroll(&["-C", "school", "run", "--as-of", day])
        .ends_with(0);
    let run = world
        .runs()
        .into_iter()
        .rfind(|run| run.starts_with(day))
        .unwrap();
    let plan = world.read(&format!("runs/{run}/plan.csv"));
    let mut reader = csv::Reader::from_reader(plan.as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        [1, 2, 6].map(|column| row[column].to_owned())
    });
    let mut rows: Vec<_> = rows
        .map(|[action, rule, name]| (action, rule, name))
        .collect();
    rows.sort();
    rows
}

fn row(action: &str, rule: &str, username: &str) -> (String, String, String) {
    (action.to_owned(), rule.to_owned(), username.to_owned())
}

/// Of the three whom the nights are about: at y Traeth with a leaving date, missing there, and at y Clogwyn.
const LEAVER: &str = "7001001,Q660200019001,1,Ifan,Twm,2022-09-01,,6\n";
const LEFT: &str = "7001001,Q660200019001,1,Ifan,Twm,2022-09-01,2026-06-08,6\n";
const MOVER: &str = "7001001,E661210020042,2,Pugh,Lleu,2022-09-01,,5\n";
const MOVED: &str = "7002001,E661210020042,9,Pugh,Lleu,2026-06-09,,5\n";
const MISSING: &str = "7001001,T677400520313,6,Mostyn,Heledd,2022-09-01,,5\n";

#[test]
fn a_policy_of_ones_own_decides_the_nights() {
    let world = World::bare();
    lay(&world, "arfordir", arfordir);
    world
        .onroll(&["policy", "check", "./arfordir"])
        .ends_with(0);
    world
        .onroll(&["init", "school", "--policy", "./arfordir"])
        .ends_with(0);

    let first = night(&world, "2026-06-08", &[LEAVER, MOVER, MISSING].concat());
    let mut usernames: Vec<&str> = first.iter().map(|(_, _, name)| name.as_str()).collect();
    usernames.sort_unstable();
    assert!(
        first
            .iter()
            .all(|(action, rule, _)| action == "create" && rule == "L-CRE-1")
    );
    assert_eq!(
        usernames,
        [
            "betsan.rees",
            "betsan.rees1",
            "heledd.mostyn",
            "lleu.pugh",
            "macsen.bowen",
            "mali.gruffydd",
            "twm.ifan"
        ]
    );
    let accounts = world.accounts();
    assert!(accounts.contains("lleu.pugh@post.arfordir.example") && accounts.contains("Lleu Pugh"));

    let gone = [LEFT, MOVED].concat();
    assert_eq!(
        night(&world, "2026-06-09", &gone),
        [
            row("mark_absent", "L-ABS-1", "heledd.mostyn"),
            row("mark_absent", "L-ABS-1", "lleu.pugh"),
            row("release", "L-REL-1", "twm.ifan")
        ]
    );
    // Under Hwb's rules this second export would move Lleu (L-MOV-6).
    assert_eq!(night(&world, "2026-06-10", &gone), []);
    assert_eq!(night(&world, "2026-06-18", &gone), []);
    // Ten days after the ninth; Hwb would wait for thirty.
    assert_eq!(
        night(&world, "2026-06-19", &gone),
        [
            row("release", "L-ABS-3", "heledd.mostyn"),
            row("transfer", "L-ARF-1", "lleu.pugh")
        ]
    );
    // Six months after the leaving date, the anniversary being still in time.
    assert_eq!(night(&world, "2026-12-08", &gone), []);
    assert_eq!(
        night(&world, "2026-12-09", &gone),
        [row("purge", "L-PUR-1", "twm.ifan")]
    );
    let run = world
        .runs()
        .into_iter()
        .rfind(|run| run.starts_with("2026-12-09"))
        .unwrap();
    assert!(
        world
            .read(&format!("runs/{run}/plan.json"))
            .contains("\"arfordir\"")
    );
}

#[test]
fn a_table_with_a_gap_is_refused_with_the_combination_in_words() {
    let world = World::bare();
    // Without it nothing says what becomes of an account whose person is in the export and has left.
    lay(&world, "gap", |name, text| match name {
        "learner.csv" => with_rule(&arfordir(name, text), "L-REL-1", None),
        _ => arfordir(name, text),
    });
    for command in [
        &["policy", "check", "./gap"][..],
        &["init", "school", "--policy", "./gap"],
    ] {
        let refused = world.onroll(command).ends_with(4);
        for words in ["learner.csv", "account = active", "home_roll = left"] {
            assert!(refused.err.contains(words), "{words}: {}", refused.err);
        }
    }
    assert!(!world.at("school").exists());
}

#[test]
fn a_table_that_breaks_a_promise_is_refused_with_the_combination_in_words() {
    let world = World::bare();
    // Somebody whose row was rejected would be released like anybody else.
    lay(&world, "unsafe", |name, text| match name {
        "learner.csv" => with_rule(&arfordir(name, text), "L-HLD-1", None),
        _ => arfordir(name, text),
    });
    let refused = world.onroll(&["policy", "check", "./unsafe"]).ends_with(4);
    for words in ["learner.csv", "L-REL-1", "held = yes"] {
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
    // The same for a workspace that has run: the night is refused and the directory stays.
    lay(&world, "arfordir", arfordir);
    world
        .onroll(&["init", "school", "--policy", "./arfordir"])
        .ends_with(0);
    night(&world, "2026-06-08", LEAVER);
    let before = world.current();
    let path = world.at("arfordir/learner.csv");
    std::fs::copy(world.at("unsafe/learner.csv"), path).unwrap();
    let refused = world
        .onroll(&["-C", "school", "run", "--as-of", "2026-06-09"])
        .ends_with(4);
    assert!(refused.out.contains("policy_unusable"), "{}", refused.out);
    assert_eq!(world.current(), before);
}
