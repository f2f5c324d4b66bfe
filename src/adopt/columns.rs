//! The columns of an existing directory's export, and the names that other systems give them.

use crate::model::{Role, State};

/// Declares the columns once, as an enum and as header text.
macro_rules! columns {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A column of the export.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(missing_docs)]
        pub enum In { $($variant),+ }

        impl In {
            /// The header in canonical order.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The column's canonical name.
            pub const fn name(self) -> &'static str {
                In::NAMES[self as usize]
            }
        }
    };
}

columns! {
    Username = "username",
    Category = "category",
    Role = "role",
    Establishment = "establishment",
    LearnerId = "learner_id",
    StaffCode = "staff_code",
    StaffId = "staff_id",
    Authority = "authority",
    Surname = "surname",
    Forename = "forename",
    DisplayName = "display_name",
    Email = "email",
    Aliases = "aliases",
    Login = "login",
    YearGroup = "year_group",
    RegistrationClass = "registration_class",
    State = "state",
    CreatedOn = "created_on",
    LeftOn = "left_on",
    ExpiresOn = "expires_on",
    LastSignIn = "last_sign_in",
    DirectoryId = "directory_id",
    Organisation = "organisation",
    JobTitle = "job_title",
    WorkEmail = "work_email",
    ContactNumber = "contact_number",
    DataSharing = "data_sharing",
}

/// Other names of columns, folded as [`folded`] does: those of administrators' exports seen in public, and plain synonyms.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("account_type", "category"),
    ("created", "created_on"),
    ("date_created", "created_on"),
    ("upn", "learner_id"),
    ("scn", "learner_id"),
    ("email_address", "email"),
    ("first_name", "forename"),
    ("given_name", "forename"),
    ("family_name", "surname"),
    ("last_name", "surname"),
    ("reg_group", "registration_class"),
    ("registration_group", "registration_class"),
    ("stage", "year_group"),
    ("status", "state"),
    ("year", "year_group"),
    ("user_name", "username"),
];

/// The table's column that a header means: `Some("")` for one that must not be read at all, `None` for one not known.
pub fn meant(header: &str) -> Option<&'static str> {
    if is_password(header) {
        return Some("");
    }
    let name = folded(header);
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    let name = other.map_or(name.as_str(), |(_, canonical)| canonical);
    In::NAMES.iter().find(|known| **known == name).copied()
}

/// Whether a header stands over passwords. Such a column is skipped whatever else its name says.
pub fn is_password(header: &str) -> bool {
    let letters: String = header
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    ["password", "passwd", "passphrase", "passcode", "cyfrinair"]
        .iter()
        .any(|word| letters.contains(word))
        || matches!(letters.as_str(), "pwd" | "pw" | "pass" | "pin")
}

/// The state that a directory's own word stands for.
pub fn state(word: &str) -> Option<State> {
    match folded(word).as_str() {
        "enabled" => Some(State::Active),
        "disabled" | "deleted" | "suspended" | "closed" => Some(State::Inactive),
        word => State::parse(word),
    }
}

/// The role that a directory's own word stands for.
pub fn role(word: &str) -> Option<Role> {
    match folded(word).as_str() {
        "student" | "pupil" => Some(Role::Learner),
        word => Role::parse(word),
    }
}

/// A header or a word of a closed set as it is compared: lower case, `_` for blanks and hyphens.
pub fn folded(text: &str) -> String {
    let words = text.split([' ', '-', '_', '\t', '\u{a0}']);
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_other_systems_are_understood() {
        for (header, column) in [
            ("Username", Some("username")),
            ("Date Created", Some("created_on")),
            ("Year", Some("year_group")),
            ("Reg  Group", Some("registration_class")),
            ("display-name", Some("display_name")),
            ("UPN", Some("learner_id")),
            ("Consent", None),
            ("Admission number", None),
        ] {
            assert_eq!(meant(header), column, "{header}");
        }
        for (_, canonical) in OTHER_NAMES {
            assert!(In::NAMES.contains(canonical), "{canonical}");
        }
        assert_eq!(In::NAMES[In::ContactNumber as usize], "contact_number");
    }

    #[test]
    fn a_password_is_known_by_any_of_its_names() {
        for header in [
            "password",
            "PASSWORD",
            "Initial Password",
            "Pass-word",
            "temporary_password",
            "passwordProfile",
            "Cyfrinair",
            "pwd",
            "PIN",
        ] {
            assert_eq!(meant(header), Some(""), "{header}");
        }
        assert!(!is_password("passport") && !is_password("spin"));
    }
}
