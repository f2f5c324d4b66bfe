//! The classes of Glan Awen: groups of two academic years.

use super::*;

const LAST_YEAR: &str = "2025/2026";
const THIS_YEAR: &str = "2026/2027";
const MATHS: &str = "8A-MA";
const WELSH: &str = "10B-CY";

/// The first classes; their groups are made the same night.
pub fn autumn(w: &mut World) {
    let eights: Vec<usize> = w.pupils(GLAN_AWEN, "8")[..9].to_vec();
    w.open_class(GLAN_AWEN, [MATHS, "Year 8 Mathemateg", LAST_YEAR], &eights);
    let tens: Vec<usize> = w.pupils(GLAN_AWEN, "10")[..8].to_vec();
    w.open_class(GLAN_AWEN, [WELSH, "Year 10 Cymraeg", LAST_YEAR], &tens);
}

/// After the freeze date somebody changes class in the MIS, and the group stays as it is.
pub fn frozen(w: &mut World) {
    let late = w.pupils(GLAN_AWEN, "8")[12];
    w.class_named(MATHS).learners.push(late);
}

/// The new year's classes, from the night on which its groups open.
pub fn new_year(w: &mut World) {
    let eights: Vec<usize> = w.pupils(GLAN_AWEN, "8")[..9].to_vec();
    w.open_class(GLAN_AWEN, [MATHS, "Year 8 Mathemateg", THIS_YEAR], &eights);
    let sevens: Vec<usize> = w.pupils(GLAN_AWEN, "7")[..7].to_vec();
    w.open_class(GLAN_AWEN, ["7C-HA", "Year 7 Hanes", THIS_YEAR], &sevens);
}

/// A pupil changes class in the second week.
pub fn change_of_class(w: &mut World) {
    let newcomer = w.pupils(GLAN_AWEN, "7")[7];
    let history = w.class_named("7C-HA");
    history.learners.remove(0);
    history.learners.push(newcomer);
}

/// Last year's Welsh is wanted once more.
pub fn back_again(w: &mut World) {
    w.restored(
        GLAN_AWEN,
        [WELSH, LAST_YEAR],
        "Digital champion of Ysgol Glan Awen",
        "revision before the November resits",
    );
}
