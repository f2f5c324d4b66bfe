//! The plan row of one account while it is being written.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::look::Watch;
use super::outcome::{NewName, Outcome};
use crate::decisions::{Book, Rename, Verdict};
use crate::directory::{Account, Column, Edited, Fields, LedgerEntry, Transfer};
use crate::effects;
use crate::effects::claims::ClaimChange;
use crate::facts::Tonight;
use crate::facts::person::{Case, Judged};
use crate::identity::{Keys, PersonRef, hex128};
use crate::model::{Action, Kind, PersonKey, Role, State, TransferState, Word};
use crate::plan::Evidence;
use crate::policy::Policy;
use crate::policy::params::Params;
use crate::policy::table::{Grounds, Rule, Table, TableKind};

/// Everything the drafting of rows needs.
pub struct Draughtsman<'a> {
    /// The night.
    pub tonight: &'a Tonight<'a>,
    /// The policy.
    pub policy: &'a Policy,
    /// Open decisions.
    pub book: &'a Book,
    /// The keys.
    pub keys: &'a Keys,
    /// The current key's id.
    pub key_id: String,
    /// Account ids of tombstones.
    pub tombstones: HashSet<&'a str>,
    /// Whom somebody looks at; nobody on an ordinary night.
    pub watch: Watch,
}

/// The rule that names a row, why, and the case it decided.
#[derive(Clone, Debug)]
pub struct Named {
    pub(super) grounds: Arc<Grounds>,
    pub(super) facts: Evidence,
}

impl Named {
    /// By a rule, in the words of its table.
    pub fn by(rule: &Rule, table: TableKind, index: u32) -> Self {
        Named {
            grounds: rule.grounds.clone(),
            facts: Evidence { table, index },
        }
    }
}

/// One row being written.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The account's id, also of a new one.
    pub account_id: Cow<'a, str>,
    /// The person, as text; empty where nobody on the roll is meant.
    pub(super) person_ref: String,
    /// The account's row, where it changes.
    pub(super) record: Option<Edited<'a>>,
    pub(super) action: Option<Action>,
    pub(super) named: Named,
    pub(super) claim_rule: Option<(Action, Named)>,
    pub(super) claims: Vec<ClaimChange>,
    pub(super) decisions: Vec<(usize, LedgerEntry)>,
    /// Requests that the row carries out.
    pub(super) requests: Vec<LedgerEntry>,
    /// What a new username is to be made of.
    pub(super) new_name: Option<NewName>,
}

