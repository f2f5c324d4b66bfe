//! What the forecast says happens on the night it says, and not the night before.

mod support;

use chrono::Days;
use onroll::directory::Column;
use onroll::model::{Action, Date, DueKind};
use onroll::plan::Status;
use support::{World, date};

const SCHOOLS: &str = "establishment,name,authority,phase,maintained,data_sharing\n\
    6602001,Ysgol y Bont,660,primary,Y,Y\n";

/// The forecast of a kind: account id, or decision id where there is no account, and the night.
fn due(world: &World, as_of: &str, kind: DueKind) -> Vec<(String, Date)> {
    let decided = world.plan(as_of);
    let list = decided.plan.due.iter().filter(|d| d.kind == kind);
    list.map(|d| (format!("{}{}", d.account_id, d.decision_id), d.due_on))
        .collect()
}

/// Runs the night before a date and that night; returns the accounts that the action was planned for on each.
fn around(world: &mut World, night: Date, action: Action) -> [Vec<String>; 2] {
    [night - Days::new(1), night].map(|as_of| {
        let as_of = as_of.to_string();
        world.export_all(&as_of);
        let decided = world.run(&as_of);
        let changes = decided.plan.changes.iter();
        changes
            .filter(|c| c.action == action)
            .map(|c| c.account_id().to_owned())
            .collect()
    })
}

/// Whether everything of a kind that is forecast comes on its night.
fn comes_true(world: &mut World, as_of: &str, kind: DueKind, action: Action) {
    let forecast = due(world, as_of, kind);
    assert_eq!(forecast.len(), 1, "{kind}: one account was expected");
    let (account, night) = forecast[0].clone();
    let [before, then] = around(world, night, action);
    assert!(!before.contains(&account), "{kind} came a night early");
    assert!(then.contains(&account), "{kind} did not come on {night}");
}

fn learners(rows: &str) -> String {
    format!(
        "establishment,learner_id,admission_number,legal_surname,legal_forename,preferred_surname,preferred_forename,admission_date,leaving_date,login,data_sharing\n\
         6602001,@ela,1,Puw,Ela,,,2020-09-01,,ela,Y\n{rows}"
    )
}

fn world(policy: &str, rows: &str) -> World {
    let mut world = World::new(policy);
    world.put("authorities", "authority,name,data_sharing\n660,Awen,Y\n");
    world.put("establishments", SCHOOLS);
    world.put("learners", &learners(rows));
    world.export_all("2026-03-02");
    world.run("2026-03-02");
    world
}

#[test]
fn a_leaving_date_an_expiry_and_a_deletion_come_on_the_night_that_was_forecast() {
    let mut world = world(
        "hwb",
        "6602001,@gwil,2,Rees,Gwil,,,2020-09-01,2026-04-10,,\n",
    );
    comes_true(&mut world, "2026-03-02", DueKind::Leaving, Action::Release);
    world.put(
        "requests",
        "request_id,requested_on,requested_by,role,surname,forename,establishment,organisation,job_title,work_email,contact_number,expires_on\n\
         r1,2026-05-01,champion,governor,Gwynedd,Marged,6602001,,,,,2026-06-30\n",
    );
    world.export_all("2026-05-01");
    world.run("2026-05-01");
    comes_true(&mut world, "2026-05-01", DueKind::Expiry, Action::Expire);
    world.export_all("2027-02-01");
    comes_true(&mut world, "2027-02-01", DueKind::Purge, Action::Purge);
}

#[test]
fn an_absence_and_a_grace_period_end_on_the_night_that_was_forecast() {
    let mut hwb = world("hwb", "6602001,@gwil,2,Rees,Gwil,,,2020-09-01,,,\n");
    hwb.put("learners", &learners(""));
    hwb.export_all("2026-03-03");
    hwb.run("2026-03-03");
    hwb.export_all("2026-03-04");
    comes_true(
        &mut hwb,
        "2026-03-04",
        DueKind::AbsentRelease,
        Action::Release,
    );

    let mut glow = world(
        "glow",
        "6602001,@gwil,2,Rees,Gwil,,,2020-08-17,2026-04-10,gwil,Y\n",
    );
    glow.put(
        "decisions",
        "decision_id,decided_on,decided_by,decision,account,establishment,value,note\n\
         d1,2026-04-01,office,assign_grace,@gwil,,,\n\
         d2,2026-04-01,office,approve_transfer,@ela,6602001,,\n\
         d3,2026-04-20,office,assign_grace,@ela,,,\n",
    );
    for night in ["2026-04-01", "2026-04-11"] {
        glow.export_all(night);
        glow.run(night);
    }
    // A decision dated ahead waits, and would be given up the day after its thirtieth.
    let lapses = due(&glow, "2026-04-11", DueKind::DecisionLapse);
    assert_eq!(lapses, [("d3".to_owned(), date("2026-05-21"))]);
    comes_true(
        &mut glow,
        "2026-04-11",
        DueKind::GraceEnd,
        Action::GraceExpire,
    );
}

