//! Stage 2: tables become the accepted roll, with every fault told and every hold placed.
//!
//! Nothing is decided on bad input: a night is refused, an establishment held, or
//! a row rejected and its person held (SPEC §8). What is counted and left aside
//! stands in [`Roll`]; nothing is dropped in silence.

mod bad_files;
mod cells;
mod context;
mod holds;
mod index;
mod lists;
mod login;
mod overlap;
mod people;
mod rekeys;
mod rolls;
mod row;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use context::{GateContext, KnownAccount, PersonRefs};

use crate::intake::{Inputs, Table};
use crate::model::{
    Cell, Establishment, ExportRecord, Fault, Faults, Kind, Roll, RollFile, Severity,
};
use crate::table::CappedFaults;
use holds::Tally;
use index::{Index, top};
use overlap::Fate;
use people::{Accounts, People};
use rolls::Rolls;

/// Checks everything and says all that is wrong at once. The roll is complete even where the night is refused;
/// [`Faults::refuses`] tells.
pub fn check(inputs: Inputs, ctx: &GateContext<'_>) -> Roll {
    let mut faults = Faults {
        list: inputs.faults,
    };
    let tables = [&inputs.learners, &inputs.staff];
    let authorities = lists::authorities(&inputs.authorities, &mut faults.list);
    let (listed, unreadable) =
        lists::establishments(&inputs.establishments, &authorities, &mut faults.list);
    let exports = lists::exports(&inputs.exports, &mut faults.list);
    refuse_dates(&exports, ctx, &mut faults);
    let mut establishments = union(listed, exports, tables, ctx, &mut faults);
    let rekeys = rekeys::read(&inputs.rekeys, ctx, &mut faults.list);
    let stored = ctx
        .accounts
        .iter()
        .enumerate()
        .filter_map(|(n, a)| Some((top(a.person?), n as u32)))
        .collect();
    let stored = Index::new(stored);
    let bench = row::Bench {
        ctx,
        establishments: &establishments,
        authorities: &authorities,
        rekeys: &rekeys,
        accounts: &stored,
    };
    let mut rolls = rolls::judge(&bench, tables);
    faults.list.append(&mut rolls.faults);
    rolls.aliases.extend(rekeys.aliases);
    settle_aliases(&mut rolls.aliases);
    let accounts = Accounts::new(ctx.accounts, &establishments, &rolls.aliases);
    let (index, collapsed) = compare_rows(
        &mut rolls,
        &establishments,
        tables,
        &accounts,
        ctx,
        &mut faults,
    );
    let mut tallies = tallies(&rolls, establishments.len());
    let people = People::new(&rolls.enrolments, &index, &rolls.held);
    holds::count_accounts(&mut tallies, &accounts, &people);
    let bad = bad_establishments(&rolls, &establishments, &tallies, tables, unreadable);
    holds::place(&mut establishments, &tallies, &bad, ctx, &mut faults);
    faults.sort();
    rolls.held.sort_unstable();
    let files = roll_files(inputs.learners, inputs.staff);
    Roll {
        establishments,
        authorities,
        files,
        enrolments: rolls.enrolments,
        held_people: rolls.held,
        untold: rolls.untold.into_keys().collect(),
        aliases: rolls.aliases,
        faults,
        rows_long_gone: rolls.long_gone,
        rows_read: rolls.read,
        rows_rejected: rolls.rejected,
        rows_collapsed: collapsed,
        input_files: inputs.input_files,
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
            "run for that day or a later one",
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
            "let the exports run, or correct the date",
        ));
    }
}

/// Listed establishments, and the codes that exports or accounts name besides, sorted by code. Codes that only a roll
/// row names are not among them, because anything may stand in that cell; for the people of such rows there is one
/// entry without a code.
fn union(
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
                "give the old establishment a closed_on",
            );
            faults.push(
                fault
                    .in_file("establishments", "")
                    .in_column("replaces")
                    .of_establishment(&establishment.code),
            );
            establishment.replaces = None;
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
                "list the establishment, or correct the code",
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
    let mut codes: Vec<&str> = ctx.accounts.iter().map(|a| a.establishment).collect();
    codes.sort_unstable();
    codes.dedup();
    let more: Vec<&str> = codes
        .into_iter()
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

