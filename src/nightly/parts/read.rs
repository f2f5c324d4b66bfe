//! Stages 1 and 2 where only some people are kept.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::folder::Gathered;
use super::share::{Everybody, Share};
use super::special::Special;
use super::{Keep, PartsError};
use crate::directory::{Account, AllAccounts, Snapshot, Wanted};
use crate::gate::{GateContext, login_hash};
use crate::intake::{Inputs, RollRows, read_inputs};
use crate::model::{Category, Faults, Sums};
use crate::nightly::read::{self, Read, Said};
use crate::nightly::{NightError, Request};
use crate::relate::person_hash;

/// What a process read, and whom it leaves to the merge.
pub struct Portion {
    pub read: Read,
    /// Hashes of people whom no part judges.
    pub special: HashSet<u128>,
}

/// Reads a night for the merge.
///
/// # Errors
/// As [`read::read`], and when the parts are not of this night.
pub fn read_gathered(request: &Request<'_>, gathered: &Gathered) -> Result<Read, NightError> {
    let some = read_some(request, Keep::Noted(&gathered.noted), &gathered.sums)?;
    gathered.check(request, &some.read)?;
    Ok(some.read)
}

/// Why a night cannot be divided.
fn check_divisible(request: &Request<'_>) -> Result<(), PartsError> {
    if request.policy.params.groups_on().is_some() {
        return Err(PartsError::Undivided(
            "the policy makes groups, and a group is of accounts in every part",
        ));
    }
    if request.keys.all().count() > 1 {
        return Err(PartsError::Undivided(
            "there is a previous key, and whoever stands under it belongs to no part yet",
        ));
    }
    Ok(())
}

/// Reads everything and keeps some of it.
pub fn read_some(
    request: &Request<'_>,
    keep: Keep<'_>,
    sums: &Sums,
) -> Result<Portion, NightError> {
    check_divisible(request)?;
    let params = &request.policy.params;
    tracing::info!(target: "onroll::stage", stage = "intake", "reading the tables");
    let options = read::options(request);
    let inputs = read_inputs(request.mis, "mis", params, &options, RollRows::LetGo);
    let said = Said::read(request)?;
    tracing::info!(target: "onroll::stage", stage = "directory", "looking through the directory");
    let mut special = rekeyed(&inputs, request);
    let rule = Special::of(&inputs, &said.decided, params);
    let (mut snapshot, crowd) = look_through(request, keep, &rule, &mut special)?;
    let mut faults = Faults::default();
    read::refuse_lost(crowd.under_no_key, &mut faults);
    let retired = read::check_retired(&snapshot, request.keys, &mut faults);
    tracing::info!(target: "onroll::stage", stage = "gate", "checking every row at the gate");
    let files = inputs.input_files.clone();
    let share = Share {
        keep,
        special: &special,
        request,
        files: &files,
        logins: &crowd.logins,
    };
    let known = Everybody {
        crowd: &crowd,
        accounts: &snapshot.accounts,
        has_logins: read::asks_logins(request) && keep.is_merge(),
    };
    let context = GateContext {
        params,
        as_of: request.as_of,
        refs: request.keys,
        accounts: &known,
        approved_holds: &said.approvals.holds,
        snapshot_as_of: snapshot.meta.as_of,
        share: Some(&share),
    };
    let roll = crate::gate::check(inputs, &context);
    special.extend(roll.together.iter().map(|person| person.0));
    let before: HashSet<u128> = roll.aliases.iter().map(|alias| alias.2).collect();
    snapshot.read_consents(request.snapshot, |person_ref| {
        let hash = person_hash(person_ref);
        hash.is_some_and(|h| keep.holds(h) || special.contains(&h) || before.contains(&h))
    })?;
    let counts = (0, retired);
    let read = read::finish(request, roll, snapshot, said, faults, counts, sums.clone());
    Ok(Portion { read, special })
}

/// Keeps the lines of the people of a share and of everybody special, whose hashes are added.
fn look_through(
    request: &Request<'_>,
    keep: Keep<'_>,
    rule: &Special,
    special: &mut HashSet<u128>,
) -> Result<(Snapshot, AllAccounts), NightError> {
    let found = Mutex::new(Vec::new());
    let keeps = |account: &Account, cells: &[&str]| {
        let person = account.person();
        let is_special = rule.is(account, cells) || person.is_some_and(|p| special.contains(&p));
        if is_special {
            // Nobody panics while holding the list; if it were so, what is in it is still right.
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.extend(person);
        }
        let is_everybodys = account.category == Category::NonMis || person.is_none();
        is_special
            || person.is_some_and(|person| keep.holds(person))
            || (is_everybodys && keep.is_merge())
    };
    let asks_part = read::asks_logins(request) && !keep.is_merge();
    let wanted = Wanted {
        keeps: &keeps,
        login: asks_part.then_some(login_hash as fn(&str) -> u64),
        names: keep.is_merge(),
    };
    let keys = read::key_marks(request.keys);
    let read = Snapshot::read_some(request.snapshot, &keys, &wanted)?;
    special.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(read)
}

/// Everybody in `rekeys.csv`, by every hash they go by.
fn rekeyed(inputs: &Inputs, request: &Request<'_>) -> HashSet<u128> {
    let hashes = crate::gate::rekeyed(&inputs.rekeys, &request.policy.params, request.keys);
    hashes.into_iter().collect()
}
