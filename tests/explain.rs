//! `explain` answers the questions that school offices ask the platforms' help desks today (S1 scenario 2, S3, S4).

mod support;

use onroll::explain::Explained;
use onroll::nightly::Request;
use onroll::nightly::look::{Looked, look};
use support::{World, date};

/// Two schools of one authority of Scotland that share data, and the learners given.
fn glow(as_of: &str, learners: &str) -> World {
    let mut world = World::new("glow");
    world.put("authorities", "authority,name,data_sharing\n110,Strath,Y\n");
    world.put(
        "establishments",
        "establishment,name,authority,data_sharing\n1101,Ceann a Tuath,110,Y\n1102,Ceann a Deas,110,Y\n",
    );
    world.put("staff", "establishment,staff_id,legal_surname,legal_forename,start_date,login,staff_type,registration_number,data_sharing\n1101,@t-teacher,Caimbeul,Mairi,2015-08-01,caimbeulm,teaching,123456,Y\n");
    roll(&mut world, as_of, learners);
    world
}

fn roll(world: &mut World, as_of: &str, learners: &str) {
    let header = "establishment,learner_id,legal_surname,legal_forename,admission_date,leaving_date,login,year_group,data_sharing";
    world.put("learners", &format!("{header}\n{learners}"));
    world.export_all(as_of);
}

fn ask(world: &World, as_of: &str, name: &str) -> Looked {
    let request = Request {
        as_of: date(as_of),
        mis: &world.mis(),
        decisions: &world.mis().with_file_name("decisions"),
        snapshot: world.snapshot_folder(),
        keys: &world.keys,
        policy: &world.policy,
        only: &[],
        windows_1252: false,
        keep: None,
        plan_csv: None,
        next: None,
        gathered: None,
    };
    look(&request, &[name.to_owned()]).expect("a night")
}

/// What is said of a learner, by the reference that `onroll ref learner` would give.
fn of_learner(world: &World, as_of: &str, label: &str) -> Explained {
    let scn = support::scn_of(label);
    let person = world
        .keys
        .person_ref(onroll::model::Kind::Learner, "", &scn);
    match ask(world, as_of, &person.to_string()) {
        Looked::Explained(explained) => *explained,
        _ => panic!("{label} is not explained"),
    }
}

fn codes(explained: &Explained) -> Vec<&str> {
    explained.notices.iter().map(|n| n.code.as_str()).collect()
}

const AS_OF: &str = "2026-05-11";

/// "Does this pupil have an account?" With one: which, where, since when.
#[test]
fn has_this_pupil_an_account() {
    let mut world = glow(AS_OF, "1101,@l-una,NicLeòid,Ùna,2024-08-14,,nicleodu,3,Y\n");
    world.run(AS_OF);
    let told = of_learner(&world, AS_OF, "l-una");
    let account = &told.accounts[0];
    assert_eq!(
        (account.state.as_str(), account.establishment.as_str()),
        ("active", "1101")
    );
    assert_eq!(account.account_id, world.account_id("l-una"));
    assert!(told.changes.is_empty(), "nothing is due");
    assert!(
        told.rows
            .as_ref()
            .is_some_and(|rows| rows.len() == 1 && rows[0].accepted)
    );
    // The same account by its username, whatever the case.
    let name = account.username.to_uppercase();
    assert!(matches!(ask(&world, AS_OF, &name), Looked::Explained(_)));
}

/// "Not in the list of users": it may wait for the transfer's answer.
#[test]
fn is_a_transfer_waiting_for_approval() {
    let mut world = glow(
        AS_OF,
        "1101,@l-iain,MacAoidh,Iain,2024-08-14,,macaoidhi,3,Y\n",
    );
    world.run(AS_OF);
    let both = "1101,@l-iain,MacAoidh,Iain,2024-08-14,,macaoidhi,3,Y\n1102,@l-iain,MacAoidh,Iain,2026-05-11,,macaoidhi,3,Y\n";
    roll(&mut world, "2026-05-12", both);
    let told = of_learner(&world, "2026-05-12", "l-iain");
    let claim = told.cases.iter().find(|case| case.claimant == "1102");
    let claim = claim.expect("the claim is a case of its own");
    assert_eq!(claim.weighed.outcome, "transfer_pending");
    assert_eq!(told.changes[0].action, "transfer_pending");
    assert!(
        claim
            .weighed
            .facts
            .iter()
            .all(|fact| !fact.means.is_empty())
    );
}

