//! Wales: Dyffryn Awen and Bro Hafren, June to September 2026.

use super::Files;
use super::emit::{Approval, Export, Which};
use super::names::{Name, Nation};
use super::world::{Classes, School, World};

const AUTHORITIES: &[(&str, &str, &str)] =
    &[("698", "Dyffryn Awen", ""), ("699", "Bro Hafren", "")];
const YEARS: &[&str] = &[
    "N", "R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13",
];
const TREES: Classes = Classes::Trees(&["Helyg", "Bedwen", "Onnen", "Derwen"]);

const LLAN_Y_BRYN: usize = 0;
const PONT_AWEN: usize = 1;
const CWM_DERW: usize = 2;
const CASTLE_STREET: usize = 3;
const MAES_Y_DRE: usize = 4;
const BLAEN_NANT: usize = 5;
const ST_TYSULS: usize = 6;
const GLAN_AWEN: usize = 7;
const GYFUN: usize = 8;
const PLAS_AWEN: usize = 10;
const HAFREN_VIEW: usize = 11;
const GARREG_WEN: usize = 12;
const RHYD_Y_GROES: usize = 13;
const TREM_YR_AFON: usize = 14;
const BRO_HAFREN: usize = 15;

const PRIMARIES: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 11, 12, 13, 14];

fn schools() -> Vec<School> {
    let primary = |code, name, authority, cohorts, feeds, staff, classes| School {
        code,
        name,
        authority,
        phase: "primary",
        maintained: true,
        sharing: "",
        cohorts,
        youngest: "N",
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
        sharing: "",
        cohorts,
        youngest,
        feeds: None,
        staff,
        classes: Classes::Letters,
    };
    let letters = Classes::Letters;
    let mut all = vec![
        primary(
            "6982101",
            "Ysgol Gynradd Llan-y-Bryn",
            0,
            &[18, 20, 21, 19, 22, 20, 21, 20],
            GYFUN,
            (9, 5),
            TREES,
        ),
        primary(
            "6982102",
            "Pont Awen Primary School",
            0,
            &[24, 27, 26, 28, 25, 27, 26, 27],
            GLAN_AWEN,
            (10, 6),
            letters,
        ),
        primary(
            "6982103",
            "Ysgol Gynradd Cwm Derw",
            0,
            &[22, 24, 23, 25, 24, 23, 25, 24],
            GYFUN,
            (9, 5),
            letters,
        ),
        primary(
            "6982104",
            "Castle Street Primary School",
            0,
            &[20, 22, 24, 21, 23, 24, 22, 23],
            GLAN_AWEN,
            (9, 5),
            letters,
        ),
        primary(
            "6982105",
            "Maes-y-Dre Community Primary",
            0,
            &[22, 24, 22, 23, 24, 25, 23, 24],
            GLAN_AWEN,
            (9, 5),
            letters,
        ),
        primary(
            "6982106",
            "Ysgol Blaen Nant",
            0,
            &[3, 3, 4, 3, 3, 3, 3, 3],
            GYFUN,
            (2, 1),
            TREES,
        ),
        primary(
            "6982107",
            "St Tysul's Catholic Primary",
            0,
            &[14, 15, 16, 15, 14, 16, 15, 15],
            GLAN_AWEN,
            (7, 4),
            letters,
        ),
        older(
            "6984011",
            "Ysgol Uwchradd Glan Awen",
            0,
            "secondary",
            "7",
            &[88, 90, 87, 91, 89, 46, 39],
            (36, 14),
        ),
        older(
            "6984012",
            "Ysgol Gyfun Dyffryn Awen",
            0,
            "secondary",
            "7",
            &[66, 64, 67, 65, 66, 34, 30],
            (29, 11),
        ),
        older(
            "6987001",
            "Ysgol Heol y Felin",
            0,
            "special",
            "N",
            &[2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 3, 3],
            (9, 10),
        ),
        older(
            "6986001",
            "Plas Awen College",
            0,
            "independent",
            "7",
            &[11, 12, 12, 11, 12],
            (8, 4),
        ),
        primary(
            "6992201",
            "Hafren View Primary School",
            1,
            &[23, 25, 24, 26, 24, 25, 26, 25],
            BRO_HAFREN,
            (10, 6),
            letters,
        ),
        primary(
            "6992202",
            "Ysgol y Garreg Wen",
            1,
            &[19, 21, 20, 20, 21, 19, 22, 20],
            BRO_HAFREN,
            (8, 5),
            TREES,
        ),
        primary(
            "6992203",
            "Rhyd-y-Groes Primary School",
            1,
            &[17, 19, 18, 20, 18, 19, 18, 19],
            BRO_HAFREN,
            (8, 4),
            letters,
        ),
        primary(
            "6992204",
            "Trem yr Afon Primary School",
            1,
            &[22, 23, 24, 22, 25, 23, 24, 24],
            BRO_HAFREN,
            (9, 5),
            letters,
        ),
        older(
            "6994021",
            "Bro Hafren High School",
            1,
            "secondary",
            "7",
            &[86, 88, 85, 84, 87],
            (31, 12),
        ),
    ];
    all[PLAS_AWEN].maintained = false;
    all
}

