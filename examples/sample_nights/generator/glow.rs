//! Scotland: Strathgarry and Innis Mhòr, June to September 2026.

use super::Files;
use super::emit::{Approval, Export, Which};
use super::names::{Name, Nation};
use super::world::{Classes, School, World};

const AUTHORITIES: &[(&str, &str, &str)] =
    &[("991", "Strathgarry", "sg-"), ("992", "Innis Mhòr", "im-")];
const YEARS: &[&str] = &[
    "P1", "P2", "P3", "P4", "P5", "P6", "P7", "S1", "S2", "S3", "S4", "S5", "S6",
];
const BIRDS: Classes = Classes::Trees(&["Lach", "Gèadh", "Iolaire", "Eala"]);

const KILGARRY: usize = 0;
const BUNSGOIL: usize = 1;
const TULLYBRAE: usize = 2;
const ST_FILLANS: usize = 3;
const ARDMORE: usize = 4;
const INVERLOCHAN: usize = 5;
const BALNACRAIG: usize = 6;
const DUNFINLAY: usize = 7;
const ACADEMY: usize = 8;
const LOCHAN_HIGH: usize = 9;
const CORRIE_BANK: usize = 10;
const INNIS_BHEAG: usize = 11;
const PORT_UIGE: usize = 12;
const SGOIL_A_BHAIGH: usize = 13;
const SGOIL_INNIS: usize = 14;

const PRIMARIES: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13];
const TERM_2025: &str = "2025-08-19";
const TERM_2026: &str = "2026-08-18";

fn schools() -> Vec<School> {
    let primary = |code, name, authority, cohorts, feeds, staff, classes| School {
        code,
        name,
        authority,
        phase: "primary",
        maintained: true,
        sharing: "Y",
        cohorts,
        youngest: "P1",
        feeds: Some(feeds),
        staff,
        classes,
    };
    let older = |code, name, authority, phase, youngest, cohorts, staff| School {
        code,
        name,
        authority,
        phase,
        maintained: true,
        sharing: "Y",
        cohorts,
        youngest,
        feeds: None,
        staff,
        classes: Classes::Letters,
    };
    let letters = Classes::Letters;
    let mut all = vec![
        primary(
            "9911021",
            "Kilgarry Primary School",
            0,
            &[26, 28, 27, 29, 26, 28, 27],
            ACADEMY,
            (10, 6),
            letters,
        ),
        primary(
            "9911022",
            "Bunsgoil Ghàidhlig Srath Gharaidh",
            0,
            &[20, 21, 19, 22, 20, 21, 20],
            ACADEMY,
            (8, 4),
            BIRDS,
        ),
        primary(
            "9911023",
            "Tullybrae Primary School",
            0,
            &[25, 24, 26, 25, 27, 25, 26],
            ACADEMY,
            (9, 5),
            letters,
        ),
        primary(
            "9911024",
            "St Fillan's RC Primary School",
            0,
            &[21, 22, 20, 23, 22, 21, 22],
            ACADEMY,
            (8, 5),
            letters,
        ),
        primary(
            "9911025",
            "Ardmore Road Primary School",
            0,
            &[27, 28, 26, 27, 29, 28, 27],
            LOCHAN_HIGH,
            (10, 6),
            letters,
        ),
        primary(
            "9911026",
            "Inverlochan Primary School",
            0,
            &[24, 25, 23, 26, 24, 25, 24],
            LOCHAN_HIGH,
            (9, 5),
            letters,
        ),
        primary(
            "9911027",
            "Balnacraig Primary School",
            0,
            &[22, 24, 23, 22, 25, 23, 24],
            LOCHAN_HIGH,
            (8, 5),
            letters,
        ),
        primary(
            "9911028",
            "Dunfinlay Primary School",
            0,
            &[15, 16, 14, 15, 16, 15, 15],
            LOCHAN_HIGH,
            (7, 4),
            letters,
        ),
        older(
            "9915031",
            "Strathgarry Academy",
            0,
            "secondary",
            "S1",
            &[94, 92, 95, 90, 74, 48],
            (38, 14),
        ),
        older(
            "9915032",
            "Lochan High School",
            0,
            "secondary",
            "S1",
            &[88, 90, 87, 85, 70, 44],
            (35, 13),
        ),
        older(
            "9917041",
            "Corrie Bank School",
            0,
            "special",
            "P1",
            &[3, 3, 4, 4, 3, 4, 4, 4, 4, 4, 4, 3, 3],
            (9, 11),
        ),
        primary(
            "9921051",
            "Bun-sgoil Innis Bheag",
            1,
            &[3, 4, 3, 4, 3, 4, 3],
            SGOIL_INNIS,
            (2, 1),
            BIRDS,
        ),
        primary(
            "9921052",
            "Port Ùige Primary School",
            1,
            &[17, 18, 16, 17, 19, 18, 17],
            SGOIL_INNIS,
            (7, 4),
            letters,
        ),
        primary(
            "9921053",
            "Sgoil a' Bhàigh",
            1,
            &[19, 20, 18, 19, 21, 20, 19],
            SGOIL_INNIS,
            (8, 4),
            BIRDS,
        ),
        older(
            "9925061",
            "Sgoil Innis Mhòr",
            1,
            "secondary",
            "S1",
            &[40, 41, 39, 40, 32, 22],
            (22, 9),
        ),
    ];
    all[DUNFINLAY].sharing = "N";
    all
}

