//! `groups.csv`: every group that changes, one row each (SPEC §10).

use super::sheet::{Line, sheet};
use crate::directory::GroupMember;
use crate::identity::hex128;
use crate::model::MemberRole;
use crate::plan::{GroupChange, GroupPlan};
use crate::table::spec;

/// The bytes of `groups.csv`, in the plan's own order. Titles come from the MIS, and people open the file.
pub fn groups_csv(plan: &GroupPlan) -> Vec<u8> {
    sheet(spec::GROUP_CHANGES.columns, &plan.changes, row)
}

fn row(change: &GroupChange, line: &mut Line) {
    let group = &change.group;
    line.raw(change.action.as_str());
    line.raw(&hex128(group.id));
    line.cell(&group.establishment);
    line.cell(&group.class_id);
    line.shown(group.year);
    line.cell(&group.title);
    line.shown(change.before.len());
    line.shown(change.after.len());
    line.raw(&ids(change.added()));
    line.raw(&ids(change.added().filter(|m| m.role == MemberRole::Owner)));
    line.raw(&ids(change.removed()));
    line.raw(&change.reason);
}

fn ids<'m>(members: impl Iterator<Item = &'m GroupMember>) -> String {
    let ids: Vec<String> = members.map(|m| hex128(m.account)).collect();
    ids.join(";")
}

#[cfg(test)]
mod tests {
    use super::super::testing::day;
    use super::*;
    use crate::calendar::AcademicYear;
    use crate::directory::Group;
    use crate::model::{GroupAction, GroupState};

    #[test]
    fn a_title_that_a_spreadsheet_would_run_is_neutralised_and_a_new_role_is_out_and_in() {
        let member = |account, role| GroupMember {
            group: 1,
            account,
            role,
        };
        let change = GroupChange {
            action: GroupAction::Update,
            group: Group {
                id: 1,
                establishment: "6601".into(),
                class_id: "7A".into(),
                year: AcademicYear::parse("2025/2026").unwrap(),
                title: "=1+1".into(),
                state: GroupState::Active,
                linked: true,
                created_on: day(9, 1),
                archived_on: None,
            },
            before: vec![member(2, MemberRole::Member), member(3, MemberRole::Member)],
            after: vec![member(2, MemberRole::Owner), member(4, MemberRole::Member)],
            reason: "who is in the class has changed".into(),
        };
        let text = String::from_utf8(groups_csv(&GroupPlan::new(vec![change]))).unwrap();
        let [two, three, four] = [2, 3, 4].map(hex128);
        let expected = format!(
            "group_update,{},6601,7A,2025/2026,'=1+1,2,2,{two};{four},{two},{two};{three},who is in the class has changed",
            hex128(1)
        );
        assert_eq!(text.lines().nth(1).unwrap(), expected);
    }
}