/// The Welsh nights.
pub fn build() -> Files {
    let mut w = World::new(Nation::Wales, AUTHORITIES, schools(), YEARS, 0x0A57_2026);
    w.populate(2024, "09-02");
    let holder = w.pupils(PONT_AWEN, "2")[4];
    w.learners[holder].name = Name::new("Goronwy", "Tŵm");
    let away = prologue(&mut w);
    june(&mut w);
    let cohorts = july(&mut w, away.sixth);
    august(&mut w, &cohorts, away.summer);
    september(&mut w);
    w.desk
        .finish("hwb", "A summer in Dyffryn Awen and Bro Hafren")
}

/// People who left in 2025 and whom 2026 will see again.
struct Away {
    sixth: usize,
    summer: usize,
}

/// Keys leaving dates for those whose schooling here ends, and says who joins another sixth form.
fn end_of_year(w: &mut World, school: usize, on: &str) -> Vec<usize> {
    let mut movers = Vec::new();
    match w.oldest(school) {
        "13" => {
            for (place, learner) in w.pupils(school, "11").into_iter().enumerate() {
                if school != 9 && place % 20 >= 11 {
                    w.leave(learner, school, on);
                }
            }
            for (place, learner) in w.pupils(school, "12").into_iter().enumerate() {
                if school != 9 && place % 8 == 7 {
                    w.leave(learner, school, on);
                }
            }
            w.pupils(school, "13")
                .into_iter()
                .for_each(|l| w.leave(l, school, on));
        }
        oldest => {
            for (place, learner) in w.pupils(school, oldest).into_iter().enumerate() {
                w.leave(learner, school, on);
                if school == BRO_HAFREN && place % 9 == 2 {
                    movers.push(learner);
                }
            }
        }
    }
    movers
}

/// Admits last year's Year 6 of a primary to Year 7; one in 19 goes elsewhere.
fn intake_of(w: &mut World, from: usize, cohort: &[usize], start: &str) {
    let Some(to) = w.schools[from].feeds else {
        return;
    };
    for (place, &learner) in cohort.iter().enumerate() {
        if place % 19 != 18 {
            w.admit(learner, to, "7", start);
        }
    }
}

fn nursery(w: &mut World, school: usize, start: &str) {
    for _ in 0..w.schools[school].cohorts[0] {
        w.admit_new(school, "N", start);
    }
}

fn prologue(w: &mut World) -> Away {
    w.prologue(
        "2025-06-10",
        "A year earlier: the first night",
        "The directory is empty. Every pupil and teacher of the fifteen maintained schools gets an account. \
         Plas Awen College is independent: its people are listed, but the platform does not serve them.",
    );
    let cohorts: Vec<Vec<usize>> = (0..w.schools.len()).map(|s| w.pupils(s, "6")).collect();
    let sixth = w.pupils(GLAN_AWEN, "11")[15];
    let mut movers = Vec::new();
    for school in 0..w.schools.len() {
        movers.extend(end_of_year(w, school, "2025-07-21"));
    }
    w.prologue(
        "2025-07-25",
        "A year earlier: the schools break up",
        "Year 6 and the leavers of Years 11 to 13 had 21 July 2025 as their last day. Their accounts become inactive; \
         the twelve months after which an account is deleted begin to count.",
    );
    for school in 0..w.schools.len() {
        w.rollover(school, "2025-08-01");
    }
    let summer = w.pupils(PONT_AWEN, "4")[6];
    w.leave(summer, PONT_AWEN, "2025-08-29");
    let gone = w.pupils(HAFREN_VIEW, "3")[2];
    w.leave(gone, HAFREN_VIEW, "2025-08-29");
    for &school in PRIMARIES {
        intake_of(w, school, &cohorts[school], "2025-09-01");
        nursery(w, school, "2025-09-01");
    }
    for learner in movers {
        w.admit(learner, GLAN_AWEN, "12", "2025-09-01");
    }
    w.prologue(
        "2025-09-02",
        "A year earlier: term begins",
        "Everybody moves up a year. Last summer's Year 6 are on roll in Year 7, so their own accounts come back to life \
         at the new school; new nursery children get their first. Two families moved away in August.",
    );
    Away { sixth, summer }
}

