//! The first snapshot of a directory that exists already (SPEC §2, `adopt`): one table in, accounts out.
//!
//! [`columns`] says what the table may look like, `row` (with `names`, `own` and `person`) judges one row, `clash` compares all of them. Identifiers become
//! person_refs while a row is read and go no further; passwords are not read.
//!
//! Two promises shape what is done with a row that cannot be adopted. Nobody loses an account in silence: such a row
//! refuses the whole adoption, unless somebody says that it may be left out. And no username is issued twice: the names
//! of a row that is left out are retired as those of a deleted account are.

mod clash;
pub mod columns;
mod names;
mod own;
mod person;
mod row;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use columns::In;

use crate::directory::{AccountRecord, Column, Consent, NextTables, RetiredUsername};
use crate::identity::{Keys, hex128};
use crate::model::{Category, Date, Fault, InactiveReason, Role, Severity, State};
use crate::policy::params::Params;
use crate::table::{CappedFaults, ReadOptions, TableRead, read, spec};
pub use row::COPIED;
use row::{Candidate, Expiry, Reader};

/// The rule that names of rows left out are retired under.
pub const LEFT_OUT_RULE: &str = "adopt";

/// What an export is judged by.
pub struct Desk<'a> {
    /// The night.
    pub as_of: Date,
    /// The platform's parameters.
    pub params: &'a Params,
    /// The keys; person_refs are made with the current one.
    pub keys: &'a Keys,
    /// The authority of every establishment that `mis/establishments.csv` lists; empty where there is no such table.
    pub authorities: BTreeMap<String, String>,
    /// Rows that cannot be adopted are left out, and their names retired.
    pub leave_out: bool,
}

/// What was counted on the way.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Accounts by establishment, role, category and state.
    pub accounts: BTreeMap<(String, Role, Category, State), u64>,
    /// Rows that were, or would have to be, left out.
    pub left_out: u64,
    /// Rows that repeat another.
    pub repeated: u64,
    /// Accounts without a last day that got the end of the academic year.
    pub expiry_set: u64,
    /// Accounts whose last day lay beyond it.
    pub expiry_capped: u64,
    /// Inactive accounts that follow the roll and come back once it lists their person.
    pub may_return: u64,
    /// People who have opted out.
    pub opted_out: u64,
    /// People with more than one usable account.
    pub people_twice: u64,
}

/// What came of an export.
#[derive(Debug, Default)]
pub struct Adopted {
    /// The accounts; empty when the adoption is refused.
    pub accounts: Vec<AccountRecord>,
    /// Choices about data sharing, by person.
    pub consents: Vec<Consent>,
    /// Names of rows left out, sorted.
    pub retired: Vec<RetiredUsername>,
    /// Everything wrong with the file, sorted; one that refuses means that nothing is adopted.
    pub faults: Vec<Fault>,
    /// The latest day on which something happened, as the file says.
    pub newest: Option<Date>,
    /// Counts.
    pub tally: Tally,
}

impl Adopted {
    /// Whether nothing is adopted.
    pub fn is_refused(&self) -> bool {
        self.faults.iter().any(|f| f.severity == Severity::Refuse)
    }

    /// What the first snapshot holds besides the accounts.
    pub fn tables(&self) -> NextTables {
        NextTables {
            consents: self.consents.clone(),
            retired: self.retired.clone(),
            ..NextTables::default()
        }
    }
}

impl Desk<'_> {
    /// Whether the policy decides about accounts that do not follow the roll: then each of them needs a last day.
    fn manages_non_mis(&self) -> bool {
        self.params.non_mis.is_some()
    }

    /// A username or address without the platform's own domain; any other text as it is.
    fn without_domain<'t>(&self, name: &'t str) -> &'t str {
        match name.rsplit_once('@') {
            Some((local, domain))
                if domain.eq_ignore_ascii_case(&self.params.names.email_domain) =>
            {
                local
            }
            _ => name,
        }
    }

    /// A name as it is compared: without regard to case and to the platform's domain.
    fn key(&self, name: &str) -> String {
        self.without_domain(name).to_lowercase()
    }
}

/// Reads an export and says what would come of it. `label` is the file's name as people see it.
pub fn adopt(desk: &Desk<'_>, label: &str, bytes: Vec<u8>, windows_1252: bool) -> Adopted {
    let options = ReadOptions {
        windows_1252,
        meant: Some(columns::meant),
        ..ReadOptions::default()
    };
    let table = read(&spec::EXISTING_DIRECTORY, label, bytes, &options);
    let mut adopted = Adopted {
        faults: table.faults.clone(),
        ..Adopted::default()
    };
    adopted.faults.extend(passwords(label, &table.header));
    if table.usable {
        rows(desk, &table, &mut adopted);
    }
    refuse(desk, label, &table, &mut adopted);
    if adopted.is_refused() {
        adopted.accounts.clear();
        adopted.consents.clear();
        adopted.retired.clear();
    }
    adopted.faults.sort();
    adopted.faults.dedup();
    adopted
}

