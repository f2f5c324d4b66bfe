//! Nights of invented schools, read from files and checked; each test says what one fault costs.

use std::collections::BTreeMap;

use super::*;
use crate::intake::{RollRows, read_inputs, sha256_hex};
use crate::model::{Date, EstId, HoldReason, PersonKey, State};
use crate::policy::params::Params;
use crate::table::ReadOptions;

const UPNS: [&str; 8] = [
    "Q660200019001",
    "E661210020042",
    "E666221518007",
    "J668400121123",
    "K670230022999",
    "T677400520313",
    "A681401024001",
    "R674123101121",
];

const PARAMS: &str = r#"
name = "test"
title = "Test"
owners = { school = "school", authority = "authority", platform = "platform" }
[identity]
learner = "upn"
staff = "staff_code"
staff_scope = "establishment"
[eligible]
maintained = true
data_sharing = false
[complete]
learner = ["names", "permanent_identifier", "admission_number", "admission_date"]
staff = ["names", "start_date", "identifier", "login"]
[on_roll]
start_ahead_days = 21
teaching_needs_registration = true
[names]
follow_roll = false
account = "legal"
username_from = "legal"
username = "{Surname}{F}{n}"
username_fallback = "{F}{n}"
username_first_number = 1
username_max = 20
email_domain = "example.org"
display_learner = "{forename} {s}"
display_staff = "{f} {surname}"
[gate]
max_export_age_days = 7
shrink_percent = 10
shrink_count = 5
held_establishments_max_percent = 1
[absence]
release_days = 30
[retention]
months = 12
inactive_days_min = 30
[transfers]
opens_as = "waiting_release"
proposes = false
main_takes_from_subsidiary = true
[decisions]
accepted = []
wait_days = 30
not_a_leaver_days = 30
[guards]
release = { percent = 35, count = 10 }
absence = { percent = 10, count = 5 }
withdraw = { percent = 10, count = 5 }
opt_out = { percent = 10, count = 10 }
purge = { percent = 35, count = 10 }
create = { percent = 40, count = 15 }
transfer = { percent = 35, count = 10 }
"#;

/// Digests under a key number; good enough to tell people apart.
struct Refs(usize);

impl PersonRefs for Refs {
    fn hash(&self, key: usize, kind: Kind, scope: &str, identifier: &str) -> u128 {
        let text = format!(
            "{key}|{kind}|{scope}|{}",
            crate::identity::normalise(identifier)
        );
        u128::from_str_radix(&sha256_hex(text.as_bytes())[..32], 16).unwrap()
    }

    fn keys(&self) -> usize {
        self.0
    }
}

fn learner(upn: &str) -> PersonKey {
    PersonKey(Refs(1).hash(0, Kind::Learner, "", upn))
}

fn staff(scope: &str, code: &str) -> PersonKey {
    PersonKey(Refs(1).hash(0, Kind::Staff, scope, code))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Accounts and the codes of their establishments.
type Directory = Vec<(KnownAccount<'static>, &'static str)>;

impl KnownAccounts for Directory {
    fn places(&self) -> usize {
        self.len()
    }

    fn get(&self, place: usize) -> Option<KnownAccount<'_>> {
        let (account, establishment) = self[place];
        let numbered = self.codes().into_iter();
        let code = numbered
            .filter(|(_, code)| *code == establishment)
            .map(|(number, _)| number);
        Some(KnownAccount {
            code: code.max()?,
            ..account
        })
    }

    fn codes(&self) -> Vec<(usize, &str)> {
        let codes: BTreeSet<&str> = self.iter().map(|(_, code)| *code).collect();
        codes.into_iter().enumerate().collect()
    }
}

struct Night {
    files: BTreeMap<String, String>,
    params: Params,
    as_of: &'static str,
    accounts: Directory,
    approved: Vec<String>,
    keys: usize,
    before: Option<Date>,
}

const LEARNERS: &str = "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date,leaving_date,enrolment_status,time_share,data_sharing\n";
const STAFF: &str = "establishment,staff_code,legal_surname,legal_forename,start_date,leaving_date,staff_type,registration_number,login\n";

