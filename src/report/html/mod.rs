//! `report.html`: one night as a page of its own. It loads nothing, works from a memory stick, prints, and says the same
//! without its script, but for the table of single changes.
//!
//! Text becomes markup by the template engine, which escapes it; the rows for the script stand in one JSON text that
//! holds no `<`. The content policy names the two digests of style and script and forbids everything else.

mod charts;
mod diff;
mod rows;
mod schools;
mod sections;
mod words;

use askama::Template;
use sha2::{Digest, Sha256};

use super::About;
use super::escape::plain;
use super::tally::{Tally, approve_lines};
use crate::model::{Date, Fault};
use crate::plan::Plan;
use charts::Chart;
pub use diff::differences_html;
use sections::Section;

const STYLE: &str = include_str!("../../../templates/report.css");
const SCRIPT: &str = include_str!("../../../templates/report.js");

/// Most commands that let held parts through.
const APPROVE_MAX: usize = 50;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    policy: String,
    as_of: String,
    title: String,
    headline: String,
    causes: Vec<String>,
    before: Vec<Section>,
    after: Vec<Section>,
    charts: Vec<Chart>,
    has_plan: bool,
    columns: &'a [&'a str],
    shown: usize,
    more: usize,
    approve: Vec<String>,
    marks: Vec<(&'static str, String)>,
    inputs: Vec<(String, String)>,
    data: String,
    style: &'a str,
    script: &'a str,
    style_hash: String,
    script_hash: String,
}

/// The bytes of `report.html` for a plan; at most `rows_max` single changes, removals first.
pub fn report_html(plan: &Plan, about: &About, rows_max: usize) -> Vec<u8> {
    let tally = Tally::of(plan);
    let shown = plan.changes.len().min(rows_max);
    let mut approve = approve_lines(plan, about, "");
    let left = approve.len().saturating_sub(APPROVE_MAX);
    approve.truncate(APPROVE_MAX);
    if left > 0 {
        approve.push(format!("# and {left} more of the same kind"));
    }
    page(Page {
        policy: text(&about.policy),
        as_of: plan.as_of.to_string(),
        title: title(&tally, plan),
        headline: tally.headline(plan),
        causes: plan.causes.iter().map(|c| text(&c.sentence())).collect(),
        before: sections::before(plan, &tally),
        after: sections::after(plan, about, &tally),
        charts: charts::of(plan, &tally),
        has_plan: true,
        columns: &rows::COLUMNS,
        shown,
        more: plan.changes.len() - shown,
        approve: approve.iter().map(|line| text(line)).collect(),
        marks: marks(about),
        inputs: inputs(about),
        data: embedded(&data(plan, about, rows_max)),
        ..Page::blank()
    })
}

/// The bytes of `report.html` for a night that was refused before a plan existed.
pub fn refusal_html(as_of: Date, faults: &[Fault]) -> Vec<u8> {
    page(Page {
        as_of: as_of.to_string(),
        title: "The input was refused".to_owned(),
        headline: "Nothing was decided and nothing was changed.".to_owned(),
        before: sections::refusal(faults),
        ..Page::blank()
    })
}

impl Page<'_> {
    fn blank() -> Self {
        Page {
            policy: String::new(),
            as_of: String::new(),
            title: String::new(),
            headline: String::new(),
            causes: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            charts: Vec::new(),
            has_plan: false,
            columns: &[],
            shown: 0,
            more: 0,
            approve: Vec::new(),
            marks: Vec::new(),
            inputs: Vec::new(),
            data: String::new(),
            style: STYLE,
            script: SCRIPT,
            style_hash: hash(STYLE),
            script_hash: hash(SCRIPT),
        }
    }
}

fn page(page: Page<'_>) -> Vec<u8> {
    // Writing into memory cannot fail, and every value is text already.
    page.render().unwrap_or_default().into_bytes()
}

/// What somebody should know before reading on.
fn title(tally: &Tally, plan: &Plan) -> String {
    use crate::plan::Status;
    let held = tally.total(Status::Held) + tally.total(Status::Blocked);
    let planned = tally.total(Status::Planned);
    match (held + plan.held.len() as u64, planned) {
        (0, 0) => "A quiet night: nothing changes".to_owned(),
        (0, _) => "Everything that is due goes ahead".to_owned(),
        _ => "Something is held and waits for a person".to_owned(),
    }
}

fn marks(about: &About) -> Vec<(&'static str, String)> {
    vec![
        ("run", text(&about.run)),
        ("plan.csv", about.plan_digest.clone()),
        ("snapshot before", about.snapshot_digest.clone()),
        ("policy", about.policy_digest.clone()),
    ]
}

fn inputs(about: &About) -> Vec<(String, String)> {
    let inputs = about.inputs.iter();
    inputs
        .map(|(file, digest)| (text(file), digest.clone()))
        .collect()
}

/// Text in which nothing steers a terminal, turns the direction of reading or is unseen.
fn text(raw: &str) -> String {
    plain(raw).into_owned()
}

