//! A small world in a folder: people by label, nights laid over each other, plans as readable lines.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use onroll::calendar::parse_date;
use onroll::directory::{Column, Group, GroupMember, Snapshot, write_empty};
use onroll::identity::{Key, Keys, PersonRef, hex128, scn, upn};
use onroll::model::{Category, Date, Kind, MemberRole, Role};
use onroll::nightly::parts::{self, Part, PartNight, PartsError};
use onroll::nightly::{Decided, Night, NightError, Request, decide, decide_again, kept};
use onroll::plan::{Change, GroupChange, Status};
use onroll::policy::Policy;
use onroll::policy::params::{LearnerIdentifier, StaffScope};
use onroll::workspace::FileMark;

/// A workspace for tests, run through the library.
pub struct World {
    /// Its folder, removed when the world goes.
    pub folder: tempfile::TempDir,
    /// The policy it runs under.
    pub policy: Policy,
    /// Its keys.
    pub keys: Keys,
    snapshot: PathBuf,
    labels: BTreeMap<String, String>,
}

/// A date of a test.
pub fn date(text: &str) -> Date {
    parse_date(text).unwrap_or_else(|| panic!("{text} is not a date"))
}

/// A shipped policy; proving it takes longer than most stories, so each is proved once.
fn shipped(name: &str) -> Policy {
    static PROVED: Mutex<BTreeMap<String, Policy>> = Mutex::new(BTreeMap::new());
    let mut proved = PROVED.lock().expect("no test panics while proving");
    let policy = proved
        .entry(name.to_owned())
        .or_insert_with(|| Policy::builtin(name).expect("the shipped policies prove"));
    policy.clone()
}

impl World {
    /// An empty world under a shipped policy.
    pub fn new(policy: &str) -> World {
        World::under(shipped(policy))
    }

    /// An empty world under a policy.
    pub fn under(policy: Policy) -> World {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key_path = folder.path().join("world.key");
        // A fixed key, so that ids and their order are the same in every run.
        std::fs::write(
            &key_path,
            format!("onroll-key-1:{}\n", "0123456789abcdef".repeat(4)),
        )
        .expect("a key");
        owner_only(&key_path);
        let keys = Keys::new(Key::load(&key_path).expect("the key"), None);
        for sub in ["mis", "decisions/approvals", "directory"] {
            std::fs::create_dir_all(folder.path().join(sub)).expect("a folder");
        }
        let fresh = folder.path().join("directory/new");
        std::fs::create_dir(&fresh).expect("a folder");
        let id = keys.current.id().to_string();
        let name = write_empty(
            &fresh,
            &policy.params.name,
            &policy.digest,
            &id,
            &keys.current.fingerprint(),
        )
        .expect("an empty snapshot");
        let snapshot = folder.path().join("directory").join(name);
        std::fs::rename(fresh, &snapshot).expect("renamed");
        World {
            folder,
            policy,
            keys,
            snapshot,
            labels: BTreeMap::new(),
        }
    }

    /// Goes on under a second key, the first one beside it.
    pub fn change_key(&mut self) {
        let (first, second) = (
            self.folder.path().join("world.key"),
            self.folder.path().join("second.key"),
        );
        std::fs::copy(&first, &second).expect("a copy keeps the mode");
        let text = format!("onroll-key-1:{}\n", "fedcba9876543210".repeat(4));
        std::fs::write(&second, text).expect("a key");
        let load = |path: &Path| Key::load(path).expect("a key");
        self.keys = Keys::new(load(&second), Some(load(&first)));
    }

    /// Where the MIS tables stand.
    pub fn mis(&self) -> PathBuf {
        self.folder.path().join("mis")
    }

    /// Writes a table, `mis/` or `decisions/`: labels (`@name`) become identifiers, missing columns are added blank.
    pub fn put(&mut self, table: &str, csv: &str) {
        let text = self.expand(table, csv);
        let path = self.path_of(table);
        let split = path.with_extension("");
        if split.is_dir() {
            std::fs::remove_dir_all(split).expect("removed");
        }
        std::fs::write(path, text).expect("written");
    }