fn row(establishment: &str, upn: &str) -> String {
    format!("{establishment},{upn},A1,Prydderch,Angharad,2025-09-01,,,,\n")
}

fn colleague(establishment: &str, code: &str, login: &str) -> String {
    format!("{establishment},{code},Bowen,Ffion,2024-09-01,,teaching,R1,{login}\n")
}

impl Night {
    fn new() -> Night {
        let mut night = Night {
            files: BTreeMap::new(),
            params: toml::from_str(PARAMS).unwrap(),
            as_of: "2026-09-03",
            accounts: Vec::new(),
            approved: Vec::new(),
            keys: 1,
            before: None,
        };
        night.set(
            "authorities",
            "authority,name,login_prefix\n660,Ynys,sa\n".into(),
        );
        night.set(
            "establishments",
            "establishment,name,authority,maintained\n6601,Ysgol Un,660,Y\n6602,Ysgol Dau,660,Y\n"
                .into(),
        );
        night.exports("complete,,", "2026-09-02");
        night.set(
            "learners",
            format!("{LEARNERS}{}{}", row("6601", UPNS[0]), row("6602", UPNS[1])),
        );
        night
    }

    fn set(&mut self, table: &str, text: String) {
        self.files.insert(format!("{table}.csv"), text);
    }

    /// The export of 6601 as given, that of 6602 good.
    fn exports(&mut self, rest: &str, at: &str) {
        let head = "establishment,exported_at,status,learners,staff";
        self.set(
            "exports",
            format!("{head}\n6601,{at},{rest}\n6602,2026-09-02,complete,,\n"),
        );
    }

    fn learners(&mut self, rows: &[String]) {
        self.set("learners", format!("{LEARNERS}{}", rows.concat()));
    }

    fn account(
        &mut self,
        kind: Kind,
        person: PersonKey,
        establishment: &'static str,
    ) -> &mut KnownAccount<'static> {
        let account = KnownAccount {
            kind,
            person: Some(person.0),
            code: 0,
            state: State::Active,
            missing_since: None,
            grace_until: None,
            login: "",
        };
        self.accounts.push((account, establishment));
        &mut self.accounts.last_mut().unwrap().0
    }

    fn check(&self) -> Roll {
        let roll = self.roll();
        for fault in &roll.faults.list {
            let first = fault.fix.chars().next();
            let is_sentence = first.is_some_and(char::is_uppercase) && fault.fix.ends_with('.');
            assert!(is_sentence, "{}: {}", fault.code, fault.fix);
        }
        roll
    }

    fn roll(&self) -> Roll {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in &self.files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let inputs = read_inputs(
            folder.path(),
            "mis",
            &self.params,
            &ReadOptions::default(),
            RollRows::Keep,
        );
        check(
            inputs,
            &GateContext {
                params: &self.params,
                as_of: day(self.as_of),
                refs: &Refs(self.keys),
                accounts: &self.accounts,
                approved_holds: &self.approved,
                snapshot_as_of: self.before,
                share: None,
            },
        )
    }
}

fn codes(roll: &Roll, severity: Severity) -> Vec<&'static str> {
    roll.faults
        .list
        .iter()
        .filter(|f| f.severity == severity)
        .map(|f| f.code)
        .collect()
}

fn hold(roll: &Roll, code: &str) -> Option<HoldReason> {
    let at = roll.establishment_id(code).expect("a known establishment");
    roll.establishment(at).hold.as_ref().map(|hold| hold.reason)
}

#[test]
fn a_good_night_passes_whole() {
    let night = Night::new();
    let roll = night.check();
    assert!(roll.faults.list.is_empty(), "{:?}", roll.faults.list);
    assert_eq!(
        (roll.enrolments.len(), roll.rows_read, roll.rows_rejected),
        (2, 2, 0)
    );
    assert_eq!((hold(&roll, "6601"), hold(&roll, "6602")), (None, None));
    let first = roll
        .enrolments
        .iter()
        .find(|e| e.person == learner(UPNS[0]))
        .unwrap();
    assert_eq!(
        (
            roll.text(first.at, Cell::LegalSurname),
            roll.line(first.at),
            first.complete
        ),
        ("Prydderch", 2, true)
    );
    assert_eq!(roll.input_files.len(), 4);
    assert_eq!(roll.input_files[3].label, "mis/learners.csv");
    assert_eq!(
        roll.input_files[3].sha256,
        sha256_hex(night.files["learners.csv"].as_bytes())
    );
}

