//! The facts a decision table may ask, each with its values in plain words.
//!
//! A table's header names the facts it uses; the prover enumerates every
//! combination of their values. Adding a fact here and its expression in
//! [`super`] is all that a new column needs.

/// One value of a fact.
#[derive(Debug)]
pub struct FactValue {
    /// The word in a table's cells.
    pub name: &'static str,
    /// What it says of a case.
    pub means: &'static str,
    /// The notice that a person in this situation is owed while no usable account is theirs; empty for none.
    pub notice: &'static str,
}

/// A named column with a small closed set of values.
#[derive(Debug)]
pub struct FactDef {
    /// The column of the decision tables.
    pub name: &'static str,
    /// The question it answers, as one sentence.
    pub asks: &'static str,
    /// Its values; the first is the neutral one a case has where the question does not arise.
    pub values: &'static [FactValue],
}

impl FactDef {
    /// The place of a value among the fact's values.
    pub fn value(&self, name: &str) -> Option<u8> {
        self.values
            .iter()
            .position(|v| v.name == name)
            .map(|i| i as u8)
    }
}

const fn v(name: &'static str, means: &'static str) -> FactValue {
    FactValue {
        name,
        means,
        notice: "",
    }
}

const fn n(name: &'static str, notice: &'static str, means: &'static str) -> FactValue {
    FactValue {
        name,
        means,
        notice,
    }
}

/// Declares facts together with a constant for the place of each and of each value.
macro_rules! facts {
    ($registry:ident { $($id:ident / $module:ident : $name:literal $asks:literal [ $($vid:ident = $value:expr),+ $(,)? ]),+ $(,)? }) => {
        /// The facts of this kind of case, in the order of their places.
        pub static $registry: &[FactDef] = &[$(FactDef { name: $name, asks: $asks, values: &[$($value),+] }),+];
        facts!(@places 0usize; $($id / $module [$($vid),+];)+);
    };
    (@places $n:expr; $id:ident / $module:ident [$($vid:ident),+]; $($rest:tt)*) => {
        /// The place of this fact in its registry.
        pub const $id: usize = $n;
        /// The places of this fact's values.
        #[allow(non_upper_case_globals, missing_docs)]
        pub mod $module { facts!(@values 0u8; $($vid),+); }
        facts!(@places $n + 1; $($rest)*);
    };
    (@places $n:expr;) => {};
    (@values $n:expr; $vid:ident $(, $rest:ident)*) => {
        pub const $vid: u8 = $n;
        facts!(@values $n + 1; $($rest),*);
    };
    (@values $n:expr;) => {};
}

/// Facts of a person or account (`learner.csv`, `staff.csv`).
pub mod person {
    use super::{FactDef, n, v};

