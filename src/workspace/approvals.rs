//! What a person let through (SPEC §9): one TOML file per approval, an input of the next plan.
//!
//! ```toml
//! format = 1
//! run = "2026-07-20-1a2b3c4d"      # the run whose held part was looked at
//! plan = "1a2b3c4d…"               # its plan's digest
//! as_of = 2026-07-20               # its date
//! by = "A. Person, directory team"
//! reason = "the school merged its sixth form"
//! expires = 2026-07-31             # the last night on which it counts
//! guards = ["release@6601234/learner"]
//! holds = []                       # establishments let through the gate
//! changes = ["…"]                  # the change_ids that were held
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::{FileMark, RunFolder, WorkspaceError, files, runs};
use crate::directory::sha256;
use crate::model::{Date, Fault, Severity};

/// The folder's name below `decisions/`.
pub const FOLDER: &str = "approvals";

/// The content of one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    format: u32,
    run: String,
    plan: String,
    as_of: Datetime,
    by: String,
    reason: String,
    expires: Datetime,
    guards: Vec<String>,
    holds: Vec<String>,
    changes: Vec<String>,
}

/// What counts on a date.
#[derive(Clone, Default, Debug)]
pub struct Approvals {
    /// Changes that are decided afresh but not counted.
    pub change_ids: BTreeSet<String>,
    /// Establishments let through the gate, sorted.
    pub holds: Vec<String>,
    /// The approvals that count, in the order of their files.
    pub in_force: Vec<InForce>,
    /// Every file read, expired ones included: all are inputs of the plan.
    pub files: Vec<FileMark>,
    /// Files that say nothing that can be used; they let nothing through.
    pub faults: Vec<Fault>,
}

/// One approval that counts.
#[derive(Clone, Debug)]
pub struct InForce {
    /// Its file.
    pub file: FileMark,
    /// Who answers for it.
    pub by: String,
    /// The last night on which it counts.
    pub expires: Date,
    /// Guards whose held changes it lets through.
    pub guards: Vec<String>,
    /// Establishments it lets through the gate.
    pub holds: Vec<String>,
    /// The changes.
    pub changes: BTreeSet<String>,
}

/// Whether an input of a run is an approval.
pub fn is_approval(label: &str) -> bool {
    label.starts_with(&format!("decisions/{FOLDER}/"))
}

/// Reads every approval in the folder of `decisions` that still counts on `as_of`. A missing folder holds none.
pub fn read(decisions: &Path, as_of: Date) -> Result<Approvals, WorkspaceError> {
    read_those(decisions, as_of, |_| true)
}

/// The same of some files alone.
pub fn read_those(
    decisions: &Path,
    as_of: Date,
    is_wanted: impl Fn(&FileMark) -> bool,
) -> Result<Approvals, WorkspaceError> {
    let folder = &decisions.join(FOLDER);
    let mut all = Approvals::default();
    let mut holds = BTreeSet::new();
    for name in files::names(folder)? {
        if name.starts_with('.') || !name.ends_with(".toml") {
            continue;
        }
        let path = folder.join(&name);
        files::refuse_links(&path, 0)?;
        let bytes = std::fs::read(&path).map_err(|e| WorkspaceError::io("read", &path, e))?;
        let file = format!("decisions/{FOLDER}/{name}");
        let mark = FileMark {
            file: file.clone(),
            bytes: bytes.len() as u64,
            sha256: sha256(&bytes),
        };
        if !is_wanted(&mark) {
            continue;
        }
        all.files.push(mark.clone());
        match parse(&bytes) {
            Ok((approval, expires)) if as_of <= expires => {
                all.change_ids.extend(approval.changes.iter().cloned());
                holds.extend(approval.holds.iter().cloned());
                all.in_force.push(InForce {
                    file: mark,
                    by: approval.by,
                    expires,
                    guards: approval.guards,
                    holds: approval.holds,
                    changes: approval.changes.into_iter().collect(),
                });
            }
            Ok(_) => {}
            Err(why) => all.faults.push(malformed(&file, &why)),
        }
    }
    all.holds = holds.into_iter().collect();
    Ok(all)
}

fn parse(bytes: &[u8]) -> Result<(Approval, Date), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let approval: Approval = toml::from_str(text).map_err(|e| match e.span() {
        Some(span) => format!(
            "line {} is not of the expected form",
            1 + text[..span.start].matches('\n').count()
        ),
        None => "it is not of the expected form".to_owned(),
    })?;
    if approval.format != 1 {
        return Err("its format is of another version".to_owned());
    }
    if approval.by.trim().is_empty() || approval.reason.trim().is_empty() {
        return Err("it does not say by whom or why".to_owned());
    }
    let expires = date(&approval.expires).ok_or("`expires` is not a date")?;
    Ok((approval, expires))
}