#[test]
fn nights_that_cannot_be_decided_are_refused() {
    let refuses = |change: fn(&mut Night), code: &str| {
        let mut night = Night::new();
        change(&mut night);
        let roll = night.check();
        assert!(
            codes(&roll, Severity::Refuse).contains(&code),
            "{code}: {:?}",
            roll.faults.list
        );
    };
    refuses(|n| drop(n.files.remove("authorities.csv")), "table_missing");
    refuses(|n| drop(n.files.remove("learners.csv")), "table_missing");
    refuses(|n| n.set("exports", String::new()), "file_empty");
    refuses(|n| n.set("learners", LEARNERS.into()), "header_only");
    refuses(|n| n.set("learners", "<html>".into()), "not_csv");
    refuses(
        |n| {
            n.set(
                "learners",
                LEARNERS.replace("leaving_date", "leaving_dat") + &row("6601", UPNS[0]),
            )
        },
        "wrong_header",
    );
    refuses(
        |n| {
            n.set(
                "staff",
                STAFF.replace("registration_number", "extra") + &colleague("6601", "T1", "fb"),
            )
        },
        "missing_column",
    );
    refuses(|n| n.as_of = "2026-09-10", "exports_too_old");
    refuses(
        |n| n.before = Some(day("2026-09-04")),
        "as_of_before_snapshot",
    );
}

#[test]
fn a_roll_without_rows_is_no_refusal_while_the_other_has_some() {
    let mut night = Night::new();
    night.set("staff", STAFF.into());
    assert_eq!(codes(&night.check(), Severity::Warn), ["header_only"]);
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/nowhere", folder.path().join("learners.csv")).unwrap();
    let inputs = read_inputs(
        folder.path(),
        "mis",
        &Night::new().params,
        &ReadOptions::default(),
        RollRows::Keep,
    );
    assert!(
        inputs
            .faults
            .iter()
            .any(|f| f.code == "symbolic_link" && f.severity == Severity::Refuse)
    );
}

#[test]
fn exports_that_are_not_good_hold_their_establishment_alone() {
    for (rest, at, reason) in [
        ("partial,,", "2026-09-02", HoldReason::NotComplete),
        ("failed,,", "2026-09-02", HoldReason::NotComplete),
        ("complete,,", "2026-09-04", HoldReason::InFuture),
        ("complete,,", "2026-08-26", HoldReason::Stale),
        ("complete,2,", "2026-09-02", HoldReason::FewerRows),
        ("complete,1,1", "2026-09-02", HoldReason::FewerRows),
        ("complete,,", "02/09/2026", HoldReason::NoExport),
        ("ready,,", "2026-09-02", HoldReason::NoExport),
    ] {
        let mut night = Night::new();
        night.exports(rest, at);
        let roll = night.check();
        assert_eq!(
            (hold(&roll, "6601"), hold(&roll, "6602")),
            (Some(reason), None),
            "{rest} {at}"
        );
        assert!(codes(&roll, Severity::Hold).contains(&reason.code()));
        assert!(!roll.faults.refuses());
    }
}

#[test]
fn the_last_day_of_an_export_and_an_exact_claim_are_good() {
    let mut night = Night::new();
    night.exports("complete,1,0", "2026-08-27");
    assert_eq!(hold(&night.check(), "6601"), None);
}

#[test]
fn a_rejected_row_counts_against_the_claim() {
    let mut night = Night::new();
    night.exports("complete,2,", "2026-09-02");
    night.learners(&[
        row("6601", UPNS[0]),
        row("6601", "bad"),
        row("6602", UPNS[1]),
    ]);
    assert_eq!(hold(&night.check(), "6601"), None);
}

