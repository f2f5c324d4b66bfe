//! A directory that exists already becomes the first snapshot, and the first night finds nothing to make or delete.

use onroll::workspace::Lock;

use crate::world::{Done, IDENTIFIERS, World, files};

/// Two learners and a teacher who are on roll, one who left years ago, a governor and a printer.
const HWB: &str = "\
Forename,Surname,Username,Password,Date Created,Year,Reg Group,Consent,Admission number,UPN,staff_code,role,establishment,state,category,expires_on,left_on,email,aliases
Dylan,Prosser,ProsserD7,Draig123,2024-09-02,3,3A,Y,1,Q660200019001,,learner,6601001,active,,,,,
Cerys,Bevan,BevanC12@hwbcymru.net,Eryri456,2024-09-02,4,4A,Y,2,E661210020042,,Learner,6601001,Active,mis,,,,
Elin,Morgan,MorganE3,Tryfan789,2020-09-01,,,,,,ZZ77,Teaching Staff,6601001,active,,,,elin.morgan@hwbcymru.net,PughE3@hwbcymru.net
Tomos,Vaughan,VaughanT1,Cader000,2015-09-01,6,6B,,,J668400121123,,learner,6601001,inactive,,,2021-07-20,,
Gwen,Parri,ParriG5,Moel111,2019-01-10,,,,,,,governor,6601001,active,Non-MIS,,,,
,,Printer1,Bala222,2019-01-10,,,,,,,service,6601001,active,,2031-01-01,,,
";

/// An empty workspace `school` with the roll of the night beside it and the export as `old.csv`.
fn world(export: &str) -> World {
    let world = World::new();
    std::fs::write(world.at("old.csv"), export).unwrap();
    world
}

fn adopt(world: &World, more: &[&str]) -> Done {
    world.tonight(&[&["adopt", "old.csv"], more].concat())
}

/// The cells of an account, by its username and the names of columns.
fn account(world: &World, username: &str, columns: &[&str]) -> Vec<String> {
    let accounts = world.accounts();
    let mut reader = csv::Reader::from_reader(accounts.as_bytes());
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|h| h == name).unwrap();
    let row = reader
        .records()
        .map(Result::unwrap)
        .find(|row| &row[place("username")] == username)
        .unwrap_or_else(|| panic!("no account {username}"));
    columns
        .iter()
        .map(|name| row[place(name)].to_owned())
        .collect()
}

/// The actions of the newest plan of a date.
fn actions(world: &World, date: &str) -> Vec<String> {
    let of_date = |run: &String| {
        run.starts_with(date) && !run.contains("adopted") && !run.contains("refused")
    };
    let run = world.runs().into_iter().rfind(of_date).unwrap();
    let plan = world.read(&format!("runs/{run}/plan.csv"));
    let mut reader = csv::Reader::from_reader(plan.as_bytes());
    reader
        .records()
        .map(|row| row.unwrap()[1].to_owned())
        .collect()
}

/// Searches all that was written and printed.
fn nowhere(world: &World, told: &[&Done], secrets: &[&str]) {
    let mut texts: Vec<String> = told.iter().map(|d| format!("{}{}", d.out, d.err)).collect();
    for folder in ["school/runs", "school/directory"] {
        texts.extend(
            files(&world.at(folder))
                .iter()
                .map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()),
        );
    }
    for secret in secrets {
        assert!(
            texts.iter().all(|text| !text.contains(secret)),
            "{secret} was written"
        );
    }
}

