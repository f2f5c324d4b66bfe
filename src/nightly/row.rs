//! A draft becomes a row of the plan, if anything changes.

use super::draft::{Draft, Draughtsman, Named, leaves_usable};
use super::outcome::{NewName, Outcome};
use crate::directory::{Column, Consent, Edited, Fields, RetiredUsername};
use crate::effects;
use crate::facts::Tonight;
use crate::facts::choice::record as record_choice;
use crate::facts::person::{Case, Judged};
use crate::facts::registry::person as f;
use crate::identity::{Keys, hex128, with_hex128};
use crate::model::{Action, Category, Date, Role};
use crate::plan::{Change, Elsewhere, Status, Texts};

/// What a row is about.
pub(super) struct About {
    /// Whether the account follows the roll.
    pub(super) category: Category,
    /// Place of the account; `None` for a new one.
    pub(super) place: Option<usize>,
    /// The date of the cause.
    pub(super) effective_on: Date,
    /// Which guard counts it.
    pub(super) guard: &'static str,
    /// What a new username is to be made of.
    pub(super) name: Option<NewName>,
}

impl Draughtsman<'_> {
    /// Turns the draft into a change, if anything changes.
    pub fn finish(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        action: Option<Action>,
        mut draft: Draft<'_>,
        out: &mut Outcome,
    ) {
        let person_ref = &draft.person_ref;
        let consent = self.consent(case, action, person_ref);
        let mut fields = draft.fields();
        let known = case
            .person
            .key()
            .and_then(|k| self.tonight.people.consent(k));
        let known = known.map(|c| c.person_ref.clone());
        // A choice recorded under an earlier reference is moved to the new one even if a creation is held.
        let moved = case.place.is_none() && known.as_ref().is_some_and(|k| k != person_ref);
        let has_account = draft.record.is_some() || case.place.is_some();
        let carried = has_account && !moved;
        if let Some(after) = consent.as_ref().filter(|_| !carried) {
            out.consents.push((known.clone(), after.clone()));
        }
        let consent = consent.filter(|_| carried);
        let visible = consent
            .as_ref()
            .and_then(|after| consent_words(self, case, after.as_ref()));
        if let (Some(after), None) = (&consent, &visible)
            && fields.is_empty()
            && draft.decisions.is_empty()
            && action != Some(Action::Purge)
        {
            // Only the off-roll date moved: no row for that.
            out.consents.push((known, after.clone()));
            return;
        }
        if let Some((before, after)) = visible {
            fields.push("consent", before, after);
        }
        self.add_decisions(&draft, &mut fields);
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
        let named = draft.naming_action();
        let create = action == Some(Action::Create);
        let about = About {
            category: Category::Mis,
            place: case.place.filter(|_| !create),
            effective_on: effects::account::effective_on(self.tonight, case, judged, named),
            guard: guard_of(named, judged),
            name: draft.new_name.take().map(|name| NewName {
                row: judged.target.filter(|_| create).map(|t| t.row.at),
                ..name
            }),
        };
        self.change_row(about, action, draft, fields, consent, out);
    }

    /// Adds the decisions that a row carries out, as its fields show them.
    pub(super) fn add_decisions(&self, draft: &Draft<'_>, fields: &mut Fields) {
        for (index, entry) in &draft.decisions {
            let name = format!("decision:{}", self.book.list[*index].id);
            fields.push(&name, "", &entry.outcome);
        }
    }

    pub(super) fn change_row(
        &self,
        about: About,
        action: Option<Action>,
        mut draft: Draft<'_>,
        fields: Fields,
        consent: Option<Option<Consent>>,
        out: &mut Outcome,
    ) {
        let purge = action == Some(Action::Purge);
        let accounts = &self.tonight.snapshot.accounts;
        let place = about.place;
        let named = draft.naming_action();
        let Named { grounds, facts } = draft.naming_rule(named).clone();
        let unchanged = || place.map(|place| Edited::of(accounts.cells(place)));
        let record = draft.record.take().or_else(unchanged);
        let record = record.unwrap_or_else(Edited::blank);
        let cell = |column| match purge {
            true => record.before(column),
            false => record.get(column),
        };
        let to = cell(Column::Establishment);
        let from = Some(record.before(Column::Establishment));
        let from = from.filter(|from| *from != to).unwrap_or_default();
        let retired = purge.then(|| self.retire(&record, &grounds.rule));
        let elsewhere = Elsewhere {
            transfers_set: draft.claims_set(),
            transfers_gone: draft.claims_gone(),
            consent,
            decisions: draft.ledger(),
            retired: retired.unwrap_or_default(),
        };
        if let Some(name) = about.name {
            out.new_names.push((out.changes.len(), name));
        }
        let (account, person) = (&*draft.account_id, &*draft.person_ref);
        let id = change_id(self.keys, account, person, named, &grounds.rule, [from, to]);
        let name = cell(Column::Username);
        out.changes.push(Change {
            texts: with_hex128(id, |id| Texts::of([id, account, person, name, to, from])),
            action: named,
            status: Status::Planned,
            category: about.category,
            role: Role::parse(cell(Column::Role)).unwrap_or(Role::Learner),
            effective_on: about.effective_on,
            grounds,
            facts,
            fields: if purge { Fields::default() } else { fields },
            held_by: Vec::new(),
            approved: false,
            guard: about.guard,
            place,
            elsewhere: elsewhere.if_any(),
        });
    }

    /// The recorded choice after tonight.
    fn consent(
        &self,
        case: &Case<'_>,
        action: Option<Action>,
        person_ref: &str,
    ) -> Option<Option<Consent>> {
        // The newer account that gives way tonight tells of its person's choice.
        if case.earlier || case.words.takes_over || self.tonight.is_person_held(case.person.key()) {
            return None;
        }
        let before = case
            .person
            .key()
            .and_then(|k| self.tonight.people.consent(k));
        let off_roll = off_roll_on(self.tonight, case, before);
        record_choice(
            self.tonight,
            person_ref,
            before,
            case.choice.explicit,
            off_roll,
            leaves_usable(case.account.map(|a| a.state), action),
            action == Some(Action::Purge),
        )
    }

    /// The tombstones of an account's names.
    fn retire(&self, account: &Edited<'_>, rule: &str) -> Vec<RetiredUsername> {
        let mut names: Vec<String> = vec![account.before(Column::Username).to_lowercase()];
        names.extend(
            account
                .before(Column::Aliases)
                .split(';')
                .filter(|a| !a.is_empty())
                .map(|alias| alias.split('@').next().unwrap_or_default().to_lowercase()),
        );
        names.sort();
        names.dedup();
        names
            .into_iter()
            .map(|name| RetiredUsername {
                account_id: account.before(Column::AccountId).to_owned(),
                purged_on: self.tonight.as_of,
                rule: rule.to_owned(),
                key_id: self.key_id.clone(),
                name_hash: hex128(self.keys.current.username_hash(&name)),
            })
            .collect()
    }
}

