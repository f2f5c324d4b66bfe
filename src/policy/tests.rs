use super::*;

type Files = Vec<(String, Vec<u8>)>;

fn shipped(name: &str) -> Policy {
    Policy::builtin(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files of a shipped policy with one of them rewritten.
fn rewritten(name: &str, file: &str, rewrite: impl Fn(&str) -> String) -> Files {
    let mut files = builtin_files(name).expect("a shipped policy");
    for (_, bytes) in files.iter_mut().filter(|(other, _)| other == file) {
        *bytes = rewrite(std::str::from_utf8(bytes).expect("UTF-8")).into_bytes();
    }
    files
}

/// A table with one cell changed.
fn with_cell(text: &str, rule: &str, column: &str, cell: &str) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect())
        .collect();
    let place = rows[0]
        .iter()
        .position(|name| name == column)
        .expect("the column");
    assert!(rows.iter().any(|row| row[0] == rule), "no rule {rule}");
    let mut writer = csv::Writer::from_writer(Vec::new());
    for mut row in rows {
        if row[0] == rule {
            assert_ne!(row[place], cell, "{rule} {column} already says so");
            cell.clone_into(&mut row[place]);
        }
        writer.write_record(&row).expect("written");
    }
    String::from_utf8(writer.into_inner().expect("flushed")).expect("UTF-8")
}

