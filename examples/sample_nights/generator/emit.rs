//! What a night leaves in the folders: tables as the schools' systems write them, and the story.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Files;
use super::names::Nation;
use super::world::World;

const LEARNERS: &[&str] = &[
    "establishment",
    "learner_id",
    "admission_number",
    "legal_surname",
    "legal_forename",
    "preferred_surname",
    "preferred_forename",
    "admission_date",
    "leaving_date",
    "enrolment_status",
    "time_share",
    "year_group",
    "registration_class",
    "login",
    "data_sharing",
];
const STAFF: &[&str] = &[
    "establishment",
    "staff_code",
    "staff_id",
    "legal_surname",
    "legal_forename",
    "preferred_surname",
    "preferred_forename",
    "start_date",
    "leaving_date",
    "enrolment_status",
    "time_share",
    "staff_type",
    "registration_number",
    "login",
    "data_sharing",
];
const DECISIONS: &str =
    "decision_id,decided_on,decided_by,decision,account,establishment,value,note\n";

/// One table of one school on its way to a file.
pub struct Sheet {
    /// Column names.
    pub header: Vec<&'static str>,
    /// Cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// Written with a byte order mark and CRLF, as some spreadsheets do.
    pub spreadsheet: bool,
}

impl Sheet {
    /// The cell of a column in the row whose identifier (second column) is given.
    pub fn cell(&mut self, id: &str, column: &str) -> &mut String {
        let at = self
            .header
            .iter()
            .position(|&h| h == column)
            .expect("a column of the table");
        let row = self
            .rows
            .iter_mut()
            .find(|r| r[1] == id)
            .expect("a row of that person");
        &mut row[at]
    }

    /// The place of somebody's row.
    pub fn position(&self, id: &str) -> usize {
        self.rows
            .iter()
            .position(|r| r[1] == id)
            .expect("a row of that person")
    }

    /// Turns the columns round, identifiers last, and adds one that nobody asked for.
    pub fn other_layout(&mut self) {
        self.header.reverse();
        self.header.push("house");
        for row in &mut self.rows {
            row.reverse();
            row.push("Glas".into());
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let terminator = if self.spreadsheet {
            csv::Terminator::CRLF
        } else {
            csv::Terminator::Any(b'\n')
        };
        let mut writer = csv::WriterBuilder::new()
            .terminator(terminator)
            .from_writer(Vec::new());
        writer.write_record(&self.header).expect("memory takes it");
        for row in &self.rows {
            writer.write_record(row).expect("memory takes it");
        }
        let body = writer.into_inner().expect("memory takes it");
        let mut bytes = if self.spreadsheet {
            vec![0xEF, 0xBB, 0xBF]
        } else {
            Vec::new()
        };
        bytes.extend(body);
        bytes
    }
}

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
    files: Files,
    last: Files,
    story: String,
    decisions: String,
    decided: usize,
    lines: Vec<String>,
    exports: BTreeMap<usize, Export>,
    changes: Vec<Change>,
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

    /// Somebody decides something.
    pub fn decide(
        &mut self,
        on: &str,
        by: &str,
        decision: &str,
        account: &str,
        school: &str,
        value: &str,
        note: &str,
    ) {
        self.decided += 1;
        let id = self.decided;
        writeln!(
            self.decisions,
            "D{id:04},{on},{by},{decision},{account},{school},{value},{note}"
        )
        .expect("memory");
    }

    /// The finished files, with the story.
    pub fn finish(mut self, platform: &str, title: &str) -> Files {
        let head = format!("policy = \"{platform}\"\ntitle = \"{title}\"\n");
        self.files
            .insert("story.toml".into(), (head + &self.story).into_bytes());
        self.files
            .into_iter()
            .map(|(path, bytes)| (format!("{platform}/{path}"), bytes))
            .collect()
    }

    fn put(&mut self, as_of: &str, path: &str, bytes: Vec<u8>) {
        if self.last.get(path) != Some(&bytes) {
            self.files
                .insert(format!("nights/{as_of}/{path}"), bytes.clone());
            self.last.insert(path.into(), bytes);
        }
    }
}

impl World {
    /// A prologue night: it only makes history.
    pub fn prologue(&mut self, as_of: &str, title: &str, text: &str) {
        self.write(as_of);
        self.tell(as_of, title, text, true, None);
    }

    /// A night of the story.
    pub fn night(&mut self, as_of: &str, title: &str, text: &str) {
        self.write(as_of);
        self.tell(as_of, title, text, false, None);
    }

    /// A night before which somebody approves what a guard held the night before.
    pub fn approved_night(&mut self, as_of: &str, title: &str, text: &str, approval: Approval) {
        self.write(as_of);
        self.tell(as_of, title, text, false, Some(approval));
    }

    fn tell(
        &mut self,
        as_of: &str,
        title: &str,
        text: &str,
        prologue: bool,
        approval: Option<Approval>,
    ) {
        let story = &mut self.desk.story;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(
            story,
            "\n[[night]]\nas_of = \"{as_of}\"\ntitle = \"{title}\"\ntext = \"{text}\"\n"
        )
        .expect("memory");
        if prologue {
            story.push_str("prologue = true\n");
        }
        if let Some(Approval {
            guard,
            by,
            reason,
            expires,
        }) = approval
        {
            writeln!(
                story,
                "approve = {{ guard = \"{guard}\", by = \"{by}\", reason = \"{reason}\", expires = \"{expires}\" }}"
            )
            .expect("memory");
        }
    }

