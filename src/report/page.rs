//! A Markdown page of limited size: what comes first survives.

use super::escape::markdown;

/// Size of the page in bytes: common job summaries and comments take 65,536 characters.
pub(super) const PAGE_MAX: usize = 60_000;
/// Rows of any one list.
pub(super) const ROWS_MAX: usize = 40;
/// Characters of one sentence taken from elsewhere.
const SENTENCE_MAX: usize = 240;

/// A page that grows by whole lines and never beyond its size.
pub(super) struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    pub fn new() -> Self {
        Page {
            text: String::new(),
            left_out: 0,
        }
    }

    pub fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        // What follows a line left out would stand without its heading, so the page ends there.
        if self.left_out > 0 || self.text.len() + line.len() + 120 > PAGE_MAX {
            self.left_out += 1;
        } else {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    pub fn heading(&mut self, title: &str) {
        self.line(format!("\n## {title}\n"));
    }

    /// A table of at most [`ROWS_MAX`] rows that says how many more there are; no rows, no table.
    pub fn table(&mut self, title: &str, header: &[&str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        self.heading(title);
        self.line(format!("| {} |", header.join(" | ")));
        self.line(format!("|{}", " --- |".repeat(header.len())));
        let more = rows.len().saturating_sub(ROWS_MAX);
        rows.iter()
            .take(ROWS_MAX)
            .for_each(|row| self.line(format!("| {} |", row.join(" | "))));
        if more > 0 {
            self.line(format!("\n{more} more."));
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        if self.left_out > 0 {
            self.text.push_str(&format!(
                "\n{} more lines did not fit; the run folder has everything.\n",
                self.left_out
            ));
        }
        self.text.into_bytes()
    }
}

/// A sentence from elsewhere, cut to size and escaped.
pub(super) fn sentence(text: &str) -> String {
    match text.char_indices().nth(SENTENCE_MAX) {
        Some((end, _)) => format!("{}…", markdown(&text[..end])),
        None => markdown(text),
    }
}