/// What the script reads. One change stands on one line, as in `plan.csv`: who compares or searches by lines never meets
/// two people in one.
fn data(plan: &Plan, about: &About, rows_max: usize) -> String {
    let rows = rows::of(plan, rows_max).into_iter();
    let rows = rows.map(|row| row.to_string());
    let rows = rows.collect::<Vec<_>>().join(",\n");
    let columns = serde_json::json!(rows::COLUMNS);
    let schools = schools::of(plan, about);
    format!("{{\"columns\":{columns},\n\"rows\":[\n{rows}\n],\n\"schools\":{schools}}}")
}

/// JSON that cannot end the element it stands in.
fn embedded(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// The digest of an inline element as a content policy names it.
fn hash(content: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut base64 = String::new();
    for three in Sha256::digest(content.as_bytes()).chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| {
            bits << 8 | u32::from(three.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            match at <= three.len() {
                true => base64.push(LETTERS[(bits >> (18 - 6 * at) & 63) as usize] as char),
                false => base64.push('='),
            }
        }
    }
    base64
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change, day, empty_plan, fault, guard, hostile_names, notice};
    use super::*;
    use crate::model::Action;
    use crate::plan::Text;

    fn html(plan: &Plan, rows_max: usize) -> String {
        String::from_utf8(report_html(plan, &About::default(), rows_max)).unwrap()
    }

    #[test]
    fn hostile_names_are_shown_and_never_markup() {
        let mut plan = empty_plan();
        let long = "Llan".repeat(75);
        let names = hostile_names()
            .iter()
            .copied()
            .chain([long.as_str(), "</script><script>"]);
        for (at, name) in names.enumerate() {
            let mut update = change(Action::Update, "S1", &format!("a{at}"));
            update.texts = update.texts.with(Text::Username, name);
            let after = format!("{name} Jones");
            update.fields.push("surname", name, &after);
            plan.changes.push(update);
        }
        let page = html(&plan, 100);
        assert_eq!(
            page.matches("<script").count(),
            2,
            "data and script, no more"
        );
        assert_eq!(page.matches("</script>").count(), 2);
        for bad in ["\u{202E}", "\u{1b}", "alert(1)</script"] {
            assert!(!page.contains(bad), "{bad:?}");
        }
        assert!(page.contains(&long));
    }

    #[test]
    fn counts_are_of_all_changes_and_rows_stop_at_the_limit_with_removals_first() {
        let mut plan = empty_plan();
        for n in 0..40 {
            plan.changes
                .push(change(Action::Update, "S1", &format!("u{n}")));
        }
        plan.changes.push(change(Action::Release, "S2", "r1"));
        let page = html(&plan, 10);
        assert!(page.contains("31 more stand in"));
        assert!(page.contains("<td>update</td><td>40</td>"));
        let data = page.split("application/json\">").nth(1).unwrap();
        let data: serde_json::Value =
            serde_json::from_str(data.split("</script>").next().unwrap()).unwrap();
        assert_eq!(data["rows"].as_array().unwrap().len(), 10);
        assert_eq!(data["rows"][0][0], "release");
    }

    #[test]
    fn few_opt_outs_are_told_by_no_count() {
        let mut plan = empty_plan();
        plan.changes = (0..3)
            .map(|n| change(Action::Withdraw, "S1", &format!("a{n}")))
            .collect();
        plan.guards = vec![guard("opt_out@S1", 3, 10)];
        plan.notices = vec![notice("not_shared", "S1")];
        plan.not_shared.insert("S1".into(), 3);
        // Without rows: each of those is a row of `plan.csv`.
        let page = html(&plan, 0);
        assert!(page.contains("&#60;5") || page.contains("&lt;5"));
        let data = page.split("application/json\">").nth(1).unwrap();
        assert!(data.contains(r#"["withdraw","\u003c5","0","0"]"#), "{data}");
        assert!(data.contains(r#"["opt_out@S1","\u003c5""#), "{data}");
        assert!(!data.contains("not_shared"));
    }

    #[test]
    fn a_page_loads_nothing_and_is_the_same_ten_times() {
        let mut plan = empty_plan();
        plan.changes = vec![change(Action::Release, "S1", "a1")];
        plan.guards = vec![guard("release@S1/learner", 9, 4)];
        plan.faults = vec![fault("bad_date", "S1", 3)];
        let first = html(&plan, 10);
        assert!((0..9).all(|_| html(&plan, 10) == first));
        for bad in ["http:", "https:", " src=", "<link", "style=\"", " onclick"] {
            assert!(!first.contains(bad), "{bad}");
        }
        assert!(first.contains("default-src 'none'"));
    }

    #[test]
    fn a_refusal_says_that_nothing_happened() {
        let page = refusal_html(day(11, 23), &[fault("bad_date", "S1", 3)]);
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains("Nothing was decided and nothing was changed."));
        assert!(!page.contains("<script"));
    }

    #[test]
    fn a_hash_is_base64_as_content_policies_write_it() {
        assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