impl<'a> Draughtsman<'a> {
    /// The policy's parameters.
    pub fn params(&self) -> &'a Params {
        &self.policy.params
    }

    /// The decision table of a register.
    pub fn table(&self, kind: Kind) -> &'a Table {
        match kind {
            Kind::Learner => &self.policy.learner,
            Kind::Staff => &self.policy.staff,
        }
    }

    /// A person_ref as text: under the current key, or as it stands in the account of somebody whom no row of
    /// tonight names and who is therefore known under an earlier key alone.
    pub fn person_ref(&self, case: &Case<'_>) -> String {
        let is_unseen = |a: &Account| a.key != 0 && a.person() == case.person.key().map(|k| k.0);
        if let (Some(place), Some(_)) = (case.place, case.account.filter(is_unseen)) {
            let accounts = &self.tonight.snapshot.accounts;
            return accounts.with(place, |c| c[Column::PersonRef as usize].to_owned());
        }
        case.person
            .key()
            .map(|k| self.ref_of(k))
            .unwrap_or_default()
    }

    /// A person's reference under the current key.
    pub fn ref_of(&self, person: PersonKey) -> String {
        let key = self.keys.current.id();
        let hash = person.0;
        PersonRef { key, hash }.to_string()
    }

    /// Begins the row of a case: the account before and after its action.
    pub fn draft(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        action: Option<Action>,
        rule: &Rule,
        index: u32,
    ) -> Draft<'a> {
        let create = action == Some(Action::Create);
        let person_ref = self.person_ref(case);
        let account_id = match case.place.filter(|_| !create) {
            Some(place) => Cow::Borrowed(self.tonight.snapshot.accounts.id(place)),
            None => Cow::Owned(self.new_account_id(&person_ref)),
        };
        let table = self.table(case.person.kind).kind;
        let mut draft = self.blank_draft(account_id, Named::by(rule, table, index));
        draft.person_ref = person_ref;
        draft.action = action;
        if create {
            draft.new_name = judged.target.map(|t| {
                let names = effects::names::username_names(self.tonight, t.row);
                NewName::of(names.surname, names.forename)
            });
            draft.record = judged.target.map(|t| {
                effects::account::create(self.tonight, &t, &draft.person_ref, &draft.account_id)
            });
            return draft;
        }
        let words = case.words.hold_until.is_some()
            || case.words.grace_granted_on.is_some()
            || case.words.rename_display
            || case.words.rename_username;
        if let Some(place) = case.place.filter(|_| action.is_some() || words) {
            self.change(case, judged, place, action, &mut draft);
        }
        draft
    }

    fn change(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        place: usize,
        action: Option<Action>,
        draft: &mut Draft<'a>,
    ) {
        let mut record = Edited::of(self.tonight.snapshot.accounts.cells(place));
        if action.is_some() {
            let person_ref = &draft.person_ref;
            effects::account::keep_identity(self.tonight, case, person_ref, &mut record);
        }
        if let Some(action) = action {
            effects::account::apply(self.tonight, case, judged, action, &mut record);
        }
        let stays = !matches!(
            action,
            Some(
                Action::Transfer
                    | Action::Withdraw
                    | Action::Release
                    | Action::GraceExpire
                    | Action::Supersede
            )
        );
        if let Some(until) = case.words.hold_until.filter(|_| stays) {
            record.set_date(Column::HoldUntil, Some(until));
            draft.name_by_word(Action::HoldLeaver);
        }
        if let Some(on) = case.words.grace_granted_on.filter(|_| stays) {
            record.set_date(Column::GraceGrantedOn, Some(on));
            draft.name_by_word(Action::GraceGrant);
        }
        if case.words.rename_display && stays {
            effects::account::rename_display(self.tonight, judged, &mut record);
            draft.name_by_word(Action::Rename);
        }
        if let Some(home) = judged.home.filter(|_| case.words.rename_username && stays) {
            let names = effects::names::username_names(self.tonight, home.row);
            draft.rename_username(self.tonight, names, &mut record);
        }
        draft.record = Some(record);
    }

    /// A row about an account of this id, as a rule decided it, before anything changes.
    pub(super) fn blank_draft(&self, account_id: Cow<'a, str>, named: Named) -> Draft<'a> {
        Draft {
            account_id,
            person_ref: String::new(),
            record: None,
            action: None,
            named,
            claim_rule: None,
            claims: Vec::new(),
            decisions: Vec::new(),
            requests: Vec::new(),
            new_name: None,
        }
    }

    /// The first id, of a person_ref or request_id, that no account and no tombstone has.
    pub(super) fn new_account_id(&self, of: &str) -> String {
        let accounts = &self.tonight.snapshot.accounts;
        (0..)
            .map(|n| hex128(self.keys.account_id(of, n)))
            .find(|id| !accounts.is_id(id) && !self.tombstones.contains(id.as_str()))
            .unwrap_or_default()
    }
}

