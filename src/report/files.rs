//! Puts a run's artefacts into its folder, readable by their owner alone.

use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{
    About, AboutAdoption, CredentialLine, adopted_csv, adopted_md, credentials_csv,
    failure_metrics, faults_csv, forecast_csv, metrics, notices_csv, offices, plan_json,
    refusal_html, refusal_md, refusal_metrics, report_html, report_md, write_credentials,
};
use crate::adopt::Adopted;
use crate::directory::sha256;
use crate::model::{Date, Fault};
use crate::plan::Plan;
use crate::workspace::FileMark;
use crate::workspace::files::temporary_name;

/// Everything the files of a run are made from.
pub struct Artefacts<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What it was made from; `plan_digest` is the digest of `plan_csv`.
    pub about: &'a About,
    /// `plan.csv`, which the caller puts into the folder ([`super::write_plan_csv`]).
    pub plan_csv: &'a FileMark,
    /// `groups.csv`; `None` where the policy has no groups.
    pub groups_csv: Option<&'a [u8]>,
    /// Who needs credentials.
    pub credentials: &'a [CredentialLine],
    /// Files of those who wait for a sign-in, where the night was decided in parts ([`super::write_waiting`]).
    pub waiting: &'a [(PathBuf, FileMark)],
    /// `snapshot.diff`.
    pub snapshot_diff: &'a [u8],
    /// Most single changes that `report.html` shows.
    pub rows_max: usize,
    /// Whether offices see people's names.
    pub office_names: bool,
}

/// Writes `groups.csv` where the policy has groups, `plan.json`, `faults.csv`, `notices.csv`,
/// `credentials.csv`, `forecast.csv`, `report.md`, `report.html`, `snapshot.diff`, `metrics.prom` and `offices/*.csv` into
/// an existing folder; returns them and `plan.csv`, sorted by name.
///
/// # Errors
/// When the folder is a symbolic link or a file cannot be written.
pub fn write_all(folder: &Path, artefacts: &Artefacts) -> io::Result<Vec<FileMark>> {
    let Artefacts { plan, about, .. } = artefacts;
    let mut out = Folder::at(folder)?;
    let groups = artefacts.groups_csv.map(|bytes| ("groups.csv", bytes));
    let given = [("snapshot.diff", artefacts.snapshot_diff)];
    let given = given.into_iter().chain(groups).map(|(name, bytes)| Make {
        name,
        bytes: Box::new(move || Cow::Borrowed(bytes)),
    });
    let made: [(&str, MakeBytes<'_>); 7] = [
        ("plan.json", Box::new(|| plan_json(plan, about))),
        ("faults.csv", Box::new(|| faults_csv(&plan.faults))),
        ("notices.csv", Box::new(|| notices_csv(&plan.notices))),
        (
            "forecast.csv",
            Box::new(|| forecast_csv(&plan.due, plan.as_of)),
        ),
        ("report.md", Box::new(|| report_md(plan, about))),
        (
            "report.html",
            Box::new(|| report_html(plan, about, artefacts.rows_max)),
        ),
        ("metrics.prom", Box::new(|| metrics(plan))),
    ];
    let whole: (&str, MakeBytes<'_>) = (
        "credentials.csv",
        Box::new(|| credentials_csv(artefacts.credentials)),
    );
    let of_parts = artefacts.waiting;
    let made = made.into_iter().chain(of_parts.is_empty().then_some(whole));
    let made = made.map(|(name, make)| Make {
        name,
        bytes: Box::new(move || Cow::Owned(make())),
    });
    out.put_all(given.chain(made).collect())?;
    out.written.push(artefacts.plan_csv.clone());
    if !of_parts.is_empty() {
        let path = folder.join("credentials.csv");
        let written = write_credentials(&path, artefacts.credentials, of_parts)?;
        out.written.push(written);
    }
    out.offices(&plan.faults, plan, artefacts.office_names)?;
    Ok(out.finish())
}

type MakeBytes<'a> = Box<dyn Fn() -> Vec<u8> + Send + Sync + 'a>;

/// A file and how its bytes are made.
struct Make<'a> {
    name: &'static str,
    bytes: Box<dyn Fn() -> Cow<'a, [u8]> + Send + Sync + 'a>,
}

/// Writes what a refused night leaves: `faults.csv`, `report.md`, `report.html` and `metrics.prom`.
///
/// # Errors
/// As [`write_all`].
pub fn write_refusal(folder: &Path, as_of: Date, faults: &[Fault]) -> io::Result<Vec<FileMark>> {
    let mut out = Folder::at(folder)?;
    out.put("faults.csv", &faults_csv(faults))?;
    out.put("report.md", &refusal_md(as_of, faults))?;
    out.put("report.html", &refusal_html(as_of, faults))?;
    out.put("metrics.prom", &refusal_metrics(as_of, faults))?;
    Ok(out.finish())
}

/// Writes what a night leaves that an error ended: `metrics.prom`, so that a collector hears of it.
///
/// # Errors
/// As [`write_all`].
pub fn write_failure(folder: &Path, as_of: Date) -> io::Result<Vec<FileMark>> {
    let mut out = Folder::at(folder)?;
    out.put("metrics.prom", &failure_metrics(as_of))?;
    Ok(out.finish())
}

/// Writes what an adoption leaves: `faults.csv`, `adopted.csv` and `report.md`.
///
/// # Errors
/// As [`write_all`].
pub fn write_adoption(
    folder: &Path,
    adopted: &Adopted,
    about: &AboutAdoption<'_>,
) -> io::Result<Vec<FileMark>> {
    let mut out = Folder::at(folder)?;
    out.put("faults.csv", &faults_csv(&adopted.faults))?;
    out.put("adopted.csv", &adopted_csv(&adopted.tally))?;
    out.put("report.md", &adopted_md(adopted, about))?;
    Ok(out.finish())
}

