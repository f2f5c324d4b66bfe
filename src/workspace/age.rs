//! What names people ages out of the archive (SPEC §15): names, usernames and values after `archive_days`; ids, actions,
//! rules, dates, counts and digests stay for good.
//!
//! Files go first and the record says so last: a start after a kill finds a run that is not aged yet and does it again.

use chrono::Days;

use super::{PLAN_FILE, RUN_FILE, RunFolder, Turn, WorkspaceError, files, marks};
use crate::model::Date;
use crate::table::CsvOut;

/// What stays for good beside `run.json`, and the columns of it that are blanked. The rest of it names nobody; the title
/// of a class is the school's own words.
const FOR_GOOD: [(&str, &[&str]); 6] = [
    (PLAN_FILE, &["username", "fields"]),
    (super::GROUPS_FILE, &["title"]),
    (super::HELD_FILE, &[]),
    ("plan.json", &[]),
    ("report.md", &[]),
    ("metrics.prom", &[]),
];

impl Turn<'_> {
    /// Takes from every run that is `archive_days` older than `tonight` whatever names people, and returns how many runs
    /// that was. A run without a date to go by is not there: each record has one.
    ///
    /// # Errors
    /// When a file cannot be removed or rewritten: the promise of §15 is then not kept, and nothing may hide that.
    pub fn age(&mut self, tonight: Date) -> Result<usize, WorkspaceError> {
        let days = Days::new(u64::from(self.workspace.settings.archive_days));
        let is_due = |run: &RunFolder| {
            run.record.aged_on.is_none()
                && run
                    .record
                    .as_of
                    .checked_add_days(days)
                    .is_some_and(|due| due <= tonight)
        };
        let due: Vec<usize> = (0..self.runs.len())
            .filter(|at| is_due(&self.runs[*at]))
            .collect();
        for &at in &due {
            let mut run = self.runs[at].clone();
            blank(&run)?;
            run.record.aged_on = Some(tonight);
            run.record.files = marks::of_folder(&run.path)?;
            self.save(&run, "aged")?;
            self.runs[at] = run;
        }
        self.take_out_rolls(tonight)?;
        Ok(due.len())
    }
}

fn blank(run: &RunFolder) -> Result<(), WorkspaceError> {
    for name in files::names(&run.path)? {
        let path = run.path.join(&name);
        let stays = FOR_GOOD.iter().find(|(file, _)| *file == name);
        match stays {
            _ if path.is_dir() => files::remove_folder(&path)?,
            None if name == RUN_FILE => {}
            None => {
                std::fs::remove_file(&path).map_err(|e| WorkspaceError::io("remove", &path, e))?;
            }
            Some((_, [])) => {}
            Some((_, columns)) => {
                let bytes =
                    std::fs::read(&path).map_err(|e| WorkspaceError::io("read", &path, e))?;
                files::replace(&path, &blanked(&bytes, columns))?;
            }
        }
    }
    Ok(())
}

/// A table with these columns blank. What cannot be read as a table goes whole: it may name somebody.
fn blanked(table: &[u8], columns: &[&str]) -> Vec<u8> {
    let mut reader = csv::Reader::from_reader(table);
    let Ok(header) = reader.headers().cloned() else {
        return Vec::new();
    };
    let is_blanked: Vec<bool> = header.iter().map(|name| columns.contains(&name)).collect();
    let mut out = CsvOut::new(header.iter());
    for record in reader.records() {
        let Ok(record) = record else {
            return Vec::new();
        };
        let cells = record.iter().zip(&is_blanked);
        out.row(cells.map(|(cell, blank)| if *blank { "" } else { cell }));
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blanked_plan_keeps_its_rows_and_loses_names_and_values() {
        let plan = "change_id,action,username,reason,fields\nc1,release,JonesD1,\"left, on time\",\"{\"\"surname\"\":[\"\"Jones\"\",\"\"\"\"]}\"\n";
        let once = blanked(plan.as_bytes(), &["username", "fields"]);
        assert_eq!(
            String::from_utf8_lossy(&once),
            "change_id,action,username,reason,fields\nc1,release,,\"left, on time\",\n"
        );
        assert_eq!(blanked(&once, &["username", "fields"]), once);
        assert!(blanked(b"change_id,username\nc1,JonesD1,more\n", &["username"]).is_empty());
    }
}