    fn write(&mut self, as_of: &str) {
        let mut table = String::from("authority,name,nation,data_sharing,login_prefix\n");
        for (place, (code, name, prefix)) in self.authorities.iter().enumerate() {
            let nation = if self.nation == Nation::Wales {
                "wales"
            } else {
                "scotland"
            };
            let sharing = if self.nation == Nation::Scotland {
                "Y"
            } else {
                ""
            };
            let _ = place;
            writeln!(table, "{code},{name},{nation},{sharing},{prefix}").expect("memory");
        }
        self.desk
            .put(as_of, "mis/authorities.csv", table.into_bytes());
        let mut table =
            String::from("establishment,name,authority,phase,maintained,data_sharing\n");
        for s in &self.schools {
            let maintained = if s.maintained { "Y" } else { "N" };
            let authority = self.authorities[s.authority].0;
            writeln!(
                table,
                "{},{},{authority},{},{maintained},{}",
                s.code, s.name, s.phase, s.sharing
            )
            .expect("memory");
        }
        self.desk
            .put(as_of, "mis/establishments.csv", table.into_bytes());
        for school in 0..self.schools.len() {
            self.write_school(as_of, school);
        }
        let table = String::from("establishment,exported_at,status,learners,staff\n")
            + &self.desk.lines.concat();
        self.desk.put(as_of, "mis/exports.csv", table.into_bytes());
        let decisions = self.desk.decisions.clone().into_bytes();
        self.desk.put(as_of, "decisions/decisions.csv", decisions);
        self.desk.exports.clear();
        self.desk.changes.clear();
    }

    fn write_school(&mut self, as_of: &str, school: usize) {
        let code = self.schools[school].code;
        let how = self
            .desk
            .exports
            .get(&school)
            .cloned()
            .unwrap_or(Export::Good);
        let on = match how {
            Export::Silent => return,
            Export::Failed => {
                let line = &mut self.desk.lines[school];
                *line = line.replacen(",complete,", ",failed,", 1);
                return;
            }
            Export::On(day) => day,
            Export::Good | Export::NoCounts => as_of,
        };
        let mut learners = self.learner_sheet(school);
        let mut staff = self.staff_sheet(school);
        let counts = match how {
            Export::NoCounts => ",".to_string(),
            _ => format!("{},{}", learners.rows.len(), staff.rows.len()),
        };
        // Every school has its own minute after one in the morning; summer time is an hour ahead of UTC.
        self.desk.lines[school] = format!(
            "{code},{on}T01:{:02}:00+01:00,complete,{counts}\n",
            5 + school * 3
        );
        for (at, which, change) in &self.desk.changes {
            if *at == school {
                change(if *which == Which::Learners {
                    &mut learners
                } else {
                    &mut staff
                });
            }
        }
        self.desk
            .put(as_of, &format!("mis/learners/{code}.csv"), learners.bytes());
        self.desk
            .put(as_of, &format!("mis/staff/{code}.csv"), staff.bytes());
    }

    fn learner_sheet(&self, school: usize) -> Sheet {
        let code = self.schools[school].code;
        let mut rows = Vec::new();
        for learner in &self.learners {
            for row in learner
                .rows
                .iter()
                .filter(|r| r.school == school && r.listed)
            {
                let name = &learner.name;
                let cells = [
                    code,
                    &learner.id,
                    &row.number,
                    &name.surname,
                    &name.forename,
                    "",
                    &name.preferred,
                    &row.start,
                    &row.leaving,
                    row.status,
                    row.share,
                    row.year,
                    &row.class,
                    &learner.login,
                    row.sharing,
                ];
                rows.push(cells.map(String::from).to_vec());
            }
        }
        // As a registration list prints them: by year, class and name.
        rows.sort_by_key(|r: &Vec<String>| {
            (
                self.year_index(&r[11]),
                r[12].clone(),
                r[3].clone(),
                r[4].clone(),
                r[2].clone(),
            )
        });
        Sheet {
            header: LEARNERS.to_vec(),
            rows,
            spreadsheet: false,
        }
    }

    fn staff_sheet(&self, school: usize) -> Sheet {
        let code = self.schools[school].code;
        let mut rows = Vec::new();
        for worker in &self.workers {
            for post in worker.posts.iter().filter(|p| p.school == school) {
                let name = &worker.name;
                let id = if self.nation == Nation::Scotland {
                    worker.id.as_str()
                } else {
                    ""
                };
                let kind = if worker.teaching {
                    "teaching"
                } else {
                    "non_teaching"
                };
                let cells = [
                    code,
                    &post.code,
                    id,
                    &name.surname,
                    &name.forename,
                    "",
                    &name.preferred,
                    &post.start,
                    &post.leaving,
                    post.status,
                    post.share,
                    kind,
                    &worker.registration,
                    &worker.login,
                    post.sharing,
                ];
                rows.push(cells.map(String::from).to_vec());
            }
        }
        rows.sort_by_key(|r: &Vec<String>| (r[3].clone(), r[4].clone(), r[1].clone()));
        Sheet {
            header: STAFF.to_vec(),
            rows,
            spreadsheet: false,
        }
    }
}
