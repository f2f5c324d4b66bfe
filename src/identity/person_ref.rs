//! What stands for a person in every table: a key's name and a keyed hash.

use std::fmt;

use super::key::{Key, KeyId};
use crate::model::Kind;

/// The scope of learners' identifiers: they are unique in the nation, so there is nothing to name.
pub const LEARNER_SCOPE: &str = "";

/// `<key id>:<32 hex digits>`: stands for an identifier that is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PersonRef {
    /// The key it was made with.
    pub key: KeyId,
    /// First 16 bytes of the keyed hash.
    pub hash: u128,
}

impl PersonRef {
    /// Bytes of the text form.
    pub const LENGTH: usize = 41;

    /// Reads the text form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (key, hash) = text.split_once(':')?;
        Some(PersonRef {
            key: KeyId::parse(key)?,
            hash: parse_hex128(hash)?,
        })
    }

    /// The bytes of the text form.
    pub fn text(&self) -> [u8; PersonRef::LENGTH] {
        let mut text = [b':'; PersonRef::LENGTH];
        text[..8].copy_from_slice(&hex(self.key.0));
        write_hex(&mut text[9..], self.hash);
        text
    }
}

impl fmt::Display for PersonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

/// The keys of a run: people are matched under either, and written under the current one.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Makes every new person_ref.
    pub current: Key,
    /// The one before, while people known under it have not all been seen again.
    pub previous: Option<Key>,
}

impl Keys {
    /// The keys of a run; a previous one that is the current one again is dropped.
    pub fn new(current: Key, previous: Option<Key>) -> Self {
        let previous = previous.filter(|key| *key != current);
        Keys { current, previous }
    }

    /// The keys by number: 0 the current, 1 the previous one if there is one.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// The key that a person_ref or tombstone names, if it is at hand.
    pub fn by_id(&self, id: KeyId) -> Option<&Key> {
        self.all().find(|key| key.id() == id)
    }

    /// The hash half of a person_ref under key number 0 (current) or 1 (previous).
    /// A number without a key means the current one.
    pub fn hash(&self, key: usize, kind: Kind, scope: &str, identifier: &str) -> u128 {
        let key = if key == 0 {
            &self.current
        } else {
            self.previous.as_ref().unwrap_or(&self.current)
        };
        key.person_hash(kind, scope, identifier)
    }

    /// The person_ref of an identifier under the current key.
    pub fn person_ref(&self, kind: Kind, scope: &str, identifier: &str) -> PersonRef {
        PersonRef {
            key: self.current.id(),
            hash: self.current.person_hash(kind, scope, identifier),
        }
    }

    /// A keyed hash for another purpose, under the current key; never equal to a person_ref's.
    ///
    /// A change_id made so changes with the key: where it is stored (approvals, plans) the
    /// stored value holds, and approvals given under the previous key are given again.
    pub fn keyed_hash(&self, purpose: &str, parts: &[&str]) -> u128 {
        self.current.keyed_hash(purpose, parts)
    }

    /// The n-th account_id of a person_ref or request_id (SPEC §5), under the current key.
    ///
    /// It is computed once, when the account is made, and stored from then on: a new key or a
    /// new person_ref never changes it. The caller takes the first `n`, from 0, that no account
    /// and no tombstone has.
    pub fn account_id(&self, person_ref_or_request_id: &str, n: u32) -> u128 {
        let mut digits = [0; 10];
        self.keyed_hash(
            "account",
            &[person_ref_or_request_id, decimal(n, &mut digits)],
        )
    }
}

/// 32 lower-case hex digits.
pub fn hex128(value: u128) -> String {
    with_hex128(value, str::to_owned)
}

/// Hands 32 lower-case hex digits to somebody, without an allocation.
pub fn with_hex128<T>(value: u128, read: impl FnOnce(&str) -> T) -> T {
    let mut text = [0; 32];
    write_hex(&mut text, value);
    read(std::str::from_utf8(&text).unwrap_or_default())
}

