//! Rows of an existing directory, one kind of trouble each.

use super::*;
use crate::identity::Key;
use crate::policy::Policy;

const HEADER: &str = "username,category,role,establishment,learner_id,staff_code,staff_id,authority,surname,forename,email,aliases,state,expires_on,left_on";

/// What comes of rows under a policy, on 20 July 2026; `E1` is listed under the authority `901`.
fn adopted(policy: &str, rows: &str, leave_out: bool) -> (Adopted, Keys) {
    of_table(policy, HEADER, rows, leave_out)
}

fn of_table(policy: &str, header: &str, rows: &str, leave_out: bool) -> (Adopted, Keys) {
    let policy = Policy::builtin(policy).unwrap();
    let keys = Keys::new(Key::generate().unwrap(), None);
    let desk = Desk {
        as_of: "2026-07-20".parse().unwrap(),
        params: &policy.params,
        keys: &keys,
        authorities: BTreeMap::from([("E1".to_owned(), "901".to_owned())]),
        leave_out,
    };
    let text = format!("{header}\n{rows}\n").into_bytes();
    (adopt(&desk, "old.csv", text, false), keys)
}

fn codes(adopted: &Adopted) -> Vec<&'static str> {
    adopted.faults.iter().map(|fault| fault.code).collect()
}

#[test]
fn every_kind_of_trouble_has_its_code() {
    for (policy, row, code) in [
        ("hwb", "a,,learner,E1,,,,,,,,,active,,", "upn_absent"),
        (
            "hwb",
            "a,,teaching_staff,E1,,,K7,,,,,,active,,",
            "identifier_missing",
        ),
        ("hwb", "a;b,,governor,E1,,,,,,,,,active,,", "bad_username"),
        ("hwb", "a,,governor,E1,,,,,,,nobody,,active,,", "bad_email"),
        ("hwb", "a,,governor,E1,,,,,,,,b c,active,,", "bad_alias"),
        ("hwb", "a,guest,governor,E1,,,,,,,,,active,,", "bad_value"),
        ("hwb", "a,,governor,E1,,,,,,,,,,,", "bad_value"),
        ("hwb", "a,,governor,E 1,,,,,,,,,active,,", "bad_code"),
        (
            "hwb",
            "a,,governor,E1,,,,,,,,,active,31/08/2026,",
            "bad_date",
        ),
        (
            "hwb",
            "a,,learner,E1,Q660200019001,,,,,,,,grace,2026-08-01,",
            "bad_grace",
        ),
        (
            "glow",
            "a,,learner,E1,060000050,,,,,,,,grace,,",
            "bad_grace",
        ),
        (
            "glow",
            "a,,teaching_staff,E9,,,K7,,,,,,active,,",
            "authority_unknown",
        ),
        (
            "glow",
            "a,,teaching_staff,E1,,,K7,902,,,,,active,,",
            "authority_differs",
        ),
    ] {
        let (adopted, _) = adopted(policy, row, false);
        assert!(adopted.is_refused() && adopted.accounts.is_empty());
        assert!(
            codes(&adopted).contains(&code),
            "{code}: {:?}",
            codes(&adopted)
        );
    }
}

#[test]
fn names_are_looked_at_and_never_cost_an_account() {
    let rows = "a,,learner,E1,Q660200019001,,,,李,,,,active,,\nb,,learner,E1,E661210020042,,,,T?m,,,,active,,\nc,,learner,E1,J668400121123,,,,,,,,active,,";
    let (adopted, _) = adopted("hwb", rows, false);
    assert_eq!(
        codes(&adopted),
        ["name_encoding", "name_missing", "name_no_letters"]
    );
    assert_eq!(adopted.accounts.len(), 3);
}

#[test]
fn names_clash_whatever_their_case_column_or_domain() {
    for rows in [
        "PughD1,,governor,E1,,,,,,,,,active,,\npughd1,,governor,E1,,,,,,,,,active,,",
        "PughD1,,governor,E1,,,,,,,,,active,,\nb,,governor,E1,,,,,,,,PUGHD1@hwbcymru.net,active,,",
        "PughD1,,governor,E1,,,,,,,,,active,,\nb,,governor,E1,,,,,,,pughd1@HwbCymru.net,,active,,",
    ] {
        let (adopted, keys) = adopted(
            "hwb",
            &format!("{rows}\nkept,,governor,E1,,,,,,,,,active,,"),
            true,
        );
        assert_eq!(
            codes(&adopted),
            ["name_repeated", "name_repeated"],
            "{rows}"
        );
        assert_eq!((adopted.accounts.len(), adopted.tally.left_out), (1, 2));
        let hash = hex128(keys.current.username_hash("PughD1"));
        assert!(
            adopted.retired.iter().any(|name| name.name_hash == hash),
            "{rows}"
        );
    }
}

