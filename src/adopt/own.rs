//! A row's identifier in another of its cells: a username that is the UPN, a login that is the staff code. No identifier
//! enters the snapshot (SPEC §4), so such a cell is left blank, or costs the row where the account cannot be without it.

use super::columns::In;
use super::row::{COPIED, Candidate, Reader};
use crate::directory::Column;
use crate::identity::normalise;

/// From this length on an identifier is known inside a longer text; a shorter one, e.g. a staff code, may be a word of it.
const TELLING: usize = 8;

const IDENTIFIERS: [In; 3] = [In::LearnerId, In::StaffCode, In::StaffId];
/// A short staff code may be somebody's name; that says nothing that the name does not.
const NAMES: [In; 3] = [In::Surname, In::Forename, In::DisplayName];

impl Reader<'_> {
    /// Keeps the row's own identifiers out of everything that is stored of it.
    pub(super) fn without_identifiers(&mut self, row: &mut Candidate, at: usize) {
        let own: Vec<String> = IDENTIFIERS
            .iter()
            .map(|column| normalise(self.cell(at, *column)))
            .filter(|identifier| !identifier.is_empty())
            .collect();
        if own.is_empty() {
            return;
        }
        if says_one(row.record.get(Column::Username), &own, false) {
            let message =
                "the username is, or holds, the identifier of the same row, which is never stored";
            let fix = "Give the account another username in the directory and export again.";
            self.reject(row, In::Username, "identifier_as_username", message, fix);
        }
        for (from, to) in COPIED {
            if says_one(row.record.get(to), &own, NAMES.contains(&from)) {
                row.record.set(to, "");
                self.left_blank(row, from);
            }
        }
        let aliases = row.record.get(Column::Aliases).to_owned();
        let (out, kept): (Vec<&str>, Vec<&str>) = aliases
            .split(';')
            .filter(|alias| !alias.is_empty())
            .partition(|alias| says_one(alias, &own, false));
        if !out.is_empty() {
            row.record.set(Column::Aliases, kept.join(";"));
            row.keys
                .retain(|(column, key)| *column == In::Username || !says_one(key, &own, false));
            self.left_blank(row, In::Aliases);
        }
    }

    fn left_blank(&mut self, row: &Candidate, column: In) {
        let message = "the cell is, or holds, the identifier of the same row; it is left blank";
        let fix = "Nothing, unless the directory should not show it either.";
        self.warn(row, column, "identifier_copied", message, fix);
    }
}

/// Whether a text, or what stands before its `@`, is one of the identifiers or holds a telling one.
fn says_one(text: &str, identifiers: &[String], is_name: bool) -> bool {
    let text = normalise(text);
    let local = text.split('@').next().unwrap_or_default();
    identifiers.iter().any(|identifier| {
        let is_same = local == identifier || text == *identifier;
        let holds = identifier.len() >= TELLING && text.contains(identifier.as_str());
        (is_same && !is_name) || holds
    })
}
