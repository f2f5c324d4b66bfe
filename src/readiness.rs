//! Is each school ready for the first day of term, and if not, who must do what (S3)?
//!
//! What tonight's run sees of a school stands in [`School`]. Whether its year groups have been advanced cannot be seen in
//! one night: the moves of earlier runs are counted in their `plan.json`, which is kept for good, and added up by the
//! caller ([`Moved`]).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rayon::prelude::*;

use crate::calendar::DayOfYear;
use crate::directory::{Account, Column, Transfer};
use crate::facts::Tonight;
use crate::facts::standing::{Roll, Standing, standings, text};
use crate::model::{
    Category, Cell, Date, Enrolment, EstId, ExportStatus, Kind, Role, TransferState,
};
use crate::plan::{Change, Status};
use crate::policy::params::Readiness;
use crate::relate::Person;
use crate::rounds::share;

/// What one night sees of a school; the code is blank for accounts of organisations.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct School {
    /// Its code.
    pub code: String,
    /// UK date of its last export, if there is one.
    pub exported_on: Option<Date>,
    /// What that export calls itself.
    pub status: Option<ExportStatus>,
    /// Which rule of the gate holds it.
    pub held: Option<&'static str>,
    /// Usable accounts of learners.
    pub learners: u64,
    /// Learners of a final year on roll without a leaving date.
    pub staying: u64,
    /// Learners whose year group moves in tonight's plan.
    pub moved: u64,
    /// Open claims of the school, by the establishment that holds the account and the state of the claim.
    pub claims: BTreeMap<(String, &'static str), u64>,
    /// Accounts of the school that wait for its leaving dates, since another school has their people on roll.
    pub awaited: u64,
    /// Accounts on request that nobody has reviewed in this academic year.
    pub unreviewed: u64,
}

/// Learners whose year group moved in earlier runs of the window, by school; `None` where no run from before the window
/// is kept, so that it cannot be told.
pub type Moved = Option<BTreeMap<String, u64>>;

/// Something that stands between a school and the first day of term.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Stable code.
    pub code: &'static str,
    /// How many people or accounts it is about.
    pub count: u64,
    /// Who can mend it: `school` or `administrator`; blank for what only cannot be told.
    pub owner: &'static str,
    /// What is the case and what mends it, in one sentence.
    pub message: String,
}

/// What tonight sees of every school that counts, and of organisations; `transfers` are the claims after tonight's plan,
/// `reviewed` the places of accounts about which somebody decided in this academic year.
pub fn schools(
    tonight: &Tonight<'_>,
    changes: &[Change],
    transfers: &[Transfer],
    reviewed: &[usize],
) -> Vec<School> {
    let mut schools: BTreeMap<&str, School> = BTreeMap::new();
    let counting = tonight.roll.establishments.iter().filter(|e| e.counts);
    for establishment in counting {
        let export = establishment.export.as_ref();
        let school = School {
            code: establishment.code.clone(),
            exported_on: export.map(|e| e.exported_on),
            status: export.map(|e| e.status),
            held: establishment.hold.as_ref().map(|hold| hold.reason.code()),
            ..School::default()
        };
        schools.insert(&establishment.code, school);
    }
    count_learners(tonight, &mut schools);
    count_staying(tonight, &mut schools);
    for (code, count) in year_groups_moved(changes) {
        if let Some(school) = schools.get_mut(code) {
            school.moved += count;
        }
    }
    let is_open = |t: &&Transfer| {
        matches!(
            t.state,
            TransferState::Pending | TransferState::WaitingRelease
        )
    };
    for claim in transfers.iter().filter(is_open) {
        if let Some(school) = schools.get_mut(claim.to_establishment.as_str()) {
            let key = (claim.from_establishment.clone(), claim.state.as_str());
            *school.claims.entry(key).or_default() += 1;
        }
    }
    // An account claimed by two schools waits once; where a person approves, the holder has nothing to do.
    let waiting = transfers.iter();
    let waiting = waiting.filter(|t| t.state == TransferState::WaitingRelease);
    let awaited: BTreeSet<(&str, &str)> = waiting
        .map(|t| (t.from_establishment.as_str(), t.account_id.as_str()))
        .collect();
    for (holder, _) in awaited {
        if let Some(school) = schools.get_mut(holder) {
            school.awaited += 1;
        }
    }
    let nowhere = count_unreviewed(tonight, changes, reviewed, &mut schools);
    let mut list: Vec<School> = schools.into_values().collect();
    if nowhere > 0 {
        list.push(School {
            unreviewed: nowhere,
            ..School::default()
        });
    }
    list
}