/// "Is the login filled in?" No: the row may not create, and completing it would.
#[test]
fn is_the_login_missing() {
    let world = glow(AS_OF, "1101,@l-eilidh,Stiùbhart,Eilidh,2026-05-04,,,3,Y\n");
    let told = of_learner(&world, AS_OF, "l-eilidh");
    assert!(told.accounts.is_empty() && told.changes.is_empty());
    assert_eq!(codes(&told), ["incomplete"]);
    let weighed = &told.cases[0].weighed;
    let ready = weighed
        .others
        .iter()
        .find(|o| o.fact == "elsewhere" && o.value == "ready");
    assert_eq!(ready.map(|o| o.outcome.as_str()), Some("create"));
}

/// "Is data sharing ticked?" No: nothing is made, and the office is the one who can tell.
#[test]
fn is_data_sharing_off() {
    let world = glow(AS_OF, "1101,@l-ros,Ròs,Calum,2026-05-04,,rosc,3,N\n");
    let told = of_learner(&world, AS_OF, "l-ros");
    let fact = told.cases[0]
        .weighed
        .facts
        .iter()
        .find(|f| f.name == "elsewhere");
    assert_eq!(fact.map(|f| f.value), Some("not_shared"));
    assert_eq!(told.cases[0].weighed.outcome, "none");
}

/// "Why is the row not read?" A rejected row is shown with its fault, and the person stays untouched.
#[test]
fn was_the_row_rejected() {
    let mut world = glow(AS_OF, "1101,@l-una,NicLeòid,Ùna,2024-08-14,,nicleodu,3,Y\n");
    world.run(AS_OF);
    roll(
        &mut world,
        "2026-05-12",
        "1101,@l-una,NicLeòid,Ùna,2024-08-14,2023-01-01,nicleodu,3,Y\n",
    );
    let told = of_learner(&world, "2026-05-12", "l-una");
    let rows = told.rows.as_ref().expect("tonight's rows");
    assert!(!rows[0].accepted && !rows[0].doubts.is_empty());
    assert_eq!(told.cases[0].weighed.facts[1].value, "yes", "held");
    assert!(told.changes.is_empty());
}

/// "Why was it closed, and when does it go?" The release names its rule, its date and what would have kept it.
#[test]
fn why_was_the_account_closed() {
    let mut world = glow(AS_OF, "1101,@l-una,NicLeòid,Ùna,2024-08-14,,nicleodu,3,Y\n");
    world.run(AS_OF);
    roll(
        &mut world,
        "2026-05-12",
        "1101,@l-una,NicLeòid,Ùna,2024-08-14,2026-05-11,nicleodu,3,Y\n",
    );
    let told = of_learner(&world, "2026-05-12", "l-una");
    assert_eq!(
        (
            told.changes[0].action.as_str(),
            told.changes[0].effective_on.as_str()
        ),
        ("release", "2026-05-11")
    );
    let others = &told.cases[0].weighed.others;
    assert!(
        others
            .iter()
            .any(|o| o.fact == "grace" && o.outcome == "grace_start"),
        "a grace period would"
    );
    world.run("2026-05-12");
    let later = of_learner(&world, "2026-05-12", "l-una");
    assert_eq!(later.accounts[0].state, "inactive");
    assert!(
        later.accounts[0]
            .dates
            .contains(&("left_on".to_owned(), "2026-05-11".to_owned()))
    );
}

