//! Two authorities, eleven schools, about 1,700 learners and their teachers, living through ordinary years.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate};
use onroll::identity::{scn, upn};

use super::support::World;

/// What differs between the platforms' countries.
pub struct Country {
    /// The shipped policy.
    pub policy: &'static str,
    /// First day of a session.
    pub session: (u32, u32),
    /// Last day of a session.
    pub term_end: (u32, u32),
    /// Years of a secondary school; a primary has seven.
    pub secondary_years: usize,
    /// Of a hundred people in each year of the secondary school, how many come back after the summer.
    pub stays_on: [u64; 7],
}

impl Country {
    /// First day of the session that begins in a year.
    pub fn session_of(&self, year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, self.session.0, self.session.1).expect("a date")
    }

    /// Last day of term in a year.
    pub fn term_end_of(&self, year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, self.term_end.0, self.term_end.1).expect("a date")
    }
}

/// A school: its years and where its leavers go.
struct School {
    code: String,
    authority: &'static str,
    first: usize,
    years: usize,
    class: usize,
    next: Option<usize>,
}

/// One row of the roll.
#[derive(Clone)]
struct Row {
    person: usize,
    school: usize,
    start: NaiveDate,
    leaving: Option<NaiveDate>,
    year: usize,
    staff: bool,
    /// The row disappears from the export on its last day, without a leaving date.
    vanishes: bool,
}

/// The schools and everyone in them on an evening.
pub struct Land<'a> {
    country: &'a Country,
    schools: Vec<School>,
    rows: Vec<Row>,
    people: usize,
    today: NaiveDate,
    dice: u64,
    /// A school whose part of the export is empty tonight.
    pub empty: Option<String>,
}

/// Code, authority, first year, years, children a year, the school its leavers go to.
type Plan = (
    &'static str,
    &'static str,
    usize,
    usize,
    usize,
    Option<usize>,
);

const SCHOOLS: [Plan; 11] = [
    ("4011", "A", 7, 0, 58, None),
    ("4012", "A", 7, 0, 30, None),
    ("4021", "B", 7, 0, 45, None),
    ("2011", "A", 0, 7, 30, Some(0)),
    ("2012", "A", 0, 7, 8, Some(0)),
    ("2013", "A", 0, 7, 15, Some(0)),
    ("2014", "A", 3, 4, 30, Some(1)),
    ("2015", "A", 0, 3, 30, Some(6)),
    ("2021", "B", 0, 7, 26, Some(2)),
    ("2022", "B", 0, 7, 14, Some(2)),
    ("2023", "B", 0, 7, 2, Some(2)),
];

impl<'a> Land<'a> {
    /// Everyone on roll on a day.
    pub fn new(country: &'a Country, today: NaiveDate) -> Self {
        let prefix = if country.policy == "hwb" {
            ("660", "661")
        } else {
            ("901", "902")
        };
        let schools = SCHOOLS
            .iter()
            .map(|(code, authority, first, years, class, next)| School {
                code: format!(
                    "{}{code}",
                    if *authority == "A" {
                        prefix.0
                    } else {
                        prefix.1
                    }
                ),
                authority: if *authority == "A" {
                    prefix.0
                } else {
                    prefix.1
                },
                first: *first,
                years: if *years == 0 {
                    country.secondary_years
                } else {
                    *years
                },
                class: *class,
                next: *next,
            });
        let schools = schools.collect();
        let mut land = Land {
            country,
            schools,
            rows: Vec::new(),
            people: 0,
            today,
            dice: 0x5eed,
            empty: None,
        };
        land.settle();
        land
    }

    fn settle(&mut self) {
        for school in 0..self.schools.len() {
            let (first, years, class) = (
                self.schools[school].first,
                self.schools[school].years,
                self.schools[school].class,
            );
            for year in first..first + years {
                let since = self.today.year() - (year - first) as i32 - 1;
                let start = self.country.session_of(since);
                for _ in 0..self.about(class) {
                    self.arrive(school, start, year, false);
                }
            }
            let teachers = (years * class / 15).max(2);
            for _ in 0..teachers {
                self.arrive(
                    school,
                    self.country.session_of(self.today.year() - 3),
                    0,
                    true,
                );
            }
        }
    }

    /// A number within a sixth of another: cohorts are never even.
    fn about(&mut self, number: usize) -> usize {
        let spread = number / 6;
        number - spread + self.roll(2 * spread as u64 + 1) as usize
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % below
    }

    fn arrive(&mut self, school: usize, start: NaiveDate, year: usize, staff: bool) {
        let person = self.people;
        self.people += 1;
        self.rows.push(Row {
            person,
            school,
            start,
            leaving: None,
            year,
            staff,
            vanishes: false,
        });
    }

