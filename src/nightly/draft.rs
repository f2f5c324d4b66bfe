//! The plan row of one account while it is being written.

use std::collections::HashSet;

use crate::decisions::{Book, Verdict};
use crate::directory::{AccountRecord, Column, Consent, LedgerEntry, RetiredUsername};
use crate::effects;
use crate::effects::claims::ClaimChange;
use crate::facts::Tonight;
use crate::facts::choice::record as record_choice;
use crate::facts::person::{Case, Judged};
use crate::facts::registry::person as f;
use crate::identity::Keys;
use crate::identity::person_ref::hex128;
use crate::model::{Action, Category, Date, EstId, Fault, Kind, Role, State, TransferState, Word};
use crate::plan::{Change, FieldChange, Notice, Status};
use crate::policy::Policy;
use crate::policy::params::Params;
use crate::policy::table::{Rule, Table};

/// What the judging of people gives, person by person.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows of the plan, without usernames of new accounts.
    pub changes: Vec<NewChange>,
    /// Notices.
    pub notices: Vec<Notice>,
    /// Faults found after the gate.
    pub faults: Vec<Fault>,
    /// What became of decisions, by place in the book.
    pub verdicts: Vec<(usize, Verdict)>,
    /// Choices that change without a row: person_ref before, choice after.
    pub consents: Vec<(Option<String>, Option<Consent>)>,
    /// On roll, without a usable account, not shared: the establishment.
    pub not_shared: Vec<EstId>,
}

/// A change, and what a new account's username is to be made of.
#[derive(Debug)]
pub struct NewChange {
    /// The change.
    pub change: Change,
    /// Surname and forename for the username of a new account.
    pub name: Option<(String, String)>,
    /// The row behind a new account.
    pub row: Option<crate::model::RowRef>,
}

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
}

/// One row being written.
#[derive(Debug)]
pub struct Draft {
    /// The account's id, also of a new one.
    pub account_id: String,
    record: Option<AccountRecord>,
    before: Option<AccountRecord>,
    action: Option<Action>,
    rule: String,
    reason: String,
    facts: String,
    claim_rule: Option<(Action, String, String, String)>,
    claims: Vec<ClaimChange>,
    decisions: Vec<(usize, LedgerEntry)>,
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

    /// A person_ref as text, under the current key.
    pub fn person_ref(&self, case: &Case<'_>) -> String {
        case.person
            .key
            .map(|k| format!("{}:{}", self.key_id, hex128(k.0)))
            .unwrap_or_default()
    }

    /// Begins the row of a case: the account before and after its action.
    pub fn draft(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        action: Option<Action>,
        rule: &Rule,
        index: u32,
    ) -> Draft {
        let create = action == Some(Action::Create);
        let person_ref = self.person_ref(case);
        let account_id = match case.place.filter(|_| !create) {
            Some(place) => self.tonight.snapshot.accounts.id(place).to_owned(),
            None => self.new_account_id(&person_ref),
        };
        let mut draft = Draft {
            account_id,
            record: None,
            before: None,
            action,
            rule: rule.id.clone(),
            reason: rule.reason.clone(),
            facts: format!("{}:{index}", case.person.kind),
            claim_rule: None,
            claims: Vec::new(),
            decisions: Vec::new(),
        };
        if create {
            draft.record = judged.target.map(|t| {
                effects::account::create(self.tonight, &t, &person_ref, &draft.account_id)
            });
            return draft;
        }
        let words = case.words.hold_until.is_some() || case.words.grace_granted_on.is_some();
        if let Some(place) = case.place.filter(|_| action.is_some() || words) {
            self.change(case, judged, place, action, &person_ref, &mut draft);
        }
        draft
    }

