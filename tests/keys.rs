//! Two keys side by side: people move to the new key when the roll names them, and not before (SPEC §4).

mod support;

use onroll::directory::Column;
use support::World;

const ESTABLISHMENTS: &str =
    "establishment,name,authority,phase,maintained\n6602001,Ysgol y Bont,660,primary,Y\n";
const HEADER: &str =
    "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date\n";
const CADI: &str = "6602001,@cadi,A1,Llywelyn,Cadi,2019-09-02\n";
const MACSEN: &str = "6602001,@macsen,A2,Llywelyn,Macsen,2021-09-02\n";

fn key_ids(world: &World) -> Vec<String> {
    let of = |name: &str| {
        let mut accounts = world.accounts().into_iter();
        let account = accounts
            .find(|a| a.get(Column::Forename) == name)
            .expect("an account");
        account
            .get(Column::PersonRef)
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    ["Cadi", "Macsen"].map(of).to_vec()
}

#[test]
fn who_is_not_seen_stays_under_the_earlier_key_and_is_counted() {
    let mut world = World::new("hwb");
    world.put(
        "authorities",
        "authority,name,nation\n660,Dyffryn Awen,wales\n",
    );
    world.put("establishments", ESTABLISHMENTS);
    world.put("learners", &format!("{HEADER}{CADI}{MACSEN}"));
    world.export_all("2026-03-01");
    world.run("2026-03-01");
    let first = world.keys.current.id().to_string();
    world.change_key();
    let new = world.keys.current.id().to_string();

    // Cadi's row is missing: what is written about her must not claim the new key.
    world.put("learners", &format!("{HEADER}{MACSEN}"));
    world.export_all("2026-03-02");
    world.run("2026-03-02");
    assert_eq!(key_ids(&world), [first, new.clone()]);
    assert_eq!(world.plan("2026-03-02").under_previous_key, 1);

    world.put("learners", &format!("{HEADER}{CADI}{MACSEN}"));
    world.export_all("2026-03-03");
    world.run("2026-03-03");
    assert_eq!(key_ids(&world), [new.clone(), new]);
    assert_eq!(world.plan("2026-03-03").under_previous_key, 0);
}
