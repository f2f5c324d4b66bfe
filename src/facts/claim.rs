//! The facts of a claim: one account and one other establishment, once the account is decided.

use super::Tonight;
use super::registry::claim as f;
use super::registry::person as p;
use super::standing::Standing;
use crate::directory::Transfer;
use crate::model::{Action, Date, EnrolmentStatus, EstId, State, TransferState, Word};

/// How the account stands after tonight's decision on it.
#[derive(Clone, Debug)]
pub struct Holding {
    /// What was done to it; `None` for nothing.
    pub action: Option<Action>,
    /// Its state afterwards.
    pub state: State,
    /// The establishment it belongs to afterwards.
    pub holder: EstId,
    /// The establishment it belonged to before; `None` for a new account.
    pub before: Option<EstId>,
    /// The facts it was decided on.
    pub values: [u8; p::FACTS.len()],
    /// The holder's row afterwards, when on roll: what a proposal compares with.
    pub row: Option<(EnrolmentStatus, Option<u16>)>,
    /// A transfer was approved tonight and carried out.
    pub approved: bool,
}

/// One claim to decide.
pub struct ClaimCase<'a> {
    /// The claimant.
    pub claimant: EstId,
    /// What is remembered of it.
    pub known: Option<&'a Transfer>,
    /// Where the person stands with the claimant.
    pub standing: Option<Standing<'a>>,
    /// What somebody decided on it tonight.
    pub word: Option<Word>,
    /// A rejected row holds the person.
    pub person_held: bool,
}

