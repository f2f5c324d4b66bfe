//! Who somebody is, without keeping the number that says so.
//!
//! Identifiers are checked here ([`upn`], [`scn`]), turned into keyed hashes
//! ([`key`], [`person_ref`]) and then dropped. Names are folded ([`fold`]) to
//! make usernames ([`username`]). Nothing here prints an identifier, a name or
//! the key: faults describe the shape that was found.

pub mod fold;
pub mod key;
mod pattern;
pub mod person_ref;
pub mod scn;
pub mod taken;
pub mod upn;
pub mod username;

pub use fold::{NameFault, fold, name_fault};
pub use key::{Key, KeyError, KeyId};
pub use person_ref::{Keys, LEARNER_SCOPE, PersonRef, hex128, parse_hex128, with_hex128};
pub use taken::{Taken, TakenNames, name_hash};
pub use username::{Allocator, DenyList, NameProblem, Pattern, Request, Usernames};

/// What is wrong with an identifier; the column and the place are added by who reads the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentifierFault {
    /// There is none: the cell is blank or holds a value that stands for "no number".
    pub absent: bool,
    /// Stable code, `snake_case`.
    pub code: &'static str,
    /// The form expected and the shape found; never the cell.
    pub message: String,
    /// What somebody can do about it.
    pub fix: String,
}

impl IdentifierFault {
    fn new(code: &'static str, message: impl Into<String>, fix: &str) -> Self {
        IdentifierFault {
            absent: false,
            code,
            message: message.into(),
            fix: fix.to_owned(),
        }
    }

    fn absent(code: &'static str, message: &str, fix: &str) -> Self {
        IdentifierFault {
            absent: true,
            ..IdentifierFault::new(code, message, fix)
        }
    }
}

/// An identifier as it is checked and hashed (SPEC §4): white space removed, upper-cased, zeroes kept.
pub fn normalise(identifier: &str) -> String {
    if identifier
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return identifier.to_owned();
    }
    identifier
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

/// The same for ASCII that fits the buffer, without an allocation; `None` for anything else.
fn normalise_into<'b>(identifier: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    if !identifier.is_ascii() || identifier.len() > buffer.len() {
        return None;
    }
    let mut length = 0;
    for byte in identifier.bytes() {
        if !char::from(byte).is_whitespace() {
            buffer[length] = byte.to_ascii_uppercase();
            length += 1;
        }
    }
    Some(&buffer[..length])
}

/// The shape of a text: how long it is, of what, and where it ends; safe to print.
fn shape(text: &str) -> String {
    let count = text.chars().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let noun = if count == 1 {
        "character"
    } else {
        "characters"
    };
    let made_of = match (letters, digits) {
        _ if letters + digits < count => "not all of them letters or digits",
        (0, _) => "all digits",
        (_, 0) => "all letters",
        _ if text.chars().next_back().is_some_and(char::is_alphabetic) => {
            "letters and digits, the last a letter"
        }
        _ => "letters and digits, the last a digit",
    };
    format!("{count} {noun}, {made_of}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_normalising_agree() {
        for text in [" q660 2000\t1900\u{b}1 ", "", "ab-12", "00123", "x y\u{c}z"] {
            let mut buffer = [0; 64];
            assert_eq!(
                normalise_into(text, &mut buffer),
                Some(normalise(text).as_bytes())
            );
        }
        assert_eq!(normalise("\u{a0}é1 "), "É1");
        assert_eq!(normalise_into("é", &mut [0; 64]), None);
        assert_eq!(normalise_into("abc", &mut [0; 2]), None);
    }

    #[test]
    fn a_shape_says_nothing_of_the_content() {
        assert_eq!(
            shape("12345678X"),
            "9 characters, letters and digits, the last a letter"
        );
        assert_eq!(shape("1"), "1 character, all digits");
        assert_eq!(
            shape("12-4"),
            "4 characters, not all of them letters or digits"
        );
    }
}
