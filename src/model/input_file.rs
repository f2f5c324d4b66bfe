//! A file that a run read, as its record names it.

/// Label, size and digest of a file read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct InputFile {
    /// Path below the workspace folder.
    pub label: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}