/// Moves, arrivals and departures of the school year, seen at once.
fn school_year(w: &mut World) {
    w.clear_leavers("2025-09-01");
    for (place, &from) in PRIMARIES.iter().enumerate() {
        if from == BLAEN_NANT {
            continue;
        }
        let to = PRIMARIES[(place + 3) % PRIMARIES.len()];
        let learner = w.pupils(from, "3")[5];
        w.leave(learner, from, "2026-01-09");
        w.admit(learner, to, "3", "2026-01-12");
        w.admit_new(from, "5", "2025-11-03");
    }
    for school in [CWM_DERW, ST_TYSULS, GLAN_AWEN, BRO_HAFREN] {
        let learner = w.roll(school)[31];
        w.leave(learner, school, "2026-02-13");
    }
    for school in [PONT_AWEN, GLAN_AWEN, BRO_HAFREN] {
        let worker = w.staff(school, true)[3];
        w.post(worker, school).leaving = "2025-12-31".into();
        w.hire(school, true, "2026-01-05");
    }
}

fn june(w: &mut World) {
    school_year(w);
    let renamed = w.pupils(CASTLE_STREET, "4")[1];
    w.learners[renamed].name.surname = "Trahaearn".into();
    let early = w.pupils(CWM_DERW, "5")[3];
    w.leave(early, CWM_DERW, "2026-06-10");
    w.night(
        "2026-06-08",
        "The summer begins",
        "Nine months have passed since the last run. Ten pupils changed primary school in January and their accounts go with \
         them; teachers who left have lost theirs, their successors get one. One pupil's legal surname is another now: \
         the account keeps its name and the office is told. Cwm Derw has keyed a leaving date two days ahead; nothing happens yet.",
    );
    let (temporary, permanent) = w.temporary_upn(26);
    let waiting = w.person(temporary, Name::new("Cadwgan", "Elan"));
    w.admit(waiting, ST_TYSULS, "R", "2026-06-08");
    w.admit_named(LLAN_Y_BRYN, "4", "2026-06-08", "Iorwerth", "Siân-Haf");
    w.night(
        "2026-06-09",
        "A quiet night",
        "One new pupil at Llan-y-Bryn gets an account. Another, at St Tysul's, has only a temporary UPN: no account until \
         the permanent one is there, and the office can read why.",
    );
    let late = w.pupils(GARREG_WEN, "6")[7];
    w.leave(late, GARREG_WEN, "2025-05-23");
    w.row(late, GARREG_WEN).start = "2019-09-02".into();
    let candidates = w.pupils(CWM_DERW, "4");
    let (mistaken, username) = w.known(&candidates, 25).swap_remove(0);
    w.leave(mistaken, CWM_DERW, "2026-06-10");
    let note = "Leaving date keyed for the wrong child; the office will correct it";
    w.desk.decide(
        "2026-06-10",
        "Head of Cwm Derw",
        "not_a_leaver",
        &username,
        "",
        "14",
        note,
    );
    w.night(
        "2026-06-10",
        "The last day is still a day on roll",
        "Cwm Derw's early leaver has today as the last day and keeps the account. A second leaving date there stands at the \
         wrong child; the head has said so, and for 14 days that account stays. At Garreg Wen a leaving date of May 2025 was \
         keyed a year late: the account is released tonight, but never deleted in the same breath.",
    );
    mistakes(w);
    w.night(
        "2026-06-11",
        "Six files with something wrong",
        "Cwm Derw's leaver is released, the day after the last day. Besides: a name that lost its ŵ on the way, a date with \
         slashes, a mistyped UPN, an establishment nobody knows, a row that stands twice, a file with BOM and CRLF, and one whose \
         columns stand in another order. Four people are held untouched; the rest is read as if nothing were wrong.",
    );
    w.learners[waiting].id = permanent;
    w.row(mistaken, CWM_DERW).leaving.clear();
    w.desk.export(GARREG_WEN, Export::Failed);
    w.desk.spoil(RHYD_Y_GROES, Which::Learners, |sheet| {
        sheet.rows.truncate(90)
    });
    w.night(
        "2026-06-12",
        "One export failed, one was cut off",
        "Yesterday's mistakes are corrected, and the permanent UPN has come: St Tysul's pupil gets an account. \
         Garreg Wen's export broke and Rhyd-y-Groes sent fewer rows than it claims; both schools stay as they were while the others go on.",
    );
}

