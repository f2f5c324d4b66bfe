//! The schools and their people between two nights, and what offices do to them.

use std::collections::{BTreeMap, BTreeSet};

use onroll::identity::fold;

use super::emit::Desk;
use super::names::{self, Name, Nation};
use super::numbers;
use super::rng::Rng;

/// How a school names its registration classes.
#[derive(Clone, Copy)]
pub enum Classes {
    /// Year and letter: `8C`.
    Letters,
    /// Trees, one per two years.
    Trees(&'static [&'static str]),
}

/// An establishment.
#[derive(Clone)]
pub struct School {
    /// Seven digits from a block nobody uses.
    pub code: &'static str,
    /// Invented name.
    pub name: &'static str,
    /// Index into the authorities.
    pub authority: usize,
    /// `primary`, `secondary`, …
    pub phase: &'static str,
    /// Maintained by the state.
    pub maintained: bool,
    /// `data_sharing` cell.
    pub sharing: &'static str,
    /// Pupils on the first night, by year group from the youngest.
    pub cohorts: &'static [usize],
    /// Year group of the first of `cohorts`.
    pub youngest: &'static str,
    /// The school that its oldest go to.
    pub feeds: Option<usize>,
    /// Teaching and other staff on the first night.
    pub staff: (usize, usize),
    /// Class names.
    pub classes: Classes,
}

/// A learner's enrolment.
#[derive(Clone)]
pub struct Row {
    pub school: usize,
    pub number: String,
    pub start: String,
    pub leaving: String,
    pub status: &'static str,
    pub share: &'static str,
    pub year: &'static str,
    pub class: String,
    pub sharing: &'static str,
    pub listed: bool,
}

/// A learner with every enrolment, the newest last.
#[derive(Clone)]
pub struct Learner {
    pub id: String,
    pub name: Name,
    pub login: String,
    pub slot: usize,
    pub rows: Vec<Row>,
}

/// A post at a school.
#[derive(Clone)]
pub struct Post {
    pub school: usize,
    pub code: String,
    pub start: String,
    pub leaving: String,
    pub status: &'static str,
    pub share: &'static str,
    pub sharing: &'static str,
}

/// A member of staff with every post, the newest last.
#[derive(Clone)]
pub struct Worker {
    pub id: String,
    pub name: Name,
    pub login: String,
    pub teaching: bool,
    pub registration: String,
    pub posts: Vec<Post>,
}

/// Everything the offices know, and the desk where exports are written.
pub struct World {
    pub nation: Nation,
    pub authorities: &'static [(&'static str, &'static str, &'static str)],
    pub schools: Vec<School>,
    pub years: &'static [&'static str],
    pub learners: Vec<Learner>,
    pub workers: Vec<Worker>,
    pub desk: Desk,
    rng: Rng,
    scns: BTreeSet<String>,
    serials: BTreeMap<(u32, u32, u32), u32>,
    logins: BTreeMap<String, usize>,
    codes: BTreeMap<(usize, String), usize>,
    numbers: BTreeMap<usize, usize>,
}

