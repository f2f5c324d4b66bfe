//! A workspace of any size, the same in every place, ready for one night of `onroll run`:
//!
//! ```text
//! cargo run --release --example bench_world -- NEW-FOLDER [ACCOUNTS [quiet|ordinary|rollover]]
//! onroll run -C NEW-FOLDER --as-of 2026-03-10
//! ```
//!
//! The snapshot is written as if onroll had kept it for years; the exports of the night change some of it: leavers,
//! joiners, moves, new classes, and purges that fall due. A quiet night changes about 0.1 %, an ordinary one 2 %, a
//! rollover nearly everybody's class with 8 % leaving and 8 % joining. Nobody in it exists.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use onroll::calendar::{parse_date, plus_days};
use onroll::directory::{
    AccountRecord, Accounts, Column, Meta, NextTables, begin_next, folder_name, hex, write_next,
};
use onroll::identity::{Key, Keys, LEARNER_SCOPE, fold, hex128, upn};
use onroll::model::{Category, Date, InactiveReason, Kind, Role, State};
use onroll::policy::Policy;
use onroll::workspace::{self, NewWorkspace, WorkspaceError};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// The night that the exports are of.
pub const NIGHT: &str = "2026-03-10";
const EVE: &str = "2026-03-09";
const STANDARD_SIZE: u64 = 1_000_000;
const PEOPLE_PER_SCHOOL: u64 = 625;
const AUTHORITIES: u64 = 22;

const SURNAMES: &[&str] = &[
    "Jones",
    "Davies",
    "Williams",
    "Evans",
    "Thomas",
    "Roberts",
    "Lewis",
    "Hughes",
    "Morgan",
    "Griffiths",
    "Edwards",
    "Owen",
    "James",
    "Rees",
    "Morris",
    "Jenkins",
    "Price",
    "Phillips",
    "Lloyd",
    "Parry",
    "Bowen",
    "Howells",
    "Powell",
    "Bevan",
    "Pugh",
    "Ellis",
    "Humphreys",
    "Vaughan",
    "Llewelyn",
    "Prosser",
    "O'Brien",
    "Ap Gwilym",
    "Gwynne",
    "Tudur",
];
const FORENAMES: &[&str] = &[
    "Alys", "Bethan", "Catrin", "Dafydd", "Elin", "Ffion", "Gethin", "Huw", "Iwan", "Jac", "Kai",
    "Llŷr", "Mared", "Nia", "Osian", "Poppy", "Rhys", "Siân", "Tomos", "Una", "Wil", "Ynyr", "Zoe",
    "Aled", "Cai", "Erin", "Gwen",
];

/// How much a night changes, in ten-thousandths of the people.
#[derive(Clone, Copy)]
struct Shares {
    leave: u64,
    moves: u64,
    class: u64,
    join: u64,
}

/// The kinds of night by name.
const KINDS: &[(&str, Shares)] = &[
    (
        "quiet",
        Shares {
            leave: 2,
            moves: 2,
            class: 4,
            join: 2,
        },
    ),
    (
        "ordinary",
        Shares {
            leave: 40,
            moves: 40,
            class: 90,
            join: 40,
        },
    ),
    (
        "rollover",
        Shares {
            leave: 800,
            moves: 40,
            class: 9160,
            join: 800,
        },
    ),
];

/// What tonight's export says of a person whom the snapshot may know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Story {
    Stays,
    ChangesClass,
    Leaves,
    Moves,
    Joins,
    LeftBefore,
    LeftLongAgo,
}

/// A person, all of it computed from a number.
struct Person {
    number: u64,
    chance: u64,
    school: u64,
    kind: Kind,
    story: Story,
}

impl Person {
    fn new(number: u64, accounts: u64, schools: u64, shares: Shares) -> Person {
        let chance = mix(number);
        let kind = if number % 12 == 11 {
            Kind::Staff
        } else {
            Kind::Learner
        };
        let lot = (chance >> 32) % 1000 * 10 + (chance >> 56) % 10;
        let moves = shares.leave + shares.moves;
        let story = match lot {
            _ if number >= accounts => Story::Joins,
            0..=9 if number % 16 == 7 => Story::LeftLongAgo,
            _ if number % 16 == 7 => Story::LeftBefore,
            _ if lot < shares.leave => Story::Leaves,
            _ if lot < moves && kind == Kind::Learner => Story::Moves,
            _ if lot >= moves && lot < moves + shares.class && kind == Kind::Learner => {
                Story::ChangesClass
            }
            _ => Story::Stays,
        };
        Person {
            number,
            chance,
            school: chance % schools,
            kind,
            story,
        }
    }

