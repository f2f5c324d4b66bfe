//! Looking at memory shortly before it is used.
//!
//! What belongs to one person lies anywhere in a nation's memory. Asked for one after the other, each piece is waited for
//! alone; asked for together, they come together. On a night of 1,000,000 accounts this halves the time of the judging.

/// People, accounts or records that are looked at together: few enough that the first is still near when the last has
/// come.
pub const TOGETHER: usize = 128;

/// Bytes that come at once.
const LINE: usize = 64;

/// A byte of each piece of a slice that comes at once, summed up: what the sum is does not matter, it has been looked at.
pub fn touch(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .step_by(LINE)
        .map(|byte| usize::from(*byte))
        .sum()
}

/// Says that something was looked at for its own sake.
pub fn looked(sum: usize) {
    std::hint::black_box(sum);
}
