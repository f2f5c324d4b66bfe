//! Writes the sample nights: `cargo run --release --example sample_nights -- sample-data`.
//!
//! The output depends on nothing but this code, so a second run writes the same bytes.

#[path = "generator/mod.rs"]
mod generator;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(target) = std::env::args().nth(1) else {
        eprintln!("usage: sample_nights DIR");
        return ExitCode::from(64);
    };
    match write(Path::new(&target)) {
        Ok(count) => {
            println!("{count} files written to {target}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{target}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Replaces the platforms' folders below `target`; anything else there stays.
fn write(target: &Path) -> std::io::Result<usize> {
    let files = generator::build();
    for platform in ["hwb", "adoption", "glow"] {
        let folder = target.join(platform);
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
    }
    for (path, bytes) in &files {
        let path = target.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(target))?;
        std::fs::write(path, bytes)?;
    }
    Ok(files.len())
}
