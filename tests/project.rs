//! The project as people find it: sizes, paths, links, commands and rule ids are what the documents say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most lines of a function, its signature included.
const FUNCTION_LINES: usize = 70;
/// The most lines of a file of `src`, its tests not counted.
const FILE_LINES: usize = 450;
/// What is longer than that today. The list may only get shorter.
const LONGER: &[&str] = &[
    "src/decisions/weigh.rs stand",
    "src/gate/register.rs union",
    "src/gate/row.rs",
    "src/gate/row.rs enrolment",
    "src/gate/row.rs person",
    "src/policy/check_params.rs check",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every file below a folder with one of the extensions, as paths from the project's root.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            let extension = path
                .extension()
                .and_then(|e| e.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if extensions.contains(&extension) {
                found.push(
                    path.strip_prefix(root())
                        .expect("below the root")
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    found
}

fn documents() -> Vec<PathBuf> {
    let mut found = files("docs", &["md"]);
    found.extend(["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(PathBuf::from));
    found
}

/// The name of the function that a line begins, if it begins one.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let modifiers = ["pub", "pub(crate)", "pub(super)", "const", "async"];
    let begins = before.split_whitespace().all(|w| modifiers.contains(&w));
    begins.then(|| after.split(['(', '<']).next().unwrap_or(after))
}

/// What of a file is too long: the file by its path, a function by path and name. Tests are not counted.
fn too_long(path: &Path) -> Vec<String> {
    let text = read(path);
    let lines: Vec<&str> = text
        .lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .collect();
    let mut found = Vec::new();
    if lines.len() > FILE_LINES {
        found.push(path.display().to_string());
    }
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let length = lines[at..].iter().position(|l| **l == end);
        let over = length.is_some_and(|length| length >= FUNCTION_LINES);
        if let Some(name) = function(line).filter(|_| over && !line.ends_with('}')) {
            found.push(format!("{} {name}", path.display()));
        }
    }
    found
}

#[test]
fn functions_and_files_stay_small() {
    let sources = files("src", &["rs"]);
    let found: Vec<String> = sources
        .iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .flat_map(|path| too_long(path))
        .collect();
    let new = found.iter().filter(|name| !LONGER.contains(&name.as_str()));
    let new: Vec<&String> = new.collect();
    assert!(new.is_empty(), "longer than allowed: {new:#?}");
    let short = LONGER
        .iter()
        .filter(|name| !found.iter().any(|f| f == *name));
    let short: Vec<_> = short.collect();
    assert!(
        short.is_empty(),
        "short now, take them off the list: {short:#?}"
    );
}

#[test]
fn nothing_names_a_machine() {
    let mut faults = Vec::new();
    let mut paths = documents();
    for folder in [
        "src", "tests", "benches", "examples", "config", ".github", ".ci",
    ] {
        paths.extend(files(
            folder,
            &["rs", "toml", "csv", "md", "yml", "sh", "py", "txt", ""],
        ));
    }
    // Split, so that this file does not find itself.
    let marks = [
        ["/ho", "me/"],
        ["/ro", "ot/"],
        ["/wo", "rk/"],
        ["/Us", "ers/"],
        ["C:\\U", "sers"],
        ["/t", "mp/wt"],
    ];
    for path in paths {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else {
            continue;
        };
        for mark in marks.map(|parts| parts.concat()) {
            if text.contains(&mark) {
                faults.push(format!("{}: {mark}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_readme_and_the_check_run_the_same_tests() {
    let readme = read("README.md");
    let check = read(".ci/run");
    let command = "cargo test --release";
    assert!(
        readme.lines().any(|line| line == command),
        "README.md shows `{command}` on a line of its own"
    );
    assert!(
        check.lines().any(|line| line == format!("step {command}")),
        ".ci/run runs `{command}`"
    );
    assert!(
        readme
            .lines()
            .any(|line| line == "cargo run --release -- demo")
    );
    assert!(check.contains("cargo run --release -- demo"));
    assert!(read(".github/workflows/ci.yml").contains("run: .ci/run"));
}

/// Targets of `[text](target)` that are files of the project, with the document they stand in.
fn links(document: &Path) -> Vec<(PathBuf, String)> {
    let text = read(document);
    let folder = document.parent().unwrap_or(Path::new("")).to_owned();
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets
        .filter(|target| !target.starts_with("http"))
        .map(|target| {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                document.to_owned()
            } else {
                folder.join(file)
            };
            (file, anchor.to_owned())
        })
        .collect()
}

/// The anchor that a heading of a Markdown file gets.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .collect::<String>()
        .replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let mut faults = Vec::new();
    for document in documents() {
        for (file, wanted) in links(&document) {
            if !root().join(&file).exists() {
                faults.push(format!("{}: {}", document.display(), file.display()));
            } else if !wanted.is_empty()
                && !read(&file)
                    .lines()
                    .any(|l| l.starts_with('#') && anchor(l) == wanted)
            {
                faults.push(format!(
                    "{}: {}#{wanted}",
                    document.display(),
                    file.display()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Names of scenarios that a document has between backticks.
fn scenarios_named_in(text: &str) -> BTreeSet<&str> {
    let spans = text.split('`').skip(1).step_by(2);
    let families = ["hwb-", "glow-", "rule-"];
    spans
        .filter(|span| families.iter().any(|family| span.starts_with(family)))
        .collect()
}

#[test]
fn every_story_that_the_procedures_name_is_told() {
    let text = read("docs/procedures.md");
    let named = scenarios_named_in(&text);
    assert!(named.len() > 100, "the names were found");
    let missing: Vec<_> = named
        .iter()
        .filter(|name| {
            !root()
                .join("tests/scenarios")
                .join(name)
                .join("story.md")
                .exists()
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_rule_has_an_id_of_its_own_and_a_family_that_is_explained() {
    let guide = read("docs/policies.md");
    let mut faults = Vec::new();
    for policy in ["hwb", "glow"] {
        let mut seen = BTreeMap::new();
        for path in files(&format!("config/policies/{policy}"), &["csv"]) {
            for line in read(&path)
                .lines()
                .skip(1)
                .filter(|line| !line.trim().is_empty())
            {
                let id = line.split(',').next().unwrap_or_default().to_owned();
                let family: String = id.chars().skip_while(|c| *c != '-').take(5).collect();
                if !guide.contains(&format!("`{}`", family.trim_matches('-'))) {
                    faults.push(format!(
                        "{id}: docs/policies.md does not explain its letters"
                    ));
                }
                if seen.insert(id.clone(), path.clone()).is_some() {
                    faults.push(format!("{id} stands twice in {policy}"));
                }
            }
        }
        assert!(seen.len() > 50, "the tables of {policy} were found");
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_readme_names_every_command_and_no_other() {
    let help = Command::new(env!("CARGO_BIN_EXE_onroll"))
        .arg("--help")
        .output()
        .expect("onroll --help");
    let help = String::from_utf8(help.stdout).expect("text");
    let listed = help
        .split("Commands:\n")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next())
        .expect("commands");
    let known: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let readme = read("README.md");
    let documented: BTreeSet<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `onroll "))
        .filter_map(|rest| rest.split(['`', ' ']).next())
        .collect();
    let known: BTreeSet<&str> = known
        .into_iter()
        .filter(|command| *command != "help")
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn every_table_of_the_formats_has_the_columns_it_is_written_with() {
    let guide = read("docs/formats.md");
    use onroll::table::spec;
    let spec = spec::ALL.iter().chain([
        &spec::ACCOUNTS,
        &spec::EXISTING_DIRECTORY,
        &spec::PLAN,
        &spec::GROUP_CHANGES,
    ]);
    for table in spec {
        let heading = format!("### `{}.csv`", table.name);
        let part = guide
            .split(&heading)
            .nth(1)
            .unwrap_or_else(|| panic!("{heading} is missing"));
        let part = part.split("\n##").next().unwrap_or_default();
        for column in table.columns {
            assert!(
                part.contains(&format!("`{column}`")),
                "{heading} does not explain `{column}`"
            );
        }
    }
}
