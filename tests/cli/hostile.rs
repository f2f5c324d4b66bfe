//! Names that would run, steer or break something, through every output: shown where names may be, never run.

use std::path::{Path, PathBuf};

use crate::world::{Done, World, files};

/// Surnames that a school could export.
fn names() -> Vec<String> {
    let long = "Llan".repeat(75);
    let names = [
        "<script>alert(1)</script>",
        "=HYPERLINK(\"https://e.org\",\"x\")",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "<img src=x onerror=alert(2)>",
        "O'Neill|`x` **b** [l](j)",
        &long,
    ];
    names.map(str::to_owned).to_vec()
}

/// Those that the gate stops.
const REFUSED: [&str; 3] = ["zyxw\u{202E}vuts", "zyxw\u{1b}[2Jvuts", "zyxw\u{7}vuts"];

/// Unseen or steering characters that no output may hold.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// Puts a surname into the first learner's row and the teacher's.
fn name(world: &World, day: &str, left: &str, surname: &str) {
    world.export(day, left, "");
    for (table, before) in [("learners", "Prosser"), ("staff", "Morgan")] {
        let path = format!("mis/{table}.csv");
        let text = world.read(&path).replace(before, &quoted(surname));
        world.write(&path, &text);
    }
}

fn run(world: &World, arguments: &[&str]) -> Done {
    let done = world.onroll(&[&["-C", "school"], arguments].concat());
    assert!(!done.out.chars().any(steers), "{arguments:?}: {}", done.out);
    assert!(!done.err.chars().any(steers), "{arguments:?}: {}", done.err);
    done
}

/// Every row as wide as its header; in files for people no cell that a spreadsheet runs.
fn check_csv(path: &Path, text: &str) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let for_machines = ["plan.csv", "accounts.csv", "enrolments.csv"].contains(&name.as_str());
    for row in reader.records() {
        let row = row.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for cell in row.iter().filter(|_| !for_machines) {
            assert!(!cell.starts_with(['=', '@']), "{}: {cell}", path.display());
        }
    }
}

fn check_file(path: &PathBuf) {
    let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    let kind = path.extension().map(|e| e.to_string_lossy().into_owned());
    assert!(!text.chars().any(steers), "{}", path.display());
    match kind.as_deref() {
        Some("csv") => check_csv(path, &text),
        Some("html") => {
            let scripts = text.matches("<script").count();
            assert!(scripts <= 2 && !text.contains("<img"), "{}", path.display());
        }
        Some("md") => {
            let live = ["<script", "<img", "](j)", "**b**"];
            assert!(
                live.iter().all(|bad| !text.contains(bad)),
                "{}",
                path.display()
            );
        }
        _ => {}
    }
}

#[test]
fn a_hostile_name_is_shown_and_never_run_in_any_output() {
    for surname in &names() {
        let world = World::new();
        let settings = world.read("onroll.toml");
        world.write("onroll.toml", &format!("{settings}\noffice_names = true\n"));
        name(&world, "2026-09-01", "", surname);
        run(&world, &["run", "--as-of", "2026-09-01"]).ends_with(0);
        name(&world, "2026-09-02", "2026-09-01", surname);
        for command in [["check"], ["plan"], ["run"]] {
            run(
                &world,
                &[&command[..], &["--as-of", "2026-09-02", "-vv"]].concat(),
            )
            .ends_with(0);
        }
        let runs = world.runs();
        let accounts = world.accounts();
        let id = accounts
            .lines()
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned();
        let list = world.at("list.csv");
        let rows = format!(
            "username,role,establishment,surname\n{},learner,6601001,x\n",
            quoted(surname)
        );
        std::fs::write(&list, rows).unwrap();
        let list = list.to_string_lossy().into_owned();
        let commands: [&[&str]; 9] = [
            &["explain", &id, "--as-of", "2026-09-02"],
            &["explain", &id, "--run", &runs[1]],
            &["diff", &runs[0], &runs[1]],
            &["drift", &list],
            &["forecast", "--as-of", "2026-09-02"],
            &["readiness", "--as-of", "2026-09-02"],
            &["policy", "compare", "hwb"],
            &["drill", "--as-of", "2026-09-02"],
            &["verify"],
        ];
        for command in commands {
            assert_ne!(run(&world, command).code, Some(1), "{command:?}");
        }
        let told = run(&world, &["drift", &list]).out;
        assert!(told.contains(&surname[..2]), "it is shown: {told}");
        for form in ["csv", "html", "json"] {
            let out = world
                .at(&format!("diff.{form}"))
                .to_string_lossy()
                .into_owned();
            run(&world, &["diff", &runs[0], "--format", form, "--out", &out]).ends_with(0);
            check_file(&PathBuf::from(out));
        }
        for folder in ["school/runs", "school/directory"] {
            files(&world.at(folder)).iter().for_each(check_file);
        }
        let page = world.read(&format!("runs/{}/report.html", runs[0]));
        let json = serde_json::to_string(surname).unwrap();
        let json = json.trim_matches('"');
        let embedded = json.replace('<', "\\u003c").replace('>', "\\u003e");
        assert!(page.contains(&embedded), "{embedded} in the page");
        assert!(
            accounts.contains(&surname.replace('"', "\"\"")),
            "it is kept as it is"
        );
    }
}

#[test]
fn a_name_that_steers_is_refused_and_repeated_nowhere() {
    for surname in REFUSED {
        let world = World::new();
        name(&world, "2026-09-01", "", surname);
        run(&world, &["check", "--as-of", "2026-09-01", "-vv"]);
        run(&world, &["run", "--as-of", "2026-09-01", "-vv"]);
        for folder in ["school/runs", "school/directory"] {
            for path in files(&world.at(folder)) {
                let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
                assert!(!text.chars().any(steers), "{}", path.display());
            }
        }
        assert!(
            !world.accounts().contains("vuts"),
            "nobody of that name was made"
        );
    }
}
