//! Dates of groups: readable, in order, and never two years of one class that follow the MIS at once.

use super::windows::is_month_day;
use crate::calendar::{AcademicYear, parse_date};
use crate::policy::params::{GroupYear, Groups};

/// Every fault of the section, in the order of the file.
pub(super) fn groups(groups: &Groups) -> Vec<String> {
    let mut faults = Vec::new();
    for (day, name) in [
        (&groups.opens_on, "opens_on"),
        (&groups.freeze_on, "freeze_on"),
        (&groups.ends_on, "ends_on"),
    ] {
        if !is_month_day(day) {
            faults.push(format!("{name} must be a day of every year, MM-DD"));
        }
    }
    let mut years = Vec::new();
    for own in &groups.year {
        faults.extend(unreadable_dates(own));
        match AcademicYear::parse(&own.academic_year) {
            Some(year) if years.contains(&year) => {
                faults.push(format!("year {year} stands twice"));
            }
            Some(year) => years.push(year),
            None => faults.push(
                "year.academic_year must be two years that follow each other, such as 2025/2026"
                    .to_owned(),
            ),
        }
    }
    if faults.is_empty() {
        // An ordinary year far from any other stands for all that have no dates of their own.
        let ordinary = AcademicYear::parse("1950/1951").into_iter();
        let mut asked: Vec<AcademicYear> = ordinary
            .chain(years.iter().flat_map(|y| [*y, y.next()]))
            .collect();
        asked.sort();
        asked.dedup();
        faults.extend(
            asked
                .into_iter()
                .flat_map(|year| out_of_order(groups, year)),
        );
    }
    let told = |fault| format!("policy.toml: groups: {fault}");
    faults.into_iter().map(told).collect()
}

fn unreadable_dates(own: &GroupYear) -> Vec<String> {
    [
        (&own.opens_on, "opens_on"),
        (&own.freeze_on, "freeze_on"),
        (&own.ends_on, "ends_on"),
    ]
    .into_iter()
    .filter(|(date, _)| date.as_ref().is_some_and(|text| parse_date(text).is_none()))
    .map(|(_, name)| format!("year.{name} must be a date, YYYY-MM-DD"))
    .collect()
}

/// What is wrong with the order of a year's dates, and with those of the year before it.
fn out_of_order(groups: &Groups, year: AcademicYear) -> Vec<String> {
    let before = AcademicYear::containing(year.last_day() - chrono::Days::new(366));
    let (Some(dates), Some(earlier)) = (groups.dates(year), groups.dates(before)) else {
        return vec![format!("the dates of {year} cannot be told")];
    };
    let mut faults = Vec::new();
    if !(dates.opens < dates.freezes && dates.freezes <= dates.ends) {
        faults.push(format!(
            "in {year} opens_on must come before freeze_on, and freeze_on not after ends_on"
        ));
    }
    let span = (year.last_day() - dates.opens).num_days();
    if !(0..=365 + 244).contains(&span) || (dates.ends - year.last_day()).num_days().abs() > 122 {
        faults.push(format!("the dates of {year} lie outside of it"));
    }
    if dates.opens < earlier.freezes || dates.ends <= earlier.ends {
        faults.push(format!(
            "groups of {year} must not open before those of {before} are frozen"
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says what is wrong with a section, given as day rules and dates of 2025/2026.
    fn faults(days: [&str; 3], own: [&str; 3]) -> String {
        let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        let year = GroupYear {
            academic_year: "2025/2026".to_owned(),
            opens_on: text(own[0]),
            freeze_on: text(own[1]),
            ends_on: text(own[2]),
        };
        let section = Groups {
            enabled: true,
            opens_on: days[0].to_owned(),
            freeze_on: days[1].to_owned(),
            ends_on: days[2].to_owned(),
            year: vec![year],
        };
        groups(&section).join("\n")
    }

    const DAYS: [&str; 3] = ["08-15", "06-06", "08-31"];

    #[test]
    fn the_shipped_days_and_a_moved_one_are_in_order() {
        assert_eq!(faults(DAYS, ["", "", ""]), "");
        assert_eq!(faults(DAYS, ["2025-08-18", "2026-06-02", ""]), "");
    }

    #[test]
    fn dates_that_cannot_be_read_or_stand_in_the_wrong_order_are_told() {
        for (days, own, part) in [
            (
                ["15-08", "06-06", "08-31"],
                ["", "", ""],
                "opens_on must be a day",
            ),
            (
                ["08-15", "06-06", "02-29"],
                ["", "", ""],
                "ends_on must be a day",
            ),
            (DAYS, ["2025-8-18", "", ""], "year.opens_on must be a date"),
            (DAYS, ["", "2025-08-15", ""], "must come before freeze_on"),
            (DAYS, ["", "2026-09-01", ""], "freeze_on not after ends_on"),
            (
                DAYS,
                ["", "2026-08-16", ""],
                "of 2026/2027 must not open before",
            ),
            (DAYS, ["2024-01-01", "", ""], "lie outside of it"),
        ] {
            let found = faults(days, own);
            assert!(found.contains(part), "{days:?} {own:?}: {found}");
        }
    }
}
