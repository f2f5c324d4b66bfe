//! Invented changes, faults and notices for the tests of this room.

use std::sync::Arc;

use crate::model::{Action, Category, Date, Fault, Role, Severity};
use crate::plan::{Change, Evidence, GuardReading, Notice, OfficeLine, Plan, Status, Texts};
use crate::policy::table::{Grounds, TableKind};

/// Names that would break a careless table, page or terminal.
pub fn hostile_names() -> &'static [&'static str] {
    &[
        "=HYPERLINK(\"https://e.org\",\"x\")",
        "<script>alert(1)</script>",
        "a\u{202E}b",
        "two\nlines",
        "say \"hi\", you",
        "back\\slash\t|",
        "\u{1b}[2J",
    ]
}

/// A day of the invented year.
pub fn day(month: u32, day: u32) -> Date {
    Date::from_ymd_opt(2026, month, day).unwrap()
}

/// A planned change with nothing in it.
pub fn change(action: Action, establishment: &str, account: &str) -> Change {
    Change {
        texts: Texts::of([
            &format!("c-{}-{account}", action.as_str()),
            account,
            "k1:00",
            "TestT1",
            establishment,
            "",
        ]),
        action,
        grounds: Arc::new(Grounds {
            rule: "L-TST-1".into(),
            reason: "the leaving date has passed".into(),
        }),
        status: Status::Planned,
        category: Category::Mis,
        role: Role::Learner,
        effective_on: day(11, 20),
        facts: Evidence {
            table: TableKind::Learner,
            index: 7,
        },
        fields: Default::default(),
        held_by: Vec::new(),
        approved: false,
        guard: "",
        place: None,
        elsewhere: None,
    }
}

/// A notice about a row of a school's learners.
pub fn notice(code: &str, establishment: &str) -> Notice {
    let text = crate::plan::notice_text::text(code);
    Notice {
        code: code.into(),
        establishment: establishment.into(),
        role: "learner".into(),
        account_id: "a1".into(),
        person_ref: "k1:00".into(),
        table: "learners".into(),
        file: "mis/learners.csv".into(),
        row: 7,
        since: Some(day(11, 1)),
        message: text.message.into(),
        fix: text.fix.into(),
        owner: text.owner.into(),
        office_only: code == "not_shared",
        office: OfficeLine {
            admission_number: "A17".into(),
            year_group: "8".into(),
            registration_class: "8B".into(),
            name: "Test Person".into(),
        },
    }
}

/// A rejected row.
pub fn fault(code: &'static str, establishment: &str, row: u64) -> Fault {
    Fault::new(
        Severity::Reject,
        code,
        "expected a date",
        "correct the date",
    )
    .in_file("learners", "mis/learners.csv")
    .at_row(row)
    .in_column("admission_date")
    .of_establishment(establishment)
}

/// A guard that let `value` of `limit` through, or tripped.
pub fn guard(id: &str, value: u64, limit: u64) -> GuardReading {
    let (name, scope) = id.split_once('@').unwrap();
    let tripped = value > limit;
    GuardReading {
        id: id.into(),
        guard: name.into(),
        scope: scope.into(),
        value,
        limit,
        base: 300,
        tripped,
        held: if tripped { value } else { 0 },
        window: String::new(),
    }
}

/// A plan with nothing in it.
pub fn empty_plan() -> Plan {
    Plan {
        as_of: day(11, 23),
        changes: Vec::new(),
        groups: None,
        notices: Vec::new(),
        faults: Vec::new(),
        guards: Vec::new(),
        held: Vec::new(),
        establishments_counted: 0,
        decisions: Vec::new(),
        quiet: Default::default(),
        not_shared: Default::default(),
        schools: Vec::new(),
        causes: Vec::new(),
        due: Vec::new(),
        counts: Default::default(),
    }
}
