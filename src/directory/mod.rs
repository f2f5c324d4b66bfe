//! The directory snapshot: its tables, read and written as equal bytes for equal content.

mod record;

pub use record::{AccountRecord, Column, Consent, GuardRow, LedgerEntry, RetiredUsername, Transfer};
