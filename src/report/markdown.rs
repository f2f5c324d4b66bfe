//! `report.md`: one night on a page that fits a CI job summary. Counts and codes only, counts first.

use super::About;
use super::escape::{code, markdown};
use super::page::{Page, ROWS_MAX, sentence};
use super::tally::{
    Counts, Tally, action_count, approve_lines, discreet, guard_numbers, guards_shown, notice_count,
};
use crate::model::{Action, Date, Fault, Severity};
use crate::plan::Plan;

/// Guards that did not trip.
const CALM_GUARDS_MAX: usize = 15;

/// The bytes of `report.md` for a plan.
pub fn report_md(plan: &Plan, about: &About) -> Vec<u8> {
    let tally = Tally::of(plan);
    let mut page = Page::new();
    page.line(format!(
        "# onroll {} · {}\n",
        code(&about.policy),
        plan.as_of
    ));
    page.line(format!("**{}**", markdown(&tally.headline(plan))));
    for cause in &plan.causes {
        page.line(format!("\n{}", sentence(&cause.sentence())));
    }
    removals(&tally, &mut page);
    actions(&tally, &mut page);
    groups(plan, &mut page);
    guards(plan, &mut page);
    holds(plan, &mut page);
    decisions(plan, &tally, &mut page);
    notices(&tally, &mut page);
    faults(&tally, &mut page);
    not_shared(plan, &mut page);
    readiness(plan, about, &mut page);
    next(plan, about, &mut page);
    page.line(format!(
        "\nRun {} · plan {} · snapshot {}",
        code(&about.run),
        short(&about.plan_digest),
        short(&about.snapshot_digest)
    ));
    page.finish()
}

