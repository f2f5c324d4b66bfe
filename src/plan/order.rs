//! The one order of a plan's rows.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::Change;
use crate::model::Action;

/// How two rows of `plan.csv` stand to each other: action class, establishment, account, change (SPEC §11).
pub fn compare(a: &Change, b: &Change) -> Ordering {
    (a.action.cmp(&b.action))
        .then_with(|| a.establishment.cmp(&b.establishment))
        .then_with(|| a.account_id.cmp(&b.account_id))
        .then_with(|| a.change_id.cmp(&b.change_id))
}

/// Puts changes in the order of `plan.csv`; depends on nothing but their content.
pub fn sort(changes: Vec<Change>) -> Vec<Change> {
    // Small keys are moved about instead of the changes, whose texts lie anywhere.
    let keys = changes.par_iter().enumerate();
    let mut keys: Vec<(Key, u32)> = keys.map(|(at, c)| (Key::of(c), at as u32)).collect();
    keys.par_sort_unstable_by(|(a, place_a), (b, place_b)| {
        let whole = || compare(&changes[*place_a as usize], &changes[*place_b as usize]);
        a.cmp(b).then_with(whole)
    });
    let mut changes: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
    let sorted = keys
        .iter()
        .filter_map(|(_, at)| changes[*at as usize].take());
    sorted.collect()
}

/// What nearly always tells how a change stands to another: how its texts begin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    action: Action,
    establishment: [u8; 8],
    account: [u8; 12],
}

impl Key {
    fn of(change: &Change) -> Self {
        Key {
            action: change.action,
            establishment: beginning(&change.establishment),
            account: beginning(&change.account_id),
        }
    }
}

/// The first bytes of a text, filled up with what stands before every other byte.
fn beginning<const N: usize>(text: &str) -> [u8; N] {
    let mut first = [0; N];
    let length = text.len().min(N);
    first[..length].copy_from_slice(&text.as_bytes()[..length]);
    first
}
