//! Limits on how much one plan may change (SPEC §9, §16), in worlds large enough to trip them.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write;

use onroll::nightly::Decided;
use onroll::plan::{Change, GuardReading, Status};
use onroll::policy::Policy;
use support::World;

/// A school of the tests: code, people on roll.
const SMALL: &str = "9010101";
const OTHER: &str = "9010102";
const LARGE: &str = "9014101";

/// One row of the roll.
#[derive(Clone)]
struct Row {
    school: &'static str,
    label: String,
    leaving: String,
    share: &'static str,
}

fn row(school: &'static str, n: usize) -> Row {
    Row {
        school,
        label: format!("{school}-{n}"),
        leaving: String::new(),
        share: "",
    }
}

fn school(school: &'static str, count: usize) -> Vec<Row> {
    (0..count).map(|n| row(school, n)).collect()
}

/// The first `count` people of a school leave on a day.
fn leave(rows: &mut [Row], school: &str, count: usize, on: &str) {
    let there = rows.iter_mut().filter(|r| r.school == school);
    there.take(count).for_each(|r| r.leaving = on.to_owned());
}

fn surname(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    format!("Mac{}{}{}", letter(n / 676), letter(n / 26), letter(n))
}

fn put_learners(world: &mut World, rows: &[Row]) {
    let mut csv = "establishment,learner_id,legal_surname,legal_forename,admission_date,leaving_date,login,data_sharing\n".to_owned();
    for (n, r) in rows.iter().enumerate() {
        let login = r.label.replace('-', "x");
        let _ = writeln!(
            csv,
            "{},@{},{},Eilidh,2020-08-17,{},{login},{}",
            r.school,
            r.label,
            surname(n),
            r.leaving,
            r.share
        );
    }
    world.put("learners", &csv);
}

fn glow() -> World {
    found(World::new("glow"))
}

fn found(mut world: World) -> World {
    let common =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/_common/glow");
    for table in ["authorities", "establishments"] {
        let csv = std::fs::read_to_string(common.join(format!("{table}.csv"))).expect("a table");
        world.put(table, &csv);
    }
    world
}

fn night(world: &mut World, as_of: &str, rows: &[Row]) -> Box<Decided> {
    put_learners(world, rows);
    world.export_all(as_of);
    world.run(as_of)
}

fn reading<'a>(decided: &'a Decided, id: &str) -> &'a GuardReading {
    let found = decided.plan.guards.iter().find(|g| g.id == id);
    found.unwrap_or_else(|| panic!("{id} is not among the readings"))
}

fn tripped(decided: &Decided) -> Vec<&str> {
    decided
        .plan
        .guards
        .iter()
        .filter(|g| g.tripped)
        .map(|g| g.id.as_str())
        .collect()
}

fn counted<'a>(decided: &'a Decided, action: &str, status: Status) -> Vec<&'a Change> {
    let found = decided
        .plan
        .changes
        .iter()
        .filter(|c| c.action.as_str() == action && c.status == status);
    found.collect()
}

fn ids(changes: &[&Change]) -> BTreeSet<String> {
    changes.iter().map(|c| c.change_id().to_owned()).collect()
}

/// 27 people at one school of a large world, of whom `leavers` leave in one night.
fn leavers_of_27(leavers: usize) -> Box<Decided> {
    let mut world = glow();
    let mut rows = school(SMALL, 27);
    rows.extend(school(LARGE, 120));
    night(&mut world, "2026-06-01", &rows);
    leave(&mut rows, SMALL, leavers, "2026-06-02");
    night(&mut world, "2026-06-03", &rows)
}

#[test]
fn leaving_dates_trip_above_the_larger_of_a_third_and_ten() {
    for leavers in [9, 10] {
        let decided = leavers_of_27(leavers);
        assert_eq!(tripped(&decided), Vec::<&str>::new(), "{leavers}");
        assert_eq!(counted(&decided, "release", Status::Planned).len(), leavers);
    }
    for leavers in [11, 26] {
        let decided = leavers_of_27(leavers);
        assert_eq!(tripped(&decided), ["release@9010101/learner"], "{leavers}");
        assert_eq!(counted(&decided, "release", Status::Held).len(), leavers);
    }
    let decided = leavers_of_27(9);
    let green = reading(&decided, "release@9010101/learner");
    assert_eq!((green.value, green.limit, green.base), (9, 10, 27));
}

