//! What differs between our snapshot and the directory's list.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::history::History;
use super::listing::{Listed, Listing};
use crate::directory::{Accounts, Column};
use crate::model::{Date, State};

/// How an account differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Ours can be used, and the list does not have it.
    Missing,
    /// Ours can be used, theirs cannot.
    NotUsable,
    /// Ours cannot be used, theirs can.
    StillUsable,
    /// The list has it, and we do not.
    Unknown,
    /// A column has another value.
    Differs,
}

impl Kind {
    /// The word in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Missing => "missing",
            Kind::NotUsable => "not_usable",
            Kind::StillUsable => "still_usable",
            Kind::Unknown => "unknown",
            Kind::Differs => "differs",
        }
    }
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The column that differs; blank for a whole account.
    pub column: String,
    /// Our account; blank for one that we do not have.
    pub account_id: String,
    /// Its username, ours if there is one.
    pub username: String,
    /// Its establishment, ours if there is one.
    pub establishment: String,
    /// Our value.
    pub ours: String,
    /// Theirs.
    pub theirs: String,
    /// The line of the list; 0 for an account that it does not have.
    pub row: u64,
    /// The run that gave ours its value; `None` when none that is kept did.
    pub since: Option<Date>,
    /// The directory still holds what that run changed: nobody has carried it out there yet.
    pub not_carried_out: bool,
}

/// How many accounts there are on both sides.
#[derive(Clone, Copy, Default, Debug, Serialize)]
pub struct Counts {
    /// Our accounts, usable or not.
    pub ours: u64,
    /// Rows of the list.
    pub theirs: u64,
    /// Pairs that were found.
    pub paired: u64,
}

/// Compares accounts with a list: by id in the directory, else by username or alias, else by address. `history` is asked
/// once, for the accounts that differ.
///
/// # Errors
/// Those of `history`.
pub fn drift<E>(
    accounts: &Accounts,
    listing: &Listing,
    history: impl FnOnce(&HashSet<String>) -> Result<History, E>,
) -> Result<(Vec<Finding>, Counts, History), E> {
    let pairs = pair(accounts, listing);
    let mut findings = Vec::new();
    let mut paired = HashSet::new();
    for (listed, place) in listing.accounts.iter().zip(&pairs) {
        match place {
            Some(place) => {
                paired.insert(*place);
                compare(accounts, *place, listed, &mut findings);
            }
            None => findings.push(unknown(listed)),
        }
    }
    let is_usable = |place: &usize| accounts.list[*place].state.is_usable();
    let missing = (0..accounts.len()).filter(|place| is_usable(place) && !paired.contains(place));
    findings.extend(missing.map(|place| Finding {
        ours: accounts.list[place].state.as_str().to_owned(),
        ..blank(accounts, place, Kind::Missing)
    }));
    let wanted = findings.iter().map(|f| f.account_id.clone());
    let history = history(&wanted.filter(|id| !id.is_empty()).collect())?;
    for finding in &mut findings {
        age(finding, &history);
    }
    findings.sort_by(|a, b| {
        let order = |f: &Finding| (f.not_carried_out, f.kind, f.column.clone(), f.since);
        order(a).cmp(&order(b)).then_with(|| {
            (&a.username, &a.account_id, a.row).cmp(&(&b.username, &b.account_id, b.row))
        })
    });
    let counts = Counts {
        ours: accounts.len() as u64,
        theirs: listing.accounts.len() as u64,
        paired: paired.len() as u64,
    };
    Ok((findings, counts, history))
}

/// Our account for each row of the list. A row that nothing pairs, or whose account a row before it took, has none.
fn pair(accounts: &Accounts, listing: &Listing) -> Vec<Option<usize>> {
    let mut by_id = HashMap::new();
    let mut by_name = HashMap::new();
    let mut by_address = HashMap::new();
    for place in 0..accounts.len() {
        accounts.with(place, |cells| {
            let cell = |column: Column| cells[column as usize];
            if !cell(Column::DirectoryId).is_empty() {
                by_id.insert(cell(Column::DirectoryId).to_owned(), place);
            }
            for alias in cell(Column::Aliases)
                .split(';')
                .filter(|alias| !alias.is_empty())
            {
                by_name.entry(alias.to_lowercase()).or_insert(place);
            }
            by_name.insert(cell(Column::Username).to_lowercase(), place);
            if !cell(Column::Email).is_empty() {
                by_address.insert(cell(Column::Email).to_lowercase(), place);
            }
        });
    }
    let mut taken = HashSet::new();
    let find = |listed: &Listed| {
        let place = by_id
            .get(&listed.directory_id)
            .or_else(|| by_name.get(&listed.username.to_lowercase()))
            .or_else(|| by_address.get(&listed.email))?;
        taken.insert(*place).then_some(*place)
    };
    listing.accounts.iter().map(find).collect()
}