/// The Scottish nights.
pub fn build() -> Files {
    let mut w = World::new(Nation::Scotland, AUTHORITIES, schools(), YEARS, 0x6C0F_2026);
    w.populate(2024, "08-20");
    shared_teachers(&mut w);
    // Back at school as a grown woman, with the number she was given as a child.
    let adult = w.identifier(7);
    let adult = w.person(adult, Name::new("Auchterlonie", "Moira"));
    w.admit(adult, ACADEMY, "S4", "2024-08-20");
    let back = prologue(&mut w);
    june(&mut w, adult);
    let cohorts = end_of_term(&mut w);
    august(&mut w, &cohorts, back);
    september(&mut w);
    w.desk
        .finish("glow", "A summer in Strathgarry and Innis Mhòr")
}

/// Teachers who work in two schools, one of them the main one.
fn shared_teachers(w: &mut World) {
    for (main, second) in [(KILGARRY, TULLYBRAE), (PORT_UIGE, SGOIL_A_BHAIGH)] {
        let worker = w.staff(main, true)[2];
        w.appoint(worker, second, "2024-08-20");
        for (school, status, share) in [(main, "main", "0.6"), (second, "subsidiary", "0.4")] {
            let post = w.post(worker, school);
            post.status = status;
            post.share = share;
        }
    }
}

/// Keys leaving dates for the oldest and for those who leave a secondary early.
fn end_of_year(w: &mut World, school: usize, on: &str) {
    if w.oldest(school) == "S6" && school != CORRIE_BANK {
        for (year, every) in [("S4", 10), ("S5", 4)] {
            for (place, learner) in w.pupils(school, year).into_iter().enumerate() {
                if place % every == every - 1 {
                    w.leave(learner, school, on);
                }
            }
        }
    }
    let oldest = w.oldest(school);
    w.pupils(school, oldest)
        .into_iter()
        .for_each(|l| w.leave(l, school, on));
}

/// Admits last year's P7 of a primary to S1; one in 17 goes elsewhere.
fn intake_of(w: &mut World, from: usize, cohort: &[usize], start: &str) {
    let Some(to) = w.schools[from].feeds else {
        return;
    };
    for (place, &learner) in cohort.iter().enumerate() {
        if place % 17 != 16 {
            w.admit(learner, to, "S1", start);
        }
    }
}

fn infants(w: &mut World, school: usize, start: &str) {
    for _ in 0..w.schools[school].cohorts[0] {
        w.admit_new(school, "P1", start);
    }
}

