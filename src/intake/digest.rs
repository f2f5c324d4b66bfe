//! Digests of files, for the record of a run.

use std::path::PathBuf;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::InputFile;

/// SHA-256 of some bytes, in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The record of a file whose bytes are at hand.
pub fn input_file(label: &str, bytes: &[u8]) -> InputFile {
    InputFile {
        label: label.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    }
}

/// The records of files, read in parallel; in the order given.
///
/// # Errors
/// When a file cannot be read.
pub fn digest_files(files: &[(String, PathBuf)]) -> std::io::Result<Vec<InputFile>> {
    files
        .par_iter()
        .map(|(label, path)| Ok(input_file(label, &std::fs::read(path)?)))
        .collect()
}