/// Reads 32 lower-case hex digits; `None` for anything else.
pub fn parse_hex128(text: &str) -> Option<u128> {
    // Nothing but arithmetic on all digits at once: a night reads millions of these.
    let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
    let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10 || byte.wrapping_sub(b'a') < 6;
    if !digits.iter().fold(true, |all, byte| all & is_digit(*byte)) {
        return None;
    }
    // A letter has bit 6 and counts on from 10.
    let value = digits.map(|byte| (byte & 15) + 9 * (byte >> 6));
    let bytes = std::array::from_fn(|at| value[2 * at] << 4 | value[2 * at + 1]);
    Some(u128::from_be_bytes(bytes))
}

/// Fills the slice with the last hex digits of a value.
fn write_hex(text: &mut [u8], value: u128) {
    for (at, places) in text.chunks_exact_mut(8).enumerate() {
        places.copy_from_slice(&hex((value >> (96 - 32 * at)) as u32));
    }
}

/// Eight lower-case hex digits, all made at once.
fn hex(value: u32) -> [u8; 8] {
    let each = |byte: u8| u64::from_be_bytes([byte; 8]);
    // One digit's value to a byte.
    let spread = u64::from(value);
    let spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff;
    let spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
    let digits = (spread | spread << 4) & each(0x0f);
    // Those above nine carry into the next four bits when six is added.
    let letters = (digits + each(6)) >> 4 & each(1);
    (digits + each(b'0') + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

/// A number in decimal digits, without an allocation.
fn decimal(value: u32, digits: &mut [u8; 10]) -> &str {
    let (mut rest, mut from) = (value, digits.len());
    loop {
        from -= 1;
        digits[from] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    std::str::from_utf8(&digits[from..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_goes_there_and_back() {
        let person = PersonRef {
            key: KeyId(0x00ab_cdef),
            hash: 0x0123_4567,
        };
        let text = person.to_string();
        assert_eq!(text, "00abcdef:00000000000000000000000001234567");
        assert_eq!(PersonRef::parse(&text), Some(person));
        assert_eq!(parse_hex128(&hex128(u128::MAX)), Some(u128::MAX));
        for bad in [
            "",
            ":",
            &text[1..],
            &text.to_uppercase(),
            &format!("{text}0"),
            &text.replace(':', "-"),
        ] {
            assert_eq!(PersonRef::parse(bad), None);
        }
    }

    #[test]
    fn people_are_found_under_either_key() {
        let (old, new) = (Key::generate().unwrap(), Key::generate().unwrap());
        let before = Keys::new(old.clone(), None);
        let after = Keys::new(new.clone(), Some(old.clone()));
        let known = before.person_ref(Kind::Staff, "670", "0042");
        assert_eq!(after.hash(1, Kind::Staff, "670", " 0042"), known.hash);
        assert_ne!(after.person_ref(Kind::Staff, "670", "0042"), known);
        assert_eq!(after.by_id(known.key), Some(&old));
        assert!(before.by_id(new.id()).is_none());
        assert!(Keys::new(new.clone(), Some(new)).previous.is_none());
    }

    #[test]
    fn account_ids_differ_by_person_and_number() {
        let keys = Keys::new(Key::generate().unwrap(), None);
        let ids = [
            keys.account_id("R1", 0),
            keys.account_id("R1", 1),
            keys.account_id("R10", 0),
            keys.account_id("R1", 10),
        ];
        for (place, id) in ids.iter().enumerate() {
            assert!(!ids[..place].contains(id));
        }
        assert_eq!(
            keys.account_id("R1", 4_294_967_295),
            keys.keyed_hash("account", &["R1", "4294967295"])
        );
        assert_eq!(
            keys.account_id("R1", 0),
            keys.keyed_hash("account", &["R1", "0"])
        );
    }
}