impl World {
    /// Schools with their people on the first night.
    pub fn new(
        nation: Nation,
        authorities: &'static [(&'static str, &'static str, &'static str)],
        schools: Vec<School>,
        years: &'static [&'static str],
        seed: u64,
    ) -> Self {
        World {
            nation,
            authorities,
            desk: Desk::new(schools.len()),
            schools,
            years,
            learners: Vec::new(),
            workers: Vec::new(),
            rng: Rng::new(seed),
            scns: BTreeSet::new(),
            serials: BTreeMap::new(),
            logins: BTreeMap::new(),
            codes: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// Fills every school for the academic year that began in `autumn`.
    pub fn populate(&mut self, autumn: i32, start_day: &str) {
        for school in 0..self.schools.len() {
            let cohorts = self.schools[school].cohorts;
            let first = self.year_index(self.schools[school].youngest);
            for (place, &size) in cohorts.iter().enumerate() {
                let started = autumn - place as i32;
                for _ in 0..size {
                    let learner = self.newcomer(first + place, autumn);
                    self.admit(
                        learner,
                        school,
                        self.years[first + place],
                        &format!("{started}-{start_day}"),
                    );
                }
            }
            let (teachers, others) = self.schools[school].staff;
            for place in 0..teachers + others {
                let started = autumn - self.rng.below(14) as i32;
                self.hire(school, place < teachers, &format!("{started}-{start_day}"));
            }
        }
    }

    /// Place of a year group among the nation's.
    pub fn year_index(&self, year: &str) -> usize {
        self.years
            .iter()
            .position(|&y| y == year)
            .expect("a year group of the nation")
    }

    /// A learner nobody has on roll yet, with a permanent identifier; now and then a twin of the last.
    pub fn newcomer(&mut self, year_index: usize, autumn: i32) -> usize {
        let twin = self.rng.below(90) == 0 && !self.learners.is_empty();
        let name = match self.learners.last() {
            Some(last) if twin => names::twin(&mut self.rng, self.nation, &last.name),
            _ => names::draw(&mut self.rng, self.nation),
        };
        let id = self.identifier((autumn - year_index as i32) as u32 % 100);
        self.person(id, name)
    }

    /// A learner with a given name and identifier.
    pub fn person(&mut self, id: String, name: Name) -> usize {
        let login = self.login(&name);
        let slot = self.rng.below(60);
        self.learners.push(Learner {
            id,
            name,
            login,
            slot,
            rows: Vec::new(),
        });
        self.learners.len() - 1
    }

    /// A new permanent identifier issued in a two-digit year.
    pub fn identifier(&mut self, year: u32) -> String {
        if self.nation == Nation::Scotland {
            return numbers::make_scn(&mut self.rng, year, &mut self.scns);
        }
        let (authority, school) = self.issuer();
        let serial = self.serials.entry((authority, school, year)).or_insert(0);
        *serial += 1;
        numbers::make_upn(authority, school, year, *serial, false)
    }

    /// A temporary UPN, and the permanent one that will replace it.
    pub fn temporary_upn(&mut self, year: u32) -> (String, String) {
        let (authority, school) = self.issuer();
        (
            numbers::make_upn(authority, school, year, 7, true),
            self.identifier(year),
        )
    }

    /// Number of the authority and school that issued a UPN: one in 25 comes from England.
    fn issuer(&mut self) -> (u32, u32) {
        let school = 9000 + self.rng.below(12) as u32;
        match self.rng.below(25) {
            0 => (self.rng.pick(&[802, 873, 884]), school),
            n if n % 3 == 0 => (673, school),
            _ => (665, school),
        }
    }

    fn login(&mut self, name: &Name) -> String {
        if self.nation == Nation::Wales {
            return String::new();
        }
        let mut stem =
            fold(&name.forename).chars().take(1).collect::<String>() + &fold(&name.surname);
        stem.truncate(12);
        let count = self.logins.entry(stem.clone()).or_insert(0);
        *count += 1;
        format!("{stem}{count}")
    }

    /// Puts a learner on a school's roll.
    pub fn admit(&mut self, learner: usize, school: usize, year: &'static str, start: &str) {
        let number = self.numbers.entry(school).or_insert(1200);
        *number += 1;
        let row = Row {
            school,
            number: format!("{number:06}"),
            start: start.into(),
            leaving: String::new(),
            status: "single",
            share: "",
            year,
            class: self.class(school, year, self.learners[learner].slot),
            sharing: "",
            listed: true,
        };
        self.learners[learner].rows.push(row);
    }

    /// Admits a new learner and says who it is.
    pub fn admit_new(&mut self, school: usize, year: &'static str, start: &str) -> usize {
        let autumn: i32 = start[..4].parse().expect("a date");
        let autumn = if &start[5..7] < "08" {
            autumn - 1
        } else {
            autumn
        };
        let learner = self.newcomer(self.year_index(year), autumn);
        self.admit(learner, school, year, start);
        learner
    }

    /// Admits a new learner of a given name.
    pub fn admit_named(
        &mut self,
        school: usize,
        year: &'static str,
        start: &str,
        surname: &str,
        forename: &str,
    ) -> usize {
        let learner = self.admit_new(school, year, start);
        self.learners[learner].name = Name::new(surname, forename);
        learner
    }

    fn class(&self, school: usize, year: &str, slot: usize) -> String {
        let place = self.year_index(year);
        match self.schools[school].classes {
            Classes::Trees(trees) => trees[(place / 2) % trees.len()].to_string(),
            Classes::Letters => {
                let largest = self.schools[school]
                    .cohorts
                    .iter()
                    .max()
                    .copied()
                    .unwrap_or(1);
                let letters = largest.div_ceil(28).max(1);
                let letter = char::from(b'A' + (slot % letters) as u8);
                format!("{year}{letter}")
            }
        }
    }

    /// The learner's row at a school.
    pub fn row(&mut self, learner: usize, school: usize) -> &mut Row {
        self.learners[learner]
            .rows
            .iter_mut()
            .rev()
            .find(|r| r.school == school)
            .expect("a row at that school")
    }

    /// Keys a leaving date at the learner's newest school but those that start later.
    pub fn leave(&mut self, learner: usize, school: usize, on: &str) {
        self.row(learner, school).leaving = on.into();
    }

    /// Learners of a year group without a leaving date, in file order of birth.
    pub fn pupils(&self, school: usize, year: &str) -> Vec<usize> {
        self.at(school, |row| row.year == year)
    }

    /// Everybody at a school without a leaving date.
    pub fn roll(&self, school: usize) -> Vec<usize> {
        self.at(school, |_| true)
    }

    fn at(&self, school: usize, keep: impl Fn(&Row) -> bool) -> Vec<usize> {
        let fits =
            |row: &Row| row.school == school && row.listed && row.leaving.is_empty() && keep(row);
        (0..self.learners.len())
            .filter(|&i| self.learners[i].rows.iter().any(fits))
            .collect()
    }

    /// The oldest year group of a school.
    pub fn oldest(&self, school: usize) -> &'static str {
        let first = self.year_index(self.schools[school].youngest);
        self.years[first + self.schools[school].cohorts.len() - 1]
    }

    /// Moves everybody already at a school into the next year group; the oldest stay until they leave.
    pub fn rollover(&mut self, school: usize, started_before: &str) {
        let oldest = self.oldest(school);
        for learner in self.roll(school) {
            let slot = self.learners[learner].slot;
            let row = self.row(learner, school);
            if row.year == oldest || row.start.as_str() >= started_before {
                continue;
            }
            let from = row.year;
            let year = self.years[self.year_index(from) + 1];
            let class = self.class(school, year, slot);
            let row = self.row(learner, school);
            row.year = year;
            row.class = class;
        }
    }

    /// Takes rows that left before a date out of the exports, as offices do with last year's leavers.
    pub fn clear_leavers(&mut self, before: &str) {
        for row in self.learners.iter_mut().flat_map(|l| &mut l.rows) {
            if !row.leaving.is_empty() && row.leaving.as_str() < before {
                row.listed = false;
            }
        }
    }

    /// New staff at a school.
    pub fn hire(&mut self, school: usize, teaching: bool, start: &str) -> usize {
        let name = names::draw(&mut self.rng, self.nation);
        let worker = self.workers.len();
        let login = self.login(&name);
        self.workers.push(Worker {
            id: format!("{}", 40_317 + worker * 7),
            name,
            login,
            teaching,
            registration: if teaching {
                format!("{:06}", 90_114 + worker * 13)
            } else {
                String::new()
            },
            posts: Vec::new(),
        });
        self.appoint(worker, school, start);
        worker
    }

    /// A further post for somebody who already works in a school.
    pub fn appoint(&mut self, worker: usize, school: usize, start: &str) {
        let name = &self.workers[worker].name;
        let initials: String = [&name.forename, &name.surname]
            .iter()
            .filter_map(|n| fold(n).chars().next())
            .collect();
        let initials = initials.to_uppercase();
        let count = self.codes.entry((school, initials.clone())).or_insert(0);
        *count += 1;
        let code = format!("{initials}{count}");
        let (start, leaving, sharing) = (start.to_string(), String::new(), "");
        let post = Post {
            school,
            code,
            start,
            leaving,
            status: "single",
            share: "",
            sharing,
        };
        self.workers[worker].posts.push(post);
    }

    /// Staff of a school without a leaving date.
    pub fn staff(&self, school: usize, teaching: bool) -> Vec<usize> {
        let here = |w: &Worker| {
            w.posts
                .iter()
                .any(|p| p.school == school && p.leaving.is_empty())
        };
        (0..self.workers.len())
            .filter(|&i| self.workers[i].teaching == teaching && here(&self.workers[i]))
            .collect()
    }

    /// A member of staff's post at a school.
    pub fn post(&mut self, worker: usize, school: usize) -> &mut Post {
        self.workers[worker]
            .posts
            .iter_mut()
            .rev()
            .find(|p| p.school == school)
            .expect("a post at that school")
    }

    /// The username of a learner, where nobody else has had the same stem so far.
    /// `year` is that of the as-of in which the account was made. Nobody known by another name is told.
    pub fn username(&self, learner: usize, year: u32) -> Option<String> {
        let name = &self.learners[learner].name;
        let mine = self.stem(name, &name.forename);
        let same =
            |n: &Name| self.stem(n, &n.forename) == mine || self.stem(n, &n.preferred) == mine;
        let names = self
            .learners
            .iter()
            .map(|l| &l.name)
            .chain(self.workers.iter().map(|w| &w.name));
        if !name.preferred.is_empty() || names.filter(|n| same(n)).count() != 1 {
            return None;
        }
        Some(match self.nation {
            Nation::Scotland => format!("gw{year}{mine}"),
            Nation::Wales => {
                let (head, tail) = mine.split_at(1);
                let (tail, initial) = tail.split_at(tail.len() - 1);
                format!("{}{tail}{}1", head.to_uppercase(), initial.to_uppercase())
            }
        })
    }

    /// Those of a list whose usernames are known.
    pub fn known(&self, learners: &[usize], year: u32) -> Vec<(usize, String)> {
        learners
            .iter()
            .filter_map(|&l| Some((l, self.username(l, year)?)))
            .collect()
    }

    fn stem(&self, name: &Name, forename: &str) -> String {
        match self.nation {
            Nation::Wales => {
                fold(&name.surname) + &fold(forename).chars().take(1).collect::<String>()
            }
            // "gw", two digits of the year and sixteen letters make twenty.
            Nation::Scotland => (fold(&name.surname) + &fold(forename))
                .chars()
                .take(16)
                .collect(),
        }
    }
}
