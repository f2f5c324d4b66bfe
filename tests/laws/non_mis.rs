//! What SPEC §7 says of accounts that people ask for, and of requests, read off the story alone.

use onroll::calendar::parse_date;
use onroll::directory::{AccountRecord, Column};
use onroll::model::{Action, Date, Severity};
use onroll::plan::{Change, Status};

use crate::laws::law;
use crate::oracle::{Oracle, kept_until, year_end};
use crate::play::{Night, Verdict, is_asked, usable};
use crate::story::{Ask, BAD_ROLES, EMAILS, NAMES, ROLES, Word, date_of, job};

fn last_day(account: &AccountRecord) -> Option<Date> {
    parse_date(account.get(Column::ExpiresOn))
}

/// Every account that was asked for does what is due, and nothing else happens to it.
pub fn follow_their_rules(night: &Night<'_>) -> Verdict {
    let hwb = night.oracle.story.policy == "hwb";
    for change in night
        .decided
        .plan
        .changes
        .iter()
        .filter(|c| c.category.as_str() == "non_mis")
    {
        law!(
            hwb,
            "an account that does not follow the roll is changed, where none may be"
        );
        law!(
            change.person_ref().is_empty(),
            "an account that was asked for has a person"
        );
    }
    for (id, after) in night.after.iter().filter(|(_, a)| is_asked(a)) {
        law!(
            after.get(Column::Role) != "learner",
            "a learner's account was made on request"
        );
        if !hwb {
            law!(
                night.before.contains_key(id),
                "an account was made on request"
            );
            continue;
        }
        let told = |law: String| format!("{}: {law}", after.get(Column::JobTitle));
        let change = night.planned(id);
        let words: Vec<&Word> = change.map_or(Vec::new(), |c| night.words(c).collect());
        match night.before.get(id) {
            None => made(night, after).map_err(told)?,
            Some(before) => {
                lives_and_ends(night, before, after, &words).map_err(told)?;
                changes_by_word(night, before, after, &words).map_err(told)?;
            }
        }
        is_listed(night, id, after, &words).map_err(told)?;
    }
    Ok(())
}

/// A new account is the one that was asked for, and lasts as long as it may.
fn made(night: &Night<'_>, after: &AccountRecord) -> Verdict {
    let scene = night.oracle.scene;
    let asked = (0..scene.asks.len()).find(|n| job(*n) == after.get(Column::JobTitle));
    let Some(n) = asked else {
        return Err("an account that nobody asked for".to_owned());
    };
    let ask = &scene.asks[n];
    law!(
        can_be(night.oracle, ask),
        "an account was made of a request that lacks something"
    );
    law!(
        !belongs(night, ask),
        "law 5: a second account of one work address"
    );
    let cap = year_end(date_of(scene.as_of));
    let asked = ask.expires.map_or(cap, |day| date_of(day).min(cap));
    law!(
        last_day(after) == Some(asked),
        "its last day is not the one asked for"
    );
    law!(
        after.get(Column::Role) == ROLES[ask.role] && after.get(Column::State) == "active",
        "it is not what was asked for"
    );
    Ok(())
}

/// Whether a request has all that it must.
fn can_be(oracle: &Oracle<'_>, ask: &Ask) -> bool {
    let role = ROLES[ask.role];
    let of_organisation = matches!(role, "authority_staff" | "consortium_staff");
    let school = match ask.at {
        Some(at) => oracle.serves(at) && !oracle.closed(at) && !oracle.held.contains(&at),
        None => of_organisation || role == "stakeholder",
    };
    let as_of = oracle.scene.as_of;
    school
        && ask.role < BAD_ROLES
        && ask.name < NAMES.len()
        && ask.on <= as_of
        && (ask.organisation || !of_organisation)
        && (ask.expires.is_some() || role != "ite_student")
        && ask.expires.is_none_or(|last| last >= as_of)
}

/// Whether its work address is an account's before the night, and one that is not about to be deleted.
fn belongs(night: &Night<'_>, ask: &Ask) -> bool {
    let address = EMAILS[ask.email].to_lowercase();
    let has = |a: &AccountRecord| {
        let aliases = a.get(Column::Aliases).split(';');
        let own = [a.get(Column::Email), a.get(Column::WorkEmail)];
        aliases.chain(own).any(|own| own.to_lowercase() == address)
    };
    let goes = |id: &String| {
        let mut changes = night.decided.plan.changes.iter();
        changes.any(|c| c.account_id() == *id && c.action == Action::Purge)
    };
    let mut accounts = night.before.iter();
    !address.is_empty() && accounts.any(|(id, account)| has(account) && !goes(id))
}

/// Expires when it must, closes when somebody says so, and comes back only by somebody's word.
fn lives_and_ends(
    night: &Night<'_>,
    before: &AccountRecord,
    after: &AccountRecord,
    words: &[&Word],
) -> Verdict {
    let as_of = date_of(night.oracle.scene.as_of);
    let over = |a: &AccountRecord| last_day(a).is_some_and(|last| as_of > last);
    let said = |name: &str| words.iter().find(|w| w.name() == name);
    law!(!(usable(after) && over(after)), "usable after its last day");
    if usable(before) && !usable(after) {
        let closed = said("close_account").is_some_and(|w| w.closing() == "now");
        let reason = after.get(Column::InactiveReason);
        law!(
            (reason == "closed" && closed) || (reason == "expired" && over(after)),
            "it ended, and nothing says why"
        );
        law!(
            after.get(Column::InactiveSince) == night.today(),
            "inactive since another day"
        );
    }
    if !usable(before) && usable(after) {
        law!(
            said("reactivate_account").is_some(),
            "it came back, and nobody decided so"
        );
        let school = after.get(Column::Establishment);
        law!(
            school.is_empty() || !night.oracle.held.contains(&night.school(after)),
            "law 3: reactivated at a held establishment"
        );
    }
    if let Some(word) = said("close_account") {
        let done = match word.closing() {
            "now" => after.get(Column::InactiveReason) == "closed",
            "on_expiry" => !usable(after) || after.get(Column::ClosesOnExpiry) == "Y",
            _ => false,
        };
        law!(done, "a close is called applied and is not");
    }
    Ok(())
}