#[test]
fn an_approved_hold_lets_through_what_is_there_but_not_what_is_missing() {
    let mut night = Night::new();
    night.approved = vec!["6601".into()];
    night.exports("partial,,", "2026-09-02");
    let roll = night.check();
    assert_eq!(
        (hold(&roll, "6601"), codes(&roll, Severity::Hold)),
        (None, vec![])
    );
    night.set(
        "exports",
        "establishment,exported_at,status\n6602,2026-09-02,complete\n".into(),
    );
    assert_eq!(hold(&night.check(), "6601"), Some(HoldReason::NoExport));
}

#[test]
fn only_establishments_with_accounts_or_rows_are_worth_a_hold() {
    let mut night = Night::new();
    night.learners(&[row("6602", UPNS[1])]);
    night.exports("failed,,", "2026-09-02");
    assert_eq!(hold(&night.check(), "6601"), None);
    night.account(Kind::Learner, learner(UPNS[0]), "6601");
    assert_eq!(hold(&night.check(), "6601"), Some(HoldReason::NotComplete));
}

#[test]
fn a_roll_may_lose_five_people_or_a_tenth_but_no_more() {
    let mut night = Night::new();
    for n in 0..5 {
        night.account(Kind::Learner, PersonKey(n << 100), "6601");
    }
    assert_eq!(hold(&night.check(), "6601"), None);
    night.account(Kind::Learner, PersonKey(5 << 100), "6601");
    assert_eq!(hold(&night.check(), "6601"), Some(HoldReason::Shrunk));
    for (account, _) in &mut night.accounts[..1] {
        account.missing_since = Some(day("2026-09-01"));
    }
    assert_eq!(
        hold(&night.check(), "6601"),
        None,
        "people already marked are no news"
    );
    night.accounts[0].0.missing_since = None;
    night.accounts[0].0.state = State::Grace;
    assert_eq!(hold(&night.check(), "6601"), None, "nor are those in grace");
}

#[test]
fn leavers_and_rejected_rows_are_no_shrinkage() {
    let mut night = Night::new();
    let mut rows: Vec<String> = UPNS[..6]
        .iter()
        .map(|upn| row("6601", upn).replace(",,,,", ",2026-08-31,,,"))
        .collect();
    rows[0] = row("6601", UPNS[0]).replace("2025-09-01", "yesterday");
    night.learners(&rows);
    for upn in &UPNS[..6] {
        night.account(Kind::Learner, learner(upn), "6601");
    }
    assert_eq!(hold(&night.check(), "6601"), None);
}

#[test]
fn all_staff_codes_changed_at_once_hold() {
    let mut night = Night::new();
    night.set(
        "staff",
        format!(
            "{STAFF}{}{}",
            colleague("6601", "N1", "a"),
            colleague("6601", "N2", "b")
        ),
    );
    for code in ["T1", "T2"] {
        night.account(Kind::Staff, staff("6601", code), "6601");
    }
    let roll = night.check();
    assert_eq!(hold(&roll, "6601"), Some(HoldReason::StaffCodesChanged));
    // Whoever reads the fault learns what to do in either case.
    let mut faults = roll.faults.list.iter();
    let fault = faults.find(|fault| fault.code == "staff_codes_changed");
    let fix = fault.map_or("", |fault| fault.fix.as_str());
    for words in ["rekeys.csv", "every member of staff", "approve the hold"] {
        assert!(fix.contains(words), "{fix}");
    }
    night.account(Kind::Staff, staff("6601", "N1"), "6601");
    assert_eq!(hold(&night.check(), "6601"), None);
}

#[test]
fn accounts_of_a_code_that_is_not_listed_are_held_unless_it_was_replaced() {
    let mut night = Night::new();
    night.account(Kind::Staff, staff("6509", "T1"), "6509");
    assert_eq!(hold(&night.check(), "6509"), Some(HoldReason::Unknown));
    night.set(
        "establishments",
        "establishment,name,authority,maintained,replaces\n6601,Ysgol Un,660,Y,6509\n6602,Ysgol Dau,660,Y,\n".into(),
    );
    night.set("staff", format!("{STAFF}{}", colleague("6601", "T1", "a")));
    let roll = night.check();
    assert_eq!(roll.establishment_id("6509"), None);
    assert_eq!(
        roll.aliases,
        [(Kind::Staff, 0, staff("6509", "T1").0, staff("6601", "T1"))]
    );
}

