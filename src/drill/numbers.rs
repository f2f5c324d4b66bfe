//! Identifiers of nobody: well formed, and not among those of tonight.

use std::collections::HashSet;

use crate::identity::{scn, upn};
use crate::policy::params::LearnerIdentifier;

/// Gives well-formed identifiers that nobody has.
pub struct Numbers {
    kind: LearnerIdentifier,
    taken: HashSet<Vec<u8>>,
    next: u32,
}

impl Numbers {
    /// None of these is ever given.
    pub fn beside(kind: LearnerIdentifier, taken: HashSet<Vec<u8>>) -> Self {
        Numbers {
            kind,
            taken,
            next: 0,
        }
    }

    /// Another identifier in place of one; the same where that has not the usual form.
    pub fn instead_of(&mut self, identifier: &[u8]) -> Vec<u8> {
        let Some(stem) = self.stem(identifier) else {
            return identifier.to_vec();
        };
        while self.next < 99_999 {
            self.next += 1;
            let body = format!("{stem}{:05}", self.next);
            let made = match self.kind {
                LearnerIdentifier::Upn => {
                    upn::check_letter(&body).map(|letter| format!("{letter}{body}"))
                }
                LearnerIdentifier::Scn => {
                    scn::check_digit(&body).map(|digit| format!("{body}{digit}"))
                }
            };
            let made = made.map(String::into_bytes);
            if let Some(made) = made.filter(|made| !self.taken.contains(made)) {
                return made;
            }
        }
        identifier.to_vec()
    }

    /// What comes before the number: a UPN's authority and school, the first of an SCN's digits.
    fn stem<'a>(&self, identifier: &'a [u8]) -> Option<&'a str> {
        let text = std::str::from_utf8(identifier).ok()?;
        match self.kind {
            LearnerIdentifier::Upn => text.get(1..8),
            LearnerIdentifier::Scn => text.get(..3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_numbers_are_well_formed_unlike_any_and_never_the_same() {
        for (kind, one) in [
            (LearnerIdentifier::Upn, "Q660200019001"),
            (LearnerIdentifier::Scn, "104567895"),
        ] {
            let first = Numbers::beside(kind, HashSet::new()).instead_of(one.as_bytes());
            let mut numbers = Numbers::beside(kind, HashSet::from([first.clone()]));
            let mut seen = HashSet::from([first, one.as_bytes().to_vec()]);
            for _ in 0..2000 {
                let made = numbers.instead_of(one.as_bytes());
                let text = String::from_utf8(made.clone()).unwrap();
                let fits = match kind {
                    LearnerIdentifier::Upn => upn::check(&text).is_ok(),
                    LearnerIdentifier::Scn => scn::check(&text).is_ok(),
                };
                assert!(fits, "{text}");
                assert!(seen.insert(made), "{text} twice");
            }
            assert_eq!(numbers.instead_of(b"x"), b"x");
        }
    }
}
