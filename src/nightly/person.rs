//! One person through stages 3 to 6: cases, facts, rule, effects, claims.

use super::claims::claims;
use super::draft::{Draft, Draughtsman};
use super::look::Seen;
use super::outcome::Outcome;
use crate::decisions::{GONE, Pending, RELEASED, SUPERSEDED, Verdict, conclude, weigh};
use crate::directory::{Account, Dates};
use crate::facts::choice::choice;
use crate::facts::person::{Case, Judged};
use crate::facts::standing::{Standing, standings_into};
use crate::model::{Action, EstId, Fault, Severity, Word};
use crate::policy::table::Outcome as RuleOutcome;
use crate::relate::Person;

/// Room for what is looked at of one person, used again for the next.
#[derive(Default)]
pub struct Room<'a> {
    accounts: Vec<(usize, Account)>,
    standings: Vec<Standing<'a>>,
}

/// Judges everything about one person.
pub fn judge_person<'a>(
    desk: &Draughtsman<'a>,
    person: &Person,
    room: &mut Room<'a>,
    out: &mut Outcome,
) {
    let Room {
        accounts,
        standings,
    } = room;
    by_age(desk, person, accounts);
    let usable = accounts.iter().filter(|(_, a)| a.state.is_usable()).count();
    if usable > 1 {
        two_accounts(desk, accounts, out);
        return;
    }
    standings_into(desk.tonight, person, standings);
    // The account that is matched: the usable one, else the newest.
    let newest = accounts
        .iter()
        .position(|(_, a)| a.state.is_usable())
        .or(accounts.len().checked_sub(1));
    if newest.is_none() && standings.is_empty() {
        return;
    }
    let newest_place = newest.map(|n| accounts[n].0);
    let followed = judge_case(
        desk,
        person,
        standings,
        newest.map(|n| accounts[n]),
        false,
        out,
    );
    for &(place, account) in accounts.iter() {
        // An account that tonight's creation follows is judged as an earlier one, after the newest.
        if desk.book.takes_over(place).is_some() {
            let previous = Some((place, account));
            judge_case(desk, person, standings, previous, false, out);
        } else if Some(place) != newest_place || followed {
            judge_case(desk, person, &[], Some((place, account)), true, out);
        }
    }
}

/// A person's accounts, oldest first. An account that goes on tonight in place of a newer one is judged with the
/// newer one's person, whoever it belonged to.
fn by_age(desk: &Draughtsman<'_>, person: &Person, list: &mut Vec<(usize, Account)>) {
    let accounts = &desk.tonight.snapshot.accounts;
    let own = desk.tonight.people.accounts(person).iter();
    let own = own.map(|place| *place as usize);
    let joined = own.clone().filter_map(|place| desk.book.gives_way(place));
    let places = own
        .filter(|place| desk.book.takes_over(*place).is_none())
        .chain(joined.map(|pair| pair.old));
    list.clear();
    list.extend(places.map(|place| (place, accounts.list[place])));
    if list.len() > 1 {
        list.sort_by_key(|(place, account)| (account.created_on, *place));
    }
}

/// One usable account per person: two are a fault, and both stay as they are.
fn two_accounts(desk: &Draughtsman<'_>, accounts: &[(usize, Account)], out: &mut Outcome) {
    let message = "two usable accounts stand under one person_ref; neither is changed";
    out.faults.push(
        Fault::new(
            Severity::Hold,
            "two_accounts",
            message,
            "Close one of the two in the directory, then run again.",
        )
        .in_file("accounts", "directory/accounts.csv"),
    );
    for (place, _) in accounts {
        out.notices
            .push(desk.account_notice("two_accounts", *place));
        for &index in desk.book.of(*place) {
            out.verdicts
                .push((index, Verdict::Waiting("the account is held")));
        }
    }
}

/// Judges one case; says whether a new account now follows the one it was about.
fn judge_case<'a>(
    desk: &Draughtsman<'a>,
    person: &'a Person,
    standings: &'a [Standing<'a>],
    account: Option<(usize, Account)>,
    earlier: bool,
    out: &mut Outcome,
) -> bool {
    let tonight = desk.tonight;
    let dates = |place| tonight.snapshot.accounts.dates(place);
    let (place, account) = account.unzip();
    let holder = account.map(|a| tonight.people.holder[a.establishment as usize]);
    if !is_in_scope(desk, holder, standings) {
        return false;
    }
    let mut case = Case {
        person,
        standings,
        place,
        account,
        dates: place.map_or_else(Dates::default, dates),
        holder,
        earlier,
        choice: choice(tonight, person, holder),
        words: Default::default(),
    };
    let pending = if earlier {
        followed_by_newer(desk, case.place)
    } else {
        weigh(tonight, desk.book, &case)
    };
    case.words = pending.words;
    case.words.gives_way = case
        .place
        .is_some_and(|place| desk.book.gives_way(place).is_some());
    let judged = case.judge(tonight);
    let table = desk.table(person.kind);
    let index = table.index(&judged.values);
    let seen = Seen::of(table, index, case.place, None);
    desk.see(case.person.key(), seen, out);
    let rule = table.decide(index);
    let action = match rule.outcome {
        RuleOutcome::Action(action) => Some(action),
        RuleOutcome::None => None,
        RuleOutcome::Impossible => {
            hold_impossible(desk, &case, &rule.grounds.rule, out);
            return false;
        }
    };
    desk.notices(&case, &judged, rule, action, out);
    if action.is_none() && is_quiet(desk, &case, &pending) {
        // Almost everybody, almost every night: nothing to write.
        return false;
    }
    let mut draft = desk.draft(&case, &judged, action, rule, index);
    let claims = if earlier {
        Vec::new()
    } else {
        claims(desk, &case, &judged, action, &pending, &mut draft, out)
    };
    draft.add_claims(claims);
    settle(desk, &case, &judged, action, &pending, &mut draft, out);
    desk.finish(&case, &judged, action, draft, out);
    action == Some(Action::Create) && case.account.is_some()
}

