//! `rename`: which name changes, and to what (S5: case by case, never by itself).

/// What a `rename` changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rename {
    /// The names shown.
    Display,
    /// The username, and with it the e-mail address.
    Username,
}

impl Rename {
    /// The value of a decision about an account that follows the roll: the names come from tonight's row.
    pub fn parse(value: &str) -> Option<Rename> {
        match value {
            "display" => Some(Rename::Display),
            "username" => Some(Rename::Username),
            _ => None,
        }
    }

    /// The value of a decision about any other account: `display:Surname/Forename`; one of the two may be blank.
    pub fn parse_named(value: &str) -> Option<(Rename, &str, &str)> {
        let (what, names) = value.split_once(':')?;
        let (surname, forename) = names.split_once('/').unwrap_or((names, ""));
        let (surname, forename) = (surname.trim(), forename.trim());
        let is_blank = surname.is_empty() && forename.is_empty();
        let one_pair = !is_blank && !forename.contains('/');
        Some((Rename::parse(what)?, surname, forename)).filter(|_| one_pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_what_changes_and_for_other_accounts_to_which_names() {
        assert_eq!(Rename::parse("username"), Some(Rename::Username));
        assert_eq!(Rename::parse("display:Jones/Siân"), None);
        assert_eq!(
            Rename::parse_named("display:Llwyd-Owen/Siân"),
            Some((Rename::Display, "Llwyd-Owen", "Siân"))
        );
        assert_eq!(
            Rename::parse_named("username: Argraffydd "),
            Some((Rename::Username, "Argraffydd", ""))
        );
        for value in [
            "display",
            "display:",
            "display:/",
            "title:A/B",
            "display:A/B/C",
        ] {
            assert_eq!(Rename::parse_named(value), None, "{value}");
        }
    }
}
