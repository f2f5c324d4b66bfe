//! `enrolments.csv`: the rows that the gate accepted, one line each, by file and line.

use rayon::prelude::*;

use super::rest::Rest;
use crate::calendar::parse_date;
use crate::identity::key::KeyId;
use crate::identity::person_ref::PersonRef;
use crate::model::{
    Cell, Date, Enrolment, EnrolmentStatus, HeldPerson, Kind, PersonKey, Role, Roll, RowRef,
};
use crate::report::sheet::{self, Line};
use crate::table::Rows;

/// The columns: who, where, since when, in which row, and what the row says.
const COLUMNS: [&str; 21] = [
    "person_ref",
    "kind",
    "establishment",
    "start_date",
    "leaving_date",
    "enrolment_status",
    "time_share",
    "data_sharing",
    "temporary",
    "complete",
    "role",
    "file",
    "line",
    "legal_surname",
    "legal_forename",
    "preferred_surname",
    "preferred_forename",
    "admission_number",
    "year_group",
    "registration_class",
    "login",
];
/// Where the eight cells of text begin.
const TEXT: usize = 13;

/// No rows of the width that [`columns`] describe.
pub fn no_rows() -> Rows {
    Rows::new(Cell::ALL.len())
}

/// Each cell in a column of its own, in their order.
pub fn columns() -> [Option<u16>; 8] {
    std::array::from_fn(|at| Some(at as u16))
}

/// Hands the bytes of the file, with the rows of some people, to `sink`, part by part in their order.
///
/// # Errors
/// The first of `sink`.
pub fn pour(
    roll: &Roll,
    key: KeyId,
    of: impl Fn(PersonKey) -> bool + Sync,
    mut sink: impl FnMut(&[u8]) -> std::io::Result<()> + Send,
) -> std::io::Result<()> {
    let rows = &roll.enrolments;
    let write = |row: &Enrolment, line: &mut Line| {
        let person = PersonRef {
            key,
            hash: row.person.0,
        };
        line.plain(person.text());
        line.plain(row.kind.as_str());
        line.raw(&roll.establishment(row.establishment).code);
        line.date(row.start);
        line.date(row.leaving);
        line.plain(row.status.as_str());
        match row.time_share {
            Some(share) => line.number(share.into()),
            None => line.plain(""),
        }
        line.plain(yes_no(row.data_sharing));
        line.plain(yes_no(Some(row.temporary)));
        line.plain(yes_no(Some(row.complete)));
        line.plain(row.role.as_str());
        line.number(row.at.file.into());
        line.number(roll.line(row.at));
        for cell in Cell::ALL {
            line.raw(roll.text(row.at, cell));
        }
    };
    let sink = |parts: &[Vec<u8>], _| parts.iter().try_for_each(|part| sink(part));
    // Nearly always all of them, as the gate left them: then nothing is sorted, nor listed once more.
    let in_order = |pair: &[Enrolment]| pair[0].at < pair[1].at;
    if rows.par_windows(2).all(in_order) && rows.par_iter().all(|row| of(row.person)) {
        return sheet::pour(&COLUMNS, rows, |_| 0, write, sink);
    }
    let mut order: Vec<&Enrolment> = rows.par_iter().filter(|row| of(row.person)).collect();
    order.par_sort_unstable_by_key(|row| row.at);
    sheet::pour(&COLUMNS, &order, |_| 0, |row, line| write(row, line), sink)
}

fn yes_no(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "Y",
        Some(false) => "N",
        None => "",
    }
}

/// The header and the records of some people.
pub fn only(csv: &[u8], key: KeyId, people: &[u128]) -> Vec<u8> {
    let starts: Vec<String> = people
        .iter()
        .map(|hash| PersonRef { key, hash: *hash }.to_string())
        .collect();
    let is_theirs = |line: &&[u8]| {
        starts
            .iter()
            .any(|start| line.starts_with(start.as_bytes()))
    };
    let place = |line: &[u8]| line.as_ptr() as usize - csv.as_ptr() as usize;
    let lines = csv.par_split(|byte| *byte == b'\n');
    let mut places: Vec<usize> = lines.filter(is_theirs).map(place).collect();
    places.insert(0, 0);
    let mut found = Vec::new();
    for at in places {
        // A quoted cell may go on below its line.
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(&csv[at..]);
        let whole = reader.read_byte_record(&mut csv::ByteRecord::new());
        let length = whole.map_or(0, |_| reader.position().byte() as usize);
        found.extend_from_slice(&csv[at..at + length]);
    }
    found
}

