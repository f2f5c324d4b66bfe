//! Pages of memory in which the system keeps files. Those of a file that nobody asks for again soon serve better for what
//! is read or written next: pages that nobody has touched are dear, on a virtual machine most of all.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

/// Bytes after which what was read is given back.
const EACH: u64 = 1 << 23;

/// Tells the system that bytes of a file that stand on the disk are not asked for again soon.
///
/// It is advice: nothing depends on whether it is taken.
pub(crate) fn give_back(file: &File, bytes: Range<u64>) {
    #[cfg(target_os = "linux")]
    {
        let length = std::num::NonZeroU64::new(bytes.end.min(i64::MAX as u64) - bytes.start);
        let _ = rustix::fs::fadvise(file, bytes.start, length, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, bytes);
}

/// Reads a file whole that is not asked for again soon: it then stands in memory once, not twice.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read_once(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    // One more, so that the end is found without asking for more memory.
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(file.metadata()?.len() as usize + 1)?;
    let mut from = 0;
    while file.by_ref().take(EACH).read_to_end(&mut bytes)? > 0 {
        let to = bytes.len() as u64;
        give_back(&file, from..to);
        from = to;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_whatever_its_length_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("accounts.csv");
        for length in [0, 1, EACH - 1, EACH, EACH + 1, 2 * EACH + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            assert!(read_once(&path).unwrap() == bytes);
            assert!(read_once(&path).unwrap() == bytes);
        }
        assert!(read_once(&dir.path().join("none.csv")).is_err());
    }
}
