//! Two invented summers, one in Wales and one in Scotland, as nightly exports, and a directory that is taken over.
//!
//! Every school, person and number is made up. Identifiers carry right check
//! characters, but establishment codes and the school numbers inside UPNs come
//! from blocks that no authority uses.

mod adoption;
mod classes;
mod desk;
mod emit;
mod glow;
mod hwb;
mod names;
mod numbers;
mod offices;
mod people;
mod rng;
mod school;
mod sheet;
mod usernames;
mod world;

use std::collections::BTreeMap;

/// Every file of the sample, by its path below `sample-data`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Builds every story's nights.
pub fn build() -> Files {
    let mut files = hwb::build();
    files.extend(adoption::build());
    files.extend(glow::build());
    files
}