    fn change(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        place: usize,
        action: Option<Action>,
        person_ref: &str,
        draft: &mut Draft,
    ) {
        let before = self.tonight.snapshot.accounts.record(place);
        let mut record = before.clone();
        if action.is_some() {
            effects::account::keep_identity(self.tonight, case, person_ref, &mut record);
        }
        if let Some(action) = action {
            effects::account::apply(self.tonight, case, judged, action, &mut record);
        }
        let stays = !matches!(
            action,
            Some(Action::Transfer | Action::Withdraw | Action::Release | Action::GraceExpire)
        );
        if let Some(until) = case.words.hold_until.filter(|_| stays) {
            record.set_date(Column::HoldUntil, Some(until));
            draft.name_by_word(Action::HoldLeaver);
        }
        if let Some(on) = case.words.grace_granted_on.filter(|_| stays) {
            record.set_date(Column::GraceGrantedOn, Some(on));
            draft.name_by_word(Action::GraceGrant);
        }
        draft.before = Some(before);
        draft.record = Some(record);
    }

    /// The first id that no account and no tombstone has.
    fn new_account_id(&self, person_ref: &str) -> String {
        let accounts = &self.tonight.snapshot.accounts;
        (0..)
            .map(|n| hex128(self.keys.account_id(person_ref, n)))
            .find(|id| accounts.find(id).is_none() && !self.tombstones.contains(id.as_str()))
            .unwrap_or_default()
    }

    /// Turns the draft into a change, if anything changes.
    pub fn finish(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        action: Option<Action>,
        draft: Draft,
        out: &mut Outcome,
    ) {
        let person_ref = self.person_ref(case);
        let consent = self.consent(case, action, &person_ref);
        let mut fields = draft.fields();
        let has_account = draft.record.is_some() || case.place.is_some();
        if let Some(after) = &consent
            && !has_account
        {
            let before = case
                .person
                .key
                .and_then(|k| self.tonight.people.consent(k))
                .map(|c| c.person_ref.clone());
            out.consents.push((before, after.clone()));
        }
        let consent = consent.filter(|_| has_account);
        let visible = consent
            .as_ref()
            .and_then(|after| consent_field(self, case, after.as_ref()));
        if let (Some(after), None) = (&consent, &visible)
            && fields.is_empty()
            && draft.decisions.is_empty()
            && action != Some(Action::Purge)
        {
            // Only the off-roll date moved: no row for that.
            let before = case
                .person
                .key
                .and_then(|k| self.tonight.people.consent(k))
                .map(|c| c.person_ref.clone());
            out.consents.push((before, after.clone()));
            return;
        }
        fields.extend(visible);
        for (index, entry) in &draft.decisions {
            fields.push(field(
                &format!("decision:{}", self.book.list[*index].id),
                "",
                &entry.outcome,
            ));
        }
        let purge = action == Some(Action::Purge);
        if fields.is_empty() && !purge {
            return;
        }
        let only_refusals =
            action.is_none() && fields.iter().all(|f| f.name.starts_with("decision:"));
        if only_refusals {
            // A decision that changes nothing is settled in the ledger alone.
            return;
        }
        out.changes
            .push(self.change_row(case, judged, action, draft, fields, consent, person_ref));
    }