/// The mistakes that real exports have.
fn mistakes(w: &mut World) {
    let find = |w: &World, school, year, place: usize| {
        let learner = w.pupils(school, year)[place];
        w.learners[learner].id.clone()
    };
    let wide = w
        .learners
        .iter()
        .find(|l| l.name.surname == "Goronwy")
        .map(|l| l.id.clone())
        .expect("one of them");
    w.desk.spoil(PONT_AWEN, Which::Learners, move |s| {
        *s.cell(&wide, "legal_forename") = "T?m".into()
    });
    let slashes = find(w, CASTLE_STREET, "6", 4);
    w.desk.spoil(CASTLE_STREET, Which::Learners, move |s| {
        *s.cell(&slashes, "leaving_date") = "31/08/2026".into()
    });
    let mistyped = find(w, LLAN_Y_BRYN, "2", 3);
    w.desk.spoil(LLAN_Y_BRYN, Which::Learners, move |s| {
        let place = s.position(&mistyped);
        let serial = if mistyped.ends_with('7') { "8" } else { "7" };
        s.rows[place][1] = format!("{}{serial}", &mistyped[..12]);
    });
    let astray = find(w, ST_TYSULS, "1", 2);
    w.desk.spoil(ST_TYSULS, Which::Learners, move |s| {
        *s.cell(&astray, "establishment") = "6982199".into()
    });
    let twice = find(w, CWM_DERW, "3", 8);
    w.desk.spoil(CWM_DERW, Which::Learners, move |s| {
        let row = s.rows[s.position(&twice)].clone();
        s.rows.push(row);
    });
    w.desk
        .spoil(HAFREN_VIEW, Which::Learners, |s| s.spreadsheet = true);
    w.desk
        .spoil(TREM_YR_AFON, Which::Learners, |s| s.other_layout());
}

fn july(w: &mut World, sixth: usize) -> Vec<Vec<usize>> {
    let cohorts: Vec<Vec<usize>> = (0..w.schools.len()).map(|s| w.pupils(s, "6")).collect();
    for school in (0..w.schools.len()).filter(|s| ![MAES_Y_DRE, RHYD_Y_GROES].contains(s)) {
        end_of_year(w, school, "2026-07-20");
    }
    w.desk.spoil(CASTLE_STREET, Which::Learners, |sheet| {
        for row in sheet.rows.iter_mut().filter(|r| r[8].is_empty()) {
            row[8] = "2026-07-10".into();
        }
    });
    w.night(
        "2026-07-13",
        "A whole school leaves by mistake",
        "The offices have keyed 20 July for Year 6 and the other leavers; nothing happens before it has passed. At Castle Street \
         somebody gave everybody else a leaving date of last Friday: a guard holds those releases and nobody loses an account. The late leaver of \
         June, long past the twelve months, has now been inactive for thirty days and is deleted.",
    );
    w.admit(sixth, GLAN_AWEN, "12", "2026-09-01");
    w.night(
        "2026-07-14",
        "Castle Street is put right",
        "The dates are gone again and nothing is left to hold. Glan Awen has admitted a pupil for September who left its \
         Year 11 a year ago.",
    );
    for year in ["2", "3", "4"] {
        for learner in w.pupils(BLAEN_NANT, year) {
            w.leave(learner, BLAEN_NANT, "2026-07-20");
        }
    }
    w.night(
        "2026-07-21",
        "The day after the last day",
        "Year 6 and the older leavers are released. Little Blaen Nant loses almost half its roll at once, since the quarry has \
         closed: real, but more than a guard lets pass without a word. Last year's leavers are in their last day of twelve \
         months.",
    );
    let approval = Approval {
        guard: format!("release@{}/learner", w.schools[BLAEN_NANT].code),
        by: "Dyffryn Awen school admissions",
        reason: "The quarry families have moved; confirmed with the head",
        expires: "2026-07-31",
    };
    w.approved_night(
        "2026-07-22",
        "A year and a day",
        "Blaen Nant's leavers are approved and go. The accounts of those who left on 21 July 2025 and never came back are \
         deleted; their usernames are never given out again. The returning sixth former's account is kept for September.",
        approval,
    );
    cohorts
}

