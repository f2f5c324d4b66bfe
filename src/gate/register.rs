//! Tonight's establishments: the listed ones, and those that others name.

use std::collections::{BTreeMap, BTreeSet};

use super::context::GateContext;
use super::{lists, rolls};
use crate::intake::Table;
use crate::model::{Establishment, ExportRecord, Fault, Faults, Severity};

/// Listed establishments, and the codes that exports or accounts name besides, sorted by code. Codes that only a roll
/// row names are not among them, because anything may stand in that cell; for the people of such rows there is one
/// entry without a code.
pub(super) fn union(
    mut list: BTreeMap<String, Establishment>,
    exports: BTreeMap<String, ExportRecord>,
    tables: [&Table; 2],
    ctx: &GateContext<'_>,
    faults: &mut Faults,
) -> Vec<Establishment> {
    let is_open = |e: &Establishment| e.closed_on.is_none_or(|day| ctx.as_of <= day);
    let open: BTreeSet<String> = list
        .values()
        .filter(|e| is_open(e))
        .map(|e| e.code.clone())
        .collect();
    let mut followed = Vec::new();
    for establishment in list.values_mut() {
        if establishment
            .replaces
            .as_ref()
            .is_some_and(|old| open.contains(old))
        {
            let message =
                "the code it replaces is still listed and open; nothing follows to it yet";
            let fault = Fault::new(
                Severity::Warn,
                "replaced_is_open",
                message,
                "Give the old establishment a closed_on.",
            );
            faults.push(
                fault
                    .in_file("establishments", "")
                    .in_column("replaces")
                    .of_establishment(&establishment.code),
            );
            followed.extend(establishment.replaces.take());
        }
    }
    for old in followed {
        if let Some(old) = list.get_mut(&old) {
            old.followed = true;
        }
    }
    for (code, export) in exports {
        if !list.contains_key(&code) {
            let message =
                "the exports table has a row for a code that is not in the establishments table";
            let fault = Fault::new(
                Severity::Warn,
                "export_of_unknown",
                message,
                "List the establishment, or correct the code.",
            );
            faults.push(fault.in_file("exports", "").of_establishment(&code));
        }
        list.entry(code)
            .or_insert_with_key(|code| lists::unlisted(code))
            .export = Some(export);
    }
    let replaced: BTreeSet<&str> = list
        .values()
        .filter_map(|e| e.replaces.as_deref())
        .collect();
    let codes = ctx.accounts.codes();
    let more: Vec<&str> = codes
        .into_iter()
        .map(|(_, code)| code)
        .filter(|code| !list.contains_key(*code) && !replaced.contains(code))
        .collect();
    list.extend(
        more.into_iter()
            .map(|code| (code.to_owned(), lists::unlisted(code))),
    );
    if rolls::has_strangers(tables, &|code| list.contains_key(code)) {
        list.insert(String::new(), lists::unlisted(""));
    }
    list.into_values().collect()
}
