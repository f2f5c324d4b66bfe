//! `keep_previous_account`: a member of staff keeps the account of the school before (S3). Two accounts change, or none.

use super::Verdict;
use crate::directory::Account;
use crate::facts::Tonight;
use crate::facts::choice::choice;
use crate::facts::standing::{Roll, standings};
use crate::model::{Category, EstId, Kind, PersonKey};
use crate::relate::Person;

/// Two accounts that one decision joins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Place of the decision in the book.
    pub decision: usize,
    /// Place of the previous account, which goes on.
    pub old: usize,
    /// Place of the newer account, which gives way.
    pub new: usize,
}

const HELD: Verdict = Verdict::Waiting("the account is held");

/// Whether both accounts can change tonight.
///
/// # Errors
/// What stands in the way, for now or for good.
pub fn ready(tonight: &Tonight<'_>, old: usize, new: usize) -> Result<(), Verdict> {
    let accounts = &tonight.snapshot.accounts;
    let (before, after) = (accounts.list[old], accounts.list[new]);
    let follows_staff = |a: &Account| a.category == Category::Mis && a.role.kind() == Kind::Staff;
    if old == new || !follows_staff(&before) || !follows_staff(&after) {
        return Err(Verdict::Refused(
            "it needs two accounts of staff that follow the roll",
        ));
    }
    if !after.state.is_usable() {
        return Err(Verdict::Refused("the new account is not usable"));
    }
    if before.state.is_usable() {
        return Err(Verdict::Waiting("the previous account is still usable"));
    }
    if accounts.dates(old).inactive_since == Some(tonight.as_of) {
        // One row per account and night: what this date released, the next night brings back.
        return Err(Verdict::Waiting("the account became inactive tonight"));
    }
    if tonight.is_held(holder(tonight, &before)) {
        return Err(HELD);
    }
    new_is_on_roll(tonight, &after)?;
    old_is_free(tonight, &before, &after)
}

/// The newer account's holder is on roll with a row that could have made the account.
fn new_is_on_roll(tonight: &Tonight<'_>, after: &Account) -> Result<(), Verdict> {
    const NOT_ON_ROLL: Verdict =
        Verdict::Refused("the new account's holder is not on roll there with a complete row");
    let at = holder(tonight, after);
    let person = person(tonight, after).ok_or(NOT_ON_ROLL)?;
    if tonight.is_held(at) || tonight.is_person_held(person.key()) {
        return Err(HELD);
    }
    let usable = |place: &&u32| {
        tonight.snapshot.accounts.list[**place as usize]
            .state
            .is_usable()
    };
    if tonight
        .people
        .accounts(&person)
        .iter()
        .filter(usable)
        .count()
        != 1
    {
        return Err(HELD);
    }
    let row = standings(tonight, &person)
        .into_iter()
        .find(|s| s.establishment == at && s.on_roll())
        .ok_or(NOT_ON_ROLL)?
        .row;
    let shared = tonight.is_eligible(at) && !choice(tonight, &person, Some(at)).out;
    if row.complete && !row.temporary && shared {
        Ok(())
    } else {
        Err(NOT_ON_ROLL)
    }
}

/// Nobody else is on roll under the previous account's own key: they would be left without an account.
fn old_is_free(tonight: &Tonight<'_>, before: &Account, after: &Account) -> Result<(), Verdict> {
    let Some(own) = person(tonight, before) else {
        return Ok(());
    };
    if own.key() == person(tonight, after).and_then(|p| p.key()) {
        return Ok(());
    }
    if tonight.is_person_held(own.key()) {
        return Err(HELD);
    }
    let listed = |roll: Roll| matches!(roll, Roll::OnRoll | Roll::Ahead);
    if standings(tonight, &own).iter().any(|s| listed(s.roll)) {
        return Err(Verdict::Refused(
            "somebody is on roll under the previous account's own key",
        ));
    }
    Ok(())
}

fn holder(tonight: &Tonight<'_>, account: &Account) -> EstId {
    tonight.people.holder[account.establishment as usize]
}

fn person(tonight: &Tonight<'_>, account: &Account) -> Option<Person> {
    let hash = tonight.people.current_hash(account.person()?);
    tonight.people.find(PersonKey(hash))
}

/// Which of two pairs that share an account stands: the later decision's.
pub fn replaces(later: &Pair, earlier: &Pair) -> bool {
    let shares = |place: usize| place == earlier.old || place == earlier.new;
    shares(later.old) || shares(later.new)
}