#[test]
fn only_an_establishment_with_accounts_or_rows_counts() {
    let mut night = Night::new();
    night.learners(&[row("6602", UPNS[1])]);
    let counted = |night: &Night| crate::plan::held_establishments(&night.check()).1;
    assert_eq!(counted(&night), 1);
    night.account(Kind::Learner, learner(UPNS[0]), "6601").state = State::Inactive;
    assert_eq!(counted(&night), 1);
    night.account(Kind::Learner, learner(UPNS[2]), "6601");
    assert_eq!(counted(&night), 2);
}

#[test]
fn a_closed_establishment_needs_no_export() {
    let mut night = Night::new();
    night.learners(&[row("6602", UPNS[1])]);
    night.account(Kind::Learner, learner(UPNS[0]), "6601");
    night.set(
        "exports",
        "establishment,exported_at,status\n6602,2026-09-02,complete\n".into(),
    );
    for (closed_on, held) in [
        ("2026-09-02", None),
        ("2026-09-03", Some(HoldReason::NoExport)),
    ] {
        let head = "establishment,name,authority,maintained,closed_on";
        night.set(
            "establishments",
            format!("{head}\n6601,Ysgol Un,660,Y,{closed_on}\n6602,Ysgol Dau,660,Y,\n"),
        );
        assert_eq!(hold(&night.check(), "6601"), held, "{closed_on}");
    }
}

#[test]
fn an_establishments_row_that_cannot_be_read_holds_it() {
    for row in [
        "6601,Ysgol Un,660,perhaps",
        "6601,Ysgol Un,999,Y",
        "6601,Ysgol Un,660,Y\n6601,Ysgol Tri,660,Y",
    ] {
        let mut night = Night::new();
        night.set(
            "establishments",
            format!("establishment,name,authority,maintained\n{row}\n6602,Ysgol Dau,660,Y\n"),
        );
        let roll = night.check();
        assert_eq!(
            (hold(&roll, "6601"), hold(&roll, "6602")),
            (Some(HoldReason::BadFile), None),
            "{row}"
        );
    }
}

#[test]
fn a_bad_file_of_a_split_table_holds_its_own_establishment() {
    for (name, text) in [
        ("6601", LEARNERS.to_owned()),
        ("6601", "<html>".to_owned()),
        (
            "first",
            format!(
                "{}{}",
                LEARNERS.replace("leaving_date", "leaving"),
                row("6601", UPNS[0])
            ),
        ),
    ] {
        let mut night = Night::new();
        night.files.remove("learners.csv");
        night.files.insert(format!("learners/{name}.csv"), text);
        night.files.insert(
            "learners/6602.csv".into(),
            format!("{LEARNERS}{}", row("6602", UPNS[1])),
        );
        night.account(Kind::Learner, learner(UPNS[0]), "6601");
        let roll = night.check();
        assert!(!roll.faults.refuses(), "{:?}", roll.faults.list);
        assert_eq!(
            (hold(&roll, "6601"), hold(&roll, "6602")),
            (Some(HoldReason::BadFile), None),
            "{name}"
        );
    }
}

#[test]
fn rows_from_two_files_of_a_table_hold() {
    let mut night = Night::new();
    night.files.insert(
        "learners/more.csv".into(),
        format!("{LEARNERS}{}", row("6601", UPNS[2])),
    );
    let roll = night.check();
    assert_eq!(
        (hold(&roll, "6601"), hold(&roll, "6602")),
        (Some(HoldReason::BadFile), None)
    );
}

