//! Which establishments a bad file of a split table costs.

use std::collections::BTreeMap;

use super::holds::Tally;
use super::row::find;
use crate::intake::Table;
use crate::model::{Establishment, Kind};
use crate::table::TableRead;

/// Establishments whose rows may be in a file that cannot be used, with a sentence each: those named in what can be
/// read of it, or the one its name says. Where neither tells, every one without a row in the good files.
pub(super) fn establishments_of(
    kind: Kind,
    table: &Table,
    establishments: &[Establishment],
    tallies: &[Tally],
    found: &mut BTreeMap<String, String>,
) {
    let message = format!(
        "its rows may stand in a file of the {} table that cannot be used",
        table.spec.name
    );
    if table.usable().next().is_none() {
        return;
    }
    for file in table.files.iter().filter(|file| !file.usable) {
        let named: Vec<&str> = stem(file)
            .into_iter()
            .chain(file.codes.iter().map(String::as_str))
            .chain(
                file.lost
                    .iter()
                    .filter_map(|lost| lost.establishment.as_deref()),
            )
            .filter(|code| find(establishments, code).is_some())
            .collect();
        if named.is_empty() {
            let without = establishments
                .iter()
                .zip(tallies)
                .filter(|(_, t)| t.read[kind as usize] == 0 && t.usable_of[kind as usize] > 0);
            found.extend(without.map(|(e, _)| (e.code.clone(), message.clone())));
        }
        found.extend(
            named
                .into_iter()
                .map(|code| (code.to_owned(), message.clone())),
        );
    }
}

fn stem(file: &TableRead) -> Option<&str> {
    file.label.rsplit('/').next()?.strip_suffix(".csv")
}
