//! The pattern of usernames (`policy.toml`, `names.username`).

use super::fold::fold;

/// One piece of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Text(String),
    Surname { capital: bool },
    Forename { capital: bool },
    Initial { capital: bool },
    Year,
}

/// How usernames are built: `{surname}` `{Surname}` `{forename}` `{Forename}` (folded), `{f}` `{F}` (first
/// letter of the forename), `{yy}` (two-digit year) and text, then `{n}` or `{n?}` (a number; left out for the first).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    parts: Vec<Part>,
    first_is_bare: bool,
}

/// A username without its number. All ASCII.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Stem {
    /// In lower case: what uniqueness looks at.
    pub lower: String,
    /// Whether the first of the stem goes without a number.
    pub first_is_bare: bool,
    /// As it is issued.
    pub text: String,
    /// How many characters stand before the first part made of a name.
    pub lead: usize,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence for whoever wrote the policy: an unknown part, text other than ASCII letters, digits,
    /// `.`, `-`, `_`, no part made of a name, or not exactly one number at the end.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut number = None;
        let mut rest = text;
        while !rest.is_empty() {
            if number.is_some() {
                return Err(format!(
                    "username pattern `{text}`: the number must stand once, at the end"
                ));
            }
            if let Some(inside) = rest.strip_prefix('{') {
                let (word, after) = inside
                    .split_once('}')
                    .ok_or_else(|| format!("username pattern `{text}`: a `{{` is not closed"))?;
                match word {
                    "n" => number = Some(false),
                    "n?" => number = Some(true),
                    _ => parts.push(name_part(word).ok_or_else(|| {
                        format!("username pattern `{text}`: `{{{word}}}` is not a part; there are surname, Surname, forename, Forename, f, F, yy, n and n?")
                    })?),
                }
                rest = after;
            } else {
                let (literal, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
                let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
                if !literal.chars().all(allowed) {
                    return Err(format!(
                        "username pattern `{text}`: text may hold ASCII letters, digits, `.`, `-` and `_` only"
                    ));
                }
                parts.push(Part::Text(literal.to_owned()));
                rest = after;
            }
        }
        let first_is_bare = number.ok_or_else(|| {
            format!("username pattern `{text}`: it must end in a number, `{{n}}` or `{{n?}}`")
        })?;
        if !parts.iter().any(is_of_a_name) {
            return Err(format!(
                "username pattern `{text}`: no part is made of a name"
            ));
        }
        Ok(Pattern {
            parts,
            first_is_bare,
        })
    }

    /// Whether usernames of at most `max` characters leave room for the fixed text, a letter and a number of four digits.
    ///
    /// # Errors
    /// A sentence for whoever wrote the policy.
    pub fn check_room(&self, max: usize) -> Result<(), String> {
        let lead: usize = self
            .parts
            .iter()
            .take_while(|part| !is_of_a_name(part))
            .map(fixed_length)
            .sum();
        let least = lead + 5;
        if max < least {
            return Err(format!(
                "username_max is {max}; this username pattern needs at least {least}"
            ));
        }
        Ok(())
    }

    /// The stem for two names and a year; `None` when a name given has no letter, or none is given.
    ///
    /// Of somebody with one name, that name serves for the other wherever the pattern would
    /// otherwise be without it.
    pub(super) fn stem(&self, surname: &str, forename: &str, year: i32) -> Option<Stem> {
        let (surname, forename) = (folded(surname)?, folded(forename)?);
        if surname.is_empty() && forename.is_empty() {
            return None;
        }
        let has_surname = self
            .parts
            .iter()
            .any(|part| matches!(part, Part::Surname { .. }));
        let has_forename = self
            .parts
            .iter()
            .any(|part| matches!(part, Part::Forename { .. }));
        let as_surname = if surname.is_empty() && !has_forename {
            &forename
        } else {
            &surname
        };
        let as_forename = if forename.is_empty() && !has_surname {
            &surname
        } else {
            &forename
        };
        let initial_of = if forename.is_empty() {
            &surname
        } else {
            &forename
        };

        let mut text = String::with_capacity(24);
        let mut lead = None;
        for part in &self.parts {
            if is_of_a_name(part) {
                lead.get_or_insert(text.len());
            }
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Surname { capital } => push_name(&mut text, as_surname, *capital),
                Part::Forename { capital } => push_name(&mut text, as_forename, *capital),
                Part::Initial { capital } => push_name(&mut text, &initial_of[..1], *capital),
                Part::Year => text.push_str(&format!("{:02}", year.rem_euclid(100))),
            }
        }
        let lower = text.to_ascii_lowercase();
        Some(Stem {
            lower,
            first_is_bare: self.first_is_bare,
            lead: lead.unwrap_or(0),
            text,
        })
    }
}

