//! An invented world as plain data: people, establishments, and what happens to their rows from night to night.
//!
//! Nothing here knows how onroll decides. A story is told as the tables that a school and a council would write,
//! in the format of `tests/scenarios`, so that a counterexample can become a scenario as it stands.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::Days;
use onroll::model::Date;

use crate::classes::CLASSES;

/// Days since the first of January 2026.
pub type Day = i32;

/// The date of a day.
pub fn date_of(day: Day) -> Date {
    let origin = Date::from_ymd_opt(2026, 1, 1).expect("a date");
    let days = Days::new(u64::from(day.unsigned_abs()));
    if day < 0 {
        origin - days
    } else {
        origin + days
    }
}

fn told(day: Option<Day>) -> String {
    day.map(|day| date_of(day).to_string()).unwrap_or_default()
}

/// A person: a learner, or staff.
#[derive(Clone, Debug)]
pub struct Who {
    /// Staff, else a learner.
    pub staff: bool,
    /// A learner with a temporary UPN.
    pub temporary: bool,
    /// Which of the few names; several people share each, so that usernames meet.
    pub name: usize,
}

/// What a row lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blank {
    /// Nothing.
    Nothing,
    /// Every name.
    Names,
    /// The admission number.
    Admission,
    /// The login.
    Login,
    /// The start date.
    Start,
    /// The registration number: only changes the role in `glow`.
    Registration,
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// Nothing.
    Nothing,
    /// An impossible leaving date.
    Date,
    /// An unknown word in `data_sharing`.
    Flag,
    /// An unknown enrolment status.
    Status,
    /// Leaving before the start.
    Order,
    /// A placeholder for a name.
    Name,
    /// An identifier that cannot be one: nobody can tell whose row it is.
    Identifier,
    /// An establishment that is not listed.
    Establishment,
    /// The row stands twice with different year groups or roles, so its two copies contradict each other.
    Twice,
}

/// One row of a roll.
#[derive(Clone, Debug)]
pub struct Row {
    /// Place in [`Story::people`].
    pub who: usize,
    /// Place in [`Story::establishments`].
    pub at: usize,
    /// First day.
    pub start: Day,
    /// Last day.
    pub leaving: Option<Day>,
    /// Place in [`STATUSES`].
    pub status: usize,
    /// Share of the week in percent; 0 for blank.
    pub share: u8,
    /// Year group.
    pub year: u8,
    /// `data_sharing`: 0 blank, 1 yes, 2 no.
    pub choice: u8,
    /// What it lacks.
    pub blank: Blank,
    /// What is wrong with it.
    pub bad: Bad,
    /// Whether the export has it tonight.
    pub here: bool,
}

/// The enrolment statuses.
pub const STATUSES: [&str; 6] = ["", "single", "main", "subsidiary", "guest", "pre_admission"];

impl Row {
    /// Whether its status may create, claim or keep.
    pub fn counts(&self) -> bool {
        self.status < 4
    }
}

/// A school.
#[derive(Clone, Debug)]
pub struct School {
    /// Its authority: 0 or 1.
    pub authority: usize,
    /// `maintained`.
    pub maintained: bool,
    /// `data_sharing`: 0 blank, 1 yes, 2 no.
    pub sharing: u8,
    /// `closed_on`.
    pub closed: Option<Day>,
    /// It has a new code, which `replaces` its old one.
    pub recoded: bool,
}

/// How an export fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// It does not.
    Good,
    /// Says `failed`.
    Failed,
    /// Says `partial`.
    Partial,
    /// Eight days old.
    Stale,
    /// Not listed.
    Missing,
    /// Claims more rows than there are.
    Short,
    /// Dated tomorrow.
    Future,
}

/// A decision of a person.
#[derive(Clone, Debug)]
pub struct Word {
    /// Place in [`WORDS`].
    pub word: usize,
    /// Whose account.
    pub who: usize,
    /// At which establishment.
    pub at: usize,
    /// When.
    pub on: Day,
    /// Place in [`VALUES`].
    pub value: usize,
}