#[test]
fn no_school_loses_everyone_without_a_look() {
    let mut world = glow();
    let mut rows = school(SMALL, 8);
    rows.extend(school(OTHER, 1));
    rows.extend(school(LARGE, 60));
    night(&mut world, "2026-06-01", &rows);
    // Eight are fewer than ten, and the one of the other school is all it has.
    leave(&mut rows, SMALL, 8, "2026-06-02");
    leave(&mut rows, OTHER, 1, "2026-06-02");
    let decided = night(&mut world, "2026-06-03", &rows);
    assert_eq!(tripped(&decided), ["everyone@9010101/learner"]);
    assert_eq!(counted(&decided, "release", Status::Held).len(), 8);
    assert_eq!(counted(&decided, "release", Status::Planned).len(), 1);
    // Seven of the eight may go.
    leave(&mut rows, SMALL, 8, "");
    leave(&mut rows, SMALL, 7, "2026-06-02");
    let decided = night(&mut world, "2026-06-04", &rows);
    assert_eq!(tripped(&decided), Vec::<&str>::new());
    assert_eq!(counted(&decided, "release", Status::Planned).len(), 7);
}

/// `missing` of 40 people vanish in two nights, few enough for the gate, and are due for release together.
fn absent_of_40(missing: usize) -> Box<Decided> {
    let mut world = glow();
    let mut rows = school(SMALL, 40);
    rows.extend(school(LARGE, 60));
    night(&mut world, "2026-06-01", &rows);
    let without = |rows: &[Row], count: usize| rows[count..].to_vec();
    night(&mut world, "2026-06-02", &without(&rows, 3));
    night(&mut world, "2026-06-03", &without(&rows, missing));
    night(&mut world, "2026-07-03", &without(&rows, missing))
}

#[test]
fn absences_trip_above_five_of_forty() {
    let five = absent_of_40(5);
    assert_eq!(tripped(&five), Vec::<&str>::new());
    assert_eq!(counted(&five, "release", Status::Planned).len(), 5);
    let six = absent_of_40(6);
    assert_eq!(tripped(&six), ["absence@9010101/learner"]);
    assert_eq!(counted(&six, "release", Status::Held).len(), 6);
    let run = reading(&six, "absence@run");
    assert_eq!((run.value, run.limit), (6, 10));
}

/// `out` of `count` people of a school opt out in one night.
fn opt_outs(out: usize, count: usize) -> Box<Decided> {
    let mut world = glow();
    let mut rows = school(SMALL, count);
    night(&mut world, "2026-06-01", &rows);
    rows.iter_mut().take(out).for_each(|r| r.share = "N");
    night(&mut world, "2026-06-02", &rows)
}

#[test]
fn opt_outs_trip_at_ten_people_and_a_tenth() {
    assert_eq!(tripped(&opt_outs(9, 30)), Vec::<&str>::new());
    assert_eq!(tripped(&opt_outs(10, 101)), Vec::<&str>::new());
    let ten = opt_outs(10, 100);
    assert_eq!(tripped(&ten), ["opt_out@9010101"]);
    assert_eq!(counted(&ten, "withdraw", Status::Held).len(), 10);
}

#[test]
fn a_school_that_is_no_longer_in_is_a_withdrawal_and_not_an_opt_out() {
    let mut world = glow();
    let mut rows = school(OTHER, 6);
    rows.extend(school(LARGE, 120));
    night(&mut world, "2026-06-01", &rows);
    world.put(
        "establishments",
        "establishment,name,authority,phase,data_sharing\n9010102,Bruach Primary,901,primary,N\n9014101,Garry Academy,901,secondary,Y\n",
    );
    let decided = night(&mut world, "2026-06-02", &rows);
    // Six of six: above the larger of a tenth and five, and everyone.
    assert_eq!(
        tripped(&decided),
        ["withdraw@9010102/learner", "everyone@9010102/learner"]
    );
}

