//! Writing a file and taking its digest at once.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::hex;

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
        let write = || {
            let mut written = 0;
            for part in parts.iter().map(AsRef::as_ref) {
                file.write_all(part)?;
                written += part.len() as u64;
            }
            Ok(written)
        };
        let (written, ()) = rayon::join(write, || {
            parts.iter().for_each(|part| digest.update(part));
        });
        self.bytes += io::Result::<u64>::from(written)?;
        Ok(())
    }

    /// The file, how many bytes were written, and their SHA-256 in hexadecimal.
    pub fn finish(self) -> (W, u64, String) {
        (self.file, self.bytes, hex(&self.digest.finalize()))
    }
}