fn refusal(files: Files) -> String {
    match Policy::from_files(files) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn shipped_policies_are_proved() {
    assert_eq!(Policy::builtin_names(), ["glow", "hwb"]);
    let sizes = |name: &str| {
        check(&shipped(name)).map(|r| r.proofs.iter().map(|p| p.combinations).collect::<Vec<_>>())
    };
    assert_eq!(sizes("glow"), Ok(vec![691_200, 691_200, 2_700, 36]));
    assert_eq!(sizes("hwb"), Ok(vec![57_600, 403_200, 540, 34_560]));
}

#[test]
fn every_property_refuses_a_policy_that_breaks_it_by_one_cell() {
    // property, table, rule, column, cell: each but one as in a shipped policy
    let in_hwb = [
        (
            "one_of_two_accounts_goes_on",
            "staff",
            "S-KPA-1",
            "action",
            "none",
        ),
        (
            "superseded_only_by_decision",
            "staff",
            "S-STA-1",
            "action",
            "supersede",
        ),
        (
            "purge_only_inactive",
            "non_mis",
            "N-STA-1",
            "action",
            "purge",
        ),
        (
            "made_only_on_a_good_request",
            "non_mis",
            "N-REQ-1",
            "action",
            "create",
        ),
        (
            "reactivated_only_by_decision",
            "non_mis",
            "N-INA-1",
            "action",
            "reactivate",
        ),
        (
            "purge_only_when_over_and_known",
            "non_mis",
            "N-PUR-1",
            "retention",
            "",
        ),
        (
            "expires_only_when_over",
            "non_mis",
            "N-STA-1",
            "action",
            "expire",
        ),
        (
            "closed_only_by_decision",
            "non_mis",
            "N-STA-1",
            "action",
            "close",
        ),
        (
            "extended_only_by_decision",
            "non_mis",
            "N-STA-1",
            "action",
            "extend",
        ),
        ("over_never_stays", "non_mis", "N-EXP-1", "action", "none"),
        ("request_is_answered", "non_mis", "N-REQ-1", "notice", ""),
        (
            "decision_is_carried_out",
            "non_mis",
            "N-EXT-1",
            "action",
            "none",
        ),
        (
            "update_only_on_change",
            "non_mis",
            "N-STA-1",
            "action",
            "update",
        ),
    ];
    let in_glow = [
        (
            "purge_only_inactive",
            "learner",
            "L-PUR-1",
            "account",
            "active|inactive",
        ),
        (
            "received_only_where_ready",
            "learner",
            "L-CRE-1",
            "elsewhere",
            "ready|settled|incomplete",
        ),
        (
            "held_are_not_received",
            "learner",
            "L-INA-1",
            "elsewhere",
            "!ready",
        ),
        (
            "action_fits_account",
            "learner",
            "L-MOV-5",
            "action",
            "create",
        ),
        (
            "holder_gives_way_only_to_an_answer",
            "learner",
            "L-MOV-5",
            "home_roll",
            "left|on_roll",
        ),
        (
            "roll_known_for_release_and_absence",
            "learner",
            "L-HLD-2",
            "action",
            "release",
        ),
        (
            "release_only_when_gone",
            "learner",
            "L-ABS-1",
            "action",
            "release",
        ),
        (
            "withdraw_only_when_out",
            "learner",
            "L-REL-1",
            "action",
            "withdraw",
        ),
        (
            "purge_only_when_over_and_known",
            "learner",
            "L-PUR-1",
            "retention",
            "waiting|over",
        ),
        (
            "grace_ends_when_over",
            "learner",
            "L-GRX-4",
            "grace",
            "running|over",
        ),
        (
            "grace_begins_when_granted",
            "learner",
            "L-GRS-2",
            "grace",
            "none|granted",
        ),
        (
            "incomplete_row_keeps_as_complete",
            "learner",
            "L-UPD-1",
            "home_roll",
            "on_roll",
        ),
        (
            "incomplete_claim_keeps_nobody",
            "learner",
            "L-GRS-2",
            "elsewhere",
            "!incomplete",
        ),
        (
            "calendar_hold_begins_once",
            "learner",
            "L-KEP-3",
            "action",
            "hold_leaver",
        ),
        ("kept_by_decision", "learner", "L-MOV-5", "kept", ""),
        ("not_in_never_stays", "learner", "L-WDR-1", "action", "none"),
        (
            "opted_out_never_stays",
            "learner",
            "L-WDR-2",
            "action",
            "none",
        ),
        (
            "on_roll_has_account_or_reason",
            "learner",
            "L-NON-2",
            "notice",
            "",
        ),
        (
            "update_only_on_change",
            "learner",
            "L-STA-1",
            "action",
            "update",
        ),
        (
            "absence_marked_and_cleared_once",
            "learner",
            "L-CLR-1",
            "absence",
            "",
        ),
        (
            "change_is_never_forgotten",
            "learner",
            "L-UPD-1",
            "action",
            "none",
        ),
        (
            "claim_needs_a_row",
            "claim",
            "C-KEE-1",
            "known",
            "open|deferred",
        ),
        (
            "new_claim_needs_a_holder",
            "claim",
            "C-SUB-1",
            "subsidiary",
            "no",
        ),
        (
            "held_claimant_changes_nothing",
            "claim",
            "C-CLO-2",
            "row",
            "gone|unknown",
        ),
        ("claim_opens_once", "claim", "C-REO-1", "changed", ""),
        (
            "claim_closes_when_its_cause_ends",
            "claim",
            "C-CLO-2",
            "row",
            "gone|on_roll",
        ),
        (
            "only_decided_claims_are_settled",
            "claim",
            "C-DEC-1",
            "decision",
            "none|decline",
        ),
        (
            "purged_account_has_no_claims",
            "claim",
            "C-PUR-1",
            "action",
            "transfer_close",
        ),
        (
            "claim_update_needs_a_claim",
            "claim",
            "C-UPD-1",
            "changed",
            "",
        ),
    ];
    let of = |policy: &'static str| move |breach| (policy, breach);
    let breaches: Vec<_> = in_glow
        .into_iter()
        .map(of("glow"))
        .chain(in_hwb.into_iter().map(of("hwb")))
        .collect();
    for (policy, (property, table, rule, column, cell)) in &breaches {
        let said = refusal(rewritten(policy, &format!("{table}.csv"), |text| {
            with_cell(text, rule, column, cell)
        }));
        let fault = said
            .lines()
            .find(|line| line.contains(&format!("({property})")));
        let fault =
            fault.unwrap_or_else(|| panic!("{property} is not broken by {rule} {column}: {said}"));
        assert!(
            fault.contains(" for ") && fault.contains(" = "),
            "no combination in words: {fault}"
        );
    }
    for kind in TableKind::ALL {
        for property in properties::of(kind) {
            assert!(
                breaches.iter().any(|(_, breach)| breach.0 == property.name),
                "{} is never broken here",
                property.name
            );
        }
    }
}

#[test]
fn a_breach_is_told_with_the_facts_that_matter() {
    let said = refusal(rewritten("hwb", "learner.csv", |text| {
        with_cell(text, "L-PUR-1", "home_roll", "")
    }));
    let expected = "rule L-PUR-1 breaks property 3 (purge_only_when_over_and_known): it decides purge for \
                    account = inactive, held = no, home_roll = unknown, elsewhere = none, retention = over;";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_gap_is_told_in_words() {
    let said = refusal(rewritten("hwb", "learner.csv", |text| {
        with_cell(text, "L-ABS-2", "absence", "again")
    }));
    let gap = "no rule for account = active, held = no, home_roll = no_row, ";
    assert!(
        said.contains(gap) && said.contains("absence = marked"),
        "{said}"
    );
}

#[test]
fn a_rule_that_is_never_reached_names_those_that_hide_it() {
    let said = refusal(rewritten("hwb", "claim.csv", |text| {
        format!(
            "{}\nC-ZZZ-1,open,gone,lists|here,,,none,,,Never.,SPEC 6\n",
            text.trim_end()
        )
    }));
    assert!(
        said.contains("rule C-ZZZ-1 never decides anything: C-CLO-1, C-CLO-2 before it take"),
        "{said}"
    );
}

#[test]
fn a_rule_without_a_condition_is_refused() {
    let said = refusal(rewritten("hwb", "claim.csv", |text| {
        with_cell(
            &with_cell(
                text,
                "C-STA-3",
                "known",
                "none|open|deferred|declined|approved",
            ),
            "C-STA-3",
            "reason",
            "x",
        )
    }));
    assert!(said.contains("rule C-STA-3 asks nothing"), "{said}");
}

#[test]
fn a_table_must_ask_what_its_platform_can_make_differ() {
    let drop_column = |text: &str, column: &str| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a row")).collect();
        let place = rows[0]
            .iter()
            .position(|name| name == column)
            .expect("the column");
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            writer
                .write_record(
                    row.iter()
                        .enumerate()
                        .filter(|(i, _)| *i != place)
                        .map(|(_, cell)| cell),
                )
                .expect("written");
        }
        String::from_utf8(writer.into_inner().expect("flushed")).expect("UTF-8")
    };
    let said = refusal(rewritten("glow", "staff.csv", |text| {
        drop_column(text, "opted_in")
    }));
    assert!(
        said.contains(
            "staff.csv: must have the column `opted_in`: policy.toml has the section [consent]"
        ),
        "{said}"
    );
    let said = refusal(rewritten("glow", "claim.csv", |text| {
        drop_column(text, "decision")
    }));
    assert!(
        said.contains("claim.csv: must have the column `decision`"),
        "{said}"
    );
}

