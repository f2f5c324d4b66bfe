//! `roll.json`: everything that the gate lets through beside the rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::Read;
use crate::decisions::{Decided, Decision, Request};
use crate::directory::Column;
use crate::gate::Feedback;
use crate::identity::Keys;
use crate::identity::person_ref::hex128;
use crate::model::{Authority, Classes, EstId, Establishment, Kind, PersonKey};

/// Grows when a key changes its meaning or goes.
const FORMAT: u32 = 1;

/// The file, key by key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    format: u32,
    /// Which key every person is told by.
    pub key_fingerprint: String,
    /// As [`crate::model::Roll`] has them.
    pub establishments: Vec<Establishment>,
    pub authorities: Vec<Authority>,
    /// Table and name of each file.
    pub files: Vec<(String, String)>,
    pub held_people: Vec<Held>,
    pub untold: Vec<(EstId, Kind)>,
    pub aliases: Vec<Alias>,
    pub classes: Classes,
    pub rows_long_gone: u64,
    pub rows_read: u64,
    pub rows_rejected: u64,
    pub rows_collapsed: u64,
    /// What the real directory says, by username in lower case; only of usernames that are an account's.
    pub feedback: BTreeMap<String, Feedback>,
    /// The keyed hash of each decision and request, by id.
    decisions: BTreeMap<String, String>,
    requests: BTreeMap<String, String>,
}

/// A person with a rejected row.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    pub kind: Kind,
    pub person: PersonKey,
    pub establishment: EstId,
    pub file: u16,
    pub line: u64,
    pub data_sharing: Option<bool>,
}

/// An earlier hash of a person.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    pub kind: Kind,
    pub key: u8,
    pub before: PersonKey,
    pub person: PersonKey,
}

impl Rest {
    pub fn of(keys: &Keys, read: &Read) -> Rest {
        let roll = &read.roll;
        let held = roll.held_people.iter().map(|held| Held {
            kind: held.kind,
            person: held.person,
            establishment: held.establishment,
            file: held.at.file,
            line: roll.line(held.at),
            data_sharing: held.data_sharing,
        });
        let aliases = roll
            .aliases
            .iter()
            .map(|(kind, key, before, person)| Alias {
                kind: *kind,
                key: *key,
                before: PersonKey(*before),
                person: *person,
            });
        let files = roll.files.iter();
        Rest {
            format: FORMAT,
            key_fingerprint: keys.current.fingerprint(),
            establishments: roll.establishments.clone(),
            authorities: roll.authorities.clone(),
            files: files
                .map(|f| (f.table.to_owned(), f.name.clone()))
                .collect(),
            held_people: held.collect(),
            untold: roll.untold.clone(),
            aliases: aliases.collect(),
            classes: roll.classes.clone(),
            rows_long_gone: roll.rows_long_gone,
            rows_read: roll.rows_read,
            rows_rejected: roll.rows_rejected,
            rows_collapsed: roll.rows_collapsed,
            feedback: feedback(read),
            decisions: hashes(keys, &read.decided.list),
            requests: hashes(keys, &read.decided.requests),
        }
    }

    /// The people of these hashes, earlier ones followed.
    pub fn people(&self, hashes: &[u128]) -> Vec<u128> {
        let mut people = hashes.to_vec();
        let now = self
            .aliases
            .iter()
            .filter(|a| hashes.contains(&{ a.before.0 }));
        people.extend(now.map(|alias| alias.person.0));
        people
    }

    /// Of today's decisions and requests those of that night; `None` when one of them is no longer as it was.
    pub fn decided(&self, keys: &Keys, today: Decided) -> Option<Decided> {
        Some(Decided {
            list: those(keys, today.list, &self.decisions)?,
            requests: those(keys, today.requests, &self.requests)?,
            ..Decided::default()
        })
    }
}

fn feedback(read: &Read) -> BTreeMap<String, Feedback> {
    if read.feedback.is_empty() {
        return BTreeMap::new();
    }
    let accounts = &read.snapshot.accounts;
    let said = |place: usize| {
        let username = accounts.plain_cell(place, Column::Username);
        let said = read.feedback.of(username)?;
        Some((username.to_lowercase(), said.clone()))
    };
    (0..accounts.len()).filter_map(said).collect()
}

/// A row of `decisions/` that is told by an id.
trait Written {
    fn id(&self) -> &str;
    /// Everything it says, but not where it stands.
    fn says(&self) -> Vec<String>;
}

impl Written for Decision {
    fn id(&self) -> &str {
        &self.id
    }

    fn says(&self) -> Vec<String> {
        let Decision {
            on,
            by,
            word,
            account,
            establishment,
            value,
            ..
        } = self;
        [
            &on.to_string(),
            by,
            word.as_str(),
            account,
            establishment,
            value,
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

impl Written for Request {
    fn id(&self) -> &str {
        &self.id
    }

    fn says(&self) -> Vec<String> {
        let Request {
            on,
            by,
            role,
            surname,
            forename,
            establishment,
            organisation,
            ..
        } = self;
        let Request {
            job_title,
            work_email,
            contact_number,
            expires_on,
            ..
        } = self;
        let until = expires_on.map_or_else(String::new, |date| date.to_string());
        [
            &on.to_string(),
            by,
            role.as_str(),
            surname,
            forename,
            establishment,
            organisation,
            job_title,
            work_email,
            contact_number,
            &until,
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

fn hash(keys: &Keys, row: &impl Written) -> String {
    let says = row.says();
    let parts: Vec<&str> = std::iter::once(row.id())
        .chain(says.iter().map(String::as_str))
        .collect();
    hex128(keys.current.keyed_hash("kept decision", &parts))
}

fn hashes(keys: &Keys, rows: &[impl Written]) -> BTreeMap<String, String> {
    let hashed = rows
        .iter()
        .map(|row| (row.id().to_owned(), hash(keys, row)));
    hashed.collect()
}

fn those<R: Written>(
    keys: &Keys,
    today: Vec<R>,
    then: &BTreeMap<String, String>,
) -> Option<Vec<R>> {
    let is_same = |row: &R| {
        then.get(row.id())
            .is_some_and(|hashed| *hashed == hash(keys, row))
    };
    let found: Vec<R> = today.into_iter().filter(is_same).collect();
    (found.len() == then.len()).then_some(found)
}
