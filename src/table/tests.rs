//! Damaged files, each with its documented answer.

use super::*;
use crate::model::Severity;

const SPEC: TableSpec = TableSpec {
    name: "exports",
    columns: &["establishment", "exported_at", "status", "learners"],
    required: &["establishment", "exported_at", "status"],
};

fn read_with(text: impl Into<Vec<u8>>, options: &ReadOptions) -> TableRead {
    let table = read(&SPEC, "mis/exports.csv", text.into(), options);
    for fault in &table.faults {
        let first = fault.fix.chars().next();
        let is_sentence = first.is_some_and(char::is_uppercase) && fault.fix.ends_with('.');
        assert!(is_sentence, "{}: {}", fault.code, fault.fix);
    }
    table
}

fn read_text(text: impl Into<Vec<u8>>) -> TableRead {
    read_with(text, &ReadOptions::default())
}

fn codes(table: &TableRead) -> Vec<&'static str> {
    table.faults.iter().map(|f| f.code).collect()
}

/// Reads a text that must be refused for exactly this reason, and gives the message.
fn refused(text: impl Into<Vec<u8>>, code: &str) -> String {
    let table = read_text(text);
    assert_eq!(codes(&table), [code]);
    assert!(!table.usable && table.rows.is_empty());
    assert_eq!(table.faults[0].severity, Severity::Refuse);
    table.faults[0].message.clone()
}

const GOOD: &str =
    "establishment,exported_at,status\n6601,2026-09-01,complete\n6602,2026-09-02,failed\n";

fn assert_good(table: &TableRead) {
    assert!(table.usable, "{:?}", table.faults);
    assert_eq!(table.rows.len(), 2);
    assert_eq!(
        (
            table.cell(1, 0),
            table.cell(1, 1),
            table.cell(1, 2),
            table.cell(1, 3)
        ),
        ("6602", "2026-09-02", "failed", "")
    );
    assert_eq!((table.rows.line(0), table.rows.line(1)), (2, 3));
}

