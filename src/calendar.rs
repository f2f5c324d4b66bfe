//! Civil dates: months, days of the year, windows. The one place that knows how a month ends.

use chrono::{Datelike, Days, Months};

use crate::model::Date;

/// A date from `YYYY-MM-DD`, exactly.
pub fn parse_date(text: &str) -> Option<Date> {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u32> {
        b[from..to].iter().try_fold(0u32, |n, c| {
            c.is_ascii_digit().then(|| n * 10 + u32::from(c - b'0'))
        })
    };
    Date::from_ymd_opt(number(0, 4)? as i32, number(5, 7)?, number(8, 10)?)
}

/// The last day that `YYYY-MM-DD` can write: a later one could not be read back.
fn last_day() -> Date {
    Date::from_ymd_opt(9999, 12, 31).unwrap_or(Date::MAX)
}

/// So many days later, at most 9999-12-31.
pub fn plus_days(date: Date, days: u32) -> Date {
    date.checked_add_days(Days::new(u64::from(days)))
        .map_or_else(last_day, |later| later.min(last_day()))
}

/// So many calendar months later, clamped to the end of a shorter month; at most 9999-12-31.
pub fn plus_months(date: Date, months: u32) -> Date {
    date.checked_add_months(Months::new(months))
        .map_or_else(last_day, |later| later.min(last_day()))
}

/// For how long an account is kept (S4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duration {
    /// So many months.
    Months(u32),
    /// To the end of the academic year in which the new period begins.
    AcademicYear,
    /// To the end of the academic year after the one that the last day lies in.
    NextAcademicYear,
}

impl Duration {
    /// From `1_month`, `6_months`, `end_of_academic_year` or `end_of_next_academic_year`.
    pub fn parse(text: &str) -> Option<Duration> {
        match text {
            "end_of_academic_year" => return Some(Duration::AcademicYear),
            "end_of_next_academic_year" => return Some(Duration::NextAcademicYear),
            _ => {}
        }
        let number = text
            .strip_suffix("_months")
            .or_else(|| text.strip_suffix("_month"))?;
        let months = number.parse().ok().filter(|n| (1..=120).contains(n))?;
        Some(Duration::Months(months))
    }

    /// The last day after an extension. It begins on the day after the last one; months end at the latest with the
    /// academic year that this day lies in (SPEC §7).
    pub fn extend(self, expires_on: Date) -> Date {
        let begins = plus_days(expires_on, 1);
        match self {
            Duration::Months(months) => {
                plus_months(expires_on, months).min(academic_year_end(begins))
            }
            Duration::AcademicYear => academic_year_end(begins),
            Duration::NextAcademicYear => {
                academic_year_end(plus_days(academic_year_end(expires_on), 1))
            }
        }
    }
}

/// A day of every year, `MM-DD`. 29 February falls on the 28th where there is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DayOfYear {
    month: u32,
    day: u32,
}

impl DayOfYear {
    /// From `MM-DD`.
    pub fn parse(text: &str) -> Option<DayOfYear> {
        let (month, day) = text.split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        Date::from_ymd_opt(2024, month, day).map(|_| DayOfYear { month, day })
    }

    /// This day in a year.
    pub fn in_year(self, year: i32) -> Date {
        Date::from_ymd_opt(year, self.month, self.day)
            .or_else(|| Date::from_ymd_opt(year, self.month, 28))
            .unwrap_or(Date::MAX)
    }

    /// Whether a date lies from this day to another, both included; the span may pass the new year.
    pub fn spans(self, until: DayOfYear, date: Date) -> bool {
        let day = DayOfYear {
            month: date.month(),
            day: date.day(),
        };
        if self <= until {
            self <= day && day <= until
        } else {
            self <= day || day <= until
        }
    }
}

/// A school year, from 1 September to 31 August, by the calendar year in which it begins.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
pub struct AcademicYear {
    begins: i32,
}

impl AcademicYear {
    /// From a label such as `2025/2026`, exactly; years 1900 to 2200.
    pub fn parse(text: &str) -> Option<AcademicYear> {
        let (first, second) = text.split_once('/')?;
        let year = |text: &str| {
            let is_year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
            is_year.then(|| text.parse::<i32>().ok()).flatten()
        };
        let (begins, ends) = (year(first)?, year(second)?);
        let is_one_year = ends == begins + 1 && (1900..=2200).contains(&begins);
        is_one_year.then_some(AcademicYear { begins })
    }

    /// The one that contains a date.
    pub fn containing(date: Date) -> AcademicYear {
        let begins = if date.month() >= 9 {
            date.year()
        } else {
            date.year() - 1
        };
        AcademicYear { begins }
    }

