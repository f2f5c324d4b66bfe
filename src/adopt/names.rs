//! What an account is called: the names that must stay its own for ever, and those that are only shown.

use super::columns::In;
use super::row::{Candidate, Reader, Standing};
use crate::directory::Column;
use crate::effects::names::{Names, shown};
use crate::gate::cells;
use crate::identity::name_fault;
use crate::model::Category;

impl<'a> Reader<'a> {
    /// Username, e-mail address and aliases: together the names that nobody else may ever have.
    pub(super) fn names_in_use(&mut self, row: &mut Candidate, at: usize) {
        let given = self.cell(at, In::Username);
        let username = self.username(row, given);
        row.record.set(Column::Username, username);
        row.keys.push((In::Username, self.desk.key(username)));
        let mut names: Vec<(In, &str)> = self
            .cell(at, In::Aliases)
            .split(';')
            .map(str::trim)
            .filter(|alias| !alias.is_empty())
            .map(|alias| (In::Aliases, alias))
            .collect();
        for (_, alias) in names.iter().filter(|(_, alias)| !is_name(alias)) {
            let found = cells::shape(alias);
            let message = format!(
                "expected names or e-mail addresses separated by `;`; found one of {found}"
            );
            self.reject(
                row,
                In::Aliases,
                "bad_alias",
                message,
                "Correct the aliases and export again.",
            );
        }
        let email = self.email(row, at, given, username);
        // An address of the platform is a name as well: one that is not the username's is kept among the aliases.
        let is_platform = self.desk.without_domain(email) != email;
        if is_platform && self.desk.key(email) != row.keys[0].1 {
            names.push((In::Email, email));
        }
        for (column, name) in &names {
            let key = self.desk.key(name);
            if row.keys.iter().all(|(_, known)| *known != key) {
                row.keys.push((*column, key));
            }
        }
        let mut aliases: Vec<&str> = names.into_iter().map(|(_, name)| name).collect();
        aliases.sort_unstable();
        aliases.dedup();
        row.record.set(Column::Aliases, aliases.join(";"));
    }

    /// The username without the platform's domain.
    fn username(&mut self, row: &mut Candidate, given: &'a str) -> &'a str {
        let username = self.desk.without_domain(given);
        if username.is_empty() {
            let message = "expected the account's username; found nothing";
            self.reject(
                row,
                In::Username,
                "username_missing",
                message,
                "Give the username.",
            );
        } else if !is_name(username) {
            let found = cells::shape(username);
            let message = format!(
                "expected a name without white space, commas and semicolons, of at most 64 characters; found {found}"
            );
            let fix = "Correct the username in the directory and export it again.";
            self.reject(row, In::Username, "bad_username", message, fix);
        }
        username
    }

    /// The address as given. A blank one becomes the username's own at the platform's domain.
    fn email(&mut self, row: &mut Candidate, at: usize, given: &str, username: &str) -> &'a str {
        let email = self.cell(at, In::Email);
        if !(email.is_empty() || is_name(email) && email.contains('@')) {
            let message = format!("expected an e-mail address; found {}", cells::shape(email));
            self.reject(
                row,
                In::Email,
                "bad_email",
                message,
                "Correct the address, or leave it blank.",
            );
        }
        if email.is_empty() && given.contains('@') {
            row.record.set(Column::Email, given);
        } else if email.is_empty() && !username.is_empty() {
            let domain = &self.desk.params.names.email_domain;
            row.record
                .set(Column::Email, format!("{username}@{domain}"));
        }
        email
    }

    /// Names are only looked at: the username exists already, and nobody loses an account over a spelling.
    pub(super) fn names(&mut self, row: &mut Candidate, standing: &Standing) {
        let surname = row.record.get(Column::Surname).to_owned();
        let forename = row.record.get(Column::Forename).to_owned();
        for (column, name) in [(In::Surname, &surname), (In::Forename, &forename)] {
            if let Some(fault) = name_fault(name) {
                let fix = "Correct the name in the directory; the account is adopted as it is.";
                self.warn(row, column, fault.code, fault.message, fix);
            }
        }
        if standing.category == Category::Mis && surname.is_empty() && forename.is_empty() {
            let message = "neither surname nor forename is given";
            self.warn(
                row,
                In::Surname,
                "name_missing",
                message,
                "Give at least one of the two.",
            );
        }
        if row.record.get(Column::DisplayName).is_empty() {
            let names = Names {
                surname: &surname,
                forename: &forename,
            };
            let display = shown(&self.desk.params.names, standing.role, names);
            row.record.set(Column::DisplayName, display);
        }
    }
}

/// Whether a text can be a username, an alias or an address: the aliases column separates with `;`.
fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    let is_part = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, ';' | ',');
    (1..=128).contains(&length)
        && text.chars().all(is_part)
        && text
            .split('@')
            .all(|part| (1..=64).contains(&part.chars().count()))
        && text.matches('@').count() <= 1
}
