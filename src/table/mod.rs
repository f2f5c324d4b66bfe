//! Tables: every table's columns declared once, strict CSV in, canonical CSV out.

mod rows;

pub use rows::Rows;
