//! The plan: every change that is due tonight, with what holds it and why.
//!
//! It is sorted when it is made, and it is the unit of review: reports read it,
//! `apply` carries it out, nothing else changes the directory.

mod groups;
pub mod notice_text;
mod order;
mod texts;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::causes::Cause;
use crate::directory::{
    Accounts, Cells, Column, Consent, Edited, GuardRow, LedgerEntry, RetiredUsername, Transfer,
};
use crate::forecast::Due;
use crate::model::{Action, Category, Date, Fault, HoldReason, Role, Roll, State};
use crate::policy::table::{Grounds, TableKind};
use crate::readiness::School;

pub use crate::directory::{FieldChange, Fields};
pub use groups::{GroupChange, GroupPlan};
pub use order::{compare, sort};
pub use texts::{Text, Texts};

/// Whether a change goes ahead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Status {
    /// It will be applied.
    Planned,
    /// A guard holds it.
    Held,
    /// It depends on something held.
    Blocked,
}

impl Status {
    /// The word in `plan.csv`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Planned => "planned",
            Status::Held => "held",
            Status::Blocked => "blocked",
        }
    }
}

/// The case that a decision table decided: all the evidence there is for it, and nothing personal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The table.
    pub table: TableKind,
    /// The case's index in it.
    pub index: u32,
}

impl std::fmt::Display for Evidence {
    /// As `plan.csv` has it, e.g. `learner:10234`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.table.as_str(), self.index)
    }
}

/// Everything that happens to one account in one run: one row of `plan.csv`.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its id, the account, the person, the username and the establishments.
    pub texts: Texts,
    /// Which action names the row (SPEC §7).
    pub action: Action,
    /// The rule of the decision table, and its reason.
    pub grounds: Arc<Grounds>,
    /// Whether it goes ahead.
    pub status: Status,
    /// `mis` or `non_mis`.
    pub category: Category,
    /// Role after the change.
    pub role: Role,
    /// Date of the cause.
    pub effective_on: Date,
    /// Which case of which table it was.
    pub facts: Evidence,
    /// Everything that changes; empty for `purge`.
    pub fields: Fields,
    /// Guard ids that hold it.
    pub held_by: Vec<String>,
    /// Whether a person let it through (§9), so that it is not counted.
    pub approved: bool,
    /// Which guard counts it: `release`, `absence`, `withdraw`, `opt_out`, `purge`, `create`, `transfer`; empty for none.
    pub guard: &'static str,
    /// Place in the incoming accounts table; `None` for a new account.
    pub place: Option<usize>,
    /// What it does to other tables; `None` where nothing, as with nearly all.
    pub elsewhere: Option<Box<Elsewhere>>,
}

impl Change {
    /// Keyed hash of (person or account, action, rule, establishments): the same every night until applied.
    pub fn change_id(&self) -> &str {
        self.texts.get(Text::Change)
    }

    /// The account.
    pub fn account_id(&self) -> &str {
        self.texts.get(Text::Account)
    }

    /// The person, as text; empty for non-MIS accounts.
    pub fn person_ref(&self) -> &str {
        self.texts.get(Text::Person)
    }

    /// The username after the change (before it, for `purge`).
    pub fn username(&self) -> &str {
        self.texts.get(Text::Username)
    }

    /// Establishment after the change.
    pub fn establishment(&self) -> &str {
        self.texts.get(Text::Establishment)
    }

    /// Establishment before, when it differs; else empty.
    pub fn from_establishment(&self) -> &str {
        self.texts.get(Text::From)
    }

    /// Rule of the decision table, e.g. `L-REL-1`.
    pub fn rule(&self) -> &str {
        &self.grounds.rule
    }

    /// The rule's reason, for people.
    pub fn reason(&self) -> &str {
        &self.grounds.reason
    }

    /// Whether its account goes for good: of several actions that meet, `purge` names the row before all others.
    pub fn deletes(&self) -> bool {
        self.action == Action::Purge
    }

