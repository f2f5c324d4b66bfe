//! Account ids are made of whom an account is for, and nobody can choose another's.

mod support;

use onroll::directory::Column;
use support::World;

/// A request may be called anything; called like a person's reference it still gets an account of its own.
#[test]
fn a_request_called_like_a_person_is_nobody_elses_account() {
    let mut world = World::new("hwb");
    world.put("authorities", "authority,name\n660,Dyffryn Awen\n");
    world.put(
        "establishments",
        "establishment,name,authority,maintained\n6602001,Ysgol y Bont,660,Y\n",
    );
    world.put("learners", "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date\n6602001,@cadi,A1,Llywelyn,Cadi,2019-09-02\n");
    world.export_all("2026-03-02");
    let cadi = world
        .keys
        .person_ref(onroll::model::Kind::Learner, "", &support::upn_of("cadi"));
    world.put(
        "requests",
        &format!("request_id,requested_on,requested_by,role,surname,forename,establishment\n{cadi},2026-03-02,office,governor,Gwynedd,Marged,6602001\n"),
    );
    world.run("2026-03-02");
    let accounts = world.accounts();
    assert_eq!(accounts.len(), 2);
    assert_ne!(
        accounts[0].get(Column::AccountId),
        accounts[1].get(Column::AccountId)
    );
    let own = accounts
        .iter()
        .find(|a| a.get(Column::PersonRef) == cadi.to_string());
    assert_eq!(own.map(|a| a.get(Column::Surname)), Some("Llywelyn"));
    // The same night again: the request is settled, and the ids are still theirs.
    assert!(world.plan("2026-03-02").plan.changes.is_empty());
}
