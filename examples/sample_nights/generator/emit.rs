//! What a night leaves in the folders, and in the story.

use std::fmt::Write as _;

use super::desk::{Approval, Export, Which};
use super::names::Nation;
use super::world::World;

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

    /// A night on which somebody asks an archived group of a class back; it goes with the night told last.
    pub fn restored(&mut self, school: usize, [class, year]: [&str; 2], by: &str, note: &str) {
        let code = self.schools[school].code;
        writeln!(
            self.desk.story,
            "restore = {{ decision_id = \"R0001\", by = \"{by}\", establishment = \"{code}\", class_id = \"{class}\", academic_year = \"{year}\", note = \"{note}\" }}"
        )
        .expect("memory");
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
        self.write_classes(as_of);
        let decisions = self.desk.decisions.clone().into_bytes();
        self.desk.put(as_of, "decisions/decisions.csv", decisions);
        if self.desk.requested > 0 {
            let requests = self.desk.requests.clone().into_bytes();
            self.desk.put(as_of, "decisions/requests.csv", requests);
        }
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
}