fn date(value: &Datetime) -> Option<Date> {
    let date = value.date?;
    if value.time.is_some() {
        None
    } else {
        Date::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
    }
}

fn malformed(file: &str, why: &str) -> Fault {
    let message = format!("this approval lets nothing through: {why}");
    Fault::new(
        Severity::Warn,
        "approval_malformed",
        message,
        "Make it again with `onroll approve`, then remove this file.",
    )
    .in_file("approvals", file)
}

/// What a person asks to let through.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Guard ids.
    pub guards: &'a [String],
    /// Establishments held by the gate.
    pub holds: &'a [String],
    /// Who answers for it.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// The last night on which it counts.
    pub expires: Date,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The file's name in the folder.
    pub name: String,
    /// How many changes it lets through.
    pub changes: usize,
}

/// Writes an approval of held parts of a run. What is not held there, or may not be approved, is refused by name.
pub fn write(
    decisions: &Path,
    run: &RunFolder,
    request: &Request<'_>,
) -> Result<Written, WorkspaceError> {
    if request.by.trim().is_empty() || request.reason.trim().is_empty() {
        return Err(WorkspaceError::Other(
            "an approval needs --by and --reason".to_owned(),
        ));
    }
    if request.expires < run.record.as_of {
        return Err(WorkspaceError::Other(format!(
            "--expires lies before the run's own date, {}",
            run.record.as_of
        )));
    }
    let changes = held_changes(run, request.guards)?;
    check_holds(run, request.holds)?;
    let approval = Approval {
        format: 1,
        run: run.name.clone(),
        plan: run.record.plan_digest.clone(),
        as_of: to_toml(run.record.as_of)?,
        by: request.by.trim().to_owned(),
        reason: request.reason.trim().to_owned(),
        expires: to_toml(request.expires)?,
        guards: request.guards.to_vec(),
        holds: request.holds.to_vec(),
        changes: changes.into_iter().collect(),
    };
    let text = toml::to_string_pretty(&approval)
        .map_err(|e| WorkspaceError::Other(format!("the approval could not be written: {e}")))?;
    let folder = &decisions.join(FOLDER);
    files::make_folder(folder)?;
    let name = free_name(folder, run, request, text.as_bytes())?;
    files::replace(&folder.join(&name), text.as_bytes())?;
    Ok(Written {
        name,
        changes: approval.changes.len(),
    })
}

fn to_toml(date: Date) -> Result<Datetime, WorkspaceError> {
    date.to_string().parse().map_err(|_| {
        WorkspaceError::Other("a year before 0 or after 9999 cannot be written".to_owned())
    })
}

fn held_changes(run: &RunFolder, guards: &[String]) -> Result<BTreeSet<String>, WorkspaceError> {
    if guards.is_empty() {
        return Ok(BTreeSet::new());
    }
    if run.record.plan_digest.is_empty() {
        return Err(WorkspaceError::Other(
            "this run has no plan, so no guard holds anything in it".to_owned(),
        ));
    }
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in runs::read_held(&run.path)? {
        held.entry(change.guard).or_default().push(change.change_id);
    }
    let mut changes = BTreeSet::new();
    for guard in guards {
        match held.get(guard) {
            Some(ids) => changes.extend(ids.iter().cloned()),
            None => {
                return Err(WorkspaceError::Other(not_held(
                    "guard",
                    held.keys().map(String::as_str),
                )));
            }
        }
    }
    Ok(changes)
}

fn check_holds(run: &RunFolder, holds: &[String]) -> Result<(), WorkspaceError> {
    let held = &run.record.held_establishments;
    for hold in holds {
        match held.iter().find(|mark| mark.establishment == *hold) {
            Some(mark) if mark.approvable => {}
            Some(mark) => {
                return Err(WorkspaceError::Other(format!(
                    "{} is held because its data cannot be read or is missing ({}); that cannot be approved",
                    mark.establishment, mark.reason
                )));
            }
            None => {
                let codes = held
                    .iter()
                    .filter(|mark| mark.approvable)
                    .map(|mark| mark.establishment.as_str());
                return Err(WorkspaceError::Other(not_held("establishment", codes)));
            }
        }
    }
    Ok(())
}

/// The ids that could have been named; what was typed is not repeated.
fn not_held<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> String {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return format!("no {what} holds anything that could be approved in this run");
    }
    let shown = ids.iter().take(20).copied().collect::<Vec<_>>().join(", ");
    let more = if ids.len() > 20 {
        format!(" and {} more", ids.len() - 20)
    } else {
        String::new()
    };
    format!("that {what} holds nothing in this run; held are: {shown}{more}")
}