    /// Writes a table as several files below a folder of its name; a single file of it goes.
    pub fn put_split(&mut self, table: &str, parts: &[(String, String)]) {
        let single = self.path_of(table);
        let folder = single.with_extension("");
        for old in [single.as_path(), folder.as_path()] {
            if old.is_dir() {
                std::fs::remove_dir_all(old).expect("removed");
            } else if old.exists() {
                std::fs::remove_file(old).expect("removed");
            }
        }
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, csv) in parts {
            let text = self.expand(table, csv);
            std::fs::write(folder.join(name), text).expect("written");
        }
    }

    /// Where a table stands.
    pub fn path_of(&self, table: &str) -> PathBuf {
        let room = if matches!(table, "decisions" | "requests") {
            "decisions"
        } else {
            "mis"
        };
        self.folder.path().join(room).join(format!("{table}.csv"))
    }

    fn expand(&mut self, table: &str, csv: &str) -> String {
        let spec = onroll::table::spec::ALL
            .iter()
            .find(|s| s.name == table)
            .expect("a known table");
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(csv.as_bytes());
        let given: Vec<String> = reader
            .headers()
            .expect("a header")
            .iter()
            .map(str::to_owned)
            .collect();
        let extra = given
            .iter()
            .filter(|g| !spec.columns.contains(&g.as_str()))
            .map(String::as_str);
        let columns: Vec<&str> = spec.columns.iter().copied().chain(extra).collect();
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(&columns).expect("written");
        for row in reader.records() {
            let row = row.expect("a row");
            let cell = |name: &str| {
                given
                    .iter()
                    .position(|g| g == name)
                    .map_or("", |at| &row[at])
            };
            let cells: Vec<String> = columns
                .iter()
                .map(|name| match cell(name).strip_prefix('@') {
                    Some(label) if cell("decision") == "restore_group" && *name == "value" => {
                        self.group_id(label)
                    }
                    Some(label) if *name == "member_id" => {
                        self.member_id(label, cell("member_kind"), cell("establishment"))
                    }
                    Some(label) if !names_account(table, name) => {
                        self.identifier(table, name, label, cell("establishment"))
                    }
                    Some(label) => self.account_id(label),
                    None => cell(name).to_owned(),
                })
                .collect();
            out.write_record(&cells).expect("written");
        }
        String::from_utf8(out.into_inner().expect("flushed")).expect("UTF-8")
    }

    /// The identifier of a label in a table that holds both registers.
    fn member_id(&mut self, label: &str, kind: &str, establishment: &str) -> String {
        if kind == "learner" {
            return self.identifier("learners", "learner_id", label, establishment);
        }
        let column = self.policy.params.identity.staff.clone();
        self.identifier("staff", &column, label, establishment)
    }

    /// The id of a group of the live snapshot, from `establishment class year`.
    fn group_id(&self, label: &str) -> String {
        let snapshot = self.snapshot();
        let named = |g: &&Group| format!("{} {} {}", g.establishment, g.class_id, g.year) == label;
        let found = snapshot.groups.iter().find(named);
        found.map_or(label.to_owned(), |group| hex128(group.id))
    }

    /// The identifier of a label: always the same, always valid.
    pub fn identifier(
        &mut self,
        table: &str,
        column: &str,
        label: &str,
        establishment: &str,
    ) -> String {
        let learner = table == "learners" || (table == "rekeys" && label.starts_with("l-"));
        let text = match (learner, self.policy.params.identity.learner) {
            (true, LearnerIdentifier::Upn) => upn_of(label),
            (true, LearnerIdentifier::Scn) => scn_of(label),
            (false, _) => label.to_uppercase(),
        };
        let identifying = match (table, column) {
            ("learners", "learner_id") => Some((Kind::Learner, String::new())),
            ("staff", c) if c == self.policy.params.identity.staff => {
                let scope = match self.policy.params.identity.staff_scope {
                    StaffScope::Establishment => establishment.to_owned(),
                    StaffScope::Authority => self.authority_of(establishment),
                };
                Some((Kind::Staff, scope))
            }
            _ => None,
        };
        if let Some((kind, scope)) = identifying {
            let person = self.keys.person_ref(kind, &scope, &text).to_string();
            self.labels.insert(person, label.to_owned());
        }
        text
    }

    fn authority_of(&self, establishment: &str) -> String {
        let text = std::fs::read_to_string(self.path_of("establishments")).unwrap_or_default();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.records().filter_map(Result::ok);
        rows.into_iter()
            .find(|r| &r[0] == establishment)
            .map(|r| r[2].to_owned())
            .unwrap_or_default()
    }

    /// The id of the account of a label, the newest first; the label itself when there is none.
    pub fn account_id(&self, label: &str) -> String {
        let found = self
            .accounts()
            .into_iter()
            .filter(|a| self.label(a.get(Column::PersonRef)) == format!("@{label}"));
        let newest = found.max_by_key(|a| {
            (
                a.get(Column::CreatedOn).to_owned(),
                a.get(Column::AccountId).to_owned(),
            )
        });
        newest.map_or(label.to_owned(), |a| a.get(Column::AccountId).to_owned())
    }

    /// Exports of every listed establishment, complete, on a day.
    pub fn export_all(&mut self, as_of: &str) {
        let text = std::fs::read_to_string(self.path_of("establishments")).expect("establishments");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut csv = "establishment,exported_at,status\n".to_owned();
        for row in reader.records().filter_map(Result::ok) {
            let _ = writeln!(csv, "{},{as_of},complete", &row[0]);
        }
        self.put("exports", &csv);
    }

    /// Decides a night.
    pub fn decide(&self, as_of: &str) -> Night {
        self.decide_with(as_of, &[])
    }

    /// Decides a night for some establishments only.
    pub fn decide_with(&self, as_of: &str, only: &[String]) -> Night {
        self.ask(as_of, only, None, |request| {
            decide(request).unwrap_or_else(|e| panic!("{as_of}: {e}"))
        })
    }

    fn ask<T>(
        &self,
        as_of: &str,
        only: &[String],
        keep: Option<&Path>,
        ask: impl FnOnce(&Request<'_>) -> T,
    ) -> T {
        ask(&Request {
            as_of: date(as_of),
            mis: &self.mis(),
            decisions: &self.folder.path().join("decisions"),
            snapshot: &self.snapshot,
            keys: &self.keys,
            policy: &self.policy,
            only,
            windows_1252: false,
            keep,
            plan_csv: None,
            next: None,
            gathered: None,
        })
    }

    /// Decides a planned night once more from the roll that is kept of it: everything must come out the same.
    pub fn decide_from_what_is_kept(&self, as_of: &str, only: &[String], decided: &Decided) {
        let roll = tempfile::tempdir().expect("a folder");
        let inputs: Vec<FileMark> = decided.input_files.iter().map(FileMark::from).collect();
        let again = self.ask(as_of, only, Some(roll.path()), |request| {
            decide(request).expect("a night");
            let read = kept::read(roll.path(), request, &inputs).expect("what was kept");
            decide_again(request, read).expect("no file")
        });
        assert_eq!(plan_text(&again), plan_text(decided), "{as_of}");
        assert_eq!(again.groups_csv, decided.groups_csv, "{as_of}");
        assert_eq!(again.plan_digest, decided.plan_digest, "{as_of}");
        let snapshot = |decided: &Decided| {
            let folder = tempfile::tempdir().expect("a folder");
            decided
                .write_snapshot(folder.path(), None)
                .expect("a snapshot")
        };
        assert_eq!(snapshot(&again), snapshot(decided), "{as_of}");
    }

    /// Decides a night once more in parts: everything must come out the same. `whole` is none where it was refused. Nights
    /// that cannot be divided are passed over.
    pub fn decide_in_parts(
        &self,
        as_of: &str,
        only: &[String],
        of: u32,
        whole: Option<&Decided>,
    ) -> Result<(), String> {
        let parts = tempfile::tempdir().expect("a folder");
        for number in 1..=of {
            let part = Part { number, of };
            let judged = self.ask(as_of, only, None, |request| {
                parts::judge(request, part, parts.path())
            });
            match (judged, whole) {
                (Ok(PartNight::Judged { .. }), Some(_)) => {}
                (Ok(PartNight::Refused(_)), None) => return Ok(()),
                (Err(NightError::Parts(PartsError::Undivided(_))), _) => return Ok(()),
                (Err(error), _) => return Err(format!("part {part}: {error}")),
                (Ok(_), _) => return Err(format!("part {part} was refused, or the whole was")),
            }
        }
        let Some(whole) = whole else { return Ok(()) };
        let gathered = parts::gather(parts.path()).map_err(|e| e.to_string())?;
        let roll = tempfile::tempdir().expect("a folder");
        let merged = self.ask(as_of, only, Some(roll.path()), |request| {
            let gathered = Some(&gathered);
            decide(&Request {
                gathered,
                ..*request
            })
            .map_err(|e| e.to_string())
        });
        let Night::Decided(merged) = merged? else {
            return Err(format!("merged from {of} parts, the night was refused"));
        };
        let again = self.ask(as_of, only, Some(roll.path()), |request| {
            decide(request).map_err(|e| e.to_string())
        });
        match again? {
            Night::Decided(again) if again.kept == merged.kept => {}
            _ => return Err(format!("the kept roll of {of} parts is another")),
        }
        is_same(&merged, whole).map_err(|difference| format!("in {of} parts: {difference}"))
    }

    /// Decides a night that must not be refused.
    pub fn plan(&self, as_of: &str) -> Box<Decided> {
        self.plan_only(as_of, &[])
    }

    /// Decides a night for some establishments; it must not be refused.
    pub fn plan_only(&self, as_of: &str, only: &[String]) -> Box<Decided> {
        match self.decide_with(as_of, only) {
            Night::Decided(decided) => decided,
            Night::Refused(refused) => panic!("{as_of} was refused: {:#?}", refused.faults),
        }
    }

    /// Makes a planned night the live snapshot.
    pub fn apply(&mut self, decided: &Decided) {
        let fresh = self.folder.path().join("directory/new");
        std::fs::create_dir(&fresh).expect("a folder");
        let name = decided.write_snapshot(&fresh, None).expect("a snapshot");
        let place = self.folder.path().join("directory").join(name);
        if place.exists() {
            std::fs::remove_dir_all(&fresh).expect("removed");
        } else {
            std::fs::rename(fresh, &place).expect("renamed");
        }
        self.snapshot = place;
    }

    /// Plans and applies a night; planning again must yield only what is held, with the same ids (SPEC §13.6).
    pub fn run(&mut self, as_of: &str) -> Box<Decided> {
        self.run_only(as_of, &[])
    }

    /// Plans and applies a night for some establishments, with the same second look.
    pub fn run_only(&mut self, as_of: &str, only: &[String]) -> Box<Decided> {
        let decided = self.plan_only(as_of, only);
        self.carry_out(as_of, only, &decided);
        decided
    }

    /// Applies a planned night, with the second look of [`World::run`].
    pub fn carry_out(&mut self, as_of: &str, only: &[String], decided: &Decided) {
        self.apply(decided);
        let again = self.plan_only(as_of, only);
        let held: Vec<&str> = decided
            .plan
            .changes
            .iter()
            .filter(|c| c.status != Status::Planned)
            .map(|c| c.change_id())
            .collect();
        let left: Vec<&str> = again.plan.changes.iter().map(|c| c.change_id()).collect();
        assert_eq!(
            left,
            held,
            "{as_of}: planning again differs\n{}",
            self.tell(&again)
        );
        let groups = again.plan.groups.iter().flat_map(|groups| &groups.changes);
        assert_eq!(groups.count(), 0, "{as_of}: planning again changes groups");
        assert!(
            !again.changes_snapshot(),
            "{as_of}: applying again would change the directory"
        );
    }

    /// The live snapshot.
    pub fn snapshot(&self) -> Snapshot {
        let key = &self.keys.current;
        Snapshot::read(&self.snapshot, &[(key.id().to_string(), key.fingerprint())])
            .expect("the live snapshot")
    }

    /// Folder of the live snapshot.
    pub fn snapshot_folder(&self) -> &Path {
        &self.snapshot
    }

    /// Every account of the live snapshot.
    pub fn accounts(&self) -> Vec<onroll::directory::AccountRecord> {
        let snapshot = self.snapshot();
        (0..snapshot.accounts.len())
            .map(|place| snapshot.accounts.record(place))
            .collect()
    }

    /// `@label` of a person_ref, or `?`.
    pub fn label(&self, person_ref: &str) -> String {
        match self.labels.get(person_ref) {
            Some(label) => format!("@{label}"),
            None if PersonRef::parse(person_ref).is_some() => "@?".to_owned(),
            None => "nobody".to_owned(),
        }
    }

    /// A night in lines that a person can check.
    pub fn tell(&self, decided: &Decided) -> String {
        let plan = &decided.plan;
        let mut lines: Vec<String> = plan.changes.iter().map(|c| self.tell_change(c)).collect();
        lines.sort();
        let names = self.names(&plan.changes);
        let groups = plan.groups.iter().flat_map(|groups| &groups.changes);
        lines.extend(groups.map(|change| tell_group_change(change, &names)));
        let mut notices: Vec<String> = plan
            .notices
            .iter()
            .map(|n| {
                let only = if n.office_only { " (office only)" } else { "" };
                let since = n.since.map(|d| format!(" since {d}")).unwrap_or_default();
                let who = match n.person_ref.is_empty() {
                    true if n.table == "requests" => format!("row {}", n.row),
                    true => username_of(decided, &n.account_id),
                    false => self.label(&n.person_ref),
                };
                format!(
                    "notice {} {who} at {}{since}{only}",
                    n.code, n.establishment
                )
            })
            .collect();
        notices.sort();
        lines.extend(notices);
        for held in &plan.held {
            lines.push(format!("held {}: {}", held.code, held.reason.code()));
        }
        for guard in plan.guards.iter().filter(|g| g.tripped) {
            lines.push(format!(
                "tripped {}: {} above {} of {}",
                guard.id, guard.value, guard.limit, guard.base
            ));
        }
        let mut faults: Vec<String> = plan
            .faults
            .iter()
            .filter(|f| {
                f.severity != onroll::model::Severity::Hold
                    || f.code == "two_accounts"
                    || f.code == "impossible_case"
            })
            .map(|f| {
                format!(
                    "fault {} {} {}:{} {}",
                    f.severity.as_str(),
                    f.code,
                    f.file,
                    f.row,
                    f.column
                )
                .trim_end()
                .to_owned()
            })
            .collect();
        faults.sort();
        lines.extend(faults);
        let mut decisions: Vec<String> = plan
            .decisions
            .iter()
            .map(|d| {
                format!("decision {} {} {}", d.decision_id, d.outcome, d.reason)
                    .trim_end()
                    .to_owned()
            })
            .collect();
        decisions.sort();
        lines.extend(decisions);
        for (establishment, count) in &plan.not_shared {
            lines.push(format!("not shared {establishment}: {count}"));
        }
        if lines.is_empty() {
            lines.push("nothing".to_owned());
        }
        lines.join("\n") + "\n"
    }

    fn tell_change(&self, change: &Change) -> String {
        let who = match change.category {
            Category::NonMis => format!("{} {}", change.role, change.username()),
            Category::Mis => self.label(change.person_ref()),
        };
        let mut line = format!("{} {} {who}", change.action, change.rule());
        if !change.from_establishment().is_empty() {
            let _ = write!(line, " from {}", change.from_establishment());
        }
        let _ = write!(
            line,
            " at {} on {}",
            change.establishment(),
            change.effective_on
        );
        if change.status != Status::Planned {
            let _ = write!(line, " [{}]", change.status.as_str());
        }
        let told = |name: &str| {
            !matches!(
                name,
                "account_id"
                    | "person_ref"
                    | "category"
                    | "email"
                    | "surname"
                    | "forename"
                    | "credentials_due_on"
                    | "created_on"
            )
        };
        let fields: Vec<String> = change
            .fields
            .iter()
            .filter(|f| {
                told(f.name)
                    && !(change.action.as_str() == "create"
                        && matches!(f.name, "establishment" | "state" | "display_name"))
            })
            .map(|f| format!("{} {}→{}", f.name, f.before, f.after))
            .collect();
        if !fields.is_empty() {
            let _ = write!(line, ": {}", fields.join(", "));
        }
        line
    }

    /// The accounts at the end, a line each.
    pub fn tell_accounts(&self) -> String {
        let mut lines: Vec<String> = self
            .accounts()
            .iter()
            .map(|a| {
                let mut line = format!(
                    "{} {} {}",
                    self.label(a.get(Column::PersonRef)),
                    a.get(Column::Username),
                    a.get(Column::State)
                );
                for column in [
                    Column::InactiveReason,
                    Column::Establishment,
                    Column::YearGroup,
                ] {
                    let _ = write!(line, " {}", a.get(column));
                }
                for column in [
                    Column::LeftOn,
                    Column::InactiveSince,
                    Column::GraceGrantedOn,
                    Column::GraceUntil,
                    Column::HoldUntil,
                    Column::MissingSince,
                ] {
                    if !a.get(column).is_empty() {
                        let _ = write!(line, " {}={}", column.name(), a.get(column));
                    }
                }
                line.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect();
        let snapshot = self.snapshot();
        for t in &snapshot.transfers {
            let answer = t.proposal.split_once(':').map(|(_, answer)| answer);
            let proposes = answer
                .map(|a| format!(", proposes {a}"))
                .unwrap_or_default();
            lines.push(format!(
                "claim of {} by {}: {} since {}{proposes}",
                self.label_of_account(&t.account_id),
                t.to_establishment,
                t.state,
                t.opened_on
            ));
        }
        for c in &snapshot.consents {
            let off = c
                .off_roll_on
                .map(|d| format!(", off roll {d}"))
                .unwrap_or_default();
            lines.push(format!(
                "choice of {}: {}{off}",
                self.label(&c.person_ref),
                if c.data_sharing { "Y" } else { "N" }
            ));
        }
        let tombstones: std::collections::BTreeSet<&str> = snapshot
            .retired
            .iter()
            .map(|r| r.account_id.as_str())
            .collect();
        if !tombstones.is_empty() {
            lines.push(format!("tombstones: {}", tombstones.len()));
        }
        let names = self.names(&[]);
        for group in &snapshot.groups {
            let members = snapshot
                .group_members
                .iter()
                .filter(|m| m.group == group.id);
            let linked = if group.linked { ", linked" } else { "" };
            lines.push(format!(
                "group {} {} {} \"{}\" {}{linked}: {}",
                group.establishment,
                group.class_id,
                group.year,
                group.title,
                group.state,
                listed(members, &names)
            ));
        }
        lines.sort();
        lines.join("\n") + "\n"
    }

    /// Labels of accounts by id: those of the live snapshot, and those of a plan's rows.
    fn names(&self, changes: &[Change]) -> BTreeMap<String, String> {
        let of_plan = changes
            .iter()
            .map(|c| (c.account_id().to_owned(), self.label(c.person_ref())));
        let accounts = self.accounts();
        let live = accounts.iter().map(|a| {
            let label = self.label(a.get(Column::PersonRef));
            (a.get(Column::AccountId).to_owned(), label)
        });
        of_plan.chain(live).collect()
    }

    fn label_of_account(&self, id: &str) -> String {
        let found = self
            .accounts()
            .into_iter()
            .find(|a| a.get(Column::AccountId) == id);
        found.map_or("?".to_owned(), |a| self.label(a.get(Column::PersonRef)))
    }
}

fn tell_group_change(change: &GroupChange, names: &BTreeMap<String, String>) -> String {
    let group = &change.group;
    format!(
        "{} {} {} {} \"{}\" +[{}] -[{}]: {}",
        change.action,
        group.establishment,
        group.class_id,
        group.year,
        group.title,
        listed(change.added(), names),
        listed(change.removed(), names),
        change.reason
    )
}

/// Members by label, owners marked.
fn listed<'m>(
    members: impl Iterator<Item = &'m GroupMember>,
    names: &BTreeMap<String, String>,
) -> String {
    let mut told: Vec<String> = members
        .map(|m| {
            let name = names.get(&hex128(m.account)).map_or("?", String::as_str);
            let owner = if m.role == MemberRole::Owner { "*" } else { "" };
            format!("{name}{owner}")
        })
        .collect();
    told.sort();
    told.join(" ")
}

/// Whether a role is one of the roll's.
pub fn is_roll_role(role: Role) -> bool {
    matches!(
        role,
        Role::Learner | Role::TeachingStaff | Role::NonTeachingStaff
    )
}

#[cfg(unix)]
fn owner_only(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
}

fn number(label: &str, below: u64) -> u64 {
    label.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    }) % below
}

