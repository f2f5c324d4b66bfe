//! Which establishments stay untouched tonight, and why (SPEC §8).

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::context::GateContext;
use super::people::{Account, Accounts, People};
use crate::model::{
    Date, EstId, Establishment, ExportStatus, Fault, Faults, Hold, HoldReason, Kind, Severity,
    State,
};
use crate::rounds::share;
use crate::warm;

/// What was counted of one establishment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Rows read of learners and of staff, rejected ones included.
    pub read: [u64; 2],
    /// Of those, rows whose person cannot be told.
    pub untold: [u64; 2],
    /// Usable accounts.
    pub usable: u64,
    /// Usable accounts of learners and of staff.
    pub usable_of: [u64; 2],
    /// Active accounts of learners and of staff without any row, for the first time.
    pub missing: [u64; 2],
    /// Active staff accounts that have a row, or had none before.
    pub staff_compared: u64,
}

/// Accounts that one task counts.
const CHUNK: usize = 1 << 14;

/// Adds what the accounts say to the tallies.
pub(super) fn count_accounts(tallies: &mut [Tally], accounts: &Accounts<'_>, people: &People<'_>) {
    let nothing = || vec![Tally::default(); tallies.len()];
    let places: Vec<usize> = (0..accounts.places()).step_by(CHUNK).collect();
    let count = |mut counted: Vec<Tally>, from: usize| {
        let chunk = from..(from + CHUNK).min(accounts.places());
        let chunk: Vec<Account<'_>> = chunk.filter_map(|place| accounts.get(place)).collect();
        for near in chunk.chunks(warm::TOGETHER) {
            people.warm(near.iter().filter_map(|account| account.person));
            for (at, seen) in near.iter().filter_map(|account| seen(account, people)) {
                if let Some(tally) = counted.get_mut(at.index()) {
                    tally.count(&seen);
                }
            }
        }
        counted
    };
    let both = |mut one: Vec<Tally>, other: Vec<Tally>| {
        one.iter_mut().zip(&other).for_each(|(a, b)| a.add(b));
        one
    };
    let share = share(places.len());
    let counted = places
        .into_par_iter()
        .with_min_len(share)
        .fold(nothing, count)
        .reduce(nothing, both);
    tallies
        .iter_mut()
        .zip(&counted)
        .for_each(|(tally, counted)| tally.add(counted));
}

impl Tally {
    /// Counts a usable account.
    fn count(&mut self, seen: &Seen) {
        self.usable += 1;
        self.usable_of[seen.kind as usize] += 1;
        if seen.is_compared {
            self.missing[seen.kind as usize] += u64::from(!seen.has_row);
            self.staff_compared += u64::from(seen.kind == Kind::Staff);
        }
    }