/// Sorted, without what says nothing, and without an old hash that would lead to two people.
fn settle_aliases(aliases: &mut Vec<(Kind, u8, u128, crate::model::PersonKey)>) {
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

/// Compares rows with each other: repeats collapse, contradictions and logins of others are rejected.
/// Gives the index over the rows that stay, and how many repeats went.
fn compare_rows(
    rolls: &mut Rolls,
    establishments: &[Establishment],
    tables: [&Table; 2],
    accounts: &Accounts<'_>,
    ctx: &GateContext<'_>,
    faults: &mut Faults,
) -> (Index, u64) {
    let index = index_of(rolls);
    let fates = overlap::judge(&rolls.enrolments, &index, tables);
    let collapsed = fates
        .iter()
        .filter(|(_, fate)| *fate == Fate::Repeated)
        .count() as u64;
    let mut gone: Vec<(u32, Why)> = fates
        .into_iter()
        .map(|(place, fate)| (place, Why::Fate(fate)))
        .collect();
    let index = drop_rows(rolls, &mut gone, tables, faults).unwrap_or(index);
    let mut gone: Vec<(u32, Why)> = {
        let people = People::new(&rolls.enrolments, &index, &[]);
        taken_logins(rolls, establishments, tables, accounts, &people, ctx)
            .into_iter()
            .map(|place| (place, Why::Login))
            .collect()
    };
    let index = drop_rows(rolls, &mut gone, tables, faults).unwrap_or(index);
    (index, collapsed)
}

/// Why a row goes after it was accepted by itself.
#[derive(Clone, Copy)]
enum Why {
    Fate(Fate),
    Login,
}

fn index_of(rolls: &Rolls) -> Index {
    Index::new(
        rolls
            .enrolments
            .iter()
            .enumerate()
            .map(|(n, row)| (top(row.person.0), n as u32))
            .collect(),
    )
}

fn taken_logins(
    rolls: &Rolls,
    establishments: &[Establishment],
    tables: [&Table; 2],
    accounts: &Accounts<'_>,
    people: &People<'_>,
    ctx: &GateContext<'_>,
) -> Vec<u32> {
    let uses = |kind: Kind| {
        ctx.params
            .complete
            .of(kind)
            .iter()
            .any(|column| column == "login")
    };
    let asked = [uses(Kind::Learner), uses(Kind::Staff)];
    if asked == [false, false] {
        return Vec::new();
    }
    let numbered = rolls::numbered(tables);
    let login_of = move |row: &crate::model::Enrolment| {
        let (_, table, first) = numbered[row.kind as usize];
        match table
            .spec
            .place("login")
            .filter(|_| asked[row.kind as usize])
        {
            Some(place) => {
                table.files[row.at.file as usize - first].cell(row.at.record as usize, place)
            }
            None => "",
        }
    };
    let (rows, release_days) = (rolls.enrolments.as_slice(), ctx.params.absence.release_days);
    login::Logins {
        as_of: ctx.as_of,
        establishments,
        rows,
        login_of: &login_of,
        people,
        accounts,
        release_days,
    }
    .taken()
}

/// Takes rows out, rejects those that are to be rejected, and gives a new index if any went.
fn drop_rows(
    rolls: &mut Rolls,
    gone: &mut [(u32, Why)],
    tables: [&Table; 2],
    faults: &mut Faults,
) -> Option<Index> {
    if gone.is_empty() {
        return None;
    }
    gone.sort_unstable_by_key(|(place, _)| *place);
    let mut told: BTreeMap<u16, CappedFaults> = BTreeMap::new();
    for (place, why) in gone.iter() {
        let row = rolls.enrolments[*place as usize];
        let (severity, code, column, message, fix) = said(*why);
        let (_, table, first) = rolls::numbered(tables)[row.kind as usize];
        let file = &table.files[row.at.file as usize - first];
        told.entry(row.at.file)
            .or_default()
            .push(code, severity, || {
                let mut fault = Fault::new(severity, code, message, fix)
                    .in_file(table.spec.name, &file.label)
                    .at_row(file.rows.line(row.at.record as usize))
                    .in_column(column)
                    .of_establishment(file.cell(row.at.record as usize, 0));
                fault.kind = Some(row.kind);
                fault
            });
        if severity == Severity::Reject {
            rolls.held.push(row::held(&row));
            rolls.rejected += 1;
        }
    }
    for (number, told) in told {
        let (table, n) = match (number as usize).checked_sub(tables[0].files.len()) {
            Some(n) => (tables[1], n),
            None => (tables[0], number as usize),
        };
        faults
            .list
            .extend(told.finish(table.spec.name, &table.files[n].label));
    }
    let mut next = gone.iter().map(|(place, _)| *place).peekable();
    let mut place = 0;
    rolls.enrolments.retain(|_| {
        let goes = next.next_if_eq(&place).is_some();
        place += 1;
        !goes
    });
    Some(index_of(rolls))
}

fn said(
    why: Why,
) -> (
    Severity,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
) {
    match why {
        Why::Fate(Fate::Overlapping) => (
            Severity::Reject,
            "overlapping_rows",
            "",
            "another row of the same person at this establishment covers the same days and says something else",
            "keep the right one, or give the earlier enrolment its leaving date",
        ),
        Why::Fate(_) => (
            Severity::Warn,
            "repeated_row",
            "",
            "the same row stands here more than once",
            "remove the repetition",
        ),
        Why::Login => (
            Severity::Reject,
            "login_in_use",
            "login",
            "somebody else of the authority already uses this login",
            "give each person a login of their own",
        ),
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
fn roll_files(learners: Table, staff: Table) -> Vec<RollFile> {
    [learners, staff]
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
