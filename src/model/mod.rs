//! The domain's nouns, shared by every room of the corridor.
//!
//! Nothing here reads a file, a clock or a policy: these are the words the
//! stages speak to each other in.

mod classes;
mod enrolment;
mod establishment;
mod fault;
mod input_file;
mod sums;
mod words;

pub use classes::{Class, ClassMember, ClassYear, Classes};
pub use enrolment::{Cell, Enrolment, EnrolmentStatus, HeldPerson, Roll, RollFile, RowRef};
pub use establishment::{
    Authority, Establishment, ExportRecord, ExportStatus, Hold, HoldReason, earlier_codes,
    successors,
};
pub use fault::{Fault, Faults, Severity};
pub use input_file::InputFile;
pub use sums::{ByRole, Sums};
pub use words::{
    Action, Category, DueKind, GroupAction, GroupState, InactiveReason, Kind, MemberRole, Role,
    State, TransferState, Word,
};

use serde::{Deserialize, Serialize};

/// A civil date in the United Kingdom. Times of day never decide anything.
pub type Date = chrono::NaiveDate;

/// The hash half of a person_ref under the run's current key.
///
/// People known under an earlier key, an earlier identifier (`rekeys.csv`) or
/// an earlier establishment code are translated to this one at the gate.
///
/// Packed, because a row of the roll, of which millions are in memory, would be half as long again where 16 bytes must be
/// aligned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[repr(Rust, packed(4))]
pub struct PersonKey(#[serde(with = "hex")] pub u128);

/// A person's hash, or none, for lists of everybody in a nation: half the size of an `Option`, and no room lost to
/// alignment. Zero stands for none; that a keyed hash comes out as zero is as likely as that two people share one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SomeHash([u64; 2]);

impl SomeHash {
    /// Holds a hash.
    pub fn new(hash: Option<u128>) -> Self {
        let whole = hash.unwrap_or_default();
        SomeHash([(whole >> 64) as u64, whole as u64])
    }

    /// The first half of what it holds; zero for none.
    pub fn first_half(self) -> u64 {
        self.0[0]
    }

    /// What it holds.
    pub fn get(self) -> Option<u128> {
        let [high, low] = self.0.map(u128::from);
        Some(high << 64 | low).filter(|whole| *whole != 0)
    }
}

/// A hash as 32 hex digits.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::identity::person_ref::{hex128, parse_hex128};

    pub fn serialize<S: Serializer>(value: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex128(*value))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        let text = String::deserialize(from)?;
        parse_hex128(&text).ok_or_else(|| D::Error::custom("32 hex digits were expected"))
    }
}

/// The place of an establishment in [`Roll::establishments`], which is sorted by code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct EstId(pub u32);

impl EstId {
    /// The place as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The place of an authority in [`Roll::authorities`], which is sorted by code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct AuthorityId(pub u32);

impl AuthorityId {
    /// The place as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
