//! What the generated world says of its people, computed from the world alone: no fact, rule or type of the engine
//! that decides is asked. Where SPEC leaves a choice open, the oracle only claims what SPEC says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use onroll::model::{Date, Kind};

use crate::story::{Bad, Blank, Day, Export, Row, Scene, Story, codes};
use crate::support::World;

/// A person of the register: who, and the scope of staff identifiers (SPEC §4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Identity {
    /// Place in the story's people.
    pub who: usize,
    /// School (`hwb` staff), authority (`glow` staff), or 0.
    pub scope: usize,
}

/// What must become of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Not in tonight's export.
    Away,
    /// Accepted.
    Accepted,
    /// Rejected; it holds its person.
    Rejected,
    /// Rejected, and nobody can tell whose it is.
    Untold,
    /// Rejected; it tells of nobody in this story.
    Elsewhere,
    /// Left before the retention period and matches no account.
    LongGone,
}

/// Everything that is known of a night before it is decided.
pub struct Oracle<'a> {
    /// The story.
    pub story: &'a Story,
    /// Tonight.
    pub scene: &'a Scene,
    /// What becomes of each row.
    pub fates: Vec<Fate>,
    /// Schools whose export cannot be relied on.
    pub held: BTreeSet<usize>,
}

/// The identity of a row.
pub fn identity(story: &Story, schools: &[crate::story::School], row: &Row) -> Identity {
    let scope = match (story.people[row.who].staff, story.policy) {
        (false, _) => 0,
        (true, "hwb") => row.at,
        (true, _) => schools[row.at].authority,
    };
    Identity {
        who: row.who,
        scope,
    }
}

/// Every person_ref that any row could have, with its identity.
pub fn person_refs(story: &Story, world: &mut World) -> BTreeMap<String, Identity> {
    let mut refs = BTreeMap::new();
    for who in 0..story.people.len() {
        let staff = story.people[who].staff;
        let table = if staff { "staff" } else { "learners" };
        let label = story.label(who);
        let renewed = if staff {
            format!("{label}n")
        } else {
            format!("l-{}", 100 + who)
        };
        let ids = [label, renewed].map(|label| world.identifier(table, "", &label, ""));
        let scopes: Vec<(usize, String)> = match (staff, story.policy) {
            (false, _) => vec![(0, String::new())],
            (true, "hwb") => (0..story.schools.len())
                .flat_map(|n| codes(n).map(|code| (n, code)))
                .collect(),
            (true, _) => (0..2).map(|n| (n, format!("66{n}"))).collect(),
        };
        let kind = if staff { Kind::Staff } else { Kind::Learner };
        for (scope, text) in scopes {
            for id in &ids {
                let person = world.keys.person_ref(kind, &text, id).to_string();
                refs.insert(person, Identity { who, scope });
            }
        }
    }
    refs
}

/// The 31 August that ends the academic year of a day (SPEC §7).
pub fn year_end(day: Date) -> Date {
    let this_year = Date::from_ymd_opt(day.year(), 8, 31).expect("a date");
    if day <= this_year {
        this_year
    } else {
        Date::from_ymd_opt(day.year() + 1, 8, 31).expect("a date")
    }
}

/// So many months later, on the last day of the month where it is shorter: counted by hand, not as onroll does.
fn months_later(day: Date, months: u32) -> Date {
    let month = day.month0() + months;
    let (year, month) = (day.year() + (month / 12) as i32, month % 12 + 1);
    (1..=day.day())
        .rev()
        .find_map(|d| Date::from_ymd_opt(year, month, d))
        .expect("every month has a first day")
}

/// The last day of an account after it was kept (SPEC §7); `None` where the period is none of the platform's.
pub fn kept_until(last: Date, period: &str) -> Option<Date> {
    let begins = last.succ_opt().expect("a day after");
    let months = match period {
        "1_month" => 1,
        "3_months" => 3,
        "6_months" => 6,
        "end_of_next_academic_year" => {
            let end = year_end(last);
            return Date::from_ymd_opt(end.year() + 1, 8, 31);
        }
        _ => return None,
    };
    Some(months_later(last, months).min(year_end(begins)))
}

