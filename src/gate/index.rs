//! Looking people up by their hash: a sorted array with a table of where each top half-word begins.

use rayon::prelude::*;

/// Places of people, found by hash.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<(u64, u32)>,
    /// Where entries whose top 16 bits are `n` begin.
    begins: Vec<u32>,
}

impl Index {
    /// An index over hashes and the places they stand for.
    pub(super) fn new(mut entries: Vec<(u64, u32)>) -> Self {
        entries.par_sort_unstable();
        let mut begins = vec![0u32; (1 << 16) + 1];
        for (hash, _) in &entries {
            begins[(hash >> 48) as usize + 1] += 1;
        }
        for at in 1..begins.len() {
            begins[at] += begins[at - 1];
        }
        Index { entries, begins }
    }

    /// The places of a hash.
    pub(super) fn find(&self, hash: u64) -> impl Iterator<Item = u32> + '_ {
        let top = (hash >> 48) as usize;
        let within = &self.entries[self.begins[top] as usize..self.begins[top + 1] as usize];
        let from = within.partition_point(|(h, _)| *h < hash);
        within[from..]
            .iter()
            .take_while(move |(h, _)| *h == hash)
            .map(|(_, place)| *place)
    }

    /// Runs of places that share a hash, in the order of the hashes.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[(u64, u32)]> {
        self.entries.chunk_by(|a, b| a.0 == b.0)
    }
}

/// The part of a person's hash that the index sorts by.
pub(super) fn top(hash: u128) -> u64 {
    (hash >> 64) as u64
}
