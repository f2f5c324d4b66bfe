//! What each notice says, what would mend it and who can: one place for all of them.
//!
//! No text names a school other than the reader's own, so an office's list can
//! never tell where else a person is on roll (SPEC §11).

/// A notice in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoticeText {
    /// What is the case.
    pub message: &'static str,
    /// What would mend it.
    pub fix: &'static str,
    /// Who can: `school`, `authority`, `platform` or `administrator`.
    pub owner: &'static str,
}

/// What a code nobody described says; a test keeps the engine's own codes out of it.
const UNKNOWN: NoticeText = NoticeText {
    message: "Something about this person or account needs a look; no text is kept for this code.",
    fix: "Look at the account in the latest plan.csv: it names the facts and the rule.",
    owner: "administrator",
};

/// The text of a notice code.
pub fn text(code: &str) -> NoticeText {
    match TEXTS.binary_search_by(|(known, ..)| (*known).cmp(code)) {
        Ok(at) => {
            let (_, owner, message, fix) = TEXTS[at];
            NoticeText {
                message,
                fix,
                owner,
            }
        }
        Err(_) => UNKNOWN,
    }
}

/// Whether a code has a text of its own.
pub fn is_known(code: &str) -> bool {
    TEXTS
        .binary_search_by(|(known, ..)| (*known).cmp(code))
        .is_ok()
}

