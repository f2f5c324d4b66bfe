//! onroll keeps a directory of school accounts true to the school rolls.
#![forbid(unsafe_code)]

pub mod calendar;
pub mod cli;
pub mod decisions;
pub mod directory;
pub mod effects;
pub mod facts;
pub mod gate;
pub mod guard;
pub mod identity;
pub mod intake;
pub mod model;
pub mod nightly;
pub mod plan;
pub mod policy;
pub mod relate;
pub mod report;
pub mod sample;
pub mod table;
pub mod workspace;
