//! The small tables: authorities, establishments, exports. A row that cannot be read costs its establishment a hold.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Timelike;
use chrono_tz::Europe::London;

use super::cells::{self, CellFault};
use crate::intake::Table;
use crate::model::{
    Authority, AuthorityId, Date, Establishment, ExportRecord, ExportStatus, Fault, Severity,
};
use crate::table::TableRead;

/// A row of a small table while its cells are read.
struct Row<'a> {
    table: &'a Table,
    file: &'a TableRead,
    record: usize,
    code: String,
    faults: &'a mut Vec<Fault>,
    is_good: bool,
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.table
            .spec
            .place(column)
            .map_or("", |place| self.file.cell(self.record, place))
    }

    fn fault(&mut self, column: &str, fault: CellFault) {
        self.is_good = false;
        let fault = Fault::new(Severity::Reject, fault.code, fault.message, fault.fix)
            .in_file(self.table.spec.name, &self.file.label)
            .at_row(self.file.rows.line(self.record))
            .in_column(column)
            .of_establishment(&self.code);
        self.faults.push(fault);
    }

    fn take<T>(
        &mut self,
        column: &str,
        parse: impl Fn(&str) -> Result<Option<T>, CellFault>,
    ) -> Option<T> {
        match parse(self.text(column)) {
            Ok(value) => value,
            Err(fault) => {
                self.fault(column, fault);
                None
            }
        }
    }
}

