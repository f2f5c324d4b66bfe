//! `notices.csv`: what somebody should know or do, for administrators.

use super::sheet::{Line, sheet};
use crate::plan::Notice;
use crate::table::spec;

const HEADER: &[&str] = spec::NOTICES.columns;

/// The bytes of `notices.csv`, in the order given; those for a person's own office alone are left out.
pub fn notices_csv(notices: &[Notice]) -> Vec<u8> {
    let shown: Vec<&Notice> = notices
        .iter()
        .filter(|notice| !notice.office_only)
        .collect();
    sheet(HEADER, &shown, |notice, line| row(notice, line))
}

fn row(notice: &Notice, line: &mut Line) {
    line.cell(&notice.code);
    line.cell(&notice.establishment);
    line.cell(&notice.role);
    line.cell(&notice.account_id);
    line.cell(&notice.person_ref);
    line.cell(&notice.table);
    line.cell(&notice.file);
    line.row_number(notice.row);
    line.date(notice.since);
    line.cell(&notice.message);
    line.cell(&notice.fix);
    line.cell(&notice.owner);
}

#[cfg(test)]
mod tests {
    use super::super::testing::notice;
    use super::*;

    #[test]
    fn a_choice_not_to_share_and_an_office_name_never_reach_it() {
        let text = String::from_utf8(notices_csv(&[
            notice("incomplete", "S1"),
            notice("not_shared", "S1"),
        ]))
        .unwrap();
        assert_eq!(text.lines().next().unwrap(), HEADER.join(","));
        assert!(
            text.contains("incomplete,S1,learner,a1,k1:00,learners,mis/learners.csv,7,2026-11-01,")
        );
        assert!(
            !text.contains("not_shared") && !text.contains("Test Person") && !text.contains("A17")
        );
    }
}
