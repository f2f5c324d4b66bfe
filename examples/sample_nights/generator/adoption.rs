//! A directory that exists already: one small school of Wales on the day on which it is taken over.

use super::Files;
use super::numbers::make_upn;

/// Forename, surname, username, year group, class, state.
const LEARNERS: &[[&str; 6]] = &[
    ["Non", "Gwilym", "GwilymN2", "3", "Derwen", "enabled"],
    ["Mabon", "Gwilym", "GwilymM1", "3", "Derwen", "enabled"],
    [
        "Tegwen",
        "ap Rhydderch",
        "ApRhydderchT1",
        "4",
        "Onnen",
        "enabled",
    ],
    ["Ianto", "Cadwaladr", "CadwaladrI4", "5", "Onnen", "enabled"],
    ["Luned", "Wyn", "WynL11", "6", "Helyg", "enabled"],
    ["Rhun", "Tudur", "TudurR3", "6", "Helyg", "disabled"],
];

const STORY: &str = r#"policy = "hwb"
title = "A school that has accounts already"

[[night]]
as_of = "2026-06-15"
title = "The directory is taken over"
text = "Ysgol Bryn Heulog's accounts were made by hand for years. Its administrator exports them, adds the pupil numbers from the school's own system, and runs `onroll adopt`. Numbers become keyed hashes, passwords are not read. Rhun left years ago: his account begins its twelve months today, so nothing is deleted on the first night. One row has no number, so nobody can tell whose it is: it is left out, and its username is never given out again."
adopt = "accounts.csv"

[[night]]
as_of = "2026-06-16"
title = "The first night after"
text = "The roll finds its own accounts: nobody gets a second one and nobody is deleted. The pupil whose row had no number gets a new account, with another username."
"#;

/// The files of the act.
pub fn build() -> Files {
    let upn = |place: usize| make_upn(665, 9031, 20, 11 + place as u32, false);
    let mut old = String::from(
        "Forename,Surname,Username,Password,Date Created,Year,Reg Group,UPN,staff_code,role,establishment,state\n",
    );
    let mut roll = String::from(
        "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,year_group,registration_class\n",
    );
    for (place, [forename, surname, username, year, class, state]) in LEARNERS.iter().enumerate() {
        let id = upn(place);
        old += &format!(
            "{forename},{surname},{username},Nant{place}42,2021-09-06,{year},{class},{id},,student,6989101,{state}\n"
        );
        if *state == "enabled" {
            roll += &format!(
                "6989101,{id},{},{surname},{forename},2021-09-06,,{year},{class}\n",
                101 + place
            );
        }
    }
    old += "Gwenno,Puw,PuwG1,Moel77,2022-09-05,2,Derwen,,,student,6989101,enabled\n";
    roll += &format!("6989101,{},118,Puw,Gwenno,2022-09-05,,2,Derwen\n", upn(17));
    old += "Alwena,Parry,ParryA6,Bera11,2015-09-07,,,,APA,Teaching Staff,6989101,enabled\n";
    let staff = "establishment,staff_code,legal_surname,legal_forename,start_date,leaving_date,staff_type\n6989101,APA,Parry,Alwena,2015-09-07,,teaching\n";
    let authorities = "authority,name,nation\n698,Dyffryn Awen,wales\n";
    let schools =
        "establishment,name,authority,phase,maintained\n6989101,Ysgol Bryn Heulog,698,primary,Y\n";
    let exports = |day: &str| format!("establishment,exported_at,status\n6989101,{day},complete\n");
    let files = [
        ("story.toml", STORY.to_owned()),
        ("nights/2026-06-15/accounts.csv", old),
        (
            "nights/2026-06-15/mis/authorities.csv",
            authorities.to_owned(),
        ),
        (
            "nights/2026-06-15/mis/establishments.csv",
            schools.to_owned(),
        ),
        ("nights/2026-06-15/mis/exports.csv", exports("2026-06-15")),
        ("nights/2026-06-15/mis/learners.csv", roll),
        ("nights/2026-06-15/mis/staff.csv", staff.to_owned()),
        ("nights/2026-06-16/mis/exports.csv", exports("2026-06-16")),
    ];
    let named = files.into_iter();
    named
        .map(|(path, text)| (format!("adoption/{path}"), text.into_bytes()))
        .collect()
}