    facts! { FACTS {
        ACCOUNT / account: "account" "What account does the person have?" [
            NONE = v("none", "no account of theirs is in the directory"),
            ACTIVE = v("active", "an active account"),
            GRACE = v("grace", "an account in its grace period"),
            INACTIVE = v("inactive", "an inactive account that the roll may bring back"),
            RETIRED = v("retired", "an inactive account that the roll never brings back: closed, superseded, or followed by a newer one"),
        ],
        HELD / held: "held" "Does a rejected row hold the person tonight?" [
            NO = v("no", "every row of theirs was accepted"),
            YES = v("yes", "a row of theirs was rejected, so the person stays untouched"),
        ],
        HOME / home: "home_roll" "What does the export of the account's own establishment say?" [
            NO_ROW = v("no_row", "it is good and has no row that may keep the account, or there is no account"),
            ON_ROLL = v("on_roll", "on roll there, the row complete"),
            INCOMPLETE = v("on_roll_incomplete", "on roll there, but the row could not create an account"),
            AHEAD = v("ahead", "starts there on a day still too far ahead"),
            LEFT = v("left", "the leaving date there has passed"),
            UNKNOWN = v("unknown", "its export is missing, not good, or has rows whose person cannot be told"),
        ],
        ELSEWHERE / elsewhere: "elsewhere" "Could another establishment have the person tonight (any establishment, for a person without a usable account)?" [
            NONE = v("none", "no other establishment lists the person"),
            AHEAD = n("ahead", "future_start", "starts elsewhere on a day still too far ahead"),
            GUEST = n("guest", "guest_only", "is a guest elsewhere, nothing more"),
            INELIGIBLE = n("ineligible", "not_eligible", "on roll elsewhere, at an establishment the platform does not serve"),
            NOT_SHARED = n("not_shared", "not_shared", "on roll elsewhere, but the person's data is not to be shared"),
            HELD = n("held", "establishment_held", "listed elsewhere, by an establishment whose export is held"),
            TEMPORARY = n("temporary", "temporary_upn", "on roll elsewhere under a temporary identifier"),
            INCOMPLETE = n("incomplete", "incomplete", "on roll elsewhere, but the row lacks something the platform requires"),
            READY = v("ready", "on roll elsewhere, complete and shared: that establishment can receive the account"),
            SETTLED = v("settled", "ready, and the question whose account it is has been answered: a person approved, or the rows say main here and subsidiary at the holder"),
        ],
        OPTED_IN / opted_in: "opted_in" "Is a usable account still to be shared with the platform?" [
            YES = v("yes", "authority, establishment and person are all in"),
            PERSON_OUT = v("person_out", "the person has opted out"),
            NOT_IN = v("not_in", "the authority or the establishment is not in"),
        ],
        KEPT / kept: "kept" "Does somebody's word or the calendar keep a leaver?" [
            NO = v("no", "nothing keeps a leaver"),
            DECIDED = v("decided", "a not_a_leaver decision runs"),
            WINDOW_OPENS = v("window_opens", "a calendar window of the policy keeps this leaver from tonight"),
            WINDOW = v("window", "a calendar window of the policy keeps this leaver"),
        ],
        ABSENCE / absence: "absence" "How long has the person been missing from good exports?" [
            NONE = v("none", "not marked as missing"),
            MARKED = v("marked", "marked, and no later export has come since"),
            AGAIN = v("again", "a later good export lacks the person too"),
            DUE = v("due", "missing for so many days that the account is to be released"),
        ],
        GRACE / grace: "grace" "How does the grace period stand?" [
            NONE = v("none", "none asked for"),
            GRANTED = v("granted", "asked for, not begun, its last day not passed"),
            RUNNING = v("running", "it runs; today is not after its last day"),
            OVER = v("over", "its last day has passed"),
        ],
        RETENTION / retention: "retention" "How long must an inactive account still be kept?" [
            RUNNING = v("running", "the retention period has not passed"),
            WAITING = v("waiting", "it has passed, but the account has been inactive for too few days to delete"),
            OVER = v("over", "it has passed"),
        ],
        RETURNED / returned: "returned" "How did the holder of an inactive account come back to the same school, or what was decided about an earlier account?" [
            NO = v("no", "not come back, or the question does not arise"),
            LATER_START = v("later_start", "with a start date after the leaving date: a new employment, or a reused code"),
            LEAVING_WITHDRAWN = v("leaving_withdrawn", "the leaving date was withdrawn"),
            AFTER_ABSENCE = v("after_absence", "the account was released because the row was missing, and the row is back"),
            DECIDED = v("decided", "somebody decided that the account is to be reactivated"),
            TAKES_OVER = v("takes_over", "somebody decided that this previous account goes on in place of the person's newer one, and it can"),
            GIVES_WAY = v("gives_way", "somebody decided that a previous account goes on in place of this newer one, and it can"),
        ],
        DETAILS / details: "details" "Does the directory differ from what follows the roll?" [
            SAME = v("same", "nothing that follows the roll differs"),
            CHANGED = v("changed", "something that follows the roll differs"),
        ],
    } }
}

/// Facts of a claim (`claim.csv`): one account and one other establishment, decided after the accounts.
pub mod claim {
    use super::{FactDef, v};

