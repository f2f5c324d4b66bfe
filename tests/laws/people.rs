//! Property 3 of SPEC §13, clause by clause, against the world as it was generated; and that what is due happens.

use onroll::directory::Column;
use onroll::model::Action;
use onroll::plan::{Change, Status};

use crate::laws::law;
use crate::play::{Night, Verdict, usable};
use crate::story::date_of;

/// Nobody opted out, incomplete or held gets anything; nobody held loses anything.
pub fn nobody_is_wronged(night: &Night<'_>) -> Verdict {
    for change in &night.decided.plan.changes {
        let told = |law: String| {
            format!(
                "{} {} {}: {law}",
                change.action,
                change.rule(),
                label(night, change)
            )
        };
        receives(night, change).map_err(told)?;
        loses(night, change).map_err(told)?;
        purges(night, change).map_err(told)?;
    }
    Ok(())
}

fn label(night: &Night<'_>, change: &Change) -> String {
    night
        .refs
        .get(change.person_ref())
        .map(|w| night.oracle.story.label(w.who))
        .unwrap_or_default()
}

/// Created, reactivated or moved to.
fn receives(night: &Night<'_>, change: &Change) -> Verdict {
    let oracle = night.oracle;
    let Some(record) = &night.outcome(change) else {
        return Ok(());
    };
    // Of a previous account that goes on: whose it is from tonight on.
    let Some(who) = night.who(record) else {
        return Ok(());
    };
    let to = night.school(record);
    let before = night.before.get(change.account_id());
    let moved = before.is_none_or(|b| night.school(b) != to);
    let revived = before.is_some_and(|b| b.get(Column::State) != "active")
        && record.get(Column::State) == "active";
    if !moved && !revived {
        law!(
            !matches!(
                change.action,
                Action::Create | Action::Transfer | Action::Reactivate
            ),
            "it says so and is not"
        );
        return Ok(());
    }
    let approved = night.applied(change, "approve_transfer");
    law!(!oracle.held.contains(&to), "law 3: to a held establishment");
    law!(
        approved || !oracle.is_held(who),
        "law 3: somebody held by a rejected row"
    );
    law!(oracle.serves(to), "to an establishment that is not served");
    law!(
        oracle.shares(to),
        "law 3: to an establishment that does not share"
    );
    let recorded = recorded_out(night, change);
    law!(
        oracle.opted_out(who, recorded) != Some(true),
        "law 3: somebody who opted out"
    );
    let row = oracle
        .accepted(who)
        .find(|r| r.at == to && oracle.on_roll(r) && oracle.complete(r));
    law!(row.is_some(), "law 3: nobody complete is on roll there");
    Ok(())
}

fn recorded_out(night: &Night<'_>, change: &Change) -> bool {
    night
        .decided
        .before
        .consents
        .iter()
        .any(|c| c.person_ref == change.person_ref() && !c.data_sharing)
}

