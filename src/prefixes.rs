//! Where the hashes that begin alike stand in a sorted list: a few steps then find one among millions.

use std::ops::Range;

use rayon::prelude::*;

/// Hashes to one prefix, about: what a look-up then has to search lies in a line or two of the processor's cache.
const EACH: u32 = 4;

/// For each prefix of hashes, the place of the first hash that has it.
#[derive(Clone, Default, Debug)]
pub struct Prefixes {
    /// Bits that the prefix leaves away.
    shift: u32,
    begins: Vec<u32>,
}

impl Prefixes {
    /// The prefixes of hashes that come in ascending order.
    pub fn of(sorted: impl ExactSizeIterator<Item = u64>) -> Self {
        let count = sorted.len();
        let bits = (count as u32 / EACH).checked_ilog2().unwrap_or(0).max(1);
        let shift = u64::BITS - bits;
        let mut begins = Vec::with_capacity((1 << bits) + 1);
        for (place, hash) in sorted.enumerate() {
            while begins.len() as u64 <= hash >> shift {
                begins.push(place as u32);
            }
        }
        begins.resize((1 << bits) + 1, count as u32);
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

/// The same without the hashes.
pub fn places_by_hash(keyed: impl IndexedParallelIterator<Item = Option<(u64, u32)>>) -> Vec<u32> {
    let sorted = by_hash(keyed).into_par_iter();
    sorted.map(|(_, place)| place).collect()
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
            let prefixes = Prefixes::of(hashes.iter().copied());
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
    fn places_stand_by_hash_without_those_left_out() {
        let keyed = [
            Some((7, 0)),
            None,
            Some((u64::MAX, 2)),
            Some((7, 3)),
            None,
            Some((1, 5)),
        ];
        let sorted = places_by_hash(keyed.into_par_iter());
        assert_eq!(sorted, [5, 0, 3, 2]);
    }

    #[test]
    fn in_an_empty_list_nothing_is_found() {
        assert_eq!(Prefixes::default().range(u64::MAX), 0..0);
        assert_eq!(Prefixes::of([].into_iter()).range(7), 0..0);
    }
}
