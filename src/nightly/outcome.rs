//! What the judging of people gives.

use super::look::Seen;
use crate::decisions::{RequestOutcome, Verdict};
use crate::directory::Consent;
use crate::model::{EstId, Fault, RowRef};
use crate::plan::{Change, Notice};

/// What the judging of people gives, person by person.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows of the plan, without usernames of new accounts.
    pub changes: Vec<Change>,
    /// By the places of their rows in [`Outcome::changes`]: what new usernames are to be made of.
    pub new_names: Vec<(usize, NewName)>,
    /// Notices.
    pub notices: Vec<Notice>,
    /// Faults found after the gate.
    pub faults: Vec<Fault>,
    /// What became of decisions, by place in the book.
    pub verdicts: Vec<(usize, Verdict)>,
    /// Choices that change without a row: person_ref before, choice after.
    pub consents: Vec<(Option<String>, Option<Consent>)>,
    /// On roll, without a usable account, not shared: the establishment.
    pub not_shared: Vec<EstId>,
    /// What became of requests.
    pub requests: Vec<RequestOutcome>,
    /// The cases that somebody looks at.
    pub seen: Vec<Seen>,
}

impl Outcome {
    /// Takes in what a part of the people gave.
    pub fn add(&mut self, part: Outcome) {
        let first = self.changes.len();
        let names = part.new_names.into_iter();
        self.new_names
            .extend(names.map(|(at, name)| (first + at, name)));
        self.changes.extend(part.changes);
        self.notices.extend(part.notices);
        self.faults.extend(part.faults);
        self.verdicts.extend(part.verdicts);
        self.consents.extend(part.consents);
        self.not_shared.extend(part.not_shared);
        self.seen.extend(part.seen);
    }
}

/// What the username of a new or renamed account is to be made of.
#[derive(Debug)]
pub struct NewName {
    /// The surname.
    pub surname: String,
    /// The forename.
    pub forename: String,
    /// The row behind a new account.
    pub row: Option<RowRef>,
}

impl NewName {
    /// Of names; no row is behind it.
    pub fn of(surname: &str, forename: &str) -> Self {
        NewName {
            surname: surname.to_owned(),
            forename: forename.to_owned(),
            row: None,
        }
    }
}
