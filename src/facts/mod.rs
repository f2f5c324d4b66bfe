//! Stage 4: cases become facts. Dates and counts end here.

pub mod registry;
