//! Wales: Dyffryn Awen and Bro Hafren, June to September 2026.

mod groups;
mod june;
mod requests;
mod summer;

use super::Files;
use super::names::{Name, Nation};
use super::school;
use super::world::World;

const AUTHORITIES: &[(&str, &str, &str)] =
    &[("698", "Dyffryn Awen", ""), ("699", "Bro Hafren", "")];
const YEARS: &[&str] = &[
    "N", "R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13",
];

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

/// The Welsh nights.
pub fn build() -> Files {
    let mut w = World::new(
        Nation::Wales,
        AUTHORITIES,
        school::read(include_str!("../../lists/hwb_schools.csv")),
        YEARS,
        0x0A57_2026,
    );
    w.populate(2024, "09-02");
    let holder = w.pupils(PONT_AWEN, "2")[4];
    w.learners[holder].name = Name::new("Goronwy", "Tŵm");
    let away = prologue(&mut w);
    let renamed = june::june(&mut w);
    requests::june(&mut w);
    requests::eight_weeks(&mut w);
    let cohorts = summer::july(&mut w, away.sixth);
    summer::august(&mut w, &cohorts, away.summer, &renamed);
    summer::september(&mut w);
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
    groups::autumn(w);
    w.prologue(
        "2025-09-02",
        "A year earlier: term begins",
        "Everybody moves up a year. Last summer's Year 6 are on roll in Year 7, so their own accounts come back to life \
         at the new school; new nursery children get their first. Two families moved away in August. Glan Awen exports two classes, and each becomes a group.",
    );
    Away { sixth, summer }
}
