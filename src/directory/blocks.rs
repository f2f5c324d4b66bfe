//! A table's file read in blocks of whole lines, so that it may be larger than the memory.

use std::fs::File;
use std::io::{self, Read};

/// Bytes read at a time; no line is longer.
const BLOCK: usize = 1 << 25;

/// Hands a file to `take`, block by block of whole lines, and reads the next one meanwhile.
///
/// # Errors
/// When the file cannot be read, and the first of `take`; no block is taken after it.
pub fn each_block<E: From<io::Error> + Send>(
    file: File,
    mut take: impl FnMut(&[u8]) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut blocks = Blocks {
        file,
        rest: Vec::new(),
    };
    let mut block = blocks.next(Vec::new())?;
    let mut room = Vec::new();
    while let Some(lines) = block {
        let (next, taken) = rayon::join(|| blocks.next(room), || take(&lines));
        taken?;
        block = next?;
        room = lines;
    }
    Ok(())
}

/// What has not been handed out of a file.
struct Blocks {
    file: File,
    /// The beginning of a line whose end was not read yet.
    rest: Vec<u8>,
}

impl Blocks {
    /// The next whole lines, in the memory of earlier ones; none at the end of the file.
    fn next(&mut self, mut block: Vec<u8>) -> io::Result<Option<Vec<u8>>> {
        block.clear();
        block.reserve_exact(BLOCK);
        block.append(&mut self.rest);
        let room = (BLOCK - block.len()) as u64;
        let more = Read::by_ref(&mut self.file)
            .take(room)
            .read_to_end(&mut block)?;
        // Only the last line may lack its end.
        if let Some(at) = memchr::memrchr(b'\n', &block).filter(|_| more > 0) {
            self.rest.extend_from_slice(&block[at + 1..]);
            block.truncate(at + 1);
        }
        Ok(Some(block).filter(|lines| !lines.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_lines_and_together_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("accounts.csv");
        let mut text: Vec<u8> = (0..BLOCK / 40 * 3)
            .flat_map(|n| format!("{n:08},{}\n", "x".repeat(n % 60)).into_bytes())
            .collect();
        text.extend(b"the last line has no end");
        std::fs::write(&path, &text).unwrap();
        let mut blocks: Vec<Vec<u8>> = Vec::new();
        let read = each_block(File::open(&path).unwrap(), |lines| {
            blocks.push(lines.to_vec());
            Ok::<(), io::Error>(())
        });
        read.unwrap();
        assert!(blocks.len() > 3 && blocks.concat() == text);
        let (last, others) = blocks.split_last().unwrap();
        assert!(others.iter().all(|block| block.ends_with(b"\n")));
        assert!(last.ends_with(b"no end"));
    }

    #[test]
    fn nothing_is_taken_after_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("accounts.csv");
        std::fs::write(&path, vec![b'\n'; BLOCK * 2]).unwrap();
        let mut taken = 0;
        let read = each_block(File::open(&path).unwrap(), |_| {
            taken += 1;
            Err(io::Error::other("full"))
        });
        assert!(read.is_err() && taken == 1);
    }
}