#[test]
fn every_line_end_and_mark_reads_the_same() {
    for text in [
        GOOD.to_owned(),
        GOOD.replace('\n', "\r\n"),
        GOOD.replace('\n', "\r"),
        format!("\u{feff}{GOOD}"),
    ] {
        let table = read_text(text);
        assert_good(&table);
        assert_eq!(codes(&table), [""; 0]);
    }
    let utf_16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(GOOD.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_good(&read_text(utf_16));
}

#[test]
fn columns_come_in_any_order_and_quotes_are_taken_off() {
    let table = read_text(
        "status,note,exported_at,establishment\ncomplete,\"a, \"\"b\"\"\",2026-09-01,\"6601\"\nfailed,x,2026-09-02,6602\n",
    );
    assert_good(&table);
    assert_eq!(table.rows.field(0, 1), "a, \"b\"");
    assert_eq!(table.cell(0, 0), "6601");
    assert_eq!(codes(&table), ["unknown_column"]);
    assert!(table.faults[0].message.contains("`note`"));
}

#[test]
fn a_header_typo_names_the_expected_and_the_nearest_name() {
    let message = refused(GOOD.replace("exported_at", "exportd_at"), "wrong_header");
    assert!(
        message.contains("`exported_at`") && message.contains("`exportd_at`"),
        "{message}"
    );
}

#[test]
fn a_typo_in_an_optional_column_is_not_ignored() {
    refused(
        "establishment,exported_at,status,lerners\n6601,2026-09-01,complete,3\n",
        "wrong_header",
    );
}

#[test]
fn headers_that_are_missing_or_stand_twice_refuse() {
    refused("establishment,status\n6601,complete\n", "missing_column");
    refused(
        "establishment,exported_at,status,status\n6601,2026-09-01,complete,failed\n",
        "duplicate_header",
    );
    let options = ReadOptions {
        required: vec!["learners".into()],
        ..ReadOptions::default()
    };
    assert_eq!(codes(&read_with(GOOD, &options)), ["missing_column"]);
}

#[test]
fn a_file_without_a_header_gives_no_data_away() {
    let table = read_text("Prydderch,Angharad,Wrecsam\nPugh,Owain,Bala\n");
    assert!(!table.usable);
    let said = format!("{:?}", table.faults);
    for cell in ["Prydderch", "Angharad", "Wrecsam"] {
        assert!(!said.contains(cell), "{said}");
    }
}

#[test]
fn nothing_and_nearly_nothing_refuse() {
    refused("", "file_empty");
    refused("\n\n", "file_empty");
    refused("establishment,exported_at,status\n", "header_only");
    let options = ReadOptions {
        may_be_empty: true,
        ..ReadOptions::default()
    };
    assert!(read_with("establishment,exported_at,status\n", &options).usable);
}

#[test]
fn pages_nul_bytes_and_wrong_encodings_refuse() {
    refused("<html><body>Sign in</body></html>", "not_csv");
    refused(GOOD.replace("failed", "fai\0ed"), "nul_bytes");
    let latin = [GOOD.as_bytes(), b"6603,2026-09-01,compl\xE8te\n"].concat();
    refused(latin.clone(), "encoding");
    let options = ReadOptions {
        windows_1252: true,
        ..ReadOptions::default()
    };
    assert_eq!(read_with(latin, &options).cell(2, 2), "complète");
}

#[test]
fn an_unusable_file_still_tells_which_codes_it_may_hold() {
    assert_eq!(
        read_text(GOOD.replace("status", "sttus")).codes,
        ["6601", "6602"]
    );
    assert_eq!(
        read_text([GOOD.as_bytes(), b"6603,\xE8\n"].concat()).codes,
        ["6601", "6602", "6603"]
    );
}

#[test]
fn short_and_long_rows_are_left_out_and_cited() {
    let table = read_text(format!(
        "{GOOD}6603,2026-09-01\n6604,2026-09-01,complete,1,2\n"
    ));
    assert_good(&table);
    assert_eq!(codes(&table), ["short_row", "long_row"]);
    assert_eq!((table.faults[0].row, table.faults[1].row), (4, 5));
    assert_eq!(
        table.lost[0],
        LostRow {
            line: 4,
            establishment: Some("6603".into())
        }
    );
    assert_eq!(table.row_count(), 4);
}

#[test]
fn a_cut_off_file_has_a_short_row_and_says_so() {
    let table = read_text(format!("{GOOD}6603,2026-0"));
    assert_good(&table);
    assert_eq!(codes(&table), ["no_final_line_end", "short_row"]);
}

#[test]
fn blank_lines_are_skipped_and_lines_still_count() {
    let table = read_text(GOOD.replacen("\n6602", "\n\n,,\n6602", 1));
    assert_eq!(codes(&table), ["blank_lines"]);
    assert_eq!((table.rows.len(), table.rows.line(1)), (2, 5));
}

#[test]
fn a_quote_left_open_costs_its_own_line_only() {
    let table = read_text(GOOD.replacen("6601", "\"6601", 1));
    assert_eq!(codes(&table), ["open_quote"]);
    assert_eq!((table.rows.len(), table.faults[0].row), (1, 2));
}

#[test]
fn a_huge_field_or_a_control_character_blanks_the_field_and_marks_the_row() {
    let huge = "x".repeat(10 << 20);
    let table = read_text(format!(
        "{GOOD}6603,{huge},complete\n6604,2026\u{85}09,complete\n6605,20\x1b,complete\n"
    ));
    assert_eq!(
        codes(&table),
        ["field_too_long", "control_character", "control_character"]
    );
    assert_eq!(table.damaged, [2, 3, 4]);
    assert_eq!(
        (table.cell(2, 0), table.cell(2, 1), table.cell(2, 2)),
        ("6603", "", "complete")
    );
    assert_eq!(table.faults[0].column, "exported_at");
}

#[test]
fn pieces_join_as_if_the_file_were_read_in_one() {
    let mut text = String::from("establishment,exported_at,status\n");
    for n in 0..120_000 {
        let quote = if n % 1_000 == 7 { "\"" } else { "" };
        text.push_str(&format!("{n},{quote}2026-09-01{quote},complete\n"));
    }
    let table = read_text(text);
    assert!(table.faults.is_empty());
    for n in (0..120_000).step_by(997) {
        assert_eq!(
            (table.cell(n, 0), table.cell(n, 1)),
            (n.to_string().as_str(), "2026-09-01")
        );
        assert_eq!(table.rows.line(n), n as u64 + 2);
    }
}

#[test]
fn a_record_longer_than_its_places_can_tell_is_read_to_its_last_field() {
    let others: String = (0..20).map(|n| format!(",other_{n}")).collect();
    let long = format!(",\"{}\"", "x".repeat(4_000)).repeat(20);
    let short = ",y".repeat(20);
    let text = format!(
        "exported_at,establishment{others},status\n2026-09-01,6601{long},complete\n2026-09-02,6602{short},failed\n"
    );
    let table = read_text(text);
    assert!(table.usable, "{:?}", table.faults);
    let cells = |row| [0, 1, 2].map(|column| table.cell(row, column));
    assert_eq!(cells(0), ["6601", "2026-09-01", "complete"]);
    assert_eq!(cells(1), ["6602", "2026-09-02", "failed"]);
}
