//! Stage 6: what an action does to an account. The only place that knows.

pub mod account;
pub mod claims;
pub mod names;
pub mod non_mis;
