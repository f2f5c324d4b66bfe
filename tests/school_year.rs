//! SPEC §9, acceptance: a whole ordinary school year, rollover and intake included, trips no guard under the shipped
//! policies; the same year with one wiped school does.

mod support;
#[path = "year/mod.rs"]
mod year;

use chrono::{Days, NaiveDate};
use onroll::nightly::Decided;
use onroll::plan::{Change, Status};
use onroll::policy::Policy;
use support::{World, date};
use year::{Country, Land};

const GLOW: Country = Country {
    policy: "glow",
    session: (8, 17),
    term_end: (6, 26),
    secondary_years: 6,
    stays_on: [100, 100, 100, 70, 60, 0, 0],
    infants: false,
};

const HWB: Country = Country {
    policy: "hwb",
    session: (9, 1),
    term_end: (7, 20),
    secondary_years: 7,
    stays_on: [100, 100, 100, 100, 50, 85, 0],
    infants: false,
};

/// The nights of a span: one a week, every night around the end of term and the new session.
fn nights(country: &Country, from: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
    let busy = |day: NaiveDate| {
        let near = |(month, dom): (u32, u32), before: i64, after: i64| {
            let centre = chrono::Datelike::year(&day);
            let centre = NaiveDate::from_ymd_opt(centre, month, dom).expect("a date");
            (-before..=after).contains(&(day - centre).num_days())
        };
        near(country.term_end, 2, 4) || near(country.session, 3, 8)
    };
    let days = from.iter_days().take_while(|day| *day <= until);
    days.filter(|day| (*day - from).num_days() % 7 == 0 || busy(*day))
        .collect()
}

fn tripped(decided: &Decided) -> Vec<String> {
    let trips = decided.plan.guards.iter().filter(|g| g.tripped);
    trips
        .map(|g| format!("{}: {} above {} of {}", g.id, g.value, g.limit, g.base))
        .collect()
}

/// Plans and applies one night of the land.
fn play(world: &mut World, land: &mut Land<'_>, day: NaiveDate) -> Box<Decided> {
    land.until(day);
    land.write(world, day);
    let decided = world.plan(&day.to_string());
    world.apply(&decided);
    decided
}

/// The shipped policy with the window that its file gives as an example for authorities with infant schools.
fn with_window(policy: &str) -> Policy {
    let shipped = Policy::builtin(policy).expect("the shipped policies prove");
    let mut files = shipped.files.clone();
    let params = files.iter_mut().find(|(name, _)| name == "policy.toml");
    let (_, params) = params.expect("every policy has one");
    let text = String::from_utf8(params.clone()).expect("UTF-8");
    let example = text
        .lines()
        .skip_while(|line| *line != "# [[guards.window]]");
    let example: Vec<&str> = example.map_while(|line| line.strip_prefix("# ")).collect();
    assert_eq!(example.len(), 8, "the example stands in the file");
    params.extend(format!("\n{}\n", example.join("\n")).bytes());
    Policy::from_files(files).expect("the example is one")
}

/// Two summers and the year between, night by night; nothing may trip, nothing may be held.
fn ordinary(country: &Country) {
    let mut world = match country.infants {
        true => World::under(with_window(country.policy)),
        false => World::new(country.policy),
    };
    let start = country.session_of(2024) + Days::new(21);
    let mut land = Land::new(country, start);
    let (mut changes, mut trips) = (0, Vec::new());
    for day in nights(country, start, date("2026-10-05")) {
        let decided = play(&mut world, &mut land, day);
        changes += decided.plan.changes.len();
        trips.extend(tripped(&decided).into_iter().map(|t| format!("{day} {t}")));
        let held = decided.plan.held.iter();
        trips.extend(held.map(|h| format!("{day} {}: {}", h.code, h.message)));
    }
    assert!(trips.is_empty(), "{}", trips.join("\n"));
    // The years were lived: everyone's accounts were made, moved, released and deleted.
    assert!(changes > 4_000, "{changes}");
    let purged = world.snapshot().retired.len();
    assert!(purged > 50, "{purged}");
}

#[test]
fn an_ordinary_year_in_scotland_trips_nothing() {
    ordinary(&GLOW);
}

#[test]
fn an_ordinary_year_in_wales_trips_nothing() {
    ordinary(&HWB);
}

#[test]
fn with_an_infant_school_the_example_window_lets_the_year_pass() {
    ordinary(&Country {
        infants: true,
        ..HWB
    });
}

/// The land on an ordinary evening in March, and the day after it.
fn a_day_in_march(country: &Country) -> (World, Land<'_>, NaiveDate) {
    let mut world = World::new(country.policy);
    let start = date("2026-03-02");
    let mut land = Land::new(country, start);
    play(&mut world, &mut land, start);
    play(&mut world, &mut land, date("2026-03-09"));
    (world, land, date("2026-03-10"))
}

fn usable_at(world: &World, school: &str) -> usize {
    use onroll::directory::Column;
    let accounts = world.accounts();
    let here = accounts
        .iter()
        .filter(|a| a.get(Column::Establishment) == school);
    here.filter(|a| a.get(Column::State) == "active").count()
}

#[test]
fn a_school_whose_people_all_left_overnight_trips_whatever_its_size() {
    for country in [&GLOW, &HWB] {
        for size in [Size::Tiny, Size::Middling, Size::Large] {
            let (mut world, mut land, day) = a_day_in_march(country);
            let school = size.of(&land);
            let before = usable_at(&world, &school);
            land.everyone_leaves(&school, date("2026-03-09"));
            let decided = play(&mut world, &mut land, day);
            let trips = tripped(&decided);
            assert!(
                !trips.is_empty() && trips.iter().all(|t| t.contains(&school)),
                "{school} {trips:?}"
            );
            assert_eq!(
                usable_at(&world, &school),
                before,
                "{school}: nobody lost an account"
            );
            let touches =
                |c: &&Change| c.establishment() == school || c.from_establishment() == school;
            let mut elsewhere = decided.plan.changes.iter().filter(|c| !touches(c));
            assert!(
                elsewhere.all(|c| c.status == Status::Planned),
                "the others go on"
            );
        }
    }
}

#[test]
fn a_school_whose_file_is_empty_is_held() {
    for country in [&GLOW, &HWB] {
        for in_one_file in [true, false] {
            let (mut world, mut land, day) = a_day_in_march(country);
            let school = Size::Middling.of(&land);
            let before = usable_at(&world, &school);
            land.until(day);
            land.empty = Some(school.clone());
            if in_one_file {
                land.write(&mut world, day);
            } else {
                land.write_split(&mut world, day);
            }
            let decided = world.plan(&day.to_string());
            world.apply(&decided);
            let held: Vec<&str> = decided.plan.held.iter().map(|h| h.code.as_str()).collect();
            assert_eq!(held, [school.as_str()]);
            assert_eq!(usable_at(&world, &school), before);
        }
    }
}

/// Which school is wiped.
#[derive(Clone, Copy)]
enum Size {
    Tiny,
    Middling,
    Large,
}

impl Size {
    fn of(self, land: &Land<'_>) -> String {
        let sizes = land.sizes();
        let place = match self {
            Size::Tiny => 0,
            Size::Middling => sizes.len() / 2,
            Size::Large => sizes.len() - 1,
        };
        sizes[place].1.clone()
    }
}
