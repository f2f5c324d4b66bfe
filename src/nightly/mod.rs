//! The corridor: the eight stages of a night, in order. The only file that knows them all.
//!
//! | stage | here |
//! |---|---|
//! | intake, gate | [`read`] |
//! | relate, facts, policy, effects | [`judge`] |
//! | guard | [`settle::settle`] |
//! | publish | [`Decided::write_snapshot`], the workspace and the reports |
//!
//! [`parts`] walks it with some people at a time, where a directory is larger than the memory.

mod claims;
mod draft;
pub mod kept;
pub mod look;
mod names;
mod next;
mod non_mis;
mod notices;
mod outcome;
pub mod parts;
mod person;
mod read;
mod row;
mod settle;
mod tables;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use thiserror::Error;

use crate::decisions::{self, Book, open_requests};
use crate::directory::{self, DirectoryError, Meta, NextAccounts, Snapshot};
use crate::facts::Tonight;
use crate::identity::Keys;
use crate::model::{Date, Fault, InputFile, Roll};
use crate::plan::{Change, Plan};
use crate::policy::Policy;
use crate::relate::{People, Person, relate};
use crate::rounds::in_rounds;
use crate::warm;
use crate::workspace::FileMark;
use draft::Draughtsman;
use look::{Seen, Watch};
use outcome::Outcome;
use person::{Room, judge_person};
pub use read::{Read, read};

/// What a night is asked for.
pub struct Request<'a> {
    /// The civil date it computes for.
    pub as_of: Date,
    /// Folder of the MIS tables.
    pub mis: &'a Path,
    /// Folder of decisions and approvals.
    pub decisions: &'a Path,
    /// Folder of the live snapshot.
    pub snapshot: &'a Path,
    /// The keys.
    pub keys: &'a Keys,
    /// The policy.
    pub policy: &'a Policy,
    /// With `--establishment`: plan only these.
    pub only: &'a [String],
    /// Read files that are not UTF-8 as Windows-1252.
    pub windows_1252: bool,
    /// An empty folder into which the accepted roll is written, to be kept with the run.
    pub keep: Option<&'a Path>,
    /// The file that becomes `plan.csv`; without one only its digest is taken.
    pub plan_csv: Option<&'a Path>,
    /// The empty folder of the next snapshot, whose accounts are written as soon as they are decided, where that pays;
    /// else [`Decided::write_snapshot`] writes them too.
    pub next: Option<&'a Path>,
    /// What parts of the night found, where it is decided in parts.
    pub gathered: Option<&'a parts::Gathered>,
}

/// How a night ended.
pub enum Night {
    /// The gate refused the input: nothing was decided.
    Refused(Refused),
    /// There is a plan.
    Decided(Box<Decided>),
}

/// A refused night.
#[derive(Debug)]
pub struct Refused {
    /// The civil date it was asked for.
    pub as_of: Date,
    /// Every fault, sorted.
    pub faults: Vec<Fault>,
    /// The files that were read.
    pub input_files: Vec<InputFile>,
    /// One digest over all of them.
    pub input_digest: String,
}

/// A planned night.
pub struct Decided {
    /// The plan.
    pub plan: Plan,
    /// What `plan.csv` is, wherever it was written.
    pub plan_csv: FileMark,
    /// `groups.csv`; `None` where the policy has no groups.
    pub groups_csv: Option<Vec<u8>>,
    /// Digest of `plan.csv`, `groups.csv` and everything it is bound to.
    pub plan_digest: String,
    /// The files that were read.
    pub input_files: Vec<InputFile>,
    /// One digest over all of them.
    pub input_digest: String,
    /// Name of the snapshot it was made from.
    pub snapshot_before: String,
    /// The snapshot it was made from.
    pub before: Snapshot,
    /// Accounts that still stand under the previous key.
    pub under_previous_key: u64,
    /// The accounts of the next snapshot, where they stand in its folder already.
    pub next_accounts: Option<NextAccounts>,
    /// The files of the accepted roll, where it is kept, by their names in its folder.
    pub kept: Vec<FileMark>,
    /// Files of parts of the night, with the accounts that wait for a sign-in and for nothing else.
    pub waiting: Vec<(PathBuf, FileMark)>,
    /// Where the snapshot lies that it was made from, if only some of that was read.
    in_parts: Option<PathBuf>,
    meta: Meta,
}

