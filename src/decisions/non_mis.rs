//! Which decisions about an account that people asked for stand tonight (S4).

use super::read::is_short_and_seen;
use super::{Book, Decision, Rename, Verdict};
use crate::calendar::{Duration, academic_year_end, parse_date};
use crate::facts::Tonight;
use crate::facts::non_mis::Standing;
use crate::model::{Date, State, Word};

/// What a decision asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// To extend the account to this day.
    Keep(Date),
    /// To close it now.
    CloseNow,
    /// To let it expire.
    CloseOnExpiry,
    /// To reactivate it until this day; whether a later one was asked for.
    Reactivate(Date, bool),
}

/// A `rename` that stands: its place in the book, and the names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renaming {
    /// Place of the decision in the book.
    pub decision: usize,
    /// What changes.
    pub what: Rename,
    /// Surname; may be blank if the forename is not.
    pub surname: String,
    /// Forename.
    pub forename: String,
}

/// The decisions about one account.
#[derive(Clone, Default, Debug)]
pub struct NonMisWords {
    /// What stands, and its place in the book.
    pub wish: Option<(usize, Wish)>,
    /// Names to change.
    pub renames: Vec<Renaming>,
    /// Settled, or known to wait.
    pub verdicts: Vec<(usize, Verdict)>,
}

/// Weighs the decisions about an account.
pub fn weigh(tonight: &Tonight<'_>, book: &Book, account: &Standing) -> NonMisWords {
    let mut words = NonMisWords::default();
    let mut standing: Vec<&Decision> = Vec::new();
    // From the last: a decision that is refused itself wins against nothing before it.
    for &index in book.of(account.place).iter().rev() {
        let decision = &book.list[index];
        if standing.iter().any(|later| conflict(decision, later)) {
            let lost = Verdict::Refused("another decision on the same account goes before it");
            words.verdicts.push((index, lost));
            continue;
        }
        match stand(tonight, account, decision, index, &mut words) {
            Ok(()) => standing.push(decision),
            Err(verdict) => {
                if matches!(verdict, Verdict::Waiting(_)) {
                    standing.push(decision);
                }
                words.verdicts.push((index, verdict));
            }
        }
    }
    words
}

/// Of two that conflict the later wins (SPEC §3).
fn conflict(a: &Decision, b: &Decision) -> bool {
    let ends = |word: Word| matches!(word, Word::KeepAccount | Word::CloseAccount);
    let kind = |d: &Decision| Rename::parse_named(&d.value).map(|r| r.0);
    match (a.word, b.word) {
        (Word::Rename, Word::Rename) => kind(a) == kind(b),
        (a, b) => a == b || (ends(a) && ends(b)),
    }
}

/// Why a reactivation waits on the night on which the account ends.
pub const ENDS_TONIGHT: &str = "the account became inactive tonight";

fn must(ok: bool, why: &'static str) -> Result<(), Verdict> {
    if ok {
        Ok(())
    } else {
        Err(Verdict::Refused(why))
    }
}

fn stand(
    tonight: &Tonight<'_>,
    account: &Standing,
    decision: &Decision,
    index: usize,
    words: &mut NonMisWords,
) -> Result<(), Verdict> {
    let usable = account.state.is_usable();
    let wish = match decision.word {
        Word::KeepAccount => {
            must(account.state == State::Active, "the account is not active")?;
            Wish::Keep(kept_until(tonight, account, decision)?)
        }
        Word::CloseAccount => {
            must(usable, "the account is not usable")?;
            close(account, decision)?
        }
        Word::ReactivateAccount => {
            let over = account.expires_on.is_some_and(|last| tonight.as_of > last);
            if (usable && over) || account.inactive_since == Some(tonight.as_of) {
                // One row per account and night: what ends tonight, the next night brings back.
                return Err(Verdict::Waiting(ENDS_TONIGHT));
            }
            must(!usable, "the account is not inactive")?;
            let (until, capped) = reactivated_until(tonight, account, decision)?;
            if account.held || account.unlisted {
                return Err(Verdict::Waiting("the account is held"));
            }
            let served = account
                .holder
                .is_none_or(|at| tonight.is_eligible(at) && tonight.closed_on(at).is_none());
            must(
                served,
                "its establishment is closed, or the platform does not serve it",
            )?;
            Wish::Reactivate(until, capped)
        }
        Word::Rename => {
            must(usable, "the account is not usable")?;
            words.renames.push(renaming(tonight, decision, index)?);
            return Ok(());
        }
        _ => {
            return Err(Verdict::Refused("the account does not follow the roll"));
        }
    };
    words.wish = Some((index, wish));
    Ok(())
}

/// An account that had expired when somebody decided about it is for `reactivate_account`, however late the run.
fn not_expired(account: &Standing, decision: &Decision) -> Result<(), Verdict> {
    let expired = account.expires_on.is_some_and(|last| decision.on > last);
    must(!expired, "the account had expired before it was decided")
}

fn kept_until(
    tonight: &Tonight<'_>,
    account: &Standing,
    decision: &Decision,
) -> Result<Date, Verdict> {
    let own = tonight.params.non_mis.as_ref();
    let given = own.is_some_and(|own| own.durations.contains(&decision.value));
    let duration = Duration::parse(&decision.value).filter(|_| given);
    let duration = duration.ok_or(Verdict::Refused(
        "its value is not a period that the platform gives",
    ))?;
    not_expired(account, decision)?;
    let last = account.expires_on;
    let last = last.ok_or(Verdict::Refused("the account has no last day to extend"))?;
    Ok(duration.extend(last))
}

fn close(account: &Standing, decision: &Decision) -> Result<Wish, Verdict> {
    let wish = match decision.value.as_str() {
        "now" => Wish::CloseNow,
        "on_expiry" => Wish::CloseOnExpiry,
        _ => return Err(Verdict::Refused("its value is neither now nor on_expiry")),
    };
    not_expired(account, decision)?;
    let on_expiry = wish == Wish::CloseOnExpiry;
    must(
        !on_expiry || account.expires_on.is_some(),
        "the account has no last day",
    )?;
    Ok(wish)
}

/// The last day after a reactivation, at most the end of the academic year, and whether a later one was asked for.
fn reactivated_until(
    tonight: &Tonight<'_>,
    account: &Standing,
    decision: &Decision,
) -> Result<(Date, bool), Verdict> {
    let until = match decision.value.as_str() {
        "" => account
            .expires_on
            .ok_or(Verdict::Refused("it names no new last day"))?,
        text => parse_date(text).ok_or(Verdict::Refused("its value is not a date"))?,
    };
    must(until >= tonight.as_of, "its last day has passed")?;
    let cap = academic_year_end(tonight.as_of);
    // A day that the account has already is kept: an extension into the next year was somebody's word.
    let known = decision.value.is_empty();
    Ok(if known {
        (until, false)
    } else {
        (until.min(cap), until > cap)
    })
}

fn renaming(tonight: &Tonight<'_>, decision: &Decision, index: usize) -> Result<Renaming, Verdict> {
    let (what, surname, forename) = Rename::parse_named(&decision.value).ok_or(
        Verdict::Refused("its value is not display: or username: and Surname/Forename"),
    )?;
    let bad = |name: &str| !is_short_and_seen(name) || crate::identity::name_fault(name).is_some();
    let unusable = bad(surname)
        || bad(forename)
        || (what == Rename::Username && tonight.username_problem(surname, forename).is_some());
    must(!unusable, super::weigh::NO_USERNAME)?;
    Ok(Renaming {
        decision: index,
        what,
        surname: surname.to_owned(),
        forename: forename.to_owned(),
    })
}
