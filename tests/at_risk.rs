//! A child at risk gets a new identifier precisely so that nothing links the old record and the new one (SPEC §4, S5).
//!
//! The nights are played with the program itself, and every line of every file and of everything printed is searched:
//! none may hold something of the old account and something of the new one.

#[allow(dead_code)]
#[path = "cli/world.rs"]
mod world;

use std::collections::BTreeMap;

use world::{Done, World, files};

const OLD_UPN: &str = "Q660200019001";
const NEW_UPN: &str = "J668400121123";
const HEADER: &str = "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,year_group,registration_class\n";

/// Two schools; whoever else is there stays.
fn export(world: &World, day: &str, rows: &[String]) {
    world.write("mis/authorities.csv", "authority,name\n660,Dyffryn Awen\n");
    world.write(
        "mis/establishments.csv",
        "establishment,name,authority,maintained\n6602001,Ysgol y Bont,660,Y\n6602002,Ysgol y Felin,660,Y\n",
    );
    world.write(
        "mis/exports.csv",
        &format!(
            "establishment,exported_at,status\n6602001,{day},complete\n6602002,{day},complete\n"
        ),
    );
    let others = "6602001,E661210020042,2,Tudur,Gwen,2024-09-01,,4,4A\n6602002,E666221518007,3,Llywelyn,Cadi,2024-09-01,,4,4A\n";
    world.write(
        "mis/learners.csv",
        &format!("{HEADER}{others}{}", rows.concat()),
    );
}

/// Everything a night says, in every way it can be asked.
fn night(world: &World, day: &str, told: &mut Vec<Done>) {
    for command in [
        &["check"][..],
        &["plan", "--format", "json"],
        &["run", "-vv"],
    ] {
        let arguments = [&["-C", "school"], command, &["--as-of", day]].concat();
        told.push(world.onroll(&arguments).ends_with(0));
    }
}

/// The live accounts by surname.
fn accounts(world: &World) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = world.accounts();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cells = header
            .iter()
            .zip(row.iter())
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()));
        cells.collect::<BTreeMap<String, String>>()
    });
    rows.map(|row| (row["surname"].clone(), row)).collect()
}

/// What tells an account: its own columns, and the parts of them that could stand alone.
fn marks(account: &BTreeMap<String, String>) -> Vec<String> {
    let mut marks: Vec<String> = [
        "account_id",
        "person_ref",
        "username",
        "surname",
        "forename",
        "display_name",
    ]
    .iter()
    .map(|column| account[*column].to_lowercase())
    .collect();
    marks.extend(account["person_ref"].split(':').nth(1).map(str::to_owned));
    marks
}

/// Every line that was written or printed, with where it stands.
fn lines(world: &World, told: &[Done]) -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = ["school/runs", "school/directory"]
        .iter()
        .flat_map(|folder| files(&world.at(folder)))
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (
                path.display().to_string(),
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        })
        .collect();
    texts.extend(told.iter().map(|done| {
        (
            "what was printed".to_owned(),
            format!("{}\n{}", done.out, done.err),
        )
    }));
    let split = |(place, text): (String, String)| {
        let lines: Vec<_> = text
            .lines()
            .map(|line| (place.clone(), line.to_lowercase()))
            .collect();
        lines
    };
    texts.into_iter().flat_map(split).collect()
}

fn play(new_school: &str) {
    let world = World::bare();
    world
        .onroll(&["init", "school", "--policy", "hwb"])
        .ends_with(0);
    let settings = world.read("onroll.toml");
    world.write("onroll.toml", &format!("{settings}\noffice_names = true\n"));
    let mut told = Vec::new();
    let old = |left: &str| format!("6602002,{OLD_UPN},17,Hopcyn,Lleucu,2024-09-01,{left},4,4A\n");
    let new = format!("{new_school},{NEW_UPN},41,Madog,Tegwen,2026-06-10,,4,4A\n");

    export(&world, "2026-06-08", &[old("")]);
    night(&world, "2026-06-08", &mut told);
    // The office enters the leaving date and the new record on one day.
    export(&world, "2026-06-10", &[old("2026-06-09"), new.clone()]);
    night(&world, "2026-06-10", &mut told);
    let both = accounts(&world);
    let (before, after) = (&both["Hopcyn"], &both["Madog"]);
    assert_eq!(
        (before["state"].as_str(), after["state"].as_str()),
        ("inactive", "active")
    );
    let (old_marks, new_marks) = (marks(before), marks(after));
    let of_the_new: String = after
        .values()
        .map(|cell| format!("{}\n", cell.to_lowercase()))
        .collect();
    assert!(
        old_marks.iter().all(|mark| !of_the_new.contains(mark)),
        "{after:?}"
    );
    assert_eq!(after["aliases"], "");
    let earlier = lines(&world, &told);

    // The old record stays in the export for as long as the school keeps it; the account goes after its year.
    export(&world, "2027-06-10", &[old("2026-06-09"), new]);
    night(&world, "2027-06-10", &mut told);
    let left = accounts(&world);
    assert!(!left.contains_key("Hopcyn") && left.contains_key("Madog"));

    let all = earlier.into_iter().chain(lines(&world, &told));
    let mut seen = [0, 0];
    for (place, line) in all {
        let holds = |marks: &[String]| marks.iter().find(|mark| line.contains(*mark)).cloned();
        let found = (holds(&old_marks), holds(&new_marks));
        seen[0] += usize::from(found.0.is_some());
        seen[1] += usize::from(found.1.is_some());
        if let (Some(one), Some(other)) = found {
            panic!("{place}: a line holds `{one}` of the old account and `{other}` of the new one");
        }
        for upn in [OLD_UPN, NEW_UPN] {
            assert!(!line.contains(&upn.to_lowercase()), "{place}");
        }
    }
    assert!(
        seen.iter().all(|n| *n > 5),
        "the search would have found them: {seen:?}"
    );
}

#[test]
fn nothing_links_the_two_records_at_the_same_school() {
    play("6602002");
}

#[test]
fn nothing_links_the_two_records_across_schools() {
    play("6602001");
}
