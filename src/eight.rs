//! Eight bytes looked at together: in text of short fields a search for each begins anew, and a look at each byte alone
//! takes longer.
//!
//! A mark is the highest bit of a byte's place in the word; the first byte has the lowest place.

const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
const ONES: u64 = 0x0101_0101_0101_0101;

/// The bytes from a place on; behind the last one stands `fill`.
pub fn word(bytes: &[u8], at: usize, fill: u8) -> u64 {
    let rest = &bytes[at.min(bytes.len())..];
    match rest.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => {
            let mut padded = [fill; 8];
            padded[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(padded)
        }
    }
}

/// Marks the bytes that are this one.
pub fn equal(word: u64, byte: u8) -> u64 {
    // Zero where they are; no carry leaves its byte, so each byte tells of itself alone.
    let differs = word ^ (ONES * byte as u64);
    !(((differs & LOW) + LOW) | differs | LOW)
}

/// Marks the bytes below the space: line ends and other control characters.
pub fn below_space(word: u64) -> u64 {
    // A lower half of at least 0x20 reaches the highest bit, and no carry leaves its byte.
    !(((word & LOW) + ONES * 0x60) | word | LOW)
}

/// The place of the first mark, in bytes; 8 where there is none.
pub fn first(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// Only the marks before a place.
pub fn before(marks: u64, place: usize) -> u64 {
    match place {
        8.. => marks,
        _ => marks & ((1 << (place * 8)) - 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_byte_tells_of_itself_alone(bytes in any::<[u8; 8]>(), asked in any::<u8>(), place in 0..10_usize) {
            let marks = |is: &dyn Fn(u8) -> bool| {
                let marks = bytes.map(|byte| if is(byte) { 0x80 } else { 0 });
                u64::from_le_bytes(marks)
            };
            let word = word(&bytes, 0, 0);
            let asked = if place < 8 { bytes[place] } else { asked };
            prop_assert_eq!(equal(word, asked), marks(&|byte| byte == asked));
            let controls = below_space(word);
            prop_assert_eq!(controls, marks(&|byte| byte < b' '));
            let stands = bytes.iter().position(|byte| *byte < b' ');
            prop_assert_eq!(first(controls), stands.unwrap_or(8));
            let those: Vec<usize> = (0..8).filter(|at| bytes[*at] < b' ' && *at < place).collect();
            let told: Vec<usize> = (0..8).filter(|at| before(controls, place) >> (at * 8) & 0xff != 0).collect();
            prop_assert_eq!(told, those);
        }

        #[test]
        fn behind_the_last_byte_stands_what_fills(bytes in prop::collection::vec(any::<u8>(), 0..12), at in 0..14_usize) {
            let filled: Vec<u8> = bytes.iter().copied().skip(at).chain([b'\n'; 8]).take(8).collect();
            prop_assert_eq!(word(&bytes, at, b'\n').to_le_bytes().to_vec(), filled);
        }
    }
}