fn prologue(w: &mut World) -> usize {
    w.prologue(
        "2025-06-10",
        "A year earlier: the first night",
        "The directory is empty. Everybody on roll gets an account, but for Dunfinlay Primary, which has not opted in to Glow. \
         Two teachers work in two schools each; their accounts belong to the main one.",
    );
    let cohorts: Vec<Vec<usize>> = (0..w.schools.len()).map(|s| w.pupils(s, "P7")).collect();
    let leavers = w.pupils(LOCHAN_HIGH, "S6");
    let (_, graced) = w.known(&leavers, 25).swap_remove(0);
    let back = w.pupils(TULLYBRAE, "P4")[3];
    for school in 0..w.schools.len() {
        end_of_year(w, school, "2025-06-27");
    }
    w.desk.decide(
        "2025-06-20",
        "Depute head of Lochan High",
        "assign_grace",
        &graced,
        "",
        "",
        "Portfolio for art college",
    );
    w.prologue(
        "2025-07-01",
        "A year earlier: the holidays",
        "P7 and the school leavers had 27 June 2025 as their last day; their accounts become inactive. One leaver keeps \
         access for 60 more days, as the school asked.",
    );
    for school in 0..w.schools.len() {
        w.rollover(school, "2025-08-01");
    }
    w.leave(back, TULLYBRAE, "2025-08-22");
    for &school in PRIMARIES {
        intake_of(w, school, &cohorts[school], TERM_2025);
        infants(w, school, TERM_2025);
    }
    w.prologue(
        "2025-08-25",
        "A year earlier: term has begun",
        "Everybody moves up a stage. Last session's P7 are in S1 with their own accounts; the new P1 get their first. One \
         family has left Tullybrae for abroad.",
    );
    back
}

/// Moves, arrivals and departures of the session, seen at once.
fn session(w: &mut World) {
    w.clear_leavers("2025-09-01");
    let open: Vec<usize> = PRIMARIES
        .iter()
        .copied()
        .filter(|&s| s != DUNFINLAY && s != INNIS_BHEAG)
        .collect();
    for (place, &from) in open.iter().enumerate() {
        let to = open[(place + 4) % open.len()];
        let learner = w.pupils(from, "P3")[5];
        w.leave(learner, from, "2026-01-09");
        w.admit(learner, to, "P3", "2026-01-12");
        w.admit_new(from, "P5", "2025-11-03");
    }
    for school in [KILGARRY, ACADEMY, LOCHAN_HIGH] {
        let learner = w.roll(school)[33];
        w.leave(learner, school, "2026-02-13");
        let worker = w.staff(school, true)[4];
        w.post(worker, school).leaving = "2025-12-19".into();
        w.hire(school, true, "2026-01-05");
    }
    let (from, to) = (ARDMORE, BALNACRAIG);
    let worker = w.staff(from, true)[5];
    w.post(worker, from).leaving = "2025-12-19".into();
    w.appoint(worker, to, "2026-01-05");
}