impl<'a> Oracle<'a> {
    /// Looks at a scene. `known` are the people with an account; `occupied` the schools with a usable one.
    pub fn new(
        story: &'a Story,
        scene: &'a Scene,
        known: &BTreeSet<Identity>,
        occupied: &BTreeSet<usize>,
    ) -> Self {
        let fates = fates(story, scene, known);
        let mut oracle = Oracle {
            story,
            scene,
            fates,
            held: BTreeSet::new(),
        };
        oracle.held = (0..scene.schools.len())
            .filter(|at| oracle.export_fails(*at, occupied.contains(at)))
            .collect();
        oracle
    }

    fn export_fails(&self, at: usize, occupied: bool) -> bool {
        let scene = self.scene;
        let rows = scene
            .rows
            .iter()
            .any(|r| r.here && r.at == at && r.bad != Bad::Establishment);
        let approved = scene.approved_holds.contains(&at) && scene.exports[at] != Export::Missing;
        scene.exports[at] != Export::Good && !self.closed(at) && (rows || occupied) && !approved
    }

    /// Whether a school has closed.
    pub fn closed(&self, at: usize) -> bool {
        self.scene.schools[at]
            .closed
            .is_some_and(|on| on < self.scene.as_of)
    }

    /// The identity of a row.
    pub fn identity(&self, row: &Row) -> Identity {
        identity(self.story, &self.scene.schools, row)
    }

    /// The rows of a fate.
    pub fn rows(&self, fate: Fate) -> impl Iterator<Item = &'a Row> + '_ {
        self.scene
            .rows
            .iter()
            .zip(&self.fates)
            .filter(move |(_, f)| **f == fate)
            .map(|(row, _)| row)
    }

    /// A person's accepted rows.
    pub fn accepted(&self, who: Identity) -> impl Iterator<Item = &'a Row> + '_ {
        self.rows(Fate::Accepted)
            .filter(move |row| self.identity(row) == who)
    }

    /// Whether a rejected row holds the person.
    pub fn is_held(&self, who: Identity) -> bool {
        self.rows(Fate::Rejected)
            .any(|row| self.identity(row) == who)
    }

    /// Whether a school's export has rows of nobody knows whom.
    pub fn untold(&self, at: usize, staff: bool) -> bool {
        self.rows(Fate::Untold)
            .any(|row| row.at == at && self.story.people[row.who].staff == staff)
    }

    /// The last day of a row, its school's closing included.
    pub fn last_day(&self, row: &Row) -> Option<Day> {
        let closed = self.scene.schools[row.at]
            .closed
            .filter(|_| self.closed(row.at));
        leaving(row).into_iter().chain(closed).min()
    }

    /// Whether the leaving date has passed; that day itself is still on roll.
    pub fn left(&self, row: &Row) -> bool {
        self.last_day(row).is_some_and(|on| on < self.scene.as_of)
    }

    /// Whether a row has begun, or begins within so many days.
    pub fn begins_within(&self, row: &Row, days: Day) -> bool {
        row.blank == Blank::Start || row.start <= self.scene.as_of + days
    }

    /// On roll by a row that may keep an account.
    pub fn on_roll(&self, row: &Row) -> bool {
        let ahead = if self.story.policy == "hwb" { 21 } else { 0 };
        row.counts() && !self.left(row) && self.begins_within(row, ahead)
    }

    /// Whether a row has what the platform asks of a new account.
    pub fn complete(&self, row: &Row) -> bool {
        let who = &self.story.people[row.who];
        let lacks: &[Blank] = match (self.story.policy, who.staff) {
            ("hwb", false) => &[Blank::Names, Blank::Admission, Blank::Start],
            ("hwb", true) => &[Blank::Names, Blank::Start],
            _ => &[Blank::Names, Blank::Start, Blank::Login],
        };
        let temporary = self.story.policy == "hwb" && who.temporary;
        !lacks.contains(&row.blank) && !temporary
    }

    /// Whether a school and its authority share data.
    pub fn shares(&self, at: usize) -> bool {
        let school = &self.scene.schools[at];
        self.story.policy == "hwb"
            || (school.sharing == 1 && self.scene.authorities[school.authority] == 1)
    }

