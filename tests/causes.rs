//! Removals are explained by what they share: the first lines of every report say where to look.

mod support;

use onroll::causes::Trait;
use support::World;

const SCHOOLS: [&str; 3] = ["6604001", "6604002", "6604003"];

/// Three schools of twenty learners each; the first `leavers[school]` of a school left on 15 May.
fn roll(world: &mut World, as_of: &str, leavers: [usize; 3]) {
    let mut learners = "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,year_group\n".to_owned();
    for (school, code) in SCHOOLS.iter().enumerate() {
        for n in 0..20 {
            let left = if n < leavers[school] {
                "2026-05-15"
            } else {
                ""
            };
            let year = 1 + n % 6;
            learners += &format!("{code},@l{school}-{n},{n},Bevan,Ann,2023-09-01,{left},{year}\n");
        }
    }
    world.put("learners", &learners);
    world.export_all(as_of);
}

fn world() -> World {
    let mut world = World::new("hwb");
    world.put("authorities", "authority,name\n660,Awen\n");
    let mut schools = "establishment,name,authority,maintained\n".to_owned();
    for code in SCHOOLS {
        schools += &format!("{code},Ysgol,660,Y\n");
    }
    world.put("establishments", &schools);
    world.put("staff", "establishment,staff_code,legal_surname,legal_forename,start_date\n6604001,@t,Puw,Nia,2020-09-01\n");
    roll(&mut world, "2026-05-11", [0; 3]);
    world.run("2026-05-11");
    world
}

#[test]
fn a_school_that_stands_out_is_named_with_its_roll_before_and_now() {
    let mut world = world();
    roll(&mut world, "2026-05-18", [9, 1, 0]);
    let plan = world.plan("2026-05-18").plan;
    let [cause] = plan.causes.as_slice() else {
        panic!("{:?}", plan.causes);
    };
    assert_eq!((cause.action, cause.count), ("release", 10));
    let shared: Vec<_> = cause
        .shared
        .iter()
        .map(|s| (s.of, s.value.as_str(), s.count))
        .collect();
    assert_eq!(shared[0], (Trait::Establishment, "6604001", 9));
    assert!(shared.contains(&(Trait::EffectiveOn, "2026-05-15", 10)));
    // Twenty learners and a teacher had accounts; nine learners have left.
    assert_eq!(
        (cause.accounts_there, cause.on_roll_there),
        (Some(21), Some(12))
    );
    assert!(cause.sentence().starts_with("release, 10 in all: 9 are at 6604001, which had 21 usable accounts and has 12 on roll tonight;"));
}

#[test]
fn what_is_spread_evenly_names_no_school_and_few_need_no_cause() {
    let mut world = world();
    roll(&mut world, "2026-05-18", [3, 3, 3]);
    let causes = world.plan("2026-05-18").plan.causes;
    assert!(
        causes[0]
            .shared
            .iter()
            .all(|s| s.of != Trait::Establishment),
        "{causes:?}"
    );
    roll(&mut world, "2026-05-18", [4, 0, 0]);
    assert!(world.plan("2026-05-18").plan.causes.is_empty());
}
