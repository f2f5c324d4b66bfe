//! Records of the snapshot's tables, in memory as they stand in their files.

use super::Fields;
use crate::calendar::AcademicYear;
use crate::model::{Date, GroupState, MemberRole, TransferState};

/// Declares the account columns once, as an enum and as header text.
macro_rules! columns {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The columns of the `accounts` table, in file order.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum Column { $($variant),+ }

        impl Column {
            /// Every column, in file order.
            pub const ALL: &'static [Column] = &[$(Column::$variant),+];
            /// The header row.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The column's name in the header.
            pub const fn name(self) -> &'static str {
                Column::NAMES[self as usize]
            }
        }
    };
}

columns! {
    AccountId = "account_id",
    PersonRef = "person_ref",
    Category = "category",
    Role = "role",
    State = "state",
    Establishment = "establishment",
    Username = "username",
    Email = "email",
    Aliases = "aliases",
    DisplayName = "display_name",
    Surname = "surname",
    Forename = "forename",
    Login = "login",
    YearGroup = "year_group",
    RegistrationClass = "registration_class",
    CreatedOn = "created_on",
    LeftOn = "left_on",
    InactiveSince = "inactive_since",
    InactiveReason = "inactive_reason",
    GraceGrantedOn = "grace_granted_on",
    GraceUntil = "grace_until",
    ExpiresOn = "expires_on",
    ClosesOnExpiry = "closes_on_expiry",
    HoldUntil = "hold_until",
    MissingSince = "missing_since",
    CredentialsDueOn = "credentials_due_on",
    LastSignIn = "last_sign_in",
    DirectoryId = "directory_id",
    Organisation = "organisation",
    JobTitle = "job_title",
    WorkEmail = "work_email",
    ContactNumber = "contact_number",
}

/// One row of the `accounts` table with every cell as text: what effects change and the plan compares.
///
/// The cells lie one behind the other.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRecord {
    text: String,
    /// Where each cell ends.
    ends: Box<[u32; WIDTH]>,
}

const WIDTH: usize = Column::ALL.len();

impl Default for AccountRecord {
    fn default() -> Self {
        AccountRecord {
            text: String::new(),
            ends: Box::new([0; WIDTH]),
        }
    }
}

impl std::fmt::Debug for AccountRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.cells()).finish()
    }
}

impl AccountRecord {
    /// A record from cells in file order; missing cells are blank.
    pub fn from_cells<'a>(cells: impl IntoIterator<Item = &'a str>) -> Self {
        let mut record = AccountRecord {
            text: String::with_capacity(256),
            ..AccountRecord::default()
        };
        let mut cells = cells.into_iter();
        for end in record.ends.iter_mut() {
            record.text.push_str(cells.next().unwrap_or_default());
            *end = record.text.len() as u32;
        }
        record.text.shrink_to_fit();
        record
    }

    fn range(&self, at: usize) -> std::ops::Range<usize> {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[at] as usize
    }

    /// A cell.
    pub fn get(&self, column: Column) -> &str {
        &self.text[self.range(column as usize)]
    }

    /// Sets a cell.
    pub fn set(&mut self, column: Column, value: impl AsRef<str>) {
        let (at, value) = (column as usize, value.as_ref());
        let range = self.range(at);
        let (before, after) = (range.len() as u32, value.len() as u32);
        self.text.replace_range(range, value);
        for end in &mut self.ends[at..] {
            *end = *end + after - before;
        }
    }

    /// Sets a cell to a date, or blanks it.
    pub fn set_date(&mut self, column: Column, value: Option<Date>) {
        self.set(column, value.map(|d| d.to_string()).unwrap_or_default());
    }

    /// The row as a new account's: what differs from a blank one.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        for (column, cell) in Column::ALL.iter().zip(self.cells()) {
            if !cell.is_empty() {
                fields.push_column(*column, "", cell);
            }
        }
        fields
    }

    /// Every cell in file order.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..WIDTH).map(|at| &self.text[self.range(at)])
    }
}

/// One row of the `transfers` table: a claim of another establishment, remembered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Transfer {
    /// The account claimed.
    pub account_id: String,
    /// The claimant; with the account the key of the table.
    pub to_establishment: String,
    /// The holder when the claim was last looked at.
    pub from_establishment: String,
    /// Start date of the claimant's row; `None` when blank.
    pub claim_start: Option<Date>,
    /// How it stands.
    pub state: TransferState,
    /// The claimant's enrolment status, and after `:` the answer it proposes (`approve`, `defer`), if any.
    pub proposal: String,
    /// Night on which it opened.
    pub opened_on: Date,
    /// When somebody decided on it.
    pub decided_on: Option<Date>,
    /// Who did.
    pub decided_by: String,
}

/// One row of the `consents` table: a person's last explicit choice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Consent {
    /// The person, as text.
    pub person_ref: String,
    /// The choice.
    pub data_sharing: bool,
    /// The establishment whose row said so.
    pub establishment: String,
    /// Night on which it was recorded.
    pub recorded_on: Date,
    /// Since when the person is on roll nowhere.
    pub off_roll_on: Option<Date>,
}

/// One row of the `groups` table: a class of one academic year, made into a group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Group {
    /// Keyed hash of the class and its year when the group was made; the key of the table.
    pub id: u128,
    /// The establishment it belongs to.
    pub establishment: String,
    /// The class.
    pub class_id: String,
    /// Its year.
    pub year: AcademicYear,
    /// What people call it.
    pub title: String,
    /// Active or archived.
    pub state: GroupState,
    /// Whether it belongs to its class still; what was archived once never follows a class again.
    pub linked: bool,
    /// Night on which it was made.
    pub created_on: Date,
    /// Night on which it was archived; `None` while it is active.
    pub archived_on: Option<Date>,
}

/// One row of the `group_members` table. Ids stand as numbers: there may be ten rows for every account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct GroupMember {
    /// The group; with the account the key of the table.
    pub group: u128,
    /// The account.
    pub account: u128,
    /// Member or owner.
    pub role: MemberRole,
}

/// One row of the `decisions` table (the ledger): what became of a decision, for good.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LedgerEntry {
    /// The decision.
    pub decision_id: String,
    /// `applied` or `refused`.
    pub outcome: String,
    /// Why it was refused; empty when applied.
    pub reason: String,
    /// The night.
    pub applied_on: Date,
}

/// One row of the `guard_history` table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct GuardRow {
    /// The night.
    pub as_of: Date,
    /// `run`, an establishment code, or `<establishment>/<role>`.
    pub scope: String,
    /// The guard's name (`release`, `absence`, …).
    pub action: String,
    /// What the percentage was measured against.
    pub base: u64,
    /// How many changes were applied, approved ones not counted.
    pub applied: u64,
}

/// One row of the `retired_usernames` table: a name that is never issued again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RetiredUsername {
    /// The account it belonged to.
    pub account_id: String,
    /// Night of the purge.
    pub purged_on: Date,
    /// Rule that purged it.
    pub rule: String,
    /// Key under which the name is hashed.
    pub key_id: String,
    /// Keyed hash of the name in lower case.
    pub name_hash: String,
}
