//! Every table's columns, declared once.

use crate::adopt::In;
use crate::directory::Column;

/// A table: its name, its columns in canonical order, and those without which a file is refused.
#[derive(Clone, Copy, Debug)]
pub struct TableSpec {
    /// Canonical name; the file is `<name>.csv`.
    pub name: &'static str,
    /// Columns in canonical order.
    pub columns: &'static [&'static str],
    /// Columns that must stand in the header; a policy may ask for more ([`super::ReadOptions::required`]).
    pub required: &'static [&'static str],
}

impl TableSpec {
    /// The place of a column in the canonical order.
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|&name| name == column)
    }
}

/// A table all of whose columns must stand in the header.
const fn whole(name: &'static str, columns: &'static [&'static str]) -> TableSpec {
    TableSpec {
        name,
        columns,
        required: columns,
    }
}

/// Local authorities (SPEC §3).
pub const AUTHORITIES: TableSpec = TableSpec {
    name: "authorities",
    columns: &[
        "authority",
        "name",
        "nation",
        "data_sharing",
        "login_prefix",
    ],
    required: &["authority", "name"],
};

/// Establishments (SPEC §3).
pub const ESTABLISHMENTS: TableSpec = TableSpec {
    name: "establishments",
    columns: &[
        "establishment",
        "name",
        "authority",
        "phase",
        "maintained",
        "data_sharing",
        "closed_on",
        "replaces",
    ],
    required: &["establishment", "name", "authority"],
};

/// When each MIS was last extracted (SPEC §3).
pub const EXPORTS: TableSpec = TableSpec {
    name: "exports",
    columns: &[
        "establishment",
        "exported_at",
        "status",
        "learners",
        "staff",
    ],
    required: &["establishment", "exported_at", "status"],
};

/// The roll of learners (SPEC §3).
pub const LEARNERS: TableSpec = TableSpec {
    name: "learners",
    columns: &[
        "establishment",
        "learner_id",
        "admission_number",
        "legal_surname",
        "legal_forename",
        "preferred_surname",
        "preferred_forename",
        "admission_date",
        "leaving_date",
        "enrolment_status",
        "time_share",
        "year_group",
        "registration_class",
        "login",
        "data_sharing",
    ],
    required: &[
        "establishment",
        "learner_id",
        "legal_surname",
        "legal_forename",
        "admission_date",
        "leaving_date",
    ],
};

/// The roll of staff (SPEC §3); which identifier is required is the policy's say.
pub const STAFF: TableSpec = TableSpec {
    name: "staff",
    columns: &[
        "establishment",
        "staff_code",
        "staff_id",
        "legal_surname",
        "legal_forename",
        "preferred_surname",
        "preferred_forename",
        "start_date",
        "leaving_date",
        "enrolment_status",
        "time_share",
        "staff_type",
        "registration_number",
        "login",
        "data_sharing",
    ],
    required: &[
        "establishment",
        "legal_surname",
        "legal_forename",
        "start_date",
        "leaving_date",
    ],
};

/// Classes (SPEC §3, §10).
pub const CLASSES: TableSpec = whole(
    "classes",
    &["establishment", "class_id", "title", "academic_year"],
);

/// Who is in which class (SPEC §3, §10).
pub const CLASS_MEMBERS: TableSpec = whole(
    "class_members",
    &[
        "establishment",
        "class_id",
        "member_kind",
        "member_id",
        "role",
    ],
);

/// What the real directory says back (SPEC §3).
pub const DIRECTORY_FEEDBACK: TableSpec = TableSpec {
    name: "directory_feedback",
    columns: &["username", "directory_id", "last_sign_in"],
    required: &["username"],
};

/// A person's word that one identifier replaces another (SPEC §3).
pub const REKEYS: TableSpec = TableSpec {
    name: "rekeys",
    columns: &[
        "kind",
        "old_scope",
        "old_id",
        "new_scope",
        "new_id",
        "decided_by",
        "reason",
    ],
    required: &[
        "kind",
        "old_scope",
        "old_id",
        "new_scope",
        "new_id",
        "decided_by",
    ],
};

/// What people decided (SPEC §3).
pub const DECISIONS: TableSpec = TableSpec {
    name: "decisions",
    columns: &[
        "decision_id",
        "decided_on",
        "decided_by",
        "decision",
        "account",
        "establishment",
        "value",
        "note",
    ],
    required: &[
        "decision_id",
        "decided_on",
        "decided_by",
        "decision",
        "account",
        "establishment",
        "value",
    ],
};

/// Requests for non-MIS accounts (SPEC §3).
pub const REQUESTS: TableSpec = whole(
    "requests",
    &[
        "request_id",
        "requested_on",
        "requested_by",
        "role",
        "surname",
        "forename",
        "establishment",
        "organisation",
        "job_title",
        "work_email",
        "contact_number",
        "expires_on",
    ],
);

/// An existing directory, for `onroll adopt` (SPEC §2); the file may have any name.
pub const EXISTING_DIRECTORY: TableSpec = TableSpec {
    name: "existing_directory",
    columns: In::NAMES,
    required: &["username", "role", "establishment"],
};

/// The accounts of the snapshot (SPEC §5).
pub const ACCOUNTS: TableSpec = whole("accounts", Column::NAMES);

/// Claims remembered by the snapshot (SPEC §5).
pub const TRANSFERS: TableSpec = whole(
    "transfers",
    &[
        "account_id",
        "from_establishment",
        "to_establishment",
        "claim_start",
        "state",
        "proposal",
        "opened_on",
        "decided_on",
        "decided_by",
    ],
);

/// People's last explicit choices (SPEC §5).
pub const CONSENTS: TableSpec = whole(
    "consents",
    &[
        "person_ref",
        "data_sharing",
        "establishment",
        "recorded_on",
        "off_roll_on",
    ],
);

/// Groups made of classes (SPEC §5, §10).
pub const GROUPS: TableSpec = whole(
    "groups",
    &[
        "group_id",
        "establishment",
        "class_id",
        "academic_year",
        "title",
        "state",
        "linked",
        "created_on",
        "archived_on",
    ],
);

/// Who is in which group (SPEC §5, §10).
pub const GROUP_MEMBERS: TableSpec = whole("group_members", &["group_id", "account_id", "role"]);

/// What a run does to groups (SPEC §10).
pub const GROUP_CHANGES: TableSpec = whole(
    "groups",
    &[
        "action",
        "group_id",
        "establishment",
        "class_id",
        "academic_year",
        "title",
        "members_before",
        "members_after",
        "added",
        "owners_added",
        "removed",
        "reason",
    ],
);

/// The ledger: what became of each decision (SPEC §5).
pub const LEDGER: TableSpec = whole(
    "decisions",
    &["decision_id", "outcome", "reason", "applied_on"],
);

/// What the guards measured in the last 30 days (SPEC §5).
pub const GUARD_HISTORY: TableSpec = whole(
    "guard_history",
    &["as_of", "scope", "action", "base", "applied"],
);

/// Names that are never issued again (SPEC §5).
pub const RETIRED_USERNAMES: TableSpec = whole(
    "retired_usernames",
    &["account_id", "purged_on", "rule", "key_id", "name_hash"],
);

/// What `onroll adopt` took over, counted.
pub const ADOPTED: TableSpec = whole(
    "adopted",
    &["establishment", "role", "category", "state", "accounts"],
);

/// The plan (SPEC §11).
pub const PLAN: TableSpec = whole(
    "plan",
    &[
        "change_id",
        "action",
        "rule",
        "status",
        "account_id",
        "person_ref",
        "username",
        "category",
        "role",
        "establishment",
        "from_establishment",
        "effective_on",
        "reason",
        "facts",
        "fields",
    ],
);

/// Everything wrong with the input (SPEC §8).
pub const FAULTS: TableSpec = whole(
    "faults",
    &[
        "severity",
        "code",
        "table",
        "file",
        "row",
        "establishment",
        "column",
        "message",
        "fix",
    ],
);

/// What somebody should know or do (SPEC §11).
pub const NOTICES: TableSpec = whole(
    "notices",
    &[
        "code",
        "establishment",
        "role",
        "account_id",
        "person_ref",
        "table",
        "file",
        "row",
        "since",
        "message",
        "fix",
        "owner",
    ],
);

/// Who needs a password set (SPEC §7); which columns help an administrator find the account.
pub const CREDENTIALS: TableSpec = whole(
    "credentials",
    &[
        "account_id",
        "username",
        "establishment",
        "role",
        "reason",
        "since",
    ],
);

/// Every table that is read from people or systems.
pub const ALL: &[TableSpec] = &[
    AUTHORITIES,
    ESTABLISHMENTS,
    EXPORTS,
    LEARNERS,
    STAFF,
    REKEYS,
    DIRECTORY_FEEDBACK,
    CLASSES,
    CLASS_MEMBERS,
    DECISIONS,
    REQUESTS,
];