/// Two maintained schools in Wales, with the learners and staff given; the second last exported on `second`.
fn hwb(as_of: &str, second: &str, learners: &str, staff: &str) -> World {
    let mut world = World::new("hwb");
    world.put("authorities", "authority,name,data_sharing\n660,Ynys,\n");
    world.put(
        "establishments",
        "establishment,name,authority,phase,maintained,data_sharing\n6602001,Ysgol Bryn Awel,660,primary,Y,\n6604002,Ysgol Uwchradd y Felin,660,secondary,Y,\n",
    );
    wales(&mut world, as_of, second, learners, staff);
    world
}

fn wales(world: &mut World, as_of: &str, second: &str, learners: &str, staff: &str) {
    let learner = "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,year_group,registration_class";
    let member =
        "establishment,staff_code,legal_surname,legal_forename,start_date,leaving_date,staff_type";
    world.put("learners", &format!("{learner}\n{learners}"));
    world.put("staff", &format!("{member}\n{staff}"));
    let exports = format!(
        "establishment,exported_at,status\n6602001,{as_of},complete\n6604002,{second},complete\n"
    );
    world.put("exports", &exports);
}

fn of_pupil(world: &World, as_of: &str, label: &str) -> Explained {
    let person = world
        .keys
        .person_ref(onroll::model::Kind::Learner, "", &support::upn_of(label));
    match ask(world, as_of, &person.to_string()) {
        Looked::Explained(explained) => *explained,
        _ => panic!("{label} is not explained"),
    }
}

fn fact<'a>(explained: &'a Explained, name: &str) -> Option<&'a str> {
    let facts = explained.cases.first()?.weighed.facts.iter();
    facts.filter(|f| f.name == name).map(|f| f.value).next()
}

const TEACHER: &str = "6602001,AA01,Pugh,Gwen,2015-09-01,,teaching\n";

/// "A new member of staff has started, but has no account" (S3): no start date, no code, or the client has not run.
#[test]
fn why_has_a_new_member_of_staff_no_account() {
    let of_staff = |world: &World, as_of: &str, school: &str| {
        let kind = onroll::model::Kind::Staff;
        let person = world.keys.person_ref(kind, school, "NEW1").to_string();
        match ask(world, as_of, &person) {
            Looked::Explained(explained) => Some(*explained),
            _ => None,
        }
    };
    let (first, second) = ("2026-09-07", "2026-09-07");
    let undated = hwb(
        first,
        second,
        "",
        &format!("{TEACHER}6602001,NEW1,Rees,Non,,,teaching\n"),
    );
    let told = of_staff(&undated, first, "6602001").expect("the row is known");
    assert_eq!(codes(&told), ["incomplete"]);
    let ready = told.cases[0]
        .weighed
        .others
        .iter()
        .find(|o| o.outcome == "create");
    assert_eq!(
        ready.map(|o| o.fact),
        Some("elsewhere"),
        "a complete row would"
    );

    let nameless = hwb(
        first,
        second,
        "",
        &format!("{TEACHER}6602001,,Rees,Non,2026-09-01,,teaching\n"),
    );
    assert!(of_staff(&nameless, first, "6602001").is_none());
    let decided = nameless.plan(first);
    let of_row = decided
        .plan
        .faults
        .iter()
        .find(|f| f.row == 3)
        .expect("a fault");
    assert_eq!(
        (of_row.column.as_str(), of_row.establishment.as_str()),
        ("staff_code", "6602001")
    );

    let stale = hwb(
        first,
        "2026-08-20",
        "",
        &format!("{TEACHER}6604002,NEW1,Rees,Non,2026-09-01,,teaching\n"),
    );
    let told = of_staff(&stale, first, "6604002").expect("the row is known");
    let rows = told.rows.as_ref().expect("tonight's rows");
    assert!(
        rows[0].doubts[0].starts_with("export_stale: "),
        "{:?}",
        rows[0].doubts
    );
    assert!(told.changes.is_empty());
}

