//! `credentials.csv` of a night in parts: those who wait for nothing but a sign-in stand in the parts' own files, and are
//! never all in memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::credentials::{HEADER, row};
use super::files::pour_owner_only;
use super::sheet;
use super::{CredentialLine, CredentialReason};
use crate::directory::{Account, Accounts, Column, DigestedFile, Digesting, digested};
use crate::workspace::FileMark;

/// What a part's file says of each account.
const COLUMNS: [Column; 5] = [
    Column::AccountId,
    Column::Username,
    Column::Establishment,
    Column::Role,
    Column::CredentialsDueOn,
];

/// Lines that are written at a time.
const TOGETHER: usize = 1 << 13;

/// Whether an account stands in `credentials.csv` though tonight changes nothing in it: it is usable, its credentials
/// were due in an earlier run, and nobody has signed in since.
pub fn waits(account: &Account) -> bool {
    account.state.is_usable() && account.awaits_sign_in
}

/// The line of an account that waits.
pub fn waiting_line(cells: &[&str]) -> CredentialLine {
    let cell = |column: Column| cells[column as usize].to_owned();
    CredentialLine {
        account_id: cell(Column::AccountId),
        username: cell(Column::Username),
        establishment: cell(Column::Establishment),
        role: cell(Column::Role),
        reason: CredentialReason::NeverSignedIn,
        since: cell(Column::CredentialsDueOn),
    }
}

/// Writes the accounts at some places, which wait, into the file of a part.
///
/// # Errors
/// When it cannot be written.
pub fn write_waiting(
    path: &Path,
    accounts: &Accounts,
    mut places: Vec<usize>,
) -> io::Result<FileMark> {
    // Codes and accounts are numbered in their order, which is that of the lines.
    places.sort_unstable_by_key(|place| (accounts.list[*place].establishment, *place));
    let header = COLUMNS.map(Column::name);
    let name = path.file_name().unwrap_or_default();
    marked(path, &name.to_string_lossy(), |file| {
        let write = |place: &usize, line: &mut sheet::Line| {
            accounts.with(*place, |cells| {
                for column in COLUMNS {
                    line.raw(cells[column as usize]);
                }
            });
        };
        sheet::pour(&header, &places, |_| 0, write, |parts, _| file.take(parts))
    })
}

/// Writes `credentials.csv`: the lines of the merge, which come in their order, and those of the parts. Of two of one
/// account that of the merge stands.
///
/// # Errors
/// When it cannot be written, or a part's file is not as its mark says.
pub fn write_credentials(
    path: &Path,
    own: &[CredentialLine],
    of_parts: &[(PathBuf, FileMark)],
) -> io::Result<FileMark> {
    let mut sources = vec![Source::Own(own.iter())];
    for (path, mark) in of_parts {
        sources.push(Source::part(path, mark)?);
    }
    marked(path, "credentials.csv", |file| {
        let mut lines = Vec::with_capacity(TOGETHER);
        file.take(&[format!("{}\n", HEADER.join(","))])?;
        merge(&mut sources, |line| {
            lines.push(line);
            if lines.len() == TOGETHER {
                file.take(&[sheet::lines(&lines, row)])?;
                lines.clear();
            }
            Ok(())
        })?;
        file.take(&[sheet::lines(&lines, row)])
    })
}

/// Writes a file and says what it is.
fn marked(
    path: &Path,
    name: &str,
    pour: impl FnOnce(&mut DigestedFile<&mut File>) -> io::Result<()>,
) -> io::Result<FileMark> {
    let written = pour_owner_only(path, |file| {
        digested(file, pour).map(|(_, bytes, sha)| (bytes, sha))
    });
    let (bytes, sha256) = written?;
    Ok(FileMark {
        file: name.to_owned(),
        bytes,
        sha256,
    })
}