/// A run folder and what was written into it.
struct Folder<'a> {
    path: &'a Path,
    written: Vec<FileMark>,
}

impl<'a> Folder<'a> {
    fn at(path: &'a Path) -> io::Result<Self> {
        own_folder(path)?;
        Ok(Folder {
            path,
            written: Vec::new(),
        })
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.written.push(put(self.path, name, bytes)?);
        Ok(())
    }

    /// Makes and writes files on every core.
    fn put_all(&mut self, files: Vec<Make<'_>>) -> io::Result<()> {
        let path = self.path;
        let written = files
            .into_par_iter()
            .map(|file| put(path, file.name, &(file.bytes)()));
        self.written
            .extend(written.collect::<io::Result<Vec<_>>>()?);
        Ok(())
    }

    fn offices(&mut self, faults: &[Fault], plan: &Plan, names: bool) -> io::Result<()> {
        let folder = self.path.join("offices");
        own_folder(&folder)?;
        // A list of an earlier attempt at this run must not outlive what it said.
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "csv") {
                fs::remove_file(path)?;
            }
        }
        for (code, bytes) in offices(faults, &plan.notices, names) {
            self.put(&format!("offices/{code}.csv"), &bytes)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<FileMark> {
        self.written.sort();
        self.written
    }
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<FileMark> {
    write_owner_only(&folder.join(name), bytes)?;
    Ok(FileMark {
        file: name.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    })
}

/// Makes a folder for its owner alone, unless it is there; a symbolic link in its place is refused.
fn own_folder(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "a file or symbolic link stands where a folder belongs",
        )),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(path)
        }
        Err(e) => Err(e),
    }
}

/// Writes a file that only its owner can read, whole or not at all: beside its place first, then moved there,
/// so that a symbolic link at its place is replaced and never followed.
///
/// Nothing is flushed to the disk here: `workspace` flushes a run folder once, when it is complete.
///
/// # Errors
/// When the folder is missing or cannot be written to.
pub fn write_owner_only(path: &Path, bytes: &[u8]) -> io::Result<()> {
    pour_owner_only(path, |file| file.write_all(bytes))
}

/// The same with what `pour` writes into the file, for what is too large to stand in memory as a whole.
///
/// # Errors
/// As [`write_owner_only`].
pub fn pour_owner_only<T>(
    path: &Path,
    pour: impl FnOnce(&mut fs::File) -> io::Result<T>,
) -> io::Result<T> {
    let beside = temporary_name(path);
    match fs::remove_file(&beside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let poured = pour(&mut options.open(&beside)?)?;
    fs::rename(&beside, path)?;
    Ok(poured)
}

#[cfg(test)]
mod tests {
    use super::super::plan_csv::write_plan_csv;
    use super::super::testing::{day, empty_plan, fault, notice};
    use super::*;

    fn names(written: &[FileMark]) -> Vec<&str> {
        written.iter().map(|w| w.file.as_str()).collect()
    }

    #[test]
    fn a_run_is_written_for_its_owner_alone_and_again_to_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let mut plan = empty_plan();
        plan.faults = vec![fault("bad_date", "S1", 3)];
        plan.notices = vec![notice("incomplete", "S2")];
        let about = About::default();
        let plan_csv = write_plan_csv(&plan.changes, Some(&dir.path().join("plan.csv"))).unwrap();
        let artefacts = Artefacts {
            plan: &plan,
            about: &about,
            plan_csv: &plan_csv,
            groups_csv: None,
            credentials: &[],
            waiting: &[],
            snapshot_diff: b"",
            rows_max: 100,
            office_names: false,
        };
        let first = write_all(dir.path(), &artefacts).unwrap();
        assert_eq!(
            names(&first),
            [
                "credentials.csv",
                "faults.csv",
                "forecast.csv",
                "metrics.prom",
                "notices.csv",
                "offices/S1.csv",
                "offices/S2.csv",
                "plan.csv",
                "plan.json",
                "report.html",
                "report.md",
                "snapshot.diff"
            ]
        );
        assert!((0..10).all(|_| write_all(dir.path(), &artefacts).unwrap() == first));
        #[cfg(unix)]
        for file in &first {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(dir.path().join(&file.file))
                    .unwrap()
                    .permissions()
                    .mode()
                    & 0o777,
                0o600
            );
        }
        plan.notices.clear();
        let artefacts = Artefacts {
            plan: &plan,
            about: &about,
            plan_csv: &plan_csv,
            groups_csv: None,
            credentials: &[],
            waiting: &[],
            snapshot_diff: b"",
            rows_max: 100,
            office_names: false,
        };
        write_all(dir.path(), &artefacts).unwrap();
        assert!(!dir.path().join("offices/S2.csv").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_never_followed() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("elsewhere");
        fs::write(&target, "untouched").unwrap();
        std::os::unix::fs::symlink(&target, dir.path().join("faults.csv")).unwrap();
        let written =
            write_refusal(dir.path(), day(11, 23), &[fault("bad_date", "S1", 3)]).unwrap();
        assert_eq!(
            names(&written),
            ["faults.csv", "metrics.prom", "report.html", "report.md"]
        );
        assert_eq!(fs::read_to_string(&target).unwrap(), "untouched");
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();
        assert!(write_refusal(&link, day(11, 23), &[]).is_err());
    }
}
