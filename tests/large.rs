//! What small worlds cannot show: work that is cut into pieces for every core is put together again in one order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../benches/world.rs"]
#[allow(dead_code, reason = "its own `main` is the benchmark's")]
mod world;

/// Beyond one batch of every file that is written in batches.
const ACCOUNTS: u64 = 150_000;

#[test]
fn a_nation_moving_up_is_the_same_bytes_on_one_core_and_on_two() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("nation");
    world::make(&root, ACCOUNTS, "rollover").unwrap();
    let [one, two] = ["1", "2"].map(|cores| {
        let copy = folder.path().join(cores);
        copy_folder(&root, &copy);
        std::fs::copy(beside(&root), beside(&copy)).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_onroll"))
            .env("RAYON_NUM_THREADS", cores)
            .env_remove("ONROLL_KEY_FILE")
            .args(["run", "--quiet", "--as-of", world::NIGHT, "-C"])
            .arg(&copy)
            .status()
            .unwrap();
        assert!(done.success(), "{done}");
        files(&copy, &copy)
    });
    assert!(one.keys().eq(two.keys()));
    let changes = one.iter().find(|(name, _)| name.ends_with("plan.csv"));
    let changes = String::from_utf8_lossy(changes.unwrap().1).lines().count() as u64;
    assert!(changes > ACCOUNTS * 9 / 10, "{changes}");
    for (name, bytes) in &one {
        assert!(*bytes == two[name], "{} differs", name.display());
    }
}

/// The key of a workspace, which lies beside it.
fn beside(root: &Path) -> PathBuf {
    root.with_extension("key")
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy_folder(&path, &target),
            false => _ = std::fs::copy(&path, &target).unwrap(),
        }
    }
}

/// Every file by its name. A run's record tells how long it took, the chain its digest, and the lock who held it.
fn files(root: &Path, folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(root, &path));
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = match name.as_str() {
            ".lock" | "chain.csv" => continue,
            "run.json" => {
                let bytes = std::fs::read(&path).unwrap();
                let mut record: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                record["stages"].take();
                record.to_string().into_bytes()
            }
            _ => std::fs::read(&path).unwrap(),
        };
        found.insert(path.strip_prefix(root).unwrap().to_owned(), bytes);
    }
    found
}
