//! What a claim's rule does to the row that remembers it.

use crate::directory::Transfer;
use crate::facts::Tonight;
use crate::facts::claim::{ClaimCase, Holding, claim_start};
use crate::model::{Action, Date, TransferState};

/// One claim after tonight.
#[derive(Clone, Debug)]
pub struct ClaimChange {
    /// The claimant's code.
    pub to_establishment: String,
    /// As it was remembered.
    pub before: Option<Transfer>,
    /// As it is remembered now; `None` when it goes.
    pub after: Option<Transfer>,
    /// What the rule calls it.
    pub action: Action,
}

impl ClaimChange {
    /// The change as a pair of values for `fields`: the state, and what else tells the two apart.
    pub fn values(&self) -> (String, String) {
        let state =
            |t: &Option<Transfer>| t.as_ref().map(|t| t.state.to_string()).unwrap_or_default();
        let (before, after) = (state(&self.before), state(&self.after));
        if before != after {
            return (before, after);
        }
        let detail = |t: &Option<Transfer>| {
            t.as_ref().map_or_else(String::new, |t| {
                let start = t.claim_start.map(|d| d.to_string()).unwrap_or_default();
                format!(
                    "{} {} {} {}",
                    t.state, start, t.proposal, t.from_establishment
                )
                .trim()
                .to_owned()
            })
        };
        (detail(&self.before), detail(&self.after))
    }
}

/// Who decided, for a claim that a decision settles.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// When.
    pub on: Date,
    /// By whom.
    pub by: &'a str,
}

/// Carries out the rule of a claim: its action and the state it gives (`None`: unchanged).
pub fn apply(
    tonight: &Tonight<'_>,
    case: &ClaimCase<'_>,
    holding: &Holding,
    account_id: &str,
    action: Action,
    state: Option<TransferState>,
    decided: Option<Decided<'_>>,
) -> ClaimChange {
    // A claim of a replaced code keeps that code until it closes.
    let code = |known: &Transfer| known.to_establishment.clone();
    let to_establishment = case.known.map_or_else(
        || tonight.roll.establishment(case.claimant).code.clone(),
        code,
    );
    let before = case.known.cloned();
    if action == Action::TransferClose {
        return ClaimChange {
            to_establishment,
            before,
            after: None,
            action,
        };
    }
    let open = matches!(
        state,
        Some(TransferState::Pending | TransferState::WaitingRelease)
    );
    let state = state
        .or(before.as_ref().map(|b| b.state))
        .unwrap_or(TransferState::Pending);
    let standing = case.standing.as_ref().filter(|s| s.on_roll());
    let (claim_start, proposal) = match (standing, &before) {
        (None, Some(known)) => (known.claim_start, known.proposal.clone()),
        _ => (claim_start(standing), case.proposal(tonight, holding)),
    };
    let opened_on = before
        .as_ref()
        .filter(|_| action != Action::TransferPending)
        .map_or(tonight.as_of, |b| b.opened_on);
    let earlier = before.as_ref().filter(|_| !open);
    let after = Transfer {
        account_id: account_id.to_owned(),
        from_establishment: tonight.roll.establishment(holding.holder).code.clone(),
        to_establishment: to_establishment.clone(),
        claim_start,
        state,
        proposal,
        opened_on,
        decided_on: decided.map(|d| d.on).or(earlier.and_then(|b| b.decided_on)),
        decided_by: decided
            .map(|d| d.by.to_owned())
            .or(earlier.map(|b| b.decided_by.clone()))
            .unwrap_or_default(),
    };
    ClaimChange {
        to_establishment,
        before,
        after: Some(after),
        action,
    }
}