    /// Whether the platform serves a school.
    pub fn serves(&self, at: usize) -> bool {
        self.story.policy == "glow" || self.scene.schools[at].maintained
    }

    /// A person's choice, where tonight's roll has a current row: the explicit one with the latest start, on the
    /// same day `N`; else the recorded one; else in. `None` when no row is current: SPEC §16 has more to say then.
    pub fn opted_out(&self, who: Identity, recorded_out: bool) -> Option<bool> {
        let current: Vec<&Row> = self
            .accepted(who)
            .filter(|r| {
                r.counts()
                    && !self.held.contains(&r.at)
                    && self.begins_within(r, 0)
                    && !self.left(r)
            })
            .collect();
        if self.story.policy == "hwb" {
            return Some(false);
        }
        if current.is_empty() {
            return None;
        }
        let start = |row: &Row| (row.blank != Blank::Start).then_some(row.start);
        let explicit = current
            .iter()
            .filter(|r| r.choice > 0)
            .map(|r| (start(r), r.choice == 2))
            .max();
        Some(explicit.map_or(recorded_out, |(_, out)| out))
    }
}

fn fates(story: &Story, scene: &Scene, known: &BTreeSet<Identity>) -> Vec<Fate> {
    let mut fates: Vec<Fate> = scene
        .rows
        .iter()
        .map(|row| match row.bad {
            _ if !row.here => Fate::Away,
            _ if long_gone(story, scene, row, known) => Fate::LongGone,
            Bad::Identifier => Fate::Untold,
            // Staff are known by their school or its authority: at a school that nobody lists they are nobody.
            Bad::Establishment if story.people[row.who].staff => Fate::Elsewhere,
            Bad::Nothing | Bad::Order | Bad::Twice
                if row.blank != Blank::Start && leaving(row).is_some_and(|on| on < row.start) =>
            {
                Fate::Rejected
            }
            Bad::Nothing | Bad::Order => Fate::Accepted,
            Bad::Twice
                if !row.counts()
                    || (story.people[row.who].staff && row.blank == Blank::Registration) =>
            {
                Fate::Accepted
            }
            _ => Fate::Rejected,
        })
        .collect();
    let clashing: Vec<usize> = (0..fates.len())
        .filter(|n| clashes(story, scene, &fates, *n))
        .collect();
    for n in clashing {
        fates[n] = Fate::Rejected;
    }
    fates
}

/// The leaving date as the file says it.
fn leaving(row: &Row) -> Option<Day> {
    match row.bad {
        Bad::Date => None,
        Bad::Order => Some(row.start - 1),
        _ => row.leaving,
    }
}

/// Rows that left before the retention period and match no account are not even validated (SPEC §8).
fn long_gone(story: &Story, scene: &Scene, row: &Row, known: &BTreeSet<Identity>) -> bool {
    let months = chrono::Months::new(12);
    let over = leaving(row)
        .is_some_and(|on| crate::story::date_of(on) + months < crate::story::date_of(scene.as_of));
    // Nor can an account be matched by a row whose person, or whose school where staff are known by it, nobody knows.
    let nobody = row.bad == Bad::Identifier
        || (row.bad == Bad::Establishment && story.people[row.who].staff);
    over && (nobody || !known.contains(&identity(story, &scene.schools, row)))
}

/// Rows of one person at one school that share a day and say different things.
fn clashes(story: &Story, scene: &Scene, fates: &[Fate], n: usize) -> bool {
    let row = &scene.rows[n];
    let alike =
        |other: &Row| other.who == row.who && other.at == row.at && other.counts() && row.counts();
    let first = |r: &Row| {
        if r.blank == Blank::Start {
            Day::MIN
        } else {
            r.start
        }
    };
    let last = |r: &Row| leaving(r).unwrap_or(Day::MAX);
    scene.rows.iter().enumerate().any(|(m, other)| {
        m != n
            && fates[m] == Fate::Accepted
            && fates[n] == Fate::Accepted
            && alike(other)
            && first(row) <= last(other)
            && first(other) <= last(row)
            && scene.line(story, row, row.year) != scene.line(story, other, other.year)
    })
}