/// The decisions that are played: first those about a person's account, then from [`ASKED`] those about accounts that
/// were asked for, then two about any account.
pub const WORDS: [&str; 12] = [
    "approve_transfer",
    "not_a_leaver",
    "assign_grace",
    "restore_with_grace",
    "decline_transfer",
    "defer_transfer",
    "reactivate_account",
    "keep_account",
    "close_account",
    "reactivate_account",
    "rename",
    "keep_previous_account",
];

/// Place of the first word about an account that was asked for.
pub const ASKED: usize = 7;

impl Word {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        WORDS[self.word % WORDS.len()]
    }

    /// For how long an account is kept by it.
    pub fn period(&self) -> &'static str {
        KEEPS[self.value % KEEPS.len()]
    }

    /// How it closes an account.
    pub fn closing(&self) -> &'static str {
        CLOSES[self.value % CLOSES.len()]
    }

    /// The last day that it gives an account on its reactivation; `None` leaves it as it was.
    pub fn revived_until(&self) -> Option<Day> {
        REVIVALS[self.value % REVIVALS.len()].map(|days| self.on + days)
    }

    /// The new name that it gives.
    pub fn renaming(&self) -> &'static str {
        RENAMES[self.value % RENAMES.len()]
    }
}

/// Values of decisions.
pub const VALUES: [&str; 4] = ["", "5", "400", "x"];

/// For how long accounts are kept; the last is no period of the platform's.
const KEEPS: [&str; 5] = [
    "1_month",
    "3_months",
    "6_months",
    "end_of_next_academic_year",
    "2_months",
];

/// How accounts are closed; the last is no way to.
const CLOSES: [&str; 3] = ["now", "on_expiry", "later"];

/// New names; the first two for accounts that follow the roll.
const RENAMES: [&str; 7] = [
    "display",
    "username",
    "display:Llwyd-Owen/Siân",
    "username:Jones/Dilys",
    "username:Argraffydd",
    "username:TBC/Ann",
    "title:A/B",
];

/// Days from the decision to the new last day of a reactivation; the last leaves it blank.
const REVIVALS: [Option<Day>; 6] = [Some(-1), Some(0), Some(30), Some(200), Some(400), None];

/// Somebody asks for an account.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Place in [`ROLES`].
    pub role: usize,
    /// When.
    pub on: Day,
    /// Last day asked for.
    pub expires: Option<Day>,
    /// At which school.
    pub at: Option<usize>,
    /// Whether it names an organisation.
    pub organisation: bool,
    /// Place in [`EMAILS`].
    pub email: usize,
    /// Place in [`NAMES`], or behind it one that gives no username.
    pub name: usize,
}

/// Roles asked for: from [`BAD_ROLES`] on nobody may have an account for the asking.
pub const ROLES: [&str; 11] = [
    "governor",
    "authority_staff",
    "ite_student",
    "supply",
    "consortium_staff",
    "service",
    "stakeholder",
    "teaching_staff",
    "non_teaching_staff",
    "learner",
    "headteacher",
];

/// Place of the first role that makes no account.
pub const BAD_ROLES: usize = 9;

/// Work addresses: none, shared by several, and what an account's own address may be.
pub const EMAILS: [&str; 4] = [
    "",
    "shared@example.org",
    "Shared@Example.org",
    "jonesd1@hwbcymru.net",
];

/// What the directory says of an account tonight.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Which account, counted over all of them; `None` for a username of nobody's.
    pub of: Option<usize>,
    /// Its id there; 0 for blank.
    pub id: usize,
    /// The last sign-in, so many days before the night.
    pub signed_in: Option<Day>,
    /// A second row says something else.
    pub twice: bool,
}

/// What decisions and the directory call an account, until a night puts its id or username there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Named {
    /// What the request of this place gave.
    Asked(usize),
    /// The newest account of a person.
    Person(usize),
    /// One of all accounts.
    Any(usize),
    /// One of the staff's inactive accounts.
    Old(usize),
    /// One of the staff's usable accounts.
    New(usize),
}