#[test]
fn what_lies_further_ahead_than_ninety_days_is_not_forecast_and_what_is_held_stays() {
    let far = world(
        "hwb",
        "6602001,@gwil,2,Rees,Gwil,,,2020-09-01,2026-06-01,,\n",
    );
    assert_eq!(due(&far, "2026-03-02", DueKind::Leaving), []);
    let mut near = far;
    near.export_all("2026-03-04");
    let leaving = due(&near, "2026-03-04", DueKind::Leaving);
    assert_eq!(leaving[0].1, date("2026-06-02"));
    let accounts = near.accounts();
    let id = |name: &str| {
        let mut all = accounts.iter();
        let found = all.find(|a| a.get(Column::Surname) == name);
        found
            .expect("the account")
            .get(Column::AccountId)
            .to_owned()
    };
    assert_eq!(leaving[0].0, id("Rees"));
}

/// Gwil left a year ago and is admitted again for May: whoever forecast the deletion would frighten a family for nothing.
#[test]
fn a_deletion_that_the_table_puts_off_is_not_forecast() {
    let mut world = world(
        "hwb",
        "6602001,@gwil,2,Rees,Gwil,,,2020-09-01,2026-04-10,,\n",
    );
    world.export_all("2026-04-11");
    world.run("2026-04-11");
    world.export_all("2027-03-15");
    assert_eq!(due(&world, "2027-03-15", DueKind::Purge).len(), 1);
    world.put(
        "learners",
        &learners("6602001,@gwil,2,Rees,Gwil,,,2027-05-10,,,\n"),
    );
    assert_eq!(due(&world, "2027-03-15", DueKind::Purge), []);
    for night in ["2027-03-15", "2027-04-11", "2027-04-12"] {
        world.export_all(night);
        let decided = world.run(night);
        assert_eq!(
            decided.plan.count(Action::Purge, Status::Planned),
            0,
            "{night}"
        );
    }
}

/// A school that closes lets everybody go on the night after, unless another follows it.
#[test]
fn the_end_of_a_school_is_forecast_for_everybody_unless_another_follows() {
    let mut world = world(
        "hwb",
        "6602001,@gwil,2,Rees,Gwil,,,2020-09-01,2026-03-31,,\n",
    );
    let closing = |world: &mut World, more: &str| {
        let header =
            "establishment,name,authority,phase,maintained,data_sharing,closed_on,replaces";
        world.put(
            "establishments",
            &format!("{header}\n6602001,Ysgol y Bont,660,primary,Y,Y,2026-04-30,\n{more}"),
        );
        world.export_all("2026-03-03");
    };
    closing(&mut world, "");
    let nights: Vec<Date> = due(&world, "2026-03-03", DueKind::Leaving)
        .into_iter()
        .map(|(_, night)| night)
        .collect();
    assert_eq!(nights, [date("2026-04-01"), date("2026-05-01")]);
    closing(
        &mut world,
        "6602009,Ysgol Newydd,660,primary,Y,Y,,6602001\n",
    );
    let followed = due(&world, "2026-03-03", DueKind::Leaving);
    assert_eq!(followed.len(), 1, "only the leaver: {followed:?}");
}

/// Where the policy asks for sign-ins, an account that nobody uses expires long before its last day.
#[test]
fn an_expiry_for_want_of_a_sign_in_comes_on_the_night_that_was_forecast() {
    let mut world = world("hwb", "");
    if let Some(non_mis) = world.policy.params.non_mis.as_mut() {
        non_mis.sign_in_days = Some(90);
    }
    world.put(
        "requests",
        "request_id,requested_on,requested_by,role,surname,forename,establishment,expires_on\nr1,2026-03-03,champion,governor,Gwynedd,Marged,6602001,2026-08-31\n",
    );
    world.export_all("2026-03-03");
    world.run("2026-03-03");
    world.put(
        "directory_feedback",
        "username,directory_id,last_sign_in\nGwyneddM1,g-1,\n",
    );
    world.export_all("2026-05-01");
    comes_true(&mut world, "2026-05-01", DueKind::Expiry, Action::Expire);
}