    /// Adds what was counted elsewhere.
    fn add(&mut self, other: &Tally) {
        let Tally {
            read,
            untold,
            usable,
            usable_of,
            missing,
            staff_compared,
        } = other;
        let pairs = [
            (&mut self.read, read),
            (&mut self.untold, untold),
            (&mut self.usable_of, usable_of),
            (&mut self.missing, missing),
        ];
        for (mine, theirs) in pairs {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
        self.usable += usable;
        self.staff_compared += staff_compared;
    }
}

struct Seen {
    kind: Kind,
    /// Shrinkage counts only active accounts not marked as missing before (SPEC §16 "Absence").
    is_compared: bool,
    has_row: bool,
}

fn seen(account: &Account<'_>, people: &People<'_>) -> Option<(EstId, Seen)> {
    let (known, at) = (account.known, account.at?);
    if !known.state.is_usable() {
        return None;
    }
    let is_compared =
        known.state == State::Active && known.missing_since.is_none() && account.person.is_some();
    let has_row = account
        .person
        .is_some_and(|person| people.has_row(account, person, at));
    Some((
        at,
        Seen {
            kind: known.kind,
            is_compared,
            has_row,
        },
    ))
}

/// Holds establishments; `bad` names those whose rows came from a bad file or several, with a sentence each.
pub(super) fn place(
    establishments: &mut [Establishment],
    tallies: &[Tally],
    bad: &BTreeMap<String, String>,
    ctx: &GateContext<'_>,
    faults: &mut Faults,
) {
    for (establishment, tally) in establishments.iter_mut().zip(tallies) {
        let rows = tally.read[0] + tally.read[1];
        establishment.counts = tally.usable > 0 || (establishment.listed && rows > 0);
        let is_closed = establishment.closed_on.is_some_and(|day| ctx.as_of > day);
        if !establishment.counts || is_closed {
            continue;
        }
        let reasons = reasons(establishment, tally, bad.get(&establishment.code), ctx);
        let is_approved = ctx.approved_holds.contains(&establishment.code);
        for (reason, message) in &reasons {
            let lets_through = is_approved && is_approvable(*reason);
            let severity = if lets_through {
                Severity::Warn
            } else {
                Severity::Hold
            };
            faults.push(
                Fault::new(severity, reason.code(), message.clone(), fix(*reason))
                    .of_establishment(&establishment.code),
            );
        }
        let held = reasons
            .into_iter()
            .find(|(reason, _)| !(is_approved && is_approvable(*reason)));
        establishment.hold = held.map(|(reason, message)| Hold {
            reason,
            message,
            approvable: is_approvable(reason),
        });
    }
}

/// Unreadable or missing data cannot be approved away.
fn is_approvable(reason: HoldReason) -> bool {
    !matches!(
        reason,
        HoldReason::Unknown | HoldReason::NoExport | HoldReason::BadFile
    )
}

/// Every rule that holds an establishment, in the order of [`HoldReason`].
fn reasons(
    establishment: &Establishment,
    tally: &Tally,
    bad: Option<&String>,
    ctx: &GateContext<'_>,
) -> Vec<(HoldReason, String)> {
    if !establishment.listed {
        let message = format!(
            "{} usable accounts belong to a code that the establishments table does not list",
            tally.usable
        );
        return vec![(HoldReason::Unknown, message)];
    }
    let mut reasons = Vec::new();
    if establishment.export.is_none() {
        reasons.push((
            HoldReason::NoExport,
            "the exports table has no usable row for it".to_owned(),
        ));
    }
    reasons.extend(bad.map(|message| (HoldReason::BadFile, message.clone())));
    if let Some(export) = &establishment.export {
        if export.status != ExportStatus::Complete {
            let word = if export.status == ExportStatus::Partial {
                "partial"
            } else {
                "failed"
            };
            reasons.push((
                HoldReason::NotComplete,
                format!("its export calls itself {word}"),
            ));
        }
        reasons.extend(age(export.exported_on, ctx));
        for (kind, claimed) in [
            (Kind::Learner, export.learners),
            (Kind::Staff, export.staff),
        ] {
            let read = tally.read[kind as usize];
            if let Some(claimed) = claimed.filter(|&claimed| read < claimed) {
                let message = format!(
                    "its export claims {claimed} {} rows and {read} were read",
                    kind.as_str()
                );
                reasons.push((HoldReason::FewerRows, message));
            }
        }
    }
    reasons.extend(shrunk(tally, ctx));
    reasons.extend(staff_changed(tally));
    reasons
}

fn age(exported_on: Date, ctx: &GateContext<'_>) -> Option<(HoldReason, String)> {
    let days = (ctx.as_of - exported_on).num_days();
    let max = i64::from(ctx.params.gate.max_export_age_days);
    match days {
        ..0 => Some((
            HoldReason::InFuture,
            format!("its export is dated {exported_on}, after {}", ctx.as_of),
        )),
        _ if days > max => Some((
            HoldReason::Stale,
            format!("its export is of {exported_on}, {days} days old; {max} are allowed"),
        )),
        _ => None,
    }
}

fn shrunk(tally: &Tally, ctx: &GateContext<'_>) -> Option<(HoldReason, String)> {
    // A row whose person cannot be told may be anybody's, so it counts as present.
    let missing: u64 = tally
        .missing
        .iter()
        .zip(tally.untold)
        .map(|(missing, untold)| missing.saturating_sub(untold))
        .sum();
    let gate = &ctx.params.gate;
    let is_over = missing > u64::from(gate.shrink_count)
        && missing * 100 > u64::from(gate.shrink_percent) * tally.usable;
    let limit =
        (u64::from(gate.shrink_percent) * tally.usable / 100).max(u64::from(gate.shrink_count));
    let message = format!(
        "{missing} of {} usable accounts have no row at all; {limit} may",
        tally.usable
    );
    is_over.then_some((HoldReason::Shrunk, message))
}

fn staff_changed(tally: &Tally) -> Option<(HoldReason, String)> {
    let staff = Kind::Staff as usize;
    let all_gone = tally.staff_compared >= 2 && tally.missing[staff] == tally.staff_compared;
    let has_others = tally.read[staff] >= 2 && tally.untold[staff] < tally.read[staff];
    let message = format!(
        "none of {} staff accounts has a row, while {} staff rows were read: the identifiers of all staff have changed",
        tally.staff_compared, tally.read[staff]
    );
    (all_gone && has_others).then_some((HoldReason::StaffCodesChanged, message))
}

fn fix(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Unknown => "List the establishment, or name the one that replaces it.",
        HoldReason::NoExport => "Let the export run, and list it in the exports table.",
        HoldReason::BadFile => "Deliver the establishment's rows in one readable file per table.",
        HoldReason::NotComplete | HoldReason::FewerRows => "Export the whole roll again.",
        HoldReason::InFuture => "Correct the clock of the exporting system, or the date.",
        HoldReason::Stale => "Let the export run again.",
        HoldReason::Shrunk => {
            "Export the whole roll again; if the people are really gone, approve the hold."
        }
        HoldReason::StaffCodesChanged => {
            "If the school changed its MIS or its codes, list the old and the new code of every member of staff in rekeys.csv: all keep their accounts. If they are really other people, approve the hold."
        }
    }
}
