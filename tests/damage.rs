//! Damaged exports through the real binary: each has its documented answer, and none costs anybody an account.

#[allow(dead_code)]
#[path = "cli/world.rs"]
mod world;

use world::{IDENTIFIERS, World, names};

const HEADER: &str = "establishment,learner_id,admission_number,legal_surname,legal_forename,preferred_surname,preferred_forename,admission_date,leaving_date,enrolment_status,time_share,year_group,registration_class,login,data_sharing";

fn rows() -> [String; 2] {
    let [first, second, _] = IDENTIFIERS;
    [
        format!("6601001,{first},1,Prosser,Dylan,,,2024-09-01,,,,3,3A,,"),
        format!("6601001,{second},2,Bevan,Cerys,,,2024-09-01,,,,4,4A,,"),
    ]
}

fn file(header: &str, rows: &[String]) -> Vec<u8> {
    let mut text = format!("{header}\n");
    rows.iter().for_each(|row| text += &format!("{row}\n"));
    text.into_bytes()
}

/// The second night with these bytes as `learners.csv` ends with an exit code and a fault, and with the accounts of
/// the first night, byte for byte.
#[track_caller]
fn answer(bytes: &[u8], code: i32, fault: &str) {
    answer_with(bytes, code, fault, "");
}

#[track_caller]
fn answer_with(bytes: &[u8], code: i32, fault: &str, settings: &str) {
    let world = World::new();
    world.tonight(&["run"]).ends_with(0);
    let before = world.accounts();
    if !settings.is_empty() {
        let old = world.read("onroll.toml");
        world.write("onroll.toml", &format!("{old}\n{settings}\n"));
    }
    world.export("2026-09-02", "", "");
    std::fs::write(world.at("school/mis/learners.csv"), bytes).unwrap();
    for command in ["check", "run"] {
        let arguments = ["-C", "school", command, "--as-of", "2026-09-02"];
        world
            .onroll(&arguments)
            .ends_with(if command == "check" && code == 3 && fault == "-" {
                0
            } else {
                code
            });
    }
    assert!(world.accounts() == before, "the accounts changed");
    let runs = names(&world.at("school/runs"));
    let told: String = runs
        .iter()
        .filter(|run| run.starts_with("2026-09-02"))
        .map(|run| world.read(&format!("runs/{run}/faults.csv")))
        .collect();
    assert!(
        matches!(fault, "" | "-") || told.contains(&format!(",{fault},")),
        "{fault} is not among\n{told}"
    );
}

#[test]
fn what_is_no_table_is_refused() {
    let good = String::from_utf8(file(HEADER, &rows())).unwrap();
    answer(
        b"<!DOCTYPE html><html><body>Sign in</body></html>\n",
        4,
        "not_csv",
    );
    answer(good.replacen("3A", "3\0A", 1).as_bytes(), 4, "nul_bytes");
}

#[test]
fn a_wrong_header_is_refused() {
    answer(
        &file(
            &HEADER.replacen("legal_surname", "legal_surnam", 1),
            &rows(),
        ),
        4,
        "wrong_header",
    );
    answer(
        &file(
            &HEADER.replacen("preferred_surname", "legal_surname", 1),
            &rows(),
        ),
        4,
        "duplicate_header",
    );
    answer(
        &file(&HEADER.replacen("admission_date,", "", 1), &rows()),
        4,
        "missing_column",
    );
    // The header is one of the rows: no name of it is repeated, and nothing is guessed.
    answer(&file(&rows()[0], &rows()[1..]), 4, "missing_column");
}

#[test]
fn encodings_are_told_apart() {
    let good = String::from_utf8(file(HEADER, &rows())).unwrap();
    answer(&[b"\xEF\xBB\xBF", good.as_bytes()].concat(), 0, "");
    let utf_16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    answer(&[b"\xFF\xFE", &utf_16[..]].concat(), 0, "");
    let mut latin = good.into_bytes();
    let at = latin.windows(5).position(|w| w == b"Bevan").unwrap();
    latin[at + 1] = 0xE9;
    answer(&latin, 4, "encoding");
    answer_with(&latin, 0, "", "windows_1252 = true");
}

#[test]
fn line_ends_are_told_apart() {
    let good = String::from_utf8(file(HEADER, &rows())).unwrap();
    answer(good.replace('\n', "\r").as_bytes(), 0, "");
    answer(good.replace('\n', "\r\n").as_bytes(), 0, "");
    answer(good.replace('\n', "\n\n").as_bytes(), 0, "blank_lines");
    answer(good.trim_end().as_bytes(), 0, "no_final_line_end");
}

#[test]
fn a_bad_row_holds_its_person_and_costs_nobody_else_anything() {
    let [first, second] = rows();
    answer(
        &file(
            HEADER,
            &[
                first.clone(),
                second.rsplit_once(",,,").unwrap().0.to_owned(),
            ],
        ),
        0,
        "short_row",
    );
    answer(
        &file(HEADER, &[first.clone(), format!("{second},more")]),
        0,
        "long_row",
    );
    for date in ["01/09/2024", "2024-9-1", "20240901", "45536"] {
        answer(
            &file(HEADER, &[first.clone(), second.replace("2024-09-01", date)]),
            0,
            "bad_date",
        );
    }
    answer(
        &file(
            HEADER,
            &[first.clone(), second.replace("2024-09-01", "2024-02-30")],
        ),
        0,
        "impossible_date",
    );
    answer(
        &file(
            HEADER,
            &[first, second.replace("Bevan", &"B".repeat(10_000_000))],
        ),
        0,
        "field_too_long",
    );
}

#[test]
fn a_register_that_vanished_is_refused() {
    // Staff came as ever; that no learner is left anywhere is still not believed.
    answer(b"", 4, "roll_vanished");
    answer(&file(HEADER, &[]), 4, "roll_vanished");
}

#[test]
fn a_file_cut_off_holds_the_school() {
    let whole = file(HEADER, &rows());
    let [first, _] = rows();
    answer(&file(HEADER, &[first]), 3, "export_short");
    // Cut in the middle of the second row: the row is there, and nobody can tell what it says.
    answer(&whole[..whole.len() - 20], 0, "short_row");
}

#[test]
fn columns_may_stand_in_any_order_and_wrong_names_over_them_are_stopped() {
    let order: Vec<usize> = (0..15).rev().collect();
    let turned = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        order
            .iter()
            .map(|at| cells[*at])
            .collect::<Vec<_>>()
            .join(",")
    };
    answer(
        &file(&turned(HEADER), &rows().map(|row| turned(&row))),
        0,
        "",
    );
    // Everybody's admission date read as a leaving date: everybody has left, which no school may lose in one night.
    let swapped = HEADER.replace("admission_date,leaving_date", "leaving_date,admission_date");
    answer(&file(&swapped, &rows()), 3, "-");
}
