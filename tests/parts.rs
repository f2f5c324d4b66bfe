//! A night in parts, as the program and a scheduler play it: separate processes, and byte for byte what one process leaves.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "../benches/world.rs"]
#[allow(dead_code, reason = "its own `main` is the benchmark's")]
mod bench;

#[path = "support/files.rs"]
mod files;

use files::{beside, copy_folder, files};

/// More than one block of rows, and of accounts for each of 64 parts.
const ACCOUNTS: u64 = 20_000;

/// A workspace in a folder of its own, with copies of it to play the same night in other ways.
struct Nation {
    home: tempfile::TempDir,
}

impl Nation {
    fn new(kind: &str) -> Nation {
        let home = tempfile::tempdir().unwrap();
        bench::make(&home.path().join("nation"), ACCOUNTS, kind).unwrap();
        Nation { home }
    }

    fn copy(&self, name: &str) -> PathBuf {
        let (from, to) = (self.home.path().join("nation"), self.home.path().join(name));
        copy_folder(&from, &to);
        std::fs::copy(beside(&from), beside(&to)).unwrap();
        to
    }
}

fn onroll(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_onroll"))
        .env_remove("ONROLL_KEY_FILE")
        .args(arguments)
        .args(["--as-of", bench::NIGHT, "-C"])
        .arg(root)
        .output()
        .unwrap()
}

#[track_caller]
fn ends_with(done: &Output, code: i32) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let told = format!("{}{}", text(&done.stdout), text(&done.stderr));
    assert_eq!(done.status.code(), Some(code), "{told}");
    told
}

fn judge(root: &Path, part: u32, of: u32) {
    ends_with(
        &onroll(root, &["plan", "-q", "--part", &format!("{part}/{of}")]),
        0,
    );
}

fn is_same_as(root: &Path, whole: &Path, how: &str) {
    let (parted, whole) = (files(root, root), files(whole, whole));
    let names = |files: &std::collections::BTreeMap<PathBuf, Vec<u8>>| -> Vec<PathBuf> {
        files.keys().cloned().collect()
    };
    assert_eq!(names(&parted), names(&whole), "{how}");
    for (name, bytes) in &whole {
        assert!(*bytes == parted[name], "{how}: {} differs", name.display());
    }
}

#[test]
fn any_number_of_parts_leaves_the_same_bytes() {
    for (kind, divisions) in [("ordinary", &[1, 2, 7, 64][..]), ("rollover", &[7])] {
        let nation = Nation::new(kind);
        let whole = nation.copy("whole");
        ends_with(&onroll(&whole, &["run", "-q"]), 0);
        for of in divisions {
            let root = nation.copy(&format!("parts-{of}"));
            // The last one first: their order says nothing.
            (1..=*of).rev().for_each(|part| judge(&root, part, *of));
            ends_with(&onroll(&root, &["merge", "-q", "--apply"]), 0);
            is_same_as(&root, &whole, &format!("{kind} in {of} parts"));
            let verify = Command::new(env!("CARGO_BIN_EXE_onroll"));
            let verified = { verify }.args(["verify", "-q", "-C"]).arg(&root).output();
            ends_with(&verified.unwrap(), 0);
        }
    }
}

#[test]
fn who_only_waits_for_a_sign_in_is_left_to_no_merge_and_stands_in_its_list() {
    let nation = Nation::new("rollover");
    let first = nation.home.path().join("nation");
    ends_with(&onroll(&first, &["run", "-q"]), 0);
    let [whole, root] = ["whole", "parted"].map(|name| nation.copy(name));
    ends_with(&onroll(&whole, &["run", "-q"]), 0);
    let mut noted = 0;
    for part in 1..=3 {
        let part = format!("{part}/3");
        let told = ends_with(
            &onroll(&root, &["plan", "--format", "json", "--part", &part]),
            0,
        );
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        noted += told["noted"].as_u64().unwrap();
    }
    ends_with(&onroll(&root, &["merge", "-q", "--apply"]), 0);
    is_same_as(&root, &whole, "the second night");
    let files = files(&whole, &whole);
    let waiting = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.matches(",never_signed_in,").count() as u64
    };
    let lists = files
        .iter()
        .filter(|(name, _)| name.ends_with("credentials.csv"));
    let longest = lists.map(|(_, bytes)| waiting(bytes)).max().unwrap();
    assert!(
        longest >= ACCOUNTS / 20 && noted < longest / 4,
        "{noted} noted, {longest} wait"
    );
}

#[test]
fn a_merge_without_apply_is_a_plan_that_apply_carries_out() {
    let nation = Nation::new("quiet");
    let [whole, root] = ["whole", "parted"].map(|name| nation.copy(name));
    ends_with(&onroll(&whole, &["plan", "-q"]), 0);
    [1, 2].into_iter().for_each(|part| judge(&root, part, 2));
    ends_with(&onroll(&root, &["merge", "-q"]), 0);
    is_same_as(&root, &whole, "planned");
    for root in [&root, &whole] {
        let done = Command::new(env!("CARGO_BIN_EXE_onroll"));
        let done = { done }
            .args(["apply", "-q", "-C"])
            .arg(root)
            .output()
            .unwrap();
        ends_with(&done, 0);
    }
    is_same_as(&root, &whole, "applied");
}

