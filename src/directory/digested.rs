//! Reading or writing a file and taking its digest at once.

use std::io::{self, IoSlice, Read, Write};

use sha2::{Digest, Sha256};

use super::hex;

/// Takes the digest of what is read through it.
pub(crate) struct Digesting<R> {
    from: R,
    digest: Sha256,
}

impl<R: Read> Digesting<R> {
    /// Of something of which nothing has been read.
    pub fn of(from: R) -> Self {
        Digesting {
            from,
            digest: Sha256::new(),
        }
    }

    /// The SHA-256 of all that was read, in hexadecimal; it begins anew then.
    pub fn digest(&mut self) -> String {
        hex(&self.digest.finalize_reset())
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.digest.update(&into[..count]);
        Ok(count)
    }
}

/// A file whose digest is taken while its bytes are at hand.
pub(crate) struct DigestedFile<W> {
    file: W,
    bytes: u64,
    digest: Sha256,
}

/// Bytes that are written, and their digest taken, in one step.
const STEP: usize = 1 << 18;

impl<W: Write + Send> DigestedFile<W> {
    /// Writes parts on one core and takes their digest on the other, in small steps: a core that runs out of other work
    /// takes over the digests that are still to come.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn take<P: AsRef<[u8]> + Sync>(&mut self, parts: &[P]) -> io::Result<()> {
        let (file, digest) = (&mut self.file, &mut self.digest);
        let mut rest = parts;
        while !rest.is_empty() {
            let (step, after) = rest.split_at(step(rest));
            let write = || write_all(file, step);
            rayon::join(write, || step.iter().for_each(|part| digest.update(part))).0?;
            self.bytes += step
                .iter()
                .map(|part| part.as_ref().len() as u64)
                .sum::<u64>();
            rest = after;
        }
        Ok(())
    }
}

/// Writes parts from where they lie: what is many lines of a file in memory need not be copied together first.
fn write_all<P: AsRef<[u8]>>(file: &mut impl Write, parts: &[P]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|p| IoSlice::new(p.as_ref())).collect();
    let mut rest = &mut slices[..];
    // Those without a byte at the front go.
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        match file.write_vectored(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// How many parts make a step.
fn step<P: AsRef<[u8]>>(parts: &[P]) -> usize {
    let mut bytes = 0;
    let enough = parts.iter().position(|part| {
        bytes += part.as_ref().len();
        bytes >= STEP
    });
    enough.map_or(parts.len(), |last| last + 1)
}

/// Has a file written by `pour`, and returns it with the number of its bytes and their SHA-256 in hexadecimal.
///
/// # Errors
/// The first of `pour`.
pub(crate) fn digested<W: Write + Send>(
    file: W,
    pour: impl FnOnce(&mut DigestedFile<W>) -> io::Result<()>,
) -> io::Result<(W, u64, String)> {
    let mut file = DigestedFile {
        file,
        bytes: 0,
        digest: Sha256::new(),
    };
    pour(&mut file)?;
    Ok((file.file, file.bytes, hex(&file.digest.finalize())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes few bytes at a time, and is interrupted before each.
    #[derive(Default)]
    struct Slow {
        taken: Vec<u8>,
        is_ready: bool,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.is_ready = !self.is_ready;
            if self.is_ready {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = bytes.len().min(3);
            self.taken.extend(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn parts_are_written_whole_and_in_order_however_little_is_taken_at_once() {
        let parts = ["", "a", "", "bcdefgh", "ij", ""];
        let (file, bytes, digest) = digested(Slow::default(), |file| file.take(&parts)).unwrap();
        assert_eq!(file.taken, b"abcdefghij");
        assert_eq!(bytes, 10);
        assert_eq!(digest, crate::directory::sha256(b"abcdefghij"));
        let mut full: &mut [u8] = &mut [0; 4];
        let ended = write_all(&mut full, &parts).unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::WriteZero);
    }
}
