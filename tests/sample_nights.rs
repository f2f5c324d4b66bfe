//! The committed sample nights are what their generator writes.

#[path = "../examples/sample_nights/generator/mod.rs"]
mod generator;

use std::collections::BTreeMap;
use std::path::Path;

fn committed(folder: &Path, base: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            committed(&path, base, into);
        } else {
            let name = path
                .strip_prefix(base)
                .expect("below")
                .to_string_lossy()
                .replace('\\', "/");
            into.insert(name, std::fs::read(&path).expect("readable"));
        }
    }
}

#[test]
fn the_generator_writes_the_committed_sample_byte_for_byte() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let mut found = BTreeMap::new();
    for platform in ["hwb", "glow"] {
        committed(&base.join(platform), &base, &mut found);
    }
    let made = generator::build();
    let differing: Vec<_> = made
        .keys()
        .chain(found.keys())
        .filter(|path| made.get(*path) != found.get(*path))
        .collect();
    assert!(
        differing.is_empty(),
        "run `cargo run --release --example sample_nights -- sample-data`: {differing:?}"
    );
}