#[test]
fn every_fault_of_a_table_is_told_at_once() {
    let said = refusal(rewritten("hwb", "claim.csv", |_| {
        "rule,known,row,holder,subsidiary,changed,action,state,notice,reason,source\n\
         C-A-1,opne,,,,,none,,,One.,S1\n\
         c-a-2,open,,,,,create,,,Two.,S1\n\
         C-A-1,open,,,,,transfer_defer,opens,,,\n\
         C-A-4,open,,,,none,,,Four.,S1\n\
         # C-A-5,a comment for people\n\
         C-A-6,open|open,,,,,none,,elsewhere,Six.,S1\n"
            .to_owned()
    }));
    for expected in [
        "claim.csv, line 2: `opne` is not a value of `known`",
        "line 3: `c-a-2` is not a rule id",
        "line 3: `create` is not an action of this table",
        "line 4: `reason` is blank",
        "line 4: `source` is blank",
        "line 4: `state` does not fit the action transfer_defer",
        "line 4: rule C-A-1 stands on line 2 already",
        "line 5: has 10 cells, the header 11",
        "line 7: `open` stands twice in the cell of `known`",
        "line 7: `elsewhere` is a fact of people",
    ] {
        assert!(said.contains(expected), "{expected}\nis not in\n{said}");
    }
}

