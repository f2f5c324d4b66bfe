//! `policy.toml`: everything about a platform that is a number, a name or a list.
//!
//! Facts, effects and guards read this plain struct; the decision tables stand
//! above the facts they name. Every default is written out in the file, so a
//! reader needs no Rust to know what holds.

mod groups;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Action, Kind, Role, TransferState};
use crate::policy::PolicyError;

pub use groups::{GroupDates, GroupYear, Groups};

/// A platform's parameters, as `policy.toml` states them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Short name (`hwb`, `glow`); stands in the snapshot.
    pub name: String,
    /// The platform's name for people.
    pub title: String,
    /// What people call the holders of the three roles this policy addresses notices to.
    pub owners: BTreeMap<String, String>,
    /// Identifiers and their scopes (SPEC §4).
    pub identity: Identity,
    /// Which establishments can have accounts.
    pub eligible: Eligible,
    /// Columns without which a row neither creates nor receives an account (SPEC §7 "Complete").
    pub complete: Complete,
    /// When somebody is on roll.
    pub on_roll: OnRoll,
    /// Three-level consent; `None` where the platform does not ask.
    pub consent: Option<Consent>,
    /// Names, display names and usernames.
    pub names: Names,
    /// Limits of the input gate (SPEC §8).
    pub gate: Gate,
    /// Rows missing from a good export.
    pub absence: Absence,
    /// Grace after leaving; `None` where there is none.
    pub grace: Option<Grace>,
    /// When an inactive account is deleted.
    pub retention: Retention,
    /// Claims of other establishments.
    pub transfers: Transfers,
    /// Decisions of people that this platform takes.
    pub decisions: Decisions,
    /// Windows in which leavers of given year groups stay active.
    #[serde(default)]
    pub calendar_hold: Vec<CalendarHold>,
    /// Accounts that people ask for; `None` where all accounts come from the roll.
    pub non_mis: Option<NonMis>,
    /// When a school is ready for the first day of term; `None` where that is not asked.
    pub readiness: Option<Readiness>,
    /// Groups made of classes; `None` where there are none.
    pub groups: Option<Groups>,
    /// How much one plan may change (SPEC §9).
    pub guards: Guards,
}

impl Params {
    /// The section on groups, where they are switched on.
    pub fn groups_on(&self) -> Option<&Groups> {
        self.groups.as_ref().filter(|groups| groups.enabled)
    }

    /// Reads `policy.toml`; whether its values make sense is asked when the policy is loaded.
    ///
    /// # Errors
    /// It is not UTF-8, not TOML, lacks a parameter or has one that is not known.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| PolicyError::one("policy.toml: is not UTF-8 text"))?;
        toml::from_str(text).map_err(|error| {
            PolicyError::one(format!("policy.toml: {}", error.to_string().trim_end()))
        })
    }
}

/// Which column identifies whom, and within what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// How a learner's identifier is checked.
    pub learner: LearnerIdentifier,
    /// Column of `staff.csv` that identifies staff: `staff_code` or `staff_id`.
    pub staff: String,
    /// Within what a staff identifier is unique.
    pub staff_scope: StaffScope,
}

/// The national identifiers of learners.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnerIdentifier {
    /// Unique pupil number (England and Wales).
    Upn,
    /// Scottish candidate number.
    Scn,
}

/// Within what a staff identifier is unique.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffScope {
    /// One establishment: a move is a new key, hence a new account.
    Establishment,
    /// One authority: the account is kept inside it.
    Authority,
}

/// Which establishments can have accounts; every `true` must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligible {
    /// Only maintained establishments.
    pub maintained: bool,
    /// Only where authority and establishment share data.
    pub data_sharing: bool,
}

/// Columns that must be filled. `names` asks for at least one of the legal names,
/// `permanent_identifier` for one that is not temporary.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// Of a learner's row.
    pub learner: Vec<String>,
    /// Of a staff row.
    pub staff: Vec<String>,
}