impl Named {
    /// Its mark in a table; what stands for a decision says so for as long as the story goes on.
    fn mark(self, decision: Option<usize>, by_username: bool) -> String {
        let by = if by_username { "name" } else { "id" };
        let (kind, n) = match self {
            Named::Asked(n) => ("asked", n),
            Named::Person(n) => ("person", n),
            Named::Any(n) => ("any", n),
            Named::Old(n) => ("old", n),
            Named::New(n) => ("new", n),
        };
        let since = decision.map_or("now".to_owned(), |d| format!("d{d:02}"));
        format!("<{kind} {n} {by} {since}>")
    }

    /// What a mark stands for, whether by username, and whether for as long as the story goes on.
    pub fn parse(mark: &str) -> Option<(Named, bool, bool)> {
        let words: Vec<&str> = mark.split(' ').collect();
        let [kind, n, by, since] = words[..] else {
            return None;
        };
        let n = n.parse().ok()?;
        let named = match kind {
            "asked" => Named::Asked(n),
            "person" => Named::Person(n),
            "any" => Named::Any(n),
            "old" => Named::Old(n),
            "new" => Named::New(n),
            _ => return None,
        };
        Some((named, by == "name", since != "now"))
    }
}

/// Something that changes before a night. Places are taken modulo what there is.
#[derive(Clone, Debug)]
pub enum Event {
    /// A leaving date, so many days before the night (negative: ahead).
    Leave(usize, Day),
    /// The leaving date is withdrawn.
    Stay(usize),
    /// The row is missing from the export.
    Vanish(usize),
    /// It is back.
    Return(usize),
    /// A new row.
    Add(Row),
    /// Another status.
    Status(usize, usize),
    /// Another choice.
    Choice(usize, u8),
    /// A blank cell.
    Blank(usize, Blank),
    /// A fault.
    Bad(usize, Bad),
    /// Another year group.
    Year(usize, u8),
    /// Another start, so many days before the night.
    Start(usize, Day),
    /// A failed export, tonight only.
    Export(usize, Export),
    /// A school's `data_sharing`.
    School(usize, u8),
    /// An authority's `data_sharing`.
    Authority(usize, u8),
    /// A school closed, so many days before the night.
    Close(usize, Day),
    /// A school has a new code.
    Recode(usize),
    /// A decision; its day is so many days before the night.
    Decide(Word),
    /// Everything that guards held last night is approved.
    ApproveGuards,
    /// A school's hold is approved.
    ApproveHold(usize),
    /// An account is asked for; its days are so many before the night (negative: ahead).
    Ask(Ask),
    /// The directory speaks of an account, tonight only.
    Hear(Heard),
    /// Another identifier replaces a person's; told a night early or with the first row that has it.
    Rekey(usize, bool),
    /// Somebody comes into a class, or leaves it.
    Member(usize, usize),
}

/// One night: how many days after the last, and what happened in between.
#[derive(Clone, Debug)]
pub struct NightStory {
    /// Days since the night before.
    pub gap: Day,
    /// So many days after the next 31 August, where that is later.
    pub august: Option<Day>,
    /// What changed.
    pub events: Vec<Event>,
}

/// A world and its nights.
#[derive(Clone, Debug)]
pub struct Story {
    /// `hwb` or `glow`.
    pub policy: &'static str,
    /// Guards that trip at one or two changes.
    pub tight: bool,
    /// Groups are switched on.
    pub groups: bool,
    /// A `glow` directory that has accounts which do not follow the roll.
    pub seeded: bool,
    /// The first night.
    pub first: Day,
    /// Schools.
    pub schools: Vec<School>,
    /// People.
    pub people: Vec<Who>,
    /// Rows on the first night.
    pub rows: Vec<Row>,
    /// Nights.
    pub nights: Vec<NightStory>,
}

