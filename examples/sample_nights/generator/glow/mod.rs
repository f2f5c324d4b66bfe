//! Scotland: Strathgarry and Innis Mhòr, June to September 2026.

mod june;
mod summer;

use super::Files;
use super::names::{Name, Nation};
use super::school;
use super::world::World;

const AUTHORITIES: &[(&str, &str, &str)] =
    &[("991", "Strathgarry", "sg-"), ("992", "Innis Mhòr", "im-")];
const YEARS: &[&str] = &[
    "P1", "P2", "P3", "P4", "P5", "P6", "P7", "S1", "S2", "S3", "S4", "S5", "S6",
];

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

const PRIMARIES: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13];
const TERM_2025: &str = "2025-08-19";
const TERM_2026: &str = "2026-08-18";

/// The Scottish nights.
pub fn build() -> Files {
    let mut w = World::new(
        Nation::Scotland,
        AUTHORITIES,
        school::read(include_str!("../../lists/glow_schools.csv")),
        YEARS,
        0x6C0F_2026,
    );
    w.populate(2024, "08-20");
    shared_teachers(&mut w);
    // Back at school as a grown woman, with the number she was given as a child.
    let adult = w.identifier(7);
    let adult = w.person(adult, Name::new("Auchterlonie", "Moira"));
    w.admit(adult, ACADEMY, "S4", "2024-08-20");
    let back = prologue(&mut w);
    june::june(&mut w, adult);
    let cohorts = summer::end_of_term(&mut w);
    summer::august(&mut w, &cohorts, back);
    summer::september(&mut w);
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
    w.desk.decide([
        "2025-06-20",
        "Depute head of Lochan High",
        "assign_grace",
        &graced,
        "",
        "",
        "Portfolio for art college",
    ]);
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
