//! The one order of a plan's rows.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::Change;
use crate::model::Action;
use crate::warm;

/// How two rows of `plan.csv` stand to each other: action class, establishment, account, change (SPEC §11).
pub fn compare(a: &Change, b: &Change) -> Ordering {
    (a.action.cmp(&b.action))
        .then_with(|| a.establishment().cmp(b.establishment()))
        .then_with(|| a.account_id().cmp(b.account_id()))
        .then_with(|| a.change_id().cmp(b.change_id()))
}

/// Puts changes in the order of `plan.csv`; depends on nothing but their content.
pub fn sort(changes: &mut [Change]) {
    // Small keys are moved about instead of the changes, whose texts lie anywhere.
    let keys = changes.par_iter().enumerate();
    let mut keys: Vec<(Key, u32)> = keys.map(|(at, c)| (Key::of(c), at as u32)).collect();
    keys.par_sort_unstable_by(|(a, place_a), (b, place_b)| {
        let whole = || compare(&changes[*place_a as usize], &changes[*place_b as usize]);
        a.cmp(b).then_with(whole)
    });
    let from: Vec<u32> = keys.into_iter().map(|(_, at)| at).collect();
    bring(changes, from);
}

/// Brings to every place what stands at the place that is named for it, moving each change once.
fn bring(changes: &mut [Change], mut from: Vec<u32>) {
    for first in 0..from.len() {
        // Each place of a round takes over from the next, until the round is back where it began.
        let (mut at, mut looked_at) = (first, 0);
        while from[at] as usize != first {
            if looked_at == 0 {
                warm::looked(look_ahead(changes, &from, at));
                looked_at = warm::TOGETHER;
            }
            looked_at -= 1;
            let next = std::mem::replace(&mut from[at], at as u32) as usize;
            changes.swap(at, next);
            at = next;
        }
        from[at] = at as u32;
    }
}

/// Looks at the changes that are moved next, and at whether a place is on its own ([`crate::warm`]).
fn look_ahead(changes: &[Change], from: &[u32], mut at: usize) -> usize {
    let next = (0..warm::TOGETHER).map(|_| {
        at = from[at] as usize;
        let change = &changes[at];
        usize::from(change.approved) + change.fields.is_empty() as usize + change.place.unwrap_or(0)
    });
    next.fold(0, usize::wrapping_add)
}

/// What nearly always tells how a change stands to another: how its texts begin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    action: Action,
    establishment: [u8; 8],
    /// Length of the establishment's code; one more than fits above for all longer ones.
    length: u8,
    /// Blank where the code is longer: then only the whole tells.
    account: [u8; 12],
}

impl Key {
    fn of(change: &Change) -> Self {
        let code = change.establishment();
        let length = code.len().min(9) as u8;
        let account = if length > 8 { "" } else { change.account_id() };
        Key {
            action: change.action,
            establishment: beginning(code),
            length,
            account: beginning(account),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::testing::change;

    proptest! {
        #[test]
        fn keys_sort_as_whole_changes_do(
            made in prop::collection::vec(("[a-b]{7,9}", "[0-1]{11,14}", 0..3_usize), 0..60),
        ) {
            let actions = [Action::Update, Action::Create, Action::Purge];
            let changes = made.iter().map(|(at, id, n)| change(actions[*n], at, id));
            let mut ours: Vec<Change> = changes.collect();
            let mut theirs = ours.clone();
            sort(&mut ours);
            theirs.sort_by(compare);
            let ids = |list: &[Change]| -> Vec<String> {
                list.iter().map(|c| format!("{} {} {}", c.action, c.establishment(), c.account_id())).collect()
            };
            prop_assert_eq!(ids(&ours), ids(&theirs));
        }
    }
}