#[test]
fn each_fault_of_a_row_rejects_it_and_holds_its_person() {
    for (from, to, code) in [
        ("2025-09-01", "2025-09-31", "impossible_date"),
        ("2025-09-01", "01/09/2025", "bad_date"),
        (
            "2025-09-01,",
            "2026-09-02,2026-08-31",
            "leaving_before_start",
        ),
        (",,,,", ",,visitor,,", "bad_value"),
        (",,,,", ",,,lots,", "bad_time_share"),
        (",,,,", ",,,,perhaps", "bad_flag"),
        ("Angharad", "Unknown", "name_placeholder"),
        ("Angharad", "Si?n", "name_encoding"),
        ("Angharad", "Ang\x07harad", "control_character"),
    ] {
        let mut night = Night::new();
        night.learners(&[row("6601", UPNS[0]).replace(from, to), row("6602", UPNS[1])]);
        let roll = night.check();
        assert_eq!(codes(&roll, Severity::Reject), [code], "{to}");
        assert_eq!(roll.held_people.len(), 1, "{to}");
        assert_eq!(
            (roll.held_people[0].person, roll.enrolments.len()),
            (learner(UPNS[0]), 1)
        );
        assert_eq!((roll.rows_rejected, roll.untold.len()), (1, 0));
    }
}

#[test]
fn all_faults_of_a_row_are_told_at_once() {
    let mut night = Night::new();
    night.learners(&[
        row("6601", UPNS[0]).replace("2025-09-01,,,,", "soon,never,visitor,lots,perhaps")
    ]);
    let columns: Vec<String> = night
        .check()
        .faults
        .list
        .into_iter()
        .map(|f| f.column)
        .collect();
    for column in [
        "admission_date",
        "leaving_date",
        "enrolment_status",
        "time_share",
        "data_sharing",
    ] {
        assert!(columns.iter().any(|c| c == column), "{column}");
    }
}

#[test]
fn a_row_whose_person_cannot_be_told_shields_its_register() {
    for bad in ["", "A681401024002", "UN1"] {
        let mut night = Night::new();
        night.learners(&[row("6601", bad), row("6602", UPNS[1])]);
        let roll = night.check();
        let at = roll.establishment_id("6601").unwrap();
        assert_eq!(
            (roll.untold.as_slice(), roll.held_people.len()),
            ([(at, Kind::Learner)].as_slice(), 0),
            "{bad}"
        );
    }
    let mut night = Night::new();
    night.learners(&[row("6601", UPNS[0]), "6602,E6612".into()]);
    let roll = night.check();
    assert_eq!(
        roll.untold,
        [(roll.establishment_id("6602").unwrap(), Kind::Learner)]
    );
}

#[test]
fn a_row_of_an_unknown_establishment_holds_its_person_and_names_nothing() {
    let mut night = Night::new();
    night.learners(&[row("6699", UPNS[0]), row("6602", UPNS[1])]);
    let roll = night.check();
    assert_eq!(codes(&roll, Severity::Reject), ["establishment_unknown"]);
    assert_eq!(
        (
            roll.held_people[0].person,
            roll.held_people[0].establishment
        ),
        (learner(UPNS[0]), EstId(0))
    );
    assert_eq!(roll.establishment(EstId(0)).code, "");
    assert_eq!(roll.establishment_id("6699"), None);
}

#[test]
fn swapped_columns_reject_every_row_and_give_nothing_away() {
    let mut night = Night::new();
    let text = format!("{LEARNERS}{}{}", row("6601", UPNS[0]), row("6602", UPNS[1]));
    night.set(
        "learners",
        text.replacen("establishment,learner_id", "learner_id,establishment", 1),
    );
    night.account(Kind::Learner, learner(UPNS[0]), "6601");
    let roll = night.check();
    assert_eq!((roll.enrolments.len(), roll.rows_rejected), (0, 2));
    let said = format!("{:?}{:?}", roll.faults, roll.establishments);
    assert!(!said.contains(UPNS[0]) && !said.contains(UPNS[1]));
}