fn blank(accounts: &Accounts, place: usize, kind: Kind) -> Finding {
    accounts.with(place, |cells| Finding {
        kind,
        column: String::new(),
        account_id: cells[Column::AccountId as usize].to_owned(),
        username: cells[Column::Username as usize].to_owned(),
        establishment: cells[Column::Establishment as usize].to_owned(),
        ours: String::new(),
        theirs: String::new(),
        row: 0,
        since: None,
        not_carried_out: false,
    })
}

fn unknown(listed: &Listed) -> Finding {
    let cell = |column: Column| listed.cells.get(column.name()).cloned().unwrap_or_default();
    Finding {
        kind: Kind::Unknown,
        column: String::new(),
        account_id: String::new(),
        username: listed.username.clone(),
        establishment: cell(Column::Establishment),
        ours: String::new(),
        theirs: word(listed.is_usable).to_owned(),
        row: listed.row,
        since: None,
        not_carried_out: false,
    }
}

fn word(is_usable: bool) -> &'static str {
    match is_usable {
        true => State::Active.as_str(),
        false => State::Inactive.as_str(),
    }
}

/// State first; cells are compared where both can be used.
fn compare(accounts: &Accounts, place: usize, listed: &Listed, into: &mut Vec<Finding>) {
    let state = accounts.list[place].state;
    let of_state = |kind: Kind| Finding {
        ours: state.as_str().to_owned(),
        theirs: word(listed.is_usable).to_owned(),
        row: listed.row,
        ..blank(accounts, place, kind)
    };
    match (state.is_usable(), listed.is_usable) {
        (true, false) => into.push(of_state(Kind::NotUsable)),
        (false, true) => into.push(of_state(Kind::StillUsable)),
        (false, false) => {}
        (true, true) => {
            let record = accounts.record(place);
            for column in Column::ALL {
                let Some(theirs) = listed.cells.get(column.name()) else {
                    continue;
                };
                let ours = record.get(*column);
                if !is_same(*column, ours, theirs) {
                    into.push(Finding {
                        column: column.name().to_owned(),
                        ours: ours.to_owned(),
                        theirs: theirs.clone(),
                        row: listed.row,
                        ..blank(accounts, place, Kind::Differs)
                    });
                }
            }
        }
    }
}

/// Names people sign in by and addresses mean the same in any case.
fn is_same(column: Column, ours: &str, theirs: &str) -> bool {
    match column {
        Column::Username | Column::Email | Column::Login => {
            ours.to_lowercase() == theirs.to_lowercase()
        }
        _ => ours == theirs,
    }
}

/// Since when ours is as it is, and whether the directory holds what was before.
fn age(finding: &mut Finding, history: &History) {
    let field = match finding.kind {
        Kind::Unknown => {
            finding.since = history.deleted(&finding.username);
            finding.not_carried_out = finding.since.is_some();
            return;
        }
        Kind::Differs => finding.column.as_str(),
        Kind::Missing | Kind::NotUsable | Kind::StillUsable => Column::State.name(),
    };
    let Some((on, before)) = history.set(&finding.account_id, field) else {
        return;
    };
    finding.since = Some(on);
    finding.not_carried_out = match finding.kind {
        Kind::Missing => before.is_empty(),
        Kind::NotUsable => before == State::Inactive.as_str(),
        Kind::StillUsable => before != State::Inactive.as_str(),
        _ => before == finding.theirs,
    };
}

/// Counts by kind and column: drift, and what is not carried out yet.
pub fn counts(findings: &[Finding]) -> BTreeMap<(Kind, &str), [u64; 2]> {
    let mut counts: BTreeMap<(Kind, &str), [u64; 2]> = BTreeMap::new();
    for finding in findings {
        let of = counts.entry((finding.kind, &finding.column)).or_default();
        of[usize::from(finding.not_carried_out)] += 1;
    }
    counts
}