#[test]
fn new_accounts_trip_only_where_there_were_some_before() {
    let start = |new: usize| {
        let mut world = glow();
        let mut rows = school(SMALL, 30);
        rows.extend(school(LARGE, 150));
        night(&mut world, "2026-06-01", &rows);
        rows.extend((0..new).map(|n| row(SMALL, 30 + n)));
        // A school with nobody before is not measured against itself.
        rows.extend(school(OTHER, 40));
        night(&mut world, "2026-06-02", &rows)
    };
    let fifteen = start(15);
    assert_eq!(tripped(&fifteen), Vec::<&str>::new());
    assert!(
        fifteen
            .plan
            .guards
            .iter()
            .all(|g| g.id != "create@9010102/learner")
    );
    let sixteen = start(16);
    assert_eq!(tripped(&sixteen), ["create@9010101/learner"]);
    assert_eq!(counted(&sixteen, "create", Status::Held).len(), 16);
    assert_eq!(counted(&sixteen, "create", Status::Planned).len(), 40);
    // An empty directory has nothing to be measured against at all.
    let mut world = glow();
    let first = night(&mut world, "2026-06-01", &school(LARGE, 200));
    assert_eq!(tripped(&first), Vec::<&str>::new());
}

#[test]
fn the_whole_run_has_a_limit_of_its_own() {
    let mut world = glow();
    let schools = [SMALL, OTHER, LARGE, "9024101"];
    let mut rows: Vec<Row> = schools.iter().flat_map(|s| school(s, 25)).collect();
    night(&mut world, "2026-06-01", &rows);
    // Nine of 25 at each school is within ten; 36 of 100 is above 35 %.
    schools
        .iter()
        .for_each(|s| leave(&mut rows, s, 9, "2026-06-02"));
    let decided = night(&mut world, "2026-06-03", &rows);
    assert_eq!(tripped(&decided), ["release@run"]);
    assert_eq!(counted(&decided, "release", Status::Held).len(), 36);
}

#[test]
fn what_trips_is_held_under_the_same_ids_and_the_rest_goes_on() {
    let mut world = glow();
    let mut rows = school(SMALL, 27);
    rows.extend(school(LARGE, 120));
    night(&mut world, "2026-06-01", &rows);
    leave(&mut rows, SMALL, 12, "2026-06-02");
    leave(&mut rows, LARGE, 3, "2026-06-02");
    rows.extend((0..2).map(|n| row(SMALL, 27 + n)));
    let first = night(&mut world, "2026-06-03", &rows);
    assert_eq!(tripped(&first), ["release@9010101/learner"]);
    assert_eq!(counted(&first, "release", Status::Planned).len(), 3);
    assert_eq!(counted(&first, "create", Status::Planned).len(), 2);
    let held = ids(&counted(&first, "release", Status::Held));
    assert_eq!(held.len(), 12);
    // The next night nothing has changed: the same changes under the same ids.
    let second = night(&mut world, "2026-06-04", &rows);
    assert_eq!(ids(&counted(&second, "release", Status::Held)), held);
}

/// Writes what `onroll approve` writes.
fn approve(world: &World, guard: &str, changes: &BTreeSet<String>, expires: &str) {
    let list: Vec<String> = changes.iter().map(|c| format!("\"{c}\"")).collect();
    let text = format!(
        "format = 1\nrun = \"2026-06-03-00000000\"\nplan = \"00000000\"\nas_of = 2026-06-03\nby = \"A. Person\"\n\
         reason = \"a merger\"\nexpires = {expires}\nguards = [\"{guard}\"]\nholds = []\nchanges = [{}]\n",
        list.join(", ")
    );
    let folder = world.folder.path().join("decisions/approvals");
    std::fs::write(folder.join("one.toml"), text).expect("written");
}

