//! Usernames that a decision may name: those that nobody else could have been given.

use onroll::identity::fold;

use super::names::{Name, Nation};
use super::world::World;

impl World {
    /// The username of a learner, where nobody else has had the same stem so far.
    /// `year` is that of the as-of in which the account was made. Nobody known by another name is told.
    pub fn username(&self, learner: usize, year: u32) -> Option<String> {
        self.unshared(&self.learners[learner].name, year)
    }

    /// The username that a name gave, if nobody else's name gives the same stem.
    fn unshared(&self, name: &Name, year: u32) -> Option<String> {
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

    /// The first of some staff whose username is known; in Wales the next account has the number 2.
    pub fn known_staff(&self, workers: &[usize]) -> (usize, String) {
        let known = |&w: &usize| Some((w, self.unshared(&self.workers[w].name, 0)?));
        workers.iter().find_map(known).expect("one of them")
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