#[test]
fn the_first_night_after_an_adoption_makes_nobody_anew_and_deletes_nobody() {
    let world = world(HWB);
    let told = adopt(&world, &[]).ends_with(0);
    assert!(
        told.out
            .contains("Adopted 6 accounts: 5 active, 0 in grace, 1 inactive."),
        "{}",
        told.out
    );
    assert!(
        told.out
            .contains("1 without a last day and 1 with one too far ahead"),
        "{}",
        told.out
    );
    let passwords = [
        "Draig123",
        "Eryri456",
        "Tryfan789",
        "Cader000",
        "Moel111",
        "Bala222",
    ];
    nowhere(
        &world,
        &[&told],
        &[&passwords[..], &IDENTIFIERS, &["J668400121123"]].concat(),
    );

    for (username, columns, cells) in [
        (
            "ProsserD7",
            vec!["email", "state", "created_on"],
            vec!["ProsserD7@hwbcymru.net", "active", "2024-09-02"],
        ),
        (
            "BevanC12",
            vec!["email", "category"],
            vec!["BevanC12@hwbcymru.net", "mis"],
        ),
        (
            "MorganE3",
            vec!["aliases", "display_name"],
            vec!["PughE3@hwbcymru.net;elin.morgan@hwbcymru.net", "E Morgan"],
        ),
        (
            "VaughanT1",
            vec!["inactive_since", "left_on", "inactive_reason"],
            vec!["2026-09-01", "2026-09-01", "left"],
        ),
        (
            "ParriG5",
            vec!["person_ref", "category", "expires_on"],
            vec!["", "non_mis", "2027-08-31"],
        ),
        (
            "Printer1",
            vec!["role", "expires_on"],
            vec!["service", "2028-08-31"],
        ),
    ] {
        assert_eq!(account(&world, username, &columns), cells, "{username}");
    }
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(actions(&world, "2026-09-01"), [""; 0]);
    // Everything of a year is due by then, but for the account that has been inactive for a year of its own.
    for (day, due) in [("2027-09-01", ""), ("2027-09-02", "purge")] {
        world.export(day, "", "");
        world.onroll(&["-C", "school", "run", "--as-of", day]);
        let found = actions(&world, day);
        assert!(!found.contains(&"create".to_owned()), "{found:?}");
        assert_eq!(
            found.contains(&"purge".to_owned()),
            due == "purge",
            "{day}: {found:?}"
        );
    }
}

#[test]
fn who_comes_back_on_roll_gets_the_adopted_account_again() {
    let world = world(
        &HWB.replace("Cerys,Bevan,BevanC12@hwbcymru.net", "Cerys,Bevan,BevanC12")
            .replace("6601001,Active,mis", "6601001,inactive,mis"),
    );
    adopt(&world, &[]).ends_with(0);
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(actions(&world, "2026-09-01"), ["reactivate"]);
    assert_eq!(
        account(&world, "BevanC12", &["state", "left_on", "inactive_since"]),
        ["active", "", ""]
    );
}

/// A school of Glow with two learners and a teacher; the second learner's `data_sharing` is as given.
fn glow(second: &str) -> World {
    let world = World::bare();
    world
        .onroll(&["init", "school", "--policy", "glow"])
        .ends_with(0);
    world.write(
        "mis/authorities.csv",
        "authority,name,nation,data_sharing\n901,Strathgarry,scotland,Y\n",
    );
    world.write(
        "mis/establishments.csv",
        "establishment,name,authority,phase,data_sharing\n9010101,Garry Primary,901,primary,Y\n",
    );
    world.write(
        "mis/exports.csv",
        "establishment,exported_at,status\n9010101,2026-09-01,complete\n",
    );
    let header = "establishment,learner_id,legal_surname,legal_forename,preferred_surname,preferred_forename,admission_date,leaving_date,login,data_sharing,year_group";
    world.write("mis/learners.csv", &format!("{header}\n9010101,190000036,MacLeòid,Mòrag,,,2020-08-17,,mmacleoid,Y,P6\n9010101,060000050,Brodie,Ailsa,,,2020-08-17,,abrodie,{second},P6\n"));
    let header = "establishment,staff_id,legal_surname,legal_forename,preferred_surname,preferred_forename,start_date,leaving_date,staff_type,registration_number,login,data_sharing";
    world.write(
        "mis/staff.csv",
        &format!("{header}\n9010101,K77,Rankin,Iain,,,2015-08-17,,teaching,091258,irankin,Y\n"),
    );
    world
}

