//! June in Wales: a school year at once, early leavers, and the mistakes of real exports.

use super::super::desk::{Export, Which};
use super::*;

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

/// Returns the username of the pupil whose surname changes.
pub fn june(w: &mut World) -> String {
    school_year(w);
    let candidates = w.pupils(CASTLE_STREET, "4");
    let (renamed, of_renamed) = w.known(&candidates, 25).swap_remove(0);
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
    requests::learner(w);
    groups::frozen(w);
    w.admit_named(LLAN_Y_BRYN, "4", "2026-06-08", "Iorwerth", "Siân-Haf");
    w.night(
        "2026-06-09",
        "A quiet night",
        "One new pupil at Llan-y-Bryn gets an account. Another, at St Tysul's, has only a temporary UPN: no account until \
         the permanent one is there, and the office can read why. The school asks for one by hand instead: refused, because a \
         learner's account comes from the roll alone. Since 6 June groups follow no class: Glan Awen moves a pupil, and the group stays.",
    );
    let late = w.pupils(GARREG_WEN, "6")[7];
    w.leave(late, GARREG_WEN, "2025-05-23");
    w.row(late, GARREG_WEN).start = "2019-09-02".into();
    let candidates = w.pupils(CWM_DERW, "4");
    let (mistaken, username) = w.known(&candidates, 25).swap_remove(0);
    w.leave(mistaken, CWM_DERW, "2026-06-10");
    let note = "Leaving date keyed for the wrong child; the office will correct it";
    w.desk.decide([
        "2026-06-10",
        "Head of Cwm Derw",
        "not_a_leaver",
        &username,
        "",
        "14",
        note,
    ]);
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
        "Seven files with something wrong",
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
    of_renamed
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
    w.desk.export(ST_TYSULS, Export::NoCounts);
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