fn name_part(word: &str) -> Option<Part> {
    Some(match word {
        "surname" => Part::Surname { capital: false },
        "Surname" => Part::Surname { capital: true },
        "forename" => Part::Forename { capital: false },
        "Forename" => Part::Forename { capital: true },
        "f" => Part::Initial { capital: false },
        "F" => Part::Initial { capital: true },
        "yy" => Part::Year,
        _ => return None,
    })
}

fn is_of_a_name(part: &Part) -> bool {
    matches!(
        part,
        Part::Surname { .. } | Part::Forename { .. } | Part::Initial { .. }
    )
}

fn fixed_length(part: &Part) -> usize {
    match part {
        Part::Text(literal) => literal.len(),
        Part::Year => 2,
        Part::Surname { .. } | Part::Forename { .. } | Part::Initial { .. } => 0,
    }
}

/// The folded name; `None` when one is given and nothing of it is left.
fn folded(name: &str) -> Option<String> {
    let stem = fold(name);
    (!stem.is_empty() || name.trim().is_empty()).then_some(stem)
}

fn push_name(text: &mut String, folded: &str, capital: bool) {
    let mut letters = folded.chars();
    if capital && let Some(first) = letters.next() {
        text.push(first.to_ascii_uppercase());
    }
    text.push_str(letters.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(pattern: &str, surname: &str, forename: &str) -> Option<String> {
        Pattern::parse(pattern)
            .expect("a pattern")
            .stem(surname, forename, 2026)
            .map(|stem| stem.text)
    }

    #[test]
    fn parts_are_filled_from_folded_names() {
        assert_eq!(
            stem("{Surname}{F}{n}", "O’Neill", "Siân").as_deref(),
            Some("OneillS")
        );
        assert_eq!(
            stem("gw{yy}{surname}{forename}{n?}", "Mc Donald", "Àine").as_deref(),
            Some("gw26mcdonaldaine")
        );
        assert_eq!(
            stem("{f}.{Forename}_{surname}-{n}", "Rees", "Eleri").as_deref(),
            Some("e.Eleri_rees-")
        );
    }

    #[test]
    fn one_name_serves_for_both() {
        assert_eq!(
            stem("{Surname}{F}{n}", "Jones", " ").as_deref(),
            Some("JonesJ")
        );
        assert_eq!(
            stem("{Surname}{F}{n}", "", "Madog").as_deref(),
            Some("MadogM")
        );
        assert_eq!(
            stem("gw{yy}{surname}{forename}{n?}", "", "Madog").as_deref(),
            Some("gw26madog")
        );
        assert_eq!(stem("{forename}{n}", "Madog", "").as_deref(), Some("madog"));
        assert_eq!(
            stem("{surname}{forename}{n}", "Madog", "Madog").as_deref(),
            Some("madogmadog")
        );
    }

    #[test]
    fn a_name_without_letters_makes_no_stem() {
        for (surname, forename) in [("", ""), ("李", "Wei"), ("Wei", "李"), ("-", "-")] {
            assert_eq!(stem("{Surname}{F}{n}", surname, forename), None);
        }
    }

    #[test]
    fn patterns_that_cannot_work_are_refused() {
        for text in [
            "",
            "{surname}",
            "{n}",
            "abc{n}",
            "{n}{surname}",
            "{surname}{n}{n}",
            "{surname}{n}x",
            "{surname}{n?}{n}",
            "{surname",
            "{nickname}{n}",
            "{surname} {n}",
            "{surname}}{n}",
            "{surname}ŵ{n}",
            "{surname}@{n}",
            "{}{n}",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
        let pattern = Pattern::parse("gw{yy}{surname}{n}").unwrap();
        assert!(pattern.check_room(8).is_err() && pattern.check_room(9).is_ok());
    }
}
