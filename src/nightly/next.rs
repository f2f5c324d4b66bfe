//! The next snapshot: when its parts are written, and from what.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::{Decided, NightError, Read, Request, tables};
use crate::directory::{self, Meta, NextAccounts, NextTables, Snapshot};
use crate::plan::Change;

/// Changes are few where there are as many times more accounts.
const FEW: usize = 4;

/// Writes the next snapshot's accounts, where there is a folder for them and [`is_early`] says so.
///
/// # Errors
/// When they cannot be written.
pub(super) fn write_early(
    request: &Request<'_>,
    read: &Read,
    changes: &[Change],
) -> io::Result<Option<NextAccounts>> {
    let next = request.next.filter(|_| is_early(request, read, changes));
    let write = |folder: &Path| {
        let edits = tables::account_edits(changes);
        directory::begin_next(folder, &read.snapshot.accounts, edits)
    };
    next.map(write).transpose()
}

/// Whether the next snapshot's accounts are written as soon as the changes stand: where all accounts are at hand, the
/// snapshot will differ from this one for certain, and most lines pass as they are. Then nearly all of the work is one
/// digest, which no second core can share; where most lines change, making them fills both cores beside the reports.
fn is_early(request: &Request<'_>, read: &Read, changes: &[Change]) -> bool {
    request.gathered.is_none()
        && read.snapshot.meta.as_of != Some(request.as_of)
        && changes.len() * FEW < read.snapshot.accounts.len()
}

/// All of the next snapshot's `snapshot.json` but rows and digests.
pub(super) fn meta(request: &Request<'_>, before: &Snapshot) -> Meta {
    Meta {
        as_of: Some(request.as_of),
        policy: request.policy.params.name.clone(),
        policy_digest: request.policy.digest.clone(),
        key_id: request.keys.current.id().to_string(),
        key_fingerprint: request.keys.current.fingerprint(),
        rows: BTreeMap::new(),
        digests: BTreeMap::new(),
        from: Some(before.name.clone()),
        ..before.meta.clone()
    }
}

impl Decided {
    /// Stage 8, the directory's part: writes the next snapshot into an existing folder, in which nothing stands but what
    /// [`Decided::next_accounts`] had, and returns the name the folder must have. Held changes are left out.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_snapshot(
        &self,
        into: &Path,
        accounts: Option<NextAccounts>,
    ) -> Result<String, NightError> {
        let (meta, before) = (self.meta.clone(), &self.before);
        let tables = self.next_tables();
        let edits = || tables::account_edits(&self.plan.changes);
        let written = match (&self.in_parts, accounts) {
            (_, Some(accounts)) => directory::write_next(into, meta, accounts, &tables),
            (None, None) => directory::begin_next(into, &before.accounts, edits())
                .and_then(|accounts| directory::write_next(into, meta, accounts, &tables)),
            (Some(old), None) => {
                directory::write_next_of_some(into, meta, (old, before), edits(), &tables)
            }
        };
        written.map_err(NightError::Write)
    }

    /// Whether the next snapshot differs from this one in more than where it came from.
    pub fn changes_snapshot(&self) -> bool {
        let before = &self.before;
        // A night of another date always does: then the tables need not be made for the answer.
        if self.meta.as_of != before.meta.as_of {
            return true;
        }
        let tables = self.next_tables();
        !tables::account_edits(&self.plan.changes).is_empty()
            || self.meta.policy_digest != before.meta.policy_digest
            || self.meta.key_fingerprint != before.meta.key_fingerprint
            || tables.transfers != before.transfers
            || tables.consents != before.consents
            || tables.groups != before.groups
            || tables.group_members != before.group_members
            || tables.ledger != before.ledger
            || tables.guard_history != before.guard_history
            || tables.retired != before.retired
    }

    fn next_tables(&self) -> NextTables {
        tables::next_tables(&self.plan, &self.before)
    }
}
