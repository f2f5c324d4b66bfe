//! Accounts that people ask for, and requests for them, through stages 4 to 6: the same corridor, a table of their own.

use std::collections::HashSet;

use rayon::prelude::*;

use super::draft::{Draft, Draughtsman, Named};
use super::look::Seen;
use super::outcome::{NewName, Outcome};
use super::row::About;
use crate::decisions::{
    ENDS_TONIGHT, NonMisWords, Request, RequestOutcome, Verdict, Wish, weigh_non_mis,
};
use crate::directory::{Column, Edited, LedgerEntry};
use crate::effects;
use crate::facts::non_mis::{Judged, Standing, judge as facts, judge_request, waits};
use crate::model::{Action, Category, Role};
use crate::plan::Notice;
use crate::plan::notice_text::text as notice_text;
use crate::policy::table::{Outcome as RuleOutcome, Rule, RuleNotice, TableKind};

const HELD: Verdict = Verdict::Waiting("the account is held");
const ENDED: Verdict = Verdict::Refused("the account expired or was closed");

/// Judges every such account and every open request.
pub fn judge(desk: &Draughtsman<'_>, requests: &[&Request], out: &mut Outcome) {
    let accounts = &desk.tonight.snapshot.accounts;
    for place in accounts.of_category(Category::NonMis) {
        judge_account(desk, place, out);
    }
    // What is deleted tonight is a duplicate of nothing: planned again, the request would be carried out.
    let purges = out
        .changes
        .iter()
        .filter(|change| change.action == Action::Purge);
    let gone: HashSet<usize> = purges.filter_map(|change| change.place).collect();
    let mut taken = addresses(desk, requests, &gone);
    for request in requests {
        judge_one_request(desk, request, &mut taken, out);
    }
}

fn judge_account(desk: &Draughtsman<'_>, place: usize, out: &mut Outcome) {
    let tonight = desk.tonight;
    let account = Standing::of(tonight, place);
    let in_scope = match account.holder {
        Some(at) => tonight.is_selected(at),
        None => tonight.selected.is_none(),
    };
    if !in_scope {
        return;
    }
    let words = weigh_non_mis(tonight, desk.book, &account);
    let judged = facts(tonight, &account, words.wish.map(|w| w.1));
    let table = &desk.policy.non_mis;
    let index = table.index(&judged.values);
    let seen = Seen::of(table, index, Some(place), None);
    desk.see(None, seen, out);
    let rule = table.decide(index);
    if account.role == Role::Learner {
        out.notices
            .push(notice(desk, "learner_non_mis", &account, None));
    }
    if rule.outcome == RuleOutcome::Impossible {
        out.faults
            .push(super::person::impossible(&rule.grounds.rule, "non_mis"));
        out.notices
            .push(notice(desk, "impossible_case", &account, None));
        let open = desk.book.of(place).iter();
        out.verdicts.extend(open.map(|&index| (index, HELD)));
        return;
    }
    let action = rule.outcome.action();
    rule_notice(desk, &account, &judged, rule, out);
    let named = Named::by(rule, TableKind::NonMis, index);
    let mut draft = desk.blank_draft(desk.tonight.snapshot.accounts.id(place).into(), named);
    draft.action = action;
    change(desk, &account, &judged, action, &words, &mut draft);
    settle(desk, action, &words, &mut draft, out);
    finish(desk, &account, &judged, action, draft, out);
}

/// Whether an account is usable no longer after an action.
fn ends(action: Option<Action>) -> bool {
    matches!(action, Some(Action::Expire | Action::Close | Action::Purge))
}

fn change<'a>(
    desk: &Draughtsman<'a>,
    account: &Standing,
    judged: &Judged,
    action: Option<Action>,
    words: &NonMisWords,
    draft: &mut Draft<'a>,
) {
    let renames = words.renames.iter().filter(|_| !ends(action));
    if action.is_none() && words.renames.is_empty() {
        return;
    }
    let accounts = &desk.tonight.snapshot.accounts;
    let mut record = Edited::of(accounts.cells(account.place));
    if let Some(action) = action {
        effects::non_mis::apply(desk.tonight, account, judged, action, &mut record);
    }
    for renaming in renames {
        let (surname, forename) = (&renaming.surname, &renaming.forename);
        draft.rename(
            desk,
            renaming.what,
            surname,
            forename,
            account.role,
            &mut record,
        );
    }
    draft.record = Some(record);
}