#[test]
fn a_glow_directory_takes_the_authority_of_its_staff_from_the_establishments() {
    let world = glow("Y");
    let export = "\
username,role,establishment,learner_id,staff_id,surname,forename,state,expires_on,login,stage
gw20macleoidmorag,student,9010101,190000036,,MacLeòid,Mòrag,active,,mmacleoid,P6
gw20brodieailsa,student,9010101,060000050,,Brodie,Ailsa,disabled,,abrodie,P6
gw15rankiniain,Teaching Staff,9010101,,K77,Rankin,Iain,active,,irankin,
gw14mcphailuna,learner,9010101,210000100,,McPhail,Ùna,grace,2026-09-30,,
gwpartner1,stakeholder,9010101,,,Gow,Rhona,active,,,
";
    std::fs::write(world.at("old.csv"), export).unwrap();
    let told = adopt(&world, &[]).ends_with(0);
    nowhere(
        &world,
        &[&told],
        &["190000036", "060000050", "K77", "210000100"],
    );
    assert_eq!(
        account(&world, "gwpartner1", &["expires_on", "category"]),
        ["", "non_mis"]
    );
    assert_eq!(
        account(&world, "gw14mcphailuna", &["state", "grace_until"]),
        ["grace", "2026-09-30"]
    );
    world.tonight(&["run"]).ends_with(0);
    let night = actions(&world, "2026-09-01");
    // Choices that the roll states are recorded for the first time; nothing else changes.
    assert_eq!(night, ["reactivate", "update", "update"]);
    world.write(
        "mis/exports.csv",
        "establishment,exported_at,status\n9010101,2026-10-01,complete\n",
    );
    world
        .onroll(&["-C", "school", "run", "--as-of", "2026-10-01"])
        .ends_with(0);
    assert_eq!(actions(&world, "2026-10-01"), ["grace_expire"]);
}

