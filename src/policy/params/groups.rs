//! When groups of a year open, stop following their classes, and end (S3, SPEC §10).

use serde::Deserialize;

use crate::calendar::{AcademicYear, DayOfYear, parse_date};
use crate::model::Date;

/// Groups made of classes. Days are `MM-DD` of every year; a platform that moves one says so under `year`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Whether groups are kept at all.
    pub enabled: bool,
    /// First day on which groups of an academic year are made, in the calendar year in which that year begins.
    pub opens_on: String,
    /// First day on which they no longer follow their classes: the next such day after they opened.
    pub freeze_on: String,
    /// Last day of their year, in the calendar year in which it ends; they are archived the night after.
    pub ends_on: String,
    /// Academic years with dates of their own.
    #[serde(default)]
    pub year: Vec<GroupYear>,
}

/// Dates of one academic year; what is not given is as in every year.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupYear {
    /// The year, e.g. `2025/2026`.
    pub academic_year: String,
    /// As [`Groups::opens_on`], with the year: `YYYY-MM-DD`.
    pub opens_on: Option<String>,
    /// As [`Groups::freeze_on`].
    pub freeze_on: Option<String>,
    /// As [`Groups::ends_on`].
    pub ends_on: Option<String>,
}

/// The dates of one academic year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupDates {
    /// First day on which its groups are made.
    pub opens: Date,
    /// First day on which they no longer follow their classes.
    pub freezes: Date,
    /// Its last day.
    pub ends: Date,
}

impl Groups {
    /// The dates of a year; `None` only where a date cannot be read, which loading a policy refuses.
    pub fn dates(&self, year: AcademicYear) -> Option<GroupDates> {
        let own = self.year_of(year);
        let date = |text: Option<&String>| text.and_then(|text| parse_date(text));
        let day = |text: &str, of| DayOfYear::parse(text).map(|day| day.in_year(of));
        let opens = date(own.and_then(|y| y.opens_on.as_ref()))
            .or_else(|| day(&self.opens_on, year.begins()))?;
        let freezes = date(own.and_then(|y| y.freeze_on.as_ref())).or_else(|| {
            day(&self.freeze_on, year.begins())
                .filter(|first| *first > opens)
                .or_else(|| day(&self.freeze_on, year.begins() + 1))
        })?;
        let ends = date(own.and_then(|y| y.ends_on.as_ref()))
            .or_else(|| day(&self.ends_on, year.begins() + 1))?;
        Some(GroupDates {
            opens,
            freezes,
            ends,
        })
    }

    fn year_of(&self, year: AcademicYear) -> Option<&GroupYear> {
        self.year
            .iter()
            .find(|own| AcademicYear::parse(&own.academic_year) == Some(year))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(freeze_on: &str) -> Groups {
        Groups {
            enabled: true,
            opens_on: "08-15".to_owned(),
            freeze_on: freeze_on.to_owned(),
            ends_on: "08-31".to_owned(),
            year: vec![GroupYear {
                academic_year: "2026/2027".to_owned(),
                opens_on: Some("2026-08-17".to_owned()),
                freeze_on: None,
                ends_on: None,
            }],
        }
    }

    fn told(groups: &Groups, year: &str) -> String {
        let dates = groups.dates(AcademicYear::parse(year).unwrap()).unwrap();
        format!("{} {} {}", dates.opens, dates.freezes, dates.ends)
    }

    #[test]
    fn a_year_has_the_days_of_every_year_or_its_own() {
        let june = groups("06-06");
        assert_eq!(told(&june, "2025/2026"), "2025-08-15 2026-06-06 2026-08-31");
        assert_eq!(told(&june, "2026/2027"), "2026-08-17 2027-06-06 2027-08-31");
    }

    #[test]
    fn a_freeze_before_the_new_year_lies_in_the_year_that_has_begun() {
        let december = groups("12-01");
        assert_eq!(
            told(&december, "2025/2026"),
            "2025-08-15 2025-12-01 2026-08-31"
        );
    }
}