/// Hands the lines of all sources to `sink` in the order of the file, each account once.
fn merge(
    sources: &mut [Source<'_>],
    mut sink: impl FnMut(CredentialLine) -> io::Result<()>,
) -> io::Result<()> {
    let mut next: BinaryHeap<Reverse<(String, String, usize)>> = BinaryHeap::new();
    let mut waiting: Vec<Option<CredentialLine>> = Vec::new();
    let place = |line: &CredentialLine, at| {
        Reverse((line.establishment.clone(), line.account_id.clone(), at))
    };
    for (at, source) in sources.iter_mut().enumerate() {
        let line = source.next()?;
        next.extend(line.as_ref().map(|line| place(line, at)));
        waiting.push(line);
    }
    let mut last = String::new();
    while let Some(Reverse((_, account, at))) = next.pop() {
        let following = sources[at].next()?;
        next.extend(following.as_ref().map(|line| place(line, at)));
        let line = std::mem::replace(&mut waiting[at], following);
        match line {
            Some(line) if account != last => sink(line)?,
            _ => {}
        }
        last = account;
    }
    Ok(())
}

/// Lines in the order of the file.
enum Source<'a> {
    Own(std::slice::Iter<'a, CredentialLine>),
    Part {
        path: &'a Path,
        sha256: &'a str,
        reader: Box<csv::Reader<Digesting<File>>>,
    },
}

impl<'a> Source<'a> {
    fn part(path: &'a Path, mark: &'a FileMark) -> io::Result<Self> {
        Ok(Source::Part {
            path,
            sha256: &mark.sha256,
            reader: Box::new(csv::Reader::from_reader(Digesting::of(File::open(path)?))),
        })
    }

    /// The next line; at the end of a part's file its digest is compared.
    fn next(&mut self) -> io::Result<Option<CredentialLine>> {
        let (path, sha256, reader) = match self {
            Source::Own(lines) => return Ok(lines.next().cloned()),
            Source::Part {
                path,
                sha256,
                reader,
            } => (path, sha256, reader),
        };
        let damaged = || {
            let message = format!("{} is not as this program wrote it", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        };
        let mut record = csv::StringRecord::new();
        if !reader.read_record(&mut record).map_err(|_| damaged())? {
            let digest = reader.get_mut().digest();
            return if digest == *sha256 {
                Ok(None)
            } else {
                Err(damaged())
            };
        }
        if record.len() != COLUMNS.len() {
            return Err(damaged());
        }
        let mut cells = [""; Column::ALL.len()];
        for (column, cell) in COLUMNS.iter().zip(&record) {
            cells[*column as usize] = cell;
        }
        Ok(Some(waiting_line(&cells)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(establishment: &str, account_id: &str, reason: CredentialReason) -> CredentialLine {
        CredentialLine {
            account_id: account_id.to_owned(),
            username: "=name".to_owned(),
            establishment: establishment.to_owned(),
            role: "learner".to_owned(),
            reason,
            since: "2026-09-01".to_owned(),
        }
    }

    #[test]
    fn parts_and_merge_stand_in_one_order_each_account_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("part.csv");
        let text = "account_id,username,establishment,role,credentials_due_on\n\
            a2,\"=na,me\",S1,learner,2026-09-01\na3,=name,S1,learner,2026-09-01\na1,=name,S2,learner,2026-09-01\n";
        std::fs::write(&file, text).unwrap();
        let mut mark = FileMark {
            file: "part.csv".to_owned(),
            bytes: text.len() as u64,
            sha256: crate::directory::sha256(text.as_bytes()),
        };
        let own = [
            line("S1", "a3", CredentialReason::Renamed),
            line("S1", "a4", CredentialReason::New),
        ];
        let out = dir.path().join("credentials.csv");
        let written = write_credentials(&out, &own, &[(file.clone(), mark.clone())]).unwrap();
        let told = std::fs::read_to_string(&out).unwrap();
        let ids: Vec<&str> = told.lines().map(|l| &l[..2]).collect();
        assert_eq!(ids, ["ac", "a2", "a3", "a4", "a1"], "{told}");
        assert!(told.contains("a3,'=name,S1,learner,renamed,"), "{told}");
        assert_eq!(written.sha256, crate::directory::sha256(told.as_bytes()));
        mark.sha256 = "0".repeat(64);
        let damaged = write_credentials(&out, &own, &[(file, mark)]).unwrap_err();
        assert!(
            damaged.to_string().contains("part.csv is not as"),
            "{damaged}"
        );
    }
}