impl Draft<'_> {
    fn name_by_word(&mut self, action: Action) {
        // The higher of two words names the row, and then it is the reason too.
        if self.action.is_none_or(|a| action < a) {
            self.action = Some(action);
            let grounds = Arc::make_mut(&mut self.named.grounds);
            grounds.reason = format!("Somebody decided it; beside that: {}", grounds.reason);
        }
    }

    /// Gives an account another name, by a decision that says which.
    pub(super) fn rename(
        &mut self,
        desk: &Draughtsman<'_>,
        what: Rename,
        surname: &str,
        forename: &str,
        role: Role,
        record: &mut Edited<'_>,
    ) {
        let names = effects::names::Names { surname, forename };
        match what {
            Rename::Display => {
                record.set(Column::Surname, surname);
                record.set(Column::Forename, forename);
                let shown = effects::names::shown(&desk.params().names, role, names);
                record.set(Column::DisplayName, shown);
                self.name_by_word(Action::Rename);
            }
            Rename::Username => self.rename_username(desk.tonight, names, record),
        }
    }

    /// A new username is due; it is given when all of the night are.
    fn rename_username(
        &mut self,
        tonight: &Tonight<'_>,
        names: effects::names::Names<'_>,
        record: &mut Edited<'_>,
    ) {
        effects::account::rename_username(tonight, record);
        self.new_name = Some(NewName::of(names.surname, names.forename));
        self.name_by_word(Action::Rename);
    }

    /// Adds the claims that change.
    pub fn add_claims(&mut self, claims: Vec<ClaimChange>) {
        self.claims = claims.into_iter().filter(|c| c.before != c.after).collect();
    }

    /// Remembers the highest claim action, which names the row when the account itself does not change.
    pub fn note_claim_rule(&mut self, action: Action, rule: &Rule, index: u32) {
        if self
            .claim_rule
            .as_ref()
            .is_none_or(|(highest, _)| action < *highest)
        {
            self.claim_rule = Some((action, Named::by(rule, TableKind::Claim, index)));
        }
    }

    /// What became of a decision on a claim.
    pub fn claim_verdict(&self, establishment: &str, word: Word) -> Option<Verdict> {
        let claim = self
            .claims
            .iter()
            .find(|c| c.to_establishment == establishment)?;
        let wanted = match word {
            Word::DeferTransfer => TransferState::Deferred,
            Word::DeclineTransfer => TransferState::Declined,
            _ => return None,
        };
        Some(match &claim.after {
            Some(after) if after.state == wanted => Verdict::Applied,
            Some(_) => Verdict::Waiting("the claim cannot be decided tonight"),
            None => Verdict::Refused("the enrolment behind the claim ended"),
        })
    }

    /// Notes what became of a decision; final outcomes of changes that are carried out go with the row.
    pub fn note_decision(
        &mut self,
        desk: &Draughtsman<'_>,
        index: usize,
        verdict: Verdict,
        out: &mut Outcome,
    ) {
        out.verdicts.push((index, verdict));
        if verdict == Verdict::Applied {
            let entry = LedgerEntry {
                decision_id: desk.book.list[index].id.clone(),
                outcome: "applied".to_owned(),
                reason: String::new(),
                applied_on: desk.tonight.as_of,
            };
            self.decisions.push((index, entry));
        }
    }

    /// Claims that are new or differ.
    pub(super) fn claims_set(&self) -> Vec<Transfer> {
        self.claims.iter().filter_map(|c| c.after.clone()).collect()
    }

    /// Claimants whose claims go.
    pub(super) fn claims_gone(&self) -> Vec<String> {
        let gone = self.claims.iter().filter(|c| c.after.is_none());
        gone.map(|c| c.to_establishment.clone()).collect()
    }

    /// Takes out the decisions that the row carries out.
    pub(super) fn ledger(&mut self) -> Vec<LedgerEntry> {
        let decided = std::mem::take(&mut self.decisions);
        let decided = decided.into_iter().map(|(_, entry)| entry);
        decided.chain(std::mem::take(&mut self.requests)).collect()
    }

    pub(super) fn fields(&self) -> Fields {
        let mut fields = self.record.as_ref().map(Edited::fields).unwrap_or_default();
        for claim in &self.claims {
            let (before, after) = claim.values();
            let name = format!("transfer:{}", claim.to_establishment);
            fields.push(&name, &before, &after);
        }
        fields
    }

    /// Of several changes the first in the list of SPEC §7 names the row.
    pub(super) fn naming_action(&self) -> Action {
        let claim = self
            .claim_rule
            .as_ref()
            .filter(|_| !self.claims.is_empty())
            .map(|c| c.0);
        let own = self
            .action
            .filter(|_| self.record.is_some() || self.action == Some(Action::Purge));
        own.into_iter().chain(claim).min().unwrap_or(Action::Update)
    }

    pub(super) fn naming_rule(&self, action: Action) -> &Named {
        match &self.claim_rule {
            Some((of_claim, named)) if *of_claim == action && self.action != Some(action) => named,
            _ => &self.named,
        }
    }
}

/// Whether a case leaves its person with a usable account.
pub fn leaves_usable(account: Option<State>, action: Option<Action>) -> bool {
    match action {
        // A superseded account leaves its person with the previous one.
        Some(
            Action::Create
            | Action::Reactivate
            | Action::Transfer
            | Action::GraceStart
            | Action::Supersede,
        ) => true,
        Some(Action::Release | Action::Withdraw | Action::GraceExpire | Action::Purge) => false,
        _ => account.is_some_and(State::is_usable),
    }
}
