//! The directory snapshot: its tables, read and written as equal bytes for equal content.
//!
//! A snapshot is a folder named by the digest of its `snapshot.json`, which in
//! turn holds the digest of every table: what was altered is not read.

mod accounts;
mod blocks;
mod digested;
mod edited;
mod fields;
mod flushed;
mod lines;
mod next_accounts;
mod parse;
mod pass;
mod record;
mod scan;
mod snapshot;
mod tables;
mod write;

pub use accounts::{Account, Accounts, Dates, SHOWN};
pub(crate) use digested::{DigestedFile, Digesting, digested};
pub use edited::{Cells, Edited};
pub use fields::{FieldChange, Fields};
pub(crate) use flushed::{FlushedFile, Flushing};
pub use next_accounts::{AccountEdit, NextAccounts, begin_next};
pub use record::{
    AccountRecord, Column, Consent, Group, GroupMember, GuardRow, LedgerEntry, RetiredUsername,
    Transfer,
};
pub use scan::{AllAccounts, Stub, Wanted};
pub use snapshot::{DirectoryError, Meta, Snapshot, folder_name, hex, sha256};
pub use write::{NextTables, write_empty, write_first, write_next, write_next_of_some};
