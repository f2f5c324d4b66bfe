//! The directory and the rolls as the gate sees them where only some people are kept.

use std::collections::HashSet;

use super::Keep;
use crate::directory::{Accounts, AllAccounts, Column};
use crate::gate::{KnownAccount, KnownAccounts, Sharing};
use crate::intake::read_again;
use crate::model::InputFile;
use crate::nightly::Request;
use crate::nightly::read::options;
use crate::table::{TableRead, TableSpec};

/// Whose rows are kept.
pub struct Share<'a> {
    pub keep: Keep<'a>,
    pub special: &'a HashSet<u128>,
    pub request: &'a Request<'a>,
    /// The files as they were read first.
    pub files: &'a [InputFile],
    pub logins: &'a [(u32, u64)],
}

impl Sharing for Share<'_> {
    fn keeps(&self, person: u128) -> bool {
        self.keep.holds(person) || self.special.contains(&person)
    }

    fn checks_all(&self) -> bool {
        self.keep.is_merge()
    }

    fn again(&self, spec: &'static TableSpec, file: &TableRead) -> std::io::Result<TableRead> {
        // Sorted by label.
        let was = self
            .files
            .binary_search_by(|was| was.label.cmp(&file.label));
        let was = was.ok().map(|at| &self.files[at]);
        let params = &self.request.policy.params;
        let file = (spec, file.label.as_str());
        read_again(self.request.mis, file, was, params, &options(self.request))
    }

    fn logins(&self) -> &[(u32, u64)] {
        self.logins
    }
}

/// Everybody's accounts.
pub struct Everybody<'a> {
    pub crowd: &'a AllAccounts,
    /// Those whose lines are kept.
    pub accounts: &'a Accounts,
    /// Whether anybody asks for logins; they are known of kept lines alone.
    pub has_logins: bool,
}

impl Everybody<'_> {
    fn login(&self, place: usize) -> &str {
        // Not looked for where nobody asks: a search in a list of millions, for each row.
        let kept = || self.crowd.kept.binary_search(&(place as u32)).ok();
        match self.has_logins.then(kept).flatten() {
            Some(at) => self.accounts.plain_cell(at, Column::Login),
            None => "",
        }
    }
}

impl KnownAccounts for Everybody<'_> {
    fn places(&self) -> usize {
        self.crowd.list.len()
    }

    fn get(&self, place: usize) -> Option<KnownAccount<'_>> {
        let stub = &self.crowd.list[place];
        Some(KnownAccount {
            kind: stub.kind?,
            person: stub.person(),
            code: stub.code as usize,
            state: stub.state,
            missing_since: stub.missing_since,
            grace_until: stub.grace_until,
            login: self.login(place),
        })
    }

    fn codes(&self) -> Vec<(usize, &str)> {
        let mut is_used = vec![false; self.crowd.codes.len()];
        let mis = self.crowd.list.iter().filter(|stub| stub.kind.is_some());
        mis.for_each(|stub| is_used[stub.code as usize] = true);
        let codes = self.crowd.codes.iter().map(String::as_str).enumerate();
        codes.filter(|(number, _)| is_used[*number]).collect()
    }
}
