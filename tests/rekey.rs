//! Two keys side by side: people are matched under either, and re-keyed when a row shows them (SPEC §4).

mod support;

use onroll::directory::Column;
use onroll::identity::{Key, Keys};
use onroll::model::Action;
use support::World;

const HEADER: &str =
    "establishment,learner_id,legal_surname,legal_forename,admission_number,admission_date\n";
const BOTH: &str = "6602001,@non,Wyn,Non,1,2020-09-01\n6602001,@gwen,Parri,Gwen,2,2020-09-01\n";
const ONE: &str = "6602001,@gwen,Parri,Gwen,2,2020-09-01\n";

/// A world with two learners under a first key, which then gets a second.
fn rekeyed() -> World {
    let mut world = World::new("hwb");
    world.put(
        "authorities",
        "authority,name,nation\n660,Dyffryn Awen,wales\n",
    );
    world.put(
        "establishments",
        "establishment,name,authority,phase,maintained\n6602001,Ysgol y Bont,660,primary,Y\n",
    );
    night(&mut world, "2026-06-01", BOTH);
    second_key(&mut world);
    world
}

fn second_key(world: &mut World) {
    let path = world.folder.path().join("second.key");
    std::fs::copy(world.folder.path().join("world.key"), &path)
        .expect("a file that only we may read");
    std::fs::write(
        &path,
        format!("onroll-key-1:{}\n", "fedcba9876543210".repeat(4)),
    )
    .expect("a key");
    let second = Key::load(&path).expect("the key");
    world.keys = Keys::new(second, Some(world.keys.current.clone()));
}

fn night(world: &mut World, as_of: &str, rows: &str) -> Vec<Action> {
    world.put("learners", &format!("{HEADER}{rows}"));
    world.export_all(as_of);
    let decided = world.run(as_of);
    decided.plan.changes.iter().map(|c| c.action).collect()
}

#[test]
fn who_is_missing_while_the_key_changes_is_known_again_afterwards() {
    let mut world = rekeyed();
    assert_eq!(
        night(&mut world, "2026-06-02", ONE),
        [Action::MarkAbsent, Action::Update]
    );
    let old = world.keys.all().nth(1).expect("two keys").id().to_string();
    let absent: Vec<_> = world
        .accounts()
        .into_iter()
        .filter(|a| !a.get(Column::MissingSince).is_empty())
        .collect();
    assert!(
        absent[0].get(Column::PersonRef).starts_with(&old),
        "nobody has shown this person under the new key"
    );
    assert_eq!(night(&mut world, "2026-06-03", BOTH), [Action::ClearAbsent]);
    let new = world.keys.current.id().to_string();
    assert!(
        world
            .accounts()
            .iter()
            .all(|a| a.get(Column::PersonRef).starts_with(&new))
    );
}

#[test]
fn a_choice_recorded_under_the_earlier_key_is_kept_once() {
    let mut world = World::new("glow");
    world.put(
        "authorities",
        "authority,name,nation,data_sharing\n901,Strathgarry,scotland,Y\n",
    );
    world.put(
        "establishments",
        "establishment,name,authority,phase,data_sharing\n9010101,Garry Primary,901,primary,Y\n",
    );
    let header =
        "establishment,learner_id,legal_surname,legal_forename,admission_date,login,data_sharing\n";
    let stay = "9010101,@stay,Brodie,Ailsa,2020-08-17,stay,\n";
    let rows =
        |login: &str| format!("{header}{stay}9010101,@fiona,Munro,Fiona,2020-08-17,{login},Y\n");
    world.put("learners", &rows(""));
    world.export_all("2026-06-01");
    world.run("2026-06-01");
    assert_eq!(world.snapshot().consents.len(), 1);
    second_key(&mut world);
    world.put("learners", &rows("fiona"));
    world.export_all("2026-06-02");
    let made = world.run("2026-06-02");
    assert!(made.plan.changes.iter().any(|c| c.action == Action::Create));
    let consents = world.snapshot().consents;
    assert_eq!(consents.len(), 1);
    assert!(
        consents[0]
            .person_ref
            .starts_with(&world.keys.current.id().to_string())
    );
}
