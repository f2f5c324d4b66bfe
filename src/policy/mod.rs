//! Stage 5: policies as data. Parameters, decision tables, their proof and their compiled form.

pub mod params;