fn count_learners(tonight: &Tonight<'_>, schools: &mut BTreeMap<&str, School>) {
    let schools_all = tonight.roll.establishments.len();
    let count = |mut counts: Vec<u64>, account: &Account| {
        let at = tonight.people.holder[account.establishment as usize].index();
        if account.role == Role::Learner && account.state.is_usable() && at < counts.len() {
            counts[at] += 1;
        }
        counts
    };
    let none = || vec![0; schools_all];
    let accounts = &tonight.snapshot.accounts.list;
    let accounts = accounts.par_iter().with_min_len(share(accounts.len()));
    let counts = accounts.fold(none, count).reduce(none, sum);
    for (establishment, count) in tonight.roll.establishments.iter().zip(counts) {
        if let Some(school) = schools.get_mut(establishment.code.as_str()) {
            let sums = tonight.sums.accounts.get(&establishment.code);
            let [usable, _] = sums.map_or([0; 2], |by_role| by_role[Role::Learner as usize]);
            school.learners = count + usable;
        }
    }
}

/// Two counts by establishment as one.
fn sum(mut counts: Vec<u64>, other: Vec<u64>) -> Vec<u64> {
    counts.iter_mut().zip(other).for_each(|(a, b)| *a += b);
    counts
}

/// Learners in the last year of their school's phase who are on roll and have no leaving date.
fn count_staying(tonight: &Tonight<'_>, schools: &mut BTreeMap<&str, School>) {
    let Some(readiness) = &tonight.params.readiness else {
        return;
    };
    let finals = Finals::of(tonight, readiness);
    // In the order of the files, where the text of neighbours lies together.
    let rows = tonight.roll.enrolments.par_iter();
    let may_stay: Vec<bool> = rows
        .map(|row| row.kind == Kind::Learner && row.leaving.is_none() && finals.has(row))
        .collect();
    let may_stay = |person: &Person| {
        let mut rows = tonight.people.rows(person).iter();
        person.kind == Kind::Learner && rows.any(|place| may_stay[*place as usize])
    };
    let all = &tonight.roll.establishments;
    let count = |mut counts: Vec<u64>, person: Person| {
        for at in finals.staying(&person) {
            counts[at.index()] += 1;
        }
        counts
    };
    let people = tonight.people.all();
    let each = share(people.len());
    let people = people.with_min_len(each).filter(may_stay);
    let counts = people.fold(|| vec![0; all.len()], count);
    let counts = counts.reduce(|| vec![0; all.len()], sum);
    for (establishment, count) in all.iter().zip(counts) {
        if let Some(school) = schools.get_mut(establishment.code.as_str()) {
            school.staying += count;
        }
    }
    for (code, count) in &tonight.sums.staying {
        if let Some(school) = schools.get_mut(code.as_str()) {
            school.staying += count;
        }
    }
}

/// The last years of schools.
pub struct Finals<'t> {
    tonight: &'t Tonight<'t>,
    /// By establishment.
    years: Vec<&'t [String]>,
}

impl<'t> Finals<'t> {
    /// Of every establishment.
    pub fn of(tonight: &'t Tonight<'t>, readiness: &'t Readiness) -> Self {
        let all = tonight.roll.establishments.iter();
        let years = all.map(|e| {
            readiness
                .final_years
                .get(&e.phase)
                .map_or(&[][..], Vec::as_slice)
        });
        Finals {
            tonight,
            years: years.collect(),
        }
    }

    /// The schools in whose last year a learner is on roll without a leaving date.
    pub fn staying(&self, person: &Person) -> Vec<EstId> {
        let stays = |at: &Standing<'_>| at.roll == Roll::OnRoll && at.row.leaving.is_none();
        let all = standings(self.tonight, person).into_iter();
        all.filter(|at| stays(at) && self.has(at.row))
            .map(|at| at.establishment)
            .collect()
    }

    /// Whether a row is of a last year.
    fn has(&self, row: &Enrolment) -> bool {
        let years = self.years[row.establishment.index()];
        !years.is_empty()
            && years
                .iter()
                .any(|y| y == text(self.tonight, row, Cell::YearGroup))
    }
}

/// Learners whose planned change moves them from one year group to another, by establishment.
pub fn year_groups_moved(changes: &[Change]) -> BTreeMap<&str, u64> {
    // Who arrives from another school, as an intake does, is not moved by this one.
    let stays = |c: &Change| c.status == Status::Planned && c.from_establishment().is_empty();
    let is_moved = |c: &&Change| {
        let year = c.fields.of(Column::YearGroup).filter(|_| stays(c));
        year.is_some_and(|f| !f.before.is_empty() && !f.after.is_empty())
    };
    let near = changes.par_chunks(1 << 12).map(|near| {
        let mut moved: BTreeMap<&str, u64> = BTreeMap::new();
        for change in near.iter().filter(is_moved) {
            *moved.entry(change.establishment()).or_default() += 1;
        }
        moved
    });
    near.reduce(BTreeMap::new, |mut all, part| {
        for (code, count) in part {
            *all.entry(code).or_default() += count;
        }
        all
    })
}