/// The world as it stands on one night.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Tonight.
    pub as_of: Day,
    /// Schools.
    pub schools: Vec<School>,
    /// Rows, those missing tonight included.
    pub rows: Vec<Row>,
    /// Authorities' `data_sharing`.
    pub authorities: [u8; 2],
    /// Exports.
    pub exports: Vec<Export>,
    /// Decisions so far.
    pub words: Vec<Word>,
    /// Requests so far.
    pub asks: Vec<Ask>,
    /// What the directory says tonight.
    pub heard: Vec<Heard>,
    /// People of whose identifier `rekeys.csv` says that another replaces it.
    pub rekeyed: BTreeSet<usize>,
    /// Those whom the roll lists under the other one.
    pub renewed: BTreeSet<usize>,
    /// Who is in which class.
    pub members: BTreeSet<(usize, usize)>,
    /// Whether what guards held is approved tonight.
    pub approve_guards: bool,
    /// Schools whose hold is approved tonight.
    pub approved_holds: Vec<usize>,
}

impl Story {
    /// The scenes of every night. School 0 is an anchor with a learner and a teacher who never change.
    pub fn scenes(&self) -> Vec<Scene> {
        let mut scene = Scene {
            as_of: self.first,
            schools: self.schools.clone(),
            rows: self.rows.clone(),
            authorities: [1, 1],
            exports: Vec::new(),
            words: Vec::new(),
            asks: Vec::new(),
            heard: Vec::new(),
            rekeyed: BTreeSet::new(),
            renewed: BTreeSet::new(),
            members: BTreeSet::new(),
            approve_guards: false,
            approved_holds: Vec::new(),
        };
        let mut scenes = Vec::new();
        for night in &self.nights {
            scene.as_of += night.gap;
            if let Some(days) = night.august {
                let end = crate::oracle::year_end(date_of(scene.as_of));
                let end = (end - date_of(0)).num_days() as Day + days;
                scene.as_of = scene.as_of.max(end);
            }
            scene.heard.clear();
            // What was told a night early is true now.
            scene.renewed = scene.rekeyed.clone();
            scene.exports = vec![Export::Good; scene.schools.len()];
            scene.approve_guards = false;
            scene.approved_holds.clear();
            for event in &night.events {
                scene.play(event, &self.people);
            }
            scenes.push(scene.clone());
        }
        scenes
    }

    /// The label of a person.
    pub fn label(&self, who: usize) -> String {
        match &self.people[who] {
            Who { staff: true, .. } => format!("zq{who}k"),
            Who {
                temporary: true, ..
            } => format!("temp-{who}"),
            _ => format!("l-{who}"),
        }
    }
}

impl Scene {
    fn play(&mut self, event: &Event, all: &[Who]) {
        let people = all.len();
        let (as_of, rows, schools) = (self.as_of, self.rows.len(), self.schools.len());
        let mut row = |at: usize, change: &dyn Fn(&mut Row)| {
            if rows > 0 {
                change(&mut self.rows[at % rows]);
            }
        };
        match event {
            Event::Leave(at, ago) => row(*at, &|r| r.leaving = Some(as_of - ago)),
            Event::Stay(at) => row(*at, &|r| r.leaving = None),
            Event::Vanish(at) => row(*at, &|r| r.here = false),
            Event::Return(at) => row(*at, &|r| r.here = true),
            Event::Status(at, status) => row(*at, &|r| r.status = *status),
            Event::Choice(at, choice) => row(*at, &|r| r.choice = *choice),
            Event::Blank(at, blank) => row(*at, &|r| r.blank = *blank),
            Event::Bad(at, bad) => row(*at, &|r| r.bad = *bad),
            Event::Year(at, year) => row(*at, &|r| r.year = *year),
            Event::Start(at, ago) => row(*at, &|r| r.start = as_of - ago),
            Event::Add(new) => {
                let start = as_of - new.start;
                let leaving = new.leaving.map(|days| start + days);
                self.rows.push(Row {
                    who: new.who % people,
                    at: new.at % schools,
                    start,
                    leaving,
                    ..new.clone()
                });
            }
            // The anchor's own export never fails.
            Event::Export(at, export) if at % schools > 0 => self.exports[at % schools] = *export,
            Event::Export(..) => {}
            Event::School(at, sharing) => self.schools[at % schools].sharing = *sharing,
            Event::Authority(at, sharing) => self.authorities[at % 2] = *sharing,
            Event::Close(at, ago) if at % schools > 0 => {
                self.schools[at % schools].closed = Some(as_of - ago)
            }
            Event::Close(..) => {}
            Event::Recode(at) => self.schools[at % schools].recoded = true,
            Event::Decide(word) => self.words.push(Word {
                on: as_of - word.on,
                ..word.clone()
            }),
            Event::ApproveGuards => self.approve_guards = true,
            Event::ApproveHold(at) => self.approved_holds.push(at % schools),
            Event::Ask(ask) => self.asks.push(Ask {
                on: as_of - ask.on,
                expires: ask.expires.map(|days| as_of + days),
                at: ask.at.map(|at| at % schools),
                ..ask.clone()
            }),
            Event::Hear(heard) => self.heard.push(heard.clone()),
            Event::Rekey(who, early) => {
                // A temporary number says of itself what it is.
                if !all[who % people].temporary {
                    self.rekeyed.insert(who % people);
                    if !early {
                        self.renewed.insert(who % people);
                    }
                }
            }
            Event::Member(class, who) => {
                let member = (class % (CLASSES + 1), who % people);
                if !self.members.remove(&member) {
                    self.members.insert(member);
                }
            }
        }
    }