#[test]
fn no_fault_repeats_a_cell() {
    let mut night = Night::new();
    let cells = [
        "Zq-code 1",
        "Zq-upn",
        "Zq-adm",
        "Zq?sur",
        "tbc",
        "Zq-start",
        "Zq-leave",
        "Zq-status",
        "Zq-share",
        "Zq-flag",
    ];
    night.learners(&[format!("{}\n", cells.join(",")), row("6601", UPNS[0])]);
    night.set(
        "rekeys",
        "kind,old_scope,old_id,new_scope,new_id,decided_by\nZq-kind,Zq-a,Zq-b,Zq-c,Zq-d,Zq-e\n"
            .into(),
    );
    night.exports("Zq-state,Zq-1,Zq-2", "Zq-stamp");
    night.set(
        "authorities",
        "authority,name\n660,Ynys\nZq au,Zq-name\n".into(),
    );
    let roll = night.check();
    let said = format!("{:?}", roll.faults);
    assert!(roll.faults.count(Severity::Reject) >= 12, "{said}");
    assert!(!said.contains("Zq") && !said.contains("tbc"), "{said}");
}

#[test]
fn a_temporary_upn_and_a_blank_start_keep_but_are_not_complete() {
    let mut night = Night::new();
    night.learners(&[
        row("6601", "L68140102477A"),
        row("6602", UPNS[1]).replace("2025-09-01", ""),
    ]);
    let roll = night.check();
    assert!(roll.faults.list.is_empty(), "{:?}", roll.faults.list);
    let temporary = roll
        .enrolments
        .iter()
        .find(|e| e.person == learner("L68140102477A"))
        .unwrap();
    assert!(temporary.temporary && !temporary.complete);
    assert!(roll.enrolments.iter().all(|e| !e.complete));
}

#[test]
fn repeats_collapse_overlaps_are_rejected_and_successive_enrolments_stand() {
    let enrolment = |from: &str, to: &str, status: &str| {
        format!(
            "6601,{},A1,Prydderch,Angharad,{from},{to},{status},,\n",
            UPNS[0]
        )
    };
    for (rows, accepted, rejected, collapsed) in [
        (
            [
                enrolment("2025-09-01", "", ""),
                enrolment("2025-09-01", "", ""),
            ],
            1,
            0,
            1,
        ),
        (
            [
                enrolment("2025-09-01", "2026-03-31", ""),
                enrolment("2026-04-01", "", ""),
            ],
            2,
            0,
            0,
        ),
        (
            [
                enrolment("2025-09-01", "2026-03-31", ""),
                enrolment("2026-03-31", "", ""),
            ],
            0,
            2,
            0,
        ),
        (
            [
                enrolment("2025-09-01", "", "main"),
                enrolment("2025-09-01", "", "subsidiary"),
            ],
            0,
            2,
            0,
        ),
        (
            [
                enrolment("2025-09-01", "", "main"),
                enrolment("2025-09-01", "", "guest"),
            ],
            2,
            0,
            0,
        ),
    ] {
        let mut night = Night::new();
        night.learners(&rows);
        let roll = night.check();
        let counted = (
            roll.enrolments.len(),
            roll.rows_rejected,
            roll.rows_collapsed,
        );
        assert_eq!(counted, (accepted, rejected, collapsed), "{rows:?}");
        assert_eq!(roll.held_people.len() as u64, rejected);
    }
}

#[test]
fn long_gone_rows_are_counted_unless_an_account_is_theirs() {
    let mut night = Night::new();
    let old = row("6601", UPNS[0]).replace("2025-09-01,", "nonsense,2025-09-02");
    night.learners(&[old, row("6602", UPNS[1])]);
    let roll = night.check();
    assert_eq!(
        (
            roll.rows_long_gone,
            roll.rows_rejected,
            roll.enrolments.len()
        ),
        (1, 0, 1)
    );
    night.account(Kind::Learner, learner(UPNS[0]), "6601").state = State::Inactive;
    let roll = night.check();
    assert_eq!((roll.rows_long_gone, roll.rows_rejected), (0, 1));
    night.accounts.clear();
    night.as_of = "2026-09-02";
    assert_eq!(
        night.check().rows_rejected,
        1,
        "the anniversary is still in time"
    );
}

