//! `runs/chain.csv`: one line for everything that ever happened to the record of a run, each holding the digest of the
//! line before it (SPEC §11, §15). Whoever kept the digest of one line can prove every line above it, years later.
//!
//! A run that is filed takes its name first and is chained then; a record that is written anew is chained first. So a
//! start after a kill finds either a run without a line, or a record that still is what an earlier line says: it can
//! mend both without ever vouching for a record that somebody altered.

use std::path::{Path, PathBuf};

use super::{RunFolder, WorkspaceError, files};
use crate::directory::sha256;

/// The file's name below `runs/`.
pub const CHAIN_FILE: &str = "chain.csv";

const HEADER: &str = "number,as_of,run,event,record_sha256,previous_sha256";

/// The event of a run that was found without a line.
const FOUND: &str = "found";

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Its number, from 1.
    pub number: u64,
    /// The run's folder name.
    pub run: String,
    /// Digest of the run's `run.json` from then on.
    pub record: String,
    /// Digest of the line before; of the header for the first.
    pub previous: String,
}

/// The whole file.
#[derive(Debug)]
pub struct Chain {
    path: PathBuf,
    lines: Vec<String>,
}

impl Chain {
    /// Reads the chain of an archive; none at all is an empty one.
    pub fn read(runs: &Path) -> Result<Chain, WorkspaceError> {
        let path = runs.join(CHAIN_FILE);
        let lines = match std::fs::read(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                text.lines().map(str::to_owned).collect()
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => vec![HEADER.to_owned()],
            Err(e) => return Err(WorkspaceError::io("read", &path, e)),
        };
        Ok(Chain { path, lines })
    }

    /// Its lines below the header; `None` for one that cannot be read.
    pub fn links(&self) -> impl DoubleEndedIterator<Item = Option<Link>> {
        self.lines.iter().skip(1).map(|line| parse(line))
    }

    /// The first line that is not as it was written: its place in the file, from 1.
    pub fn first_broken(&self) -> Option<usize> {
        if self.lines.first().is_none_or(|line| line != HEADER) {
            return Some(1);
        }
        let pairs = self.lines.iter().zip(self.links());
        let stands = |(at, (before, link)): (usize, (&String, Option<Link>))| {
            link.is_some_and(|link| {
                link.number == at as u64 + 1 && link.previous == sha256(before.as_bytes())
            })
        };
        pairs
            .enumerate()
            .position(|each| !stands(each))
            .map(|at| at + 2)
    }

    /// The digest of the last line.
    pub fn head(&self) -> String {
        sha256(self.lines.last().map_or(HEADER, String::as_str).as_bytes())
    }

    /// Adds a line and brings the file to the disk.
    pub(super) fn add(
        &mut self,
        run: &RunFolder,
        event: &str,
        record: &[u8],
    ) -> Result<(), WorkspaceError> {
        let before = self.lines.last().map_or(HEADER, String::as_str);
        let line = format!(
            "{},{},{},{event},{},{}",
            self.lines.len().max(1),
            run.record.as_of,
            run.name,
            sha256(record),
            sha256(before.as_bytes())
        );
        self.lines.push(line);
        files::replace(&self.path, (self.lines.join("\n") + "\n").as_bytes())
    }

    /// Mends what a kill can have left: runs without a line, and a last line whose record was not written any more.
    pub(super) fn settle(&mut self, runs: &[RunFolder]) -> Result<(), WorkspaceError> {
        let links: Vec<Link> = self.links().flatten().collect();
        for run in runs {
            let of_run = || links.iter().filter(|link| link.run == run.name);
            let is_last = links.last().is_some_and(|last| last.run == run.name);
            if of_run().next().is_some() && !is_last {
                continue;
            }
            let record = run.record_bytes()?;
            let digest = sha256(&record);
            let is_told = of_run()
                .next_back()
                .is_some_and(|last| last.record == digest);
            let stood_before = of_run().any(|link| link.record == digest);
            if !is_told && (stood_before || of_run().next().is_none()) {
                self.add(run, FOUND, &record)?;
            }
        }
        Ok(())
    }
}

fn parse(line: &str) -> Option<Link> {
    let cells: Vec<&str> = line.split(',').collect();
    let [number, as_of, run, event, record, previous] = cells[..] else {
        return None;
    };
    let whole = !run.is_empty() && !event.is_empty() && as_of.parse::<crate::model::Date>().is_ok();
    whole.then_some(())?;
    Some(Link {
        number: number.parse().ok()?,
        run: run.to_owned(),
        record: record.to_owned(),
        previous: previous.to_owned(),
    })
}
