//! Everything the offices of a nation know, and how its people come into it.

use std::collections::{BTreeMap, BTreeSet};

use onroll::identity::fold;

use super::classes::Class;
use super::desk::Desk;
use super::names::{self, Name, Nation};
use super::numbers;
use super::people::{Learner, Worker};
use super::rng::Rng;
use super::school::School;

/// Everything the offices know, and the desk where exports are written.
pub struct World {
    pub nation: Nation,
    pub authorities: &'static [(&'static str, &'static str, &'static str)],
    pub schools: Vec<School>,
    pub years: &'static [&'static str],
    pub learners: Vec<Learner>,
    pub workers: Vec<Worker>,
    pub classes: Vec<Class>,
    pub desk: Desk,
    pub(super) rng: Rng,
    pub(super) scns: BTreeSet<String>,
    pub(super) serials: BTreeMap<(u32, u32, u32), u32>,
    pub(super) logins: BTreeMap<String, usize>,
    pub(super) codes: BTreeMap<(usize, String), usize>,
    pub(super) numbers: BTreeMap<usize, usize>,
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
            classes: Vec::new(),
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
            let cohorts = self.schools[school].cohorts.clone();
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

    pub(super) fn login(&mut self, name: &Name) -> String {
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
}
