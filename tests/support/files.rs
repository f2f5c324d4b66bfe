//! Folders of workspaces: copied, and compared byte by byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The key of a workspace, which lies beside it.
pub fn beside(root: &Path) -> PathBuf {
    root.with_extension("key")
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
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
pub fn files(root: &Path, folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
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