    /// The account after the change; `None` when it goes.
    pub fn after<'a>(&'a self, accounts: &'a Accounts) -> Option<Edited<'a>> {
        if self.deletes() {
            return None;
        }
        let before = self.place.map(|place| accounts.cells(place));
        let before = before.unwrap_or(Cells::Blank);
        Some(Edited::with(before, &self.fields))
    }

    /// The account's state after the change; `None` when it goes.
    pub fn state_after(&self, accounts: &Accounts) -> Option<State> {
        match self.fields.of(Column::State) {
            _ if self.deletes() => None,
            Some(state) => State::parse(state.after),
            None => self.place.map(|place| accounts.list[place].state),
        }
    }

    /// Looks at what `plan.csv` shows of it ([`crate::warm`]).
    pub(crate) fn touch(&self) -> usize {
        self.texts.touch() + self.fields.touch()
    }

    /// What it does to other tables.
    pub fn elsewhere(&self) -> &Elsewhere {
        static NOWHERE: Elsewhere = Elsewhere {
            transfers_set: Vec::new(),
            transfers_gone: Vec::new(),
            consent: None,
            decisions: Vec::new(),
            retired: Vec::new(),
        };
        self.elsewhere.as_deref().unwrap_or(&NOWHERE)
    }
}

/// What a change does to other tables than that of the accounts.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// Claims after the change that are new or differ.
    pub transfers_set: Vec<Transfer>,
    /// Claims that go: their `to_establishment`.
    pub transfers_gone: Vec<String>,
    /// The person's recorded choice after the change: `None` when it stays, `Some(None)` when it goes.
    pub consent: Option<Option<Consent>>,
    /// Ledger entries that this change carries out.
    pub decisions: Vec<LedgerEntry>,
    /// Names that are never issued again (purge).
    pub retired: Vec<RetiredUsername>,
}

impl Elsewhere {
    /// Itself, unless it says nothing.
    pub fn if_any(self) -> Option<Box<Elsewhere>> {
        (self != Elsewhere::default()).then(|| Box::new(self))
    }
}

/// One row of `notices.csv`: something a person should know or do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Notice {
    /// Stable code, e.g. `incomplete`, `waiting_release`.
    pub code: String,
    /// The establishment it is addressed to.
    pub establishment: String,
    /// Role of the person or account.
    pub role: String,
    /// The account, if there is one.
    pub account_id: String,
    /// The person, as text.
    pub person_ref: String,
    /// Canonical table of the row meant, if any.
    pub table: String,
    /// File of the row.
    pub file: String,
    /// Line of the row; 0 for none.
    pub row: u64,
    /// Since when it stands, if known.
    pub since: Option<Date>,
    /// What is the case.
    pub message: String,
    /// What would mend it.
    pub fix: String,
    /// Who can: `school`, `authority`, `platform`, `administrator`.
    pub owner: String,
    /// Only for the person's own office (`not_shared`): counted, never written to `notices.csv`.
    pub office_only: bool,
    /// For the office's own list: admission number, year group, class, surname, forename. Never written elsewhere.
    pub office: OfficeLine,
}

/// What an office needs to find the record it can mend.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OfficeLine {
    /// Admission number (learners).
    pub admission_number: String,
    /// Year group.
    pub year_group: String,
    /// Registration class.
    pub registration_class: String,
    /// Name as the roll gives it; written only with `office_names`.
    pub name: String,
}

/// What one guard measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuardReading {
    /// `<guard>@run`, `<guard>@<establishment>` or `<guard>@<establishment>/<role>`.
    pub id: String,
    /// The guard's name: `release`, `absence`, `withdraw`, `opt_out`, `purge`, `create`, `transfer`, `everyone`.
    pub guard: String,
    /// `run`, an establishment code, or `<establishment>/<role>`.
    pub scope: String,
    /// What it counted: planned tonight, and applied earlier for the same as-of.
    pub value: u64,
    /// The largest value that does not trip.
    pub limit: u64,
    /// What the percentage was measured against.
    pub base: u64,
    /// Whether it tripped.
    pub tripped: bool,
    /// Changes it holds.
    pub held: u64,
    /// Name of the calendar window whose limit applied; empty for the ordinary one.
    pub window: String,
}

