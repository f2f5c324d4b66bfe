//! Names and people that stand more than once: told row by row, since nobody but a person can say which is right.

use std::collections::{BTreeMap, HashMap};

use super::columns::In;
use super::row::Candidate;
use crate::directory::Column;
use crate::model::State;

/// What the rows say of each other, by place among the candidates.
#[derive(Debug, Default)]
pub(super) struct Clashes {
    /// Rows that repeat an earlier one in every cell, with that one's line.
    pub repeats: Vec<(usize, u64)>,
    /// Rows whose username or alias another row has as well: the column, and the line of another.
    pub names: BTreeMap<usize, (In, u64)>,
    /// Rows with one of several usable accounts of one person, and the line of another.
    pub people: BTreeMap<usize, u64>,
}

/// Compares all rows, bad ones included: a name must not be taken by a good row because the other one is bad.
pub(super) fn find(candidates: &[Candidate]) -> Clashes {
    let mut clashes = Clashes::default();
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut kept = Vec::with_capacity(candidates.len());
    for (at, candidate) in candidates.iter().enumerate() {
        let username = candidate.keys.first().map_or("", |(_, key)| key.as_str());
        let earlier = first.get(username).map(|&n| &candidates[n]);
        match earlier.filter(|_| !username.is_empty()) {
            Some(earlier)
                if earlier.record == candidate.record && !candidate.is_bad && !earlier.is_bad =>
            {
                clashes.repeats.push((at, earlier.line));
            }
            _ => {
                first.entry(username).or_insert(at);
                kept.push(at);
            }
        }
    }
    names(candidates, &kept, &mut clashes);
    people(candidates, &kept, &mut clashes);
    clashes
}

fn names(candidates: &[Candidate], kept: &[usize], clashes: &mut Clashes) {
    let mut owners: HashMap<&str, (usize, In)> = HashMap::new();
    for &at in kept {
        for (column, key) in &candidates[at].keys {
            let (owner, its) = *owners.entry(key).or_insert((at, *column));
            if owner != at {
                let line = candidates[owner].line;
                clashes.names.entry(at).or_insert((*column, line));
                let line = candidates[at].line;
                clashes.names.entry(owner).or_insert((its, line));
            }
        }
    }
}

fn people(candidates: &[Candidate], kept: &[usize], clashes: &mut Clashes) {
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for &at in kept {
        let record = &candidates[at].record;
        let person = record.get(Column::PersonRef);
        let is_usable = State::parse(record.get(Column::State)).is_some_and(State::is_usable);
        if person.is_empty() || !is_usable || candidates[at].is_bad {
            continue;
        }
        let owner = *owners.entry(person).or_insert(at);
        if owner != at {
            let (line, its) = (candidates[owner].line, candidates[at].line);
            clashes.people.entry(at).or_insert(line);
            clashes.people.entry(owner).or_insert(its);
        }
    }
}
