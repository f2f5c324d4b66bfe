//! The one order of a plan's rows.

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut;

use super::Change;

/// How two rows of `plan.csv` stand to each other: action class, establishment, account, change (SPEC §11).
pub fn compare(a: &Change, b: &Change) -> Ordering {
    (a.action.cmp(&b.action))
        .then_with(|| a.establishment.cmp(&b.establishment))
        .then_with(|| a.account_id.cmp(&b.account_id))
        .then_with(|| a.change_id.cmp(&b.change_id))
}

/// Puts changes in the order of `plan.csv`; depends on nothing but their content.
pub fn sort(changes: &mut [Change]) {
    changes.par_sort_unstable_by(compare);
}
