//! `rekeys.csv`: a person's word that one identifier replaces another.

use std::collections::{BTreeMap, BTreeSet};

use super::cells;
use super::context::{PersonRefs, check_learner};
use crate::intake::Table;
use crate::model::{Fault, Kind, PersonKey, Severity};
use crate::policy::params::Params;
use crate::table::TableRead;

/// Identifiers that follow others.
#[derive(Debug, Default)]
pub(super) struct Rekeys {
    /// Hash of the old identifier under the current key, to the person it is now.
    now: BTreeMap<(Kind, u128), u128>,
    /// The hashes that a person went by before, under every key.
    before: BTreeMap<(Kind, u128), Vec<u128>>,
    /// As [`crate::model::Roll::aliases`].
    pub(super) aliases: Vec<(Kind, u8, u128, PersonKey)>,
}

impl Rekeys {
    /// The person that a hash under the current key stands for tonight.
    pub(super) fn person(&self, kind: Kind, hash: u128) -> PersonKey {
        PersonKey(self.now.get(&(kind, hash)).copied().unwrap_or(hash))
    }

    /// The hashes under which a person's account may still stand because of a row of this table.
    pub(super) fn before(&self, kind: Kind, person: PersonKey) -> &[u128] {
        let before = self.before.get(&(kind, person.0));
        before.map_or(&[], Vec::as_slice)
    }
}

/// Every hash under the current key that the table speaks of, earlier and later.
pub fn rekeyed(table: &Table, params: &Params, refs: &dyn PersonRefs) -> Vec<u128> {
    let rekeys = read(table, params, refs, &mut Vec::new());
    let both = rekeys.aliases.iter().flat_map(|alias| [alias.2, alias.3.0]);
    both.collect()
}

/// One usable row: hashes under every key, the current one first.
struct Step {
    kind: Kind,
    old: Vec<u128>,
    new: Vec<u128>,
}

/// Reads the table. Rows that cannot be used are left out with a fault each.
pub(super) fn read(
    table: &Table,
    params: &Params,
    refs: &dyn PersonRefs,
    faults: &mut Vec<Fault>,
) -> Rekeys {
    let mut steps: BTreeMap<(Kind, u128), (Step, Fault)> = BTreeMap::new();
    let mut ambiguous: BTreeSet<(Kind, u128)> = BTreeSet::new();
    for file in table.usable() {
        for record in 0..file.rows.len() {
            let place = |severity, code, message: String, fix: &str| {
                Fault::new(severity, code, message, fix)
                    .in_file(table.spec.name, &file.label)
                    .at_row(file.rows.line(record))
            };
            let step = match step(table, file, record, params, refs) {
                Ok(step) => step,
                Err((column, message)) => {
                    let fix = "Correct the row; until then the old account is not followed.";
                    faults
                        .push(place(Severity::Reject, "bad_rekey", message, fix).in_column(column));
                    continue;
                }
            };
            let message = "this identifier is replaced by two others, or in a circle".to_owned();
            let fault = place(
                Severity::Reject,
                "ambiguous_rekey",
                message,
                "Keep one row for each old identifier.",
            );
            let key = (step.kind, step.old[0]);
            if steps
                .get(&key)
                .is_some_and(|(other, _)| other.new[0] != step.new[0])
            {
                ambiguous.insert(key);
                faults.push(fault.clone());
            }
            steps.entry(key).or_insert((step, fault));
        }
    }
    for key in ambiguous {
        faults.extend(steps.remove(&key).map(|(_, fault)| fault));
    }
    follow(steps, faults)
}

/// Follows chains to their ends; a circle is left out.
fn follow(steps: BTreeMap<(Kind, u128), (Step, Fault)>, faults: &mut Vec<Fault>) -> Rekeys {
    let mut rekeys = Rekeys::default();
    for (&(kind, old), (step, fault)) in &steps {
        let mut end = step;
        let mut left = steps.len();
        while let Some((next, _)) = steps.get(&(kind, end.new[0])).filter(|_| left > 0) {
            end = next;
            left -= 1;
        }
        if left == 0 {
            faults.push(fault.clone());
            continue;
        }
        let person = PersonKey(end.new[0]);
        rekeys.now.insert((kind, old), person.0);
        rekeys.aliases.extend(
            step.old
                .iter()
                .enumerate()
                .map(|(key, &hash)| (kind, key as u8, hash, person)),
        );
        rekeys.aliases.extend(
            step.new
                .iter()
                .enumerate()
                .map(|(key, &hash)| (kind, key as u8, hash, person)),
        );
    }
    rekeys
        .aliases
        .retain(|(_, key, old, person)| *key > 0 || *old != person.0);
    for (kind, _, old, person) in &rekeys.aliases {
        let before = rekeys.before.entry((*kind, person.0)).or_default();
        before.push(*old);
    }
    rekeys
}

fn step(
    table: &Table,
    file: &TableRead,
    record: usize,
    params: &Params,
    refs: &dyn PersonRefs,
) -> Result<Step, (&'static str, String)> {
    let text = |column: &str| {
        table
            .spec
            .place(column)
            .map_or("", |place| file.cell(record, place))
    };
    if file.damaged.binary_search(&(record as u32)).is_ok() {
        return Err(("", "a field of the row cannot be read".to_owned()));
    }
    let Some(kind) = Kind::parse(text("kind")) else {
        return Err((
            "kind",
            format!(
                "expected `learner` or `staff`; found {}",
                cells::shape(text("kind"))
            ),
        ));
    };
    for column in ["old_scope", "new_scope"] {
        let is_good = if kind == Kind::Learner {
            text(column).is_empty()
        } else {
            cells::is_code(text(column))
        };
        if !is_good {
            let message = "expected nothing for learners, and for staff the code within which the identifier is unique";
            return Err((
                if column == "old_scope" {
                    "old_scope"
                } else {
                    "new_scope"
                },
                message.to_owned(),
            ));
        }
    }
    if text("old_id").is_empty() {
        return Err(("old_id", "expected an identifier; found nothing".to_owned()));
    }
    if text("new_id").is_empty() {
        return Err(("new_id", "expected an identifier; found nothing".to_owned()));
    }
    if kind == Kind::Learner {
        check_learner(params, text("new_id")).map_err(|fault| ("new_id", fault.message))?;
    }
    if text("decided_by").is_empty() {
        return Err((
            "decided_by",
            "expected who decided it; found nothing".to_owned(),
        ));
    }
    let hashes = |scope: &str, id: &str| {
        (0..refs.keys())
            .map(|key| refs.hash(key, kind, scope, id))
            .collect()
    };
    Ok(Step {
        kind,
        old: hashes(text("old_scope"), text("old_id")),
        new: hashes(text("new_scope"), text("new_id")),
    })
}