impl GuardReading {
    /// How many more changes it would have let through; 0 when tripped.
    pub fn headroom(&self) -> u64 {
        self.limit.saturating_sub(self.value)
    }
}

/// An establishment that the gate holds.
#[derive(Clone, Debug)]
pub struct HeldEstablishment {
    /// Its code.
    pub code: String,
    /// Which rule.
    pub reason: HoldReason,
    /// One sentence: counts and dates.
    pub message: String,
    /// Whether `approve --hold` can let it through.
    pub approvable: bool,
}

/// The establishments that the gate holds, and how many count against the limit on them (SPEC §8).
pub fn held_establishments(roll: &Roll) -> (Vec<HeldEstablishment>, usize) {
    let held = roll.establishments.iter().filter_map(|establishment| {
        let hold = establishment.hold.as_ref()?;
        Some(HeldEstablishment {
            code: establishment.code.clone(),
            reason: hold.reason,
            message: hold.message.clone(),
            approvable: hold.approvable,
        })
    });
    let counted = roll.establishments.iter().filter(|e| e.counts).count();
    (held.collect(), counted)
}

/// What changes the snapshot without a plan row (SPEC §16 "Consent").
#[derive(Clone, Debug, Default)]
pub struct Quiet {
    /// Choices set or changed, of people whose account has no plan row.
    pub consents_set: Vec<Consent>,
    /// Choices that go.
    pub consents_gone: Vec<String>,
    /// Ledger entries without a change.
    pub ledger: Vec<LedgerEntry>,
    /// The guard history after this run.
    pub guard_history: Vec<GuardRow>,
}

/// How a decision of a person fared tonight.
#[derive(Clone, Debug)]
pub struct DecisionOutcome {
    /// The decision.
    pub decision_id: String,
    /// `applied`, `refused` or `waiting`.
    pub outcome: String,
    /// Why, in plain words; empty when applied.
    pub reason: String,
}

/// One night's plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The civil date it is for.
    pub as_of: Date,
    /// Sorted by action class, establishment, account.
    pub changes: Vec<Change>,
    /// What happens to groups; `None` where the policy has none.
    pub groups: Option<GroupPlan>,
    /// Sorted.
    pub notices: Vec<Notice>,
    /// Sorted faults of the gate and of the stages after it.
    pub faults: Vec<Fault>,
    /// Every guard, tripped ones first.
    pub guards: Vec<GuardReading>,
    /// Establishments held by the gate, sorted.
    pub held: Vec<HeldEstablishment>,
    /// Establishments that count (listed, with accounts or rows tonight): the base for exit code 3.
    pub establishments_counted: usize,
    /// How the open decisions fared.
    pub decisions: Vec<DecisionOutcome>,
    /// What changes without a row.
    pub quiet: Quiet,
    /// People counted as not shared, by establishment.
    pub not_shared: BTreeMap<String, u64>,
    /// What tonight sees of every school's readiness for the first day of term.
    pub schools: Vec<School>,
    /// What removals share, the most first.
    pub causes: Vec<Cause>,
    /// What falls due in the next days, sorted.
    pub due: Vec<Due>,
    /// Numbers for reports: accounts by state before and after, rows read, rows long gone, …
    pub counts: BTreeMap<String, u64>,
}

impl Plan {
    /// Number of changes of an action and status.
    pub fn count(&self, action: Action, status: Status) -> usize {
        self.changes
            .iter()
            .filter(|c| c.action == action && c.status == status)
            .count()
    }

    /// Whether some of the plan is held by a guard.
    pub fn has_held(&self) -> bool {
        self.changes.iter().any(|c| c.status != Status::Planned)
    }
}
