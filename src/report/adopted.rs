//! What an adoption took over: counts for a table and for people, never a name.

use super::escape::code;
use super::markdown::fault_table;
use super::page::{Page, sentence};
use super::tally::{discreet, many};
use crate::adopt::{Adopted, Tally};
use crate::model::{Date, State};
use crate::table::{CsvOut, spec};

/// What the report of an adoption is about.
#[derive(Clone, Debug)]
pub struct AboutAdoption<'a> {
    /// The night.
    pub as_of: Date,
    /// The file, by its name.
    pub file: &'a str,
    /// SHA-256 of its bytes.
    pub sha256: &'a str,
    /// The policy's name.
    pub policy: &'a str,
}

/// `adopted.csv`: accounts by establishment, role, category and state.
pub fn adopted_csv(tally: &Tally) -> Vec<u8> {
    let mut out = CsvOut::new(spec::ADOPTED.columns);
    for ((establishment, role, category, state), accounts) in &tally.accounts {
        let accounts = accounts.to_string();
        out.row([
            establishment.as_str(),
            role.as_str(),
            category.as_str(),
            state.as_str(),
            &accounts,
        ]);
    }
    out.finish()
}

/// What was done, in sentences; those that speak of nothing are left out.
pub fn adopted_lines(adopted: &Adopted) -> Vec<String> {
    let tally = &adopted.tally;
    let of = |state: State| -> u64 {
        let accounts = tally
            .accounts
            .iter()
            .filter(|((_, _, _, s), _)| *s == state);
        accounts.map(|(_, n)| n).sum()
    };
    let inactive = of(State::Inactive);
    let mut lines = vec![format!(
        "Adopted {}: {} active, {} in grace, {inactive} inactive.",
        many(adopted.accounts.len() as u64, "account"),
        of(State::Active),
        of(State::Grace),
    )];
    let told = [
        (
            inactive,
            "Inactive accounts begin their retention with this date, whenever they really ended: nothing is deleted before it has passed.".to_owned(),
        ),
        (
            tally.may_return,
            format!("{} again as soon as the roll lists their people, where the policy gives accounts back.", match tally.may_return { 1 => "1 of them becomes active".to_owned(), n => format!("{n} of them become active") }),
        ),
        (
            tally.opted_out,
            format!("{} people have opted out: their choice is recorded, and stands where the roll says nothing.", discreet(tally.opted_out)),
        ),
        (
            tally.expiry_set + tally.expiry_capped,
            format!(
                "{} without a last day and {} with one too far ahead now end with the academic year.",
                tally.expiry_set, tally.expiry_capped
            ),
        ),
        (
            tally.people_twice,
            format!("{} with more than one usable account: none of these was adopted. Find out which one is used, give the other one the state `inactive`, and adopt again into a new workspace with the same key.", match tally.people_twice { 1 => "1 person".to_owned(), n => format!("{n} people") }),
        ),
        (tally.repeated, format!("{} repeated another.", many(tally.repeated, "row"))),
        (
            tally.left_out,
            format!("{} left out. Their usernames are never issued again; their people get new accounts once the roll lists them.", many(tally.left_out, "row")),
        ),
    ];
    lines.extend(
        told.into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(_, line)| line),
    );
    let passwords = adopted
        .faults
        .iter()
        .filter(|fault| fault.code == "password_column");
    if passwords.count() > 0 {
        lines.push(
            "The file has passwords: they were not read. Delete it when you are done.".to_owned(),
        );
    }
    lines
}

/// `report.md` of an adoption.
pub fn adopted_md(adopted: &Adopted, about: &AboutAdoption<'_>) -> Vec<u8> {
    let mut page = Page::new();
    page.line(format!("# onroll · {} · adopted\n", about.as_of));
    for line in adopted_lines(adopted) {
        page.line(format!("- {line}"));
    }
    page.line(format!(
        "- From {}, SHA-256 {}, under the policy {}.",
        sentence(about.file),
        code(about.sha256),
        code(about.policy)
    ));
    let mut by_role = std::collections::BTreeMap::<_, u64>::new();
    for ((_, role, category, state), n) in &adopted.tally.accounts {
        *by_role.entry((role, category, state)).or_default() += n;
    }
    let rows = by_role.into_iter().map(|((role, category, state), n)| {
        let words = [role.as_str(), category.as_str(), state.as_str()];
        words.map(code).into_iter().chain([n.to_string()]).collect()
    });
    page.table(
        "Accounts",
        &["role", "category", "state", "accounts"],
        rows.collect(),
    );
    let mut counted = std::collections::BTreeMap::new();
    for fault in &adopted.faults {
        *counted.entry((fault.severity, fault.code)).or_default() += 1;
    }
    fault_table(&counted, &mut page);
    page.heading("What to do next");
    page.line("- `faults.csv` lists every fault with its row and column, `adopted.csv` the accounts of each school.");
    page.line(
        "- Put the schools' exports into `mis/` and look at `onroll plan` before the first night.",
    );
    page.finish()
}
