//! What a plan makes of the snapshot's tables; held changes are left out.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::directory::{
    AccountEdit, Column, Consent, Group, GroupMember, LedgerEntry, NextTables, Snapshot, Transfer,
};
use crate::identity::parse_hex128;
use crate::plan::{Change, Plan, Status};

/// What a change does to the line of its account; `None` where the account itself stays as it is.
fn edit_of(change: &Change) -> Option<AccountEdit<'_>> {
    let fields = &change.fields;
    match change.place {
        Some(place) if change.deletes() => Some(AccountEdit::Remove(place)),
        Some(_) if fields.columns().next().is_none() => None,
        Some(place) => Some(AccountEdit::Replace(place, fields)),
        None => Some(AccountEdit::Insert(fields)),
    }
}

/// The changes that go ahead and do something to other tables than that of the accounts, in their order: few of a
/// night's.
fn reaching_beyond(changes: &[Change]) -> Vec<&Change> {
    let planned = changes.par_iter().filter(|c| c.status == Status::Planned);
    planned
        .filter(|c| c.deletes() || c.elsewhere.is_some())
        .collect()
}

/// The claims as they stand after the planned changes; those of a deleted account go with it.
pub fn transfers_after(changes: &[Change], before: &Snapshot) -> Vec<Transfer> {
    let key = |t: &Transfer| (t.account_id.clone(), t.to_establishment.clone());
    let mut transfers: BTreeMap<(String, String), Transfer> = before
        .transfers
        .iter()
        .map(|t| (key(t), t.clone()))
        .collect();
    let mut purged = BTreeSet::new();
    for change in reaching_beyond(changes) {
        if change.deletes() {
            purged.insert(change.account_id());
        }
        for to in &change.elsewhere().transfers_gone {
            transfers.remove(&(change.account_id().to_owned(), to.clone()));
        }
        let set = change.elsewhere().transfers_set.iter();
        transfers.extend(set.map(|t| (key(t), t.clone())));
    }
    transfers.retain(|(account, _), _| !purged.contains(account.as_str()));
    transfers.into_values().collect()
}

/// Every table but that of the accounts, as it stands afterwards.
pub fn next_tables(plan: &Plan, before: &Snapshot) -> NextTables {
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
    for change in reaching_beyond(&plan.changes) {
        if change.deletes() {
            purged.insert(change.account_id().to_owned());
        }
        if let Some(consent) = &change.elsewhere().consent {
            consents.remove(change.person_ref());
            if let Some(place) = change.place {
                // Under the person_ref of before, where the person goes by another now.
                let stored = before.accounts.plain_cell(place, Column::PersonRef);
                consents.remove(stored);
            }
            if let Some(consent) = consent {
                consents.insert(consent.person_ref.clone(), consent.clone());
            }
        }
        ledger.extend(
            change
                .elsewhere()
                .decisions
                .iter()
                .map(|entry| (entry.decision_id.clone(), entry.clone())),
        );
        retired.extend(change.elsewhere().retired.iter().cloned());
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
    let (groups, group_members) = next_groups(plan, before, &purged);
    NextTables {
        groups,
        group_members,
        transfers: transfers_after(&plan.changes, before),
        consents: consents.into_values().collect(),
        ledger: ledger.into_values().collect(),
        guard_history: plan.quiet.guard_history.clone(),
        retired: retired.into_iter().collect(),
    }
}

/// The edits of the accounts table.
pub fn account_edits(changes: &[Change]) -> Vec<AccountEdit<'_>> {
    let planned = changes.par_iter();
    let planned = planned.filter(|c| c.status == Status::Planned);
    planned.filter_map(edit_of).collect()
}

/// Groups and their members afterwards. A deleted account goes from every group, also where groups are switched off.
fn next_groups(
    plan: &Plan,
    before: &Snapshot,
    purged: &BTreeSet<String>,
) -> (Vec<Group>, Vec<GroupMember>) {
    let purged: BTreeSet<u128> = purged.iter().filter_map(|id| parse_hex128(id)).collect();
    let changes = plan.groups.iter().flat_map(|groups| &groups.changes);
    let changed: BTreeMap<u128, &Group> = changes.clone().map(|c| (c.group.id, &c.group)).collect();
    let known = before.groups.iter();
    let mut groups: Vec<Group> = known
        .filter(|group| !changed.contains_key(&group.id))
        .chain(changed.values().copied())
        .cloned()
        .collect();
    groups.sort_by_key(|group| group.id);
    let stays = |m: &&GroupMember| !changed.contains_key(&m.group) && !purged.contains(&m.account);
    let mut members: Vec<GroupMember> = before
        .group_members
        .iter()
        .filter(stays)
        .chain(changes.flat_map(|c| &c.after))
        .copied()
        .collect();
    members.sort_unstable();
    (groups, members)
}