/// Code, owner, message, fix; sorted by code.
#[rustfmt::skip]
const TEXTS: &[(&str, &str, &str, &str)] = &[
    ("absent", "school",
     "No row in a complete export any more, and no leaving date was ever exported: the account closes if this goes on.",
     "Enter the leaving date if the person has left; if not, put the record back into the export."),
    ("account_closed", "administrator",
     "On roll, but the account was closed for good, so the roll does not bring it back.",
     "Ask whoever closed it whether the person needs an account again."),
    ("consent_changed_on_move", "school",
     "The choice on data sharing in the new row differs from the one recorded before; the new row's choice counts.",
     "Check with the family or member of staff that the choice in the MIS is the one they made."),
    ("decision_refused", "administrator",
     "A decision about this account was refused and will not be tried again.",
     "Read the reason in the report; if it still applies, record a new decision."),
    ("decision_waiting", "administrator",
     "A decision about this account waits, because what it needs is not there yet; it is tried for 30 days.",
     "Nothing, if the date is ahead; otherwise read the reason in the report and mend what it names."),
    ("establishment_held", "school",
     "The school's export could not be trusted tonight, so nothing about its people was changed.",
     "Send a complete, fresh export; `faults.csv` says what was wrong with this one."),
    ("expiring_soon", "administrator",
     "The account expires within eight weeks.",
     "Record `keep_account` with a period, or `close_account` with `on_expiry`."),
    ("expiry_capped", "administrator",
     "The expiry asked for lies after the end of the academic year, so the account runs to 31 August.",
     "Extend the account when it comes up for review."),
    ("future_start", "school",
     "The start date is further ahead than accounts are made; the account follows when the date comes nearer.",
     "Nothing, if the start date is right; otherwise correct it in the MIS."),
    ("grace_not_complete", "school",
     "Back on roll while the grace period runs, but the row lacks something an account needs; grace runs on and then ends.",
     "Complete the record in the MIS before the grace period is over."),
    ("guest_only", "school",
     "On roll as a guest only; a guest row neither creates nor keeps an account.",
     "Nothing, if the person is registered elsewhere; otherwise change the enrolment status in the MIS."),
    ("impossible_case", "administrator",
     "The facts about this person contradict each other, so nothing was changed.",
     "Report the case that plan.csv or faults.csv names to the people who keep the policy."),
    ("incomplete", "school",
     "On roll, but the row lacks something an account needs.",
     "Fill in the missing columns in the MIS; the account follows on the next run."),
    ("learner_non_mis", "administrator",
     "A learner's account does not follow the roll; no learner should have one on request.",
     "Let the account the roll makes be used, and record `close_account` for this one."),
    ("leaver_held", "school",
     "The leaving date has passed; the account stays open for the period that the platform's calendar allows these year groups.",
     "Nothing; the account closes when the period ends."),
    ("leaver_kept", "administrator",
     "The export says that this person left; a decision says that they did not, so the account stays open until it runs out.",
     "Have the leaving date removed in the MIS before the decision runs out."),
    ("login_in_use", "school",
     "The network login is already that of another person of the authority, so no account could be made from this row.",
     "Give the person a login of their own in the MIS."),
    ("login_prefix", "authority",
     "The network login still carries the authority's local prefix.",
     "Have the prefix taken off the login in the MIS."),
    ("name_differs", "administrator",
     "The name in the MIS differs from the account's; on this platform the account does not follow by itself.",
     "Nothing, if the name on the roll is wrong; else record `rename` with `display`, `username` or both, case by case."),
    ("no_longer_eligible", "administrator",
     "On roll at a school that the platform no longer serves; the account stays as it is.",
     "Check the school's entry in `establishments.csv`."),
    ("non_mis_account", "administrator",
     "An account that does not follow the roll; on this platform it is reported, and nothing about it is changed.",
     "Have it removed on the platform if nobody needs it."),
    ("not_eligible", "authority",
     "On roll at a school that the platform does not serve, so no account can be made.",
     "Nothing, if that is right; otherwise correct the school's entry in `establishments.csv`."),
    ("not_shared", "school",
     "No account, because data about this person is not shared with the platform.",
     "Nothing, if that is the choice made; otherwise record the new choice in the MIS."),
    ("opt_out_waiting", "school",
     "An opt-out has been exported but could not be carried out, because the export is held or the row was rejected.",
     "Mend the export or the row soon: the person has asked that their data is no longer shared."),
    ("possible_duplicate", "administrator",
     "The work e-mail of a request already belongs to an account.",
     "Use that account; if the address is somebody else's, ask again without it under a new request_id."),
    ("purge_waits", "school",
     "Due to be deleted for good, but a row of the person stands in the roll, so the account is kept until that is settled.",
     "Complete or correct the row in the MIS, or enter the leaving date."),
    ("rekey_conflict", "administrator",
     "A re-keying names identifiers that both have accounts, so nothing was joined.",
     "Decide which account stays, close the other, or take the line out of `rekeys.csv`."),
    ("request_refused", "administrator",
     "A request for an account was refused.",
     "Read the reason in the report; correct the request and give it a new request_id."),
    ("request_waiting", "administrator",
     "A request for an account waits; it is tried for 30 days.",
     "Nothing, if its day is ahead; otherwise have the school's export mended."),
    ("row_incomplete", "school",
     "The account stays open, but the row lacks something: were the account lost, this row could not make a new one.",
     "Fill in the missing columns in the MIS."),
    ("row_rejected", "school",
     "The row could not be accepted, so nothing about this person was changed.",
     "Correct the row in the MIS; `faults.csv` names the column and the form expected."),
    ("service_desk_required", "platform",
     "An earlier account of this member of staff is closed and cannot be revived from the roll.",
     "Ask the platform's service desk if the earlier account's work is needed; its word is recorded as `keep_previous_account` or `reactivate_account`."),
    ("temporary_upn", "school",
     "The row carries a temporary UPN, which can neither make an account nor bring one from another school.",
     "Find the permanent UPN from the previous school or the common transfer file and enter it in the MIS."),
    ("transfer_declined", "school",
     "A transfer of the account was declined; the account stays where it is while nothing in the row changes.",
     "Ask the administrator if the person does attend."),
    ("transfer_deferred", "administrator",
     "A claim for this account was put off; it stays listed until somebody decides.",
     "Record `approve_transfer` or `decline_transfer`."),
    ("transfer_pending", "administrator",
     "On roll at more than one school; the account moves only when a person approves it.",
     "Record `approve_transfer`, `defer_transfer` or `decline_transfer`."),
    ("two_accounts", "administrator",
     "Two usable accounts stand for one person, so neither was changed.",
     "Find out which one is used and close the other."),
    ("username_denied", "administrator",
     "The name makes a username that the deny-list keeps out, so no account was made.",
     "Have the name in the MIS checked, or change the deny-list."),
    ("username_impossible", "school",
     "No username can be made from the name: it has no letters that can stand in one, or marks of a wrong encoding.",
     "Correct the name in the MIS, or export it in UTF-8."),
    ("waiting_release", "school",
     "On roll, but the account is still open elsewhere; it moves by itself when the previous school's leaving date has passed.",
     "Nothing, if the admission is recent; otherwise ask the previous school to enter the leaving date."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::registry;

    #[test]
    fn the_table_is_sorted_and_every_owner_is_known() {
        assert!(TEXTS.is_sorted_by(|a, b| a.0 < b.0));
        for (code, owner, message, fix) in TEXTS {
            assert!(
                ["school", "authority", "platform", "administrator"].contains(owner),
                "{code}: {owner}"
            );
            assert!(
                message.ends_with('.') && fix.ends_with('.'),
                "{code} is no sentence"
            );
        }
    }

    #[test]
    fn every_code_of_the_contract_has_a_text() {
        let codes = "future_start guest_only not_eligible not_shared establishment_held row_rejected temporary_upn incomplete \
            row_incomplete opt_out_waiting waiting_release transfer_pending transfer_deferred leaver_kept leaver_held absent \
            service_desk_required username_denied username_impossible name_differs consent_changed_on_move two_accounts \
            decision_waiting decision_refused rekey_conflict login_prefix grace_not_complete purge_waits expiring_soon \
            possible_duplicate";
        for code in codes.split_whitespace() {
            assert!(is_known(code), "{code} has no text");
        }
        assert!(!is_known("invented_code"));
    }
    /// A cell `elsewhere` stands for the notice of that fact's value.
    #[test]
    fn every_notice_a_shipped_policy_gives_has_a_text() {
        let mut seen = 0;
        for (policy, table) in ["hwb", "glow"]
            .iter()
            .flat_map(|p| ["learner", "staff", "claim", "non_mis"].map(|t| (p, t)))
        {
            let path = format!(
                "{}/config/policies/{policy}/{table}.csv",
                env!("CARGO_MANIFEST_DIR")
            );
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let column = reader
                .headers()
                .unwrap()
                .iter()
                .position(|h| h == "notice")
                .unwrap();
            for record in reader.records() {
                let record = record.unwrap();
                let code = &record[column];
                seen += usize::from(!code.is_empty());
                assert!(
                    code.is_empty() || code == "elsewhere" || is_known(code),
                    "{path}: {code}"
                );
            }
        }
        assert!(seen > 0);
    }

    #[test]
    fn every_notice_of_a_fact_has_a_text() {
        let values = [
            registry::person::FACTS,
            registry::claim::FACTS,
            registry::non_mis::FACTS,
        ]
        .into_iter()
        .flatten()
        .flat_map(|fact| fact.values);
        let codes: Vec<&str> = values
            .map(|value| value.notice)
            .filter(|code| !code.is_empty())
            .collect();
        assert!(!codes.is_empty());
        assert!(codes.iter().all(|code| is_known(code)), "{codes:?}");
    }
}
