//! Identifiers with right check characters (`reference/domain.md` §1–2), each given once.

use std::collections::BTreeSet;

use super::rng::Rng;

const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// A UPN: `authority` and `school` of issue, two-digit `year`, serial; the last character a letter when temporary.
pub fn upn(authority: u32, school: u32, year: u32, serial: u32, temporary: bool) -> String {
    let mut body = format!("{authority:03}{school:04}{year:02}{serial:03}").into_bytes();
    if temporary {
        body[11] = LETTERS[serial as usize % LETTERS.len()];
    }
    let value = |c: u8| match c {
        b'0'..=b'9' => u32::from(c - b'0'),
        _ => LETTERS.iter().position(|&l| l == c).unwrap_or(0) as u32,
    };
    let sum: u32 = body.iter().zip(2..).map(|(&c, weight)| value(c) * weight).sum();
    let check = char::from(LETTERS[(sum % 23) as usize]);
    body.iter().fold(String::from(check), |text, &c| text + &char::from(c).to_string())
}

/// An SCN issued in a two-digit `year` that is not in `used`; it joins `used`.
pub fn scn(rng: &mut Rng, year: u32, used: &mut BTreeSet<String>) -> String {
    loop {
        let body = format!("{year:02}{:06}", 900_000 + rng.below(99_999));
        let sum: u32 = body.bytes().zip([3, 2, 7, 6, 5, 4, 3, 2]).map(|(c, w)| u32::from(c - b'0') * w).sum();
        let check = match sum % 11 {
            0 => 0,
            1 => continue,
            rest => 11 - rest,
        };
        let number = format!("{body}{check}");
        if used.insert(number.clone()) {
            return number;
        }
    }
}
