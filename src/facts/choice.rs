//! A person's own choice about data sharing (S2): it travels with them, and a blank never erases it.

use super::Tonight;
use super::standing::{Roll, roll_of};
use crate::calendar::plus_months;
use crate::directory::Consent;
use crate::model::{Date, EstId};
use crate::relate::Person;

/// What is known of the choice tonight.
#[derive(Clone, Default, Debug)]
pub struct Choice {
    /// Whether the person has opted out.
    pub out: bool,
    /// An explicit choice of tonight's roll, and where it stands.
    pub explicit: Option<(bool, EstId)>,
    /// An opt-out that cannot be believed yet: in a held establishment or a rejected row.
    pub waiting_at: Option<EstId>,
}

/// The choice in force: an explicit one of tonight's good rows, else the recorded one, else in.
pub fn choice(tonight: &Tonight<'_>, person: &Person, holder: Option<EstId>) -> Choice {
    if tonight.params.consent.is_none() {
        return Choice::default();
    }
    let recorded = person
        .key()
        .and_then(|key| tonight.people.consent(key))
        .map(|c| c.data_sharing);
    let explicit = explicit(tonight, person, holder, recorded.is_some());
    let out = explicit.map(|(choice, _)| choice).or(recorded) == Some(false);
    let waiting_at = if out {
        None
    } else {
        unbelieved_out(tonight, person)
    };
    Choice {
        out,
        explicit,
        waiting_at,
    }
}

fn explicit(
    tonight: &Tonight<'_>,
    person: &Person,
    holder: Option<EstId>,
    recorded: bool,
) -> Option<(bool, EstId)> {
    let good = tonight
        .people
        .rows(person)
        .iter()
        .map(|place| &tonight.roll.enrolments[*place as usize])
        .filter(|e| {
            e.status.counts()
                && !tonight.is_held(e.establishment)
                && e.start.is_none_or(|start| start <= tonight.as_of)
        });
    let is_left = |e: &&crate::model::Enrolment| matches!(roll_of(tonight, e), Roll::Left(_));
    // Several: the latest start; on the same day, out.
    let latest = |rows: &mut dyn Iterator<Item = &crate::model::Enrolment>| {
        rows.filter_map(|e| Some((e.start, !e.data_sharing?, e.establishment)))
            .max()
            .map(|(_, out, establishment)| (!out, establishment))
    };
    if good.clone().any(|e| !is_left(&e)) {
        return latest(&mut good.filter(|e| !is_left(e)));
    }
    let at_holder = latest(&mut good.clone().filter(|e| Some(e.establishment) == holder));
    if at_holder.is_some() || recorded {
        at_holder
    } else {
        latest(&mut good.clone())
    }
}

fn unbelieved_out(tonight: &Tonight<'_>, person: &Person) -> Option<EstId> {
    let held_row = tonight
        .held_rows(person.key())
        .find(|h| h.data_sharing == Some(false))
        .map(|h| h.establishment);
    held_row.or_else(|| {
        let rows = tonight
            .people
            .rows(person)
            .iter()
            .map(|place| &tonight.roll.enrolments[*place as usize]);
        rows.filter(|e| {
            e.status.counts() && e.data_sharing == Some(false) && tonight.is_held(e.establishment)
        })
        .find(|e| !matches!(roll_of(tonight, e), Roll::Left(_)))
        .map(|e| e.establishment)
    })
}

/// The recorded choice after tonight: `None` when it stays as it is, `Some(None)` when it goes.
pub fn record(
    tonight: &Tonight<'_>,
    person_ref: &str,
    before: Option<&Consent>,
    explicit: Option<(bool, EstId)>,
    off_roll: Option<Date>,
    stays_usable: bool,
    purged: bool,
) -> Option<Option<Consent>> {
    let consent = tonight.params.consent.as_ref()?;
    let mut after = before.cloned();
    // A yes of somebody off roll, of whom nothing is recorded, changes nothing; read back from an old row after a
    // deletion it would stand there again the night after it went.
    let idle = |choice: bool| choice && before.is_none() && off_roll.is_some();
    if let Some((choice, at)) = explicit
        && after.as_ref().is_none_or(|c| c.data_sharing != choice)
        && !idle(choice)
    {
        after = Some(Consent {
            person_ref: person_ref.to_owned(),
            data_sharing: choice,
            establishment: tonight.roll.establishment(at).code.clone(),
            recorded_on: tonight.as_of,
            off_roll_on: None,
        });
    }
    if let Some(record) = &mut after {
        record.person_ref = person_ref.to_owned();
        record.off_roll_on = off_roll;
    }
    let expired = |c: &Consent| {
        // A recorded N outlives the account; a yes goes with it.
        let is_long_ago = |on| tonight.as_of > plus_months(on, consent.keep_months);
        // While there is an account to be shared the choice stands: without it an older row would answer instead.
        (!stays_usable && c.off_roll_on.is_some_and(is_long_ago))
            || (purged && c.data_sharing && c.off_roll_on.is_some())
    };
    let after = after.filter(|c| !expired(c));
    (after.as_ref() != before).then_some(after)
}
