//! Whose an account is: the school, and the person_ref that the identifier becomes.

use super::columns::In;
use super::row::{Candidate, Reader, Standing};
use crate::gate::cells::{self, CellFault};
use crate::gate::check_learner;
use crate::identity::LEARNER_SCOPE;
use crate::model::{Category, Kind};
use crate::policy::params::StaffScope;

impl<'a> Reader<'a> {
    /// The establishment of the account; blank is good for accounts that do not follow the roll.
    pub(super) fn establishment(
        &mut self,
        row: &mut Candidate,
        at: usize,
        standing: Option<&Standing>,
    ) -> Option<&'a str> {
        let code = self.cell(at, In::Establishment);
        let may_be_blank = standing.is_none_or(|s| s.category == Category::NonMis);
        if let Err(CellFault { code, message, fix }) = cells::code(code)
            && !(may_be_blank && self.cell(at, In::Establishment).is_empty())
        {
            self.reject(row, In::Establishment, code, message, fix);
            return None;
        }
        let listed = &self.desk.authorities;
        if !code.is_empty() && !listed.is_empty() && !listed.contains_key(code) {
            let message =
                "the establishment is not in mis/establishments.csv; a night would hold it";
            self.warn(
                row,
                In::Establishment,
                "establishment_unlisted",
                message,
                "List the establishment, or correct the code.",
            );
        }
        Some(code)
    }

    /// The person_ref of an account that follows the roll. The identifier itself goes no further than this.
    pub(super) fn person(
        &mut self,
        row: &mut Candidate,
        at: usize,
        standing: &Standing,
        establishment: &'a str,
    ) -> Option<String> {
        let identity = &self.desk.params.identity;
        let (kind, column) = match standing.role.kind() {
            Kind::Learner => (Kind::Learner, In::LearnerId),
            Kind::Staff if identity.staff == In::StaffId.name() => (Kind::Staff, In::StaffId),
            Kind::Staff => (Kind::Staff, In::StaffCode),
        };
        let id = self.cell(at, column);
        if standing.category == Category::NonMis {
            if !id.is_empty() {
                let message = "the account does not follow the roll, so its identifier is not used";
                self.warn(
                    row,
                    column,
                    "identifier_unused",
                    message,
                    "Give the category `mis` if it should follow the roll.",
                );
            }
            return None;
        }
        let scope = match kind {
            Kind::Learner => self.learner(row, column, id).then_some(LEARNER_SCOPE)?,
            Kind::Staff if id.is_empty() => {
                let message = "expected the identifier under which the roll lists this member of staff; found nothing";
                let fix =
                    "Give it, or the category `non_mis` if the account does not follow the roll.";
                self.reject(row, column, "identifier_missing", message, fix);
                return None;
            }
            Kind::Staff => match identity.staff_scope {
                StaffScope::Establishment => establishment,
                StaffScope::Authority => self.authority(row, at, establishment)?,
            },
        };
        Some(self.desk.keys.person_ref(kind, scope, id).to_string())
    }

    fn learner(&mut self, row: &mut Candidate, column: In, id: &str) -> bool {
        match check_learner(self.desk.params, id) {
            Ok(learner) => {
                if learner.temporary {
                    let message =
                        "a temporary UPN: the account is found again only under the same one";
                    let fix = "Give the permanent UPN where there is one; later, `rekeys.csv` says which replaced which.";
                    self.warn(row, column, "temporary_upn", message, fix);
                }
                true
            }
            Err(fault) => {
                let fix = match fault.absent {
                    true => "Give it, or the category `non_mis` if the account does not follow the roll.".to_owned(),
                    false => fault.fix,
                };
                self.reject(row, column, fault.code, fault.message, &fix);
                false
            }
        }
    }

    /// The authority within which staff are known: as given, or as mis/establishments.csv says.
    fn authority(
        &mut self,
        row: &mut Candidate,
        at: usize,
        establishment: &str,
    ) -> Option<&'a str> {
        let given = self.cell(at, In::Authority);
        let listed = self.desk.authorities.get(establishment).map(String::as_str);
        let fix = "Fill the column, or put establishments.csv into mis/ first.";
        match (given, listed) {
            ("", Some(listed)) => Some(listed),
            ("", None) => {
                let message = "the authority within which the identifier counts is not known";
                self.reject(row, In::Authority, "authority_unknown", message, fix);
                None
            }
            (given, Some(listed)) if given != listed => {
                let message =
                    "another authority than mis/establishments.csv gives for this establishment";
                self.reject(
                    row,
                    In::Authority,
                    "authority_differs",
                    message,
                    "Correct one of the two.",
                );
                None
            }
            (given, _) => match cells::code(given) {
                Ok(code) => Some(code),
                Err(CellFault { code, message, .. }) => {
                    self.reject(row, In::Authority, code, message, fix);
                    None
                }
            },
        }
    }
}