#[test]
fn a_login_belongs_to_who_has_it_and_else_to_who_came_first() {
    let mut night = Night::new();
    let later = colleague("6602", "T2", "FB").replace("2024-09-01", "2025-01-01");
    night.set(
        "staff",
        format!("{STAFF}{}{later}", colleague("6601", "T1", "fb")),
    );
    let roll = night.check();
    assert_eq!(codes(&roll, Severity::Reject), ["login_in_use"]);
    assert_eq!(roll.held_people[0].person, staff("6602", "T2"));
    night
        .account(Kind::Staff, staff("6602", "T2"), "6602")
        .login = "fb";
    assert_eq!(night.check().held_people[0].person, staff("6601", "T1"));
    night.set("staff", format!("{STAFF}{}", colleague("6601", "T1", "fb")));
    assert_eq!(
        night.check().held_people.len(),
        1,
        "an account without a row keeps its login"
    );
    night.accounts[0].0.state = State::Inactive;
    assert_eq!(night.check().held_people.len(), 0);
}

#[test]
fn roles_need_a_registration_and_prefixes_warn() {
    let mut night = Night::new();
    let other = colleague("6601", "T2", "saffi").replace("R1", "");
    night.set(
        "staff",
        format!("{STAFF}{}{other}", colleague("6601", "T1", "fb")),
    );
    let roll = night.check();
    assert_eq!(codes(&roll, Severity::Warn), ["login_prefix"]);
    let role = |code| {
        roll.enrolments
            .iter()
            .find(|e| e.person == staff("6601", code))
            .unwrap()
            .role
            .as_str()
    };
    assert_eq!(
        (role("T1"), role("T2")),
        ("teaching_staff", "non_teaching_staff")
    );
}

#[test]
fn a_previous_key_and_rekeys_lead_to_the_person_of_tonight() {
    let mut night = Night::new();
    night.keys = 2;
    night.learners(&[row("6601", UPNS[0])]);
    let rekey = |old: &str, new: &str| format!("learner,,{old},,{new},J Pugh\n");
    let head = "kind,old_scope,old_id,new_scope,new_id,decided_by\n";
    night.set(
        "rekeys",
        format!(
            "{head}{}{}",
            rekey("L68140102477A", UPNS[2]),
            rekey(UPNS[2], UPNS[0])
        ),
    );
    let roll = night.check();
    assert!(roll.faults.list.is_empty(), "{:?}", roll.faults.list);
    let old = |key: usize, upn: &str| {
        (
            Kind::Learner,
            key as u8,
            Refs(2).hash(key, Kind::Learner, "", upn),
            learner(UPNS[0]),
        )
    };
    let mut expected = vec![
        old(1, UPNS[0]),
        old(0, UPNS[2]),
        old(1, UPNS[2]),
        old(0, "L68140102477A"),
        old(1, "L68140102477A"),
    ];
    expected.sort();
    assert_eq!(roll.aliases, expected);
    night.learners(&[row("6601", UPNS[2])]);
    assert_eq!(
        night.check().enrolments[0].person,
        learner(UPNS[0]),
        "a row under the old number is the same person"
    );
    night.set(
        "rekeys",
        format!(
            "{head}{}{}",
            rekey(UPNS[0], UPNS[2]),
            rekey(UPNS[2], UPNS[0])
        ),
    );
    assert_eq!(
        codes(&night.check(), Severity::Reject),
        ["ambiguous_rekey", "ambiguous_rekey"]
    );
}

#[test]
fn the_order_of_rows_changes_nothing_but_their_lines() {
    let mut night = Night::new();
    let mut rows: Vec<String> = UPNS.iter().map(|upn| row("6601", upn)).collect();
    rows.extend([
        row("6602", UPNS[3]),
        row("6601", "bad"),
        row("6601", UPNS[4]),
    ]);
    night.learners(&rows);
    let people = |roll: Roll| {
        let mut people: Vec<_> = roll
            .enrolments
            .iter()
            .map(|e| (e.person, e.establishment, e.complete))
            .collect();
        people.sort();
        (people, roll.untold, roll.rows_rejected, roll.rows_collapsed)
    };
    let forward = people(night.check());
    rows.reverse();
    night.learners(&rows);
    assert_eq!(people(night.check()), forward);
}
