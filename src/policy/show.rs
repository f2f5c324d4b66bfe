//! A policy for people: its rules in their order, the facts they ask, and its parameters in plain words.

mod parameters;

use std::fmt::Write as _;

use super::Policy;
use super::params::Params;
use super::table::{Rule, RuleNotice, Table, TableKind};
use super::words;

/// Parts that can be shown by themselves.
pub const PARTS: [&str; 6] = [
    "learner",
    "staff",
    "claim",
    "non_mis",
    "facts",
    "parameters",
];

/// Width that text is wrapped to, in characters.
const WIDTH: usize = 100;

/// A policy, or one of its [`PARTS`], as text for a terminal. An unknown part gives the list of parts.
pub fn show(policy: &Policy, which: Option<&str>) -> String {
    let mut text = String::new();
    if which.is_none() {
        let _ = writeln!(
            text,
            "{}: policy {}, digest {}\n",
            policy.params.title, policy.params.name, policy.digest
        );
    }
    for part in PARTS
        .iter()
        .filter(|part| which.is_none_or(|which| which == **part))
    {
        match *part {
            "learner" => table(&mut text, &policy.learner),
            "staff" => table(&mut text, &policy.staff),
            "claim" => table(&mut text, &policy.claim),
            "non_mis" => table(&mut text, &policy.non_mis),
            "facts" => facts(&mut text, policy),
            _ => parameters(&mut text, &policy.params),
        }
        text.push('\n');
    }
    if text.is_empty() {
        let _ = writeln!(text, "a policy has these parts: {}", PARTS.join(", "));
    }
    text
}

fn heading(text: &mut String, title: &str) {
    let _ = writeln!(text, "{title}\n{}", "=".repeat(title.chars().count()));
}

/// Words under a margin; `first` stands in the margin of the first line.
fn wrapped(text: &mut String, margin: usize, first: &str, words: &str) {
    let mut line = format!("{first:<margin$}");
    let mut used = line.chars().count();
    let mut fresh = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if !fresh && used + 1 + length > WIDTH {
            let _ = writeln!(text, "{line}");
            line = " ".repeat(margin);
            used = margin;
            fresh = true;
        }
        if !fresh {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
        fresh = false;
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

fn table(text: &mut String, table: &Table) {
    let subject = match table.kind {
        TableKind::Learner => "Learners and their accounts",
        TableKind::Staff => "Staff and their accounts",
        TableKind::Claim => "Claims of other establishments",
        TableKind::NonMis => "Accounts that people ask for",
    };
    heading(text, &format!("{subject} ({})", table.kind.file()));
    let _ = writeln!(text, "The first rule that matches decides.\n");
    for rule in &table.rules {
        self::rule(text, table, rule);
    }
}

fn rule(text: &mut String, table: &Table, rule: &Rule) {
    let mut does = rule.outcome.as_str().to_owned();
    if let Some(state) = rule.state {
        let _ = write!(does, ", state {state}");
    }
    match &rule.notice {
        RuleNotice::None => {}
        RuleNotice::Code(code) => {
            let _ = write!(does, ", notice {code}");
        }
        RuleNotice::Elsewhere => does.push_str(", notice by `elsewhere`"),
    }
    wrapped(text, 12, &format!("{} ", rule.grounds.rule), &does);
    let asked: Vec<String> = words::cells(table, &rule.cells)
        .iter()
        .map(|cell| cell.replace(" = ", "="))
        .collect();
    wrapped(
        text,
        14,
        "            ",
        &format!("when {}", asked.join("  ")),
    );
    wrapped(
        text,
        14,
        "            ",
        &format!("{} [{}]", rule.grounds.reason, rule.source),
    );
}

fn facts(text: &mut String, policy: &Policy) {
    let people = (&policy.learner, &policy.staff);
    let shown = |place: usize| people.0.asks(place) || people.1.asks(place);
    fact_list(
        text,
        "Facts of people (learner.csv, staff.csv)",
        people.0,
        &shown,
    );
    text.push('\n');
    fact_list(
        text,
        "Facts of claims (claim.csv)",
        &policy.claim,
        &|place| policy.claim.asks(place),
    );
    text.push('\n');
    fact_list(
        text,
        "Facts of accounts that people ask for (non_mis.csv)",
        &policy.non_mis,
        &|place| policy.non_mis.asks(place),
    );
}

fn fact_list(text: &mut String, title: &str, table: &Table, shown: &dyn Fn(usize) -> bool) {
    heading(text, title);
    for (_, fact) in table
        .facts()
        .iter()
        .enumerate()
        .filter(|(place, _)| shown(*place))
    {
        wrapped(text, 12, &format!("{} ", fact.name), fact.asks);
        for value in fact.values {
            let notice = if value.notice.is_empty() {
                String::new()
            } else {
                format!(" (notice {})", value.notice)
            };
            wrapped(
                text,
                34,
                &format!("            {} ", value.name),
                &format!("{}{notice}", value.means),
            );
        }
    }
}

fn parameters(text: &mut String, params: &Params) {
    heading(text, "Parameters (policy.toml)");
    for (section, lines) in parameters::sections(params) {
        let _ = writeln!(text, "{section}");
        for line in lines {
            wrapped(text, 4, "  - ", &line);
        }
    }
}
