//! The domain's nouns, shared by every room of the corridor.
//!
//! Nothing here reads a file, a clock or a policy: these are the words the
//! stages speak to each other in.

mod classes;
mod enrolment;
mod establishment;
mod fault;
mod input_file;
mod words;

pub use classes::{Class, ClassMember, ClassYear, Classes};
pub use enrolment::{Cell, Enrolment, EnrolmentStatus, HeldPerson, Roll, RollFile, RowRef};
pub use establishment::{
    Authority, Establishment, ExportRecord, ExportStatus, Hold, HoldReason, earlier_codes,
    successors,
};
pub use fault::{Fault, Faults, Severity};
pub use input_file::InputFile;
pub use words::{
    Action, Category, DueKind, GroupAction, GroupState, InactiveReason, Kind, MemberRole, Role,
    State, TransferState, Word,
};

/// A civil date in the United Kingdom. Times of day never decide anything.
pub type Date = chrono::NaiveDate;

/// The hash half of a person_ref under the run's current key.
///
/// People known under an earlier key, an earlier identifier (`rekeys.csv`) or
/// an earlier establishment code are translated to this one at the gate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PersonKey(pub u128);

/// The place of an establishment in [`Roll::establishments`], which is sorted by code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct EstId(pub u32);

impl EstId {
    /// The place as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The place of an authority in [`Roll::authorities`], which is sorted by code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AuthorityId(pub u32);

impl AuthorityId {
    /// The place as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
