//! `offices/<establishment>.csv`: what one school office can mend, and nothing of any other school.

use std::collections::BTreeMap;

use super::sheet::{Line, sheet};
use crate::model::Fault;
use crate::plan::{Notice, OfficeLine, notice_text};

const HEADER: &[&str] = &[
    "code",
    "table",
    "row",
    "column",
    "admission_number",
    "year_group",
    "registration_class",
    "name",
    "since",
    "message",
    "fix",
];

/// Notices about a claim between two schools: the office gets their fixed text, whatever the notice says,
/// so that no wording elsewhere can tell it the other school.
const BETWEEN_SCHOOLS: &[&str] = &[
    "waiting_release",
    "transfer_pending",
    "transfer_deferred",
    "transfer_declined",
    "consent_changed_on_move",
    "absent",
    "purge_waits",
    "two_accounts",
    "service_desk_required",
    "login_in_use",
];

/// A line of an office's list.
enum Item<'a> {
    Fault(&'a Fault),
    Notice(&'a Notice),
}

/// The bytes of every office's list by establishment code, faults first; `names` says whether people's names stand in it.
///
/// An establishment whose code could not be a file name gets none.
pub fn offices(faults: &[Fault], notices: &[Notice], names: bool) -> BTreeMap<String, Vec<u8>> {
    let mut items: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    for fault in faults.iter().filter(|fault| is_code(&fault.establishment)) {
        items
            .entry(&fault.establishment)
            .or_default()
            .push(Item::Fault(fault));
    }
    for notice in notices
        .iter()
        .filter(|notice| is_code(&notice.establishment))
    {
        items
            .entry(&notice.establishment)
            .or_default()
            .push(Item::Notice(notice));
    }
    items
        .into_iter()
        .map(|(code, items)| {
            (
                code.to_owned(),
                sheet(HEADER, &items, |item, line| row(item, names, line)),
            )
        })
        .collect()
}

/// Whether a text is an establishment code (SPEC §3), which is safe as a file name.
fn is_code(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn row(item: &Item, names: bool, line: &mut Line) {
    match item {
        Item::Fault(fault) => {
            line.raw(fault.code);
            place(&fault.table, fault.row, &fault.column, line);
            person(&OfficeLine::default(), names, line);
            line.raw("");
            line.cell(&fault.message);
            line.cell(&fault.fix);
        }
        Item::Notice(notice) => {
            line.cell(&notice.code);
            place(&notice.table, notice.row, "", line);
            person(&notice.office, names, line);
            line.date(notice.since);
            let (message, fix) = words(notice);
            line.cell(message);
            line.cell(fix);
        }
    }
}

fn words(notice: &Notice) -> (&str, &str) {
    if BETWEEN_SCHOOLS.contains(&notice.code.as_str()) {
        let text = notice_text::text(&notice.code);
        (text.message, text.fix)
    } else {
        (&notice.message, &notice.fix)
    }
}

fn place(table: &str, row: u64, column: &str, line: &mut Line) {
    line.cell(table);
    line.row_number(row);
    line.cell(column);
}

fn person(office: &OfficeLine, names: bool, line: &mut Line) {
    line.cell(&office.admission_number);
    line.cell(&office.year_group);
    line.cell(&office.registration_class);
    line.cell(if names { &office.name } else { "" });
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fault, hostile_names, notice};
    use super::*;

    fn text(files: &BTreeMap<String, Vec<u8>>, code: &str) -> String {
        String::from_utf8(files[code].clone()).unwrap()
    }

    #[test]
    fn an_office_never_learns_the_other_school_of_a_claim() {
        let mut claimant = notice("waiting_release", "NEW7");
        claimant.message = "the account is still open at OLD4".into();
        claimant.fix = "ask OLD4".into();
        let files = offices(
            &[fault("bad_date", "OLD4", 3)],
            &[claimant, notice("leaver_held", "OLD4")],
            true,
        );
        assert!(!text(&files, "NEW7").contains("OLD4"));
        assert!(!text(&files, "OLD4").contains("NEW7"));
        assert!(text(&files, "NEW7").contains("still open elsewhere"));
        assert!(
            BETWEEN_SCHOOLS
                .iter()
                .all(|code| notice_text::is_known(code))
        );
    }

    #[test]
    fn names_stand_only_where_the_policy_lets_them() {
        let notices = [notice("not_shared", "S1")];
        assert!(
            text(&offices(&[], &notices, true), "S1")
                .contains("not_shared,learners,7,,A17,8,8B,Test Person,2026-11-01,")
        );
        let without = text(&offices(&[], &notices, false), "S1");
        assert!(without.contains("A17,8,8B,,2026-11-01,") && !without.contains("Test Person"));
    }

    #[test]
    fn hostile_names_keep_the_table_whole_and_hostile_codes_get_no_file() {
        for name in hostile_names() {
            let mut hostile = notice("incomplete", "S1");
            hostile.office.name = (*name).into();
            let mut elsewhere = notice("incomplete", "../../etc");
            elsewhere.office.name = (*name).into();
            let files = offices(&[], &[hostile, elsewhere], true);
            assert_eq!(files.keys().collect::<Vec<_>>(), ["S1"]);
            let mut reader = csv::Reader::from_reader(files["S1"].as_slice());
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), 1);
            assert_eq!(records[0].len(), HEADER.len());
            assert!(!records[0][7].starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
    }
}