    fn surname(&self) -> &'static str {
        SURNAMES[((self.chance >> 8) % SURNAMES.len() as u64) as usize]
    }

    fn forename(&self) -> &'static str {
        FORENAMES[((self.chance >> 20) % FORENAMES.len() as u64) as usize]
    }

    fn identifier(&self) -> String {
        if self.kind == Kind::Staff {
            return format!("S{:07}", self.number);
        }
        let body = format!(
            "{}{:09}",
            660 + self.number % AUTHORITIES,
            self.number / AUTHORITIES + 100_000_000
        );
        format!("{}{body}", upn::check_letter(&body).unwrap_or_default())
    }

    fn year_group(&self) -> u64 {
        1 + (self.chance >> 48) % 11
    }

    fn class(&self, tonight: bool) -> String {
        let moved_on = u64::from(tonight && self.story == Story::ChangesClass);
        let letter = char::from(b'A' + (((self.chance >> 52) % 3 + moved_on) % 3) as u8);
        format!("{}{letter}", self.year_group())
    }

    fn left_on(&self, night: Date) -> Option<Date> {
        match self.story {
            Story::Leaves | Story::Moves => Some(night.pred_opt()?),
            Story::LeftBefore => Some(night - chrono::Days::new(40 + (self.chance >> 44) % 280)),
            Story::LeftLongAgo => Some(night - chrono::Days::new(366)),
            _ => None,
        }
    }
}

