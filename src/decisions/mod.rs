//! What people decided: read as input, applied once, remembered for good.

mod book;
mod read;
mod weigh;

pub use book::{Book, Decision, Verdict};
pub use read::{Decided, read};
pub use weigh::{GONE, Pending, conclude, is_by_change, weigh};
