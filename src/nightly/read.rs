//! Stages 1 and 2 of a night: everything that is read, held against the gate.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{NightError, Request};
use rayon::prelude::*;

use crate::directory::{self, Account, Accounts, Column, Snapshot};
use crate::gate::{FeedbackBook, GateContext, KnownAccount, KnownAccounts};
use crate::identity::Keys;
use crate::identity::key::KeyId;
use crate::intake::RollRows;
use crate::model::{Category, Fault, Faults, InputFile, Kind, Roll, Severity, Sums};
use crate::policy::Policy;
use crate::table::ReadOptions;
use crate::workspace::approvals::{self, Approvals};

/// What the first two stages give.
pub struct Read {
    /// The accepted roll, with every fault.
    pub roll: Roll,
    /// The directory.
    pub snapshot: Snapshot,
    /// Decisions.
    pub decided: crate::decisions::Decided,
    /// What the real directory says.
    pub feedback: FeedbackBook,
    /// Approvals.
    pub approvals: Approvals,
    /// Everything read.
    pub input_files: Vec<InputFile>,
    /// One digest over it.
    pub input_digest: String,
    /// What is counted of people whom other processes judged.
    pub sums: Sums,
    /// Accounts that still stand under the previous key.
    pub under_previous_key: u64,
    /// Retired usernames whose hashes were made under the previous key.
    pub retired_under_previous_key: u64,
}

/// What people and the real directory said, read beside the tables.
pub(super) struct Said {
    pub decided: crate::decisions::Decided,
    pub feedback: FeedbackBook,
    pub approvals: Approvals,
}

impl Said {
    pub(super) fn read(request: &Request<'_>) -> Result<Said, NightError> {
        let (folder, windows_1252) = (request.decisions, request.windows_1252);
        Ok(Said {
            approvals: approvals::read(folder, request.as_of)?,
            decided: crate::decisions::read(folder, "decisions", windows_1252),
            feedback: crate::gate::feedback(request.mis, "mis", request.as_of, windows_1252),
        })
    }
}

/// The run's keys as a snapshot names them: id and fingerprint, the current one first.
pub(super) fn key_marks(keys: &Keys) -> Vec<(String, String)> {
    let marks = keys.all().map(|k| (k.id().to_string(), k.fingerprint()));
    marks.collect()
}

/// Whether tonight's work is carried out at once, so that its tables and the snapshot are not read again soon. A merge, which
/// reads its tables twice, does not ask.
fn is_last(request: &Request<'_>) -> bool {
    request.next.is_some()
}

/// How the tables are read.
pub(super) fn options(request: &Request<'_>) -> ReadOptions {
    ReadOptions {
        windows_1252: request.windows_1252,
        ..ReadOptions::default()
    }
}

/// Stages 1 and 2: reads everything and holds it against the gate.
///
/// # Errors
/// When the snapshot cannot be used or a file that is there cannot be read; faults of content are in the result.
pub fn read(request: &Request<'_>) -> Result<Read, NightError> {
    let params = &request.policy.params;
    tracing::info!(target: "onroll::stage", stage = "intake", "reading the tables and the directory");
    let options = ReadOptions {
        once: is_last(request),
        ..options(request)
    };
    let (inputs, snapshot) = rayon::join(
        || crate::intake::read_inputs(request.mis, "mis", params, &options, RollRows::Keep),
        || match is_last(request) {
            true => Snapshot::read_last(request.snapshot, &key_marks(request.keys)),
            false => Snapshot::read(request.snapshot, &key_marks(request.keys)),
        },
    );
    let mut snapshot = snapshot?;
    let said = Said::read(request)?;
    let mut faults = Faults::default();
    let under_previous_key = count_keys(&snapshot, request.keys, &mut faults);
    let keyed = snapshot.accounts.keyed();
    let known = Known {
        accounts: &snapshot.accounts,
        keyed: &keyed,
        has_logins: asks_logins(request),
    };
    let context = GateContext {
        params,
        as_of: request.as_of,
        refs: request.keys,
        accounts: &known,
        approved_holds: &said.approvals.holds,
        snapshot_as_of: snapshot.meta.as_of,
        share: None,
    };
    tracing::info!(target: "onroll::stage", stage = "gate", "checking every row at the gate");
    let roll = crate::gate::check(inputs, &context);
    snapshot.accounts.keep_order(&keyed);
    drop(keyed);
    let sums = Sums::default();
    Ok(finish(
        request,
        roll,
        snapshot,
        said,
        faults,
        under_previous_key,
        sums,
    ))
}