    /// The calendar year in which it begins.
    pub fn begins(self) -> i32 {
        self.begins
    }

    /// The one after it.
    pub fn next(self) -> AcademicYear {
        AcademicYear {
            begins: self.begins + 1,
        }
    }

    /// Its 31 August.
    pub fn last_day(self) -> Date {
        Date::from_ymd_opt(self.begins + 1, 8, 31).map_or_else(last_day, |end| end.min(last_day()))
    }
}

impl std::fmt::Display for AcademicYear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}/{:04}", self.begins, self.begins + 1)
    }
}

/// The 31 August that ends the academic year a date lies in.
pub fn academic_year_end(date: Date) -> Date {
    AcademicYear::containing(date).last_day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    #[test]
    fn months_clamp_to_the_end_of_a_shorter_month() {
        assert_eq!(plus_months(d("2024-02-29"), 12), d("2025-02-28"));
        assert_eq!(plus_months(d("2025-08-31"), 12), d("2026-08-31"));
        assert_eq!(plus_months(d("2026-08-31"), 6), d("2027-02-28"));
    }

    #[test]
    fn no_sum_passes_the_last_day_that_can_be_written() {
        for days in [1, 3_000_000, u32::MAX] {
            assert_eq!(plus_days(d("9999-12-31"), days), d("9999-12-31"));
        }
        assert_eq!(plus_days(d("2026-06-01"), 3_000_000), d("9999-12-31"));
        assert_eq!(plus_months(d("9999-06-01"), u32::MAX), d("9999-12-31"));
    }

    /// The worked dates of SPEC §7, and the months that a shorter one clamps.
    #[test]
    fn an_extension_begins_the_day_after_and_ends_with_its_academic_year() {
        for (word, from, until) in [
            ("6_months", "2026-06-30", "2026-08-31"),
            ("6_months", "2026-08-31", "2027-02-28"),
            ("end_of_next_academic_year", "2026-06-30", "2027-08-31"),
            ("end_of_next_academic_year", "2026-08-31", "2027-08-31"),
            ("end_of_next_academic_year", "2026-09-01", "2028-08-31"),
            ("end_of_academic_year", "2026-08-31", "2027-08-31"),
            ("1_month", "2026-01-31", "2026-02-28"),
            ("3_months", "2026-05-31", "2026-08-31"),
            ("3_months", "2026-06-01", "2026-08-31"),
        ] {
            let after = Duration::parse(word).unwrap().extend(d(from));
            assert_eq!(after, d(until), "{word} from {from}");
        }
        for word in [
            "",
            "0_months",
            "months",
            "-1_months",
            "next_year",
            "6 months",
        ] {
            assert_eq!(Duration::parse(word), None, "{word}");
        }
    }

    #[test]
    fn only_the_exact_form_is_a_date() {
        for text in [
            "2026-2-01",
            "01/02/2026",
            "2026-02-30",
            "2026-02-01 ",
            "20260201",
            "٢٠٢٦-٠١-٠١",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_window_may_pass_the_new_year() {
        let (from, until) = (
            DayOfYear::parse("12-15").unwrap(),
            DayOfYear::parse("01-06").unwrap(),
        );
        assert!(from.spans(until, d("2026-01-06")) && from.spans(until, d("2026-12-15")));
        assert!(!from.spans(until, d("2026-01-07")) && !from.spans(until, d("2026-12-14")));
    }

    #[test]
    fn an_academic_year_ends_on_31_august() {
        assert_eq!(academic_year_end(d("2026-08-31")), d("2026-08-31"));
        assert_eq!(academic_year_end(d("2026-09-01")), d("2027-08-31"));
        assert_eq!(academic_year_end(d("2026-01-01")), d("2026-08-31"));
        assert_eq!(academic_year_end(d("9999-12-31")), d("9999-12-31"));
        assert_eq!(
            AcademicYear::containing(d("2026-08-31")).to_string(),
            "2025/2026"
        );
    }

    #[test]
    fn only_two_years_that_follow_each_other_name_an_academic_year() {
        let year = AcademicYear::parse("2025/2026").unwrap();
        assert_eq!((year.begins(), year.last_day()), (2025, d("2026-08-31")));
        assert_eq!(year.next().to_string(), "2026/2027");
        for text in [
            "2025",
            "2025/26",
            "2025-2026",
            "2025/2027",
            "2026/2025",
            "0206/0207",
            "+025/2026",
            "",
        ] {
            assert_eq!(AcademicYear::parse(text), None, "{text}");
        }
    }
}