/// Whether tonight's plan is asked for the establishment of a case, or for one of them where nobody holds an account.
fn is_in_scope(desk: &Draughtsman<'_>, holder: Option<EstId>, standings: &[Standing<'_>]) -> bool {
    let is_selected = |at| desk.tonight.is_selected(at);
    match holder {
        Some(holder) => is_selected(holder),
        None => standings.iter().any(|s| is_selected(s.establishment)),
    }
}

/// A case that the table calls impossible is held with a fault; decisions about it wait.
fn hold_impossible(desk: &Draughtsman<'_>, case: &Case<'_>, rule: &str, out: &mut Outcome) {
    out.faults.push(impossible(rule, case.person.kind.as_str()));
    out.notices.extend(
        case.place
            .map(|place| desk.account_notice("impossible_case", place)),
    );
    let open = case.place.map_or(&[][..], |place| desk.book.of(place));
    let held = Verdict::Waiting("the account is held");
    out.verdicts.extend(open.iter().map(|&index| (index, held)));
}

/// Decisions about an account that a newer one of the same person follows: only the newest is matched (SPEC §4).
fn followed_by_newer(desk: &Draughtsman<'_>, place: Option<usize>) -> Pending {
    let refused = Verdict::Refused("a newer account of the same person follows this one");
    let about = place.map_or(&[][..], |place| desk.book.of(place));
    Pending {
        verdicts: about.iter().map(|&index| (index, refused)).collect(),
        ..Pending::default()
    }
}

/// Whether, beside the account itself, nothing about a case can change: no decision, claim or choice.
fn is_quiet(desk: &Draughtsman<'_>, case: &Case<'_>, pending: &Pending) -> bool {
    let tonight = desk.tonight;
    let decided = !pending.standing.is_empty() || !pending.verdicts.is_empty();
    let claimed = case
        .standings
        .iter()
        .any(|s| s.on_roll() && Some(s.establishment) != case.holder)
        || case
            .place
            .is_some_and(|place| !tonight.people.transfers(place).is_empty());
    let chosen = case.choice.explicit.is_some()
        || case
            .person
            .key()
            .is_some_and(|key| tonight.people.consent(key).is_some());
    !decided && !claimed && !chosen
}

/// The fault of a case that a table calls impossible.
pub(super) fn impossible(rule: &str, table: &str) -> Fault {
    Fault::new(
        Severity::Hold,
        "impossible_case",
        format!(
            "rule {rule} of the {table} table says that this case cannot occur; the person is held"
        ),
        "Report this with the run folder: the decision table or the data is not as the policy's author thought.",
    )
}

/// Concludes the decisions about the account.
fn settle(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    action: Option<Action>,
    pending: &Pending,
    draft: &mut Draft,
    out: &mut Outcome,
) {
    let moved_to = judged
        .target
        .map(|t| t.establishment)
        .filter(|_| action == Some(Action::Transfer));
    let wait_over = |index: usize| {
        let last =
            crate::calendar::plus_days(desk.book.list[index].on, desk.params().decisions.wait_days);
        desk.tonight.as_of > last
    };
    let mut verdicts = pending.verdicts.clone();
    for &index in &pending.standing {
        let decision = &desk.book.list[index];
        let claim = draft.claim_verdict(&decision.establishment, decision.word);
        verdicts.push((
            index,
            conclude(
                decision,
                &case.words,
                action,
                moved_to,
                &judged.values,
                claim,
            ),
        ));
    }
    for (index, verdict) in verdicts {
        let restores = desk.book.list[index].word == Word::RestoreWithGrace;
        let gone = match action {
            Some(Action::Transfer | Action::Withdraw | Action::GraceExpire) => Some(GONE),
            // What asks for a usable account can wait no longer; a restoration only now has something to restore.
            Some(Action::Release) if !restores => Some(RELEASED),
            Some(Action::Supersede) => Some(SUPERSEDED),
            _ => None,
        };
        let verdict = match (verdict, gone) {
            (Verdict::Waiting(_), Some(why)) => Verdict::Refused(why),
            (verdict, _) => verdict,
        };
        let verdict = match verdict {
            Verdict::Waiting(_) if wait_over(index) => {
                Verdict::Refused("it could not be carried out within the days a decision waits")
            }
            other => other,
        };
        draft.note_decision(desk, index, verdict, out);
    }
}
