//! What a terminal shows of faults and of a plan: short, aligned, most urgent first.

use super::About;
use super::escape::plain;
use super::tally::{
    Counts, Tally, action_count, approve_lines, discreet, guard_numbers, guards_shown, notice_count,
};
use crate::model::Action;
use crate::plan::Plan;

/// Rows of each part of a summary, so that all of it is about 40 lines.
const PART_MAX: usize = 4;

pub(super) const BOLD: &str = "1";
pub(super) const RED: &str = "31";
pub(super) const YELLOW: &str = "33";

pub(super) fn paint(text: &str, style: &str, colour: bool) -> String {
    if colour {
        format!("\u{1b}[{style}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// A plan in at most about 40 lines: headline, removals, other changes, what is held and how to let it through,
/// guards nearest to their limits, notices.
pub fn summary(plan: &Plan, about: &About, colour: bool) -> String {
    let tally = Tally::of(plan);
    let mut text = paint(&tally.headline(plan), BOLD, colour) + "\n";
    let causes = plan.causes.iter().take(PART_MAX);
    causes.for_each(|cause| text += &format!("  {}\n", plain(&cause.sentence())));
    text += &changes(&tally, colour);
    text += &held(plan, about, colour);
    text += &guards(plan, colour);
    text += &notices(plan, &tally);
    text
}

fn changes(tally: &Tally, colour: bool) -> String {
    let removal = |action: &Action| action.is_removal() || *action == Action::Purge;
    let (removals, others): (Vec<_>, Vec<_>) = tally
        .actions
        .iter()
        .partition(|(action, _)| removal(action));
    if removals.is_empty() && others.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n  {:<18}{:>9}{:>9}{:>9}\n",
        "", "planned", "held", "blocked"
    );
    removals
        .iter()
        .chain(&others)
        .for_each(|(action, counts)| text += &change_line(**action, counts, colour));
    text
}

fn change_line(action: Action, counts: &Counts, colour: bool) -> String {
    let [planned, held, blocked] = counts.map(|n| action_count(action, n));
    // Padded before it is painted: colour codes have no width.
    let stopped = format!("{held:>9}{blocked:>9}");
    let stopped = if counts[1] + counts[2] > 0 {
        paint(&stopped, RED, colour)
    } else {
        stopped
    };
    format!("  {:<18}{planned:>9}{stopped}\n", action.as_str())
}

fn held(plan: &Plan, about: &About, colour: bool) -> String {
    let mut text = String::new();
    for held in plan.held.iter().take(PART_MAX) {
        text += &format!(
            "  {} {}: {}\n",
            paint(&plain(&held.code), RED, colour),
            held.reason.code(),
            plain(&held.message)
        );
    }
    text += &more(plan.held.len(), "establishments are held");
    if !text.is_empty() {
        text = format!("\nHeld establishments\n{text}");
    }
    let lines = approve_lines(plan, about, &about.workspace);
    if !lines.is_empty() {
        text += "\nTo let held parts through on the next run, once they have been looked at\n";
        lines
            .iter()
            .take(PART_MAX)
            .for_each(|line| text += &format!("  {line}\n"));
        text += &more(lines.len(), "such lines stand in report.md");
    }
    text
}

fn guards(plan: &Plan, colour: bool) -> String {
    let (shown, tripped_left, _) = guards_shown(plan, PART_MAX, PART_MAX);
    if shown.is_empty() {
        return String::new();
    }
    let width = shown
        .iter()
        .map(|g| g.id.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(8, 48);
    let mut text = format!(
        "\n  {:<width$}{:>8}{:>8}{:>10}\n",
        "guard", "value", "limit", "headroom"
    );
    for guard in shown {
        let (value, headroom) = guard_numbers(guard);
        let line = format!(
            "  {:<width$}{value:>8}{:>8}{headroom:>10}",
            plain(&guard.id),
            guard.limit
        );
        text += &if guard.tripped {
            paint(&line, RED, colour)
        } else {
            line
        };
        text += if guard.tripped { "  tripped\n" } else { "\n" };
    }
    if tripped_left > 0 {
        text += &format!("  {tripped_left} more tripped\n");
    }
    text
}

fn notices(plan: &Plan, tally: &Tally) -> String {
    let mut by_count: Vec<_> = tally.notices.iter().collect();
    by_count.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let mut text = String::new();
    for ((code, owner), n) in by_count.iter().take(PART_MAX) {
        text += &format!(
            "  {:<26}{:>8}  {}\n",
            plain(code),
            notice_count(code, **n),
            plain(owner)
        );
    }
    text += &more(by_count.len(), "kinds stand in report.md");
    let not_shared: u64 = plan.not_shared.values().sum();
    if not_shared > 0 {
        text += &format!("  {:<26}{:>8}\n", "data not shared", discreet(not_shared));
    }
    if text.is_empty() {
        text
    } else {
        format!("\nNotices\n{text}")
    }
}

fn more(total: usize, what: &str) -> String {
    match total.saturating_sub(PART_MAX) {
        0 => String::new(),
        n => format!("  {n} more {what}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change, empty_plan, fault, guard, hostile_names, notice};
    use super::*;
    use crate::model::HoldReason;
    use crate::plan::{HeldEstablishment, Status};

    #[test]
    fn nothing_in_the_data_steers_the_terminal() {
        for name in hostile_names() {
            let mut hostile = fault("bad_date", "S1", 2);
            hostile.file = (*name).into();
            let mut plan = empty_plan();
            plan.held = vec![HeldEstablishment {
                code: (*name).into(),
                reason: HoldReason::Shrunk,
                message: (*name).into(),
                approvable: true,
            }];
            plan.guards = vec![guard(&format!("release@{name}"), 9, 4)];
            let text = super::super::fault_list::some(&[hostile], false)
                + &summary(&plan, &About::default(), false);
            assert!(
                !text.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202E}')),
                "{text:?}"
            );
            assert!(
                !text.lines().any(|line| line.starts_with("lines")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_bad_night_fits_a_screen_with_removals_first() {
        let mut plan = empty_plan();
        for (n, action) in Action::ALL.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
            let mut change = change(*action, "S1", &format!("a{n}"));
            change.status = Status::Held;
            plan.changes.push(change);
        }
        for n in 0..50 {
            plan.guards
                .push(guard(&format!("release@S{n}/learner"), 9 + n, 4));
            plan.guards
                .push(guard(&format!("create@S{n}/learner"), n, 400));
            plan.held.push(HeldEstablishment {
                code: format!("S{n}"),
                reason: HoldReason::Stale,
                message: "exported long ago".into(),
                approvable: true,
            });
            plan.notices.push(notice(&format!("code{n}"), "S1"));
        }
        plan.not_shared.insert("S1".into(), 2);
        let text = summary(&plan, &About::default(), false);
        let lines = text.lines().count();
        assert!(
            lines <= 48,
            "{lines} lines:
{text}"
        );
        assert!(text.find("  purge").unwrap() < text.find("  create").unwrap());
        assert!(text.contains("data not shared") && text.contains("<5"));
        assert_eq!(
            summary(&plan, &About::default(), true)
                .matches("\u{1b}[0m")
                .count()
                * 2,
            summary(&plan, &About::default(), true)
                .matches('\u{1b}')
                .count()
        );
    }
}