/// Says which columns stand over passwords: by their place, since a file without a header begins with somebody's data.
fn passwords(label: &str, header: &[String]) -> impl Iterator<Item = Fault> {
    let places = (1..).zip(header);
    places.filter(|(_, name)| columns::is_password(name)).map(move |(place, _)| {
        let message = format!("column {place} stands over passwords and was skipped unread");
        let fix = "Leave it out of the export, and delete the file: whoever has it has the passwords.";
        Fault::new(Severity::Warn, "password_column", message, fix)
            .in_file(spec::EXISTING_DIRECTORY.name, label)
            .in_column("password")
    })
}

fn rows(desk: &Desk<'_>, table: &TableRead, adopted: &mut Adopted) {
    let mut reader = Reader {
        desk,
        table,
        faults: CappedFaults::default(),
    };
    let mut candidates: Vec<Candidate> = (0..table.rows.len())
        .map(|at| reader.candidate(at))
        .collect();
    let mut tally = Tally::default();
    let dropped = judge_together(&mut reader, &mut candidates, &mut tally);
    let faults = reader
        .faults
        .finish(spec::EXISTING_DIRECTORY.name, &table.label);
    adopted.faults.extend(faults);
    let mut good = Vec::with_capacity(candidates.len());
    let mut retired = BTreeSet::new();
    let mut choices = BTreeMap::new();
    let happened = [Column::CreatedOn, Column::LastSignIn];
    let whole = candidates.iter().filter(|c| !c.is_bad);
    let days = whole.flat_map(|c| happened.map(|column| c.record.get(column)));
    adopted.newest = days.filter_map(|day| day.parse().ok()).max();
    for (at, candidate) in candidates.into_iter().enumerate() {
        // Also of a row that is not adopted: who opted out stays out.
        choose(desk, &candidate, &mut choices);
        if dropped.contains(&at) {
            tally.repeated += 1;
        } else if candidate.is_bad {
            tally.left_out += 1;
            retire(desk, &candidate, &mut retired);
        } else {
            tally.expiry_set += u64::from(candidate.expiry == Expiry::Set);
            tally.expiry_capped += u64::from(candidate.expiry == Expiry::Capped);
            tally.may_return += u64::from(may_return(&candidate.record));
            good.push(candidate.record);
        }
    }
    number(desk.keys, &mut good);
    for record in &good {
        let key = (
            record.get(Column::Establishment).to_owned(),
            Role::parse(record.get(Column::Role)),
            Category::parse(record.get(Column::Category)),
            State::parse(record.get(Column::State)),
        );
        if let (establishment, Some(role), Some(category), Some(state)) = key {
            *tally
                .accounts
                .entry((establishment, role, category, state))
                .or_default() += 1;
        }
    }
    tally.opted_out = choices.values().filter(|c| !c.data_sharing).count() as u64;
    adopted.consents = choices.into_values().collect();
    adopted.accounts = good;
    adopted.retired = retired.into_iter().collect();
    adopted.tally = tally;
}

/// Whether the roll brings an account back by itself.
fn may_return(account: &AccountRecord) -> bool {
    account.get(Column::InactiveReason) == InactiveReason::Left.as_str()
}

/// Records a person's choice; of several rows of one person an `N` counts, as between rows of a roll (SPEC §7).
fn choose(desk: &Desk<'_>, candidate: &Candidate, choices: &mut BTreeMap<String, Consent>) {
    let Some(data_sharing) = candidate.consent else {
        return;
    };
    let person_ref = candidate.record.get(Column::PersonRef);
    let new = Consent {
        person_ref: person_ref.to_owned(),
        data_sharing,
        establishment: candidate.record.get(Column::Establishment).to_owned(),
        recorded_on: desk.as_of,
        off_roll_on: None,
    };
    let known = choices.entry(person_ref.to_owned()).or_insert(new.clone());
    // The lower establishment where several rows say the same, so that their order decides nothing.
    let rank = |c: &Consent| (c.data_sharing, c.establishment.clone());
    if rank(&new) < rank(known) {
        *known = new;
    }
}

