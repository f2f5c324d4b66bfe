//! `onroll ref`: identifiers on standard input to person_refs on standard output, line by line.

use std::io::Read;

use clap::Subcommand;

use super::args::{Global, Places};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting;
use crate::identity::person_ref::PersonRef;
use crate::identity::{IdentifierFault, Keys, LEARNER_SCOPE, scn, upn};
use crate::model::Kind;
use crate::policy::params::LearnerIdentifier;
use crate::workspace::Workspace;

#[derive(Debug, Subcommand)]
pub enum Ref {
    /// Learners, by the platform's pupil number
    Learner {
        #[command(flatten)]
        places: Places,
    },
    /// Staff, by their code or id
    Staff {
        /// Where the identifier is unique: the establishment (hwb) or the authority (glow)
        #[arg(value_name = "SCOPE")]
        scope: String,
        #[command(flatten)]
        places: Places,
    },
}

impl Ref {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let (register, places) = match self {
            Ref::Learner { places } => (Register::learners(), places),
            Ref::Staff { scope, places } => (Register::staff(&scope)?, places),
        };
        let workspace = places.open(global)?;
        let keys = setting::keys(&workspace)?;
        let number = setting::policy(&workspace)?.params.identity.learner;
        let answer = answer(&stdin()?, register.kind, &register.scope, number, &keys);
        screen.out(&answer.refs);
        for fault in &answer.faults {
            screen.error(fault, None);
        }
        Ok(if answer.faults.is_empty() {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }
}

/// Where an identifier stands: the register, and where in it the identifier is unique.
pub struct Register {
    kind: Kind,
    scope: String,
}

impl Register {
    /// Learners, whose identifiers are unique in the nation.
    pub fn learners() -> Register {
        Register {
            kind: Kind::Learner,
            scope: LEARNER_SCOPE.to_owned(),
        }
    }

    /// Staff of an establishment or authority. Checked here and not by the parser of arguments, which would repeat
    /// what may be an identifier in the wrong place.
    pub fn staff(scope: &str) -> Result<Register, CliError> {
        let scope = super::args::code(scope)
            .map_err(|why| CliError::new(Outcome::Usage, format!("SCOPE: {why}")))?;
        Ok(Register {
            kind: Kind::Staff,
            scope,
        })
    }
}

fn stdin() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|_| CliError::failed("standard input is not UTF-8 text"))?;
    Ok(text)
}

/// The person_refs of the one identifier on standard input, one for each key there is.
pub fn read_one(workspace: &Workspace, register: &Register) -> Result<Vec<String>, CliError> {
    let keys = setting::keys(workspace)?;
    let number = setting::policy(workspace)?.params.identity.learner;
    let text = stdin()?;
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let mut lines = lines.by_ref().filter(|line| !line.trim().is_empty());
    let (Some(line), None) = (lines.next(), lines.next()) else {
        let one = "standard input must hold one identifier, on one line";
        return Err(CliError::new(Outcome::Usage, one));
    };
    check(line, register.kind, number).map_err(|fault| CliError::failed(fault.message))?;
    let refs = keys.all().enumerate().map(|(at, key)| {
        let hash = keys.hash(at, register.kind, &register.scope, line);
        PersonRef {
            key: key.id(),
            hash,
        }
        .to_string()
    });
    Ok(refs.collect())
}

struct Answer {
    refs: String,
    faults: Vec<String>,
}

/// One line for every line read; a blank one where there is no identifier to turn, so that columns stay side by side.
fn answer(text: &str, kind: Kind, scope: &str, number: LearnerIdentifier, keys: &Keys) -> Answer {
    let mut answer = Answer {
        refs: String::new(),
        faults: Vec::new(),
    };
    for (at, line) in text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .lines()
        .enumerate()
    {
        if !line.trim().is_empty() {
            match check(line, kind, number) {
                Ok(()) => answer
                    .refs
                    .push_str(&keys.person_ref(kind, scope, line).to_string()),
                Err(fault) => answer
                    .faults
                    .push(format!("line {}: {}", at + 1, fault.message)),
            }
        }
        answer.refs.push('\n');
    }
    answer
}

fn check(line: &str, kind: Kind, number: LearnerIdentifier) -> Result<(), IdentifierFault> {
    match (kind, number) {
        (Kind::Staff, _) => Ok(()),
        (Kind::Learner, LearnerIdentifier::Upn) => upn::check(line).map(drop),
        (Kind::Learner, LearnerIdentifier::Scn) => scn::check(line).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Key;

    #[test]
    fn every_line_has_its_answer_and_no_fault_repeats_it() {
        let keys = Keys::new(Key::generate().unwrap(), None);
        let answer = answer(
            "q660 2000 1900 1\r\n\nA681401024002\n",
            Kind::Learner,
            "",
            LearnerIdentifier::Upn,
            &keys,
        );
        let expected = format!(
            "{}\n\n\n",
            keys.person_ref(Kind::Learner, "", "Q660200019001")
        );
        assert_eq!(answer.refs, expected);
        assert_eq!(answer.faults.len(), 1);
        assert!(
            answer.faults[0].starts_with("line 3: ") && !answer.faults[0].contains("A681401024002")
        );
    }
}
