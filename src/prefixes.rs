//! Where the hashes that begin alike stand in a sorted list: a few steps then find one among millions.

use std::ops::Range;

use rayon::prelude::*;

/// Hashes to one prefix, about: what a look-up then has to search lies in a line or two of the processor's cache.
const EACH: u32 = 4;

/// Prefixes that one task looks for.
const PART: usize = 1 << 14;

/// For each prefix of hashes, the place of the first hash that has it.
#[derive(Clone, Default, Debug)]
pub struct Prefixes {
    /// Bits that the prefix leaves away.
    shift: u32,
    begins: Vec<u32>,
}

impl Prefixes {
    /// The prefixes of hashes that ascend, those that `hash` gives of the entries of a list.
    pub fn of<T: Sync>(sorted: &[T], hash: impl Fn(&T) -> u64 + Sync) -> Self {
        let bits = (sorted.len() as u32 / EACH).checked_ilog2();
        let bits = bits.unwrap_or(0).max(1);
        let shift = u64::BITS - bits;
        let mut begins = vec![0; (1 << bits) + 1];
        let parts = begins.par_chunks_mut(PART).enumerate();
        parts.for_each(|(part, begins)| {
            let first = (part * PART) as u64;
            let is_before = |entry: &T, prefix: u64| hash(entry) >> shift < prefix;
            let mut place = sorted.partition_point(|entry| is_before(entry, first));
            for (begin, prefix) in begins.iter_mut().zip(first..) {
                let rest = sorted[place..].iter();
                place += rest.take_while(|entry| is_before(entry, prefix)).count();
                *begin = place as u32;
            }
        });
        Prefixes { shift, begins }
    }

    /// The places of the hashes that begin as this one does.
    pub fn range(&self, hash: u64) -> Range<usize> {
        let first = (hash >> self.shift) as usize;
        let begin = |at: usize| self.begins.get(at).map_or(0, |begin| *begin as usize);
        begin(first)..begin(first + 1)
    }
}

/// Places with their hashes, in the order of the hashes; those of one hash in their own.
pub fn by_hash(keyed: impl IndexedParallelIterator<Item = Option<(u64, u32)>>) -> Vec<(u64, u32)> {
    // What is left out is sorted behind all others and goes in one step: gathering only the others would copy them once more.
    const NOBODY: (u64, u32) = (u64::MAX, u32::MAX);
    let mut keyed: Vec<(u64, u32)> = keyed.map(|keyed| keyed.unwrap_or(NOBODY)).collect();
    keyed.par_sort_unstable();
    keyed.truncate(keyed.partition_point(|keyed| *keyed < NOBODY));
    keyed
}

/// The places alone; those of one hash in the order of what `whole` says of each.
pub fn places<K: Ord>(by_hash: &[(u64, u32)], whole: impl Fn(u32) -> K) -> Vec<u32> {
    let mut places: Vec<u32> = by_hash.par_iter().map(|(_, place)| *place).collect();
    let mut begin = 0;
    for run in by_hash.chunk_by(|a, b| a.0 == b.0) {
        let end = begin + run.len();
        if run.len() > 1 {
            places[begin..end].sort_by_key(|place| whole(*place));
        }
        begin = end;
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_hash_stands_in_the_range_of_its_prefix_and_no_other_does(
            mut hashes in prop::collection::vec(prop_oneof![any::<u64>(), 0..9_u64, u64::MAX - 9..=u64::MAX], 0..300),
            asked in any::<u64>(),
        ) {
            hashes.sort_unstable();
            let prefixes = Prefixes::of(&hashes, |hash| *hash);
            for hash in hashes.iter().chain([&asked]) {
                let range = prefixes.range(*hash);
                let first = hashes.partition_point(|other| other < hash);
                let end = hashes.partition_point(|other| other <= hash);
                prop_assert!(first == end || (range.start <= first && end <= range.end));
                prop_assert!(range.end <= hashes.len());
            }
        }
    }

    #[test]
    fn places_stand_by_hash_and_then_in_their_order_without_those_left_out() {
        let keyed = [
            Some((7, 0)),
            None,
            Some((u64::MAX, 2)),
            Some((7, 3)),
            None,
            Some((1, 5)),
        ];
        let sorted = by_hash(keyed.into_par_iter());
        assert_eq!(places(&sorted, |place| place), [5, 0, 3, 2]);
        let last_first = |place| std::cmp::Reverse(place);
        assert_eq!(places(&sorted, last_first), [5, 3, 0, 2]);
    }

    #[test]
    fn in_an_empty_list_nothing_is_found() {
        assert_eq!(Prefixes::default().range(u64::MAX), 0..0);
        assert_eq!(Prefixes::of(&[], |hash: &u64| *hash).range(7), 0..0);
    }
}
