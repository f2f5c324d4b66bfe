//! One person through stages 3 to 6: cases, facts, rule, effects, claims.

use super::draft::{Draft, Draughtsman, Outcome};
use crate::decisions::{GONE, Pending, Verdict, conclude, weigh};
use crate::directory::{Account, Transfer};
use crate::effects::claims::{ClaimChange, Decided};
use crate::facts::Tonight;
use crate::facts::choice::choice;
use crate::facts::claim::{ClaimCase, Holding};
use crate::facts::person::{Case, Judged};
use crate::facts::registry::person as f;
use crate::facts::standing::{Standing, standings};
use crate::model::{Action, EstId, Fault, Severity, State, Word};
use crate::policy::table::{Outcome as RuleOutcome, Rule};
use crate::relate::Person;

/// Judges everything about one person.
pub fn judge_person(desk: &Draughtsman<'_>, person: &Person, out: &mut Outcome) {
    let accounts = by_age(desk, person);
    let usable = accounts.iter().filter(|(_, a)| a.state.is_usable()).count();
    if usable > 1 {
        two_accounts(desk, &accounts, out);
        return;
    }
    let standings = standings(desk.tonight, person);
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
        &standings,
        newest.map(|n| accounts[n]),
        false,
        out,
    );
    for &(place, account) in &accounts {
        // An account that tonight's creation follows is judged as an earlier one, after the newest.
        if Some(place) != newest_place || followed {
            judge_case(desk, person, &[], Some((place, account)), true, out);
        }
    }
}

/// A person's accounts, oldest first.
fn by_age(desk: &Draughtsman<'_>, person: &Person) -> Vec<(usize, Account)> {
    let accounts = &desk.tonight.snapshot.accounts;
    let places = desk.tonight.people.accounts(person);
    let mut list: Vec<(usize, Account)> = places
        .iter()
        .map(|p| (*p as usize, accounts.list[*p as usize]))
        .collect();
    if list.len() > 1 {
        list.sort_by_key(|(place, account)| (account.created_on, *place));
    }
    list
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
    let holder = account.map(|(_, a)| tonight.people.holder[a.establishment as usize]);
    let in_scope = match holder {
        Some(holder) => tonight.is_selected(holder),
        None => standings
            .iter()
            .any(|s| tonight.is_selected(s.establishment)),
    };
    if !in_scope {
        return false;
    }
    let mut case = Case {
        person,
        standings,
        place: account.map(|(place, _)| place),
        account: account.map(|(_, a)| a),
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
    let judged = case.judge(tonight);
    let table = desk.table(person.kind);
    let index = table.index(&judged.values);
    let rule = table.decide(index);
    let action = match rule.outcome {
        RuleOutcome::Action(action) => Some(action),
        RuleOutcome::None => None,
        RuleOutcome::Impossible => {
            out.faults.push(impossible(&rule.id, person));
            out.notices.extend(
                case.place
                    .map(|place| desk.account_notice("impossible_case", place)),
            );
            let open = case.place.map_or(&[][..], |place| desk.book.of(place));
            let held = Verdict::Waiting("the account is held");
            out.verdicts.extend(open.iter().map(|&index| (index, held)));
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
            .key
            .is_some_and(|key| tonight.people.consent(key).is_some());
    !decided && !claimed && !chosen
}

fn impossible(rule: &str, person: &Person) -> Fault {
    Fault::new(
        Severity::Hold,
        "impossible_case",
        format!(
            "rule {rule} of the {} table says that this case cannot occur; the person is held",
            person.kind
        ),
        "Report this with the run folder: the decision table or the data is not as the policy's author thought.",
    )
}

/// Decides the claims of every other establishment on the account.
fn claims(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    action: Option<Action>,
    pending: &Pending,
    draft: &mut Draft,
    out: &mut Outcome,
) -> Vec<ClaimChange> {
    let tonight = desk.tonight;
    let known = case
        .place
        .map_or(&[][..], |place| tonight.people.transfers(place));
    let known = if action == Some(Action::Create) {
        &[][..]
    } else {
        known
    };
    let Some(holding) = holding(desk, case, judged, action, known.is_empty()) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for claim in claim_cases(tonight, case, known, pending) {
        if claim.claimant != holding.holder || claim.known.is_some() {
            changes.extend(one_claim(desk, case, &claim, &holding, pending, draft, out));
        }
    }
    changes.sort_by(|a, b| a.to_establishment.cmp(&b.to_establishment));
    changes
}

/// Every establishment that lists the person, is remembered or is named by a decision.
fn claim_cases<'a>(
    tonight: &Tonight<'a>,
    case: &Case<'a>,
    known: &'a [Transfer],
    pending: &Pending,
) -> Vec<ClaimCase<'a>> {
    let on_roll = case.standings.iter().filter(|s| s.on_roll());
    let mut claimants: Vec<EstId> = on_roll.map(|s| s.establishment).collect();
    let code_known = |t: &Transfer| tonight.roll.establishment_id(&t.to_establishment);
    claimants.extend(known.iter().filter_map(code_known));
    claimants.extend(pending.claims.iter().map(|c| c.0));
    claimants.sort_unstable();
    claimants.dedup();
    let person_held = tonight.is_person_held(case.person.key);
    let of_code = |claimant: EstId| {
        let code = &tonight.roll.establishment(claimant).code;
        let mut standings = case.standings.iter().copied();
        ClaimCase {
            claimant,
            known: known.iter().find(|t| t.to_establishment == *code),
            standing: standings.find(|s| s.establishment == claimant),
            word: pending.claims.iter().find(|c| c.0 == claimant).map(|c| c.1),
            person_held,
        }
    };
    // A claim of a code that another replaces tonight: its rows stand under the new code, as a claim of its own.
    let of_replaced = |known: &'a Transfer| {
        Some(ClaimCase {
            claimant: heir(tonight, &known.to_establishment)?,
            known: Some(known),
            standing: None,
            word: None,
            person_held,
        })
    };
    let listed = claimants.into_iter().map(of_code);
    listed.chain(known.iter().filter_map(of_replaced)).collect()
}

