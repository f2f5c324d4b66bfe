//! What a plan makes of the snapshot's tables; held changes are left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::{AccountEdit, Consent, LedgerEntry, NextTables, Snapshot, Transfer};
use crate::identity::hex128;
use crate::plan::{Plan, Status};

/// The edits of the accounts table, and every other table as it stands afterwards.
pub fn next_tables<'a>(plan: &'a Plan, before: &Snapshot) -> (Vec<AccountEdit<'a>>, NextTables) {
    let mut edits = Vec::new();
    let mut transfers: BTreeMap<(String, String), Transfer> = before
        .transfers
        .iter()
        .map(|t| {
            (
                (t.account_id.clone(), t.to_establishment.clone()),
                t.clone(),
            )
        })
        .collect();
    let mut consents: BTreeMap<String, Consent> = before
        .consents
        .iter()
        .map(|c| (c.person_ref.clone(), c.clone()))
        .collect();
    let mut ledger: BTreeMap<String, LedgerEntry> = before
        .ledger
        .iter()
        .map(|l| (l.decision_id.clone(), l.clone()))
        .collect();
    let mut retired: BTreeSet<_> = before.retired.iter().cloned().collect();
    let mut purged = BTreeSet::new();
    for change in plan.changes.iter().filter(|c| c.status == Status::Planned) {
        match (change.place, &change.record) {
            (Some(place), Some(record)) => {
                if before.accounts.record(place) != *record {
                    edits.push(AccountEdit::Replace(place, record));
                }
            }
            (Some(place), None) => {
                edits.push(AccountEdit::Remove(place));
                purged.insert(change.account_id.clone());
            }
            (None, Some(record)) => edits.push(AccountEdit::Insert(record)),
            (None, None) => {}
        }
        for to in &change.transfers_gone {
            transfers.remove(&(change.account_id.clone(), to.clone()));
        }
        for transfer in &change.transfers_set {
            transfers.insert(
                (
                    transfer.account_id.clone(),
                    transfer.to_establishment.clone(),
                ),
                transfer.clone(),
            );
        }
        if let Some(consent) = &change.consent {
            let stored = change
                .place
                .and_then(|p| before.accounts.list[p].person)
                .map(hex128);
            consents.retain(|person, _| {
                *person != change.person_ref
                    && stored
                        .as_ref()
                        .is_none_or(|hash| !person.ends_with(hash.as_str()))
            });
            if let Some(consent) = consent {
                consents.insert(consent.person_ref.clone(), consent.clone());
            }
        }
        ledger.extend(
            change
                .decisions
                .iter()
                .map(|entry| (entry.decision_id.clone(), entry.clone())),
        );
        retired.extend(change.retired.iter().cloned());
    }
    for person_ref in &plan.quiet.consents_gone {
        consents.remove(person_ref);
    }
    consents.extend(
        plan.quiet
            .consents_set
            .iter()
            .map(|c| (c.person_ref.clone(), c.clone())),
    );
    ledger.extend(
        plan.quiet
            .ledger
            .iter()
            .map(|entry| (entry.decision_id.clone(), entry.clone())),
    );
    transfers.retain(|(account, _), _| !purged.contains(account));
    let tables = NextTables {
        transfers: transfers.into_values().collect(),
        consents: consents.into_values().collect(),
        ledger: ledger.into_values().collect(),
        guard_history: plan.quiet.guard_history.clone(),
        retired: retired.into_iter().collect(),
    };
    (edits, tables)
}