/// `<run>-<what is let through>.toml`, with a number when another approval has that name.
fn free_name(
    folder: &Path,
    run: &RunFolder,
    request: &Request<'_>,
    bytes: &[u8],
) -> Result<String, WorkspaceError> {
    let what = request
        .guards
        .iter()
        .chain(request.holds)
        .cloned()
        .collect::<Vec<_>>()
        .join("+");
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "+-".contains(c) {
            c
        } else {
            '_'
        }
    };
    let base: String = format!("{}-{what}", run.name)
        .chars()
        .map(safe)
        .take(120)
        .collect();
    let mut name = format!("{base}.toml");
    for number in 2.. {
        match std::fs::read(folder.join(&name)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => break,
            Ok(there) if there == bytes => break,
            Ok(_) => name = format!("{base}-{number}.toml"),
            Err(e) => return Err(WorkspaceError::io("read", &folder.join(&name), e)),
        }
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{HeldChange, HeldMark, RunRecord, RunState, write_held};

    fn run(path: &Path) -> RunFolder {
        let mut record = RunRecord::new("2026-07-20".parse().unwrap(), RunState::Planned, "d");
        record.plan_digest = "d".into();
        let mark = |code: &str, approvable| HeldMark {
            establishment: code.into(),
            reason: "roll_shrunk".into(),
            approvable,
        };
        record.held_establishments = vec![mark("1001", true), mark("1002", false)];
        let held = |guard: &str, id: &str| HeldChange {
            guard: guard.into(),
            change_id: id.into(),
        };
        write_held(
            path,
            vec![
                held("release@run", "c2"),
                held("release@run", "c1"),
                held("create@1001/learner", "c3"),
            ],
        )
        .unwrap();
        RunFolder {
            name: "2026-07-20-0badcafe".into(),
            path: path.to_owned(),
            record,
        }
    }

    fn approve(folder: &Path, run: &RunFolder, guard: &str, hold: &str) -> Result<Written, String> {
        let list = |word: &str| {
            if word.is_empty() {
                vec![]
            } else {
                vec![word.to_owned()]
            }
        };
        let expires = "2026-07-31".parse().unwrap();
        let request = Request {
            guards: &list(guard),
            holds: &list(hold),
            by: "A. Person",
            reason: "merged",
            expires,
        };
        write(folder, run, &request).map_err(|e| e.to_string())
    }

    #[test]
    fn an_approval_counts_until_its_last_night_and_no_longer() {
        let home = tempfile::tempdir().unwrap();
        let (run, folder) = (run(home.path()), home.path().to_owned());
        let written = approve(&folder, &run, "release@run", "1001").unwrap();
        assert_eq!(
            (written.name.as_str(), written.changes),
            ("2026-07-20-0badcafe-release_run+1001.toml", 2)
        );
        let last = read(&folder, "2026-07-31".parse().unwrap()).unwrap();
        assert_eq!(
            (last.change_ids.len(), last.holds, last.files.len()),
            (2, vec!["1001".to_owned()], 1)
        );
        let after = read(&folder, "2026-08-01".parse().unwrap()).unwrap();
        assert_eq!(
            (after.change_ids.len(), after.holds.len(), after.files.len()),
            (0, 0, 1)
        );
    }

    #[test]
    fn what_is_not_held_is_refused_with_what_is() {
        let home = tempfile::tempdir().unwrap();
        let (run, folder) = (run(home.path()), home.path().to_owned());
        let error = approve(&folder, &run, "purge@run", "").unwrap_err();
        assert_eq!(
            error,
            "that guard holds nothing in this run; held are: create@1001/learner, release@run"
        );
        assert!(
            approve(&folder, &run, "", "1002")
                .unwrap_err()
                .contains("cannot be approved")
        );
        assert!(
            approve(&folder, &run, "", "1003")
                .unwrap_err()
                .ends_with("held are: 1001")
        );
    }

    #[test]
    fn a_malformed_approval_lets_nothing_through_and_says_so() {
        let home = tempfile::tempdir().unwrap();
        let (run, folder) = (run(home.path()), home.path().to_owned());
        let name = approve(&folder, &run, "release@run", "").unwrap().name;
        let text = std::fs::read_to_string(folder.join(FOLDER).join(&name)).unwrap();
        std::fs::write(
            folder.join("approvals/b.toml"),
            text.replace("by = \"A. Person\"", "by = \" \""),
        )
        .unwrap();
        std::fs::write(folder.join("approvals/c.toml"), "format = \n").unwrap();
        std::fs::remove_file(folder.join(FOLDER).join(&name)).unwrap();
        let all = read(&folder, "2026-07-20".parse().unwrap()).unwrap();
        assert_eq!(
            (all.change_ids.len(), all.faults.len(), all.files.len()),
            (0, 2, 2)
        );
    }
}
