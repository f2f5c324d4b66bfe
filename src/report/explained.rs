//! The five steps of `onroll explain`, for people.

use std::fmt::Write;

use crate::explain::{Case, Done, Explained, Matched, Other, Row};

/// The text: one heading per step.
pub fn explained(of: &Explained) -> String {
    let mut text = match of.run.as_str() {
        "" => format!("Tonight, {}\n", of.as_of),
        run => format!("Run {run}, {}\n", of.as_of),
    };
    input(of, &mut text);
    matched(of, &mut text);
    decided(of, &mut text);
    happened(of, &mut text);
    text
}

fn input(of: &Explained, text: &mut String) {
    text.push_str("\n1. In the input?\n");
    let Some(rows) = &of.rows else {
        text.push_str(
            "   The roll of that night is not kept here; what was made of it stands under 4.\n",
        );
        text.push_str("\n2. Accepted?\n   See the run's faults.csv.\n");
        return;
    };
    if rows.is_empty() {
        let asked = of
            .accounts
            .iter()
            .all(|account| account.category == "non_mis");
        text.push_str(if asked && !of.accounts.is_empty() {
            "   An account on request: no roll lists it.\n"
        } else {
            "   No file of tonight has a row of this person.\n"
        });
    }
    for row in rows {
        let _ = writeln!(text, "   {}", place(row));
    }
    text.push_str("\n2. Accepted?\n");
    for row in rows {
        let verdict = if row.accepted {
            "accepted"
        } else {
            "rejected: the person stays untouched"
        };
        let _ = writeln!(text, "   line {}: {verdict}", row.line);
        for doubt in &row.doubts {
            let _ = writeln!(text, "     {doubt}");
        }
    }
    if rows.is_empty() {
        text.push_str("   Nothing to accept.\n");
    }
}

fn place(row: &Row) -> String {
    let mut text = format!("{} line {}: at {}", row.file, row.line, row.establishment);
    if let Some(start) = row.start {
        let _ = write!(text, " from {start}");
    }
    if let Some(leaving) = row.leaving {
        let _ = write!(text, " to {leaving}");
    }
    if !row.enrolment_status.is_empty() {
        let _ = write!(text, ", {}", row.enrolment_status);
    }
    text
}

fn matched(of: &Explained, text: &mut String) {
    text.push_str("\n3. Matched to which account?\n");
    if of.accounts.is_empty() && of.run.is_empty() {
        text.push_str("   None: no account in the directory has this person's reference.\n");
    } else if of.accounts.is_empty() {
        text.push_str("   The plan's rows name it under 5.\n");
    }
    for account in &of.accounts {
        let _ = writeln!(text, "   {}", account_line(account));
        for (name, value) in &account.dates {
            let _ = writeln!(text, "     {name} {value}");
        }
    }
}

fn account_line(account: &Matched) -> String {
    format!(
        "{} {}: {}, {}, at {}",
        account.account_id, account.username, account.role, account.state, account.establishment
    )
}

fn decided(of: &Explained, text: &mut String) {
    text.push_str("\n4. Which facts and rule?\n");
    if of.cases.is_empty() {
        text.push_str("   No table was asked about this account or person in this run.\n");
    }
    for (at, case) in of.cases.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        one_case(case, text);
    }
}

fn one_case(case: &Case, text: &mut String) {
    let weighed = &case.weighed;
    let of_whom = match (case.claimant.as_str(), case.account_id.as_str()) {
        ("", "") => "The person".to_owned(),
        ("", account) => format!("Account {account}"),
        (claimant, _) => format!("The claim of {claimant}"),
    };
    let _ = writeln!(text, "   {of_whom} ({})", weighed.facts_index);
    let width = weighed
        .facts
        .iter()
        .map(|f| f.name.len() + f.value.len())
        .max();
    let width = width.unwrap_or(0) + 3;
    for fact in &weighed.facts {
        let pair = format!("{} = {}", fact.name, fact.value);
        let _ = writeln!(text, "     {pair:<width$}  {}", fact.means);
    }
    let _ = writeln!(
        text,
        "   Rule {} decided: {}. {} ({})",
        weighed.rule, weighed.outcome, weighed.reason, weighed.source
    );
    // What cannot occur is in the JSON; people ask about rules that could have decided.
    let could = weighed
        .earlier
        .iter()
        .filter(|rule| rule.outcome != "impossible");
    if could.clone().next().is_some() {
        text.push_str("   Rules before it, and what each asks that is not so here:\n");
    }
    for rule in could {
        let asks = rule.kept_by.iter();
        let asks: Vec<String> = asks
            .map(|(fact, values)| format!("{fact} = {}", values.join("|")))
            .collect();
        let _ = writeln!(
            text,
            "     {:<10} {:<16} {}",
            rule.rule,
            rule.outcome,
            asks.join("; ")
        );
    }
    if !weighed.others.is_empty() {
        text.push_str("   A single fact that were different would change it:\n");
    }
    for other in &weighed.others {
        let _ = writeln!(text, "     {}", would(other));
    }
}

fn would(other: &Other) -> String {
    format!(
        "{} = {}: {} by {} ({})",
        other.fact, other.value, other.outcome, other.rule, other.means
    )
}

fn happened(of: &Explained, text: &mut String) {
    text.push_str("\n5. What happened?\n");
    if of.changes.is_empty() {
        text.push_str("   Nothing changed.\n");
    }
    for change in &of.changes {
        one_change(change, text);
    }
    for notice in &of.notices {
        let _ = writeln!(
            text,
            "   Notice {}: {} {} ({})",
            notice.code, notice.message, notice.fix, notice.owner
        );
    }
}

fn one_change(change: &Done, text: &mut String) {
    let _ = writeln!(
        text,
        "   {} of {}, {}, by {}, effective on {}. {}",
        change.action,
        change.account_id,
        change.status,
        change.rule,
        change.effective_on,
        change.reason
    );
    if !change.held_by.is_empty() {
        let _ = writeln!(text, "     held by {}", change.held_by.join(", "));
    }
    for (name, before, after) in &change.fields {
        let shown = |value: &str| {
            if value.is_empty() {
                "(blank)".to_owned()
            } else {
                value.to_owned()
            }
        };
        let _ = writeln!(text, "     {name}: {} → {}", shown(before), shown(after));
    }
}