impl ClaimCase<'_> {
    /// Computes every fact.
    pub fn judge(&self, tonight: &Tonight<'_>, holding: &Holding) -> [u8; f::FACTS.len()] {
        let mut values = [0; f::FACTS.len()];
        values[f::KNOWN] = match self.known.map(|k| k.state) {
            None => f::known::NONE,
            Some(TransferState::Pending | TransferState::WaitingRelease) => f::known::OPEN,
            Some(TransferState::Deferred) => f::known::DEFERRED,
            Some(TransferState::Declined) => f::known::DECLINED,
            Some(TransferState::Approved) => f::known::APPROVED,
        };
        values[f::ROW] = self.row(tonight);
        values[f::HOLDER] = self.holder(holding);
        values[f::SUBSIDIARY] = u8::from(
            self.standing
                .is_some_and(|s| s.on_roll() && s.row.status == EnrolmentStatus::Subsidiary),
        );
        values[f::CHANGED] = if values[f::ROW] == f::row::ON_ROLL {
            self.changed(tonight, holding, values[f::HOLDER])
        } else {
            0
        };
        values[f::DECISION] = self.decision(tonight, holding, &values);
        values
    }

    fn row(&self, tonight: &Tonight<'_>) -> u8 {
        if tonight.is_held(self.claimant) || self.person_held {
            return f::row::UNKNOWN;
        }
        let on_roll = self.standing.is_some_and(|s| s.on_roll());
        if on_roll && tonight.is_eligible(self.claimant) {
            f::row::ON_ROLL
        } else {
            f::row::GONE
        }
    }

    fn holder(&self, holding: &Holding) -> u8 {
        let moved = matches!(
            holding.action,
            Some(Action::Transfer | Action::Create | Action::Reactivate)
        );
        let kept = holding.values[p::KEPT] != p::kept::NO;
        match holding.state {
            _ if holding.action == Some(Action::Purge) => f::holder::PURGED,
            State::Inactive => f::holder::INACTIVE,
            _ if holding.holder == self.claimant => f::holder::HERE,
            _ if moved => f::holder::LISTS,
            _ if holding.values[p::HELD] == p::held::YES => f::holder::UNKNOWN,
            state => match holding.values[p::HOME] {
                p::home::UNKNOWN => f::holder::UNKNOWN,
                p::home::ON_ROLL | p::home::INCOMPLETE | p::home::AHEAD => f::holder::LISTS,
                _ if kept && state == State::Active => f::holder::LISTS,
                _ => f::holder::LACKS,
            },
        }
    }

    fn changed(&self, tonight: &Tonight<'_>, holding: &Holding, holder: u8) -> u8 {
        let (Some(known), Some(standing)) = (self.known, self.standing) else {
            return f::changed::SAME;
        };
        let status = known.proposal.split(':').next().unwrap_or_default();
        if known.claim_start != standing.row.start || status != standing.row.status.as_str() {
            return f::changed::CLAIM;
        }
        if holder == f::holder::UNKNOWN {
            // What the holder's row says cannot be told tonight, so nothing of it has changed.
            return f::changed::SAME;
        }
        let from = &tonight.roll.establishment(holding.holder).code;
        let same =
            known.from_establishment == *from && known.proposal == self.proposal(tonight, holding);
        if same {
            f::changed::SAME
        } else {
            f::changed::HOLDER
        }
    }

    /// The claimant's status, and the answer that the rows propose (S1: who has more of the person's time).
    pub fn proposal(&self, tonight: &Tonight<'_>, holding: &Holding) -> String {
        let Some(standing) = self.standing else {
            return String::new();
        };
        let claim = standing.row;
        let status = claim.status.as_str();
        let Some((holder_status, holder_share)) =
            holding.row.filter(|_| tonight.params.transfers.proposes)
        else {
            return status.to_owned();
        };
        let answer = match (claim.status, holder_status) {
            (EnrolmentStatus::Main, EnrolmentStatus::Single | EnrolmentStatus::Subsidiary) => {
                "approve"
            }
            (EnrolmentStatus::Subsidiary, _) | (EnrolmentStatus::Single, EnrolmentStatus::Main) => {
                "defer"
            }
            (EnrolmentStatus::Single, EnrolmentStatus::Subsidiary) => "approve",
            _ => match (claim.time_share, holder_share) {
                (Some(here), Some(there)) if here > there => "approve",
                (Some(here), Some(there)) if here < there => "defer",
                _ => "",
            },
        };
        if answer.is_empty() {
            status.to_owned()
        } else {
            format!("{status}:{answer}")
        }
    }

    fn decision(
        &self,
        tonight: &Tonight<'_>,
        holding: &Holding,
        values: &[u8; f::FACTS.len()],
    ) -> u8 {
        if values[f::HOLDER] == f::holder::HERE {
            return f::decision::NONE;
        }
        if holding.approved {
            let old_holder = holding.before == Some(self.claimant);
            // The old holder's export need not be good for an approval; its last row is remembered all the same.
            let at_hand = values[f::ROW] == f::row::UNKNOWN
                && self.standing.is_some_and(|s| s.on_roll())
                && tonight.is_eligible(self.claimant);
            let listed = values[f::ROW] == f::row::ON_ROLL || (old_holder && at_hand);
            return match (old_holder, listed, self.known.is_some()) {
                (true, true, _) => f::decision::LEFT_BEHIND,
                (false, true, _) | (false, false, true) => f::decision::LOST,
                _ => f::decision::NONE,
            };
        }
        let opens = values[f::KNOWN] != f::known::NONE
            || (values[f::ROW] == f::row::ON_ROLL
                && values[f::SUBSIDIARY] == f::subsidiary::NO
                && matches!(values[f::HOLDER], f::holder::LISTS | f::holder::UNKNOWN));
        let usable = !matches!(values[f::HOLDER], f::holder::INACTIVE | f::holder::PURGED);
        match self.word {
            Some(Word::DeferTransfer) if opens && usable => f::decision::DEFER,
            Some(Word::DeclineTransfer) if opens && usable => f::decision::DECLINE,
            _ => f::decision::NONE,
        }
    }
}

/// The day a claim starts: the start of the claimant's row.
pub fn claim_start(standing: Option<&Standing<'_>>) -> Option<Date> {
    standing.and_then(|s| s.row.start)
}