/// Reads every row of a table whose key is a code: rows by code, and the codes with a row that cannot be used.
fn by_code<T: PartialEq>(
    table: &Table,
    key: &str,
    faults: &mut Vec<Fault>,
    mut make: impl FnMut(&mut Row<'_>) -> T,
) -> (BTreeMap<String, T>, BTreeSet<String>) {
    let (mut rows, mut bad) = (BTreeMap::new(), BTreeSet::new());
    for file in table.usable() {
        bad.extend(
            file.lost
                .iter()
                .filter_map(|lost| lost.establishment.clone()),
        );
        for record in 0..file.rows.len() {
            let is_good = file.damaged.binary_search(&(record as u32)).is_err();
            let mut row = Row {
                table,
                file,
                record,
                code: String::new(),
                faults,
                is_good,
            };
            let Some(code) = row.take(key, |text| {
                cells::code(text).map(|code| Some(code.to_owned()))
            }) else {
                continue;
            };
            if key == "establishment" {
                row.code.clone_from(&code);
            }
            let value = make(&mut row);
            let is_good = row.is_good;
            let again = rows.get(&code).map(|earlier| *earlier == value);
            if let Some(same) = again {
                let fault = repeated(table, file, record, &code, same);
                faults.push(fault);
            }
            if !is_good || again == Some(false) {
                bad.insert(code.clone());
            }
            rows.entry(code).or_insert(value);
        }
    }
    (rows, bad)
}

fn repeated(table: &Table, file: &TableRead, record: usize, code: &str, same: bool) -> Fault {
    let code = if table.spec.name == "authorities" {
        ""
    } else {
        code
    };
    let fault = match same {
        true => Fault::new(
            Severity::Warn,
            "repeated_row",
            "the row stands here more than once",
            "Remove the repetition.",
        ),
        false => Fault::new(
            Severity::Reject,
            "conflicting_rows",
            "another row for the same code says something else",
            "Keep one of them.",
        ),
    };
    fault
        .in_file(table.spec.name, &file.label)
        .at_row(file.rows.line(record))
        .of_establishment(code)
}

/// Authorities sorted by code. One with a row that cannot be used is left out, which holds its establishments.
pub(super) fn authorities(table: &Table, faults: &mut Vec<Fault>) -> Vec<Authority> {
    let (rows, bad) = by_code(table, "authority", faults, |row| {
        let data_sharing = row.take("data_sharing", cells::flag);
        let prefix = Some(row.text("login_prefix").to_owned()).filter(|text| !text.is_empty());
        (row.text("name").to_owned(), data_sharing, prefix)
    });
    rows.into_iter()
        .filter(|(code, _)| !bad.contains(code))
        .map(|(code, (name, data_sharing, login_prefix))| Authority {
            code,
            name,
            data_sharing,
            login_prefix,
        })
        .collect()
}

/// Listed establishments by code, and the codes of those with a row that cannot be used.
pub(super) fn establishments(
    table: &Table,
    authorities: &[Authority],
    faults: &mut Vec<Fault>,
) -> (BTreeMap<String, Establishment>, BTreeSet<String>) {
    let (rows, mut bad) = by_code(table, "establishment", faults, |row| {
        let authority = authority_of(row, authorities);
        let maintained = row.take("maintained", cells::flag);
        let data_sharing = row.take("data_sharing", cells::flag);
        let closed_on = row.take("closed_on", cells::date);
        let replaces = row.take("replaces", |text| match text {
            "" => Ok(None),
            text => cells::code(text).map(|code| Some(code.to_owned())),
        });
        let (name, phase) = (row.text("name").to_owned(), row.text("phase").to_owned());
        (
            authority,
            maintained,
            data_sharing,
            closed_on,
            replaces,
            name,
            phase,
        )
    });
    let mut list: BTreeMap<String, Establishment> = rows
        .into_iter()
        .map(
            |(code, (authority, maintained, data_sharing, closed_on, replaces, name, phase))| {
                let maintained = maintained.unwrap_or(false);
                let listed = Establishment {
                    name,
                    authority,
                    phase,
                    maintained,
                    data_sharing,
                    closed_on,
                    replaces,
                    ..unlisted(&code)
                };
                (
                    code,
                    Establishment {
                        listed: true,
                        ..listed
                    },
                )
            },
        )
        .collect();
    settle_replaced(&mut list, &mut bad, faults);
    (list, bad)
}

/// An establishment that only the directory, the exports or the roll name.
pub(super) fn unlisted(code: &str) -> Establishment {
    Establishment {
        code: code.to_owned(),
        name: String::new(),
        authority: None,
        phase: String::new(),
        maintained: false,
        data_sharing: None,
        closed_on: None,
        replaces: None,
        followed: false,
        listed: false,
        export: None,
        hold: None,
        counts: false,
    }
}

fn authority_of(row: &mut Row<'_>, authorities: &[Authority]) -> Option<AuthorityId> {
    let code = row.take("authority", |text| {
        cells::code(text).map(|code| Some(code.to_owned()))
    })?;
    match authorities.binary_search_by(|a| a.code.as_str().cmp(&code)) {
        Ok(at) => Some(AuthorityId(at as u32)),
        Err(_) => {
            let message = "the authority has no usable row in the authorities table".to_owned();
            row.fault(
                "authority",
                CellFault {
                    code: "authority_unknown",
                    message,
                    fix: "List the authority, or correct the code.",
                },
            );
            None
        }
    }
}

/// Two establishments cannot both follow one, and none can follow itself, not by way of others either.
fn settle_replaced(
    list: &mut BTreeMap<String, Establishment>,
    bad: &mut BTreeSet<String>,
    faults: &mut Vec<Fault>,
) {
    let mut followers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for establishment in list.values() {
        if let Some(old) = &establishment.replaces {
            followers
                .entry(old.clone())
                .or_default()
                .push(establishment.code.clone());
        }
    }
    let rings: BTreeSet<String> = list
        .keys()
        .filter(|code| follows_itself(list, code))
        .cloned()
        .collect();
    for (_, followers) in followers {
        if followers.len() == 1 && !rings.contains(&followers[0]) {
            continue;
        }
        for code in followers {
            let message = "the code it replaces is its own, follows it in turn, or is replaced by another establishment too";
            let fault = Fault::new(
                Severity::Reject,
                "conflicting_replaces",
                message,
                "Let one establishment follow; move the others' people by rekeys.csv.",
            );
            faults.push(
                fault
                    .in_file("establishments", "")
                    .in_column("replaces")
                    .of_establishment(&code),
            );
            if let Some(establishment) = list.get_mut(&code) {
                establishment.replaces = None;
            }
            bad.insert(code);
        }
    }
}

/// Whether the codes that an establishment had before lead back to its own.
fn follows_itself(list: &BTreeMap<String, Establishment>, code: &str) -> bool {
    let before = |code: &str| list.get(code)?.replaces.as_deref();
    let codes = std::iter::successors(before(code), |old| before(old));
    codes.take(list.len()).any(|old| old == code)
}

/// What each export says of itself, by establishment. Rows that cannot be used count as none.
pub(super) fn exports(table: &Table, faults: &mut Vec<Fault>) -> BTreeMap<String, ExportRecord> {
    let (rows, bad) = by_code(table, "establishment", faults, |row| {
        let at = row.take("exported_at", exported_at);
        if at.is_none() && row.text("exported_at").is_empty() {
            row.fault("exported_at", blank("a date or a time stamp"));
        }
        let status = row.take("status", status);
        let (learners, staff) = (
            row.take("learners", cells::count),
            row.take("staff", cells::count),
        );
        (at, status, learners, staff)
    });
    rows.into_iter()
        .filter(|(code, _)| !bad.contains(code))
        .filter_map(|(code, (at, status, learners, staff))| {
            let (exported_on, minute) = at?;
            Some((
                code,
                ExportRecord {
                    exported_on,
                    minute,
                    status: status?,
                    learners,
                    staff,
                },
            ))
        })
        .collect()
}

fn blank(expected: &str) -> CellFault {
    CellFault {
        code: "blank",
        message: format!("expected {expected}; found nothing"),
        fix: "Fill the column.",
    }
}

fn status(text: &str) -> Result<Option<ExportStatus>, CellFault> {
    match text {
        "complete" => Ok(Some(ExportStatus::Complete)),
        "partial" => Ok(Some(ExportStatus::Partial)),
        "failed" => Ok(Some(ExportStatus::Failed)),
        _ => Err(cells::not_a_word("`complete`, `partial` or `failed`", text)),
    }
}

/// The UK date and minute of an extraction: a date, or an RFC 3339 time stamp.
fn exported_at(text: &str) -> Result<Option<(Date, u16)>, CellFault> {
    match cells::date(text) {
        Ok(date) => Ok(date.map(|date| (date, 0))),
        Err(fault) => match chrono::DateTime::parse_from_rfc3339(text) {
            Ok(stamp) => {
                let there = stamp.with_timezone(&London);
                Ok(Some((
                    there.date_naive(),
                    (there.hour() * 60 + there.minute()) as u16,
                )))
            }
            Err(_) => Err(fault),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uk_date_of_a_time_stamp_counts() {
        let day = |d| Date::from_ymd_opt(2026, 7, d).unwrap();
        assert_eq!(exported_at("2026-07-01T23:30:00Z"), Ok(Some((day(2), 30))));
        assert_eq!(exported_at("2026-07-01"), Ok(Some((day(1), 0))));
        assert!(exported_at("01/07/2026").is_err());
    }
}
