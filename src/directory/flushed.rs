//! A file that goes to the disk while it is still being written: waiting for a disk needs no core, and little is left to
//! wait for at the end.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::pages::give_back;

/// Bytes after which what was written is sent on its way.
const EACH: usize = 1 << 23;

/// A new file that nobody reads again soon, and the thread that waits for the disk. It keeps nothing back: whoever writes
/// into it writes much at once.
pub(crate) struct FlushedFile {
    file: File,
    /// Bytes written since the thread was last told.
    since: usize,
    tell: SyncSender<()>,
    waiting: JoinHandle<io::Result<()>>,
}

impl FlushedFile {
    /// Makes the file, or empties the one that is there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        FlushedFile::over(File::create(path)?)
    }

    /// Of a file that is empty.
    ///
    /// # Errors
    /// When there is no thread to wait for it.
    pub fn over(file: File) -> io::Result<Self> {
        let flushed = file.try_clone()?;
        let (tell, told) = sync_channel(1);
        let waiting = thread::Builder::new().spawn(move || {
            while told.recv().is_ok() {
                flushed.sync_data()?;
                give_back(&flushed, 0..u64::MAX);
            }
            flushed.sync_all()?;
            give_back(&flushed, 0..u64::MAX);
            Ok(())
        })?;
        Ok(FlushedFile {
            file,
            since: 0,
            tell,
            waiting,
        })
    }

    /// Sends the rest on its way to the disk; nobody waits for it yet.
    pub fn end(self) -> Flushing {
        drop(self.tell);
        Flushing(self.waiting)
    }

    /// Counts what was written.
    fn count(&mut self, written: usize) -> usize {
        self.since += written;
        if self.since >= EACH {
            self.since = 0;
            // Where the thread is still busy it hears of the next.
            let _ = self.tell.try_send(());
        }
        written
    }

    /// Brings the rest to the disk.
    ///
    /// # Errors
    /// When anything of the file could not be brought there.
    pub fn close(self) -> io::Result<()> {
        self.end().wait()
    }
}

/// A file that is complete and on its way to the disk.
pub(crate) struct Flushing(JoinHandle<io::Result<()>>);

impl Flushing {
    /// Of a file that is complete and that nobody has sent on its way yet.
    ///
    /// # Errors
    /// When there is no thread to wait for it.
    pub fn begin(file: File) -> io::Result<Self> {
        let waiting = thread::Builder::new().spawn(move || file.sync_all())?;
        Ok(Flushing(waiting))
    }

    /// Waits until it is there.
    ///
    /// # Errors
    /// As [`FlushedFile::close`].
    pub fn wait(self) -> io::Result<()> {
        let waited = self.0.join();
        waited.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Write for FlushedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        Ok(self.count(written))
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.file.write_vectored(parts)?;
        Ok(self.count(written))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_written_stands_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("accounts.csv");
        let mut file = FlushedFile::create(&path).unwrap();
        let part: Vec<u8> = (0..EACH / 3 + 7).map(|at| (at % 251) as u8).collect();
        for _ in 0..10 {
            file.write_all(&part).unwrap();
        }
        file.write_all(b"end").unwrap();
        file.close().unwrap();
        let stands = std::fs::read(&path).unwrap();
        assert_eq!(stands.len(), part.len() * 10 + 3);
        assert!(
            stands
                .chunks(part.len())
                .take(10)
                .all(|chunk| chunk == part)
        );
    }
}
