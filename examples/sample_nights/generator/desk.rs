//! What is being prepared for tonight: how exports go, what is wrong with them, what people decide.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Files;
use super::sheet::Sheet;

const DECISIONS: &str =
    "decision_id,decided_on,decided_by,decision,account,establishment,value,note\n";
const REQUESTS: &str = "request_id,requested_on,requested_by,role,surname,forename,establishment,\
    organisation,job_title,work_email,contact_number,expires_on\n";

/// Which of a school's two tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// `learners.csv`
    Learners,
    /// `staff.csv`
    Staff,
}

/// How tonight's export of a school went.
#[derive(Clone)]
pub enum Export {
    /// As it should.
    Good,
    /// Good, but last run on an earlier day.
    On(&'static str),
    /// Did not run: file and line stay as they were.
    Silent,
    /// Broke: the file stays as it was and the line says so.
    Failed,
    /// Good, without row counts.
    NoCounts,
}

/// Somebody's word for `onroll approve`, given before the night.
pub struct Approval {
    /// Guard id.
    pub guard: String,
    /// Who.
    pub by: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Until when.
    pub expires: &'static str,
}

type Change = (usize, Which, Box<dyn Fn(&mut Sheet)>);

/// What is being prepared for tonight, and what earlier nights wrote.
pub struct Desk {
    pub(super) files: Files,
    pub(super) last: Files,
    pub(super) story: String,
    pub(super) decisions: String,
    pub(super) decided: usize,
    pub(super) requests: String,
    pub(super) requested: usize,
    pub(super) lines: Vec<String>,
    pub(super) exports: BTreeMap<usize, Export>,
    pub(super) changes: Vec<Change>,
}

impl Desk {
    /// An empty desk for so many schools.
    pub fn new(schools: usize) -> Self {
        Desk {
            files: Files::new(),
            last: Files::new(),
            story: String::new(),
            decisions: DECISIONS.into(),
            decided: 0,
            requests: REQUESTS.into(),
            requested: 0,
            lines: vec![String::new(); schools],
            exports: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    /// Tonight's export of a school goes like this.
    pub fn export(&mut self, school: usize, how: Export) {
        self.exports.insert(school, how);
    }

    /// Tonight's file of a school is spoilt like this; what the school claims to have written is not.
    pub fn spoil(&mut self, school: usize, which: Which, change: impl Fn(&mut Sheet) + 'static) {
        self.changes.push((school, which, Box::new(change)));
    }

    /// Somebody decides something: the columns of `decisions.csv` after the id.
    pub fn decide(&mut self, cells: [&str; 7]) {
        self.decided += 1;
        writeln!(self.decisions, "D{:04},{}", self.decided, cells.join(",")).expect("memory");
    }

    /// Somebody asks for an account that no roll makes: the columns of `requests.csv` after the id.
    pub fn request(&mut self, cells: [&str; 11]) {
        self.requested += 1;
        writeln!(self.requests, "Q{:04},{}", self.requested, cells.join(",")).expect("memory");
    }

    /// The finished files, with the story.
    pub fn finish(mut self, platform: &str, title: &str) -> Files {
        let groups = if self.last.contains_key("mis/classes.csv") {
            "groups = true\n"
        } else {
            ""
        };
        let head = format!("policy = \"{platform}\"\ntitle = \"{title}\"\n{groups}");
        self.files
            .insert("story.toml".into(), (head + &self.story).into_bytes());
        self.files
            .into_iter()
            .map(|(path, bytes)| (format!("{platform}/{path}"), bytes))
            .collect()
    }

    pub(super) fn put(&mut self, as_of: &str, path: &str, bytes: Vec<u8>) {
        if self.last.get(path) != Some(&bytes) {
            self.files
                .insert(format!("nights/{as_of}/{path}"), bytes.clone());
            self.last.insert(path.into(), bytes);
        }
    }
}