/// A valid permanent UPN for a label; a label that begins with `temp-` gets a temporary one.
pub fn upn_of(label: &str) -> String {
    let n = number(label, 9_999_999);
    let body = if label.starts_with("temp-") {
        format!("6601{:07}A", n)
    } else {
        format!("6601{:08}", n + 1)
    };
    let letter = upn::check_letter(&body).expect("a body of the right form");
    format!("{letter}{body}")
}

/// A valid SCN for a label.
pub fn scn_of(label: &str) -> String {
    (0..)
        .map(|step| format!("15{:06}", (number(label, 900_000) + step) % 1_000_000))
        .find_map(|body| scn::check_digit(&body).map(|digit| format!("{body}{digit}")))
        .expect("a number that can be issued")
}

/// Whether a column of a table names an account: a label in it stands for the account's id.
fn names_account(table: &str, column: &str) -> bool {
    column == "account" || (table == "decisions" && column == "value")
}

/// `plan.csv` of a night, whose digest must be that of the night.
pub fn plan_text(decided: &Decided) -> String {
    let bytes = onroll::report::plan_csv(&decided.plan.changes);
    assert_eq!(onroll::directory::sha256(&bytes), decided.plan_csv.sha256);
    String::from_utf8(bytes).expect("text")
}

/// The username that an account had before the night.
fn username_of(decided: &Decided, account_id: &str) -> String {
    let accounts = &decided.before.accounts;
    let place = accounts.find(account_id);
    place.map_or("nobody".to_owned(), |place| {
        accounts.record(place).get(Column::Username).to_owned()
    })
}

