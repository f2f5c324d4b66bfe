//! The names an account carries, from the names a roll row gives.

use crate::facts::Tonight;
use crate::facts::standing::text;
use crate::model::{Cell, Enrolment, Role};
use crate::policy::params::{self, NameChoice};

/// A pair of names as the roll spells them; one of the two may be blank.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Names<'a> {
    /// Surname.
    pub surname: &'a str,
    /// Forename.
    pub forename: &'a str,
}

fn choose<'a>(tonight: &Tonight<'a>, row: &Enrolment, choice: NameChoice) -> Names<'a> {
    let pick = |preferred: Cell, legal: Cell| {
        let known_as = text(tonight, row, preferred);
        if choice == NameChoice::Preferred && !known_as.is_empty() {
            known_as
        } else {
            text(tonight, row, legal)
        }
    };
    Names {
        surname: pick(Cell::PreferredSurname, Cell::LegalSurname),
        forename: pick(Cell::PreferredForename, Cell::LegalForename),
    }
}

/// The names that stand in the account.
pub fn account_names<'a>(tonight: &Tonight<'a>, row: &Enrolment) -> Names<'a> {
    choose(tonight, row, tonight.params.names.account)
}

/// The names a username is made of.
pub fn username_names<'a>(tonight: &Tonight<'a>, row: &Enrolment) -> Names<'a> {
    choose(tonight, row, tonight.params.names.username_from)
}

/// The display name by the policy's pattern for the row's role.
pub fn display_name(tonight: &Tonight<'_>, row: &Enrolment) -> String {
    shown(&tonight.params.names, row.role, account_names(tonight, row))
}

/// A display name by the policy's pattern for a role.
pub fn shown(params: &params::Names, role: Role, names: Names<'_>) -> String {
    let pattern = if role == Role::Learner {
        &params.display_learner
    } else {
        &params.display_staff
    };
    let initial = |name: &str| name.chars().next().map(String::from).unwrap_or_default();
    // Replaced in one pass over the pattern, so that a name holding braces changes nothing.
    let mut shown = String::new();
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (part, tail) = after.split_once('}').unwrap_or((after, ""));
        shown.push_str(before);
        match part {
            "surname" => shown.push_str(names.surname),
            "forename" => shown.push_str(names.forename),
            "s" => shown.push_str(&initial(names.surname)),
            "f" => shown.push_str(&initial(names.forename)),
            _ => {}
        }
        rest = tail;
    }
    shown.push_str(rest);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}
