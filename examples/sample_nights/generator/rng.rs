//! SplitMix64: small, fast, and the same on every machine.

/// A stream of numbers that depends on its seed alone.
pub struct Rng(u64);

impl Rng {
    /// A stream for a seed.
    pub fn new(seed: u64) -> Self {
        Rng(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }

    /// Whether something that happens `percent` times in a hundred happens now.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of a list that runs from common to rare; the last fifth is rarest.
    pub fn pick_common<T: Copy>(&mut self, from: &[T]) -> T {
        let place = self.common_place(from.len());
        let place = if place * 5 >= from.len() * 4 && self.chance(75) {
            self.common_place(from.len())
        } else {
            place
        };
        from[place]
    }

    fn common_place(&mut self, n: usize) -> usize {
        let r = self.next() >> 32;
        let r = if self.chance(55) { (r * r) >> 32 } else { r };
        ((r * n as u64) >> 32) as usize
    }
}
