//! The accepted rows of a night in parts: those that the parts have left, and the merge's own, in one order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::{ENROLMENTS, Sink, Written, put};
use crate::directory::Digesting;
use crate::nightly::parts::Gathered;
use crate::nightly::{Read, Request};

/// Bytes that are written at a time.
const BLOCK: usize = 1 << 20;

/// Where a row stands: its file and line.
type Place = (u64, u64);

/// Writes the rows of everybody by file and line, each once.
pub fn write(
    folder: &Path,
    request: &Request<'_>,
    read: &Read,
    gathered: &Gathered,
) -> io::Result<Written> {
    let key = request.keys.current.id();
    let mut own = Vec::new();
    super::enrolments::pour(
        &read.roll,
        key,
        |_| true,
        |part| {
            own.extend_from_slice(part);
            Ok(())
        },
    )?;
    let mut sources = vec![Source::new("", Box::new(io::Cursor::new(own)), None)];
    for (path, mark) in &gathered.rows {
        let file: Box<dyn io::Read + Send> = Box::new(File::open(path)?);
        sources.push(Source::new(path, file, Some(mark.sha256.clone())));
    }
    put(folder, ENROLMENTS, |sink| pour(&mut sources, sink))
}

fn pour(sources: &mut [Source], sink: &mut Sink<'_>) -> io::Result<()> {
    let mut block = Vec::with_capacity(BLOCK * 2);
    let mut next = BinaryHeap::new();
    for (at, source) in sources.iter_mut().enumerate() {
        // Every file has the same header.
        source.record()?;
        if at == 0 {
            block.extend_from_slice(&source.record);
        }
        next.extend(source.next()?.map(|place| Reverse((place, at))));
    }
    let mut last = None;
    while let Some(Reverse((place, at))) = next.pop() {
        let source = &mut sources[at];
        // A row that both have is the same in both.
        if last != Some(place) {
            block.extend_from_slice(&source.record);
            last = Some(place);
        }
        if block.len() >= BLOCK {
            sink(&block)?;
            block.clear();
        }
        next.extend(source.next()?.map(|place| Reverse((place, at))));
    }
    sink(&block)
}

/// A file of rows, read record by record.
struct Source {
    path: PathBuf,
    from: BufReader<Digesting<Box<dyn io::Read + Send>>>,
    is: Option<String>,
    record: Vec<u8>,
}

impl Source {
    fn new(path: impl Into<PathBuf>, from: Box<dyn io::Read + Send>, is: Option<String>) -> Self {
        Source {
            path: path.into(),
            from: BufReader::with_capacity(BLOCK, Digesting::of(from)),
            is,
            record: Vec::new(),
        }
    }

    /// Reads a record: a line, or several where a quoted cell goes on below its line. At the end it is empty.
    fn record(&mut self) -> io::Result<()> {
        self.record.clear();
        loop {
            let count = self.from.read_until(b'\n', &mut self.record)?;
            let quotes = memchr::memchr_iter(b'"', &self.record).count();
            if count == 0 || quotes.is_multiple_of(2) {
                return Ok(());
            }
        }
    }

    /// Goes on to the next record and says where its row stands; `None` at the end, where the digest is compared.
    fn next(&mut self) -> io::Result<Option<Place>> {
        self.record()?;
        if self.record.is_empty() {
            return self.end().map(|()| None);
        }
        // The cells before these are plain.
        let mut cells = self.record.split(|byte| *byte == b',').skip(11);
        let mut number = || std::str::from_utf8(cells.next()?).ok()?.parse().ok();
        match (number(), number()) {
            (Some(file), Some(line)) => Ok(Some((file, line))),
            _ => Err(self.damaged()),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        self.from.read_to_end(&mut rest)?;
        let digest = self.from.get_mut().digest();
        match &self.is {
            Some(is) if *is != digest => Err(self.damaged()),
            _ => Ok(()),
        }
    }

    fn damaged(&self) -> io::Error {
        let message = format!("{} is not as this program wrote it", self.path.display());
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}
