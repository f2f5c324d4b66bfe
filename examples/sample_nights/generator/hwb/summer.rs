//! From the end of term to late September in Wales.

use super::super::desk::{Approval, Export, Which};
use super::*;

pub fn july(w: &mut World, sixth: usize) -> Vec<Vec<usize>> {
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

pub fn august(w: &mut World, cohorts: &[Vec<usize>], summer: usize, renamed: &str) {
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
    groups::new_year(w);
    w.desk.export(RHYD_Y_GROES, Export::Silent);
    w.night(
        "2026-08-17",
        "Year 7, in the right order and in the wrong one",
        "Where the primary had released its Year 6, their accounts are now in Year 7. Maes-y-Dre has forgotten the leaving \
         dates and Rhyd-y-Groes's client has not run since 4 August: their pupils wait for release, and nobody takes them away. \
         Two who left last summer come back twelve months later, just in time for the same accounts. Groups of the new year are open since the fifteenth, \
         and Glan Awen's two classes have theirs.",
    );
    for school in [MAES_Y_DRE, RHYD_Y_GROES] {
        end_of_year(w, school, "2026-07-20");
    }
    for value in ["display", "username"] {
        let note = "The family asks for the new name before term";
        let by = "Digital champion of Castle Street Primary School";
        w.desk
            .decide(["2026-08-17", by, "rename", renamed, "", value, note]);
    }
    w.rollover(RHYD_Y_GROES, "2026-08-01");
    nursery(w, RHYD_Y_GROES, "2026-09-01");
    w.night(
        "2026-08-18",
        "The two late primaries",
        "The leaving dates are keyed and the client has run. Everybody who waited moves in one step, release and claim in the \
         same night. At Castle Street the pupil with another surname since June gets it shown and in the username; the old \
         address goes on receiving mail.",
    );
}

pub fn september(w: &mut World) {
    let (mover, previous) = w.known_staff(&w.staff(PONT_AWEN, true)[1..]);
    let previous = previous.trim_end_matches('1').to_string();
    w.post(mover, PONT_AWEN).leaving = "2026-08-31".into();
    w.appoint(mover, CASTLE_STREET, "2026-09-01");
    for (from, to) in [(GLAN_AWEN, BRO_HAFREN), (HAFREN_VIEW, LLAN_Y_BRYN)] {
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
         away from Hafren View a year ago has not come back; that account is deleted. 31 August was the last day of the \
         supply teacher's account and of the printer's: both expire, and can be reactivated for twelve months. \
         The school year ended yesterday: last year's two groups are archived with everybody in them.",
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
    groups::change_of_class(w);
    w.night(
        "2026-09-03",
        "Found again",
        "One of the two is back on the list. The other is missing a second time while the Gyfun has the pupil on roll, so the account moves. \
         Trem yr Afon's file is whole. A pupil of Glan Awen has changed class: one group lets go and takes in, nobody does it by hand.",
    );
    requests::september(w, &previous);
    w.admit_new(BLAEN_NANT, "1", "2026-09-21");
    w.admit_named(GLAN_AWEN, "8", "2026-09-14", "Meurig", "Lleucu");
    let leaver = w.pupils(BRO_HAFREN, "10")[20];
    w.leave(leaver, BRO_HAFREN, "2026-09-18");
    w.night(
        "2026-09-24",
        "Everybody has settled in",
        "Two new pupils, one leaver, and otherwise nothing. Most nights of the year look like this one. Last year's Welsh is asked back for revision: the group returns, \
         and belongs to no class.",
    );
    groups::back_again(w);
}