#[test]
fn what_a_person_approved_goes_through_and_is_not_counted() {
    let guard = "release@9010101/learner";
    let mut world = glow();
    let mut rows = school(SMALL, 40);
    rows.extend(school(LARGE, 120));
    night(&mut world, "2026-06-01", &rows);
    leave(&mut rows, SMALL, 20, "2026-06-02");
    let first = night(&mut world, "2026-06-03", &rows);
    assert_eq!(tripped(&first), [guard]);
    approve(
        &world,
        guard,
        &ids(&counted(&first, "release", Status::Held)),
        "2026-06-30",
    );
    // Five more leave on the next night: only they count, and nothing trips.
    leave(&mut rows, SMALL, 25, "2026-06-02");
    let second = night(&mut world, "2026-06-04", &rows);
    assert_eq!(tripped(&second), Vec::<&str>::new());
    assert_eq!(counted(&second, "release", Status::Planned).len(), 25);
    assert_eq!(reading(&second, guard).value, 5);
}

#[test]
fn an_approval_ends_on_its_last_night() {
    let guard = "release@9010101/learner";
    let mut world = glow();
    let mut rows = school(SMALL, 40);
    rows.extend(school(LARGE, 120));
    night(&mut world, "2026-06-01", &rows);
    leave(&mut rows, SMALL, 20, "2026-06-02");
    let first = night(&mut world, "2026-06-03", &rows);
    approve(
        &world,
        guard,
        &ids(&counted(&first, "release", Status::Held)),
        "2026-06-04",
    );
    assert_eq!(tripped(&night(&mut world, "2026-06-05", &rows)), [guard]);
}

#[test]
fn a_second_run_of_a_day_counts_what_the_first_applied() {
    let mut world = glow();
    let mut rows = school(SMALL, 27);
    rows.extend(school(LARGE, 120));
    night(&mut world, "2026-06-01", &rows);
    leave(&mut rows, SMALL, 8, "2026-06-02");
    assert_eq!(
        tripped(&night(&mut world, "2026-06-03", &rows)),
        Vec::<&str>::new()
    );
    leave(&mut rows, SMALL, 11, "2026-06-02");
    let second = night(&mut world, "2026-06-03", &rows);
    assert_eq!(tripped(&second), ["release@9010101/learner"]);
    let guard = reading(&second, "release@9010101/learner");
    // The base is that of the day's first run: 27, not the 19 who are left.
    assert_eq!((guard.value, guard.base, guard.held), (11, 27, 3));
    // The next day begins afresh.
    assert_eq!(
        tripped(&night(&mut world, "2026-06-04", &rows)),
        Vec::<&str>::new()
    );
}

/// Leaves 10 and then 9 and 8 of 40 at one school, each night within its own limit.
fn bleed(world: &mut World, nights: [&str; 3]) -> [Box<Decided>; 3] {
    let mut rows = school(SMALL, 40);
    rows.extend(school(LARGE, 120));
    night(world, "2026-03-01", &rows);
    let mut gone = 0;
    let mut leavers = [10, 9, 8].into_iter();
    nights.map(|as_of| {
        gone += leavers.next().unwrap_or_default();
        leave(&mut rows, SMALL, gone, "2026-03-01");
        night(world, as_of, &rows)
    })
}

#[test]
fn a_slow_bleed_trips_the_budget_of_a_week_or_a_month() {
    // 27 of 40 in three nights: above the 20 of a week, within the 30 of a month.
    let week = bleed(&mut glow(), ["2026-03-02", "2026-03-04", "2026-03-08"]);
    assert!(tripped(&week[0]).is_empty() && tripped(&week[1]).is_empty());
    let id = "release_7d@9010101/learner";
    assert_eq!(tripped(&week[2]), [id]);
    let guard = reading(&week[2], id);
    // Measured against the 40 of before, not the 21 who are left.
    let numbers = (guard.value, guard.limit, guard.base, guard.held);
    assert_eq!(numbers, (27, 20, 40, 8));
    assert_eq!(counted(&week[2], "release", Status::Held).len(), 8);
    let month = reading(&week[2], "release_30d@9010101/learner");
    assert_eq!((month.value, month.limit, month.tripped), (27, 30, false));

    // The same a day later: the first night is out of the week.
    let slower = bleed(&mut glow(), ["2026-03-02", "2026-03-04", "2026-03-09"]);
    assert!(tripped(&slower[2]).is_empty());
    assert_eq!(reading(&slower[2], id).value, 17);
}