/// "A learner who joined us from another school has no account" (S3): the old school has not let go.
#[test]
fn why_has_a_learner_from_another_school_no_account_here() {
    let (before, after) = ("2026-07-01", "2026-09-07");
    let at_first = "6602001,@l-owain,17,Hughes,Owain,2019-09-01,,6,6A\n";
    let at_second = "6604002,@l-owain,17,Hughes,Owain,2026-09-01,,7,7B\n";
    let mut world = hwb(before, before, at_first, TEACHER);
    world.run(before);
    wales(
        &mut world,
        after,
        after,
        &format!("{at_first}{at_second}"),
        TEACHER,
    );
    let told = of_pupil(&world, after, "l-owain");
    assert_eq!(
        told.accounts[0].establishment, "6602001",
        "it is still the old school's"
    );
    assert_eq!(fact(&told, "home_roll"), Some("on_roll"));
    let claim = told
        .cases
        .iter()
        .find(|case| case.claimant == "6604002")
        .expect("a claim");
    assert_eq!(claim.weighed.outcome, "transfer_pending");
    assert!(
        codes(&told).contains(&"waiting_release"),
        "{:?}",
        codes(&told)
    );

    // Once the leaving date is there the account moves, with its password.
    let left = "6602001,@l-owain,17,Hughes,Owain,2019-09-01,2026-07-20,6,6A\n";
    wales(
        &mut world,
        after,
        after,
        &format!("{left}{at_second}"),
        TEACHER,
    );
    let told = of_pupil(&world, after, "l-owain");
    assert_eq!(told.changes[0].action, "transfer");
    assert!(
        told.changes[0]
            .fields
            .iter()
            .all(|(name, ..)| name != "credentials_due_on")
    );
}

/// "A new learner does not have a password" (S3): one that was made new is due, one that moved keeps what it had.
#[test]
fn has_a_new_learner_a_password() {
    let night = "2026-09-07";
    let mut world = hwb(
        night,
        night,
        "6602001,@l-cadi,18,Morris,Cadi,2026-09-01,,R,RA\n",
        TEACHER,
    );
    world.run(night);
    let told = of_pupil(&world, night, "l-cadi");
    assert!(
        told.accounts[0]
            .dates
            .contains(&("credentials_due_on".to_owned(), night.to_owned()))
    );
    assert!(
        told.accounts[0]
            .dates
            .iter()
            .all(|(name, _)| name != "last_sign_in")
    );
}

/// "Last year's class is shown" (S3): the school's last run is too old to be believed.
#[test]
fn why_is_last_years_class_shown() {
    let (before, after) = ("2026-07-01", "2026-09-07");
    let class = |year: u32| format!("6604002,@l-mali,19,Evans,Mali,2024-09-01,,{year},{year}C\n");
    let mut world = hwb(before, before, &class(8), TEACHER);
    world.run(before);
    wales(&mut world, after, "2026-07-20", &class(9), TEACHER);
    let told = of_pupil(&world, after, "l-mali");
    let rows = told.rows.as_ref().expect("tonight's rows");
    assert!(
        rows[0].doubts[0].starts_with("export_stale: "),
        "{:?}",
        rows[0].doubts
    );
    assert_eq!(
        (fact(&told, "home_roll"), told.changes.len()),
        (Some("unknown"), 0)
    );
    // With a fresh export it is brought up to date.
    wales(&mut world, after, after, &class(9), TEACHER);
    let told = of_pupil(&world, after, "l-mali");
    let class = told.changes[0]
        .fields
        .iter()
        .find(|(name, ..)| name == "registration_class");
    assert_eq!(
        class.map(|(_, old, new)| (old.as_str(), new.as_str())),
        Some(("8C", "9C"))
    );
}

/// A person nobody has heard of is said to be that, and a rule's text never holds an identifier.
#[test]
fn nobody_of_that_name() {
    let world = glow(AS_OF, "1101,@l-una,NicLeòid,Ùna,2024-08-14,,nicleodu,3,Y\n");
    assert!(matches!(ask(&world, AS_OF, "gw99nobody"), Looked::Nobody));
    let told = serde_json::to_string(&of_learner(&world, AS_OF, "l-una")).expect("JSON");
    assert!(!told.contains(&support::scn_of("l-una")));
}
