//! Usernames of new and renamed accounts: one pass over all of them, independent of any order.

use std::collections::HashSet;

use rayon::prelude::*;

use super::draft::Draughtsman;
use super::outcome::{NewName, Outcome};
use crate::directory::{Column, Fields};
use crate::identity::key::KeyId;
use crate::identity::{NameProblem, Request, TakenNames, parse_hex128};
use crate::plan::{Change, Notice, Text, Texts};

/// Gives usernames to all new and renamed accounts in one pass, independent of any order.
pub fn name_new_accounts(desk: &Draughtsman<'_>, outcome: &mut Outcome) {
    let new = std::mem::take(&mut outcome.new_names);
    if new.is_empty() {
        return;
    }
    let results = allocate(desk, &outcome.changes, &new);
    let named: Vec<Result<(Texts, Fields), NameProblem>> = new
        .par_iter()
        .zip(results)
        .map(|((at, _), result)| {
            let (change, username) = (&outcome.changes[*at], result?);
            let texts = change.texts.with(Text::Username, &username);
            Ok((texts, named(desk, change, &username)))
        })
        .collect();
    let mut refused = HashSet::new();
    for ((at, name), named) in new.iter().zip(named) {
        let change = &mut outcome.changes[*at];
        match named {
            Ok((texts, fields)) => {
                change.texts = texts;
                change.fields = fields;
            }
            Err(problem) => {
                refused.insert(*at);
                let notice = name_notice(desk, change, name, problem);
                outcome.notices.push(notice);
            }
        }
    }
    if refused.is_empty() {
        return;
    }
    let mut at = 0;
    outcome.changes.retain(|_| {
        at += 1;
        !refused.contains(&(at - 1))
    });
}

fn allocate(
    desk: &Draughtsman<'_>,
    changes: &[Change],
    new: &[(usize, NewName)],
) -> Vec<Result<String, NameProblem>> {
    let accounts = &desk.tonight.snapshot.accounts;
    let retired = desk.tonight.snapshot.retired.iter();
    let retired =
        retired.filter_map(|r| Some((KeyId::parse(&r.key_id)?, parse_hex128(&r.name_hash)?)));
    let taken = TakenNames::of_hashes(accounts.name_hashes(), retired, desk.keys);
    let requests: Vec<Request<'_>> = new
        .iter()
        .map(|(at, name)| Request {
            order: parse_hex128(changes[*at].account_id()).unwrap_or_default(),
            surname: &name.surname,
            forename: &name.forename,
            year: chrono::Datelike::year(&desk.tonight.as_of),
        })
        .collect();
    desk.policy.usernames.allocator(taken).allocate(&requests)
}

/// What a change writes once it has its username.
fn named(desk: &Draughtsman<'_>, change: &Change, username: &str) -> Fields {
    let Some(mut record) = change.after(&desk.tonight.snapshot.accounts) else {
        return change.fields.clone();
    };
    record.set(Column::Username, username);
    let address = format!("{username}@{}", desk.params().names.email_domain);
    record.set(Column::Email, address);
    crate::effects::account::hear_directory(desk.tonight, &mut record);
    let mut fields = record.fields();
    let of_account = change.fields.columns().count();
    for other in change.fields.iter().skip(of_account) {
        fields.push(other.name, other.before, other.after);
    }
    fields
}

fn name_notice(
    desk: &Draughtsman<'_>,
    change: &Change,
    name: &NewName,
    problem: NameProblem,
) -> Notice {
    let code = if problem == NameProblem::Denied {
        "username_denied"
    } else {
        "username_impossible"
    };
    let words = crate::plan::notice_text::text(code);
    let (table, file, row) = name.row.map_or((String::new(), String::new(), 0), |at| {
        let file = &desk.tonight.roll.files[at.file as usize];
        (
            file.table.to_owned(),
            file.name.clone(),
            desk.tonight.roll.line(at),
        )
    });
    Notice {
        code: code.to_owned(),
        establishment: change.establishment().to_owned(),
        role: change.role.to_string(),
        account_id: String::new(),
        person_ref: change.person_ref().to_owned(),
        table,
        file,
        row,
        since: None,
        message: words.message.to_owned(),
        fix: words.fix.to_owned(),
        owner: words.owner.to_owned(),
        office_only: false,
        office: Default::default(),
    }
}