    /// A school's code tonight.
    pub fn code(&self, at: usize) -> String {
        code(at, self.schools[at].recoded)
    }

    /// Tonight's tables, in the order in which they are laid.
    pub fn tables(&self, story: &Story) -> Vec<(&'static str, String)> {
        let mut authorities = "authority,name,nation,data_sharing\n".to_owned();
        for (n, sharing) in self.authorities.iter().enumerate() {
            let _ = writeln!(authorities, "66{n},Authority {n},wales,{}", flag(*sharing));
        }
        let mut tables = vec![
            ("authorities", authorities),
            ("establishments", self.establishments()),
            ("exports", self.exports()),
            ("learners", self.roll(story, false)),
            ("staff", self.roll(story, true)),
        ];
        if !self.words.is_empty() {
            tables.push(("decisions", self.decisions(story)));
        }
        if !self.asks.is_empty() {
            tables.push(("requests", self.requests()));
        }
        tables.push(("directory_feedback", self.feedback()));
        if !self.rekeyed.is_empty() {
            tables.push(("rekeys", self.rekeys(story)));
        }
        if story.groups {
            tables.push(("classes", self.classes()));
            tables.push(("class_members", self.class_members(story)));
        }
        tables
    }

    fn establishments(&self) -> String {
        let mut csv =
            "establishment,name,authority,phase,maintained,data_sharing,closed_on,replaces\n"
                .to_owned();
        for (n, school) in self.schools.iter().enumerate() {
            let maintained = if school.maintained { "Y" } else { "N" };
            let replaces = if school.recoded {
                code(n, false)
            } else {
                String::new()
            };
            let _ = writeln!(
                csv,
                "{},School {n},66{},primary,{maintained},{},{},{replaces}",
                self.code(n),
                school.authority,
                flag(school.sharing),
                told(school.closed)
            );
        }
        csv
    }

    fn exports(&self) -> String {
        let mut csv = "establishment,exported_at,status,learners,staff\n".to_owned();
        for (n, export) in self.exports.iter().enumerate() {
            let day = match export {
                Export::Stale => self.as_of - 8,
                Export::Future => self.as_of + 1,
                _ => self.as_of,
            };
            let status = match export {
                Export::Failed => "failed",
                Export::Partial => "partial",
                Export::Missing => continue,
                _ => "complete",
            };
            let claimed = if *export == Export::Short { "99" } else { "" };
            let _ = writeln!(csv, "{},{},{status},{claimed},", self.code(n), date_of(day));
        }
        csv
    }

