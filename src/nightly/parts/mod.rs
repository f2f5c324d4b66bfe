//! A night in parts, for a directory larger than one machine's memory: each part is a process that judges its own
//! people, and one more process settles what concerns everybody.
//!
//! | | a part | the merge |
//! |---|---|---|
//! | looks at | every row and every account, one block after the other | the same |
//! | keeps | the people whose hash falls into its share | those about whom some part found anything, and those whom no part can judge alone ([`special`]) |
//! | judges | them | them, and accounts on request |
//! | leaves | who they are about whom anything is due, told or open, the counts of all others, and their accepted rows | the run's folder and the next snapshot, as an undivided night leaves them |
//!
//! So nothing of a plan is ever put together from pieces: the merge decides everything that shows in it, by the same
//! stages as every other night, and adds counts of people of whom nothing shows.

mod folder;
mod judge;
mod read;
mod share;
mod special;

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

pub use folder::{Bound, Gathered, PartsError, gather};
pub use judge::{PartNight, judge};
pub(super) use read::read_gathered;

/// A share of all people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Part {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

/// Most parts a night can have.
pub const PARTS_MAX: u32 = 9_999;

impl Part {
    /// Whether a person falls into the share; hashes are keyed, so every share is of about one size.
    pub fn holds(self, person: u128) -> bool {
        let share = ((person >> 64) * u128::from(self.of)) >> 64;
        share == u128::from(self.number - 1)
    }

    /// The name of the folder in which it is left.
    pub fn folder(self) -> String {
        format!("{:04}-of-{:04}", self.number, self.of)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Part, String> {
        let part = text.split_once('/').and_then(|(number, of)| {
            Some(Part {
                number: number.parse().ok()?,
                of: of.parse().ok()?,
            })
        });
        part.filter(|part| (1..=part.of).contains(&part.number) && part.of <= PARTS_MAX)
            .ok_or_else(|| format!("a part looks like 3/16: from 1/n to n/n, at most {PARTS_MAX}"))
    }
}

/// Whom a process keeps.
#[derive(Clone, Copy)]
enum Keep<'a> {
    /// The people of a part.
    Part(Part),
    /// These, whom parts have noted.
    Noted(&'a HashSet<u128>),
}

impl Keep<'_> {
    fn holds(self, person: u128) -> bool {
        match self {
            Keep::Part(part) => part.holds(person),
            Keep::Noted(noted) => noted.contains(&person),
        }
    }

    fn is_merge(self) -> bool {
        matches!(self, Keep::Noted(_))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn everybody_falls_into_exactly_one_part(person in any::<u128>(), of in 1..200_u32) {
            let holds = (1..=of).filter(|number| Part { number: *number, of }.holds(person));
            prop_assert_eq!(holds.count(), 1);
        }
    }

    #[test]
    fn a_part_is_a_number_of_how_many() {
        let part = |text: &str| text.parse::<Part>();
        assert_eq!(part("3/16"), Ok(Part { number: 3, of: 16 }));
        assert_eq!(part("1/1").map(Part::folder), Ok("0001-of-0001".to_owned()));
        for wrong in [
            "", "3", "0/2", "3/2", "1/0", "a/b", "1/10000", "-1/2", "1/2/3",
        ] {
            assert!(part(wrong).is_err(), "{wrong}");
        }
    }
}