#[test]
fn addresses_elsewhere_are_nobodys_usernames() {
    let rows = "a,,governor,E1,,,,,,,jo@example.org,,active,,\njo,,governor,E1,,,,,,,jo@hwbcymru.net,jo@school.example,active,,\nb,,governor,E1,,,,,,,,jo@other.example,active,,";
    let (adopted, _) = adopted("hwb", rows, false);
    assert_eq!((codes(&adopted), adopted.accounts.len()), (vec![], 3));
    let cells = |name: &str| {
        let account = adopted
            .accounts
            .iter()
            .find(|a| a.get(Column::Username) == name);
        account.map(|a| (a.get(Column::Email), a.get(Column::Aliases)))
    };
    assert_eq!(cells("a"), Some(("jo@example.org", "")));
    assert_eq!(cells("jo"), Some(("jo@hwbcymru.net", "jo@school.example")));
}

#[test]
fn a_row_said_twice_counts_once() {
    let row = "a,,learner,E1,Q660200019001,,,,Pugh,Non,,,active,,";
    let (adopted, _) = adopted("hwb", &format!("{row}\n{row}"), false);
    assert_eq!(
        (
            codes(&adopted),
            adopted.accounts.len(),
            adopted.tally.repeated
        ),
        (vec!["row_repeated"], 1, 1)
    );
}

#[test]
fn the_accounts_of_one_person_are_numbered_by_age() {
    let rows = [
        "a,,learner,E1,Q660200019001,,,,Pugh,Non,,,active,,",
        "b,,learner,E1,q66 0200019001,,,,Pugh,Non,,,inactive,,2020-01-01",
    ];
    let (adopted, keys) = adopted("hwb", &rows.join("\n"), false);
    let person = adopted.accounts[0].get(Column::PersonRef);
    let ids: Vec<&str> = adopted
        .accounts
        .iter()
        .map(|a| a.get(Column::AccountId))
        .collect();
    assert_eq!(ids, [0, 1].map(|n| hex128(keys.account_id(person, n))));
    // An inactive account beside the one in use is no trouble.
    assert_eq!(codes(&adopted), [""; 0]);
}

#[test]
fn a_last_day_is_set_only_where_the_policy_manages_such_accounts() {
    let rows = "a,,governor,E1,,,,,,,,,active,,\nb,,governor,E1,,,,,,,,,active,2026-08-31,\nc,,governor,E1,,,,,,,,,active,2027-01-01,\nd,,governor,E1,,,,,,,,,active,2026-07-19,\ne,,learner,E1,,,,,,,,,inactive,,\nf,,governor,E1,,,,,,,,,active,2028-01-01,";
    let rows = rows.replace("e,,learner", "e,non_mis,learner");
    let last_days = |policy: &str| -> (Vec<String>, Vec<&str>, u64, u64) {
        let (adopted, _) = adopted(policy, &rows, false);
        let of = |a: &AccountRecord| a.get(Column::ExpiresOn).to_owned();
        let mut days: Vec<_> = adopted.accounts.iter().map(of).collect();
        days.sort();
        (
            days,
            codes(&adopted),
            adopted.tally.expiry_set,
            adopted.tally.expiry_capped,
        )
    };
    let day = "2026-08-31".to_owned();
    let kept = vec![
        String::new(),
        "2026-07-19".to_owned(),
        day.clone(),
        day.clone(),
        // Kept into the next academic year, and at most to its end.
        "2027-01-01".to_owned(),
        "2027-08-31".to_owned(),
    ];
    assert_eq!(
        last_days("hwb"),
        (kept, vec!["expiry_passed", "learner_non_mis"], 1, 1)
    );
    let given = vec![
        String::new(),
        String::new(),
        "2026-07-19".to_owned(),
        day,
        "2027-01-01".to_owned(),
        "2028-01-01".to_owned(),
    ];
    assert_eq!(last_days("glow"), (given, vec!["learner_non_mis"], 0, 0));
}

