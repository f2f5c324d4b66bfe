//! Looking people up by their hash: a sorted array with a table of where each prefix begins.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::prefixes::{self, Prefixes, by_hash};
use crate::warm;

/// Places of people, found by hash.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    entries: Cow<'a, [(u64, u32)]>,
    prefixes: Prefixes,
}

impl<'a> Index<'a> {
    /// An index over hashes and the places they stand for.
    pub(super) fn new(entries: impl IndexedParallelIterator<Item = (u64, u32)>) -> Self {
        Index::of_sorted(Cow::Owned(by_hash(entries.map(Some))))
    }

    /// An index over hashes that ascend.
    pub(super) fn of_sorted(entries: Cow<'a, [(u64, u32)]>) -> Self {
        let prefixes = Prefixes::of(&entries, |(hash, _)| *hash);
        Index { entries, prefixes }
    }

    /// The places of a hash.
    pub(super) fn find(&self, hash: u64) -> impl Iterator<Item = u32> + '_ {
        let within = &self.entries[self.prefixes.range(hash)];
        let from = within.partition_point(|(h, _)| *h < hash);
        within[from..]
            .iter()
            .take_while(move |(h, _)| *h == hash)
            .map(|(_, place)| *place)
    }

    /// For each hash a place that lies near its own, looked up step by step for all of them together.
    pub(super) fn near(&self, hashes: &[u64]) -> Vec<u32> {
        let ranges: Vec<_> = hashes
            .iter()
            .map(|hash| self.prefixes.range(*hash))
            .collect();
        let first = ranges.iter().map(|range| self.entries.get(range.start));
        warm::looked(first.flatten().map(|(_, place)| *place as usize).sum());
        hashes
            .iter()
            .filter_map(|hash| self.find(*hash).next())
            .collect()
    }

    /// The same without some places, which ascend; those behind a place that goes move up.
    pub(super) fn without(self, gone: &[u32]) -> Self {
        if gone.is_empty() {
            return self;
        }
        let entries = self.entries.par_iter();
        let stay = entries.filter_map(|(hash, place)| {
            let before = gone.partition_point(|other| other < place);
            (gone.get(before) != Some(place)).then_some((*hash, place - before as u32))
        });
        Index::of_sorted(stay.collect::<Vec<_>>().into())
    }

    /// The places in the order of the hashes; those of one hash in the order of what `whole` says of each.
    pub(super) fn places<K: Ord>(&self, whole: impl Fn(u32) -> K) -> Vec<u32> {
        prefixes::places(&self.entries, whole)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_that_go_leave_the_index_of_those_that_stay(
            rows in prop::collection::vec((0..20_u64, any::<bool>()), 0..60),
        ) {
            let keyed = |rows: &mut dyn Iterator<Item = u64>| rows.zip(0..).collect::<Vec<_>>().into_par_iter();
            let all = Index::new(keyed(&mut rows.iter().map(|row| row.0)));
            let gone = rows.iter().zip(0..).filter(|(row, _)| row.1).map(|(_, place)| place);
            let gone: Vec<u32> = gone.collect();
            let stay = rows.iter().filter(|row| !row.1).map(|row| row.0);
            let alone = Index::new(keyed(&mut { stay }));
            prop_assert_eq!(all.without(&gone).entries, alone.entries);
        }
    }
}
