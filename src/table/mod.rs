//! Tables: every table's columns declared once, strict CSV in, canonical CSV out.

mod capped;
mod decode;
mod header;
mod join;
mod line;
mod read;
mod rows;
pub mod spec;
mod split;
#[cfg(test)]
mod tests;
mod write;

pub use capped::{CappedFaults, REPEATS_MAX};
pub use read::{ReadOptions, TableRead, read};
pub use rows::{Rows, trim};
pub use spec::TableSpec;
pub use split::{FIELD_BYTES_MAX, LostRow};
pub use write::{CsvOut, neutralise, push_cell};
