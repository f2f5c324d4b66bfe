//! Accounts that no roll makes: asked for in June, looked through in July, gone or back in September.

use super::*;

/// The authority that asks for its adviser.
const AUTHORITY: &str = "Dyffryn Awen";
/// The day of every request: one that nobody settles waits for thirty days, until 8 July.
const ASKED: &str = "2026-06-08";

/// St Tysul's asks by hand for a pupil who has a temporary UPN only.
pub fn learner(w: &mut World) {
    let school = w.schools[ST_TYSULS].code;
    let by = "Office of St Tysul's";
    w.desk.request([
        ASKED, by, "learner", "Cadwgan", "Elan", school, "", "", "", "", "",
    ]);
}

/// One request of a school's digital champion: role, names, work e-mail, last day.
fn ask(w: &mut World, school: usize, [role, surname, forename, email, until]: [&str; 5]) {
    let (code, by) = (w.schools[school].code, champion(w, school));
    let job = if role == "ite_student" {
        "Student teacher"
    } else {
        ""
    };
    w.desk.request([
        ASKED, &by, role, surname, forename, code, "", job, email, "", until,
    ]);
}

/// Who asks and decides for a school.
fn champion(w: &World, school: usize) -> String {
    format!("Digital champion of {}", w.schools[school].name)
}

/// The requests: five become accounts, one is refused, one waits.
pub fn june(w: &mut World) {
    let (governor, supply) = ("heledd.machreth@example.org", "llyr.cynwal@example.org");
    ask(
        w,
        CWM_DERW,
        ["governor", "Machreth", "Heledd", governor, ""],
    );
    ask(
        w,
        CASTLE_STREET,
        ["supply", "Cynwal", "Llŷr", supply, "2026-12-18"],
    );
    ask(
        w,
        GLAN_AWEN,
        ["ite_student", "Gwenallt", "Siôn", "", "2026-07-03"],
    );
    ask(w, GYFUN, ["service", "Argraffydd", "", "", ""]);
    w.desk.request([
        ASKED,
        "Hwb team of Dyffryn Awen",
        "authority_staff",
        "Madryn",
        "Nêst",
        "",
        AUTHORITY,
        "Welsh-language adviser",
        "nest.madryn@example.org",
        "",
        "",
    ]);
    ask(w, BRO_HAFREN, ["ite_student", "Cadwaladr", "Mabli", "", ""]);
    ask(
        w,
        HAFREN_VIEW,
        ["supply", "Cynwal", "Llŷr", supply, "2026-07-17"],
    );
    w.night(
        "2026-06-15",
        "Accounts for people on no roll",
        "Digital champions ask for a governor, a supply teacher, a student teacher and a library printer, the authority for an \
         adviser. The supply teacher was asked for until December, but no such account outlasts 31 August. A student teacher \
         without the placement's last day is refused. Hafren View asks for somebody whose work e-mail belongs to an account \
         already: that request waits, and the champion finds out whether it is the same person.",
    );
}

/// The list in July, and what people decide about it.
pub fn eight_weeks(w: &mut World) {
    w.night(
        "2026-07-08",
        "The eight-week list",
        "31 August is less than eight weeks away, so every account on request that ends then is on the list of its champion, \
         who keeps it, closes it or lets it be. The student teacher's placement ended on 3 July, and the account \
         with it. Hafren View's request is on its thirtieth day: nobody has settled it yet.",
    );
    let decide =
        |w: &mut World, by: &str, decision: &str, account: &str, value: &str, note: &str| {
            w.desk
                .decide(["2026-07-08", by, decision, account, "", value, note]);
        };
    let (derw, gyfun) = (champion(w, CWM_DERW), champion(w, GYFUN));
    let next = "end_of_next_academic_year";
    decide(
        w,
        &derw,
        "keep_account",
        "MachrethH1",
        next,
        "Governor until 2027",
    );
    let team = "Hwb team of Dyffryn Awen";
    decide(
        w,
        team,
        "keep_account",
        "MadrynN1",
        "6_months",
        "Seconded until the spring",
    );
    decide(
        w,
        &gyfun,
        "close_account",
        "ArgraffyddA1",
        "on_expiry",
        "A new printer comes in September",
    );
    w.night(
        "2026-07-09",
        "Keep, close or let be",
        "The governor is kept to the end of the next academic year, 31 August 2027; the adviser for six months from the day \
         after the last one, to 28 February 2027. The printer may expire on its last day. Nobody says anything about the supply \
         teacher, whose account stays on the list. Hafren View never answered: after thirty days its request is refused.",
    );
}

/// Who comes back in September, and a child who must not be found.
pub fn september(w: &mut World, previous: &str) {
    let by = champion(w, CASTLE_STREET);
    let until = "2026-12-18";
    w.desk.decide([
        "2026-09-07",
        &by,
        "reactivate_account",
        "CynwalL1",
        "",
        until,
        "Covers Year 3 until Christmas",
    ]);
    let (old, new) = (format!("{previous}1"), format!("{previous}2"));
    w.desk.decide([
        "2026-09-07",
        "Hwb Service Desk",
        "keep_previous_account",
        &old,
        "",
        &new,
        "Asked for by the teacher",
    ]);
    w.night(
        "2026-09-08",
        "Two accounts come back",
        "The supply teacher covers a class until Christmas: the champion reactivates the account, to 18 December. One of the three \
         teachers who moved wants to keep the account of the school before: it goes on at Castle Street, and the new one, \
         superseded, is nobody's any more.",
    );
    let child = w.pupils(ST_TYSULS, "5")[6];
    w.leave(child, ST_TYSULS, "2026-09-08");
    w.admit_named(RHYD_Y_GROES, "5", "2026-09-09", "Mererid", "Gwenno");
    w.night(
        "2026-09-09",
        "A child who must not be found",
        "A pupil of St Tysul's has been given a new identity, with a new UPN, a new name and a new record at a school of the other \
         authority. onroll sees one leaver and one newcomer: the old account is released, a new one is made, and no file \
         or message says that they belong together.",
    );
}
