//! Stage 2: tables become the accepted roll, with every fault told and every hold placed.
//!
//! Nothing is decided on bad input: a night is refused, an establishment held, or
//! a row rejected and its person held (SPEC §8). What is counted and left aside
//! stands in [`Roll`]; nothing is dropped in silence.

mod bad_files;
pub(crate) mod cells;
mod class_members;
mod classes;
mod compare;
mod context;
mod crowd;
mod feedback;
mod holds;
mod index;
mod lists;
mod login;
mod overlap;
mod people;
mod register;
mod rekeys;
mod rolls;
mod row;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use context::check_learner;
pub use context::{GateContext, KnownAccount, KnownAccounts, PersonRefs};
pub use crowd::{Sharing, login_hash};
pub use feedback::{Feedback, FeedbackBook, read as feedback};
pub use rekeys::rekeyed;

use crate::intake::{Inputs, Table};
use crate::model::{
    Cell, Establishment, ExportRecord, Fault, Faults, Kind, PersonKey, Roll, RollFile, Severity,
};
use crowd::Crowd;
use holds::Tally;
use index::Index;
use people::{Accounts, People};
use rolls::Rolls;

/// Checks everything and says all that is wrong at once. The roll is complete even where the night is refused;
/// [`Faults::refuses`] tells.
pub fn check(inputs: Inputs, ctx: &GateContext<'_>) -> Roll {
    let mut faults = Faults {
        list: inputs.faults,
    };
    let mut tables = [inputs.learners, inputs.staff];
    let authorities = lists::authorities(&inputs.authorities, &mut faults.list);
    let (listed, unreadable) =
        lists::establishments(&inputs.establishments, &authorities, &mut faults.list);
    let exports = lists::exports(&inputs.exports, &mut faults.list);
    refuse_dates(&exports, ctx, &mut faults);
    let seen = tables.each_ref();
    refuse_vanished_rolls(seen, ctx, &mut faults);
    let mut establishments = register::union(listed, exports, seen, ctx, &mut faults);
    let crowd = Crowd::of(ctx, &establishments);
    let rekeys = rekeys::read(&inputs.rekeys, ctx.params, ctx.refs, &mut faults.list);
    let bench = row::Bench {
        ctx,
        establishments: &establishments,
        authorities: &authorities,
        rekeys: &rekeys,
        stored: match &crowd {
            Some(_) => None,
            None => Some(Index::of_sorted(ctx.accounts.by_person())),
        },
        crowd: crowd.as_ref(),
    };
    let mut rolls = rolls::judge(&bench, &mut tables);
    let tables_read = tables.each_ref();
    faults.list.append(&mut rolls.faults);
    let classes = classes::read(
        [&inputs.classes, &inputs.class_members],
        &bench,
        &mut faults.list,
    );
    rolls.aliases.extend(rekeys.aliases);
    settle_aliases(&mut rolls.aliases);
    let accounts = Accounts::new(ctx.accounts, &establishments, &rolls.aliases);
    let (index, collapsed) = compare::compare_rows(
        &mut rolls,
        &establishments,
        tables_read,
        &accounts,
        ctx,
        &mut faults,
    );
    let mut tallies = tallies(&rolls, establishments.len());
    let people = People::new(&rolls.enrolments, &index, &rolls.held, crowd.as_ref());
    holds::count_accounts(&mut tallies, &accounts, &people);
    let bad = bad_establishments(&rolls, &establishments, &tallies, tables_read, unreadable);
    crowd::note_contested(crowd.as_ref(), &mut rolls, &accounts, &establishments);
    holds::place(&mut establishments, &tallies, &bad, ctx, &mut faults);
    faults.sort();
    // By person first, whatever the register: they are looked up by person.
    rolls.held.sort_unstable_by_key(|held| (held.person, *held));
    Roll {
        establishments,
        authorities,
        files: roll_files(tables),
        sorted: Some(index.places(|place| rolls.enrolments[place as usize].order())),
        enrolments: rolls.enrolments,
        held_people: rolls.held,
        untold: rolls.untold.into_keys().collect(),
        aliases: rolls.aliases,
        classes,
        together: sorted(rolls.together),
        told: sorted(rolls.told),
        faults,
        rows_long_gone: rolls.long_gone,
        rows_read: rolls.read,
        rows_rejected: rolls.rejected,
        rows_collapsed: collapsed,
        input_files: inputs.input_files,
    }
}

/// Each person once.
fn sorted(mut people: Vec<PersonKey>) -> Vec<PersonKey> {
    people.sort_unstable();
    people.dedup();
    people
}

