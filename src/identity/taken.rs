//! Usernames that nobody may have again: of accounts, their aliases, and of accounts long deleted.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::key::{Key, KeyId};
use super::person_ref::Keys;
use crate::prefixes::Prefixes;

/// Answers whether a username is in use or was retired.
pub trait Taken {
    /// Whether a name, given in lower case, may not be issued.
    fn is_taken(&self, lower: &str) -> bool;
}

impl<F: Fn(&str) -> bool> Taken for F {
    fn is_taken(&self, lower: &str) -> bool {
        self(lower)
    }
}

/// The names of a directory, kept as 64-bit hashes so that a million fit in a few megabytes.
///
/// Two names with one hash would at worst make a number be skipped; the hash is
/// fixed, so even that is the same on every machine.
#[derive(Clone, Default, Debug)]
pub struct TakenNames {
    /// Sorted.
    live: Vec<u64>,
    prefixes: Prefixes,
    retired: BTreeMap<KeyId, (Key, BTreeSet<u128>)>,
    unreadable: usize,
}

impl TakenNames {
    /// The usernames and aliases of all accounts (an alias that is an e-mail address counts with what
    /// precedes the `@`), and the hashes of `retired_usernames` with the keys they were made under.
    pub fn new<'a>(
        live: impl IntoIterator<Item = &'a str>,
        retired: impl IntoIterator<Item = (KeyId, u128)>,
        keys: &Keys,
    ) -> Self {
        TakenNames::of_hashes(live.into_iter().map(name_hash).collect(), retired, keys)
    }

    /// The same of names that [`name_hash`] was taken of already.
    pub fn of_hashes(
        mut live: Vec<u64>,
        retired: impl IntoIterator<Item = (KeyId, u128)>,
        keys: &Keys,
    ) -> Self {
        live.par_sort_unstable();
        live.dedup();
        let mut names = TakenNames {
            prefixes: Prefixes::of(&live, |hash| *hash),
            live,
            ..TakenNames::default()
        };
        for (id, hash) in retired {
            match keys.by_id(id) {
                Some(key) => {
                    names
                        .retired
                        .entry(id)
                        .or_insert_with(|| (key.clone(), BTreeSet::new()))
                        .1
                        .insert(hash);
                }
                None => names.unreadable += 1,
            }
        }
        names
    }

    /// Retired names hashed under a key that is not at hand: whether a new name is one of them cannot be told.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }
}

impl TakenNames {
    fn is_live(&self, hash: u64) -> bool {
        self.live[self.prefixes.range(hash)]
            .binary_search(&hash)
            .is_ok()
    }
}

impl Taken for TakenNames {
    fn is_taken(&self, lower: &str) -> bool {
        self.is_live(name_hash(lower))
            || self
                .retired
                .values()
                .any(|(key, hashes)| hashes.contains(&key.username_hash(lower)))
    }
}

/// FNV-1a of the lower-cased name, without what follows an `@`.
pub fn name_hash(name: &str) -> u64 {
    let name = name.split_once('@').map_or(name, |(before, _)| before);
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let start = 0xcbf2_9ce4_8422_2325;
    if name.is_ascii() {
        return name
            .bytes()
            .fold(start, |hash, byte| step(hash, byte.to_ascii_lowercase()));
    }
    name.to_lowercase().bytes().fold(start, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_and_retired_names_are_found_in_any_case_and_under_either_key() {
        let (old, new) = (Key::generate().unwrap(), Key::generate().unwrap());
        let lost = Key::generate().unwrap();
        let keys = Keys::new(new.clone(), Some(old.clone()));
        let retired = [
            (old.id(), old.username_hash("ReesA1")),
            (new.id(), new.username_hash("reesb1")),
            (lost.id(), lost.username_hash("reesc1")),
        ];
        let names = TakenNames::new(["JonesD1", "MorganE2@example.org", "ŴynA1"], retired, &keys);
        for taken in ["jonesd1", "morgane2", "ŵyna1", "reesa1", "reesb1"] {
            assert!(names.is_taken(taken), "{taken}");
        }
        for free in ["jonesd2", "reesc1", "morgane"] {
            assert!(!names.is_taken(free), "{free}");
        }
        assert_eq!(names.unreadable(), 1);
    }
}