#[test]
fn a_budget_says_the_same_again_and_lets_through_what_was_approved() {
    let mut world = glow();
    let nights = bleed(&mut world, ["2026-03-02", "2026-03-04", "2026-03-06"]);
    let id = "release_7d@9010101/learner";
    let held = ids(&counted(&nights[2], "release", Status::Held));
    let again = world.plan("2026-03-06");
    assert_eq!(tripped(&again), [id]);
    assert_eq!(ids(&counted(&again, "release", Status::Held)), held);
    approve(&world, id, &held, "2026-03-10");
    let approved = world.run("2026-03-06");
    assert!(tripped(&approved).is_empty());
    assert_eq!(counted(&approved, "release", Status::Planned).len(), 8);
    // What somebody looked at is not counted on later nights either.
    world.export_all("2026-03-07");
    assert_eq!(
        reading(&world.run("2026-03-07"), "release_7d@run").value,
        19
    );
}

#[test]
fn what_the_night_itself_holds_is_not_spent() {
    let decided = leavers_of_27(20);
    assert_eq!(
        tripped(&decided),
        ["release@9010101/learner"],
        "one guard to approve, not three"
    );
    assert_eq!(reading(&decided, "release_30d@run").value, 20);
}

#[test]
fn a_budget_never_allows_less_than_its_guard() {
    let policy = with_window(
        "\n[[guards.window]]\nname = \"merger\"\nfrom = \"03-01\"\nuntil = \"03-20\"\n[guards.window.limits]\nrelease = { percent = 90, count = 10 }\nrelease_30d = { percent = 95, count = 10 }\n",
    );
    let mut world = found(World::under(policy));
    let nights = bleed(&mut world, ["2026-03-02", "2026-03-04", "2026-03-08"]);
    // 90 % of the 30 who are left on the second night are 27, of the 21 on the third 18: there the budget's own 20 is more.
    let week = |night: usize| {
        let week = reading(&nights[night], "release_7d@9010101/learner");
        (week.value, week.limit, week.tripped)
    };
    assert_eq!(week(1), (19, 27, false));
    assert_eq!(week(2), (27, 20, true));
    let month = reading(&nights[2], "release_30d@9010101/learner");
    assert_eq!((month.limit, month.window.as_str()), (38, "merger"));
}

#[test]
fn deletions_are_measured_against_inactive_accounts_too() {
    for (due, trips) in [(17, false), (18, true)] {
        let mut world = glow();
        let mut rows = school(SMALL, 50);
        rows.extend(school(LARGE, 120));
        night(&mut world, "2025-05-01", &rows);
        // Ten at a time, so that the leaving itself does not trip; `due` of them leave before the cut.
        for (gone, day, date) in [
            (10, "2025-05-03", "2025-05-02"),
            (due, "2025-05-04", "2025-05-03"),
            (30, "2025-06-05", "2025-06-04"),
        ] {
            let before: Vec<String> = rows.iter().map(|r| r.leaving.clone()).collect();
            leave(&mut rows, SMALL, gone, date);
            rows.iter_mut()
                .zip(before)
                .filter(|(_, b)| !b.is_empty())
                .for_each(|(r, b)| r.leaving = b);
            night(&mut world, day, &rows);
        }
        let decided = night(&mut world, "2026-05-10", &rows);
        let guard = reading(&decided, "purge@9010101/learner");
        // 20 usable and 30 inactive: 35 % of 50.
        assert_eq!((guard.value, guard.base, guard.limit), (due as u64, 50, 17));
        assert_eq!(guard.tripped, trips);
    }
}