    #[allow(clippy::too_many_arguments)]
    fn change_row(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        action: Option<Action>,
        draft: Draft,
        fields: Vec<FieldChange>,
        consent: Option<Option<Consent>>,
        person_ref: String,
    ) -> NewChange {
        let purge = action == Some(Action::Purge);
        let create = action == Some(Action::Create);
        let accounts = &self.tonight.snapshot.accounts;
        let place = case.place.filter(|_| !create);
        let before = draft
            .before
            .clone()
            .or_else(|| place.map(|p| accounts.record(p)));
        let record = if purge {
            None
        } else {
            draft.record.clone().or_else(|| before.clone())
        };
        let shown = record
            .as_ref()
            .or(before.as_ref())
            .cloned()
            .unwrap_or_default();
        let from = before
            .as_ref()
            .map(|b| b.get(Column::Establishment))
            .unwrap_or_default();
        let named = draft.naming_action(&fields);
        let (rule, reason, facts) = draft.naming_rule(named);
        let gone: Vec<String> = draft
            .claims
            .iter()
            .filter(|c| c.after.is_none())
            .map(|c| c.to_establishment.clone())
            .collect();
        let set = draft
            .claims
            .iter()
            .filter_map(|c| c.after.clone())
            .collect();
        let retired = if purge {
            self.retire(before.as_ref(), &rule)
        } else {
            Vec::new()
        };
        let to = shown.get(Column::Establishment).to_owned();
        let target = judged.target.filter(|_| create);
        NewChange {
            name: target.map(|t| {
                let names = effects::names::username_names(self.tonight, t.row);
                (names.surname.to_owned(), names.forename.to_owned())
            }),
            row: target.map(|t| t.row.at),
            change: Change {
                change_id: String::new(),
                action: named,
                rule,
                status: Status::Planned,
                account_id: draft.account_id.clone(),
                person_ref,
                username: shown.get(Column::Username).to_owned(),
                category: Category::Mis,
                role: Role::parse(shown.get(Column::Role)).unwrap_or(Role::Learner),
                from_establishment: if from == to {
                    String::new()
                } else {
                    from.to_owned()
                },
                establishment: to,
                effective_on: effects::account::effective_on(self.tonight, case, judged, named),
                reason,
                facts,
                fields: if purge { Vec::new() } else { fields },
                held_by: Vec::new(),
                approved: false,
                guard: guard_of(named, judged),
                place,
                record,
                transfers_set: set,
                transfers_gone: gone,
                consent,
                decisions: draft
                    .decisions
                    .into_iter()
                    .map(|(_, entry)| entry)
                    .collect(),
                retired,
            },
        }
    }

    /// The recorded choice after tonight.
    fn consent(
        &self,
        case: &Case<'_>,
        action: Option<Action>,
        person_ref: &str,
    ) -> Option<Option<Consent>> {
        if case.earlier || self.tonight.is_person_held(case.person.key) {
            return None;
        }
        let before = case.person.key.and_then(|k| self.tonight.people.consent(k));
        let off_roll = off_roll_on(self.tonight, case, before);
        record_choice(
            self.tonight,
            person_ref,
            before,
            case.choice.explicit,
            off_roll,
            action == Some(Action::Purge),
        )
    }

    /// The tombstones of an account's names.
    fn retire(&self, before: Option<&AccountRecord>, rule: &str) -> Vec<RetiredUsername> {
        let Some(before) = before else {
            return Vec::new();
        };
        let mut names: Vec<String> = vec![before.get(Column::Username).to_lowercase()];
        names.extend(
            before
                .get(Column::Aliases)
                .split(';')
                .filter(|a| !a.is_empty())
                .map(|alias| alias.split('@').next().unwrap_or_default().to_lowercase()),
        );
        names.sort();
        names.dedup();
        names
            .into_iter()
            .map(|name| RetiredUsername {
                account_id: before.get(Column::AccountId).to_owned(),
                purged_on: self.tonight.as_of,
                rule: rule.to_owned(),
                key_id: self.key_id.clone(),
                name_hash: hex128(self.keys.current.username_hash(&name)),
            })
            .collect()
    }
}

/// Since when the person is on roll nowhere; `None` while somebody lists them or it cannot be told.
fn off_roll_on(tonight: &Tonight<'_>, case: &Case<'_>, before: Option<&Consent>) -> Option<Date> {
    use crate::facts::standing::Roll;
    let listed =
        |s: &crate::facts::standing::Standing<'_>| matches!(s.roll, Roll::OnRoll | Roll::Ahead);
    if case.standings.iter().any(listed) {
        return None;
    }
    let known = before.and_then(|c| c.off_roll_on);
    let last = before
        .and_then(|c| tonight.roll.establishment_id(&c.establishment))
        .or(case.holder);
    if known.is_some() || last.is_some_and(|e| tonight.is_held(e)) {
        return known;
    }
    let left = case.standings.iter().filter_map(|s| match s.roll {
        Roll::Left(on) => Some(on),
        _ => None,
    });
    Some(left.max().unwrap_or(tonight.as_of))
}

