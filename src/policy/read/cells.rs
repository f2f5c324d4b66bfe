//! What a cell of a decision table may say.

use crate::facts::registry::FactDef;
use crate::model::{Action, TransferState};
use crate::policy::compile::any;
use crate::policy::table::{Outcome, Rule, RuleNotice, TableKind};

/// Actions that a person table may decide.
const PERSON_ACTIONS: &[Action] = &[
    Action::Create,
    Action::Reactivate,
    Action::Transfer,
    Action::Supersede,
    Action::Withdraw,
    Action::Release,
    Action::GraceStart,
    Action::GraceExpire,
    Action::HoldLeaver,
    Action::MarkAbsent,
    Action::ClearAbsent,
    Action::Update,
    Action::Purge,
];

/// Actions that a table for accounts that people ask for may decide.
const NON_MIS_ACTIONS: &[Action] = &[
    Action::Create,
    Action::Extend,
    Action::Expire,
    Action::Close,
    Action::Reactivate,
    Action::Update,
    Action::Purge,
];

/// Actions that a claim table may decide.
const CLAIM_ACTIONS: &[Action] = &[
    Action::TransferPending,
    Action::TransferDefer,
    Action::TransferDecline,
    Action::TransferClose,
    Action::Update,
];

pub(super) fn is_rule_id(id: &str) -> bool {
    let mut parts = id.split('-');
    let head = parts
        .next()
        .is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase()));
    let mut tail = parts.peekable();
    head && tail.peek().is_some()
        && tail.all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
}

/// The values that a cell is for, one bit each.
pub(super) fn values(fact: &FactDef, cell: &str) -> Result<u32, String> {
    let all = any(fact.values.len() as u32);
    if cell.is_empty() {
        return Ok(all);
    }
    let (negated, list) = cell
        .strip_prefix('!')
        .map_or((false, cell), |list| (true, list));
    let mut set = 0;
    for word in list.split('|') {
        let Some(value) = fact.value(word.trim()) else {
            let known: Vec<_> = fact.values.iter().map(|value| value.name).collect();
            return Err(format!(
                "`{word}` is not a value of `{}`: {}",
                fact.name,
                known.join(", ")
            ));
        };
        if set >> value & 1 == 1 {
            return Err(format!(
                "`{word}` stands twice in the cell of `{}`",
                fact.name
            ));
        }
        set |= 1 << value;
    }
    let set = if negated { all & !set } else { set };
    if set == 0 {
        Err(format!("the cell of `{}` excludes every value", fact.name))
    } else {
        Ok(set)
    }
}

pub(super) fn outcome(kind: TableKind, word: &str) -> Result<Outcome, String> {
    let allowed = match kind {
        TableKind::Claim => CLAIM_ACTIONS,
        TableKind::NonMis => NON_MIS_ACTIONS,
        TableKind::Learner | TableKind::Staff => PERSON_ACTIONS,
    };
    match word {
        "none" => Ok(Outcome::None),
        "impossible" => Ok(Outcome::Impossible),
        _ => Action::parse(word)
            .filter(|action| allowed.contains(action))
            .map(Outcome::Action)
            .ok_or_else(|| {
                let known: Vec<_> = allowed.iter().map(|action| action.as_str()).collect();
                format!(
                    "`{word}` is not an action of this table: {}, none, impossible",
                    known.join(", ")
                )
            }),
    }
}

pub(super) fn state(word: &str, opens: TransferState) -> Result<Option<TransferState>, String> {
    Ok(Some(match word {
        "" => return Ok(None),
        "opens" => opens,
        "deferred" => TransferState::Deferred,
        "declined" => TransferState::Declined,
        "approved" => TransferState::Approved,
        _ => {
            return Err(format!(
                "`{word}` is not a state: opens, deferred, declined, approved, or blank"
            ));
        }
    }))
}

/// Whether the state that a rule sets is the one its action means.
pub(super) fn state_fits(rule: &Rule, opens: TransferState, kind: TableKind) -> Result<(), String> {
    if kind != TableKind::Claim {
        return Ok(());
    }
    let fits = match rule.outcome {
        Outcome::Action(Action::TransferPending) => rule.state == Some(opens),
        Outcome::Action(Action::TransferDefer) => rule.state == Some(TransferState::Deferred),
        Outcome::Action(Action::TransferDecline) => rule.state == Some(TransferState::Declined),
        Outcome::Action(Action::Update) => true,
        _ => rule.state.is_none(),
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "`state` does not fit the action {}",
            rule.outcome.as_str()
        ))
    }
}

pub(super) fn notice(kind: TableKind, word: &str) -> Result<RuleNotice, String> {
    match word {
        "" => Ok(RuleNotice::None),
        "elsewhere" if matches!(kind, TableKind::Claim | TableKind::NonMis) => {
            Err("`elsewhere` is a fact of people on roll".to_owned())
        }
        "elsewhere" => Ok(RuleNotice::Elsewhere),
        _ if word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
            Ok(RuleNotice::Code(word.to_owned()))
        }
        _ => Err(format!("`{word}` is not a notice: small letters and `_`")),
    }
}
