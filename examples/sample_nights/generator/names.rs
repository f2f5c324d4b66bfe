//! Names as they stand in Welsh and Scottish registers, from common to rare.

use super::rng::Rng;

/// Where names come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nation {
    /// Wales.
    Wales,
    /// Scotland.
    Scotland,
}

macro_rules! list {
    ($name:literal) => {
        include_str!(concat!("../lists/", $name))
    };
}
const ONE_NAME: &[&str] = &["Karthika", "Suparman", "Thandar", "Nilar", "Wayan"];

/// A person's names as the register has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Legal surname.
    pub surname: String,
    /// Legal forename.
    pub forename: String,
    /// Known-as forename, often empty.
    pub preferred: String,
}

impl Name {
    /// A name from its two parts.
    pub fn new(surname: &str, forename: &str) -> Self {
        Name {
            surname: surname.into(),
            forename: forename.into(),
            preferred: String::new(),
        }
    }
}

/// A name for a learner or a member of staff.
pub fn draw(rng: &mut Rng, nation: Nation) -> Name {
    if rng.below(500) == 0 {
        let only = rng.pick(ONE_NAME);
        // Welsh offices repeat a mononym in both columns; Scottish ones leave the forename blank.
        let forename = if nation == Nation::Wales { only } else { "" };
        return Name::new(only, forename);
    }
    if rng.chance(7) {
        return family(rng);
    }
    let girl = rng.chance(50);
    let mut surname = rng.pick_common(&surnames(nation)).to_string();
    if nation == Nation::Scotland && !girl {
        surname = surname
            .replace("Nic", "Mac")
            .replace("Macolson", "Nicolson");
    }
    let (girls, boys) = forenames(nation);
    let forename = rng.pick_common(if girl { &girls } else { &boys });
    known_as(rng, Name::new(&surname, forename))
}

/// A twin of somebody: the same surname, another forename with the same initial where there is one.
pub fn twin(rng: &mut Rng, nation: Nation, of: &Name) -> Name {
    let (girls, boys) = forenames(nation);
    let initial = of.forename.chars().next();
    let same: Vec<&str> = girls
        .iter()
        .chain(&boys)
        .copied()
        .filter(|name| name.chars().next() == initial && *name != of.forename)
        .collect();
    let forename = if same.is_empty() {
        rng.pick(&girls)
    } else {
        rng.pick(&same)
    };
    Name::new(&of.surname, forename)
}

/// Surnames from common to rare.
fn surnames(nation: Nation) -> Vec<&'static str> {
    let text = match nation {
        Nation::Wales => list!("wales_surnames.txt"),
        Nation::Scotland => list!("scotland_surnames.txt"),
    };
    text.lines().collect()
}

/// Girls' and boys' forenames from common to rare.
fn forenames(nation: Nation) -> (Vec<&'static str>, Vec<&'static str>) {
    let (girls, boys) = match nation {
        Nation::Wales => (list!("wales_girls.txt"), list!("wales_boys.txt")),
        Nation::Scotland => (list!("scotland_girls.txt"), list!("scotland_boys.txt")),
    };
    (girls.lines().collect(), boys.lines().collect())
}

/// A name from a family that came from further away: surnames and forenames that go together.
fn family(rng: &mut Rng) -> Name {
    let families: Vec<&str> = list!("families.txt").lines().collect();
    let line: &'static str = rng.pick(&families);
    let (surnames, forenames) = line.split_once(" : ").unwrap_or_default();
    let split = |text: &'static str| text.split(", ").collect::<Vec<_>>();
    let name = Name::new(rng.pick(&split(surnames)), rng.pick(&split(forenames)));
    known_as(rng, name)
}

/// Some are known by a shorter form of their forename.
fn known_as(rng: &mut Rng, mut name: Name) -> Name {
    let mut pairs = list!("known_as.txt")
        .lines()
        .filter_map(|line| line.split_once(' '));
    if let Some((_, short)) = pairs.find(|(long, _)| *long == name.forename)
        && rng.chance(45)
    {
        name.preferred = short.to_string();
    }
    name
}