#[test]
fn every_fault_of_the_parameters_is_told_at_once() {
    let said = refusal(rewritten("hwb", "policy.toml", |text| {
        text.replace("months = 12", "months = 0")
            .replace("\"waiting_release\"", "\"approved\"")
            .replace("{Surname}{F}{n}", "{Surname}{F}")
            .replace("{f} {surname}", "{f} {name}")
            .replace("\"rename\"", "\"assign_grace\"")
            .replace("\"start_date\"", "\"start\"")
            .replace("platform =", "vendor =")
            .replace("days = 7", "days = 31")
            .replace("absence = { percent = 20,", "opt_out = { percent = 200,")
            .replace(
                "[guards]",
                "[[calendar_hold]]\nyear_groups = [\"11\"]\nleaving_after = \"06-31\"\nuntil = \"08-29\"\n[guards]",
            )
    }));
    for expected in [
        "retention.months is 0",
        "transfers.opens_as must be",
        "names.username: ",
        "names.display_staff must hold",
        "`assign_grace` needs the section [grace]",
        "complete.staff: `start` is not one of",
        "owners.platform must say",
        "owners.vendor is not one of",
        "leaving_after must be a day of every year",
        "guards.budget: days is 31; it must be 2 to 30",
        "guards.budget: `opt_out` is not a guard",
        "guards.budget.limits.opt_out.percent is 200",
    ] {
        assert!(said.contains(expected), "{expected}\nis not in\n{said}");
    }
    let said = refusal(rewritten("hwb", "policy.toml", |text| {
        text.replace("[absence]", "[absent]")
    }));
    assert!(said.contains("policy.toml: "), "{said}");
}

#[test]
fn the_compiled_table_decides_as_reading_from_the_top_does() {
    for name in ["hwb", "glow"] {
        let policy = shipped(name);
        for table in TableKind::ALL.map(|kind| policy.table(kind)) {
            for index in (0..table.combinations()).step_by(61) {
                let places = table.places(index);
                assert_eq!(table.index(&places), index);
                let matches = |rule: &&Rule| {
                    rule.cells
                        .iter()
                        .zip(&table.columns)
                        .all(|(cell, place)| cell >> places[*place] & 1 == 1)
                };
                let first = table
                    .rules
                    .iter()
                    .find(matches)
                    .map(|rule| &rule.grounds.rule);
                assert_eq!(
                    first,
                    Some(&table.decide(index).grounds.rule),
                    "{:?}",
                    table.values(index)
                );
                for (fact, value) in table.values(index) {
                    let place = table
                        .facts()
                        .iter()
                        .position(|f| f.name == fact)
                        .expect("a fact");
                    assert_eq!(table.facts()[place].value(value), Some(places[place]));
                }
            }
            assert!(table.get(table.combinations()).is_none());
        }
    }
}

#[test]
fn the_digest_stands_for_every_file() {
    let policy = shipped("hwb");
    assert_eq!(
        Policy::from_files(policy.files.clone()).map(|p| p.digest),
        Ok(policy.digest.clone())
    );
    for file in FILES.iter().filter(|file| **file != "policy.toml") {
        let other = rewritten("hwb", file, |text| format!("{text}\n# another line\n"));
        let digest = Policy::from_files(other).map(|p| p.digest);
        assert!(
            digest.as_ref().is_ok_and(|d| *d != policy.digest),
            "{file}: {digest:?}"
        );
    }
}

#[test]
fn what_is_shown_holds_every_rule_and_fits_a_terminal() {
    for name in ["hwb", "glow"] {
        let policy = shipped(name);
        let text = show(&policy, None);
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for rule in TableKind::ALL
            .iter()
            .flat_map(|kind| &policy.table(*kind).rules)
        {
            assert!(
                flat.contains(&*rule.grounds.rule) && flat.contains(&*rule.grounds.reason),
                "{} is not shown",
                rule.grounds.rule
            );
        }
        assert!(
            text.lines()
                .all(|line| line.chars().count() <= 140 && line == line.trim_end())
        );
        assert!(show(&policy, Some("claim")).starts_with("Claims of other establishments"));
        let tables = &show_json(&policy)["tables"];
        assert_eq!(
            tables[0]["rules"].as_array().map(Vec::len),
            Some(policy.learner.rules.len())
        );
    }
}
