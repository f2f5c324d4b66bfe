//! A guard drill: copies of tonight's input are damaged, one way at a time, in ways that schools' exports really break,
//! and each is decided by the live policy. Nothing is written to the workspace; the copies lie in a folder of their own
//! that only its owner can enter and that goes with the drill.

mod damage;
mod measure;
mod mis;
mod numbers;

pub use damage::{DAMAGES, Damage};
pub use measure::{Baseline, Fired, Measured, Verdict};
pub use mis::{Copy, Target, target};
