//! What the archived runs changed, and when: it tells drift from what nobody has carried out yet, and how old drift is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;

use serde::Deserialize;

use crate::model::Date;

/// A change of an account in an archived run that was applied.
#[derive(Clone, Debug)]
pub struct Past {
    /// The run's date.
    pub on: Date,
    /// Each field before and after.
    pub fields: BTreeMap<String, (String, String)>,
}

/// The changes of some accounts, and which usernames were deleted.
#[derive(Debug, Default)]
pub struct History {
    changes: HashMap<String, Vec<Past>>,
    deleted: HashMap<String, Date>,
    oldest: Option<Date>,
}

#[derive(Deserialize)]
struct Row {
    action: String,
    status: String,
    account_id: String,
    username: String,
    fields: String,
}

impl History {
    /// Adds the plan of a run that was applied; runs are added newest first. Only `wanted` accounts are remembered.
    ///
    /// # Errors
    /// When the text is no `plan.csv`; the message repeats no cell.
    pub fn add(
        &mut self,
        on: Date,
        plan_csv: impl Read,
        wanted: &HashSet<String>,
    ) -> Result<(), String> {
        self.oldest = Some(on);
        for row in csv::Reader::from_reader(plan_csv).deserialize::<Row>() {
            let row = row.map_err(|_| "plan.csv is not one that onroll wrote".to_owned())?;
            if row.status != "planned" {
                continue;
            }
            if row.action == "purge" {
                self.deleted
                    .entry(row.username.to_lowercase())
                    .or_insert(on);
            } else if wanted.contains(&row.account_id) {
                let fields: BTreeMap<String, Vec<String>> =
                    serde_json::from_str(&row.fields).unwrap_or_default();
                let pairs = fields
                    .into_iter()
                    .filter_map(|(name, values)| match &values[..] {
                        [before, after] => Some((name, (before.clone(), after.clone()))),
                        _ => None,
                    });
                let fields = pairs.collect();
                self.changes
                    .entry(row.account_id)
                    .or_default()
                    .push(Past { on, fields });
            }
        }
        Ok(())
    }

    /// The date of the oldest run that was looked at.
    pub fn oldest(&self) -> Option<Date> {
        self.oldest
    }

    /// When a username's account was deleted, if one of the runs did that.
    pub fn deleted(&self, username: &str) -> Option<Date> {
        self.deleted.get(&username.to_lowercase()).copied()
    }

    /// The newest run that gave a field of an account its value, and the value before.
    pub fn set(&self, account_id: &str, field: &str) -> Option<(Date, &str)> {
        let changes = self.changes.get(account_id)?.iter();
        let mut of_field = changes.filter_map(|past| Some((past.on, past.fields.get(field)?)));
        of_field
            .next()
            .map(|(on, (before, _))| (on, before.as_str()))
    }
}
