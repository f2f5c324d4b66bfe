//! Decision tables: rules as data, and what they decide for every combination of facts.

use std::sync::Arc;

use super::PolicyError;
use crate::facts::registry::{FactDef, claim, non_mis, person};
use crate::model::{Action, TransferState};

/// Most combinations a table may have (SPEC §6).
pub const COMBINATIONS_MAX: u32 = 1 << 20;

/// The place that stands for "no rule" until a table is proved total.
pub(super) const NO_RULE: u16 = u16::MAX;

/// What a table decides about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableKind {
    /// Learners and their accounts.
    Learner,
    /// Staff and their accounts.
    Staff,
    /// Claims of other establishments on an account.
    Claim,
    /// Accounts that people ask for, and the requests for them.
    NonMis,
}

impl TableKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [TableKind; 4] = [
        TableKind::Learner,
        TableKind::Staff,
        TableKind::Claim,
        TableKind::NonMis,
    ];

    /// The word that names the table in `plan.csv`.
    pub const fn as_str(self) -> &'static str {
        match self {
            TableKind::Learner => "learner",
            TableKind::Staff => "staff",
            TableKind::Claim => "claim",
            TableKind::NonMis => "non_mis",
        }
    }

    /// The file of a policy folder that holds the table.
    pub const fn file(self) -> &'static str {
        match self {
            TableKind::Learner => "learner.csv",
            TableKind::Staff => "staff.csv",
            TableKind::Claim => "claim.csv",
            TableKind::NonMis => "non_mis.csv",
        }
    }

    /// The facts that such a table may ask.
    pub fn facts(self) -> &'static [FactDef] {
        match self {
            TableKind::Learner | TableKind::Staff => person::FACTS,
            TableKind::Claim => claim::FACTS,
            TableKind::NonMis => non_mis::FACTS,
        }
    }
}

/// What a rule decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Something is due.
    Action(Action),
    /// Nothing is due.
    None,
    /// The combination cannot occur; a case that shows it all the same is held with a fault.
    Impossible,
}

impl Outcome {
    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Action(action) => action.as_str(),
            Outcome::None => "none",
            Outcome::Impossible => "impossible",
        }
    }

    /// The action, if one is due.
    pub const fn action(self) -> Option<Action> {
        match self {
            Outcome::Action(action) => Some(action),
            Outcome::None | Outcome::Impossible => None,
        }
    }
}

/// The notice that a rule gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleNotice {
    /// None.
    None,
    /// The one of this code.
    Code(String),
    /// The one that the case's value of `elsewhere` carries.
    Elsewhere,
}

impl RuleNotice {
    /// The word in the table.
    pub fn as_str(&self) -> &str {
        match self {
            RuleNotice::None => "",
            RuleNotice::Code(code) => code,
            RuleNotice::Elsewhere => "elsewhere",
        }
    }

    /// The notice's code for a case of a person table, whose values stand in registry order; empty for none.
    pub fn code(&self, values: &[u8]) -> &str {
        match self {
            RuleNotice::None => "",
            RuleNotice::Code(code) => code,
            RuleNotice::Elsewhere => values
                .get(person::ELSEWHERE)
                .and_then(|value| {
                    person::FACTS[person::ELSEWHERE]
                        .values
                        .get(usize::from(*value))
                })
                .map_or("", |value| value.notice),
        }
    }
}

/// On which grounds a row of the plan stands: one piece of memory for all rows that a rule decides.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Grounds {
    /// The rule's id, e.g. `L-REL-1`; never reused.
    pub rule: String,
    /// The reason shown to people.
    pub reason: String,
}

/// A row of a decision table.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id, and the reason it gives.
    pub grounds: Arc<Grounds>,
    /// For each of the table's columns, the values it is for, one bit each.
    pub cells: Vec<u32>,
    /// What it decides.
    pub outcome: Outcome,
    /// The state of a claim after it; `None` leaves it as it is.
    pub state: Option<TransferState>,
    /// The notice it gives.
    pub notice: RuleNotice,
    /// Where it comes from.
    pub source: String,
    /// Its line in the file, the header being line 1.
    pub line: u64,
}