fn june(w: &mut World, adult: usize) {
    session(w);
    let early = w.pupils(BALNACRAIG, "P5")[3];
    w.leave(early, BALNACRAIG, "2026-06-10");
    w.night(
        "2026-06-08",
        "The summer begins",
        "Nine months have passed since the last run. Pupils who changed school in January keep their accounts, and so does a \
         teacher who moved inside Strathgarry. Last year's grace is over. Balnacraig has keyed a leaving date two days ahead; \
         nothing happens yet.",
    );
    w.admit_named(PORT_UIGE, "P4", "2026-06-08", "Isbister-Vaila", "Sunniva");
    let out = w.pupils(KILGARRY, "P6")[9];
    let stays_out = w.pupils(KILGARRY, "P7")[12];
    for learner in [out, stays_out] {
        w.row(learner, KILGARRY).sharing = "N";
    }
    w.night(
        "2026-06-09",
        "Two families say no",
        "One new pupil in Port Ùige. Two families at Kilgarry have withdrawn their consent to Glow: those two accounts are withdrawn at once.",
    );
    w.row(out, KILGARRY).sharing = "Y";
    let late = w.pupils(ST_FILLANS, "P6")[7];
    w.leave(late, ST_FILLANS, "2025-05-23");
    w.row(late, ST_FILLANS).start = "2019-08-20".into();
    let candidates = w.pupils(BALNACRAIG, "P4");
    let (mistaken, username) = w.known(&candidates, 25).swap_remove(0);
    w.leave(mistaken, BALNACRAIG, "2026-06-10");
    let note = "End date keyed for the wrong child; the office will correct it";
    w.desk.decide(
        "2026-06-10",
        "Head of Balnacraig",
        "not_a_leaver",
        &username,
        "",
        "14",
        note,
    );
    w.night(
        "2026-06-10",
        "The last day is still a day on roll",
        "Balnacraig's early leaver keeps the account today. A second end date there stands at the wrong child; the head has said \
         so, and for 14 days that account stays. One of the two families has changed its mind, and the same account \
         is back. At St Fillan's an end date of May 2025 was keyed a year late: released tonight, never deleted in the same breath.",
    );
    mistakes(w, adult);
    w.night(
        "2026-06-11",
        "Six files with something wrong",
        "Balnacraig's leaver is released, the day after the last day. Besides: a candidate number that lost its leading zero, a date with \
         slashes, an accent that became a question mark, a school nobody knows, a row that stands twice, a file with BOM and CRLF, one \
         with its columns in another order, and a login with the council's prefix. The people concerned are held untouched.",
    );
    w.row(mistaken, BALNACRAIG).leaving.clear();
    w.desk.export(TULLYBRAE, Export::Failed);
    w.desk.spoil(SGOIL_A_BHAIGH, Which::Learners, |sheet| {
        sheet.rows.truncate(80)
    });
    w.night(
        "2026-06-12",
        "One export failed, one was cut off",
        "Yesterday's mistakes are corrected. Tullybrae's export broke and Sgoil a' Bhàigh sent fewer rows than it claims; both \
         schools stay as they were while the others go on.",
    );
}

/// The mistakes that real exports have.
fn mistakes(w: &mut World, adult: usize) {
    let find = |w: &World, school, year, place: usize| {
        let learner = w.pupils(school, year)[place];
        w.learners[learner].id.clone()
    };
    let zero = w.learners[adult].id.clone();
    w.desk.spoil(ACADEMY, Which::Learners, move |s| {
        let place = s.position(&zero);
        s.rows[place][1] = zero.trim_start_matches('0').into();
    });
    let slashes = find(w, ARDMORE, "P6", 4);
    w.desk.spoil(ARDMORE, Which::Learners, move |s| {
        *s.cell(&slashes, "leaving_date") = "31/08/2026".into()
    });
    let accent = find(w, BUNSGOIL, "P5", 3);
    w.desk.spoil(BUNSGOIL, Which::Learners, move |s| {
        *s.cell(&accent, "legal_forename") = "M?rag".into()
    });
    let astray = find(w, ST_FILLANS, "P2", 2);
    w.desk.spoil(ST_FILLANS, Which::Learners, move |s| {
        *s.cell(&astray, "establishment") = "9911099".into()
    });
    let twice = find(w, BALNACRAIG, "P3", 8);
    w.desk.spoil(BALNACRAIG, Which::Learners, move |s| {
        let row = s.rows[s.position(&twice)].clone();
        s.rows.push(row);
    });
    let prefixed = w.staff(LOCHAN_HIGH, false)[1];
    let code = w.post(prefixed, LOCHAN_HIGH).code.clone();
    w.desk.spoil(LOCHAN_HIGH, Which::Staff, move |s| {
        s.cell(&code, "login").insert_str(0, "sg-")
    });
    w.desk
        .spoil(KILGARRY, Which::Learners, |s| s.spreadsheet = true);
    w.desk
        .spoil(PORT_UIGE, Which::Learners, |s| s.other_layout());
}