/// The establishment that replaces a code which is not listed any more.
fn heir(tonight: &Tonight<'_>, code: &str) -> Option<EstId> {
    if tonight.roll.establishment_id(code).is_some() {
        return None;
    }
    let mut all = tonight.roll.establishments.iter();
    let place = all.position(|e| e.replaces.as_deref() == Some(code))?;
    Some(EstId(place as u32))
}

/// How the account stands after its own decision; `None` when nobody can claim it.
fn holding(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    judged: &Judged<'_>,
    action: Option<Action>,
    nothing_known: bool,
) -> Option<Holding> {
    let moved = matches!(action, Some(Action::Transfer | Action::Create))
        || (action == Some(Action::Reactivate) && judged.values[f::ACCOUNT] != f::account::GRACE);
    let at = if moved { judged.target } else { judged.home };
    let state = match action {
        Some(Action::Release | Action::Withdraw | Action::GraceExpire | Action::Purge) => {
            State::Inactive
        }
        Some(Action::Transfer | Action::Create | Action::Reactivate) => State::Active,
        Some(Action::GraceStart) => State::Grace,
        _ => case.account?.state,
    };
    if nothing_known && state == State::Inactive {
        return None;
    }
    let holder = if moved {
        judged.target?.establishment
    } else {
        case.holder?
    };
    Some(Holding {
        action,
        state,
        holder,
        before: case.holder.filter(|_| action != Some(Action::Create)),
        values: judged.values,
        row: at
            .filter(|s| s.on_roll())
            .map(|s| (s.row.status, s.row.time_share)),
        approved: action == Some(Action::Transfer)
            && case.words.approved_to.is_some()
            && case.words.approved_to == judged.target.map(|t| t.establishment)
            && desk.params().transfers.opens_as == "pending",
    })
}

fn one_claim(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    claim: &ClaimCase<'_>,
    holding: &Holding,
    pending: &Pending,
    draft: &mut Draft,
    out: &mut Outcome,
) -> Option<ClaimChange> {
    let tonight = desk.tonight;
    let values = claim.judge(tonight, holding);
    let table = &desk.policy.claim;
    let index = table.index(&values);
    let rule: &Rule = table.decide(index);
    let approval = pending
        .standing
        .iter()
        .copied()
        .find(|i| desk.book.list[*i].word == Word::ApproveTransfer);
    let by_word = pending
        .claims
        .iter()
        .find(|c| c.0 == claim.claimant)
        .map(|c| c.2);
    desk.claim_notice(case, claim, rule, draft, out);
    let action = match rule.outcome {
        RuleOutcome::Action(action) => action,
        RuleOutcome::None => return None,
        RuleOutcome::Impossible => {
            out.faults.push(impossible(&rule.id, case.person));
            return None;
        }
    };
    let decided = match action {
        Action::TransferDefer | Action::TransferDecline if by_word.is_some() => by_word,
        _ if holding.approved => approval,
        _ => None,
    };
    let decided = decided.map(|i| Decided {
        on: desk.book.list[i].on,
        by: &desk.book.list[i].by,
    });
    draft.note_claim_rule(action, rule, index);
    Some(crate::effects::claims::apply(
        tonight,
        claim,
        holding,
        &draft.account_id,
        action,
        rule.state,
        decided,
    ))
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
        let gone = matches!(
            action,
            Some(Action::Transfer | Action::Withdraw | Action::GraceExpire)
        );
        let verdict = match verdict {
            Verdict::Waiting(_) if gone => Verdict::Refused(GONE),
            Verdict::Waiting(_) if wait_over(index) => {
                Verdict::Refused("it could not be carried out within the days a decision waits")
            }
            other => other,
        };
        draft.note_decision(desk, index, verdict, out);
    }
}