    /// Lives until an evening.
    pub fn until(&mut self, day: NaiveDate) {
        while self.today < day {
            self.today = self.today + Days::new(1);
            self.live_a_day();
        }
    }

    fn live_a_day(&mut self) {
        let (year, today) = (self.today.year(), self.today);
        if today + Days::new(14) == self.country.term_end_of(year) {
            self.plan_the_summer(year);
        }
        // Schools roll over one after another, in the week before the session.
        for school in 0..self.schools.len() {
            if today + Days::new(1 + school as u64 % 4) == self.country.session_of(year) {
                self.roll_over(school, year);
            }
        }
        let term =
            today <= self.country.term_end_of(year) || today >= self.country.session_of(year);
        if today.weekday() == chrono::Weekday::Wed && term {
            self.ordinary_week();
        }
    }

    /// Two weeks before the end of term the offices enter who leaves and who comes.
    fn plan_the_summer(&mut self, year: i32) {
        let (end, session) = (
            self.country.term_end_of(year),
            self.country.session_of(year),
        );
        for at in 0..self.rows.len() {
            let row = self.rows[at].clone();
            let school = &self.schools[row.school];
            if row.leaving.is_some() || row.staff || row.vanishes {
                continue;
            }
            let (last, next) = (row.year + 1 == school.first + school.years, school.next);
            let stays = if row.year < 7 {
                100
            } else {
                self.country.stays_on[row.year - 7]
            };
            let leaves = last || self.roll(100) >= stays;
            if !leaves {
                continue;
            }
            self.rows[at].leaving = Some(end);
            if let (true, Some(next)) = (last, next) {
                self.rows.push(Row {
                    school: next,
                    start: session,
                    year: row.year + 1,
                    leaving: None,
                    ..row
                });
            }
        }
        for school in 0..self.schools.len() {
            if self.schools[school].first == 0 {
                for _ in 0..self.about(self.schools[school].class) {
                    self.arrive(school, session, 0, false);
                }
            }
            self.staff_changes(school, end, session);
        }
    }

    /// A twelfth of the teachers leave in summer and as many come; a small school loses one at most.
    fn staff_changes(&mut self, school: usize, end: NaiveDate, session: NaiveDate) {
        let staff: Vec<usize> = (0..self.rows.len())
            .filter(|at| {
                self.rows[*at].school == school
                    && self.rows[*at].staff
                    && self.rows[*at].leaving.is_none()
            })
            .collect();
        for _ in 0..staff.len().div_ceil(12) {
            let one = staff[self.roll(staff.len() as u64) as usize];
            self.rows[one].leaving = Some(end);
            self.arrive(school, session, 0, true);
        }
    }

    /// Everyone goes up a year, and rows of those who left are taken out of the export.
    fn roll_over(&mut self, school: usize, year: i32) {
        let (end, session) = (
            self.country.term_end_of(year),
            self.country.session_of(year),
        );
        self.rows
            .retain(|r| r.school != school || r.leaving.is_none_or(|on| on > end));
        for row in self
            .rows
            .iter_mut()
            .filter(|r| r.school == school && r.start < session && !r.staff)
        {
            row.year += 1;
        }
    }

    /// In every school now and then somebody moves house, somebody comes and somebody is entered late.
    fn ordinary_week(&mut self) {
        for school in 0..self.schools.len() {
            let here: Vec<usize> = (0..self.rows.len())
                .filter(|at| {
                    let r = &self.rows[*at];
                    r.school == school
                        && r.leaving.is_none()
                        && !r.vanishes
                        && !r.staff
                        && r.start <= self.today
                })
                .collect();
            let moves = (here.len() as u64 + self.roll(300)) / 300;
            for _ in 0..moves {
                let one = here[self.roll(here.len() as u64) as usize];
                self.moves_away(one);
            }
            if self.roll(300) < here.len() as u64 {
                let (first, years) = (self.schools[school].first, self.schools[school].years);
                let year = first + self.roll(years as u64) as usize;
                self.arrive(school, self.today, year, false);
            }
        }
    }

    fn moves_away(&mut self, at: usize) {
        let row = self.rows[at].clone();
        let fate = self.roll(10);
        let last = self.today - Days::new(self.roll(4));
        if fate == 0 {
            self.rows[at].vanishes = true;
        } else {
            self.rows[at].leaving = Some(last.max(row.start));
        }
        let to = (0..self.schools.len()).filter(|s| {
            let school = &self.schools[*s];
            *s != row.school && (school.first..school.first + school.years).contains(&row.year)
        });
        let to: Vec<usize> = to.collect();
        if fate < 6 && !to.is_empty() {
            let school = to[self.roll(to.len() as u64) as usize];
            let start = self.today + Days::new(self.roll(5));
            self.rows.push(Row {
                school,
                start,
                leaving: None,
                vanishes: false,
                ..row
            });
        }
    }

