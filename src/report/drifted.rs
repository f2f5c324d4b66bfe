//! Drift in words and as a table.

use super::escape::plain;
use super::sheet::{Line, sheet};
use super::tally::many;
use crate::drift::{Counts, Finding, Kind, counts};
use crate::model::Date;

/// What was compared, how much differs in which way, and the first `max` differences, drift first and the oldest first.
pub fn drift_text(
    found: &[Finding],
    sides: Counts,
    as_of: Option<Date>,
    oldest: Option<Date>,
    max: usize,
) -> String {
    let at = as_of.map_or_else(String::new, |date| format!(" of {date}"));
    let mut text = format!(
        "{} accounts in the snapshot{at}, {} rows in the list, {} pairs.\n",
        sides.ours, sides.theirs, sides.paired
    );
    if found.is_empty() {
        return text + "Nothing differs.\n";
    }
    text.push_str(&format!(
        "\n  {:<28}{:>8}{:>24}\n",
        "", "drift", "not carried out yet"
    ));
    for ((kind, column), [drift, waiting]) in counts(found) {
        let name = match column {
            "" => kind.as_str().to_owned(),
            column => format!("{}: {column}", kind.as_str()),
        };
        text.push_str(&format!("  {name:<28}{drift:>8}{waiting:>24}\n"));
    }
    text.push('\n');
    for finding in found.iter().take(max) {
        text.push_str(&format!("  {}\n", sentence(finding, as_of, oldest)));
    }
    let more = found.len().saturating_sub(max);
    if more > 0 {
        text.push_str(&format!("{more} more; --format csv or json has all.\n"));
    }
    text
}

fn sentence(finding: &Finding, as_of: Option<Date>, oldest: Option<Date>) -> String {
    let (ours, theirs) = (plain(&finding.ours), plain(&finding.theirs));
    let what = match finding.kind {
        Kind::Missing => format!("{ours} here, not in the list"),
        Kind::Unknown => format!("line {} of the list, {theirs} there, not here", finding.row),
        Kind::NotUsable | Kind::StillUsable => format!("{ours} here, {theirs} there"),
        Kind::Differs => format!("{}: `{ours}` here, `{theirs}` there", finding.column),
    };
    let age = match (finding.since, as_of, oldest) {
        (Some(since), Some(as_of), _) => {
            let days = many((as_of - since).num_days().unsigned_abs(), "day");
            format!(", since {since} ({days})")
        }
        (None, _, Some(oldest)) if finding.kind != Kind::Unknown => {
            format!(", since before {oldest}")
        }
        _ => String::new(),
    };
    let state = match finding.not_carried_out {
        true => " — not carried out there yet",
        false => "",
    };
    let place = match finding.establishment.as_str() {
        "" => String::new(),
        code => format!(" ({})", plain(code)),
    };
    format!("{}{place}: {what}{age}{state}", plain(&finding.username))
}

/// Every difference, one line each.
pub fn drift_csv(found: &[Finding]) -> Vec<u8> {
    let header = [
        "kind",
        "column",
        "account_id",
        "username",
        "establishment",
        "ours",
        "theirs",
        "row",
        "since",
        "not_carried_out",
    ];
    sheet(&header, found, |finding: &Finding, line: &mut Line| {
        line.raw(finding.kind.as_str());
        line.raw(&finding.column);
        line.raw(&finding.account_id);
        line.cell(&finding.username);
        line.cell(&finding.establishment);
        line.cell(&finding.ours);
        line.cell(&finding.theirs);
        line.row_number(finding.row);
        line.date(finding.since);
        line.raw(match finding.not_carried_out {
            true => "Y",
            false => "N",
        });
    })
}
