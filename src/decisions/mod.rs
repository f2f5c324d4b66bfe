//! What people decided and asked for: read as input, carried out once, remembered for good.

mod book;
mod non_mis;
mod previous;
mod read;
mod rename;
mod requests;
mod weigh;

pub use book::{Book, Decision, Verdict, reviewed};
pub use non_mis::{ENDS_TONIGHT, NonMisWords, Wish, weigh as weigh_non_mis};
pub use previous::Pair;
pub use read::{Decided, read};
pub use rename::Rename;
pub use requests::{Request, RequestOutcome, open as open_requests};
pub use weigh::{GONE, Pending, RELEASED, SUPERSEDED, conclude, is_by_change, weigh};