/// Released, marked absent, put on its last days, or taken by another school.
fn loses(night: &Night<'_>, change: &Change) -> Verdict {
    let oracle = night.oracle;
    let (Some(before), Some(record)) = (
        night.before.get(change.account_id()),
        &night.outcome(change),
    ) else {
        return Ok(());
    };
    let Some(who) = night.who(before) else {
        return Ok(());
    };
    let from = night.school(before);
    let held = oracle.held.contains(&from);
    let active = before.get(Column::State) == "active";
    let marked =
        before.get(Column::MissingSince).is_empty() && !record.get(Column::MissingSince).is_empty();
    let released =
        usable(before) && matches!(record.get(Column::InactiveReason), "left" | "absent");
    let grace = active && record.get(Column::State) == "grace";
    if marked || released || grace {
        law!(!held, "law 3: at a held establishment");
        law!(
            !oracle.is_held(who),
            "law 3: somebody held by a rejected row"
        );
    }
    let rows = || oracle.accepted(who).filter(|r| r.at == from && r.counts());
    if marked || record.get(Column::InactiveReason) == "absent" && released {
        law!(
            !oracle.untold(from, oracle.story.people[who.who].staff),
            "absent, where a row may be theirs"
        );
        law!(
            rows().next().is_none() && !oracle.closed(from),
            "absent, with a row"
        );
    } else if released {
        law!(
            rows().all(|r| oracle.left(r)) && (rows().next().is_some() || oracle.closed(from)),
            "released while on roll"
        );
        let last = rows()
            .filter_map(|r| oracle.last_day(r))
            .chain(oracle.scene.schools[from].closed)
            .max();
        let on = record.get(Column::LeftOn);
        law!(
            last.is_some_and(|day| on <= date_of(day).to_string().as_str()),
            "left on a day that is no leaving date"
        );
    }
    let moved =
        night.school(record) != from && active && !night.applied(change, "approve_transfer");
    if moved && oracle.shares(from) {
        law!(!held, "law 3: taken from a held establishment");
        law!(
            !oracle.is_held(who),
            "law 3: moved, though held by a rejected row"
        );
    }
    Ok(())
}

fn purges(night: &Night<'_>, change: &Change) -> Verdict {
    if change.action != Action::Purge {
        return Ok(());
    }
    let Some(before) = night.before.get(change.account_id()) else {
        return Err("of nothing".to_owned());
    };
    let last = before.get(Column::Establishment);
    law!(
        last.is_empty() || !night.oracle.held.contains(&night.school(before)),
        "law 3: purged at a held last establishment"
    );
    let day = |column| onroll::calendar::parse_date(before.get(column));
    let as_of = date_of(night.oracle.scene.as_of);
    let since = day(Column::InactiveSince).expect("an inactive account says since when");
    law!(
        as_of >= since + chrono::Days::new(30),
        "purged within thirty days"
    );
    let from = day(Column::LeftOn)
        .unwrap_or(since)
        .max(day(Column::GraceUntil).unwrap_or(chrono::NaiveDate::MIN));
    law!(
        as_of > from + chrono::Months::new(12),
        "purged within twelve months"
    );
    Ok(())
}

/// What the roll says plainly happens, or a guard holds it: opt-outs, leavers, newcomers. Incompleteness keeps nothing.
pub fn what_is_due_happens(night: &Night<'_>) -> Verdict {
    let oracle = night.oracle;
    for (id, before) in night.before.iter().filter(|(_, a)| usable(a)) {
        let Some(who) = night.who(before) else {
            continue;
        };
        let change = night
            .decided
            .plan
            .changes
            .iter()
            .find(|c| c.account_id() == *id);
        if change.is_some_and(|c| c.status != Status::Planned) {
            continue;
        }
        let told = |law: &str| format!("{}: {law}", oracle.story.label(who.who));
        let after = &night.after[id];
        let (at, stays) = (
            night.school(before),
            usable(after) && night.school(before) == night.school(after),
        );
        law!(
            oracle.shares(at) || !stays,
            "{}",
            told("usable where nothing is shared")
        );
        if oracle.held.contains(&at) || oracle.is_held(who) {
            continue;
        }
        let recorded = night
            .decided
            .before
            .consents
            .iter()
            .any(|c| c.person_ref == before.get(Column::PersonRef) && !c.data_sharing);
        law!(
            oracle.opted_out(who, recorded) != Some(true) || !usable(after),
            "{}",
            told("opted out and usable")
        );
        let rows = || oracle.accepted(who).filter(|r| r.at == at && r.counts());
        let left = rows().all(|r| oracle.left(r)) && (rows().next().is_some() || oracle.closed(at));
        let kept = [before, after]
            .iter()
            .any(|a| a.get(Column::HoldUntil) >= date_of(oracle.scene.as_of).to_string().as_str());
        law!(
            !(left && stays && after.get(Column::State) == "active") || kept,
            "{}",
            told("left and still active")
        );
    }
    Ok(())
}