/// Why a night could not be computed at all.
#[derive(Debug, Error)]
pub enum NightError {
    /// The snapshot.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A file that is there could not be read.
    #[error("an input could not be read: {0}")]
    Io(#[from] std::io::Error),
    /// The plan, the next snapshot, or the roll that is kept.
    #[error("what the night leaves could not be written: {0}")]
    Write(std::io::Error),
    /// The approvals.
    #[error(transparent)]
    Workspace(#[from] crate::workspace::WorkspaceError),
    /// The parts of a night.
    #[error(transparent)]
    Parts(#[from] parts::PartsError),
}

/// Decides a night: everything up to the commit point.
///
/// # Errors
/// When the snapshot cannot be used or a file that is there cannot be read.
pub fn decide(request: &Request<'_>) -> Result<Night, NightError> {
    let read = match request.gathered {
        Some(gathered) => parts::read_gathered(request, gathered)?,
        None => read(request)?,
    };
    if read.roll.faults.refuses() {
        return Ok(Night::Refused(refuse(request, read)));
    }
    let keep = |folder: &Path| kept::write(folder, request, &read).map_err(NightError::Write);
    let (judged, kept) = rayon::join(|| judge(request, &read), || request.keep.map(keep));
    let (kept, judged) = (
        kept.unwrap_or(Ok(Vec::new()))?,
        judged.map_err(NightError::Write)?,
    );
    let kept: std::io::Result<_> = kept.into_iter().map(kept::Written::wait).collect();
    let kept = kept.map_err(NightError::Write)?;
    let decided = Decided {
        kept,
        ..decided(request, read, judged)
    };
    Ok(Night::Decided(Box::new(decided)))
}

/// Decides an archived night once more.
///
/// # Errors
/// When `plan.csv` or the next snapshot is asked for and cannot be written.
pub fn decide_again(request: &Request<'_>, read: Read) -> std::io::Result<Decided> {
    let judged = judge(request, &read)?;
    Ok(decided(request, read, judged))
}

/// What a policy makes of an archived night.
pub fn plan_again(request: &Request<'_>, read: &Read) -> Plan {
    with_desk(request, read, |desk, people, requests| {
        plan(desk, people, requests, read, |_| ()).0
    })
}

fn decided(request: &Request<'_>, read: Read, judged: Judged) -> Decided {
    let (plan, plan_csv) = (judged.plan, judged.plan_csv);
    let groups_csv = plan.groups.as_ref().map(crate::report::groups_csv);
    let plan_digest = plan_digest(request, &read, &plan_csv.sha256, groups_csv.as_deref());
    let meta = next::meta(request, &read.snapshot);
    Decided {
        plan,
        plan_csv,
        groups_csv,
        plan_digest,
        input_files: read.input_files,
        input_digest: read.input_digest,
        snapshot_before: read.snapshot.name.clone(),
        before: read.snapshot,
        under_previous_key: read.under_previous_key,
        next_accounts: judged.next_accounts,
        kept: Vec::new(),
        waiting: request
            .gathered
            .map(|gathered| gathered.waiting.clone())
            .unwrap_or_default(),
        in_parts: request.gathered.map(|_| request.snapshot.to_owned()),
        meta,
    }
}

fn refuse(request: &Request<'_>, read: Read) -> Refused {
    Refused {
        as_of: request.as_of,
        faults: read.roll.faults.list,
        input_files: read.input_files,
        input_digest: read.input_digest,
    }
}

/// What stages 3 to 7 give.
struct Judged {
    plan: Plan,
    plan_csv: FileMark,
    next_accounts: Option<NextAccounts>,
}

/// Stages 3 to 7: cases, facts, rules, effects, guards.
fn judge(request: &Request<'_>, read: &Read) -> std::io::Result<Judged> {
    let write = |changes: &[Change]| next::write_early(request, read, changes);
    with_desk(request, read, |desk, people, requests| {
        let (plan, _, next_accounts) = plan(desk, people, requests, read, write);
        let plan_csv = crate::report::write_plan_csv(&plan.changes, request.plan_csv)?;
        Ok(Judged {
            plan,
            plan_csv,
            next_accounts: next_accounts?,
        })
    })
}

/// Stage 3, and the desk at which the next ones work.
fn with_desk<T>(
    request: &Request<'_>,
    read: &Read,
    work: impl FnOnce(&mut Draughtsman<'_>, &People<'_>, &[&decisions::Request]) -> T,
) -> T {
    tracing::info!(target: "onroll::stage", stage = "relate", "bringing the roll and the directory together");
    let people = relate(&read.roll, &read.snapshot);
    let tonight = Tonight {
        as_of: request.as_of,
        params: &request.policy.params,
        roll: &read.roll,
        snapshot: &read.snapshot,
        people: &people,
        feedback: &read.feedback,
        sums: &read.sums,
        usernames: &request.policy.usernames,
        selected: selected(request, &read.roll),
    };
    let book = Book::open(&tonight, read.decided.list.clone());
    let requests = open_requests(&tonight, &read.decided.requests);
    let mut desk = Draughtsman {
        tonight: &tonight,
        policy: request.policy,
        book: &book,
        keys: request.keys,
        key_id: request.keys.current.id().to_string(),
        tombstones: read
            .snapshot
            .retired
            .iter()
            .map(|r| r.account_id.as_str())
            .collect(),
        watch: Watch::default(),
    };
    work(&mut desk, &people, &requests)
}

/// Stages 4 to 7, the cases that were watched, and what is made of the changes beside the rest ([`settle::settle`]).
fn plan<T: Send>(
    desk: &Draughtsman<'_>,
    people: &People<'_>,
    requests: &[&decisions::Request],
    read: &Read,
    beside: impl FnOnce(&[Change]) -> T + Send,
) -> (Plan, Vec<Seen>, T) {
    tracing::info!(target: "onroll::stage", stage = "decide", "deciding what is due");
    let mut outcome = judge_people(desk, people);
    non_mis::judge(desk, requests, &mut outcome);
    tracing::info!(target: "onroll::stage", stage = "guard", "measuring the guards and writing the plan");
    let reviewed = decisions::reviewed(desk.tonight, &read.decided.list);
    let seen = std::mem::take(&mut outcome.seen);
    let (plan, given) = settle::settle(desk, outcome, &read.approvals, &reviewed, beside);
    (plan, seen, given)
}

/// The accounts of people who are judged next, brought near, and where their rows are.
fn bring_near(desk: &Draughtsman<'_>, people: &People<'_>, near: &[u32]) {
    let near: Vec<Person> = near.iter().map(|at| people.at(*at)).collect();
    let rows = near.iter().map(|person| people.rows(person).first());
    warm::looked(rows.flatten().map(|place| *place as usize).sum());
    let places = near.iter().flat_map(|person| people.accounts(person));
    let places: Vec<usize> = places.map(|place| *place as usize).collect();
    desk.tonight.snapshot.accounts.warm(&places);
}

/// People that one task judges.
const CHUNK: usize = 4096;

/// Tasks of one round: what they gave is gathered while the next is judged.
const ROUND: usize = 16;

/// Every person on both cores; what they give is sorted afterwards, so the order decides nothing.
fn judge_people(desk: &Draughtsman<'_>, people: &People<'_>) -> Outcome {
    let judge_chunk = |chunk: &[u32]| {
        let (mut out, mut room) = (Outcome::default(), Room::default());
        // Memory that nothing is written into costs nothing: at a rollover nearly everybody has a change.
        out.changes.reserve_exact(chunk.len());
        for near in chunk.chunks(warm::TOGETHER) {
            bring_near(desk, people, near);
            for &at in near {
                judge_person(desk, &people.at(at), &mut room, &mut out);
            }
        }
        out
    };
    let rounds = people.order.chunks(CHUNK * ROUND);
    let count = rounds.len();
    let mut all = Outcome::default();
    in_rounds(
        rounds,
        |round| -> Vec<Outcome> { round.par_chunks(CHUNK).map(judge_chunk).collect() },
        |parts| {
            if all.changes.is_empty() {
                // People are judged in the order of the roll, so one round is much like another.
                let round = parts.iter().map(|part| part.changes.len()).sum::<usize>();
                all.changes.reserve(round * count * 21 / 20);
            }
            parts.into_iter().for_each(|part| all.add(part));
        },
    );
    all
}

fn selected(request: &Request<'_>, roll: &Roll) -> Option<Vec<bool>> {
    if request.only.is_empty() {
        return None;
    }
    Some(
        roll.establishments
            .iter()
            .map(|e| request.only.contains(&e.code))
            .collect(),
    )
}

/// What a plan is bound to: inputs, snapshot, policy and date (SPEC §13.10).
fn plan_digest(
    request: &Request<'_>,
    read: &Read,
    plan_csv_sha256: &str,
    groups_csv: Option<&[u8]>,
) -> String {
    let only = request.only.join(",");
    let mut text = format!(
        "as_of {}\ninputs {}\nsnapshot {}\npolicy {}\nonly {}\nplan {}\n",
        request.as_of,
        read.input_digest,
        read.snapshot.name,
        request.policy.digest,
        only,
        plan_csv_sha256
    );
    if let Some(groups) = groups_csv {
        text += &format!("groups {}\n", directory::sha256(groups));
    }
    directory::sha256(text.as_bytes())
}
