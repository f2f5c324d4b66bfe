//! What small worlds cannot show: work that is cut into pieces for every core is put together again in one order.

use std::process::Command;

#[path = "../benches/world.rs"]
#[allow(dead_code, reason = "its own `main` is the benchmark's")]
mod world;

#[path = "support/files.rs"]
mod files;

use files::{beside, copy_folder, files};

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