/// The last day changes by a decision to keep or reactivate, to what SPEC §7 says.
fn changes_by_word(
    night: &Night<'_>,
    before: &AccountRecord,
    after: &AccountRecord,
    words: &[&Word],
) -> Verdict {
    let cap = year_end(date_of(night.oracle.scene.as_of));
    let kept = words.iter().find(|w| w.name() == "keep_account");
    let revived = words.iter().find(|w| w.name() == "reactivate_account");
    let due = match (last_day(before), kept, revived) {
        (Some(last), Some(word), _) => kept_until(last, word.period()),
        // A day that the account has already was somebody's word; another is at most the end of this year.
        (last, None, Some(word)) => word
            .revived_until()
            .map_or(last, |day| Some(date_of(day).min(cap))),
        (last, _, _) => last,
    };
    law!(
        last_day(after) == due,
        "its last day is {}, and {due:?} is due",
        after.get(Column::ExpiresOn)
    );
    law!(
        kept.is_none() || before.get(Column::State) == "active",
        "kept while inactive"
    );
    let same = |column| before.get(column) == after.get(column);
    law!(
        [
            Column::Role,
            Column::Organisation,
            Column::JobTitle,
            Column::WorkEmail,
            Column::CreatedOn
        ]
        .into_iter()
        .all(same),
        "something changed that nothing changes"
    );
    Ok(())
}

/// The 8-week list: both ends included; kept accounts and those that may expire are not on it.
fn is_listed(night: &Night<'_>, id: &str, after: &AccountRecord, words: &[&Word]) -> Verdict {
    let as_of = date_of(night.oracle.scene.as_of);
    let last = last_day(after);
    let soon = last.is_some_and(|last| as_of <= last && (last - as_of).num_days() <= 56);
    let expected = usable(after) && soon && after.get(Column::ClosesOnExpiry) != "Y";
    let listed = night
        .decided
        .plan
        .notices
        .iter()
        .any(|n| n.code == "expiring_soon" && n.account_id == id);
    law!(
        expected || !listed,
        "listed as expiring soon, and it does not or somebody decided"
    );
    let news = !night.before.contains_key(id) || !words.is_empty();
    law!(
        listed || !expected || news,
        "expires within eight weeks and is not listed"
    );
    Ok(())
}

/// 9: every request ends as an account, a notice, a fault or an entry of the ledger; one that lacks nothing is carried
/// out.
pub fn every_request_ends(night: &Night<'_>) -> Verdict {
    let scene = night.oracle.scene;
    for (n, ask) in scene.asks.iter().enumerate() {
        let made = |accounts: &crate::play::Accounts| {
            accounts
                .values()
                .filter(|a| a.get(Column::JobTitle) == job(n) && is_asked(a))
                .count()
        };
        let told = |law: &str| format!("request q{n:02}: {law}");
        let seeded = usize::from(night.oracle.story.seeded && n == 0);
        law!(made(night.after) <= 1, "{}", told("two accounts"));
        let ledger = night
            .ledger
            .get(&format!("request:q{n:02}"))
            .map(String::as_str);
        let open = !night
            .decided
            .before
            .ledger
            .iter()
            .any(|l| l.decision_id == format!("request:q{n:02}"));
        let is_new = made(night.after) > made(night.before);
        law!(
            !(open && ledger == Some("applied")) || is_new,
            "{}",
            told("called applied, and there is no account")
        );
        law!(open || !is_new, "{}", told("carried out a second time"));
        law!(
            night.oracle.story.policy == "hwb" || made(night.after) == seeded,
            "{}",
            told("made an account where none may be")
        );
        let plan = &night.decided.plan;
        let row = n as u64 + 2;
        let spoken =
            plan.notices
                .iter()
                .any(|c| c.table == "requests" && c.row == row)
                || plan.faults.iter().any(|f| {
                    f.table == "requests" && f.row == row && f.severity == Severity::Reject
                });
        let held = plan.changes.iter().find(|c| waits(c, n));
        law!(
            ledger.is_some() || spoken || held.is_some(),
            "{}",
            told("forgotten")
        );
        law!(
            !(open && is_due(night, n, ask)) || is_new || held.is_some(),
            "{}",
            told("lacks nothing and was not carried out")
        );
    }
    Ok(())
}

/// A row that would make the account of a request, and that a guard holds.
fn waits(change: &Change, n: usize) -> bool {
    change.action == Action::Create
        && change.status != Status::Planned
        && change
            .fields
            .of(Column::JobTitle)
            .is_some_and(|field| field.after == job(n))
}

/// Whether a request must be carried out tonight: it lacks nothing, and no other could have its work address.
fn is_due(night: &Night<'_>, n: usize, ask: &Ask) -> bool {
    let scene = night.oracle.scene;
    let address = EMAILS[ask.email].to_lowercase();
    let shared = scene.asks.iter().enumerate().any(|(m, other)| {
        m != n && !address.is_empty() && EMAILS[other.email].to_lowercase() == address
    });
    // SPEC does not say whether a school that will close still takes anybody.
    let closes = ask.at.is_some_and(|at| scene.schools[at].closed.is_some());
    night.oracle.story.policy == "hwb"
        && can_be(night.oracle, ask)
        && !shared
        && !belongs(night, ask)
        && !closes
}
