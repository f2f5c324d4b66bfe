//! Usernames of new and renamed accounts: one pass over all of them, independent of any order.

use std::collections::HashSet;

use rayon::prelude::*;

use super::draft::{Draughtsman, NewChange, Outcome};
use crate::directory::{Accounts, Column};
use crate::identity::key::KeyId;
use crate::identity::{NameProblem, Request, TakenNames, name_hash, parse_hex128};
use crate::plan::{Change, Notice};

/// Gives usernames to all new and renamed accounts in one pass, independent of any order.
pub fn name_new_accounts(desk: &Draughtsman<'_>, outcome: &mut Outcome) {
    let new: Vec<usize> = (0..outcome.changes.len())
        .filter(|i| outcome.changes[*i].name.is_some())
        .collect();
    if new.is_empty() {
        return;
    }
    let results = allocate(desk, &outcome.changes, &new);
    let mut refused = HashSet::new();
    for (&at, result) in new.iter().zip(results) {
        match result {
            Ok(username) => take_name(desk, &mut outcome.changes[at].change, &username),
            Err(problem) => {
                refused.insert(at);
                let notice = name_notice(desk, &outcome.changes[at], problem);
                outcome.notices.push(notice);
            }
        }
    }
    let mut at = 0;
    outcome.changes.retain(|_| {
        at += 1;
        !refused.contains(&(at - 1))
    });
}

fn allocate(
    desk: &Draughtsman<'_>,
    changes: &[NewChange],
    new: &[usize],
) -> Vec<Result<String, NameProblem>> {
    let accounts = &desk.tonight.snapshot.accounts;
    let retired = desk.tonight.snapshot.retired.iter();
    let retired =
        retired.filter_map(|r| Some((KeyId::parse(&r.key_id)?, parse_hex128(&r.name_hash)?)));
    let taken = TakenNames::of_hashes(live_names(accounts), retired, desk.keys);
    let requests: Vec<Request<'_>> = new
        .iter()
        .map(|&at| {
            let (surname, forename) = changes[at]
                .name
                .as_ref()
                .map_or(("", ""), |(s, f)| (s.as_str(), f.as_str()));
            Request {
                order: parse_hex128(&changes[at].change.account_id).unwrap_or_default(),
                surname,
                forename,
                year: chrono::Datelike::year(&desk.tonight.as_of),
            }
        })
        .collect();
    desk.policy.usernames.allocator(taken).allocate(&requests)
}

/// The hash of every username and alias of the directory, current and inactive.
fn live_names(accounts: &Accounts) -> Vec<u64> {
    let add = |mut hashes: Vec<u64>, place: usize| {
        accounts.with_until(place, Column::Aliases, |c| {
            hashes.push(name_hash(c[Column::Username as usize]));
            let aliases = c[Column::Aliases as usize].split(';');
            hashes.extend(aliases.filter(|a| !a.is_empty()).map(name_hash));
        });
        hashes
    };
    let parts = (0..accounts.len()).into_par_iter().fold(Vec::new, add);
    let mut names = parts.reduce(Vec::new, |mut all, part| {
        all.extend(part);
        all
    });
    names.extend(accounts.other_names());
    names
}

fn take_name(desk: &Draughtsman<'_>, change: &mut Change, username: &str) {
    let accounts = &desk.tonight.snapshot.accounts;
    let Some(mut record) = change.after(accounts) else {
        return;
    };
    record.set(Column::Username, username);
    record.set(
        Column::Email,
        format!("{username}@{}", desk.params().names.email_domain),
    );
    crate::effects::account::hear_directory(desk.tonight, &mut record);
    let mut fields = record.fields();
    let of_account = change.fields.columns().count();
    for other in change.fields.iter().skip(of_account) {
        fields.push(other.name, other.before, other.after);
    }
    change.username = username.to_owned();
    change.fields = fields;
}

fn name_notice(desk: &Draughtsman<'_>, new: &NewChange, problem: NameProblem) -> Notice {
    let code = if problem == NameProblem::Denied {
        "username_denied"
    } else {
        "username_impossible"
    };
    let words = crate::plan::notice_text::text(code);
    let (table, file, row) = new.row.map_or((String::new(), String::new(), 0), |at| {
        let file = &desk.tonight.roll.files[at.file as usize];
        (
            file.table.to_owned(),
            file.name.clone(),
            desk.tonight.roll.line(at),
        )
    });
    Notice {
        code: code.to_owned(),
        establishment: new.change.establishment.clone(),
        role: new.change.role.to_string(),
        account_id: String::new(),
        person_ref: new.change.person_ref.clone(),
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
