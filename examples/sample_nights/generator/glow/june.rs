//! June in Scotland: a school year at once, early leavers, and the mistakes of real exports.

use super::super::desk::{Export, Which};
use super::*;

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

pub fn june(w: &mut World, adult: usize) {
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
    w.desk.decide([
        "2026-06-10",
        "Head of Balnacraig",
        "not_a_leaver",
        &username,
        "",
        "14",
        note,
    ]);
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
        "Eight files with something wrong",
        "Balnacraig's leaver is released, the day after the last day. Besides: a candidate number that lost its leading zero, a date with \
         slashes, an accent that became a question mark, a school nobody knows, a row that stands twice, a file with BOM and CRLF, one \
         with its columns in another order, and a login with the council's prefix. Four people are held untouched; the login is taken as it stands, with a warning.",
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
    w.desk.export(ST_FILLANS, Export::NoCounts);
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