impl Complete {
    /// The list for a register.
    pub fn of(&self, kind: Kind) -> &[String] {
        match kind {
            Kind::Learner => &self.learner,
            Kind::Staff => &self.staff,
        }
    }

    /// Whether a row of a register needs a network login.
    pub fn asks_login(&self, kind: Kind) -> bool {
        self.of(kind).iter().any(|column| column == "login")
    }
}

/// When somebody is on roll.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnRoll {
    /// A start so many days ahead already counts.
    pub start_ahead_days: u32,
    /// Staff without a registration number become non-teaching staff.
    pub teaching_needs_registration: bool,
}

/// What a blank establishment or authority means; a person's blank means in, or the last explicit choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// A blank `data_sharing` of an authority.
    pub authority_default: bool,
    /// A blank `data_sharing` of an establishment.
    pub establishment_default: bool,
    /// Months after the person was last on roll for which a choice is kept.
    pub keep_months: u32,
}

/// Names, display names and usernames.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Names of an account follow the roll.
    pub follow_roll: bool,
    /// Which names an account carries: `legal`, or `preferred` where given.
    pub account: NameChoice,
    /// Which names a username is made of.
    pub username_from: NameChoice,
    /// Pattern of usernames. Parts: `{surname}` `{Surname}` `{forename}` `{Forename}` (folded; capital = first letter upper case),
    /// `{f}` `{F}` (first letter), `{yy}` (two-digit year of creation), `{n}` (number, always there), `{n?}` (number, left out for the first).
    pub username: String,
    /// Pattern used when the first gives a denied stem.
    pub username_fallback: String,
    /// First number given to a stem.
    pub username_first_number: u32,
    /// Longest username; the stem is shortened to make room for the number.
    pub username_max: usize,
    /// What follows the `@` of an e-mail address.
    pub email_domain: String,
    /// Pattern of a learner's display name, from unfolded names: `{surname}` `{forename}` `{s}` `{f}` (initials).
    pub display_learner: String,
    /// Pattern of a staff display name.
    pub display_staff: String,
}

/// Which names to use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameChoice {
    /// Legal names.
    Legal,
    /// The preferred name where it is given, else the legal one, column by column.
    Preferred,
}

/// Limits of the input gate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Days an export may be old, and the run may be ahead of the newest.
    pub max_export_age_days: u32,
    /// Share of active accounts that may be without a row for the first time.
    pub shrink_percent: u32,
    /// Number of them that is always allowed.
    pub shrink_count: u32,
    /// Share of held establishments above which a run exits with 3.
    pub held_establishments_max_percent: u32,
}

/// Rows missing from a good export.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// Days after which a missing person's account is released.
    pub release_days: u32,
}

/// Grace after leaving (S1).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grace {
    /// Days after the leaving date, or after a later restoration.
    pub days: u32,
    /// Days after leaving within which it may still be asked for.
    pub request_days: u32,
    /// Months after which an unused grant lapses.
    pub grant_months: u32,
}

/// When an inactive account is deleted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Calendar months; the anniversary is still in time.
    pub months: u32,
    /// Days the account must have been inactive in the incoming snapshot.
    pub inactive_days_min: u32,
}

/// Claims of other establishments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfers {
    /// State in which a claim opens: `pending` (somebody must decide) or `waiting_release` (resolves itself).
    pub opens_as: String,
    /// `main`/`subsidiary` and the time share propose an answer.
    pub proposes: bool,
    /// A holder marked subsidiary gives way to a claimant marked main without a decision.
    pub main_takes_from_subsidiary: bool,
}

impl Transfers {
    /// [`Transfers::opens_as`] as a state; `None` if a claim cannot open in it.
    pub fn opening_state(&self) -> Option<TransferState> {
        TransferState::parse(&self.opens_as).filter(|state| {
            matches!(
                state,
                TransferState::Pending | TransferState::WaitingRelease
            )
        })
    }
}