/// The bytes of `report.md` for a night that was refused before a plan existed.
pub fn refusal_md(as_of: Date, faults: &[Fault]) -> Vec<u8> {
    let mut page = Page::new();
    page.line(format!("# onroll · {as_of}\n"));
    let refusing = faults.iter().filter(|f| f.severity == Severity::Refuse);
    page.line("**The input was refused: nothing was decided and nothing was changed.**");
    let rows = refusing
        .map(|f| {
            vec![
                code(f.code),
                sentence(&f.file),
                sentence(&f.message),
                sentence(&f.fix),
            ]
        })
        .collect();
    page.table(
        "Why",
        &["code", "file", "what is wrong", "what to do"],
        rows,
    );
    let mut counted = std::collections::BTreeMap::<(Severity, &'static str), u64>::new();
    faults
        .iter()
        .for_each(|f| *counted.entry((f.severity, f.code)).or_default() += 1);
    fault_table(&counted, &mut page);
    page.heading("What to do next");
    page.line("- Mend what is named above and run again; `faults.csv` lists every fault with its file, row and column.");
    page.finish()
}

fn short(digest: &str) -> String {
    code(digest.get(..12).unwrap_or(digest))
}

fn cells(action: Action, counts: &Counts) -> Vec<String> {
    counts
        .iter()
        .map(|n| action_count(action, *n).replace('<', "&lt;"))
        .collect()
}

fn removals(tally: &Tally, page: &mut Page) {
    if tally.removals.is_empty() {
        page.line("\nNo account is taken away or deleted.");
    }
    let rows = tally.removals.iter().map(|((action, rule), by)| {
        let mut row = vec![code(action.as_str()), code(rule), sentence(by.reason)];
        row.extend(cells(*action, &by.counts));
        row
    });
    page.table(
        "Removals",
        &["action", "rule", "reason", "planned", "held", "blocked"],
        rows.collect(),
    );
}

fn actions(tally: &Tally, page: &mut Page) {
    let rows = tally.actions.iter().map(|(action, counts)| {
        let mut row = vec![code(action.as_str())];
        row.extend(cells(*action, counts));
        row
    });
    page.table(
        "Changes",
        &["action", "planned", "held", "blocked"],
        rows.collect(),
    );
}

fn groups(plan: &Plan, page: &mut Page) {
    let counts = plan.groups.iter().flat_map(|groups| groups.counts());
    let rows = counts
        .filter(|(_, count)| *count > 0)
        .map(|(action, count)| vec![code(action), count.to_string()]);
    page.table("Groups", &["action", "groups"], rows.collect());
}

fn guards(plan: &Plan, page: &mut Page) {
    // Both lists together fill the table's own limit, so "more" is said once, here.
    let (shown, tripped_left, calm_left) =
        guards_shown(plan, ROWS_MAX - CALM_GUARDS_MAX, CALM_GUARDS_MAX);
    let rows = shown.iter().map(|guard| {
        let (value, headroom) = guard_numbers(guard);
        let mark = if guard.tripped { "**tripped**" } else { "" };
        // What a guard of opt-outs holds would give its small value away.
        let held = match guard.held {
            0 => String::new(),
            _ if value.starts_with('<') => value.clone(),
            held => held.to_string(),
        };
        vec![
            code(&guard.id),
            mark.into(),
            value.replace('<', "&lt;"),
            guard.limit.to_string(),
            headroom,
            guard.base.to_string(),
            held.replace('<', "&lt;"),
            code(&guard.window),
        ]
    });
    page.table(
        "Guards",
        &[
            "guard", "", "value", "limit", "headroom", "base", "holds", "window",
        ],
        rows.collect(),
    );
    if tripped_left > 0 {
        page.line(format!(
            "\n{tripped_left} more tripped; `plan.json` names them all."
        ));
    }
    if calm_left > 0 {
        page.line(format!(
            "\n{calm_left} more guards are within their limits."
        ));
    }
}

fn holds(plan: &Plan, page: &mut Page) {
    let rows = plan.held.iter().map(|held| {
        let may = if held.approvable { "yes" } else { "no" };
        vec![
            code(&held.code),
            code(held.reason.code()),
            sentence(&held.message),
            may.into(),
        ]
    });
    page.table(
        "Held establishments",
        &[
            "establishment",
            "reason",
            "what was found",
            "may be approved",
        ],
        rows.collect(),
    );
}

fn decisions(plan: &Plan, tally: &Tally, page: &mut Page) {
    // What did not go through comes first: somebody has to read it.
    let mut sorted: Vec<_> = plan.decisions.iter().collect();
    sorted.sort_by(|a, b| {
        (a.outcome == "applied", &a.outcome, &a.decision_id).cmp(&(
            b.outcome == "applied",
            &b.outcome,
            &b.decision_id,
        ))
    });
    let rows = sorted
        .iter()
        .map(|d| {
            vec![
                sentence(&d.decision_id),
                code(&d.outcome),
                sentence(&d.reason),
            ]
        })
        .collect();
    page.table("Decisions", &["decision", "outcome", "reason"], rows);
    let counts: Vec<String> = tally
        .decisions
        .iter()
        .map(|(outcome, n)| format!("{} {n}", code(outcome)))
        .collect();
    if !counts.is_empty() {
        page.line(format!("\nIn all: {}.", counts.join(", ")));
    }
}

fn notices(tally: &Tally, page: &mut Page) {
    let rows = tally.notices.iter().map(|((notice, owner), n)| {
        vec![
            code(notice),
            code(owner),
            notice_count(notice, *n).replace('<', "&lt;"),
        ]
    });
    page.table(
        "Notices",
        &["code", "who can mend it", "count"],
        rows.collect(),
    );
}

fn faults(tally: &Tally, page: &mut Page) {
    fault_table(&tally.faults, page);
}

pub(super) fn fault_table(
    faults: &std::collections::BTreeMap<(Severity, &'static str), u64>,
    page: &mut Page,
) {
    let rows = faults
        .iter()
        .map(|((severity, fault), n)| vec![code(severity.as_str()), code(fault), n.to_string()]);
    page.table(
        "Faults in the input",
        &["severity", "code", "count"],
        rows.collect(),
    );
}

fn not_shared(plan: &Plan, page: &mut Page) {
    let rows = plan
        .not_shared
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(establishment, n)| vec![code(establishment), discreet(*n).replace('<', "&lt;")]);
    page.table(
        "On roll, data not shared",
        &["establishment", "people"],
        rows.collect(),
    );
}

/// Who must do what before the first day of term, school by school; counts only.
fn readiness(plan: &Plan, about: &About, page: &mut Page) {
    let mut rows = Vec::new();
    for school in &plan.schools {
        for item in school.open(about.readiness.as_ref(), plan.as_of, &about.moved) {
            if !item.owner.is_empty() {
                rows.push(vec![
                    code(&school.code),
                    sentence(&item.message),
                    item.count.to_string(),
                    code(item.owner),
                ]);
            }
        }
    }
    page.table(
        "Not ready for the first day of term",
        &["establishment", "what is to be done", "count", "by whom"],
        rows,
    );
}

fn next(plan: &Plan, about: &About, page: &mut Page) {
    page.heading("What to do next");
    let lines = approve_lines(plan, about, "");
    if lines.is_empty() && plan.faults.is_empty() && plan.held.is_empty() {
        return page.line("Nothing.");
    }
    if !lines.is_empty() {
        page.line(
            "To let a held part through on the next run, once it has been looked at:\n\n```sh",
        );
        lines
            .iter()
            .take(ROWS_MAX / 2)
            .for_each(|line| page.line(line));
        page.line("```");
        if lines.len() > ROWS_MAX / 2 {
            page.line(format!(
                "\n{} more of the same kind.",
                lines.len() - ROWS_MAX / 2
            ));
        }
    }
    if plan.held.iter().any(|held| !held.approvable) {
        page.line("- Establishments that may not be approved need a new export.");
    }
    if !plan.faults.is_empty() {
        page.line("- `offices/` has one list for each school of what its office can mend; `faults.csv` has every fault.");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::page::PAGE_MAX;
    use super::super::testing::{change, day, empty_plan, fault, guard, hostile_names, notice};
    use super::*;
    use crate::model::HoldReason;
    use crate::plan::{DecisionOutcome, HeldEstablishment, Status};
    use crate::policy::table::Grounds;

    fn page(plan: &Plan) -> String {
        let about = About {
            run: "2026-11-23-0a1b2c3d".into(),
            policy: "hwb".into(),
            ..About::default()
        };
        String::from_utf8(report_md(plan, &about)).unwrap()
    }

    #[test]
    fn counts_survive_however_much_there_is_to_say() {
        let mut plan = empty_plan();
        for n in 0..5000 {
            let mut release = change(Action::Release, &format!("S{n}"), "a1");
            release.grounds = Arc::new(Grounds {
                rule: format!("L-REL-{n}"),
                reason: "|".repeat(400),
            });
            release.status = if n % 2 == 0 {
                Status::Held
            } else {
                Status::Planned
            };
            plan.changes.push(release);
            plan.guards.push(guard(&format!("release@S{n}"), 9, 4));
            plan.decisions.push(DecisionOutcome {
                decision_id: format!("D{n}"),
                outcome: "refused".into(),
                reason: "[".repeat(500),
            });
            plan.held.push(HeldEstablishment {
                code: format!("S{n}"),
                reason: HoldReason::Shrunk,
                message: "<".repeat(500),
                approvable: true,
            });
            plan.not_shared.insert(format!("S{n}"), 3);
        }
        let text = page(&plan);
        assert!(text.len() <= PAGE_MAX, "{}", text.len());
        assert!(text.contains("| `release` | 2500 | 2500 | 0 |"));
        assert!(text.contains("2500 changes are held or blocked by 5000 guards."));
    }

    #[test]
    fn hostile_text_becomes_no_markup_and_no_person_is_named() {
        let mut plan = empty_plan();
        plan.changes = vec![change(Action::Release, "S1", "acc0unt")];
        plan.notices = vec![notice("incomplete", "S1"), notice("not_shared", "S1")];
        plan.faults = vec![fault("bad_date", "S1", 3)];
        plan.not_shared.insert("S1".into(), 3);
        for name in hostile_names() {
            plan.decisions.push(DecisionOutcome {
                decision_id: (*name).into(),
                outcome: "refused".into(),
                reason: (*name).into(),
            });
        }
        let text = page(&plan);
        for bad in [
            "<script",
            "\u{202E}",
            "\u{1b}",
            "https://",
            "Test Person",
            "TestT1",
            "acc0unt",
            "k1:00",
            "A17",
        ] {
            assert!(!text.contains(bad), "{bad:?} in\n{text}");
        }
        let table: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("`refused` |"))
            .collect();
        assert_eq!(table.len(), hostile_names().len());
        assert!(
            table
                .iter()
                .all(|line| line.replace("\\|", "").matches('|').count() == 4)
        );
        assert!(text.contains("| `S1` | &lt;5 |"));
    }

    #[test]
    fn a_page_is_the_same_ten_times_and_says_how_to_approve() {
        let mut plan = empty_plan();
        plan.changes = vec![change(Action::Release, "S1", "a1")];
        plan.guards = vec![
            guard("release@S1/learner", 9, 4),
            guard("create@run", 2, 100),
        ];
        let first = page(&plan);
        assert!(
            first
                .contains("onroll approve 2026-11-23-0a1b2c3d --guard release@S1/learner --by WHO")
        );
        assert!((0..9).all(|_| page(&plan) == first));
    }

    #[test]
    fn a_refusal_says_that_nothing_happened_and_why() {
        let refuse = Fault::new(
            Severity::Refuse,
            "table_missing",
            "learners.csv is empty",
            "export it again",
        )
        .in_file("learners", "mis/learners.csv");
        let text = String::from_utf8(refusal_md(
            day(11, 23),
            &[refuse, fault("bad_date", "S1", 3)],
        ))
        .unwrap();
        assert!(
            text.contains("nothing was changed")
                && text.contains("| `table_missing` | mis/learners.csv |")
        );
        assert!(text.contains("| `reject` | `bad_date` | 1 |"));
    }
}