/// The old directory knows a choice that the school's system leaves blank: it stands (S2).
#[test]
fn an_opted_out_person_of_the_old_directory_is_not_brought_back() {
    let header =
        "username,role,establishment,learner_id,staff_id,surname,forename,state,login,stage";
    let rows = "gw20macleoidmorag,student,9010101,190000036,,MacLeòid,Mòrag,active,mmacleoid,P6
gw20brodieailsa,student,9010101,060000050,,Brodie,Ailsa,disabled,abrodie,P6
gw15rankiniain,Teaching Staff,9010101,,K77,Rankin,Iain,active,irankin,";
    for (choice, expected) in [("N", vec![]), ("", vec!["reactivate"])] {
        let world = glow("");
        let lines = rows
            .lines()
            .zip(["Y", choice, "Y"])
            .map(|(row, choice)| format!("{row},{choice}\n"));
        let export = format!("{header},data_sharing\n{}", lines.collect::<String>());
        std::fs::write(world.at("old.csv"), export).unwrap();
        let told = adopt(&world, &[]).ends_with(0);
        assert_eq!(
            told.out.contains("<5 people have opted out"),
            choice == "N",
            "{}",
            told.out
        );
        world.tonight(&["run"]).ends_with(0);
        let mut night = actions(&world, "2026-09-01");
        night.retain(|action| action == "reactivate");
        assert_eq!(night, expected, "{choice:?}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_and_nothing_is_adopted() {
    let faulty = "\
username,role,establishment,learner_id,staff_code,surname,forename,state,created_on
ProsserD7,learner,6601001,A660200019001,,Prosser,Dylan,active,
PROSSERD7,learner,6601001,E661210020042,,Bevan,Cerys,active,01/09/2024
,wizard,6601001,,,Wyn,Non,asleep,
Jones D1,teaching_staff,,,,Jones,Dai,active,
";
    let world = world(faulty);
    let before = world.current();
    let told = adopt(&world, &[]).ends_with(4);
    assert_eq!(world.current(), before);
    let run = world.runs().pop().unwrap();
    assert!(run.starts_with("2026-09-01-refused-") && world.state(&run) == "refused");
    let faults = world.read(&format!("runs/{run}/faults.csv"));
    for fault in [
        "reject,upn_check_letter,existing_directory,old.csv,2,6601001,learner_id,",
        "reject,name_repeated,existing_directory,old.csv,2,6601001,username,",
        "reject,name_repeated,existing_directory,old.csv,3,6601001,username,",
        "reject,bad_date,existing_directory,old.csv,3,6601001,created_on,",
        "reject,username_missing,existing_directory,old.csv,4,6601001,username,",
        "reject,bad_value,existing_directory,old.csv,4,6601001,role,",
        "reject,bad_value,existing_directory,old.csv,4,6601001,state,",
        "reject,bad_username,existing_directory,old.csv,5,,username,",
        "reject,bad_code,existing_directory,old.csv,5,,establishment,",
        "refuse,rows_faulty,existing_directory,old.csv,",
    ] {
        assert!(faults.contains(fault), "{fault} is missing of\n{faults}");
    }
    nowhere(
        &world,
        &[&told],
        &[
            "A660200019001",
            "E661210020042",
            "PROSSERD7",
            "wizard",
            "asleep",
            "Jones D1",
        ],
    );
    // What can be mended is mended, and the same workspace takes it.
    std::fs::write(world.at("old.csv"), HWB).unwrap();
    adopt(&world, &[]).ends_with(0);
}

#[test]
fn a_name_that_is_left_out_is_never_issued_again() {
    // Under the policy's pattern Dylan Prosser would be ProsserD1.
    let export = HWB
        .replace("ProsserD7", "ProsserD1")
        .replace("Q660200019001", "A660200019001");
    let world = world(&export);
    adopt(&world, &[]).ends_with(4);
    let told = adopt(&world, &["--leave-out-faulty"]).ends_with(0);
    assert!(told.out.contains("1 row left out."), "{}", told.out);
    let retired = world.read(&format!(
        "directory/{}/retired_usernames.csv",
        world.current()
    ));
    assert_eq!(retired.lines().count(), 2);
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(actions(&world, "2026-09-01"), ["create"]);
    assert_eq!(account(&world, "ProsserD2", &["surname"]), ["Prosser"]);
}

#[test]
fn a_row_that_cannot_be_read_cannot_be_left_out() {
    let world = world(&format!("{HWB}Huw,Lost,LostH1\n"));
    let told = adopt(&world, &["--leave-out-faulty"]).ends_with(4);
    assert!(
        told.out.contains("rows_unreadable") && told.out.contains("short_row"),
        "{}",
        told.out
    );
}

#[test]
fn two_usable_accounts_of_one_person_refuse_the_adoption_until_one_is_inactive() {
    let second =
        "Dylan,Prosser,ProsserD9,,2023-09-02,3,3A,,,Q660200019001,,learner,6601001,active,,,,,\n";
    let world = world(&format!("{HWB}{second}"));
    let told = adopt(&world, &[]).ends_with(4);
    assert!(told.out.contains("two_accounts"), "{}", told.out);
    let export = format!("{HWB}{}", second.replace(",active,", ",inactive,"));
    std::fs::write(world.at("old.csv"), export).unwrap();
    adopt(&world, &[]).ends_with(0);
    assert_eq!(account(&world, "ProsserD9", &["state"]), ["inactive"]);
}

#[test]
fn nothing_is_overwritten() {
    let world = world(HWB);
    adopt(&world, &[]).ends_with(0);
    let adopted = world.current();
    assert!(adopt(&world, &[]).ends_with(4).err.contains("already"));
    assert_eq!(world.current(), adopted);
    // A night that found nobody has run all the same.
    let other = World::new();
    other.tonight(&["run"]).ends_with(0);
    std::fs::write(other.at("old.csv"), HWB).unwrap();
    adopt(&other, &[]).ends_with(4);
    // A snapshot that CURRENT has lost is nobody's to remove.
    std::fs::remove_file(world.at("school/directory/CURRENT")).unwrap();
    assert!(adopt(&world, &[]).ends_with(4).err.contains("CURRENT"));
}

#[test]
fn a_workspace_without_a_snapshot_gets_its_first() {
    let world = world(HWB);
    std::fs::remove_dir_all(world.at("school/directory")).unwrap();
    assert!(
        world.tonight(&["run"]).ends_with(4).out.is_empty()
            || !world.at("school/directory").exists()
    );
    adopt(&world, &[]).ends_with(0);
    world.tonight(&["run"]).ends_with(0);
    assert_eq!(actions(&world, "2026-09-01"), [""; 0]);
}

#[test]
fn a_killed_adoption_is_done_or_has_not_happened() {
    for step in [
        "run_folder_filed",
        "run_intended",
        "snapshot_in_place",
        "current_replaced",
        "run_done",
    ] {
        let world = world(HWB);
        let command = ["-C", "school", "adopt", "old.csv", "--as-of", "2026-09-01"];
        let killed = world.onroll_with(&command, &[("ONROLL_TEST_STOP_AT", step)]);
        assert_eq!(killed.code, None, "{step}");
        let again = world.onroll(&command);
        let happened = matches!(step, "current_replaced" | "run_done");
        again.ends_with(if happened { 4 } else { 0 });
        assert_eq!(world.accounts().lines().count(), 7, "{step}");
        let runs = world.runs();
        assert!(
            runs.iter().all(|run| world.state(run) == "done"),
            "{step}: {runs:?}"
        );
    }
}

#[test]
fn exit_codes_and_owners_are_those_of_every_command() {
    let world = world(HWB);
    world.onroll(&["-C", "school", "adopt"]).ends_with(64);
    world
        .onroll(&["-C", "school", "adopt", "none.csv"])
        .ends_with(1);
    let lock = Lock::take(&world.at("school/directory"), "onroll run for 2026-09-01").unwrap();
    adopt(&world, &[]).ends_with(5);
    drop(lock);
    let told = adopt(&world, &["--format", "json"]).ends_with(0);
    let told: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&told["accounts"], &told["expiry_set"]),
        (&6.into(), &1.into())
    );
    let run = world.runs().pop().unwrap();
    assert!(run.starts_with("2026-09-01-adopted-"), "{run}");
    let counts = world.read(&format!("runs/{run}/adopted.csv"));
    assert!(
        counts.contains("6601001,learner,mis,active,2\n"),
        "{counts}"
    );
    let report = world.read(&format!("runs/{run}/report.md"));
    assert!(
        report.contains("passwords") && !report.contains("Prosser"),
        "{report}"
    );
    #[cfg(unix)]
    for path in files(&world.at("school/runs"))
        .into_iter()
        .chain(files(&world.at("school/directory")))
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

#[test]
fn an_export_in_utf_16_with_its_columns_in_another_order_gives_the_same_snapshot() {
    let plain = world(HWB);
    adopt(&plain, &[]).ends_with(0);
    let other = World::bare();
    other
        .onroll(&["init", "school", "--policy", "hwb", "--key", "school.key"])
        .ends_with(0);
    std::fs::copy(plain.at("school.key"), other.at("school.key")).unwrap();
    let lines: Vec<&str> = HWB.lines().collect();
    let mut turned = vec![lines[0]];
    turned.extend(lines[1..].iter().rev());
    let turned = turned.join("\r\n") + "\r\n";
    let bytes: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(turned.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    std::fs::write(other.at("old.csv"), bytes).unwrap();
    other.tonight(&["adopt", "old.csv"]).ends_with(4);
    std::fs::remove_dir_all(other.at("school/directory")).unwrap();
    other.tonight(&["adopt", "old.csv"]).ends_with(0);
    assert_eq!(other.accounts(), plain.accounts());
}

#[test]
fn an_identifier_that_stands_in_another_cell_is_written_nowhere() {
    let [upn, ..] = IDENTIFIERS;
    let low = upn.to_lowercase();
    let world = world(&format!(
        "username,role,establishment,UPN,login,display_name,aliases,state\nProsserD7,learner,6601001,{upn},{low},Dylan ({upn}),{low}@hwbcymru.net,active\n"
    ));
    let told = adopt(&world, &[]).ends_with(0);
    nowhere(&world, &[&told], &[upn, &low]);
    assert_eq!(
        account(&world, "ProsserD7", &["login", "aliases"]),
        ["", ""]
    );
}