#[test]
fn parts_of_another_night_or_division_are_refused_and_kept() {
    let nation = Nation::new("quiet");
    let root = nation.copy("parted");
    let told = ends_with(&onroll(&root, &["merge"]), 1);
    assert!(told.contains("there is no part of a night"), "{told}");
    judge(&root, 1, 2);
    let told = ends_with(&onroll(&root, &["merge"]), 1);
    assert!(told.contains("part 2/2 is missing"), "{told}");
    judge(&root, 1, 3);
    let told = ends_with(&onroll(&root, &["merge"]), 1);
    assert!(told.contains("there are parts of 2 and of 3"), "{told}");
    std::fs::remove_dir_all(root.join("parts/0001-of-0003")).unwrap();
    judge(&root, 2, 2);
    let exports = root.join("mis/exports.csv");
    let before = std::fs::read_to_string(&exports).unwrap();
    std::fs::write(&exports, before.replace("T01:00", "T02:00")).unwrap();
    let told = ends_with(&onroll(&root, &["merge"]), 6);
    assert!(told.contains("an input file differs"), "{told}");
    std::fs::write(&exports, before).unwrap();
    for (name, code) in [("noted.txt", 6), ("waiting.csv", 1)] {
        let path = root.join("parts/0002-of-0002").join(name);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[20..]).unwrap();
        let told = ends_with(&onroll(&root, &["merge", "--apply"]), code);
        let damaged = format!("{name} is not as this program wrote it");
        assert!(told.contains(&damaged), "{told}");
        std::fs::write(&path, &bytes).unwrap();
    }
    judge(&root, 2, 2);
    ends_with(&onroll(&root, &["merge", "--apply"]), 0);
    assert_eq!(std::fs::read_dir(root.join("parts")).unwrap().count(), 0);
}

#[test]
fn a_snapshot_without_a_table_refuses_parts_as_it_refuses_the_whole() {
    let nation = Nation::new("quiet");
    let root = nation.copy("robbed");
    let name = std::fs::read_to_string(root.join("directory/CURRENT")).unwrap();
    let table = |name: &str| {
        root.join("directory")
            .join(name.trim())
            .join("accounts.csv")
    };
    std::fs::remove_file(table(&name)).unwrap();
    for arguments in [&["plan"][..], &["plan", "--part", "1/2"]] {
        let told = ends_with(&onroll(&root, arguments), 4);
        assert!(told.contains("accounts.csv is missing"), "{told}");
    }
}

#[test]
fn nights_that_cannot_be_divided_say_so() {
    let nation = Nation::new("quiet");
    let root = nation.copy("two-keys");
    let old = root.with_file_name("old.key");
    std::fs::write(
        &old,
        format!("onroll-key-1:{}\n", "fedcba9876543210".repeat(4)),
    )
    .unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let settings = root.join("onroll.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{text}previous_key = \"../old.key\"\n")).unwrap();
    let told = ends_with(&onroll(&root, &["plan", "--part", "1/2"]), 1);
    assert!(told.contains("there is a previous key"), "{told}");
    assert!(!root.join("parts").exists());
    ends_with(&onroll(&root, &["plan", "--part", "3/2"]), 64);
}

const WORKFLOW: &str = include_str!("../.github/workflows/nightly-parts.yml");

/// The shell of a named step of the workflow that the documents offer, and what its scheduler sets for it.
fn step(name: &str) -> String {
    let (_, step) = WORKFLOW.split_once(&format!("- name: {name}\n")).unwrap();
    let (_, lines) = step.split_once("run: |\n").unwrap();
    let inside = lines
        .lines()
        .take_while(|line| line.starts_with("          "));
    inside.map(|line| format!("{line}\n")).collect()
}

#[cfg(unix)]
#[test]
fn the_matrix_of_the_workflow_plays_the_night() {
    let nation = Nation::new("ordinary");
    assert!(WORKFLOW.contains("PARTS: \"4\"") && WORKFLOW.contains("part: [1, 2, 3, 4]"));
    let [whole, root] = ["whole", "parted"].map(|name| nation.copy(name));
    ends_with(&onroll(&whole, &["run", "-q"]), 0);
    let program = Path::new(env!("CARGO_BIN_EXE_onroll")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let shell = |script: &str, part: u32| {
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .env("PATH", format!("{}:{path}", program.display()))
            .env("ONROLL_KEY_FILE", beside(&root))
            .env("WORKSPACE", &root)
            .env("AS_OF", bench::NIGHT)
            .env("PART", part.to_string())
            .env("PARTS", "4");
        command
    };
    // Beside each other, as separate machines would.
    let script = step("Judge a part");
    let running: Vec<_> = (1..=4)
        .map(|part| shell(&script, part).spawn().unwrap())
        .collect();
    for mut part in running {
        assert!(part.wait().unwrap().success());
    }
    ends_with(&shell(&step("Merge and apply"), 0).output().unwrap(), 0);
    is_same_as(&root, &whole, "by the workflow");
}
