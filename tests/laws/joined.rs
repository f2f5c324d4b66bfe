//! `keep_previous_account` (SPEC §7): the old account takes over the person of the new one, or nothing happens.

use onroll::directory::{AccountRecord, Column};

use crate::laws::law;
use crate::play::{Night, Verdict, is_asked, usable};

/// Both accounts change, or neither.
pub fn both_or_neither(night: &Night<'_>) -> Verdict {
    let superseded = |a: &AccountRecord| a.get(Column::InactiveReason) == "superseded";
    for (id, after) in night.after.iter().filter(|(_, a)| !is_asked(a)) {
        law!(
            superseded(after) == after.get(Column::PersonRef).is_empty(),
            "an account has lost its person and is not superseded, or the other way round"
        );
        law!(
            !(superseded(after) && usable(after)),
            "a superseded account is usable"
        );
        let Some(before) = night.before.get(id) else {
            law!(!superseded(after), "a new account is superseded");
            continue;
        };
        if person(night, before) == person(night, after) {
            continue;
        }
        if superseded(after) {
            gives_way(night, id)?;
        } else {
            goes_on(night, id)?;
        }
    }
    Ok(())
}

/// Whose an account is, whatever the code of the school is by which staff are known: somebody of the story, one of the
/// anchors, or nobody.
fn person(night: &Night<'_>, account: &AccountRecord) -> String {
    match night.who(account) {
        Some(who) => format!("{who:?}"),
        None if account.get(Column::PersonRef).is_empty() => String::new(),
        None if account.get(Column::Role) == "learner" => {
            "the learner who never changes".to_owned()
        }
        None => "the teacher who never changes".to_owned(),
    }
}

/// Tonight another account goes on for the person of this one.
fn gives_way(night: &Night<'_>, id: &str) -> Verdict {
    let who = person(night, &night.before[id]);
    let heirs = night.after.iter().filter(|(other, account)| {
        *other != id && usable(account) && person(night, account) == who
    });
    law!(
        heirs.count() == 1 && usable(&night.before[id]),
        "an account gave way, and none took its person over"
    );
    Ok(())
}

/// Tonight another account gave way to this one, by somebody's word.
fn goes_on(night: &Night<'_>, id: &str) -> Verdict {
    let (before, after) = (&night.before[id], &night.after[id]);
    let who = person(night, after);
    let given = night
        .before
        .iter()
        .find(|(other, account)| *other != id && usable(account) && person(night, account) == who);
    let Some((other, new)) = given else {
        return Err("an account took a person over from none".to_owned());
    };
    law!(
        night
            .after
            .get(other)
            .is_some_and(|a| !usable(a) && a.get(Column::PersonRef).is_empty()),
        "an account took a person over, and the other one keeps it"
    );
    let change = night.planned(id);
    law!(
        change.is_some_and(|c| night.applied(c, "keep_previous_account")),
        "an account took a person over, and nobody decided so"
    );
    law!(
        !usable(before) && usable(after) && night.school(new) == night.school(after),
        "the previous account goes on at the school of the new one"
    );
    Ok(())
}
