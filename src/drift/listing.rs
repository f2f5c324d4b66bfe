//! The export of the real directory, as [`crate::adopt`] understands it. Identifiers in it are not read.

use std::collections::BTreeMap;

use crate::adopt::COPIED;
use crate::adopt::columns::{self, In};
use crate::directory::Column;
use crate::identity::{normalise, scn, upn};
use crate::model::{Fault, Severity, State};
use crate::table::{ReadOptions, TableRead, read, spec};

/// Columns that are compared besides those which `adopt` copies.
const WEIGHED: [(In, Column); 4] = [
    (In::Username, Column::Username),
    (In::Role, Column::Role),
    (In::Establishment, Column::Establishment),
    (In::ExpiresOn, Column::ExpiresOn),
];

/// What is shown in place of a cell that looks like a person's identifier.
const IDENTIFIER: &str = "(an identifier)";

/// One account of the real directory.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its line in the file.
    pub row: u64,
    /// What it signs in by, without the platform's domain.
    pub username: String,
    /// Its id there; blank when the export does not say.
    pub directory_id: String,
    /// Its address.
    pub email: String,
    /// Whether it can be used; without a column of states every account that is listed can.
    pub is_usable: bool,
    /// What it says, for each compared column that the export has.
    pub cells: BTreeMap<&'static str, String>,
}

/// The whole export.
#[derive(Debug, Default)]
pub struct Listing {
    /// Its accounts, in its order.
    pub accounts: Vec<Listed>,
    /// Everything wrong with it; one that refuses means that nothing is compared.
    pub faults: Vec<Fault>,
}

impl Listing {
    /// Whether nothing can be compared.
    pub fn is_refused(&self) -> bool {
        self.faults.iter().any(|f| f.severity == Severity::Refuse)
    }
}

/// Reads an export. `label` is the file's name as people see it, `domain` that of the platform's addresses.
pub fn listing(label: &str, bytes: Vec<u8>, domain: &str, windows_1252: bool) -> Listing {
    let options = ReadOptions {
        windows_1252,
        meant: Some(columns::meant),
        ..ReadOptions::default()
    };
    let table = read(&spec::EXISTING_DIRECTORY, label, bytes, &options);
    let mut listing = Listing {
        faults: table.faults.clone(),
        ..Listing::default()
    };
    if !table.usable {
        return listing;
    }
    for at in 0..table.rows.len() {
        match listed(&table, at, domain) {
            Ok(listed) => listing.accounts.push(listed),
            Err((column, message)) => listing.faults.push(
                Fault::new(
                    Severity::Refuse,
                    "listing_unreadable",
                    message,
                    "Map the directory's values to the words of the format and export again.",
                )
                .in_file(spec::EXISTING_DIRECTORY.name, label)
                .at_row(table.rows.line(at))
                .in_column(column),
            ),
        }
    }
    listing.faults.sort();
    listing
}

fn listed(
    table: &TableRead,
    at: usize,
    domain: &str,
) -> Result<Listed, (&'static str, &'static str)> {
    let cell = |column: In| table.cell(at, column as usize);
    let has = |column: In| table.columns[column as usize].is_some();
    let username = without_domain(cell(In::Username), domain);
    if username.is_empty() {
        return Err(("username", "a username was expected; the cell is empty"));
    }
    let is_usable = match has(In::State) {
        false => true,
        true => {
            let state = columns::state(cell(In::State));
            state.ok_or(("state", "`active`, `grace` or `inactive` was expected"))?
                != State::Inactive
        }
    };
    // Ours has an id in the directory only where the directory told it.
    let copied = COPIED
        .iter()
        .filter(|(column, _)| *column != In::DirectoryId);
    let compared = WEIGHED.iter().chain(copied);
    let cells = compared.filter(|(column, _)| has(*column));
    let cells = cells.map(|(column, ours)| {
        let text = match column {
            In::Username => username,
            In::Role => columns::role(cell(In::Role)).map_or(cell(In::Role), |role| role.as_str()),
            column => cell(*column),
        };
        (ours.name(), shown(text))
    });
    Ok(Listed {
        row: table.rows.line(at),
        username: shown(username),
        directory_id: cell(In::DirectoryId).to_owned(),
        email: cell(In::Email).to_lowercase(),
        is_usable,
        cells: cells.collect(),
    })
}

/// A username or address without the platform's own domain.
fn without_domain<'t>(name: &'t str, domain: &str) -> &'t str {
    match name.rsplit_once('@') {
        Some((local, of)) if of.eq_ignore_ascii_case(domain) => local,
        _ => name,
    }
}

/// A cell that may be shown: somebody may have put an identifier into any of them.
fn shown(cell: &str) -> String {
    let normal = normalise(cell);
    match upn::check(&normal).is_ok() || scn::check(&normal).is_ok() {
        true => IDENTIFIER.to_owned(),
        false => cell.to_owned(),
    }
}