    fn roll(&self, story: &Story, staff: bool) -> String {
        let (id, start) = match (staff, story.policy) {
            (false, _) => ("learner_id", "admission_date"),
            (true, "hwb") => ("staff_code", "start_date"),
            (true, _) => ("staff_id", "start_date"),
        };
        let own = if staff {
            "staff_type,registration_number"
        } else {
            "admission_number,year_group"
        };
        let mut csv = format!(
            "establishment,{id},legal_surname,legal_forename,{start},leaving_date,enrolment_status,time_share,login,data_sharing,{own}\n"
        );
        let anchor = if staff {
            "@zqanchork,Anchor,Non,2015-09-01,,,,nanchor,,non_teaching,"
        } else {
            "@l-anchor,Anchor,Ann,2020-09-01,,,,aanchor,,1,3"
        };
        let _ = writeln!(csv, "{},{anchor}", self.code(0));
        for row in self
            .rows
            .iter()
            .filter(|r| r.here && story.people[r.who].staff == staff)
        {
            csv.push_str(&self.line(story, row, row.year));
            if row.bad == Bad::Twice {
                csv.push_str(&self.line(story, row, row.year + 1));
            }
        }
        csv
    }

    /// A row as it stands in the file.
    pub fn line(&self, story: &Story, row: &Row, year: u8) -> String {
        let who = &story.people[row.who];
        let (surname, forename) = NAMES[who.name % NAMES.len()];
        let (surname, forename) = if row.blank == Blank::Names {
            ("", "")
        } else {
            (surname, forename)
        };
        let forename = if row.bad == Bad::Name {
            "TBC"
        } else {
            forename
        };
        let code = if row.bad == Bad::Establishment {
            "NOBODY".to_owned()
        } else {
            self.code(row.at)
        };
        let id = match row.bad {
            Bad::Identifier if who.staff => String::new(),
            Bad::Identifier => "12345".to_owned(),
            _ => format!("@{}", self.label(story, row.who)),
        };
        let start = if row.blank == Blank::Start {
            String::new()
        } else {
            date_of(row.start).to_string()
        };
        let leaving = match row.bad {
            Bad::Date => "2026-02-30".to_owned(),
            Bad::Order => date_of(row.start - 1).to_string(),
            _ => told(row.leaving),
        };
        let status = if row.bad == Bad::Status {
            "enrolled"
        } else {
            STATUSES[row.status]
        };
        let share = if row.share == 0 {
            String::new()
        } else {
            row.share.to_string()
        };
        let login = if row.blank == Blank::Login {
            String::new()
        } else {
            format!("login{}s{}", row.who, row.at)
        };
        let choice = if row.bad == Bad::Flag {
            "perhaps"
        } else {
            flag(row.choice)
        };
        let own = match who.staff {
            true if row.blank == Blank::Registration => "teaching,".to_owned(),
            true if year % 2 == 1 => "non_teaching,123".to_owned(),
            true => "teaching,123".to_owned(),
            false if row.blank == Blank::Admission => format!(",{year}"),
            false => format!("{},{year}", row.who),
        };
        format!(
            "{code},{id},{surname},{forename},{start},{leaving},{status},{share},{login},{choice},{own}\n"
        )
    }

    fn decisions(&self, story: &Story) -> String {
        let mut csv =
            "decision_id,decided_on,decided_by,decision,account,establishment,value\n".to_owned();
        for (n, word) in self.words.iter().enumerate() {
            if word.word % WORDS.len() >= ASKED {
                csv.push_str(&self.decision_on_named(n, word));
                continue;
            }
            let who = word.who % story.people.len();
            let at = self.code(word.at % self.schools.len());
            let name = WORDS[word.word % WORDS.len()];
            let value = VALUES[word.value % VALUES.len()];
            // Whoever has another identifier now is named by the account.
            let person = match self.rekeyed.contains(&who) {
                true => Named::Person(who).mark(None, false),
                false => format!("@{}", story.label(who)),
            };
            let (account, at, value) = match name {
                "assign_grace" if value == "x" => (String::new(), at, "3"),
                "approve_transfer" | "decline_transfer" | "defer_transfer" => (person, at, ""),
                "not_a_leaver" => (person, String::new(), value),
                _ => (person, String::new(), ""),
            };
            let _ = writeln!(
                csv,
                "d{n:02},{},office,{name},{account},{at},{value}",
                date_of(word.on)
            );
        }
        csv
    }
}

