//! Why an account is as it is: the five steps of `onroll explain` (SPEC §11).
//!
//! In the input? accepted? matched to which account? which facts and rule? what happened? For tonight the corridor
//! itself is walked once more with one case watched ([`crate::nightly::look`]); for an archived run the `facts` column
//! of its plan says which case a row was, and the policy kept beside it says the rest. Neither knows a rule of its own.

mod archived;
mod rule;

pub use archived::{PastRow, past_doubts, past_notices, past_rows};
pub use rule::{Fact, Other, Passed, Weighed, weigh};

use serde::Serialize;

/// An account or a person, through the five steps.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The civil date of the night.
    pub as_of: crate::model::Date,
    /// The archived run; empty for tonight.
    pub run: String,
    /// Step 1 and 2: the rows of the roll, and what the gate made of each; `None` where the roll was not kept.
    pub rows: Option<Vec<Row>>,
    /// Step 3: the accounts of the person, as the snapshot had them before.
    pub accounts: Vec<Matched>,
    /// Step 4: the cases, each with its facts and the rule that decided.
    pub cases: Vec<Case>,
    /// Step 5: what came of it.
    pub changes: Vec<Done>,
    /// Step 5: what people are told.
    pub notices: Vec<Told>,
}

/// A row of the roll, without what it says of the person.
#[derive(Debug, Serialize)]
pub struct Row {
    /// `learners` or `staff`.
    pub table: String,
    /// Path below the workspace.
    pub file: String,
    /// Its line, the header being line 1.
    pub line: u64,
    /// Where it lists the person.
    pub establishment: String,
    /// Admission or start date.
    pub start: Option<crate::model::Date>,
    /// Leaving date.
    pub leaving: Option<crate::model::Date>,
    /// Its `enrolment_status`; empty for a row that was rejected.
    pub enrolment_status: String,
    /// Whether the gate accepted it.
    pub accepted: bool,
    /// Why not, or why its establishment is held: code and sentence of each fault.
    pub doubts: Vec<String>,
}

/// An account of the person.
#[derive(Debug, Serialize)]
pub struct Matched {
    /// Its id.
    pub account_id: String,
    /// Its username.
    pub username: String,
    /// `mis` or `non_mis`.
    pub category: String,
    /// Its role.
    pub role: String,
    /// `active`, `grace` or `inactive`.
    pub state: String,
    /// Where it is held.
    pub establishment: String,
    /// Its dates and the reason it is inactive, as far as they are filled: column and value.
    pub dates: Vec<(String, String)>,
}

/// A case and the rule that decided it.
#[derive(Debug, Serialize)]
pub struct Case {
    /// The account; empty for a person without one.
    pub account_id: String,
    /// The establishment that claims the account, where the case is a claim.
    pub claimant: String,
    /// What the table made of it.
    #[serde(flatten)]
    pub weighed: Weighed,
}

/// A row of the plan.
#[derive(Debug, Serialize)]
pub struct Done {
    /// Its id.
    pub change_id: String,
    /// The action.
    pub action: String,
    /// The rule that named it.
    pub rule: String,
    /// `planned`, `held` or `blocked`.
    pub status: String,
    /// Guards that hold it.
    pub held_by: Vec<String>,
    /// The account.
    pub account_id: String,
    /// The date of the cause.
    pub effective_on: String,
    /// Why, in the words of the rule.
    pub reason: String,
    /// What changes: name, before, after.
    pub fields: Vec<(String, String, String)>,
}

/// A notice about the account or the person.
#[derive(Debug, Serialize)]
pub struct Told {
    /// Its code.
    pub code: String,
    /// What is the case.
    pub message: String,
    /// What would mend it.
    pub fix: String,
    /// Who can.
    pub owner: String,
}