    facts! { FACTS {
        KNOWN / known: "known" "What does the directory remember of this claim?" [
            NONE = v("none", "nothing"),
            OPEN = v("open", "it is pending or waiting for a release"),
            DEFERRED = v("deferred", "somebody deferred it"),
            DECLINED = v("declined", "somebody declined it, or another claim was approved"),
            APPROVED = v("approved", "this was the holder until another claim was approved"),
        ],
        ROW / row: "row" "What does the claimant's export say tonight?" [
            GONE = v("gone", "no row on roll at an eligible establishment"),
            ON_ROLL = v("on_roll", "on roll there, and the establishment is eligible"),
            UNKNOWN = v("unknown", "its export is held, or a row of the person was rejected"),
        ],
        HOLDER / holder: "holder" "How does the account stand after tonight's decision?" [
            LISTS = v("lists", "usable, and its establishment lists the person"),
            LACKS = v("lacks", "usable, and its establishment's good export does not list the person"),
            UNKNOWN = v("unknown", "usable, and its establishment's export is not good tonight"),
            HERE = v("here", "it belongs to the claimant"),
            INACTIVE = v("inactive", "it is inactive"),
            PURGED = v("purged", "it is purged tonight"),
        ],
        SUBSIDIARY / subsidiary: "subsidiary" "Is the claimant's row marked subsidiary?" [
            NO = v("no", "single, main or blank"),
            YES = v("yes", "subsidiary: it makes no claim while the holder lists the person"),
        ],
        CHANGED / changed: "changed" "Do the facts of the claim differ from those remembered?" [
            SAME = v("same", "nothing differs, or nothing is remembered"),
            HOLDER = v("holder", "only the holder or the proposed answer changed"),
            CLAIM = v("claim", "its start or enrolment status changed"),
        ],
        DECISION / decision: "decision" "Has somebody decided on it tonight?" [
            NONE = v("none", "no"),
            DEFER = v("defer", "a defer_transfer stands"),
            DECLINE = v("decline", "a decline_transfer stands"),
            LOST = v("lost", "another claimant was approved"),
            LEFT_BEHIND = v("left_behind", "this was the holder until tonight's approval"),
        ],
    } }
}

/// Facts of an account that somebody asked for, or of a request for one (`non_mis.csv`).
pub mod non_mis {
    use super::{FactDef, v};

    facts! { FACTS {
        ACCOUNT / account: "account" "Is there an account, and can it be used?" [
            NONE = v("none", "none yet: the case is a request"),
            ACTIVE = v("active", "an active account"),
            INACTIVE = v("inactive", "an inactive account"),
        ],
        REQUEST / request: "request" "What does a request ask for?" [
            NONE = v("none", "the case is an account"),
            READY = v("ready", "an account that can be made tonight"),
            AHEAD = v("ahead", "an account on a day still ahead"),
            HELD = v("held", "an account at an establishment whose export is held"),
            DUPLICATE = v("duplicate", "an account for a work e-mail that belongs to an account already"),
            ROLE = v("role", "a role that is not given on request"),
            NO_NAME = v("no_name", "an account of which no username can be made"),
            NO_SCHOOL = v("no_school", "a role that needs an establishment, and names none that is listed"),
            INELIGIBLE = v("ineligible", "an account at an establishment that the platform does not serve"),
            NO_ORGANISATION = v("no_organisation", "a role that needs an organisation, and names none"),
            NO_EXPIRY = v("no_expiry", "a role that needs a last day, and names none"),
            PAST = v("past", "an account whose last day has passed"),
        ],
        SCHOOL / school: "school" "Can the export of the account's establishment be relied on?" [
            KNOWN = v("known", "it is good, or the account belongs to none"),
            HELD = v("held", "it is held"),
        ],
        EXPIRY / expiry: "expiry" "How near is the last day of an active account, tonight's extension counted?" [
            NONE = v("none", "it has none, or is inactive"),
            LATER = v("later", "further ahead than the list of accounts that expire soon"),
            SOON = v("soon", "on the list of accounts that expire soon"),
            OVER = v("over", "it has passed"),
        ],
        CLOSES / closes: "closes" "Has somebody decided to let the account expire?" [
            NO = v("no", "nobody has"),
            YES = v("yes", "it closes on its last day"),
        ],
        DECISION / decision: "decision" "What does somebody's decision ask for tonight?" [
            NONE = v("none", "nothing, or nothing that can be done yet"),
            KEEP = v("keep", "to extend the account"),
            CLOSE_NOW = v("close_now", "to close it now"),
            CLOSE_ON_EXPIRY = v("close_on_expiry", "to let it expire"),
            REACTIVATE = v("reactivate", "to reactivate it"),
        ],
        SIGN_IN / sign_in: "sign_in" "Has somebody signed in within the days that the policy asks for?" [
            RECENT = v("recent", "yes, or the policy does not ask, or the directory has not said"),
            QUIET = v("quiet", "no"),
        ],
        RETENTION / retention: "retention" "How long must an inactive account still be kept?" [
            RUNNING = v("running", "the retention period has not passed"),
            WAITING = v("waiting", "it has passed, but the account has been inactive for too few days to delete"),
            OVER = v("over", "it has passed"),
        ],
        DETAILS / details: "details" "Does the directory's own word on the account, or its establishment's code, differ?" [
            SAME = v("same", "nothing differs"),
            CHANGED = v("changed", "something differs"),
        ],
    } }
}
