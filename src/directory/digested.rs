//! Reading or writing a file and taking its digest at once.

use std::io::{self, Read, Write};

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
            let write = || {
                step.iter()
                    .try_for_each(|part| file.write_all(part.as_ref()))
            };
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