/// Whether rows of some register need a login. Else nobody asks for those of accounts, which stand far into their lines.
pub(super) fn asks_logins(request: &Request<'_>) -> bool {
    let complete = &request.policy.params.complete;
    Kind::ALL.iter().any(|kind| complete.asks_login(*kind))
}

/// What was read, with every fault in one list.
pub(super) fn finish(
    request: &Request<'_>,
    mut roll: Roll,
    snapshot: Snapshot,
    said: Said,
    mut faults: Faults,
    (under_previous_key, retired_under_previous_key): (u64, u64),
    sums: Sums,
) -> Read {
    let Said {
        decided,
        feedback,
        approvals,
    } = said;
    check_policy(&snapshot, request.policy, &mut faults);
    check_selection(request.only, &roll, &mut faults);
    roll.faults.list.extend(faults.list);
    roll.faults.list.extend(decided.faults.iter().cloned());
    roll.faults.list.extend(approvals.faults.iter().cloned());
    roll.faults.list.extend(feedback.faults.iter().cloned());
    roll.faults.sort();
    let input_files = every_file(&roll.input_files, &decided.files, &feedback, &approvals);
    let input_digest = input_digest(&input_files);
    Read {
        roll,
        snapshot,
        decided,
        feedback,
        approvals,
        input_files,
        input_digest,
        sums,
        under_previous_key,
        retired_under_previous_key,
    }
}

/// Accounts and retired usernames that still stand under the previous key; a fault for those under one that is not there.
pub(super) fn count_keys(snapshot: &Snapshot, keys: &Keys, faults: &mut Faults) -> (u64, u64) {
    let accounts = snapshot.accounts.list.par_iter();
    let previous = accounts.filter(|a| a.category == Category::Mis && a.key == 1);
    let previous = previous.count() as u64;
    check_keys(snapshot, faults);
    (previous, check_retired(snapshot, keys, faults))
}

/// Every file read, sorted.
fn every_file(
    tables: &[InputFile],
    decided: &[InputFile],
    feedback: &FeedbackBook,
    approvals: &Approvals,
) -> Vec<InputFile> {
    let approved = approvals.files.iter().map(|f| InputFile {
        label: f.file.clone(),
        bytes: f.bytes,
        sha256: f.sha256.clone(),
    });
    let mut files: Vec<InputFile> = tables.iter().chain(decided).cloned().collect();
    files.extend(feedback.files.iter().cloned());
    files.extend(approved);
    files.sort();
    files
}

/// A code that nobody knows would quietly plan nothing.
fn check_selection(only: &[String], roll: &Roll, faults: &mut Faults) {
    let is_unknown = |code: &&String| roll.establishment_id(code).is_none();
    for code in only.iter().filter(is_unknown) {
        faults.push(
            Fault::new(
                Severity::Refuse,
                "selection_unknown",
                "neither the tables nor the directory know the establishment that was asked for",
                "Correct the code behind --establishment.",
            )
            .of_establishment(code),
        );
    }
}

/// How many retired usernames only the previous key can recognise. Those under a key that was not given are warned of:
/// they cannot be hashed anew, since nothing keeps the names of deleted accounts.
pub(super) fn check_retired(snapshot: &Snapshot, keys: &Keys, faults: &mut Faults) -> u64 {
    let mut counts = [0_u64; 2];
    let current = keys.current.id();
    for name in &snapshot.retired {
        match KeyId::parse(&name.key_id) {
            Some(id) if id == current => {}
            Some(id) if keys.by_id(id).is_some() => counts[0] += 1,
            _ => counts[1] += 1,
        }
    }
    let [previous, lost] = counts;
    if lost > 0 {
        faults.push(
            Fault::new(
                Severity::Warn,
                "retired_names_unknown",
                format!("{lost} usernames of deleted accounts stand under a key that was not given: one of them could be issued again"),
                "Keep the earlier key as previous_key for as long as no username may come back.",
            )
            .in_file("retired_usernames", "directory/retired_usernames.csv"),
        );
    }
    previous
}