    /// A school's export says that everyone left.
    pub fn everyone_leaves(&mut self, code: &str, on: NaiveDate) {
        let school = self.schools.iter().position(|s| s.code == code);
        for row in self.rows.iter_mut().filter(|r| Some(r.school) == school) {
            row.leaving = Some(
                row.leaving
                    .map_or(on, |before| before.min(on))
                    .max(row.start),
            );
        }
    }

    /// The schools by their number of learners, smallest first.
    pub fn sizes(&self) -> Vec<(usize, String)> {
        let size = |s: usize| {
            self.rows
                .iter()
                .filter(|r| r.school == s && !r.staff)
                .count()
        };
        let mut sizes: Vec<_> = (0..self.schools.len())
            .map(|s| (size(s), self.schools[s].code.clone()))
            .collect();
        sizes.sort();
        sizes
    }

    /// Writes tonight's exports, each table in one file.
    pub fn write(&self, world: &mut World, day: NaiveDate) {
        world.put("authorities", &self.authorities());
        world.put("establishments", &self.establishments());
        world.export_all(&day.to_string());
        for (table, staff) in [("learners", false), ("staff", true)] {
            world.put(table, &self.table(staff, None));
        }
    }

    /// Writes tonight's exports, the registers in a file for each school.
    pub fn write_split(&self, world: &mut World, day: NaiveDate) {
        self.write(world, day);
        for (table, staff) in [("learners", false), ("staff", true)] {
            let parts: Vec<(String, String)> = (0..self.schools.len())
                .map(|at| {
                    (
                        format!("{}.csv", self.schools[at].code),
                        self.table(staff, Some(at)),
                    )
                })
                .collect();
            world.put_split(table, &parts);
            if let Some(code) = &self.empty {
                let file = world.mis().join(table).join(format!("{code}.csv"));
                std::fs::write(file, "").expect("emptied");
            }
        }
    }

    fn authorities(&self) -> String {
        let (a, b) = (self.schools[0].authority, self.schools[2].authority);
        format!("authority,name,nation,data_sharing\n{a},North,wales,Y\n{b},South,wales,Y\n")
    }

    fn establishments(&self) -> String {
        let mut csv = "establishment,name,authority,phase,maintained,data_sharing\n".to_owned();
        for s in &self.schools {
            let phase = if s.first == 7 { "secondary" } else { "primary" };
            let _ = writeln!(
                csv,
                "{},School {},{},{phase},Y,Y",
                s.code, s.code, s.authority
            );
        }
        csv
    }

    fn table(&self, staff: bool, only: Option<usize>) -> String {
        let mut csv = if staff {
            "establishment,staff_code,staff_id,legal_surname,legal_forename,start_date,leaving_date,staff_type,registration_number,login\n"
        } else {
            "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,year_group,login\n"
        }
        .to_owned();
        let rows = self
            .rows
            .iter()
            .filter(|r| r.staff == staff && !r.vanishes && only.is_none_or(|s| s == r.school));
        for row in rows.filter(|r| self.empty.as_ref() != Some(&self.schools[r.school].code)) {
            let (school, n) = (&self.schools[row.school], row.person);
            let leaving = row.leaving.map(|on| on.to_string()).unwrap_or_default();
            let (surname, forename) = (name(n / 40), name(n % 40 + 7));
            if staff {
                let _ = writeln!(
                    csv,
                    "{},T{n},T{n},{surname},{forename},{},{leaving},teaching,R{n},t{n}",
                    school.code, row.start
                );
            } else {
                let _ = writeln!(
                    csv,
                    "{},{},A{n},{surname},{forename},{},{leaving},{},p{n}",
                    school.code,
                    self.identifier(n),
                    row.start,
                    row.year
                );
            }
        }
        csv
    }

    fn identifier(&self, n: usize) -> String {
        if self.country.policy == "hwb" {
            let body = format!("6601{:08}", n + 1);
            return format!(
                "{}{body}",
                upn::check_letter(&body).expect("a body of the right form")
            );
        }
        let found = (0..8).map(|step| format!("15{:06}", n * 8 + step));
        let mut found =
            found.filter_map(|body| scn::check_digit(&body).map(|digit| format!("{body}{digit}")));
        found.next().expect("a number that can be issued")
    }
}

/// A name of its own for a number.
fn name(n: usize) -> String {
    let syllables = [
        "ra", "mo", "ke", "lin", "do", "va", "su", "ber", "ti", "gal",
    ];
    let mut text: String = [n / 100, n / 10, n]
        .iter()
        .map(|part| syllables[part % 10])
        .collect();
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text
}
