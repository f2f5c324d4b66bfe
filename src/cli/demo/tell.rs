//! What the demonstration tells of a night.

use super::super::screen::{Screen, Style};
use super::super::summary::{Told, counted};
use crate::model::{Action, Date, GroupAction, Severity};
use crate::nightly::Night;
use crate::plan::{Plan, Status};

/// The date and title of a night.
pub fn heading(screen: &Screen, as_of: Date, title: &str) {
    screen.line(&[
        (None, "\n"),
        (Some(Style::Bold), &as_of.format("%A %-d %B %Y").to_string()),
        (Some(Style::Bold), &format!("  {title}")),
    ]);
}

/// A text, broken into lines.
pub fn paragraph(screen: &Screen, text: &str) {
    for line in wrap(text, 92) {
        screen.line(&[(None, "  "), (None, &line)]);
    }
}

/// What came of a night.
pub fn tell(screen: &Screen, told: &Told) {
    match &told.night {
        Night::Refused(refused) => {
            let count = refused
                .faults
                .iter()
                .filter(|fault| fault.severity == Severity::Refuse)
                .count();
            screen.line(&[
                (Some(Style::Red), "  ✗ refused"),
                (
                    None,
                    &format!(": {}, nothing was decided", counted(count as u64, "fault")),
                ),
            ]);
            if let Some(first) = refused.faults.first() {
                paragraph(screen, &format!("{}: {}", first.file, first.message));
            }
        }
        Night::Decided(decided) => {
            let deeds = deeds(told).unwrap_or_else(|| "nothing to do".to_owned());
            for (at, line) in wrap(&deeds, 90).iter().enumerate() {
                screen.line(&[
                    (Some(Style::Green), if at == 0 { "  ✓ " } else { "    " }),
                    (None, line),
                ]);
            }
            held(screen, &decided.plan);
            answers(screen, &decided.plan);
            last_days(screen, &decided.plan);
            problems(screen, &decided.plan);
        }
    }
}

/// What was done, in words; `None` for nothing.
pub fn deeds(told: &Told) -> Option<String> {
    let done = &told.run.record.done;
    let words: Vec<String> = Action::ALL
        .iter()
        .rev()
        .filter_map(|action| Some(deed(*action, *done.get(action.as_str())?)))
        .chain(GroupAction::ALL.iter().filter_map(|action| {
            let n = *done.get(action.as_str())?;
            Some(format!("{} {}", counted(n, "group"), group_deed(*action)))
        }))
        .collect();
    if words.is_empty() {
        None
    } else {
        Some(words.join(" · "))
    }
}

fn deed(action: Action, n: u64) -> String {
    match action {
        Action::Create => counted(n, "account") + " created",
        Action::Update => counted(n, "record") + " brought up to date",
        Action::Release => format!("{n} released"),
        Action::Withdraw => format!("{n} withdrawn"),
        Action::Purge => format!("{n} purged"),
        Action::Transfer => format!("{n} moved school"),
        Action::Reactivate => format!("{n} reactivated"),
        Action::GraceGrant => format!("{n} granted grace"),
        Action::GraceStart => format!("{n} began grace"),
        Action::GraceExpire => format!("{n} ended grace"),
        Action::MarkAbsent => format!("{n} missing from the roll"),
        Action::ClearAbsent => format!("{n} found again"),
        Action::TransferPending => counted(n, "claim") + " opened",
        Action::TransferClose => counted(n, "claim") + " closed",
        Action::TransferDefer => counted(n, "claim") + " deferred",
        Action::TransferDecline => counted(n, "claim") + " declined",
        Action::HoldLeaver => format!("{n} kept for now"),
        Action::Extend => counted(n, "account") + " given a later last day",
        Action::Expire => counted(n, "account") + " expired",
        Action::Close => counted(n, "account") + " closed",
        Action::Rename => counted(n, "account") + " renamed",
        Action::Supersede => counted(n, "account") + " superseded by the one before",
    }
}

