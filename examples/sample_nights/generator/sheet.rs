//! A school's two tables, as its system writes them.

use super::names::Nation;
use super::world::World;

const LEARNERS: &str = "establishment,learner_id,admission_number,legal_surname,legal_forename,\
    preferred_surname,preferred_forename,admission_date,leaving_date,enrolment_status,\
    time_share,year_group,registration_class,login,data_sharing";
const STAFF: &str = "establishment,staff_code,staff_id,legal_surname,legal_forename,\
    preferred_surname,preferred_forename,start_date,leaving_date,enrolment_status,\
    time_share,staff_type,registration_number,login,data_sharing";

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

    pub fn bytes(&self) -> Vec<u8> {
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

impl World {
    pub(super) fn learner_sheet(&self, school: usize) -> Sheet {
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
            header: LEARNERS.split(',').collect(),
            rows,
            spreadsheet: false,
        }
    }

    pub(super) fn staff_sheet(&self, school: usize) -> Sheet {
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
            header: STAFF.split(',').collect(),
            rows,
            spreadsheet: false,
        }
    }
}