/// Two plans of a night say the same, and lead to the same snapshot. Only the places of accounts in memory may differ.
fn is_same(merged: &Decided, whole: &Decided) -> Result<(), String> {
    let rest = |decided: &Decided| {
        let plan = &decided.plan;
        let changes = plan.changes.iter();
        let changes: Vec<_> = changes.map(|c| (&c.fields, &c.elsewhere)).collect();
        format!(
            "{}\n{:#?}",
            plan_text(decided),
            (
                (
                    changes,
                    &plan.notices,
                    &plan.faults,
                    &plan.guards,
                    &plan.held
                ),
                (plan.establishments_counted, &plan.decisions, &plan.quiet),
                (
                    &plan.not_shared,
                    &plan.schools,
                    &plan.causes,
                    &plan.due,
                    &plan.counts
                ),
                (&decided.plan_digest, decided.changes_snapshot()),
            )
        )
    };
    let (merged_rest, whole_rest) = (rest(merged), rest(whole));
    if merged_rest != whole_rest {
        let diff = similar::TextDiff::from_lines(&whole_rest, &merged_rest);
        return Err(diff.unified_diff().context_radius(3).to_string());
    }
    let snapshot = |decided: &Decided| {
        let folder = tempfile::tempdir().expect("a folder");
        decided
            .write_snapshot(folder.path(), None)
            .expect("a snapshot")
    };
    match snapshot(merged) == snapshot(whole) {
        true => Ok(()),
        false => Err("the next snapshot is another".to_owned()),
    }
}
