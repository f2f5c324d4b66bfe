//! Scottish candidate numbers (`reference/domain.md` §2).
//!
//! Nine digits: year of issue (2), six free digits, one check digit. The
//! leading zero of the years before 2010 is the one that spreadsheets eat.

use super::{IdentifierFault, normalise, shape};

const WEIGHTS: [u32; 8] = [3, 2, 7, 6, 5, 4, 3, 2];

/// A number whose form and check digit are right. Its `Debug` text leaves the number out.
#[derive(Clone, PartialEq, Eq)]
pub struct Scn {
    /// Without white space; zeroes kept.
    pub normalised: String,
}

impl std::fmt::Debug for Scn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scn").finish_non_exhaustive()
    }
}

/// Checks a number's form and check digit.
///
/// # Errors
/// `scn_absent` (blank or all noughts), `scn_lost_zero`, `scn_length`, `scn_format`, `scn_never_issued`, `scn_check_digit`.
pub fn check(text: &str) -> Result<Scn, IdentifierFault> {
    let normalised = normalise(text);
    if normalised.bytes().all(|byte| byte == b'0') {
        return Err(IdentifierFault::absent(
            "scn_absent",
            "no SCN is given",
            "Enter the pupil's SCN in the MIS.",
        ));
    }
    let found = shape(&normalised);
    if !normalised.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("an SCN is nine digits; found {found}");
        return Err(IdentifierFault::new(
            "scn_format",
            message,
            "Correct the SCN in the MIS.",
        ));
    }
    if normalised.len() != 9 {
        return Err(wrong_length(&normalised, &found));
    }
    match check_digit(&normalised[..8]) {
        None => Err(IdentifierFault::new(
            "scn_never_issued",
            "numbers whose first eight digits are these are never issued: one of them is mistyped",
            "Compare the SCN with the pupil's record.",
        )),
        Some(digit) if normalised.as_bytes()[8] - b'0' == digit => Ok(Scn { normalised }),
        Some(_) => Err(IdentifierFault::new(
            "scn_check_digit",
            "the last digit does not fit the eight before it: one of the nine is mistyped",
            "Compare the SCN with the pupil's record.",
        )),
    }
}

/// The check digit of the eight digits before it; `None` when they are not eight digits, or no number may begin so.
pub fn check_digit(body: &str) -> Option<u8> {
    let bytes = body.as_bytes();
    if bytes.len() != 8 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    match sum % 11 {
        0 => Some(0),
        1 => None,
        remainder => u8::try_from(11 - remainder).ok(),
    }
}

/// Eight digits (seven for the year 2000) that pass once zeroes stand before them have lost these.
fn wrong_length(digits: &str, found: &str) -> IdentifierFault {
    let padded = format!("{digits:0>9}");
    let passes = (7..9).contains(&digits.len())
        && check_digit(&padded[..8]) == Some(padded.as_bytes()[8] - b'0');
    if passes {
        IdentifierFault::new(
            "scn_lost_zero",
            format!(
                "an SCN is nine digits; found {found}; it would be right with its leading zero, which spreadsheets remove"
            ),
            "Export again without opening the file in a spreadsheet, or keep the column as text.",
        )
    } else {
        let message = format!("an SCN is nine digits; found {found}");
        IdentifierFault::new("scn_length", message, "Correct the SCN in the MIS.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        check(text).expect_err("a fault").code
    }

    #[test]
    fn valid_numbers_pass_and_keep_their_zero() {
        for text in [
            "190000028",
            "190000036",
            "051234561",
            "060000050",
            "210000100",
            "207654329",
            "123456785",
            "974760673",
        ] {
            assert_eq!(check(text).expect("valid").normalised, text);
        }
        assert_eq!(check(" 051 234 561 ").unwrap().normalised, "051234561");
    }

    #[test]
    fn a_lost_zero_is_named() {
        assert_eq!(code("51234561"), "scn_lost_zero");
        assert_eq!(code("51234562"), "scn_length");
        assert_eq!(code("1234567890"), "scn_length");
    }

    #[test]
    fn a_wrong_check_digit_is_found() {
        assert_eq!(code("051234567"), "scn_check_digit");
        assert_eq!(check_digit("05123456"), Some(1));
        assert_eq!(code("845759406"), "scn_check_digit");
        assert_eq!(check_digit("84575940"), Some(5));
    }

    #[test]
    fn a_remainder_of_one_has_no_valid_digit() {
        for body in ["19000001", "03000017"] {
            assert_eq!(check_digit(body), None);
            for digit in 0..10 {
                assert_eq!(code(&format!("{body}{digit}")), "scn_never_issued");
            }
        }
    }

    #[test]
    fn other_shapes_are_named_without_the_number() {
        assert_eq!(code("19000002X"), "scn_format");
        assert!(check("").expect_err("absent").absent);
        assert!(check("000000000").expect_err("filler").absent);
        assert!(!format!("{:?}{:?}", check("051234561"), check("051234567")).contains("1234"));
    }
}
