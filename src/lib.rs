//! onroll keeps a directory of school accounts true to the school rolls.
//!
//! A house with one straight corridor. Data enters at the front, passes eight rooms once and leaves at the back; no
//! room looks back. [`nightly`] joins them and is the only place that knows them all.
//!
//! | stage | room | promise |
//! |---|---|---|
//! | 1 | [`intake`] | files become canonical tables; strict headers and widths |
//! | 2 | [`gate`] | tables become the accepted roll; every fault has table, file, row and column; nothing is decided on bad input |
//! | 3 | [`relate`] | roll, directory and [`decisions`] meet: one entry per person, every row in exactly one case or fault |
//! | 4 | [`facts`] | a case becomes a small closed set of values; dates and counts end here |
//! | 5 | [`policy`] | values become a rule: one look-up in a table that was proved when it was loaded |
//! | 6 | [`effects`] | a rule becomes field changes; the only place that knows what an action does |
//! | 7 | [`guard`], [`groups`] | changes become a [`plan`] with held parts; classes become groups of the accounts that the plan leaves usable |
//! | 8 | [`workspace`], [`report`] | a plan becomes a snapshot ([`directory`]), reports and a run record, with one commit point |
//!
//! Beside the corridor stand [`model`] (the domain's nouns), [`table`] (strict CSV), [`identity`] (keys, identifiers,
//! usernames), [`calendar`] (days, months, windows), [`explain`] (why an account is as it is), [`causes`] (what removals share), [`verify`] (is the archive as it was written?), [`drill`] (which gate or guard fires), [`compare`] (two policies over one night), [`diff`] (two states of the directory), [`drift`] (our snapshot and the real directory), [`adopt`] (the first snapshot of a directory that exists already), [`nightly::parts`] (a directory larger than the memory), [`sample`] (the nights of `onroll demo`) and [`cli`]. Below all of them lie `prefixes` (one hash among millions), `eight` (as many bytes of a text together), `packed` (many short texts), `pages` (files that are read or written once), `rounds` (one taken in while the next is made) and `warm` (memory that is used soon).
//!
//! Two choices differ from the first drawing of this house. Facts are Rust functions of a case, one per fact, not
//! expressions of a data-frame engine: the compiler then sees that every case has a value for every fact, and a quiet
//! case costs one pass over memory that is already at hand. And no such engine joins the two sides: they are sorted by
//! fixed-width keys on both cores and walked once, which takes a third of the time, two thirds of the memory and a third
//! of the build that the engine took.
#![forbid(unsafe_code)]

pub mod adopt;
pub mod calendar;
pub mod causes;
pub mod cli;
pub mod compare;
pub mod decisions;
pub mod diff;
pub mod directory;
pub mod drift;
pub mod drill;
pub mod effects;
mod eight;
pub mod explain;
pub mod facts;
pub mod forecast;
pub mod gate;
pub mod groups;
pub mod guard;
pub mod identity;
pub mod intake;
pub mod model;
pub mod nightly;
mod packed;
mod pages;
pub mod plan;
pub mod policy;
mod prefixes;
pub mod readiness;
pub mod relate;
pub mod report;
mod rounds;
pub mod sample;
pub mod table;
pub mod verify;
mod warm;
pub mod workspace;