/// One of the two rolls may be absent where nobody is on it; a roll that vanished is refused.
fn refuse_vanished_rolls(tables: [&Table; 2], ctx: &GateContext<'_>, faults: &mut Faults) {
    for (table, kind) in tables.into_iter().zip(Kind::ALL) {
        let usable = |a: KnownAccount<'_>| a.kind == *kind && a.state.is_usable();
        let has_rows = table.usable().any(|file| file.row_count() > 0);
        let name = table.spec.name;
        let said = |f: &Fault| f.severity == Severity::Refuse && f.table == name;
        if has_rows || faults.list.iter().any(said) || !ctx.accounts.all().any(|(_, a)| usable(a)) {
            continue;
        }
        let file = table.files.first().map(|file| file.label.clone());
        faults.push(
            Fault::new(
                Severity::Refuse,
                "roll_vanished",
                format!("`{name}` has no rows at all, and the directory has usable accounts of that roll"),
                "Let the export run again; nothing is decided before.",
            )
            .in_file(name, &file.unwrap_or_else(|| format!("mis/{name}.csv"))),
        );
    }
}

/// As-of must be neither before the snapshot's nor far beyond the newest export.
fn refuse_dates(
    exports: &BTreeMap<String, ExportRecord>,
    ctx: &GateContext<'_>,
    faults: &mut Faults,
) {
    let as_of = ctx.as_of;
    if let Some(before) = ctx.snapshot_as_of.filter(|before| as_of < *before) {
        let message =
            format!("the run is for {as_of}, and the directory already stands at {before}");
        faults.push(Fault::new(
            Severity::Refuse,
            "as_of_before_snapshot",
            message,
            "Run for that day or a later one.",
        ));
    }
    let max = i64::from(ctx.params.gate.max_export_age_days);
    if let Some(newest) = exports.values().map(|export| export.exported_on).max()
        && (as_of - newest).num_days() > max
    {
        let message = format!(
            "the run is for {as_of}, and the newest export is of {newest}; {max} days are allowed"
        );
        faults.push(Fault::new(
            Severity::Refuse,
            "exports_too_old",
            message,
            "Let the exports run, or correct the date.",
        ));
    }
}

/// Sorted, without what says nothing, and without an old hash that would lead to two people.
fn settle_aliases(aliases: &mut Vec<(Kind, u8, u128, PersonKey)>) {
    aliases.retain(|(_, _, old, person)| *old != person.0);
    aliases.sort_unstable();
    aliases.dedup();
    let mut ambiguous = BTreeSet::new();
    for pair in aliases.windows(2) {
        if (pair[0].0, pair[0].1, pair[0].2) == (pair[1].0, pair[1].1, pair[1].2) {
            ambiguous.insert(pair[0].2);
        }
    }
    if !ambiguous.is_empty() {
        aliases.retain(|(_, _, old, _)| !ambiguous.contains(old));
    }
}

fn tallies(rolls: &Rolls, size: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); size];
    for ((at, kind, _), n) in &rolls.counts {
        tallies[at.index()].read[*kind as usize] += n;
    }
    for ((at, kind), n) in &rolls.untold {
        tallies[at.index()].untold[*kind as usize] += n;
    }
    tallies
}

/// Establishments with rows in several files or a bad one, or a row of their own that cannot be read.
fn bad_establishments(
    rolls: &Rolls,
    establishments: &[Establishment],
    tallies: &[Tally],
    tables: [&Table; 2],
    unreadable: BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut bad = BTreeMap::new();
    bad_files::establishments_of(Kind::Learner, tables[0], establishments, tallies, &mut bad);
    bad_files::establishments_of(Kind::Staff, tables[1], establishments, tallies, &mut bad);
    for at in rolls.split() {
        bad.insert(
            establishments[at.index()].code.clone(),
            "its rows of one table come from more than one file".to_owned(),
        );
    }
    for code in unreadable {
        bad.insert(
            code,
            "its row of the establishments table cannot be read, or contradicts another".to_owned(),
        );
    }
    bad
}

/// The files that enrolments point into, learners first; unusable files keep their numbers.
fn roll_files(tables: [Table; 2]) -> Vec<RollFile> {
    tables
        .into_iter()
        .flat_map(|table| {
            let spec = table.spec;
            table.files.into_iter().map(move |file| {
                let cells = Cell::ALL.map(|cell| {
                    spec.place(cell.column())
                        .and_then(|place| file.columns[place])
                });
                RollFile {
                    table: spec.name,
                    name: file.label,
                    rows: file.rows,
                    cells,
                }
            })
        })
        .collect()
}