/// Active accounts on request without a sign that somebody looked at them in this academic year. Returns those that
/// belong to no school that counts.
fn count_unreviewed(
    tonight: &Tonight<'_>,
    changes: &[Change],
    reviewed: &[usize],
    schools: &mut BTreeMap<&str, School>,
) -> u64 {
    use crate::facts::non_mis::Standing;
    if tonight.params.non_mis.is_none() {
        return 0;
    }
    let asked_for = |c: &&Change| c.category == Category::NonMis;
    let touched = changes.iter().filter(asked_for);
    let touched: HashSet<usize> = touched.filter_map(|c| c.place).collect();
    let mut nowhere = 0;
    let accounts = &tonight.snapshot.accounts;
    for place in accounts.of_category(Category::NonMis) {
        let account = Standing::of(tonight, place);
        let known =
            account.is_reviewed(tonight) || reviewed.contains(&place) || touched.contains(&place);
        if !account.state.is_usable() || known {
            continue;
        }
        let code = account
            .holder
            .map(|at| tonight.roll.establishment(at).code.as_str());
        match code.and_then(|code| schools.get_mut(code)) {
            Some(school) => school.unreviewed += 1,
            None => nowhere += 1,
        }
    }
    nowhere
}

/// Where a day lies in the school year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Season {
    /// Outside the weeks in which year groups are advanced.
    Term,
    /// Those weeks; whether the day by which it must be done has passed.
    YearEnd {
        /// The day has passed.
        late: bool,
    },
}

/// The season of a day.
pub fn season(readiness: &Readiness, as_of: Date) -> Season {
    let day = |text: &str| DayOfYear::parse(text);
    let (Some(from), Some(by), Some(term)) = (
        day(&readiness.year_end_from),
        day(&readiness.year_end_by),
        day(&readiness.term_starts),
    ) else {
        return Season::Term;
    };
    if from.spans(term, as_of) {
        let late = as_of > by.in_year(chrono::Datelike::year(&as_of));
        Season::YearEnd { late }
    } else {
        Season::Term
    }
}

impl School {
    /// Whether its year groups have been advanced; `None` where it cannot be told.
    pub fn advanced(&self, readiness: &Readiness, moved: &Moved) -> Option<bool> {
        let before = moved.as_ref()?.get(&self.code).copied().unwrap_or(0);
        let moved = before + self.moved;
        Some(moved > 0 && moved * 100 >= u64::from(readiness.advanced_percent) * self.learners)
    }

    /// Everything that is still open, in the order in which it should be done.
    pub fn open(&self, readiness: Option<&Readiness>, as_of: Date, moved: &Moved) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(reason) = self.held {
            let last = self.exported_on.map_or_else(
                || "there is none".to_owned(),
                |day| format!("the last is of {day}"),
            );
            items.push(Item {
                code: "export",
                count: 1,
                owner: "school",
                message: format!("send a good export: {last}, and it is held ({reason})"),
            });
        }
        if let Some(readiness) = readiness.filter(|_| self.learners > 0) {
            items.extend(self.year_end(readiness, as_of, moved));
        }
        for ((holder, state), count) in &self.claims {
            let (owner, message) = if *state == "pending" {
                let message = format!("decide the claims on accounts that {holder} still lists");
                ("administrator", message)
            } else {
                let message = format!("the leaving dates must be entered at {holder}");
                ("school", message)
            };
            items.push(Item {
                code: "claims",
                count: *count,
                owner,
                message,
            });
        }
        if self.awaited > 0 {
            items.push(Item {
                code: "leaving_dates",
                count: self.awaited,
                owner: "school",
                message: "enter the leaving dates of people whom another school has on roll now"
                    .to_owned(),
            });
        }
        if self.unreviewed > 0 {
            items.push(Item {
                code: "non_mis",
                count: self.unreviewed,
                owner: "administrator",
                message: "review the accounts on request: keep_account or close_account".to_owned(),
            });
        }
        items
    }

    fn year_end(&self, readiness: &Readiness, as_of: Date, moved: &Moved) -> Vec<Item> {
        let Season::YearEnd { late } = season(readiness, as_of) else {
            return Vec::new();
        };
        let item = |code, count, owner, message: &str| Item {
            code,
            count,
            owner,
            message: message.to_owned(),
        };
        let mut items = Vec::new();
        match self.advanced(readiness, moved) {
            Some(true) => return items,
            None => items.push(item(
                "year_groups",
                0,
                "",
                "whether the year groups have been advanced cannot be told: no run from before the summer is kept",
            )),
            Some(false) => {
                let by = if late { "it was due" } else { "it is due" };
                let message = format!(
                    "advance the year groups in the MIS; {by} by {}",
                    readiness.year_end_by
                );
                items.push(item("year_groups", self.learners, "school", &message));
            }
        }
        if self.staying > 0 {
            items.push(item(
                "final_year",
                self.staying,
                "school",
                "enter leaving dates for the final year, or say who stays",
            ));
        }
        items
    }

    /// Whether nobody has anything to do.
    pub fn is_ready(items: &[Item]) -> bool {
        items.iter().all(|item| item.owner.is_empty())
    }
}
