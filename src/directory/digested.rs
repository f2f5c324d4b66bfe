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

impl<W: Write + Send> DigestedFile<W> {
    /// A file in which nothing stands yet.
    pub fn new(file: W) -> Self {
        DigestedFile {
            file,
            bytes: 0,
            digest: Sha256::new(),
        }
    }

    /// Writes parts on one core and takes their digest on the other.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn take<P: AsRef<[u8]> + Sync>(&mut self, parts: &[P]) -> io::Result<()> {
        let (file, digest) = (&mut self.file, &mut self.digest);
        self.bytes += length(parts);
        let write = || {
            parts
                .iter()
                .try_for_each(|part| file.write_all(part.as_ref()))
        };
        rayon::join(write, || parts.iter().for_each(|part| digest.update(part))).0
    }

    /// The same with the last parts, after which `close` is called for the file, in a thread of its own: bringing a file
    /// to the disk is waiting, and the cores have a digest to take meanwhile. Returns how many bytes were written in all,
    /// and their SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// When the file cannot be written or closed.
    pub fn take_last<P: AsRef<[u8]> + Sync>(
        self,
        parts: &[P],
        close: impl FnOnce(W) -> io::Result<()> + Send,
    ) -> io::Result<(u64, String)> {
        let (mut file, mut digest) = (self.file, self.digest);
        std::thread::scope(|waiting| {
            let write = || {
                parts
                    .iter()
                    .try_for_each(|part| file.write_all(part.as_ref()))?;
                Ok::<_, io::Error>(waiting.spawn(|| close(file)))
            };
            let take = || parts.iter().for_each(|part| digest.update(part));
            let (written, ()) = rayon::join(write, take);
            let closed = written?.join();
            closed.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        Ok((self.bytes + length(parts), hex(&digest.finalize())))
    }
}

fn length<P: AsRef<[u8]>>(parts: &[P]) -> u64 {
    parts.iter().map(|part| part.as_ref().len() as u64).sum()
}