/// A decision table with the answer to every combination of its facts.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it decides about.
    pub kind: TableKind,
    /// Its rules; of those that match, the first decides.
    pub rules: Vec<Rule>,
    /// Its fact columns, as places in the registry.
    pub columns: Vec<usize>,
    /// For each fact of the registry, what one step of its value adds to the index; 0 for facts it does not ask.
    strides: Vec<u32>,
    /// The place of the deciding rule, by index.
    decided: Vec<u16>,
}

impl Table {
    /// Reads a table's text and works out every combination. Whether it may be used is for [`super::prove`] to say.
    ///
    /// # Errors
    /// Everything wrong with the text, or more than [`COMBINATIONS_MAX`] combinations.
    pub fn parse(kind: TableKind, text: &[u8], opens: TransferState) -> Result<Self, PolicyError> {
        let (columns, rules) = super::read::read(kind, text, opens)?;
        let facts = kind.facts();
        let mut strides = vec![0; facts.len()];
        let mut combinations: u32 = 1;
        for place in columns.iter().rev() {
            strides[*place] = combinations;
            combinations = combinations.saturating_mul(facts[*place].values.len() as u32);
        }
        if combinations > COMBINATIONS_MAX {
            return Err(PolicyError::one(format!(
                "{}: its columns have more than {COMBINATIONS_MAX} combinations; leave out a fact that no rule needs",
                kind.file()
            )));
        }
        let sizes: Vec<u32> = columns
            .iter()
            .map(|place| facts[*place].values.len() as u32)
            .collect();
        let decided = super::compile::compile(&sizes, &rules);
        Ok(Table {
            kind,
            rules,
            columns,
            strides,
            decided,
        })
    }

    /// The facts of the registry, of which this table asks some.
    pub fn facts(&self) -> &'static [FactDef] {
        self.kind.facts()
    }

    /// How many combinations its facts have.
    pub fn combinations(&self) -> u32 {
        self.decided.len() as u32
    }

    /// Whether it asks this fact of the registry.
    pub fn asks(&self, place: usize) -> bool {
        self.columns.contains(&place)
    }

    /// For each fact of the registry, what one step of its value adds to the index.
    pub fn strides(&self) -> &[u32] {
        &self.strides
    }

    /// The index of a case. `values` has the place of one value per fact of the registry, in registry order.
    pub fn index(&self, values: &[u8]) -> u32 {
        self.strides
            .iter()
            .zip(values)
            .map(|(stride, value)| stride * u32::from(*value))
            .sum()
    }

    /// The rule that decides the case with an index that [`Table::index`] gave.
    pub fn decide(&self, index: u32) -> &Rule {
        &self.rules[self.place(index)]
    }

    /// The rule that decides an index from elsewhere, e.g. from an old plan; `None` if there is no such index.
    pub fn get(&self, index: u32) -> Option<&Rule> {
        let place = self.decided.get(index as usize)?;
        self.rules.get(usize::from(*place))
    }

    /// The place of the rule that decides an index.
    pub fn place(&self, index: u32) -> usize {
        usize::from(self.decided[index as usize])
    }

    /// The place of each value of an index, in registry order; facts that the table does not ask have their neutral one.
    pub fn places(&self, index: u32) -> Vec<u8> {
        let mut values = vec![0; self.strides.len()];
        let mut rest = index;
        for place in &self.columns {
            let stride = self.strides[*place];
            let size = self.facts()[*place].values.len() as u32;
            values[*place] = (rest / stride).min(size - 1) as u8;
            rest %= stride;
        }
        values
    }

    /// The facts of an index in words: name and value, in the table's order.
    pub fn values(&self, index: u32) -> Vec<(&'static str, &'static str)> {
        let places = self.places(index);
        self.columns
            .iter()
            .map(|place| {
                let fact = &self.facts()[*place];
                (fact.name, fact.values[usize::from(places[*place])].name)
            })
            .collect()
    }
}
