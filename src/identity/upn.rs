//! Unique pupil numbers of England and Wales (`reference/domain.md` §1).
//!
//! Thirteen characters: check letter, authority (3 digits), establishment (4),
//! year (2), serial (3). A temporary number ends in a letter instead.

use super::{IdentifierFault, normalise, shape};

/// Letters of both letter positions, by value: `I`, `O` and `S` are never used.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// Authority numbers that census checks accept, with pseudo-authorities; Wales is 660–681.
const AUTHORITIES: [(u16, u16); 7] = [
    (1, 5),
    (201, 213),
    (301, 394),
    (420, 420),
    (660, 681),
    (701, 708),
    (800, 999),
];

/// A number whose form and check letter are right. Its `Debug` text leaves the number out.
#[derive(Clone, PartialEq, Eq)]
pub struct Upn {
    /// Ends in a letter: cannot create or claim an account (`temporary_upn`).
    pub temporary: bool,
    /// Whether the authority number is a known one; an unknown one is worth a warning only.
    pub authority_known: bool,
    /// Without white space, upper-cased.
    pub normalised: String,
}

impl std::fmt::Debug for Upn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upn")
            .field("temporary", &self.temporary)
            .field("authority_known", &self.authority_known)
            .finish_non_exhaustive()
    }
}

/// Checks a number's form and check letter.
///
/// # Errors
/// `upn_absent` (blank, `UN1`–`UN5`, or all noughts), `upn_length`, `upn_format`, `upn_check_letter`.
pub fn check(text: &str) -> Result<Upn, IdentifierFault> {
    let normalised = normalise(text);
    if stands_for_none(&normalised) {
        return Err(IdentifierFault::absent(
            "upn_absent",
            "no UPN is given",
            "Enter the pupil's UPN in the MIS.",
        ));
    }
    if normalised.chars().count() != 13 {
        let found = shape(&normalised);
        return Err(IdentifierFault::new(
            "upn_length",
            format!("a UPN has 13 characters; found {found}"),
            "Correct the UPN in the MIS.",
        ));
    }
    let Some((first, body)) = normalised.split_at_checked(1) else {
        return Err(bad_format(&normalised));
    };
    if letter_value(first.as_bytes()[0]).is_none() {
        return Err(bad_format(&normalised));
    }
    let Some(expected) = check_letter(body) else {
        return Err(bad_format(&normalised));
    };
    if !first.starts_with(expected) {
        return Err(IdentifierFault::new(
            "upn_check_letter",
            "the first letter does not fit the twelve characters after it: one of them is mistyped",
            "Compare the UPN with the pupil's record at the school that issued it.",
        ));
    }
    let temporary = !body.ends_with(|c: char| c.is_ascii_digit());
    let authority_known = body[..3].parse().is_ok_and(is_known_authority);
    Ok(Upn {
        temporary,
        authority_known,
        normalised,
    })
}

/// The check letter of the twelve characters that follow it; `None` when they have not the form of a UPN.
pub fn check_letter(body: &str) -> Option<char> {
    let bytes = body.as_bytes();
    if bytes.len() != 12 {
        return None;
    }
    let mut sum = 0;
    for (place, &byte) in bytes.iter().enumerate() {
        let value = match byte {
            b'0'..=b'9' => usize::from(byte - b'0'),
            _ if place == 11 => letter_value(byte)?,
            _ => return None,
        };
        sum += (place + 2) * value;
    }
    Some(char::from(LETTERS[sum % 23]))
}

fn letter_value(byte: u8) -> Option<usize> {
    LETTERS.iter().position(|&letter| letter == byte)
}

fn is_known_authority(code: u16) -> bool {
    AUTHORITIES
        .iter()
        .any(|&(from, to)| (from..=to).contains(&code))
}

/// Blank, a census value for "none because …", or a filler that many pupils could share.
fn stands_for_none(normalised: &str) -> bool {
    let all_noughts = |text: &str| text.bytes().all(|byte| byte == b'0');
    let filler = normalised
        .strip_prefix('A')
        .is_some_and(|rest| !rest.is_empty() && all_noughts(rest));
    filler || all_noughts(normalised) || matches!(normalised, "UN1" | "UN2" | "UN3" | "UN4" | "UN5")
}

fn bad_format(normalised: &str) -> IdentifierFault {
    let found = shape(normalised);
    IdentifierFault::new(
        "upn_format",
        format!(
            "a UPN is a letter, eleven digits and a digit or letter, no letter being I, O or S; found {found} in another order"
        ),
        "Correct the UPN in the MIS; look for O in place of 0 and I in place of 1.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        check(text).expect_err("a fault").code
    }

    #[test]
    fn permanent_numbers_pass() {
        for text in [
            "Q660200019001",
            "E661210020042",
            "E666221518007",
            "J668400121123",
            "K670230022999",
            "T677400520313",
            "A681401024001",
            "R674123101121",
            "B801200005001",
            "q660200019001",
            " Q660 2000 1900 1 ",
        ] {
            let upn = check(text).expect("valid");
            assert!(!upn.temporary && upn.authority_known);
        }
        assert_eq!(
            check(" q660 2000 1900 1\u{a0}").unwrap(),
            check("Q660200019001").unwrap()
        );
    }

    #[test]
    fn an_unknown_authority_is_marked_but_passes() {
        let upn = check("U502400200093").expect("valid");
        assert!(!upn.temporary && !upn.authority_known);
    }

    #[test]
    fn temporary_numbers_are_told_from_permanent_ones_with_the_same_check_letter() {
        for text in [
            "L68140102477A",
            "M66020001900Z",
            "X00180001701A",
            "A68140102400B",
        ] {
            assert!(check(text).expect("valid").temporary);
        }
        assert_ne!(
            check("A68140102400B").unwrap(),
            check("A681401024001").unwrap()
        );
    }

    #[test]
    fn a_wrong_check_letter_is_found() {
        for (text, expected) in [
            ("A681401024002", 'P'),
            ("L68140102477B", 'A'),
            ("Q660200091001", 'G'),
            ("B207000016049", 'P'),
        ] {
            assert_eq!(code(text), "upn_check_letter");
            assert_eq!(check_letter(&text[1..]), Some(expected));
        }
    }

    #[test]
    fn bad_shapes_are_named() {
        for text in [
            "I660200019001",
            "S660200019001",
            "Q66020001900O",
            "Q66O200019001",
            "É660200019001",
            "Q66020001900É",
        ] {
            assert_eq!(code(text), "upn_format");
        }
        for text in ["Q66020001900", "Q6602000190011", "UN6", "A"] {
            assert_eq!(code(text), "upn_length");
        }
        for text in [
            "",
            "  ",
            "UN1",
            "un5",
            "0",
            "A000000000000",
            "0000000000000",
        ] {
            assert!(check(text).expect_err("absent").absent);
        }
        assert!(!check("Q66020001900").expect_err("short").absent);
    }

    #[test]
    fn nothing_prints_the_number() {
        assert!(!format!("{:?}", check("Q660200019001")).contains("660"));
        for text in ["Q660200091001", "Q66O200019001", "Q6602000190"] {
            assert!(!format!("{:?}", check(text)).contains("660"));
        }
    }
}
