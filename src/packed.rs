//! Short texts and numbers one behind the other in one piece of memory: a rollover holds some for nearly everybody in a
//! nation, and a piece of memory for each would cost more than what stands in it.

/// What a number is written in: digits of this base, each one character, the last one first. All but the last of them
/// stand above it.
const BASE: usize = 0x4000;

/// Adds a number to what is packed: one byte up to 127.
pub fn push_number(packed: &mut String, number: usize) {
    let mut rest = number;
    while rest >= BASE {
        packed.push(digit(BASE + rest % BASE));
        rest /= BASE;
    }
    packed.push(digit(rest));
}

/// Below twice the base every number is a character.
fn digit(number: usize) -> char {
    char::from_u32(number as u32).unwrap_or_default()
}

/// Adds a text to what is packed.
pub fn push_text(packed: &mut String, text: &str) {
    push_number(packed, text.len());
    packed.push_str(text);
}

/// Bytes that a text takes in what is packed.
pub fn room(text: &str) -> usize {
    match text.len() {
        length @ 0..0x80 => 1 + length,
        length => 3 * (1 + length.ilog2() as usize / 14) + length,
    }
}

/// Takes the number that comes next.
pub fn take_number(packed: &mut &str) -> usize {
    // Nearly every number is one byte.
    if let [byte @ ..0x80, ..] = packed.as_bytes() {
        *packed = &packed[1..];
        return usize::from(*byte);
    }
    let (mut number, mut place) = (0, 1);
    let mut digits = packed.chars();
    for digit in digits.by_ref() {
        let digit = digit as usize;
        number += digit % BASE * place;
        place *= BASE;
        if digit < BASE {
            break;
        }
    }
    *packed = digits.as_str();
    number
}

/// Takes the text that comes next.
pub fn take_text<'a>(packed: &mut &'a str) -> &'a str {
    let length = take_number(packed);
    let (text, rest) = packed.split_at(length);
    *packed = rest;
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_packed_comes_back(texts in prop::collection::vec(".{0,200}", 0..6), numbers in prop::collection::vec(any::<usize>(), 0..6)) {
            let numbers: Vec<usize> = numbers.iter().map(|n| n >> 20).chain([0, 127, 128, BASE - 1, BASE, BASE * BASE]).collect();
            let mut packed = String::new();
            texts.iter().for_each(|text| push_text(&mut packed, text));
            prop_assert!(packed.len() <= texts.iter().map(|text| room(text)).sum());
            numbers.iter().for_each(|number| push_number(&mut packed, *number));
            let mut rest = packed.as_str();
            for text in &texts {
                prop_assert_eq!(take_text(&mut rest), text);
            }
            for number in &numbers {
                prop_assert_eq!(take_number(&mut rest), *number);
            }
            prop_assert_eq!(rest, "");
        }
    }

    #[test]
    fn a_text_of_any_length_is_packed() {
        for length in [0x7f, 0x80, 0x3fff, 0x4000, 0x4001, 1 << 20] {
            let text = "é".repeat(length) + "a";
            let mut packed = String::new();
            push_text(&mut packed, &text);
            assert!(packed.len() <= room(&text));
            assert_eq!(take_text(&mut packed.as_str()), text);
        }
    }
}
