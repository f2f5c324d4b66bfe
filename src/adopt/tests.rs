//! Rows of an existing directory, one kind of trouble each.

use super::*;
use crate::identity::Key;
use crate::policy::Policy;

const HEADER: &str = "username,category,role,establishment,learner_id,staff_code,staff_id,authority,surname,forename,email,aliases,state,expires_on,left_on";

/// What comes of rows under a policy, on 20 July 2026; `E1` is listed under the authority `901`.
fn adopted(policy: &str, rows: &str, leave_out: bool) -> (Adopted, Keys) {
    let policy = Policy::builtin(policy).unwrap();
    let keys = Keys::new(Key::generate().unwrap(), None);
    let desk = Desk {
        as_of: "2026-07-20".parse().unwrap(),
        params: &policy.params,
        keys: &keys,
        authorities: BTreeMap::from([("E1".to_owned(), "901".to_owned())]),
        leave_out,
    };
    let text = format!("{HEADER}\n{rows}\n").into_bytes();
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
