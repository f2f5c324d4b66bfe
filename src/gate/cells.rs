//! Single cells: what they mean, or the shape that was found instead. No text of a cell leaves this file.

use crate::model::Date;

/// What is wrong with a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CellFault {
    pub code: &'static str,
    pub message: String,
    pub fix: &'static str,
}

impl CellFault {
    fn new(code: &'static str, expected: &str, text: &str, fix: &'static str) -> Self {
        CellFault {
            code,
            message: format!("expected {expected}; found {}", shape(text)),
            fix,
        }
    }
}

/// Says what kind of text a cell holds, without the text.
pub(crate) fn shape(text: &str) -> String {
    let length = text.chars().count();
    let characters = if length == 1 {
        "1 character".to_owned()
    } else {
        format!("{length} characters")
    };
    let is = |class: fn(char) -> bool| text.chars().any(class);
    let (digits, letters) = (is(|c| c.is_ascii_digit()), is(char::is_alphabetic));
    let others = is(|c| !c.is_ascii_digit() && !c.is_alphabetic());
    let kinds = match (digits, letters, others) {
        (false, false, false) => return "nothing".to_owned(),
        (true, false, false) => "digits only",
        (false, true, false) => "letters only",
        (false, false, true) => "signs only",
        (true, true, false) => "digits and letters",
        (true, false, true) => "digits and signs",
        (false, true, true) => "letters and signs",
        (true, true, true) => "digits, letters and signs",
    };
    format!("{characters}, {kinds}")
}

/// A date `YYYY-MM-DD` between 1900 and 2200; blank is none.
pub(crate) fn date(text: &str) -> Result<Option<Date>, CellFault> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Ok(None);
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0u32, |n, b| {
            b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
        })
    };
    if bytes.len() == 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10))
    {
        return match Date::from_ymd_opt(year as i32, month, day) {
            Some(date) if (1900..=2200).contains(&year) => Ok(Some(date)),
            Some(_) => Err(implausible("the year is not between 1900 and 2200")),
            None => Err(implausible("there is no such day in the calendar")),
        };
    }
    Err(CellFault::new(
        "bad_date",
        "a date as YYYY-MM-DD",
        text,
        "Export dates as YYYY-MM-DD.",
    ))
}

fn implausible(message: &str) -> CellFault {
    CellFault {
        code: "impossible_date",
        message: message.to_owned(),
        fix: "Correct the date in the MIS.",
    }
}

/// A flag; blank is none.
pub(crate) fn flag(text: &str) -> Result<Option<bool>, CellFault> {
    let is_any = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match text {
        "" => Ok(None),
        _ if is_any(["Y", "Yes", "True", "1"]) => Ok(Some(true)),
        _ if is_any(["N", "No", "False", "0"]) => Ok(Some(false)),
        _ => Err(CellFault::new(
            "bad_flag",
            "Y or N (also Yes/No, True/False, 1/0)",
            text,
            "Write Y or N, or leave it blank.",
        )),
    }
}

/// Whether a text has the form of a code.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A code (establishment, authority).
pub(crate) fn code(text: &str) -> Result<&str, CellFault> {
    match is_code(text) {
        true => Ok(text),
        false => Err(CellFault::new(
            "bad_code",
            "1 to 32 letters, digits, `-` or `_`",
            text,
            "Enter the national code.",
        )),
    }
}

/// A share of the week in ten-thousandths: a decimal up to 1, or above that a percentage up to 100; blank is none.
pub(super) fn time_share(text: &str) -> Result<Option<u16>, CellFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let bad = || {
        CellFault::new(
            "bad_time_share",
            "a share from 0 to 1 or a percentage up to 100",
            text,
            "Write it as 0.5 or 50.",
        )
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 3
        || part.len() > 12
        || !is_number(whole)
        || !is_number(part)
    {
        return Err(bad());
    }
    let whole: u64 = whole.parse().map_err(|_| bad())?;
    let digits = format!("{part:0<12}");
    let parts: u64 = digits.parse().map_err(|_| bad())?;
    let trillionths = whole * 1_000_000_000_000 + parts;
    let one = 1_000_000_000_000;
    match trillionths {
        n if n <= one => Ok(Some((n / (one / 10_000)) as u16)),
        n if n <= 100 * one => Ok(Some((n / (one / 100)) as u16)),
        _ => Err(bad()),
    }
}

/// A count of rows; blank is none.
pub(super) fn count(text: &str) -> Result<Option<u64>, CellFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_number = text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(n) if is_number => Ok(Some(n)),
        _ => Err(CellFault::new(
            "bad_count",
            "a whole number",
            text,
            "Give the number of rows, or leave it blank.",
        )),
    }
}

/// A word of a closed set was expected.
pub(crate) fn not_a_word(words: &str, text: &str) -> CellFault {
    CellFault::new(
        "bad_value",
        words,
        text,
        "Map the source's values to these words.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_strict_and_plausible() {
        assert_eq!(date("2026-02-28"), Ok(Date::from_ymd_opt(2026, 2, 28)));
        assert_eq!(date(""), Ok(None));
        for (text, code) in [
            ("28/02/2026", "bad_date"),
            ("2026-2-28", "bad_date"),
            ("20260228", "bad_date"),
            ("2026-02-28T00:00", "bad_date"),
            ("+026-02-28", "bad_date"),
            ("2026-02-30", "impossible_date"),
            ("0206-02-28", "impossible_date"),
        ] {
            assert_eq!(date(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn shares_are_decimals_or_percentages() {
        for (text, share) in [
            ("0", 0),
            ("0.5", 5_000),
            ("1", 10_000),
            ("1.0", 10_000),
            ("50", 5_000),
            ("33.333", 3_333),
            ("100", 10_000),
        ] {
            assert_eq!(time_share(text), Ok(Some(share)), "{text}");
        }
        for text in ["100.1", "-1", "half", ".5", "1,5", "1e1"] {
            assert!(time_share(text).is_err(), "{text}");
        }
    }

    #[test]
    fn flags_and_codes_know_their_forms() {
        assert_eq!(
            (flag("yes"), flag("0"), flag("")),
            (Ok(Some(true)), Ok(Some(false)), Ok(None))
        );
        assert!(
            flag("maybe").is_err()
                && code("66 01").is_err()
                && code("").is_err()
                && code(&"1".repeat(33)).is_err()
        );
    }

    #[test]
    fn a_shape_says_nothing_of_the_text() {
        assert_eq!(shape("Q66-1"), "5 characters, digits, letters and signs");
        assert_eq!(shape(""), "nothing");
    }
}