/// Learner numbers and staff codes stand in every cell that directories were seen to put them in.
#[test]
fn an_identifier_in_another_cell_of_its_row_is_not_stored() {
    let header = "username,role,establishment,learner_id,staff_code,surname,display_name,email,aliases,login,directory_id,state";
    let rows = [
        "PughN1,learner,E1,Q660200019001,,Pugh,Non (Q660200019001),q660200019001@hwbcymru.net,Q660 2000 19001;PughN1old,q660200019001,old-Q660200019001,active",
        "RhysG2,teaching_staff,E1,,RHY,Rhy,Rhy,rhy@hwbcymru.net,rhy@school.example,rhy,d-77,active",
    ];
    let (adopted, _) = of_table(
        "hwb",
        header,
        &rows
            .join("\n")
            .replace("Q660 2000 19001;", "Q660200019001;"),
        false,
    );
    assert!(!adopted.is_refused(), "{:?}", adopted.faults);
    let of = |name: &str| {
        adopted
            .accounts
            .iter()
            .find(|a| a.get(Column::Username) == name)
            .unwrap()
    };
    let learner = of("PughN1");
    let kept: Vec<&str> = learner.cells().collect();
    assert!(
        !kept
            .iter()
            .any(|cell| cell.to_uppercase().contains("Q660200019001")),
        "{kept:?}"
    );
    assert_eq!(learner.get(Column::Aliases), "PughN1old");
    let staff = of("RhysG2");
    assert_eq!(
        (
            staff.get(Column::Login),
            staff.get(Column::Aliases),
            staff.get(Column::Email)
        ),
        ("", "", "")
    );
    // A staff code may be somebody's name, and nothing else of the account is touched.
    assert_eq!(
        (staff.get(Column::Surname), staff.get(Column::DirectoryId)),
        ("Rhy", "d-77")
    );
    let told = codes(&adopted);
    assert!(
        told.iter().all(|code| *code == "identifier_copied") && told.len() == 8,
        "{told:?}"
    );
    assert!(
        !format!("{:?}", adopted.faults)
            .to_uppercase()
            .contains("Q6602")
    );
}

#[test]
fn an_identifier_as_username_costs_the_row() {
    let header = "username,role,establishment,learner_id,state";
    let row = "q660200019001,learner,E1,Q660200019001,active";
    let (refused, _) = of_table("hwb", header, row, false);
    assert!(refused.is_refused() && codes(&refused).contains(&"identifier_as_username"));
}

#[test]
fn a_choice_is_recorded_where_the_platform_asks_and_a_no_wins() {
    let header = "username,role,establishment,learner_id,state,data_sharing";
    let rows = "a,learner,E1,051234561,active,Y\nb,learner,E2,051234561,inactive,no\nc,learner,E1,845759405,active,";
    let (adopted, _) = of_table("glow", header, rows, false);
    assert!(!adopted.is_refused(), "{:?}", adopted.faults);
    let told: Vec<_> = adopted
        .consents
        .iter()
        .map(|c| (c.data_sharing, c.establishment.as_str()))
        .collect();
    assert_eq!((told, adopted.tally.opted_out), (vec![(false, "E2")], 1));
    let (hwb, _) = of_table("hwb", header, "a,governor,E1,,active,N", false);
    assert!(hwb.consents.is_empty());
    // A row that repeats another, and rows that are left out, say it just as well.
    for rows in [
        "a,learner,E1,051234561,active,Y\na,learner,E1,051234561,active,N",
        "a,learner,E1,051234561,active,N\nb,learner,E1,051234561,active,N\nc,learner,E1,845759405,active,",
    ] {
        let (adopted, _) = of_table("glow", header, rows, true);
        assert!(!adopted.is_refused() && adopted.accounts.len() == 1);
        assert_eq!(adopted.tally.opted_out, 1, "{rows}");
    }
}

#[test]
fn the_night_may_not_lie_before_what_the_file_knows() {
    let header = "username,role,establishment,created_on,state";
    for (day, refuses) in [("2026-07-20", false), ("2026-07-21", true)] {
        let (adopted, _) = of_table("hwb", header, &format!("a,governor,E1,{day},active"), false);
        assert_eq!(
            codes(&adopted).contains(&"as_of_too_early"),
            refuses,
            "{day}"
        );
    }
}

#[test]
fn who_may_return_is_counted() {
    let rows = "a,,learner,E1,Q660200019001,,,,Pugh,Non,,,inactive,,\nb,,learner,E1,E661210020042,,,,Rees,Ifan,,,closed,,";
    let (adopted, _) = adopted("hwb", rows, false);
    assert_eq!(adopted.tally.may_return, 1);
}
