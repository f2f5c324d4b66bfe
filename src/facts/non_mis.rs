//! The facts of an account that somebody asked for, and of a request for one (S4).

use super::Tonight;
use super::clocks::retention_of;
use super::registry::non_mis as f;
use super::registry::person as p;
use crate::calendar::{academic_year_end, parse_date, plus_days};
use crate::decisions::{Request, Wish};
use crate::directory::Column;
use crate::model::{Date, EstId, Role, State};

/// How an account stands before tonight.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Its place.
    pub place: usize,
    /// What it is for.
    pub role: Role,
    /// Whether it can be used.
    pub state: State,
    /// Its establishment tonight, `replaces` followed; `None` where it belongs to none that is known.
    pub holder: Option<EstId>,
    /// The establishment's export cannot be relied on.
    pub held: bool,
    /// It belongs to an establishment that tonight's table does not list.
    pub unlisted: bool,
    /// Night on which it became inactive.
    pub inactive_since: Option<Date>,
    /// Its last day.
    pub expires_on: Option<Date>,
    /// Somebody decided to let it expire.
    pub closes: bool,
    /// The night of its creation.
    created_on: Option<Date>,
    /// When somebody last signed in, tonight's word counted.
    last_sign_in: Option<Date>,
    /// Until when nobody need sign in.
    hold_until: Option<Date>,
    /// The directory named the account tonight, so that its silence says something.
    named: bool,
}

impl Standing {
    /// Reads an account.
    pub fn of(tonight: &Tonight<'_>, place: usize) -> Standing {
        let accounts = &tonight.snapshot.accounts;
        let (account, dates) = (accounts.list[place], accounts.dates(place));
        let at = tonight.people.holder[account.establishment as usize];
        let has_school = !accounts.establishment(place).is_empty();
        let holder = Some(at).filter(|_| has_school && tonight.knows(at));
        accounts.with(place, |cells| {
            let date = |column: Column| parse_date(cells[column as usize]);
            let said = tonight.feedback.of(cells[Column::Username as usize]);
            let signed_in = said.and_then(|s| s.last_sign_in);
            Standing {
                place,
                role: account.role,
                state: account.state,
                holder,
                held: holder.is_some_and(|at| tonight.is_held(at)),
                unlisted: has_school
                    && !holder.is_some_and(|at| tonight.roll.establishment(at).listed),
                inactive_since: dates.inactive_since,
                expires_on: date(Column::ExpiresOn),
                closes: cells[Column::ClosesOnExpiry as usize] == "Y",
                created_on: account.created_on,
                last_sign_in: signed_in.max(date(Column::LastSignIn)),
                hold_until: dates.hold_until,
                named: said.is_some(),
            }
        })
    }

    /// Whether the account itself shows that somebody looked at it in this academic year: it was made then, is to be
    /// let expire, or has been kept into the next.
    pub fn is_reviewed(&self, tonight: &Tonight<'_>) -> bool {
        let end = academic_year_end(tonight.as_of);
        let this_year = |day: Date| academic_year_end(day) == end;
        self.closes || self.created_on.is_some_and(this_year) || self.expires_on > Some(end)
    }

    /// The day after which the account expires because nobody signs in; `None` where that is not asked.
    pub fn quiet_from(&self, tonight: &Tonight<'_>) -> Option<Date> {
        let days = tonight.params.non_mis.as_ref()?.sign_in_days?;
        let since = self.last_sign_in.max(self.created_on)?;
        Some(plus_days(since, days).max(self.hold_until.unwrap_or(since))).filter(|_| self.named)
    }
}

/// The facts, and what they were read from that effects need.
#[derive(Clone, Debug)]
pub struct Judged {
    /// One value per fact of the registry.
    pub values: [u8; f::FACTS.len()],
    /// The last day after tonight.
    pub expires_on: Option<Date>,
    /// A later last day was asked for than there can be.
    pub capped: bool,
    /// Last day of the retention period.
    pub anniversary: Option<Date>,
}