const fn group_deed(action: GroupAction) -> &'static str {
    match action {
        GroupAction::Archive => "archived",
        GroupAction::Restore => "brought back",
        GroupAction::Create => "made of classes",
        GroupAction::Update => "followed their classes",
    }
}

fn held(screen: &Screen, plan: &Plan) {
    for school in &plan.held {
        screen.line(&[
            (Some(Style::Yellow), "  ‖ school "),
            (Some(Style::Yellow), &school.code),
            (None, ": "),
            (None, &school.message),
        ]);
    }
    for guard in plan.guards.iter().filter(|guard| guard.held > 0) {
        let what = format!(
            "{} held, at most {} pass without a person's word",
            counted(guard.held, "change"),
            guard.limit
        );
        screen.line(&[
            (Some(Style::Yellow), "  ‖ guard "),
            (Some(Style::Yellow), &guard.id),
            (None, ": "),
            (None, &what),
        ]);
    }
    let blocked = plan
        .changes
        .iter()
        .filter(|change| change.status == Status::Blocked)
        .count();
    if blocked > 0 {
        screen.line(&[(
            Some(Style::Yellow),
            &format!(
                "  ‖ {} on what is held",
                if blocked == 1 {
                    "1 depends".to_owned()
                } else {
                    format!("{blocked} depend")
                }
            ),
        )]);
    }
}

/// What people decided or asked for, and did not get tonight.
fn answers(screen: &Screen, plan: &Plan) {
    for answer in &plan.decisions {
        let (mark, style) = match answer.outcome.as_str() {
            "refused" => ("✗", Style::Red),
            "waiting" => ("…", Style::Yellow),
            _ => continue,
        };
        let what = match answer.decision_id.split_once(':') {
            Some((_, id)) => format!("request {id}"),
            None => format!("decision {}", answer.decision_id),
        };
        let told = format!("{what} {}: {}", answer.outcome, answer.reason);
        for (at, line) in wrap(&told, 90).iter().enumerate() {
            let lead = if at == 0 { mark } else { " " };
            screen.line(&[(Some(style), &format!("  {lead} ")), (None, line)]);
        }
    }
}

/// Accounts on request whose last day was cut back tonight, and those on the eight-week list.
fn last_days(screen: &Screen, plan: &Plan) {
    let count = |code: &str| plan.notices.iter().filter(|n| n.code == code).count() as u64;
    let capped = count("expiry_capped");
    if capped > 0 {
        let what = counted(capped, "account") + " asked for beyond 31 August, and cut back to it";
        screen.line(&[(Some(Style::Yellow), "  ! "), (None, &what)]);
    }
    let soon = count("expiring_soon");
    if soon > 0 {
        let what = counted(soon, "account") + " on the eight-week list, to be kept or closed";
        screen.line(&[(Some(Style::Yellow), "  ! "), (None, &what)]);
    }
}

fn problems(screen: &Screen, plan: &Plan) {
    let rejected = plan
        .faults
        .iter()
        .filter(|fault| fault.severity == Severity::Reject)
        .count() as u64;
    if rejected > 0 {
        screen.line(&[(
            Some(Style::Dim),
            &format!(
                "    {} rejected; their schools' lists are in offices/",
                counted(rejected, "row")
            ),
        )]);
    }
    if !plan.notices.is_empty() {
        screen.line(&[(
            Some(Style::Dim),
            &format!(
                "    {} for people to look at",
                counted(plan.notices.len() as u64, "notice")
            ),
        )]);
    }
}

/// Lines of at most `width` characters, broken at spaces; line breaks in the text are spaces.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let length = lines[last].chars().count();
        if length == 0 {
            lines[last].push_str(word);
        } else if length + 1 + word.chars().count() <= width {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_spaces() {
        assert_eq!(
            wrap("one two\nthree  fourteen", 9),
            ["one two", "three", "fourteen"]
        );
        assert_eq!(wrap("", 9), [""]);
    }
}