impl Scene {
    /// A decision about an account that is not named by its person.
    fn decision_on_named(&self, n: usize, word: &Word) -> String {
        let place = word.word % WORDS.len();
        let by_username = word.at.is_multiple_of(3);
        let asked = Named::Asked(word.who % self.asks.len().max(1));
        let (named, value) = match place {
            7 => (asked, word.period().to_owned()),
            8 => (asked, word.closing().to_owned()),
            9 => (asked, told(word.revived_until())),
            10 if word.value % RENAMES.len() < 2 => {
                (Named::Any(word.who), word.renaming().to_owned())
            }
            10 => (asked, word.renaming().to_owned()),
            _ if word.value == 0 => (
                Named::Any(word.who),
                Named::Any(word.at).mark(Some(n), by_username),
            ),
            _ => (
                Named::Old(word.who),
                Named::New(word.at).mark(Some(n), by_username),
            ),
        };
        let account = named.mark(Some(n), by_username);
        let on = date_of(word.on);
        format!("d{n:02},{on},office,{},{account},,{value}\n", WORDS[place])
    }

    fn requests(&self) -> String {
        let mut csv = "request_id,requested_on,requested_by,role,surname,forename,establishment,organisation,job_title,work_email,expires_on\n".to_owned();
        for (n, ask) in self.asks.iter().enumerate() {
            let (surname, forename) = NAMES.get(ask.name).unwrap_or(&("TBC", "Ann"));
            let at = ask.at.map(|at| self.code(at)).unwrap_or_default();
            let _ = writeln!(
                csv,
                "q{n:02},{},office,{},{surname},{forename},{at},{},{},{},{}",
                date_of(ask.on),
                ROLES[ask.role],
                if ask.organisation { "Partneriaeth" } else { "" },
                job(n),
                EMAILS[ask.email],
                told(ask.expires)
            );
        }
        csv
    }

    fn feedback(&self) -> String {
        let mut csv = "username,directory_id,last_sign_in\n".to_owned();
        for heard in &self.heard {
            let username = match heard.of {
                Some(n) => Named::Any(n).mark(None, true),
                None => "nobodyn9".to_owned(),
            };
            let id = |n: usize| {
                if n == 0 {
                    String::new()
                } else {
                    format!("dir-{n}")
                }
            };
            let signed_in = told(heard.signed_in.map(|ago| self.as_of - ago));
            let _ = writeln!(csv, "{username},{},{signed_in}", id(heard.id));
            if heard.twice {
                let _ = writeln!(csv, "{username},{},{signed_in}", id(heard.id + 1));
            }
        }
        csv
    }
}

/// The job title by which the account of a request is known again.
pub fn job(request: usize) -> String {
    format!("Job {request:02}")
}

fn code(at: usize, recoded: bool) -> String {
    let now = if recoded { "9" } else { "2" };
    format!("660{now}00{at}")
}

/// The codes that a school ever has.
pub fn codes(at: usize) -> [String; 2] {
    [code(at, false), code(at, true)]
}

fn flag(choice: u8) -> &'static str {
    ["", "Y", "N"][usize::from(choice) % 3]
}

/// Names that fold to the same usernames, grow too long, or carry marks.
pub const NAMES: [(&str, &str); 6] = [
    ("Jones", "Dylan"),
    ("jones", "Dafydd"),
    ("Ó Briain", "Seán"),
    ("de la Cruz-Montgomery Featherstonehaugh", "Ana"),
    ("JONES", "DYLAN"),
    ("Shi", "Tom"),
];

/// A story in the format of a scenario: every night's tables.
pub fn tell(story: &Story) -> String {
    let tight = if story.tight {
        " (guards trip at two)"
    } else {
        ""
    };
    let groups = if story.groups { " (groups are on)" } else { "" };
    let mut out = format!("Policy: {}{tight}{groups}\n", story.policy);
    for (scene, night) in story.scenes().iter().zip(&story.nights) {
        let _ = writeln!(out, "\n==== {}", date_of(scene.as_of));
        for event in night
            .events
            .iter()
            .filter(|e| matches!(e, Event::ApproveGuards | Event::ApproveHold(_)))
        {
            let _ = writeln!(out, "({event:?})");
        }
        for (name, csv) in scene.tables(story) {
            let _ = writeln!(out, "-- {name}.csv\n{csv}");
        }
    }
    out
}