/// Puts the rows back into a roll, with those of held people; `None` when the bytes are not such a file.
pub fn read(csv: &[u8], rest: &Rest, roll: &mut Roll) -> Option<()> {
    let mut reader = csv::Reader::from_reader(csv);
    if !reader.headers().ok()?.iter().eq(COLUMNS) {
        return None;
    }
    // A rejected row stands by its line alone, in its order among the others.
    let mut held: Vec<usize> = (0..rest.held_people.len()).collect();
    held.sort_by_key(|at| place(rest, *at));
    let mut held = held.into_iter().peekable();
    let mut at_of_held = vec![None; rest.held_people.len()];
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).ok()? {
        let file: u16 = record[11].parse().ok()?;
        let line: u64 = record[12].parse().ok()?;
        while let Some(next) = held.next_if(|next| place(rest, *next) < (file, line)) {
            at_of_held[next] = Some(add(roll, place(rest, next), [""; 8])?);
        }
        let text: [&str; 8] = std::array::from_fn(|at| &record[TEXT + at]);
        let at = add(roll, (file, line), text)?;
        let row = enrolment(&record, at, roll)?;
        roll.enrolments.push(row);
    }
    for next in held {
        at_of_held[next] = Some(add(roll, place(rest, next), [""; 8])?);
    }
    for (person, at) in rest.held_people.iter().zip(at_of_held) {
        roll.held_people.push(HeldPerson {
            kind: person.kind,
            person: person.person,
            establishment: person.establishment,
            at: at?,
            data_sharing: person.data_sharing,
        });
    }
    Some(())
}

fn place(rest: &Rest, held: usize) -> (u16, u64) {
    let person = &rest.held_people[held];
    (person.file, person.line)
}

fn add(roll: &mut Roll, (file, line): (u16, u64), text: [&str; 8]) -> Option<RowRef> {
    let rows = &mut roll.files.get_mut(usize::from(file))?.rows;
    rows.push(line, text);
    Some(RowRef {
        file,
        record: (rows.len() - 1) as u32,
    })
}

fn enrolment(record: &csv::StringRecord, at: RowRef, roll: &Roll) -> Option<Enrolment> {
    let flag = |cell: &str| match cell {
        "Y" => Some(Some(true)),
        "N" => Some(Some(false)),
        "" => Some(None),
        _ => None,
    };
    let share = match &record[6] {
        "" => None,
        share => Some(share.parse().ok()?),
    };
    Some(Enrolment {
        person: PersonKey(PersonRef::parse(&record[0])?.hash),
        kind: Kind::parse(&record[1])?,
        establishment: establishment(roll, &record[2])?,
        start: date(&record[3])?,
        leaving: date(&record[4])?,
        status: EnrolmentStatus::parse(&record[5])?,
        time_share: share,
        data_sharing: flag(&record[7])?,
        temporary: flag(&record[8])??,
        complete: flag(&record[9])??,
        role: Role::parse(&record[10])?,
        at,
    })
}

/// A blank date is none; `None` when there is one that is no date.
fn date(cell: &str) -> Option<Option<Date>> {
    match cell {
        "" => Some(None),
        _ => parse_date(cell).map(Some),
    }
}

/// Unlike [`Roll::establishment_id`] also the one without a code.
fn establishment(roll: &Roll, code: &str) -> Option<crate::model::EstId> {
    let codes = &roll.establishments;
    let at = codes.binary_search_by(|e| e.code.as_str().cmp(code)).ok()?;
    Some(crate::model::EstId(at as u32))
}