fn end_of_term(w: &mut World) -> Vec<Vec<usize>> {
    let cohorts: Vec<Vec<usize>> = (0..w.schools.len()).map(|s| w.pupils(s, "P7")).collect();
    w.desk.spoil(ARDMORE, Which::Learners, |sheet| {
        for row in sheet.rows.iter_mut().filter(|r| r[8].is_empty()) {
            row[8] = "2026-06-19".into();
        }
    });
    w.night(
        "2026-06-23",
        "A whole school leaves by mistake",
        "Somebody at Ardmore Road gave every pupil an end date of last Friday. A guard holds those releases and nobody loses an account.",
    );
    let leavers = w.pupils(ACADEMY, "S6");
    let known = w.known(&leavers, 25);
    let (single, restored) = (known[0].1.clone(), known[1].1.clone());
    for school in (0..w.schools.len()).filter(|&s| s != INVERLOCHAN) {
        end_of_year(w, school, "2026-06-26");
    }
    for school in [KILGARRY, TULLYBRAE, ARDMORE, BALNACRAIG, PORT_UIGE] {
        let by = format!("Office of {}", w.schools[school].name);
        let note = "P7 keep Glow over the summer";
        w.desk.decide(
            "2026-06-22",
            &by,
            "assign_grace",
            "",
            w.schools[school].code,
            "P7",
            note,
        );
    }
    w.desk.decide(
        "2026-06-23",
        "Strathgarry Academy",
        "assign_grace",
        &single,
        "",
        "",
        "Needs the portfolio until August",
    );
    w.night(
        "2026-06-24",
        "Grace for P7",
        "Ardmore Road is put right. The offices have keyed 26 June for P7 and the school leavers; five primaries ask for the grace period for the \
         whole of P7, the Academy for one leaver. It is noted and begins when they have left.",
    );
    w.night(
        "2026-06-29",
        "The holidays have begun",
        "P7 with grace stay usable until 25 August; the others who left are released. A year and a day have passed since 27 \
         June 2025: the accounts of that summer's leavers who never came back are deleted, their usernames never given out again.",
    );
    let gone = w.learners.iter().position(|l| {
        l.rows
            .iter()
            .any(|r| r.school == KILGARRY && r.leaving == "2026-02-13")
    });
    let left_early = gone.and_then(|l| w.username(l, 25)).unwrap_or_default();
    w.desk.decide(
        "2026-07-03",
        "Strathgarry Academy",
        "restore_with_grace",
        &restored,
        "",
        "",
        "Asked a week late",
    );
    if !left_early.is_empty() {
        let by = "Office of Kilgarry Primary School";
        w.desk.decide(
            "2026-07-03",
            by,
            "restore_with_grace",
            &left_early,
            "",
            "",
            "Asked for old photographs",
        );
    }
    w.night(
        "2026-07-06",
        "Asked after leaving",
        "One school leaver gets the account back for 60 days from the day it was asked for. A second request comes more than 90 \
         days after leaving and is refused with that reason. The late leaver of St Fillan's has not yet been inactive for thirty days.",
    );
    cohorts
}