fn consent_field(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    after: Option<&Consent>,
) -> Option<FieldChange> {
    let word = |c: Option<&Consent>| {
        c.map(|c| if c.data_sharing { "Y" } else { "N" })
            .unwrap_or_default()
    };
    let before = case.person.key.and_then(|k| desk.tonight.people.consent(k));
    let (before, after) = (word(before), word(after));
    (before != after).then(|| field("consent", before, after))
}

/// Which guard counts an action (SPEC §9).
fn guard_of(action: Action, judged: &Judged<'_>) -> &'static str {
    match action {
        Action::Release if judged.left_on.is_none() => "absence",
        Action::Release => "release",
        Action::Withdraw if judged.values[f::OPTED_IN] == f::opted_in::PERSON_OUT => "opt_out",
        Action::Withdraw => "withdraw",
        Action::Purge => "purge",
        Action::Create => "create",
        Action::Transfer => "transfer",
        _ => "",
    }
}

fn field(name: &str, before: &str, after: &str) -> FieldChange {
    FieldChange {
        name: name.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    }
}

/// The account columns that differ between two records; a missing one counts as blank.
pub fn column_changes(
    before: Option<&AccountRecord>,
    after: Option<&AccountRecord>,
) -> Vec<FieldChange> {
    let Some(after) = after else {
        return Vec::new();
    };
    let cell = |record: Option<&AccountRecord>, column| {
        record.map(|r| r.get(column).to_owned()).unwrap_or_default()
    };
    Column::ALL
        .iter()
        .filter(|column| cell(before, **column) != after.get(**column))
        .map(|column| FieldChange {
            name: column.name().to_owned(),
            before: cell(before, *column),
            after: after.get(*column).to_owned(),
        })
        .collect()
}

impl Draft {
    fn name_by_word(&mut self, action: Action) {
        // The higher of two words names the row.
        self.action = Some(self.action.map_or(action, |a| a.min(action)));
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
            .is_none_or(|(highest, ..)| action < *highest)
        {
            self.claim_rule = Some((
                action,
                rule.id.clone(),
                rule.reason.clone(),
                format!("claim:{index}"),
            ));
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

    fn fields(&self) -> Vec<FieldChange> {
        let mut fields = column_changes(self.before.as_ref(), self.record.as_ref());
        for claim in &self.claims {
            let (before, after) = claim.values();
            fields.push(field(
                &format!("transfer:{}", claim.to_establishment),
                &before,
                &after,
            ));
        }
        fields
    }

    /// Of several changes the first in the list of SPEC §7 names the row.
    fn naming_action(&self, fields: &[FieldChange]) -> Action {
        let claim = self
            .claim_rule
            .as_ref()
            .filter(|_| !self.claims.is_empty())
            .map(|c| c.0);
        let own = self
            .action
            .filter(|_| self.record.is_some() || self.action == Some(Action::Purge));
        let _ = fields;
        own.into_iter().chain(claim).min().unwrap_or(Action::Update)
    }

    fn naming_rule(&self, named: Action) -> (String, String, String) {
        match &self.claim_rule {
            Some((action, rule, reason, facts))
                if *action == named && self.action != Some(named) =>
            {
                (rule.clone(), reason.clone(), facts.clone())
            }
            _ => (self.rule.clone(), self.reason.clone(), self.facts.clone()),
        }
    }
}

/// Whether a case leaves its person with a usable account.
pub fn leaves_usable(account: Option<State>, action: Option<Action>) -> bool {
    match action {
        Some(Action::Create | Action::Reactivate | Action::Transfer | Action::GraceStart) => true,
        Some(Action::Release | Action::Withdraw | Action::GraceExpire | Action::Purge) => false,
        _ => account.is_some_and(State::is_usable),
    }
}