/// Keyed hash of (person or account, action, rule, establishments): the same every night until applied.
fn change_id(
    keys: &Keys,
    account: &str,
    person: &str,
    action: Action,
    rule: &str,
    [from, to]: [&str; 2],
) -> u128 {
    let who = if person.is_empty() { account } else { person };
    // Two accounts of one person can have a change of the same kind in one night: the account tells them apart.
    keys.keyed_hash("change", &[who, action.as_str(), rule, from, to, account])
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
    // A choice that tonight records stands for the school of its row from now on, so that school is asked tonight too.
    let recorded = case.choice.explicit;
    let recorded = recorded.filter(|(choice, _)| before.is_none_or(|c| c.data_sharing != *choice));
    let known_at = before.and_then(|c| tonight.roll.establishment_id(&c.establishment));
    let last = recorded.map(|(_, at)| at).or(known_at).or(case.holder);
    let left = case.standings.iter().filter_map(|s| match s.roll {
        Roll::Left(on) => Some(on),
        _ => None,
    });
    let left = left.max();
    match known {
        // A leaving date corrected to a later day counts from there: else the choice would go tonight and be read
        // from that same row again tomorrow.
        Some(known) => Some(left.map_or(known, |on| on.max(known))),
        None if last.is_some_and(|e| tonight.is_held(e)) => None,
        None => Some(left.unwrap_or(tonight.as_of)),
    }
}

/// The recorded choice before and after tonight, where it changes.
fn consent_words(
    desk: &Draughtsman<'_>,
    case: &Case<'_>,
    after: Option<&Consent>,
) -> Option<(&'static str, &'static str)> {
    let word = |c: Option<&Consent>| {
        c.map(|c| if c.data_sharing { "Y" } else { "N" })
            .unwrap_or_default()
    };
    let before = case
        .person
        .key()
        .and_then(|k| desk.tonight.people.consent(k));
    let (before, after) = (word(before), word(after));
    (before != after).then_some((before, after))
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