/// Concludes the decisions about an account.
fn settle(
    desk: &Draughtsman<'_>,
    action: Option<Action>,
    words: &NonMisWords,
    draft: &mut Draft<'_>,
    out: &mut Outcome,
) {
    let mut verdicts = words.verdicts.clone();
    verdicts.extend(words.wish.map(|(index, wish)| {
        let done = match wish {
            Wish::Keep(_) => matches!(action, Some(Action::Extend | Action::Expire)),
            Wish::CloseNow => action == Some(Action::Close),
            Wish::CloseOnExpiry => matches!(action, Some(Action::Update | Action::Expire)),
            Wish::Reactivate(..) => action == Some(Action::Reactivate),
        };
        (index, if done { Verdict::Applied } else { HELD })
    }));
    let renamed = if ends(action) {
        ENDED
    } else {
        Verdict::Applied
    };
    verdicts.extend(words.renames.iter().map(|r| (r.decision, renamed)));
    for (index, verdict) in verdicts {
        let verdict = match verdict {
            // What waits for the account to end tonight is carried out tomorrow.
            Verdict::Waiting(why) if ends(action) && why != ENDS_TONIGHT => ENDED,
            other => other,
        };
        draft.note_decision(desk, index, verdict, out);
    }
}

fn finish(
    desk: &Draughtsman<'_>,
    account: &Standing,
    judged: &Judged,
    action: Option<Action>,
    mut draft: Draft<'_>,
    out: &mut Outcome,
) {
    let purge = action == Some(Action::Purge);
    let mut fields = draft.fields();
    desk.add_decisions(&draft, &mut fields);
    let changes = fields.iter().any(|f| !f.name.starts_with("decision:"));
    if !purge && !changes && action.is_none() {
        return;
    }
    if fields.is_empty() && !purge {
        return;
    }
    let named = draft.naming_action();
    let about = About {
        category: Category::NonMis,
        place: Some(account.place),
        effective_on: effects::non_mis::effective_on(desk.tonight, account, judged, named),
        guard: if purge { "purge" } else { "" },
        name: draft.new_name.take(),
    };
    desk.change_row(about, action, draft, fields, None, out);
}

/// The notice of a rule about an account.
fn rule_notice(
    desk: &Draughtsman<'_>,
    account: &Standing,
    judged: &Judged,
    rule: &Rule,
    out: &mut Outcome,
) {
    if let RuleNotice::Code(code) = &rule.notice {
        out.notices.push(notice(desk, code, account, Some(judged)));
    }
    if judged.capped && rule.outcome == RuleOutcome::Action(Action::Reactivate) {
        out.notices
            .push(notice(desk, "expiry_capped", account, Some(judged)));
    }
}

fn notice(
    desk: &Draughtsman<'_>,
    code: &str,
    account: &Standing,
    judged: Option<&Judged>,
) -> Notice {
    let accounts = &desk.tonight.snapshot.accounts;
    let mut notice = desk.account_notice(code, account.place);
    notice.establishment = match account.holder {
        Some(at) => desk.tonight.roll.establishment(at).code.clone(),
        None => accounts.establishment(account.place).to_owned(),
    };
    let last = judged.and_then(|j| j.expires_on);
    if let Some(last) = last.filter(|_| code == "expiring_soon") {
        notice.message = format!("{} Its last day is {last}.", notice.message);
        if account.role == Role::IteStudent {
            notice.fix = format!("{} {ITE}", notice.fix);
        }
    }
    notice
}

/// S4: an ITE student's work goes with the account, and moving it is up to them.
const ITE: &str = "Remind the student to move their work out of the account before that day.";

/// The addresses of requests that belong to an account already and tomorrow too, in lower case.
fn addresses(
    desk: &Draughtsman<'_>,
    requests: &[&Request],
    gone: &HashSet<usize>,
) -> HashSet<String> {
    let asked: HashSet<String> = requests
        .iter()
        .map(|r| r.work_email.to_lowercase())
        .filter(|address| !address.is_empty())
        .collect();
    let accounts = &desk.tonight.snapshot.accounts;
    if asked.is_empty() {
        return HashSet::new();
    }
    let of_account = |place: usize| {
        accounts.with(place, |cells| {
            let aliases = cells[Column::Aliases as usize].split(';');
            [Column::Email, Column::WorkEmail]
                .map(|column| cells[column as usize])
                .into_iter()
                .chain(aliases)
                .map(str::to_lowercase)
                .filter(|address| asked.contains(address))
                .collect::<Vec<String>>()
        })
    };
    (0..accounts.len())
        .into_par_iter()
        .filter(|place| !gone.contains(place))
        .flat_map_iter(of_account)
        .collect()
}

