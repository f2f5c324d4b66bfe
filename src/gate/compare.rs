//! Accepted rows compared with each other: repeats collapse, contradictions and logins of others are rejected.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::context::GateContext;
use super::index::{Index, top};
use super::login;
use super::overlap::{self, Fate};
use super::people::{Accounts, People};
use super::rolls::{self, Rolls};
use super::row;
use crate::intake::Table;
use crate::model::{Enrolment, Establishment, Fault, Faults, Kind, Severity};
use crate::table::CappedFaults;

/// Compares rows with each other: repeats collapse, contradictions and logins of others are rejected.
/// Gives the index over the rows that stay, and how many repeats went.
pub(super) fn compare_rows(
    rolls: &mut Rolls,
    establishments: &[Establishment],
    tables: [&Table; 2],
    accounts: &Accounts<'_>,
    ctx: &GateContext<'_>,
    faults: &mut Faults,
) -> (Index<'static>, u64) {
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
    let index = drop_rows(rolls, index, &mut gone, tables, faults);
    let mut gone: Vec<(u32, Why)> = {
        let people = People::new(&rolls.enrolments, &index, &[], None);
        taken_logins(rolls, establishments, tables, accounts, &people, ctx)
            .into_iter()
            .map(|place| (place, Why::Login))
            .collect()
    };
    let index = drop_rows(rolls, index, &mut gone, tables, faults);
    (index, collapsed)
}

/// Why a row goes after it was accepted by itself.
#[derive(Clone, Copy)]
enum Why {
    Fate(Fate),
    Login,
}

fn index_of(rolls: &Rolls) -> Index<'static> {
    let rows = rolls.enrolments.par_iter().enumerate();
    Index::new(rows.map(|(n, row)| (top(row.person.0), n as u32)))
}

fn taken_logins(
    rolls: &Rolls,
    establishments: &[Establishment],
    tables: [&Table; 2],
    accounts: &Accounts<'_>,
    people: &People<'_>,
    ctx: &GateContext<'_>,
) -> Vec<u32> {
    let asked = [Kind::Learner, Kind::Staff].map(|kind| ctx.params.complete.asks_login(kind));
    // A part does not see who else uses a login: it leaves the question to who sees them all.
    let is_part = ctx.share.is_some_and(|share| !share.checks_all());
    if asked == [false, false] || is_part {
        return Vec::new();
    }
    let numbered = rolls::numbered(tables);
    let login_of = move |row: &Enrolment| {
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

/// Takes rows out and rejects those that are to be rejected; gives the index over those that stay.
fn drop_rows(
    rolls: &mut Rolls,
    index: Index<'static>,
    gone: &mut [(u32, Why)],
    tables: [&Table; 2],
    faults: &mut Faults,
) -> Index<'static> {
    if gone.is_empty() {
        return index;
    }
    gone.sort_unstable_by_key(|(place, _)| *place);
    let mut told: BTreeMap<u16, CappedFaults> = BTreeMap::new();
    for (place, why) in gone.iter() {
        let row = rolls.enrolments[*place as usize];
        rolls.told.push(row.person);
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
    let gone: Vec<u32> = gone.iter().map(|(place, _)| *place).collect();
    let mut next = gone.iter().copied().peekable();
    let mut place = 0;
    rolls.enrolments.retain(|_| {
        let goes = next.next_if_eq(&place).is_some();
        place += 1;
        !goes
    });
    index.without(&gone)
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
            "Keep the right one, or give the earlier enrolment its leaving date.",
        ),
        Why::Fate(_) => (
            Severity::Warn,
            "repeated_row",
            "",
            "the same row stands here more than once",
            "Remove the repetition.",
        ),
        Why::Login => (
            Severity::Reject,
            "login_in_use",
            "login",
            "somebody else of the authority already uses this login",
            "Give each person a login of their own.",
        ),
    }
}
