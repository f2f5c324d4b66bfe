//! Drift: our last snapshot against what the directory really holds, apart from what recent runs changed and nobody has
//! carried out there yet, and since when (SPEC §2 `adopt` gives the shape of the export).

mod findings;
mod history;
mod listing;

pub use findings::{Counts, Finding, Kind, counts, drift};
pub use history::{History, Past};
pub use listing::{Listed, Listing, listing};
