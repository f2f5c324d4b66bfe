//! A copy of `mis/` that may be damaged: whole tables, whatever their files are called.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, Writer};

use crate::model::Date;
use crate::policy::params::LearnerIdentifier;

/// A scratch copy of the input tables.
pub struct Copy {
    folder: tempfile::TempDir,
}

/// What the damages are about.
pub struct Target {
    /// The establishment with the most learners; of several the first by code.
    pub school: String,
    /// The day before the night.
    pub yesterday: Date,
    /// A month before.
    pub long_ago: Date,
    /// What a learner's identifier looks like.
    pub learner: LearnerIdentifier,
    /// Whether the platform asks people for consent.
    pub asks_consent: bool,
}

impl Copy {
    /// Copies every file below `mis`; links are not followed.
    pub fn of(mis: &Path) -> io::Result<Copy> {
        let folder = tempfile::Builder::new().prefix("onroll-drill-").tempdir()?;
        copy(mis, folder.path())?;
        Ok(Copy { folder })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The files of a table, sorted.
    pub fn files(&self, table: &str) -> io::Result<Vec<PathBuf>> {
        let single = self.path().join(format!("{table}.csv"));
        if single.is_file() {
            return Ok(vec![single]);
        }
        let folder = self.path().join(table);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        files.retain(|path| path.is_file());
        files.sort();
        Ok(files)
    }

    /// Passes every file of a table through `change`; whether anything differs.
    pub fn bytes(
        &self,
        table: &str,
        mut change: impl FnMut(Vec<u8>) -> Option<Vec<u8>>,
    ) -> io::Result<bool> {
        let mut differs = false;
        for path in self.files(table)? {
            if let Some(after) = change(std::fs::read(&path)?) {
                std::fs::write(&path, after)?;
                differs = true;
            }
        }
        Ok(differs)
    }

    /// Passes every row of a table through `change`, which says whether the row stays; whether anything differs.
    pub fn rows(
        &self,
        table: &str,
        mut change: impl FnMut(&Columns, &mut Vec<Vec<u8>>) -> bool,
    ) -> io::Result<bool> {
        self.bytes(table, |bytes| {
            let mut reader = ReaderBuilder::new().flexible(true).from_reader(&bytes[..]);
            let header = reader.byte_headers().ok()?.clone();
            let columns = Columns::of(&header);
            let mut writer = Writer::from_writer(Vec::new());
            writer.write_byte_record(&header).ok()?;
            let mut differs = false;
            for record in reader.byte_records() {
                let record = record.ok()?;
                let mut cells: Vec<Vec<u8>> = record.iter().map(<[u8]>::to_vec).collect();
                let stays = change(&columns, &mut cells);
                let after = ByteRecord::from(cells);
                differs |= !stays || after != record;
                if stays {
                    writer.write_byte_record(&after).ok()?;
                }
            }
            differs.then(|| writer.into_inner().ok()).flatten()
        })
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, place) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            std::fs::create_dir(&place)?;
            copy(&entry.path(), &place)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &place)?;
        }
    }
    Ok(())
}

/// Where the columns of a file stand.
pub struct Columns(BTreeMap<Vec<u8>, usize>);

impl Columns {
    fn of(header: &ByteRecord) -> Columns {
        let name = |cell: &[u8]| cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell).to_vec();
        Columns(
            header
                .iter()
                .enumerate()
                .map(|(at, cell)| (name(cell), at))
                .collect(),
        )
    }

    /// The cell of a column in a row; `None` where the file has no such column.
    pub fn get<'a>(&self, row: &'a [Vec<u8>], column: &str) -> Option<&'a [u8]> {
        row.get(*self.0.get(column.as_bytes())?).map(Vec::as_slice)
    }

    /// Whether a row is of an establishment.
    pub fn is_of(&self, row: &[Vec<u8>], school: &str) -> bool {
        self.get(row, "establishment") == Some(school.as_bytes())
    }

    /// Writes a cell where the file has its column.
    pub fn set(&self, row: &mut [Vec<u8>], column: &str, value: impl Into<Vec<u8>>) {
        let at = self.0.get(column.as_bytes());
        if let Some(cell) = at.and_then(|at| row.get_mut(*at)) {
            *cell = value.into();
        }
    }
}

/// The establishment with the most learners, of several the first by code; `None` when there are no learners.
///
/// # Errors
/// When the copy cannot be read.
pub fn target(copy: &Copy) -> io::Result<Option<String>> {
    let mut learners: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    copy.rows("learners", |columns, row| {
        if let Some(school) = columns.get(row, "establishment") {
            *learners.entry(school.to_vec()).or_default() += 1;
        }
        true
    })?;
    // The last of equals by a reversed order is the first by code.
    let most = learners.into_iter().rev().max_by_key(|(_, count)| *count);
    Ok(most.and_then(|(school, _)| String::from_utf8(school).ok()))
}