fn august(w: &mut World, cohorts: &[Vec<usize>], summer: usize) {
    for school in (0..w.schools.len()).filter(|&s| s != RHYD_Y_GROES) {
        if school != MAES_Y_DRE {
            w.rollover(school, "2026-08-01");
        }
    }
    for &school in PRIMARIES {
        intake_of(w, school, &cohorts[school], "2026-09-01");
    }
    for &learner in &cohorts[PONT_AWEN][18..19] {
        w.admit(learner, PLAS_AWEN, "7", "2026-09-01");
    }
    w.desk.export(RHYD_Y_GROES, Export::On("2026-08-04"));
    w.night(
        "2026-08-10",
        "The rollover",
        "Most schools have finished their end of year: thousands of year groups and classes change and nothing else does. The secondaries \
         list their new Year 7 from 1 September, 22 days ahead: one day too early.",
    );
    w.rollover(MAES_Y_DRE, "2026-08-01");
    for &school in PRIMARIES.iter().filter(|&&s| s != RHYD_Y_GROES) {
        nursery(w, school, "2026-09-01");
    }
    w.admit(summer, CASTLE_STREET, "5", "2026-09-01");
    w.desk.export(RHYD_Y_GROES, Export::Silent);
    w.night(
        "2026-08-17",
        "Year 7, in the right order and in the wrong one",
        "Where the primary had released its Year 6, their accounts are now in Year 7. Maes-y-Dre has forgotten the leaving \
         dates and Rhyd-y-Groes's client has not run since 4 August: their pupils wait for release, and nobody takes them away. \
         Two who left last summer come back twelve months later, just in time for the same accounts.",
    );
    for school in [MAES_Y_DRE, RHYD_Y_GROES] {
        end_of_year(w, school, "2026-07-20");
    }
    w.rollover(RHYD_Y_GROES, "2026-08-01");
    nursery(w, RHYD_Y_GROES, "2026-09-01");
    w.night(
        "2026-08-18",
        "The two late primaries",
        "The leaving dates are keyed and the client has run. Everybody who waited moves in one step, release and claim in the \
         same night.",
    );
}

fn september(w: &mut World) {
    for (from, to) in [
        (PONT_AWEN, CASTLE_STREET),
        (GLAN_AWEN, BRO_HAFREN),
        (HAFREN_VIEW, LLAN_Y_BRYN),
    ] {
        let worker = w.staff(from, true)[1];
        w.post(worker, from).leaving = "2026-08-31".into();
        w.appoint(worker, to, "2026-09-01");
    }
    for school in [GYFUN, GARREG_WEN, TREM_YR_AFON] {
        let worker = w.staff(school, false)[0];
        w.post(worker, school).leaving = "2026-08-31".into();
        w.hire(school, false, "2026-09-01");
    }
    w.night(
        "2026-09-01",
        "Term starts",
        "Three teachers changed school: in Wales that is a new account, and the old one becomes inactive. The family that moved \
         away from Hafren View a year ago has not come back; that account is deleted.",
    );
    let moved = w.pupils(GLAN_AWEN, "9")[10];
    let missing = w.pupils(GYFUN, "8")[12];
    w.row(moved, GLAN_AWEN).listed = false;
    w.row(missing, GYFUN).listed = false;
    w.admit(moved, GYFUN, "9", "2026-09-02");
    w.desk.export(TREM_YR_AFON, Export::NoCounts);
    w.desk.spoil(TREM_YR_AFON, Which::Learners, |sheet| {
        sheet.rows.truncate(150)
    });
    w.night(
        "2026-09-02",
        "Gone from the list without a leaving date",
        "Two pupils are missing from good exports: that is not a leaving date, so they are marked and keep their accounts. \
         Trem yr Afon's file ends in the middle and does not say how long it should be, but too many people are \
         missing from it: the school is held.",
    );
    w.row(missing, GYFUN).listed = true;
    w.night(
        "2026-09-03",
        "Found again",
        "One of the two is back on the list. The other is missing a second time while the Gyfun has the pupil on roll, so the account moves. \
         Trem yr Afon's file is whole.",
    );
    w.admit_new(BLAEN_NANT, "1", "2026-09-21");
    w.admit_named(GLAN_AWEN, "8", "2026-09-14", "Meurig", "Lleucu");
    let leaver = w.pupils(BRO_HAFREN, "10")[20];
    w.leave(leaver, BRO_HAFREN, "2026-09-18");
    w.night(
        "2026-09-24",
        "Everybody has settled in",
        "Two new pupils, one leaver, and otherwise nothing. Most nights of the year look like this one.",
    );
}
