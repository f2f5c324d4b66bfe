//! Classes and identifiers that are corrected, as tables, and what holds of the groups that come of the classes.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::Datelike;
use onroll::directory::Snapshot;
use onroll::identity::hex128;
use onroll::nightly::Decided;

use crate::oracle::year_end;
use crate::play::{Accounts, Verdict, usable};
use crate::story::{Scene, Story, date_of};

/// Classes of a story; each belongs to a school by its place.
pub const CLASSES: usize = 4;

impl Scene {
    /// The identifier that the roll has for a person tonight, as a label.
    pub fn label(&self, story: &Story, who: usize) -> String {
        match (self.renewed.contains(&who), story.people[who].staff) {
            (true, true) => format!("{}n", story.label(who)),
            (true, false) => format!("l-{}", 100 + who),
            (false, _) => story.label(who),
        }
    }

    /// Somebody's word that one identifier replaces another: at every place where the person may be known.
    pub fn rekeys(&self, story: &Story) -> String {
        let mut csv = "kind,old_scope,old_id,new_scope,new_id,decided_by,reason\n".to_owned();
        for &who in &self.rekeyed {
            let old = story.label(who);
            let staff = story.people[who].staff;
            let new = if staff {
                format!("{old}n")
            } else {
                format!("l-{}", 100 + who)
            };
            let kind = if staff { "staff" } else { "learner" };
            let scopes: Vec<(String, String)> = match (staff, story.policy) {
                (false, _) => vec![(String::new(), String::new())],
                (true, "hwb") => (0..self.schools.len())
                    .flat_map(|at| self.scopes(at))
                    .collect(),
                (true, _) => (0..2)
                    .map(|n| (format!("66{n}"), format!("66{n}")))
                    .collect(),
            };
            for (from, to) in scopes {
                let _ = writeln!(csv, "{kind},{from},@{old},{to},@{new},office,corrected");
            }
        }
        csv
    }

    /// The codes under which staff of a school may be known, each with its code tonight.
    fn scopes(&self, at: usize) -> Vec<(String, String)> {
        let now = self.code(at);
        let mut scopes = vec![(now.clone(), now.clone())];
        if self.schools[at].recoded {
            scopes.push((crate::story::codes(at)[0].clone(), now));
        }
        scopes
    }

    /// `classes.csv`: those of this academic year, in late August those of the next as well.
    pub fn classes(&self) -> String {
        let mut csv = "establishment,class_id,title,academic_year\n".to_owned();
        let today = date_of(self.as_of);
        let ends = year_end(today).year();
        let is_late_august = today.month() == 8 && today.day() > 10;
        for class in 0..CLASSES {
            let at = self.code(class % self.schools.len());
            let _ = writeln!(csv, "{at},K{class},Class {class},{}/{ends}", ends - 1);
            if is_late_august {
                let _ = writeln!(csv, "{at},K{class},Class {class} again,{ends}/{}", ends + 1);
            }
        }
        csv
    }

    /// `class_members.csv`; a member of place [`CLASSES`] names a class that nobody has.
    pub fn class_members(&self, story: &Story) -> String {
        let mut csv = "establishment,class_id,member_kind,member_id,role\n".to_owned();
        for &(class, who) in &self.members {
            let at = self.code(class % self.schools.len());
            let kind = if story.people[who].staff {
                "staff"
            } else {
                "learner"
            };
            let id = self.label(story, who);
            let _ = writeln!(csv, "{at},K{class},{kind},@{id},");
        }
        csv
    }
}

/// Groups of a story under Hwb's dates: from 15 August, frozen on 6 June, over after 31 August.
pub fn hold_their_members(
    decided: &Decided,
    before: &Snapshot,
    after: &Snapshot,
    accounts: &Accounts,
) -> Verdict {
    let members = |snapshot: &Snapshot| {
        let mut of: BTreeMap<u128, Vec<u128>> = BTreeMap::new();
        for member in &snapshot.group_members {
            of.entry(member.group).or_default().push(member.account);
        }
        of
    };
    let (was, is) = (members(before), members(after));
    for (group, members) in &is {
        if !after.groups.iter().any(|g| g.id == *group) {
            return Err("groups: somebody is in a group that is not there".to_owned());
        }
        if let Some(gone) = members
            .iter()
            .find(|m| !accounts.contains_key(&hex128(**m)))
        {
            return Err(format!(
                "groups: account {} is in a group and nowhere else",
                hex128(*gone)
            ));
        }
    }
    let changes = decided.plan.groups.iter().flat_map(|g| &g.changes);
    for change in changes.clone() {
        for member in change.added() {
            let account = accounts.get(&hex128(member.account));
            if !account.is_some_and(usable) && change.action.as_str() != "group_restore" {
                return Err("groups: an account that cannot be used comes into a group".to_owned());
            }
        }
    }
    let touched: Vec<u128> = changes.map(|c| c.group.id).collect();
    let groups = before.groups.iter().chain(&after.groups);
    for group in groups.filter(|g| !touched.contains(&g.id)) {
        if was.get(&group.id) != is.get(&group.id) {
            return Err("groups: a group changed without a row".to_owned());
        }
    }
    let day = decided.plan.as_of;
    let is_frozen = (day.month(), day.day()) >= (6, 6) && (day.month(), day.day()) < (8, 15);
    for group in before.groups.iter().filter(|_| is_frozen) {
        let left = was.get(&group.id).into_iter().flatten();
        let still = is.get(&group.id);
        let mut left = left.filter(|m| !still.is_some_and(|members| members.contains(m)));
        if left.any(|m| accounts.contains_key(&hex128(*m))) {
            return Err("groups: somebody left a group after the freeze date".to_owned());
        }
    }
    Ok(())
}