fn august(w: &mut World, cohorts: &[Vec<usize>], back: usize) {
    for school in 0..w.schools.len() {
        w.rollover(school, "2026-08-01");
    }
    for &school in PRIMARIES {
        intake_of(w, school, &cohorts[school], TERM_2026);
        infants(w, school, TERM_2026);
    }
    w.night(
        "2026-08-12",
        "The rollover",
        "Teachers are back and the schools have rolled over: stages and classes change by the thousand. The new P1 and S1 start on 18 August \
         and wait for that day. The late leaver of St Fillan's has now been inactive for thirty days and is deleted.",
    );
    w.admit(back, KILGARRY, "P6", TERM_2026);
    for _ in 0..18 {
        w.admit_new(INNIS_BHEAG, "P4", TERM_2026);
    }
    let moving = w.staff(TULLYBRAE, true)[3];
    w.appoint(moving, ARDMORE, TERM_2026);
    w.night(
        "2026-08-18",
        "Term starts, in the right order and in the wrong one",
        "S1 have their accounts at the new school, out of grace or out of the holidays, and P1 their first. Inverlochan has forgotten the end dates \
         of its P7: their transfers wait for somebody's word, like that of a teacher whom Tullybrae still lists. A pupil who left last \
         August is back four days before the year is up. Eighteen children of fish-farm families at tiny Innis Bheag are more new accounts than a \
         guard lets pass.",
    );
    let known = w.known(&cohorts[INVERLOCHAN], 25);
    let here = w.schools[LOCHAN_HIGH].code;
    for (_, username) in &known[..5] {
        w.desk.decide(
            "2026-08-18",
            "Office of Lochan High",
            "approve_transfer",
            username,
            here,
            "",
            "Only school",
        );
    }
    let (deferred, stays) = (&known[5], &known[6]);
    w.desk.decide(
        "2026-08-18",
        "Office of Lochan High",
        "defer_transfer",
        &deferred.1,
        here,
        "",
        "Asking the primary first",
    );
    w.desk.decide(
        "2026-08-18",
        "Office of Lochan High",
        "decline_transfer",
        &stays.1,
        here,
        "",
        "Stays in P7 another year",
    );
    let approval = Approval {
        guard: format!("create@{}/learner", w.schools[INNIS_BHEAG].code),
        by: "Innis Mhòr education office",
        reason: "New families at the fish farm; confirmed with the head",
        expires: "2026-08-31",
    };
    w.approved_night(
        "2026-08-19",
        "Approve, defer, decline",
        "Lochan High approves five transfers, defers one and declines one; the rest go on waiting. Innis Bheag's new pupils are approved and get their accounts.",
        approval,
    );
    let stays = stays.0;
    for &learner in cohorts[INVERLOCHAN].iter().filter(|&&l| l != stays) {
        w.leave(learner, INVERLOCHAN, "2026-06-26");
    }
    w.post(moving, TULLYBRAE).leaving = "2026-08-14".into();
    w.night(
        "2026-08-20",
        "The late primary",
        "Inverlochan has keyed the end dates: everybody who waited moves by itself, the deferred pupil too. The declined one stays in P7. Tullybrae \
         has ended the teacher's post, and the same account moves to Ardmore Road.",
    );
    w.row(stays, LOCHAN_HIGH).listed = false;
    w.night(
        "2026-08-26",
        "Grace runs out",
        "25 August was the last day of grace. Whoever has moved on has long been claimed; those who went elsewhere lose access \
         now. The declined claim is closed, since Lochan High no longer lists the pupil.",
    );
}

fn september(w: &mut World) {
    let (from, to) = (KILGARRY, PORT_UIGE);
    let worker = w.staff(from, true)[1];
    w.post(worker, from).leaving = "2026-08-31".into();
    // Another authority knows the same teacher under another number: a new person as far as Glow can tell.
    let name = w.workers[worker].name.clone();
    let again = w.hire(to, true, "2026-09-01");
    w.workers[again].name = name;
    let moved = w.pupils(ACADEMY, "S3")[10];
    let missing = w.pupils(LOCHAN_HIGH, "S2")[12];
    w.row(moved, ACADEMY).listed = false;
    w.row(missing, LOCHAN_HIGH).listed = false;
    w.admit(moved, LOCHAN_HIGH, "S3", "2026-09-02");
    w.desk.export(BALNACRAIG, Export::NoCounts);
    w.desk.spoil(BALNACRAIG, Which::Learners, |sheet| {
        sheet.rows.truncate(130)
    });
    w.night(
        "2026-09-02",
        "Gone from the list without an end date",
        "Two pupils are missing from good exports: they are marked and keep their accounts. Balnacraig's file ends in the middle \
         and does not say how long it should be, but too many people are missing from it: the school is held. The leaver restored in July reaches the end of \
         grace; the one of 2025 is deleted, a year after grace. A teacher went from Strathgarry to Innis Mhòr, another authority: a new account.",
    );
    w.row(missing, LOCHAN_HIGH).listed = true;
    w.night(
        "2026-09-03",
        "Found again",
        "One of the two is back on the list. The other is missing a second time while Lochan High has the pupil on roll, so the account \
         moves. Balnacraig's file is whole.",
    );
    w.schools[DUNFINLAY].sharing = "Y";
    w.night(
        "2026-09-22",
        "Dunfinlay joins",
        "Dunfinlay Primary has opted in: all its pupils and staff get their accounts in one night. A school that had none is not \
         measured against itself.",
    );
}
