//! Network logins, which must be unique within an authority where the platform uses them (SPEC §7 "Create").
//!
//! Who is already known under a login keeps it. Of people new to it, who started first gets it.

use std::hash::{DefaultHasher, Hasher};

use rayon::prelude::*;

use super::index::Index;
use super::people::{Accounts, People};
use crate::model::{AuthorityId, Date, Enrolment, Establishment, PersonKey, State};

/// Everything the question needs.
pub(super) struct Logins<'a> {
    pub as_of: Date,
    pub establishments: &'a [Establishment],
    pub rows: &'a [Enrolment],
    /// The login of each row, in step with `rows`.
    pub login_of: &'a (dyn Fn(&Enrolment) -> &'a str + Sync),
    pub people: &'a People<'a>,
    pub accounts: &'a Accounts<'a>,
    pub release_days: u32,
}

/// A use of a login: by a row, or by an account that stays as it is.
#[derive(Clone, Copy)]
enum Use {
    Row(u32),
    Account(u32),
}

impl Logins<'_> {
    /// Places of rows whose login belongs to somebody else.
    pub(super) fn taken(&self) -> Vec<u32> {
        let rows = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| self.is_live(row));
        let mut uses: Vec<(u64, Use)> = rows
            .filter_map(|(n, row)| {
                let authority = self.establishments[row.establishment.index()].authority?;
                Some((key(authority, (self.login_of)(row))?, Use::Row(n as u32)))
            })
            .collect();
        uses.extend((0..self.accounts.places()).filter_map(|place| {
            let account = self.accounts.get(place)?;
            let authority = self.establishments[account.at?.index()].authority?;
            Some((
                key(authority, account.known.login)?,
                Use::Account(place as u32),
            ))
        }));
        let hashes = uses.par_iter().enumerate();
        let index = Index::new(hashes.map(|(n, (hash, _))| (*hash, n as u32)));
        let mut taken = Vec::new();
        for run in index.runs().filter(|run| run.len() > 1) {
            let uses: Vec<Use> = run.iter().map(|(_, n)| uses[*n as usize].1).collect();
            self.settle(&uses, &mut taken);
        }
        taken.sort_unstable();
        taken
    }

    /// Uses of one login in one authority: which rows must give way?
    fn settle(&self, uses: &[Use], taken: &mut Vec<u32>) {
        let mut stored: Vec<PersonKey> = Vec::new();
        let mut keepers: Vec<PersonKey> = Vec::new();
        for account in uses.iter().filter_map(|u| {
            if let Use::Account(n) = u {
                self.accounts.get(*n as usize)
            } else {
                None
            }
        }) {
            let Some(person) = account.person else {
                continue;
            };
            stored.push(person);
            if self.keeps(&account, person) {
                keepers.push(person);
            }
        }
        let mut rows: Vec<u32> = uses
            .iter()
            .filter_map(|u| if let Use::Row(n) = u { Some(*n) } else { None })
            .collect();
        rows.sort_by_key(|&n| {
            let row = &self.rows[n as usize];
            (
                !stored.contains(&row.person),
                row.start.is_none(),
                row.start,
                row.person,
                row.at,
            )
        });
        for n in rows {
            let person = self.rows[n as usize].person;
            if stored.contains(&person) || keepers.iter().all(|keeper| *keeper == person) {
                keepers.push(person);
            } else {
                taken.push(n);
            }
        }
    }

    /// Whether an account will still use its stored login after tonight, as far as the roll says.
    fn keeps(&self, account: &super::people::Account<'_>, person: PersonKey) -> bool {
        let known = account.known;
        let is_over = known.grace_until.is_some_and(|last| last < self.as_of)
            || known.missing_since.is_some_and(|since| {
                (self.as_of - since).num_days() >= i64::from(self.release_days)
            });
        if !known.state.is_usable() || is_over {
            return false;
        }
        let mut rows = self.people.rows(known.kind, person).peekable();
        let has_rows = rows.peek().is_some();
        let live: Vec<&Enrolment> = rows.filter(|row| self.is_live(row)).collect();
        match live.is_empty() {
            true => !has_rows || known.state == State::Grace,
            false => live.iter().any(|row| {
                let login = (self.login_of)(row);
                login.is_empty() || is_equal(login, known.login)
            }),
        }
    }

    /// A row that can give an account its login: not left, and more than a guest.
    fn is_live(&self, row: &Enrolment) -> bool {
        row.status.counts() && row.leaving.is_none_or(|leaving| leaving >= self.as_of)
    }
}

fn is_equal(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// A hash of a login without regard to case; `None` when it is blank. Its only use is to sort equal ones together:
/// of two logins that differ, one in 10¹⁹ pairs would be taken for equal, which rejects a row and harms nobody.
fn key(authority: AuthorityId, login: &str) -> Option<u64> {
    if login.is_empty() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    hasher.write_u32(authority.0);
    match login.is_ascii() {
        true => login
            .bytes()
            .for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase())),
        false => login
            .chars()
            .flat_map(char::to_lowercase)
            .for_each(|c| hasher.write(c.encode_utf8(&mut [0; 4]).as_bytes())),
    }
    Some(hasher.finish())
}
