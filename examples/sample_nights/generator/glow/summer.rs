//! From the end of term to late September in Scotland.

use super::super::desk::{Approval, Export, Which};
use super::*;

pub fn end_of_term(w: &mut World) -> Vec<Vec<usize>> {
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
        w.desk.decide([
            "2026-06-22",
            &by,
            "assign_grace",
            "",
            w.schools[school].code,
            "P7",
            note,
        ]);
    }
    w.desk.decide([
        "2026-06-23",
        "Strathgarry Academy",
        "assign_grace",
        &single,
        "",
        "",
        "Needs the portfolio until August",
    ]);
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
    w.desk.decide([
        "2026-07-03",
        "Strathgarry Academy",
        "restore_with_grace",
        &restored,
        "",
        "",
        "Asked a week late",
    ]);
    if !left_early.is_empty() {
        let by = "Office of Kilgarry Primary School";
        w.desk.decide([
            "2026-07-03",
            by,
            "restore_with_grace",
            &left_early,
            "",
            "",
            "Asked for old photographs",
        ]);
    }
    piping_tutor(w);
    w.night(
        "2026-07-06",
        "Asked after leaving",
        "One school leaver gets the account back for 60 days from the day it was asked for. A second request comes more than 90 \
         days after leaving and is refused with that reason. Ardmore Road asks by hand for an account for a piping tutor: refused, because in Glow every account comes from SEEMiS. \
         The late leaver of St Fillan's has not yet been inactive for thirty days.",
    );
    cohorts
}

/// Ardmore Road asks by hand for somebody who is on no roll.
fn piping_tutor(w: &mut World) {
    w.desk.request([
        "2026-07-03",
        "Office of Ardmore Road Primary School",
        "supply",
        "MacIlleDhuinn",
        "Mòrag",
        w.schools[ARDMORE].code,
        "",
        "Piping tutor",
        "",
        "",
        "",
    ]);
}

pub fn august(w: &mut World, cohorts: &[Vec<usize>], back: usize) {
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
        w.desk.decide([
            "2026-08-18",
            "Office of Lochan High",
            "approve_transfer",
            username,
            here,
            "",
            "Only school",
        ]);
    }
    let (deferred, stays) = (&known[5], &known[6]);
    w.desk.decide([
        "2026-08-18",
        "Office of Lochan High",
        "defer_transfer",
        &deferred.1,
        here,
        "",
        "Asking the primary first",
    ]);
    w.desk.decide([
        "2026-08-18",
        "Office of Lochan High",
        "decline_transfer",
        &stays.1,
        here,
        "",
        "Stays in P7 another year",
    ]);
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

pub fn september(w: &mut World) {
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
