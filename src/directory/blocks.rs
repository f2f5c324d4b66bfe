//! A table's file read in blocks of whole lines, so that it may be larger than the memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes read at a time; no line is longer.
const BLOCK: usize = 1 << 25;

/// A file, block by block.
pub struct Blocks {
    file: File,
    block: Vec<u8>,
    used: usize,
}

impl Blocks {
    /// The file at a path.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Blocks {
            file: File::open(path)?,
            block: Vec::with_capacity(BLOCK),
            used: 0,
        })
    }

    /// The next whole lines; none at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.block.drain(..self.used);
        let room = (BLOCK - self.block.len()) as u64;
        let more = Read::by_ref(&mut self.file)
            .take(room)
            .read_to_end(&mut self.block)?;
        // Only the last line may lack its end.
        self.used = match memchr::memrchr(b'\n', &self.block) {
            Some(at) if more > 0 => at + 1,
            _ => self.block.len(),
        };
        Ok(Some(&self.block[..self.used]).filter(|lines| !lines.is_empty()))
    }
}
