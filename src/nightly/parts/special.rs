//! People whom no part can judge alone: what becomes of them, or of what somebody decided, may hang on others.
//!
//! Every process finds the same ones, from the same tables. Parts leave them out and the merge judges them.

use std::collections::HashSet;

use crate::decisions::{Decided, Decision};
use crate::directory::{Account, Column};
use crate::intake::{Inputs, Table};
use crate::model::{Category, Kind, Role, State, Word};
use crate::policy::params::{Params, StaffScope};

/// Who is special, by what their accounts say.
#[derive(Debug, Default)]
pub struct Special {
    /// Ids and usernames that decisions name, in lower case.
    named: HashSet<String>,
    /// Addresses for which somebody asks a new account, in lower case.
    asked: HashSet<String>,
    /// Establishments and year groups about which somebody decided.
    groups: Vec<(String, String)>,
    /// Codes that replace others or are replaced.
    renamed: HashSet<String>,
    /// Staff are known by their establishment, so that another code is another hash.
    is_staff_renamed: bool,
}

impl Special {
    /// From the tables and from what people decided.
    pub fn of(inputs: &Inputs, decided: &Decided, params: &Params) -> Special {
        let names = decided.list.iter().flat_map(named);
        let is_group = |d: &&Decision| d.word == Word::AssignGrace && d.account.is_empty();
        let groups = decided.list.iter().filter(is_group);
        let asked = decided.requests.iter().map(|r| r.work_email.to_lowercase());
        Special {
            named: names.map(str::to_lowercase).collect(),
            asked: asked.filter(|address| !address.is_empty()).collect(),
            groups: groups
                .map(|d| (d.establishment.clone(), d.value.clone()))
                .collect(),
            renamed: renamed(&inputs.establishments),
            is_staff_renamed: params.identity.staff_scope == StaffScope::Establishment,
        }
    }

    /// Whether an account is of somebody special.
    pub fn is(&self, account: &Account, cells: &[&str]) -> bool {
        let cell = |column: Column| cells[column as usize];
        let code = cell(Column::Establishment);
        let is_staff = account.category == Category::Mis && account.role.kind() == Kind::Staff;
        (is_staff && self.is_staff_renamed && self.renamed.contains(code))
            || self.is_named(cells)
            || self.is_of_group(account, code, cell(Column::YearGroup))
    }

    fn is_named(&self, cells: &[&str]) -> bool {
        if self.named.is_empty() && self.asked.is_empty() {
            return false;
        }
        let cell = |column: Column| cells[column as usize];
        let aliases = || cell(Column::Aliases).split(';');
        let is_named =
            |name: &str| !self.named.is_empty() && self.named.contains(&name.to_lowercase());
        let is_asked =
            |address: &str| !self.asked.is_empty() && self.asked.contains(&address.to_lowercase());
        is_named(cell(Column::AccountId))
            || is_named(cell(Column::Username))
            || aliases().any(|alias| is_named(alias.split('@').next().unwrap_or_default()))
            || is_asked(cell(Column::Email))
            || is_asked(cell(Column::WorkEmail))
            || aliases().any(is_asked)
    }

    /// A code that has changed may lead to the establishment that is meant, so any such code is taken for it.
    fn is_of_group(&self, account: &Account, code: &str, year_group: &str) -> bool {
        account.role == Role::Learner
            && account.state == State::Active
            && self.groups.iter().any(|(establishment, year)| {
                year == year_group && (establishment == code || self.renamed.contains(code))
            })
    }
}

/// The accounts that a decision names.
fn named(decision: &Decision) -> impl Iterator<Item = &str> {
    let second = (decision.word == Word::KeepPreviousAccount).then_some(decision.value.as_str());
    let both = [Some(decision.account.as_str()), second]
        .into_iter()
        .flatten();
    both.filter(|name| !name.is_empty())
}

/// Both codes of every row that says that one replaces another.
fn renamed(establishments: &Table) -> HashSet<String> {
    let place = |column: &str| establishments.spec.place(column);
    let (Some(own), Some(replaces)) = (place("establishment"), place("replaces")) else {
        return HashSet::new();
    };
    let rows = establishments
        .usable()
        .flat_map(|file| (0..file.rows.len()).map(move |record| (file, record)));
    let replacing = rows.filter(|(file, record)| !file.cell(*record, replaces).is_empty());
    replacing
        .flat_map(|(file, record)| [own, replaces].map(|place| file.cell(record, place).to_owned()))
        .collect()
}