/// Glow with a window of the year in which other limits hold.
fn with_window(window: &str) -> Policy {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/glow");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the policy").flatten() {
        let name = entry.file_name().into_string().expect("a name");
        let mut bytes = std::fs::read(entry.path()).expect("a file");
        if name == "policy.toml" {
            bytes.extend_from_slice(window.as_bytes());
        }
        files.push((name, bytes));
    }
    Policy::from_files(files).expect("it proves")
}

#[test]
fn a_window_of_the_year_has_limits_of_its_own() {
    let policy = with_window(
        "\n[[guards.window]]\nname = \"merger\"\nfrom = \"03-20\"\nuntil = \"04-05\"\n[guards.window.limits]\nrelease = { percent = 60, count = 10 }\n",
    );
    for (as_of, trips) in [
        ("2026-03-19", true),
        ("2026-03-20", false),
        ("2026-04-05", false),
        ("2026-04-06", true),
    ] {
        let mut world = found(World::under(policy.clone()));
        let mut rows = school(SMALL, 40);
        rows.extend(school(LARGE, 120));
        night(&mut world, "2026-03-01", &rows);
        leave(&mut rows, SMALL, 24, "2026-03-15");
        let decided = night(&mut world, as_of, &rows);
        assert_eq!(!tripped(&decided).is_empty(), trips, "{as_of}");
        assert_eq!(
            reading(&decided, "release@9010101/learner")
                .window
                .is_empty(),
            trips,
            "{as_of}"
        );
    }
}

/// A Welsh school whose teacher comes back after a year, on a night with so many new staff that creation trips.
#[test]
fn what_depends_on_a_held_change_is_blocked() {
    let common =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/_common/hwb");
    let mut world = World::new("hwb");
    for table in ["authorities", "establishments"] {
        let csv = std::fs::read_to_string(common.join(format!("{table}.csv"))).expect("a table");
        world.put(table, &csv);
    }
    let staff = |returned: bool, new: usize, leaving: &str| {
        let mut csv = "establishment,staff_code,legal_surname,legal_forename,start_date,leaving_date,staff_type\n".to_owned();
        let _ = writeln!(
            csv,
            "6602001,@mair,Prosser,Mair,2015-09-01,{leaving},teaching"
        );
        let _ = writeln!(csv, "6602001,@nia,Beynon,Nia,2015-09-01,,teaching");
        if returned {
            let _ = writeln!(csv, "6602001,@mair,Prosser,Mair,2026-06-01,,teaching");
        }
        for n in 0..new {
            let _ = writeln!(
                csv,
                "6602001,@n{n},{},Eira,2026-06-01,,teaching",
                surname(n)
            );
        }
        csv
    };
    for (day, csv) in [
        ("2025-03-01", staff(false, 0, "")),
        ("2025-03-03", staff(false, 0, "2025-03-02")),
    ] {
        world.put("staff", &csv);
        world.export_all(day);
        world.run(day);
    }
    for (new, status) in [(15, Status::Blocked), (14, Status::Planned)] {
        world.put("staff", &staff(true, new, "2025-03-02"));
        world.export_all("2026-06-01");
        let decided = world.plan("2026-06-01");
        // With Mair they are sixteen, one more than may be created, or fifteen.
        assert_eq!(
            counted(&decided, "purge", status).len(),
            1,
            "{new}\n{}",
            world.tell(&decided)
        );
    }
}

#[test]
fn planning_for_some_schools_keeps_the_full_base() {
    let mut world = glow();
    let mut rows = school(SMALL, 30);
    rows.extend(school(LARGE, 120));
    night(&mut world, "2026-06-01", &rows);
    leave(&mut rows, SMALL, 5, "2026-06-02");
    put_learners(&mut world, &rows);
    world.export_all("2026-06-03");
    let onroll::nightly::Night::Decided(decided) =
        world.decide_with("2026-06-03", &[SMALL.to_owned()])
    else {
        panic!("refused");
    };
    assert_eq!(reading(&decided, "release@run").base, 150);
    assert_eq!(counted(&decided, "release", Status::Planned).len(), 5);
}