/// SplitMix64: chance without a state.
fn mix(number: u64) -> u64 {
    let mut z = number
        .wrapping_add(0x9e37_79b9_7f4a_7c15)
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn school_code(school: u64) -> String {
    format!(
        "{}{:04}",
        660 + school % AUTHORITIES,
        2000 + school / AUTHORITIES
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(
        arguments
            .next()
            .ok_or("say where: a folder that is not there yet, then how many accounts")?,
    );
    let accounts = arguments
        .next()
        .map_or(Ok(STANDARD_SIZE), |text| text.parse())?;
    let kind = arguments.next().unwrap_or_else(|| "ordinary".to_owned());
    let (schools, enrolments) = make(&root, accounts, &kind)?;
    println!(
        "{accounts} accounts, {enrolments} enrolments, {schools} schools, {kind} night of {NIGHT}: {}",
        root.display()
    );
    Ok(())
}

/// Makes a workspace in a folder that is not there yet; returns how many schools and enrolments it has.
///
/// # Errors
/// When a file cannot be written, or the kind of night is not known.
pub fn make(root: &Path, accounts: u64, kind: &str) -> Result<(u64, u64), Box<dyn Error>> {
    let shares = KINDS.iter().find(|(name, _)| *name == kind);
    let (_, shares) = shares.ok_or("the night is quiet, ordinary or rollover")?;
    let schools = (accounts / PEOPLE_PER_SCHOOL).max(16);
    let joiners = accounts * shares.join / 10_000;
    let night = parse_date(NIGHT).ok_or("the night is a date")?;
    let world = World {
        accounts,
        people: accounts + joiners,
        schools,
        shares: *shares,
        night,
    };
    world.write_directory(root)?;
    let rows = world.write_rolls(&root.join("mis"))?;
    write_lists(&root.join("mis"), schools, &rows)?;
    let enrolments: u64 = rows.iter().map(|(learners, staff)| learners + staff).sum();
    Ok((schools, enrolments))
}

/// A world that is computed person by person: it may be larger than the memory.
struct World {
    accounts: u64,
    people: u64,
    schools: u64,
    shares: Shares,
    night: Date,
}

/// The key beside the workspace is always the same, so that two worlds are equal bytes.
fn fixed_key(root: &Path) -> Result<Keys, Box<dyn Error>> {
    let path = workspace::default_key(root);
    std::fs::write(
        &path,
        format!("onroll-key-1:{}\n", "0123456789abcdef".repeat(4)),
    )?;
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(Keys::new(Key::load(&path)?, None))
}

impl World {
    fn person(&self, number: u64) -> Person {
        Person::new(number, self.accounts, self.schools, self.shares)
    }

    fn write_directory(&self, root: &Path) -> Result<(), Box<dyn Error>> {
        let policy = Policy::builtin("hwb")?;
        let keys = fixed_key(root)?;
        let meta = Meta {
            format_version: 1,
            as_of: parse_date(EVE),
            policy: policy.params.name.clone(),
            policy_digest: policy.digest.clone(),
            key_id: keys.current.id().to_string(),
            key_fingerprint: keys.current.fingerprint(),
            rows: Default::default(),
            digests: Default::default(),
            from: None,
        };
        let new = NewWorkspace {
            root,
            policy: "hwb",
            key: None,
        };
        workspace::init(new, |folder| {
            let accounts = begin_next(folder, &Accounts::default(), Vec::new());
            let written = accounts
                .and_then(|accounts| write_next(folder, meta, accounts, &NextTables::default()));
            let filled = written.and_then(|_| self.fill(folder, &keys));
            filled.map_err(|e| WorkspaceError::io("write the snapshot in", folder, e))
        })?;
        Ok(())
    }

    /// Puts the accounts, by their ids, into an empty snapshot; returns its name afterwards.
    fn fill(&self, folder: &Path, keys: &Keys) -> std::io::Result<String> {
        let numbers = self.username_numbers();
        let id = |number| keys.account_id(&person_ref(&self.person(number), keys), 0);
        let mut order: Vec<(u128, u32)> = (0..self.accounts)
            .into_par_iter()
            .map(|number| (id(number), number as u32))
            .collect();
        order.par_sort_unstable();
        let mut file = File::create(folder.join("accounts.csv"))?;
        let mut digest = Sha256::new();
        let mut put = |text: &str| {
            digest.update(text);
            file.write_all(text.as_bytes())
        };
        put(&format!("{}\n", Column::NAMES.join(",")))?;
        for some in order.chunks(BATCH) {
            let line = |(_, number): &(u128, u32)| {
                let record = account(
                    &self.person(u64::from(*number)),
                    keys,
                    self.night,
                    numbers[*number as usize],
                );
                record.cells().collect::<Vec<_>>().join(",") + "\n"
            };
            let lines: Vec<String> = some.par_iter().map(line).collect();
            put(&lines.concat())?;
        }
        let json = folder.join("snapshot.json");
        let mut meta: Meta = serde_json::from_slice(&std::fs::read(&json)?)?;
        meta.rows.insert("accounts".to_owned(), self.accounts);
        meta.digests
            .insert("accounts".to_owned(), hex(&digest.finalize()));
        let mut bytes = serde_json::to_vec_pretty(&meta)?;
        bytes.push(b'\n');
        std::fs::write(json, &bytes)?;
        Ok(folder_name(&bytes))
    }

    /// The number in each account's username: people of one stem are counted in their order.
    fn username_numbers(&self) -> Vec<u32> {
        let mut stems: HashMap<(&str, Option<char>), u32> = HashMap::new();
        let number = |number| {
            let person = self.person(number);
            let count = stems
                .entry((person.surname(), initial(&person)))
                .or_default();
            *count += 1;
            *count
        };
        (0..self.accounts).map(number).collect()
    }
}

/// Lines that are made before they are written.
const BATCH: usize = 1 << 17;

fn initial(person: &Person) -> Option<char> {
    fold(person.forename()).chars().next()
}

fn person_ref(person: &Person, keys: &Keys) -> String {
    let school = school_code(person.school);
    let scope = match person.kind {
        Kind::Learner => LEARNER_SCOPE,
        Kind::Staff => school.as_str(),
    };
    keys.person_ref(person.kind, scope, &person.identifier())
        .to_string()
}

fn account(person: &Person, keys: &Keys, night: Date, number: u32) -> AccountRecord {
    let school = school_code(person.school);
    let role = match person.kind {
        Kind::Learner => Role::Learner,
        Kind::Staff => Role::NonTeachingStaff,
    };
    let person_ref = person_ref(person, keys);
    let (surname, forename) = (person.surname(), person.forename());
    let begins = forename.chars().next().unwrap_or_default();
    let folded = initial(person).map(String::from).unwrap_or_default();
    let stem = format!("{}{folded}", fold(surname));
    let username = format!("{stem}{number}");
    let mut record = AccountRecord::default();
    for (column, value) in [
        (Column::AccountId, hex128(keys.account_id(&person_ref, 0))),
        (Column::PersonRef, person_ref),
        (Column::Category, Category::Mis.to_string()),
        (Column::Role, role.to_string()),
        (Column::State, State::Active.to_string()),
        (Column::Establishment, school.clone()),
        (Column::Email, format!("{username}@hwbcymru.net")),
        (Column::Username, username),
        (Column::DisplayName, format!("{begins} {surname}")),
        (Column::Surname, surname.to_owned()),
        (Column::Forename, forename.to_owned()),
        (Column::CreatedOn, "2023-09-01".to_owned()),
    ] {
        record.set(column, value);
    }
    if person.kind == Kind::Learner {
        record.set(Column::YearGroup, person.year_group().to_string());
        record.set(Column::RegistrationClass, person.class(false));
    }
    if matches!(person.story, Story::LeftBefore | Story::LeftLongAgo) {
        record.set(Column::State, State::Inactive.as_str());
        record.set(Column::InactiveReason, InactiveReason::Left.as_str());
        record.set_date(Column::LeftOn, person.left_on(night));
        record.set_date(
            Column::InactiveSince,
            person.left_on(night).map(|d| plus_days(d, 1)),
        );
    }
    record
}

/// Learners and staff of each school.
type RowsBySchool = Vec<(u64, u64)>;

/// People beyond which a roll is a file for each so many schools, none larger than a file may be; the engines that onroll
/// is raced against read one file.
const ONE_FILE_MAX: u64 = 11_000_000;
const SCHOOLS_PER_FILE: usize = 3_000;

impl World {
    /// The two rolls, school after school as an authority's extract has them.
    fn write_rolls(&self, mis: &Path) -> Result<RowsBySchool, Box<dyn Error>> {
        let rows = |number: u64| {
            let person = self.person(number);
            let arrives = (person.story == Story::Moves)
                .then_some(((person.school + 1) % self.schools, true));
            let all = [Some((person.school, false)), arrives]
                .into_iter()
                .flatten();
            all.map(move |(school, arrives)| (school as u32, number as u32, arrives))
        };
        let mut rows: Vec<(u32, u32, bool)> = (0..self.people)
            .into_par_iter()
            .flat_map_iter(rows)
            .collect();
        rows.par_sort_unstable();
        let schools: Vec<&[(u32, u32, bool)]> = rows.chunk_by(|a, b| a.0 == b.0).collect();
        let mut counts = vec![(0, 0); self.schools as usize];
        let per_file = match self.people > ONE_FILE_MAX {
            true => SCHOOLS_PER_FILE,
            false => schools.len(),
        };
        for (at, some) in schools.chunks(per_file).enumerate() {
            let path = |table: &str| match per_file == schools.len() {
                true => Ok(mis.join(format!("{table}.csv"))),
                false => std::fs::create_dir_all(mis.join(table))
                    .map(|()| mis.join(table).join(format!("{at:04}.csv"))),
            };
            let mut learners = BufWriter::new(File::create(path("learners")?)?);
            let mut staff = BufWriter::new(File::create(path("staff")?)?);
            writeln!(
                learners,
                "{}",
                onroll::table::spec::LEARNERS.columns.join(",")
            )?;
            writeln!(staff, "{}", onroll::table::spec::STAFF.columns.join(","))?;
            let written: Vec<_> = some.par_iter().map(|rows| self.school(rows)).collect();
            for (rows, ([of_learners, of_staff], count)) in some.iter().zip(written) {
                learners.write_all(of_learners.as_bytes())?;
                staff.write_all(of_staff.as_bytes())?;
                counts[rows[0].0 as usize] = count;
            }
            learners.flush()?;
            staff.flush()?;
        }
        Ok(counts)
    }

    /// The lines of a school in both rolls, and how many there are.
    fn school(&self, rows: &[(u32, u32, bool)]) -> ([String; 2], (u64, u64)) {
        let ([mut learners, mut staff], mut count) = ([String::new(), String::new()], (0, 0));
        for (school, number, arrives) in rows {
            let person = self.person(u64::from(*number));
            let code = school_code(u64::from(*school));
            let (surname, forename, identifier) =
                (person.surname(), person.forename(), person.identifier());
            let start = match person.story {
                Story::Joins => NIGHT,
                _ if *arrives => NIGHT,
                _ => "2023-09-01",
            };
            let left = person.left_on(self.night).filter(|_| !arrives);
            let left = left.map(|d| d.to_string()).unwrap_or_default();
            if person.kind == Kind::Learner {
                let (number, year, class) =
                    (person.number, person.year_group(), person.class(true));
                // A class that a mover brings along is no second change.
                learners += &format!(
                    "{code},{identifier},A{number:07},{surname},{forename},,,{start},{left},single,,{year},{class},,\n"
                );
                count.0 += 1;
            } else {
                staff += &format!(
                    "{code},{identifier},,{surname},{forename},,,{start},{left},single,,non_teaching,,,\n"
                );
                count.1 += 1;
            }
        }
        ([learners, staff], count)
    }
}

fn write_lists(mis: &Path, schools: u64, rows: &RowsBySchool) -> Result<(), Box<dyn Error>> {
    let mut text = "authority,name,nation,data_sharing\n".to_owned();
    for number in 0..AUTHORITIES {
        text += &format!("{},Authority {number},wales,\n", 660 + number);
    }
    std::fs::write(mis.join("authorities.csv"), text)?;
    let mut establishments =
        "establishment,name,authority,phase,maintained,data_sharing\n".to_owned();
    let mut exports = "establishment,exported_at,status,learners,staff\n".to_owned();
    for school in 0..schools {
        let code = school_code(school);
        let (learners, staff) = rows[school as usize];
        establishments += &format!(
            "{code},School {school},{},primary,Y,\n",
            660 + school % AUTHORITIES
        );
        exports += &format!("{code},{NIGHT}T01:00:00+00:00,complete,{learners},{staff}\n");
    }
    std::fs::write(mis.join("establishments.csv"), establishments)?;
    std::fs::write(mis.join("exports.csv"), exports)?;
    Ok(())
}
