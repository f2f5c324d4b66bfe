//! Identifiers with right check characters (`reference/domain.md` §1–2), each given once.

use std::collections::BTreeSet;

use onroll::identity::{scn, upn};

use super::rng::Rng;

const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// A UPN: `authority` and `school` of issue, two-digit `year`, serial; the last character a letter when temporary.
pub fn make_upn(authority: u32, school: u32, year: u32, serial: u32, temporary: bool) -> String {
    let mut body = format!("{authority:03}{school:04}{year:02}{serial:03}").into_bytes();
    if temporary {
        body[11] = LETTERS[serial as usize % LETTERS.len()];
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    let check = upn::check_letter(&body).expect("twelve characters of the right kind");
    format!("{check}{body}")
}

/// An SCN issued in a two-digit `year` that is not in `used`; it joins `used`.
pub fn make_scn(rng: &mut Rng, year: u32, used: &mut BTreeSet<String>) -> String {
    loop {
        let body = format!("{year:02}{:06}", 900_000 + rng.below(99_999));
        let Some(check) = scn::check_digit(&body) else {
            continue;
        };
        let number = format!("{body}{check}");
        if used.insert(number.clone()) {
            return number;
        }
    }
}