fn judge_one_request(
    desk: &Draughtsman<'_>,
    request: &Request,
    taken: &mut HashSet<String>,
    out: &mut Outcome,
) {
    let tonight = desk.tonight;
    let in_scope = match tonight.roll.establishment_id(&request.establishment) {
        Some(at) => tonight.is_selected(at),
        None => tonight.selected.is_none(),
    };
    if !in_scope {
        return;
    }
    let address = request.work_email.to_lowercase();
    let judged = judge_request(tonight, request, taken.contains(&address));
    let table = &desk.policy.non_mis;
    let index = table.index(&judged.values);
    let rule = table.decide(index);
    if let RuleNotice::Code(code) = &rule.notice {
        out.notices
            .push(request_notice(desk, request, code, &rule.grounds.reason));
    }
    if rule.outcome == RuleOutcome::Action(Action::Create) {
        if !address.is_empty() {
            taken.insert(address);
        }
        create(desk, request, &judged, rule, index, out);
        return;
    }
    let last = crate::calendar::plus_days(request.on, desk.params().decisions.wait_days);
    let waiting = waits(&judged) && tonight.as_of <= last && desk.params().non_mis.is_some();
    out.requests.push(RequestOutcome {
        ledger_id: request.ledger_id(),
        on: request.on,
        outcome: if waiting { "waiting" } else { "refused" },
        reason: rule.grounds.reason.clone(),
    });
}

fn create(
    desk: &Draughtsman<'_>,
    request: &Request,
    judged: &Judged,
    rule: &Rule,
    index: u32,
    out: &mut Outcome,
) {
    let tonight = desk.tonight;
    // Not the bare id: somebody may call a request like a person_ref, and the two must never give one account id.
    let id = desk.new_account_id(&request.ledger_id());
    let mut draft = desk.blank_draft(id.into(), Named::by(rule, TableKind::NonMis, index));
    draft.action = Some(Action::Create);
    draft.record = Some(effects::non_mis::create(
        tonight,
        request,
        judged,
        &draft.account_id,
    ));
    let ledger = LedgerEntry {
        decision_id: request.ledger_id(),
        outcome: "applied".to_owned(),
        reason: String::new(),
        applied_on: tonight.as_of,
    };
    let mut fields = draft.fields();
    let decided = format!("decision:{}", ledger.decision_id);
    fields.push(&decided, "", "applied");
    if judged.capped {
        let mut notice = request_notice(desk, request, "expiry_capped", "");
        notice.account_id = draft.account_id.to_string();
        out.notices.push(notice);
    }
    out.requests.push(RequestOutcome {
        ledger_id: ledger.decision_id.clone(),
        on: request.on,
        outcome: "applied",
        reason: String::new(),
    });
    draft.requests.push(ledger);
    let about = About {
        category: Category::NonMis,
        place: None,
        effective_on: tonight.as_of,
        guard: "create",
        name: Some(NewName::of(&request.surname, &request.forename)),
    };
    desk.change_row(about, Some(Action::Create), draft, fields, None, out);
}

/// What a request's row is owed; the reason is that of the rule.
fn request_notice(desk: &Draughtsman<'_>, request: &Request, code: &str, reason: &str) -> Notice {
    let words = notice_text(code);
    let listed = desk.tonight.roll.establishment_id(&request.establishment);
    let message = if reason.is_empty() {
        words.message
    } else {
        reason
    };
    Notice {
        code: code.to_owned(),
        // A code that nobody lists may be anything, so it is not repeated.
        establishment: listed
            .map(|at| desk.tonight.roll.establishment(at).code.clone())
            .unwrap_or_default(),
        role: request.role.to_string(),
        account_id: String::new(),
        person_ref: String::new(),
        table: "requests".to_owned(),
        file: request.file.clone(),
        row: request.row,
        since: Some(request.on),
        message: message.to_owned(),
        fix: words.fix.to_owned(),
        owner: words.owner.to_owned(),
        office_only: false,
        office: Default::default(),
    }
}