/// Decisions of people.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// Those that the platform takes.
    pub accepted: Vec<String>,
    /// Nights for which a decision that cannot be applied yet is tried again, counted from `decided_on`.
    pub wait_days: u32,
    /// Days for which `not_a_leaver` holds when none are given.
    pub not_a_leaver_days: u32,
}

/// A window in which leavers stay active. Dates are `MM-DD` of every year, both ends included.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarHold {
    /// Year groups it is for, as the roll spells them.
    pub year_groups: Vec<String>,
    /// Leaving dates after this day of the year …
    pub leaving_after: String,
    /// … are kept until this day of the same year.
    pub until: String,
}

/// Accounts that people ask for (S4).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NonMis {
    /// Roles that may be asked for.
    pub roles: Vec<Role>,
    /// Of those, the ones that must name an organisation.
    pub organisation: Vec<Role>,
    /// Of those, the ones that must name a last day.
    pub expiry: Vec<Role>,
    /// Of those, the ones that may stand without an establishment.
    pub without_school: Vec<Role>,
    /// Days before its last day, that day included, from which an account is on the list of those that expire soon.
    pub soon_days: u32,
    /// What `keep_account` may ask for: `<n>_month`, `<n>_months`, `end_of_academic_year`, `end_of_next_academic_year`.
    pub durations: Vec<String>,
    /// Days without a sign-in after which an account expires; needs `directory_feedback.csv`. `None`: not asked.
    pub sign_in_days: Option<u32>,
}

/// What makes a school ready for the first day of term. Days are `MM-DD` of every year.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    /// From this day year groups may be advanced.
    pub year_end_from: String,
    /// By this day they must be.
    pub year_end_by: String,
    /// The first day of term.
    pub term_starts: String,
    /// Share of a school's learners who must have moved for its year groups to count as advanced.
    pub advanced_percent: u32,
    /// The year groups whose learners leave at the end of the year, by the phase of their school.
    pub final_years: BTreeMap<String, Vec<String>>,
}

/// How much one plan may change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// Releases by leaving date.
    pub release: Limit,
    /// Releases by absence.
    pub absence: Limit,
    /// Withdrawals because an authority or establishment is not in.
    pub withdraw: Limit,
    /// People's own opt-outs at one establishment in one night: trips when both are reached.
    pub opt_out: Limit,
    /// Deletions; measured against usable and inactive accounts.
    pub purge: Limit,
    /// New accounts.
    pub create: Limit,
    /// Moves between establishments.
    pub transfer: Limit,
    /// What several nights may change together.
    #[serde(default)]
    pub budget: Vec<Budget>,
    /// Other limits for named windows of the year.
    #[serde(default)]
    pub window: Vec<GuardWindow>,
}

/// What a number of days may change together, as `guard_history` remembers them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// How many days, tonight among them; at most 30.
    pub days: u32,
    /// Limits by guard name; never less than the guard allows in one night.
    pub limits: BTreeMap<String, Limit>,
}

impl Budget {
    /// The name of a guard's budget, as readings and windows carry it.
    pub fn name(&self, guard: &str) -> String {
        format!("{guard}_{}d", self.days)
    }

    /// The names of all of them.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.limits.keys().map(|guard| self.name(guard))
    }
}

/// A guard trips above the larger of a share of the base and a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Share of the base.
    pub percent: u32,
    /// Number that is always allowed.
    pub count: u32,
}

/// Other limits for a window of the year.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardWindow {
    /// What people call it.
    pub name: String,
    /// First day, `MM-DD`.
    pub from: String,
    /// Last day, `MM-DD`; may be before `from` to span the new year.
    pub until: String,
    /// Limits by name of a guard (`release`) or budget (`release_7d`); the rest stay as they are.
    pub limits: BTreeMap<String, Limit>,
}

/// The notices and actions words of this crate that a policy may use.
pub fn is_action(word: &str) -> bool {
    Action::parse(word).is_some()
}
