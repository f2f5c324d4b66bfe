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

/// The 31 August that ends the academic year (1 September to 31 August) containing a date.
pub fn academic_year_end(date: Date) -> Date {
    let year = date.year() + i32::from(date.month() >= 9);
    Date::from_ymd_opt(year, 8, 31).map_or_else(last_day, |end| end.min(last_day()))
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

    #[test]
    fn an_academic_year_ends_on_the_last_day_of_august() {
        for (date, end) in [
            ("2026-08-31", "2026-08-31"),
            ("2026-09-01", "2027-08-31"),
            ("2027-01-01", "2027-08-31"),
            ("9999-12-31", "9999-12-31"),
        ] {
            assert_eq!(academic_year_end(d(date)), d(end), "{date}");
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
}
