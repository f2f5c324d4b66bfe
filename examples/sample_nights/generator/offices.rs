//! What offices do to their registers between two nights.

use onroll::identity::fold;

use super::names::{self, Name};
use super::people::{Post, Row, Worker};
use super::school::Classes;
use super::world::World;

impl World {
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
        match &self.schools[school].classes {
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
}