/// An account under a key that is not at hand would make its person look new.
fn check_keys(snapshot: &Snapshot, faults: &mut Faults) {
    let lost = snapshot
        .accounts
        .list
        .par_iter()
        .filter(|a| a.category == Category::Mis && a.person().is_some() && a.key == 255);
    refuse_lost(lost.count() as u64, faults);
}

/// The fault of accounts under a key that is not at hand.
pub(super) fn refuse_lost(lost: u64, faults: &mut Faults) {
    if lost > 0 {
        faults.push(
            Fault::new(
                Severity::Refuse,
                "key_missing",
                match lost {
                    1 => "1 account stands under a key that was not given".to_owned(),
                    n => format!("{n} accounts stand under a key that was not given"),
                },
                "Give the earlier key as previous_key until `onroll check` counts no account under it.",
            )
            .in_file("accounts", "directory/accounts.csv"),
        );
    }
}

fn check_policy(snapshot: &Snapshot, policy: &Policy, faults: &mut Faults) {
    if snapshot.meta.policy != policy.params.name {
        faults.push(Fault::new(
            Severity::Refuse,
            "policy_differs",
            "the snapshot was written under a policy of another name",
            "Run with the policy the workspace was made for.",
        ));
    }
}

/// The accounts of the directory as the gate asks for them.
struct Known<'a> {
    accounts: &'a Accounts,
    /// As [`Accounts::keyed`] gives it.
    keyed: &'a [(u64, u32)],
    /// Rows of some register need a login. Else nobody asks for those of accounts, which stand far into their lines.
    has_logins: bool,
}

impl Known<'_> {
    fn mis(&self, place: usize) -> Option<&Account> {
        let account = &self.accounts.list[place];
        (account.category == Category::Mis).then_some(account)
    }
}

impl KnownAccounts for Known<'_> {
    fn places(&self) -> usize {
        self.accounts.len()
    }

    fn get(&self, place: usize) -> Option<KnownAccount<'_>> {
        let account = self.mis(place)?;
        let dates = self.accounts.dates(place);
        Some(KnownAccount {
            kind: account.role.kind(),
            person: account.person(),
            code: account.establishment as usize,
            state: account.state,
            missing_since: dates.missing_since,
            grace_until: dates.grace_until,
            login: match self.has_logins {
                true => self.accounts.plain_cell(place, Column::Login),
                false => "",
            },
        })
    }

    fn codes(&self) -> Vec<(usize, &str)> {
        let codes = &self.accounts.establishments;
        let is_used: Vec<AtomicBool> = codes.iter().map(|_| AtomicBool::new(false)).collect();
        let mis = (0..self.places()).into_par_iter();
        mis.filter_map(|place| self.mis(place)).for_each(|account| {
            let is_used = &is_used[account.establishment as usize];
            // Looked at first, so that cores do not take it from each other.
            if !is_used.load(Ordering::Relaxed) {
                is_used.store(true, Ordering::Relaxed);
            }
        });
        let codes = codes.iter().map(String::as_str).zip(is_used).enumerate();
        let used = codes.filter(|(_, (_, is_used))| is_used.load(Ordering::Relaxed));
        used.map(|(number, (code, _))| (number, code)).collect()
    }

    fn by_person(&self) -> Cow<'_, [(u64, u32)]> {
        Cow::Borrowed(self.keyed)
    }
}

/// One digest over the labels and digests of all inputs.
pub(super) fn input_digest(files: &[InputFile]) -> String {
    let mut text = String::new();
    for file in files {
        text.push_str(&format!("{} {}\n", file.sha256, file.label));
    }
    directory::sha256(text.as_bytes())
}