/// Tells what only shows when all rows are seen; the places of rows that only repeat another.
fn judge_together(
    reader: &mut Reader<'_>,
    candidates: &mut [Candidate],
    tally: &mut Tally,
) -> BTreeSet<usize> {
    let clashes = clash::find(candidates);
    for (&at, &(column, line)) in &clashes.names {
        let message = format!(
            "the row at line {line} has the same username, alias or address, whatever the case"
        );
        let fix =
            "Find out whose it is, give the other one another in the directory, and export again.";
        reader.reject(&mut candidates[at], column, "name_repeated", message, fix);
    }
    for (&at, &line) in &clashes.people {
        let message = format!(
            "the row at line {line} is a usable account of the same person, who may have one: every night would hold both"
        );
        let fix = "Find out which one is used, and give the other one the state `inactive` in the export.";
        reader.reject(
            &mut candidates[at],
            In::Username,
            "two_accounts",
            message,
            fix,
        );
    }
    let people: BTreeSet<&str> = clashes
        .people
        .keys()
        .map(|&at| candidates[at].record.get(Column::PersonRef))
        .collect();
    tally.people_twice = people.len() as u64;
    for &(at, line) in &clashes.repeats {
        let message = format!("the row repeats the one at line {line}");
        reader.warn(
            &candidates[at],
            In::Username,
            "row_repeated",
            message,
            "Nothing; it counts once.",
        );
    }
    clashes.repeats.iter().map(|&(at, _)| at).collect()
}

/// Gives ids: the n-th of each person, oldest account first, whatever the order of the rows.
fn number(keys: &Keys, accounts: &mut [AccountRecord]) {
    let order = |a: &AccountRecord| {
        let text = |column: Column| a.get(column).to_owned();
        (
            text(Column::PersonRef),
            text(Column::CreatedOn),
            text(Column::Username).to_lowercase(),
        )
    };
    accounts.sort_by_cached_key(order);
    let mut last = (String::new(), 0);
    for account in accounts {
        let person = account.get(Column::PersonRef).to_owned();
        let id = if person.is_empty() {
            nobodys_id(keys, account.get(Column::Username))
        } else {
            let n = if person == last.0 { last.1 + 1 } else { 0 };
            let id = hex128(keys.account_id(&person, n));
            last = (person, n);
            id
        };
        account.set(Column::AccountId, id);
    }
}

/// The id of an account that stands for nobody on the roll: its username is all there is to tell it by.
fn nobodys_id(keys: &Keys, username: &str) -> String {
    hex128(keys.account_id(&format!("adopt:{}", username.to_lowercase()), 0))
}

fn retire(desk: &Desk<'_>, candidate: &Candidate, retired: &mut BTreeSet<RetiredUsername>) {
    let key = &desk.keys.current;
    for (_, name) in candidate.keys.iter().filter(|(_, name)| !name.is_empty()) {
        // As at a deletion: what is issued again is what stands before the `@`.
        let name = name.split('@').next().unwrap_or_default();
        retired.insert(RetiredUsername {
            account_id: nobodys_id(desk.keys, candidate.record.get(Column::Username)),
            purged_on: desk.as_of,
            rule: LEFT_OUT_RULE.to_owned(),
            key_id: key.id().to_string(),
            name_hash: hex128(key.username_hash(name)),
        });
    }
}

/// What refuses the whole adoption, besides a file that cannot be read.
fn refuse(desk: &Desk<'_>, label: &str, table: &TableRead, adopted: &mut Adopted) {
    let mut refuse = |code, message: String, fix: &str| {
        let fault = Fault::new(Severity::Refuse, code, message, fix);
        adopted
            .faults
            .push(fault.in_file(spec::EXISTING_DIRECTORY.name, label));
    };
    let unreadable = table.lost.len() + table.damaged.len();
    if table.usable && unreadable > 0 {
        let message = format!(
            "{unreadable} rows cannot be read, so nobody can tell which usernames they keep from being issued again"
        );
        refuse(
            "rows_unreadable",
            message,
            "Mend the rows that are named and export again; they cannot be left out.",
        );
    }
    if let Some(day) = adopted.newest.filter(|day| *day > desk.as_of) {
        let message = format!(
            "the file knows of {day}, and the adoption is asked for {}: retention would begin before the accounts ended",
            desk.as_of
        );
        let fix = "Adopt for the day of the export, or correct the date in the file.";
        refuse("as_of_too_early", message, fix);
    }
    let left_out = adopted.tally.left_out;
    if left_out > 0 && !desk.leave_out {
        let message = format!(
            "{left_out} rows cannot be adopted; without them their people would get new accounts"
        );
        let fix = "Mend them, or give --leave-out-faulty: they are then left out and their usernames never issued again.";
        refuse("rows_faulty", message, fix);
    }
    if desk.leave_out && table.usable && unreadable == 0 && adopted.accounts.is_empty() {
        refuse(
            "nothing_to_adopt",
            "no row can be adopted".to_owned(),
            "Look at the faults of the rows.",
        );
    }
}