/// Computes every fact of an account.
pub fn judge(tonight: &Tonight<'_>, account: &Standing, wish: Option<Wish>) -> Judged {
    let mut values = [0; f::FACTS.len()];
    let (expires_on, capped) = match wish {
        Some(Wish::Keep(until)) => (Some(until), false),
        Some(Wish::Reactivate(until, capped)) => (Some(until), capped),
        _ => (account.expires_on, false),
    };
    let accounts = &tonight.snapshot.accounts;
    let (stored, dates) = (&accounts.list[account.place], accounts.dates(account.place));
    let moved = account.holder.is_some() && tonight.people.moved[stored.establishment as usize];
    let active = account.state.is_usable();
    let news = active && super::feedback::has_news(tonight, account.place);
    let (retention, anniversary) =
        retention_of(tonight, stored.state, &dates, dates.inactive_since);
    values[f::ACCOUNT] = if active {
        f::account::ACTIVE
    } else {
        f::account::INACTIVE
    };
    values[f::SCHOOL] = u8::from(account.held);
    values[f::DECISION] = match wish {
        None => f::decision::NONE,
        Some(Wish::Keep(_)) => f::decision::KEEP,
        Some(Wish::CloseNow) => f::decision::CLOSE_NOW,
        Some(Wish::CloseOnExpiry) => f::decision::CLOSE_ON_EXPIRY,
        Some(Wish::Reactivate(..)) => f::decision::REACTIVATE,
    };
    if active {
        values[f::EXPIRY] = expiry(tonight, expires_on);
        values[f::CLOSES] = u8::from(account.closes);
        let quiet = account.quiet_from(tonight);
        values[f::SIGN_IN] = u8::from(quiet.is_some_and(|last| tonight.as_of > last));
    }
    values[f::RETENTION] = match retention {
        p::retention::OVER => f::retention::OVER,
        p::retention::WAITING => f::retention::WAITING,
        _ => f::retention::RUNNING,
    };
    values[f::DETAILS] = u8::from(moved || news);
    Judged {
        values,
        expires_on,
        capped,
        anniversary,
    }
}

/// The list of accounts that expire soon: both ends included (SPEC §7).
fn expiry(tonight: &Tonight<'_>, expires_on: Option<Date>) -> u8 {
    let (Some(own), Some(last)) = (&tonight.params.non_mis, expires_on) else {
        return f::expiry::NONE;
    };
    if tonight.as_of > last {
        f::expiry::OVER
    } else if last <= plus_days(tonight.as_of, own.soon_days) {
        f::expiry::SOON
    } else {
        f::expiry::LATER
    }
}

/// Computes every fact of a request; `is_taken` says whether its work e-mail belongs to an account.
pub fn judge_request(tonight: &Tonight<'_>, request: &Request, is_taken: bool) -> Judged {
    let cap = academic_year_end(tonight.as_of);
    let asked = request.expires_on;
    let mut values = [0; f::FACTS.len()];
    values[f::REQUEST] = request_value(tonight, request, is_taken);
    Judged {
        values,
        expires_on: Some(asked.map_or(cap, |asked| asked.min(cap))),
        capped: asked.is_some_and(|asked| asked > cap),
        anniversary: None,
    }
}

fn request_value(tonight: &Tonight<'_>, request: &Request, is_taken: bool) -> u8 {
    let own = tonight.params.non_mis.as_ref();
    let Some(own) = own.filter(|own| own.roles.contains(&request.role)) else {
        return f::request::ROLE;
    };
    let named = [&request.surname, &request.forename];
    let bad = |name: &&String| crate::identity::name_fault(name).is_some();
    let problem = tonight.username_problem(&request.surname, &request.forename);
    let school = tonight.roll.establishment_id(&request.establishment);
    let school = school.filter(|at| tonight.closed_on(*at).is_none());
    // Known to the directory or the exports but not listed: the gate says so, and the list may be mended tomorrow.
    let unlisted = |at| !tonight.roll.establishment(at).listed;
    let needs_school =
        !own.without_school.contains(&request.role) || !request.establishment.is_empty();
    match school {
        _ if request.expires_on.is_some_and(|last| last < tonight.as_of) => f::request::PAST,
        _ if named.iter().any(bad) || problem.is_some() => f::request::NO_NAME,
        None if needs_school => f::request::NO_SCHOOL,
        Some(at) if unlisted(at) => f::request::HELD,
        Some(at) if !tonight.is_eligible(at) => f::request::INELIGIBLE,
        _ if own.organisation.contains(&request.role) && request.organisation.is_empty() => {
            f::request::NO_ORGANISATION
        }
        _ if own.expiry.contains(&request.role) && request.expires_on.is_none() => {
            f::request::NO_EXPIRY
        }
        _ if request.on > tonight.as_of => f::request::AHEAD,
        Some(at) if tonight.is_held(at) => f::request::HELD,
        _ if is_taken => f::request::DUPLICATE,
        _ => f::request::READY,
    }
}

/// Whether a request that is not carried out tonight is tried again.
pub fn waits(judged: &Judged) -> bool {
    matches!(
        judged.values[f::REQUEST],
        f::request::READY | f::request::AHEAD | f::request::HELD | f::request::DUPLICATE
    )
}
