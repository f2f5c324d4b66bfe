//! Requests for accounts of people whom no school's MIS knows (S4): which are open, and what became of them.

use std::collections::HashSet;

use super::read::REQUEST_PREFIX;
use crate::facts::Tonight;
use crate::model::{Date, Role};

/// One row of `requests.csv`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Unique id; ids compare as text.
    pub id: String,
    /// When it was made.
    pub on: Date,
    /// By whom.
    pub by: String,
    /// What the account is for.
    pub role: Role,
    /// Surname, or what a service is called.
    pub surname: String,
    /// Forename; may be blank.
    pub forename: String,
    /// An establishment code; blank for who belongs to an organisation.
    pub establishment: String,
    /// The organisation.
    pub organisation: String,
    /// Job title.
    pub job_title: String,
    /// E-mail address at work.
    pub work_email: String,
    /// Telephone number.
    pub contact_number: String,
    /// Last day asked for.
    pub expires_on: Option<Date>,
    /// File it stands in.
    pub file: String,
    /// Line of the file.
    pub row: u64,
}

impl Request {
    /// What the ledger calls it.
    pub fn ledger_id(&self) -> String {
        format!("{REQUEST_PREFIX}{}", self.id)
    }
}

/// What became of a request tonight; the reason is that of the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestOutcome {
    /// Its name in the ledger.
    pub ledger_id: String,
    /// When it was made.
    pub on: Date,
    /// `applied`, `waiting` or `refused`.
    pub outcome: &'static str,
    /// Why, in the words of the rule.
    pub reason: String,
}

/// The requests that the ledger does not hold yet, in the order in which they are carried out.
pub fn open<'a>(tonight: &Tonight<'_>, requests: &'a [Request]) -> Vec<&'a Request> {
    let ledger = tonight.snapshot.ledger.iter();
    let settled: HashSet<&str> = ledger
        .filter_map(|l| l.decision_id.strip_prefix(REQUEST_PREFIX))
        .collect();
    let mut open: Vec<&Request> = requests
        .iter()
        .filter(|r| !settled.contains(r.id.as_str()))
        .collect();
    open.sort_by(|a, b| (a.on, &a.id).cmp(&(b.on, &b.id)));
    open
}
