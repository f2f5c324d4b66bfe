//! What is counted of people whom another process judged (a night in parts): nothing is due for any of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Role, State};

/// Usable and inactive accounts of each role, in the order of [`Role::ALL`].
pub type ByRole = [[u64; 2]; Role::ALL.len()];

/// Counts of people whose rows and accounts are not at hand, because nothing about them changes tonight and nobody has
/// to be told anything. All by establishment as it stands tonight; blank is that of accounts whose school nobody knows.
/// In a night that one process decides there are none.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Accounts by role.
    pub accounts: BTreeMap<String, ByRole>,
    /// Accounts by state, in the order of [`State::ALL`].
    pub states: [u64; State::ALL.len()],
    /// Accepted rows.
    pub rows: u64,
    /// Accepted rows that say that somebody is on roll.
    pub on_roll: BTreeMap<String, u64>,
    /// Learners of a final year on roll without a leaving date.
    pub staying: BTreeMap<String, u64>,
}

impl Sums {
    /// Adds what another process counted.
    pub fn add(&mut self, other: Sums) {
        for (code, by_role) in other.accounts {
            let known = self.accounts.entry(code).or_default();
            for (known, more) in known
                .iter_mut()
                .flatten()
                .zip(by_role.into_iter().flatten())
            {
                *known += more;
            }
        }
        for (known, more) in self.states.iter_mut().zip(other.states) {
            *known += more;
        }
        self.rows += other.rows;
        for (known, more) in [
            (&mut self.on_roll, other.on_roll),
            (&mut self.staying, other.staying),
        ] {
            for (code, count) in more {
                *known.entry(code).or_default() += count;
            }
        }
    }
}
