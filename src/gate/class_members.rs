//! `class_members.csv`: who is in which class. Identifiers become keys here and are dropped.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::cells::{self, CellFault};
use super::classes::{ClassRow, FilesOf, Listed, repeated};
use super::context::check_learner;
use super::row::{Bench, find};
use crate::intake::Table;
use crate::model::{ClassMember, EstId, Fault, Kind, MemberRole, PersonKey, Severity};
use crate::policy::params::StaffScope;
use crate::table::{CappedFaults, TableRead};

/// Rows that one task reads.
const CHUNK_ROWS: usize = 1 << 14;

/// Where a missing row does not say that somebody left the class.
#[derive(Default)]
pub(super) struct Doubts {
    pub establishments: BTreeSet<EstId>,
    classes: BTreeSet<u32>,
    everywhere: bool,
}

impl Doubts {
    /// Whether a class, given by its place and its establishment, is one of them.
    pub fn about(&self, class: u32, establishment: EstId) -> bool {
        self.everywhere
            || self.establishments.contains(&establishment)
            || self.classes.contains(&class)
    }
}

/// A usable row: place of the class, the person, the role, and the row itself.
type Found = (u32, PersonKey, MemberRole, usize, usize);

/// What a part of a file gave.
#[derive(Default)]
struct Part {
    found: Vec<Found>,
    /// Establishments of its rows, as runs.
    seen: Vec<EstId>,
    doubtful_classes: Vec<u32>,
    doubtful: Vec<EstId>,
    /// A row stands at a code that nobody lists, so it may be about any class.
    astray: bool,
    faults: CappedFaults,
}

/// Reads the table: the members of every listed class by its place, sorted by person.
pub(super) fn read(
    table: &Table,
    bench: &Bench<'_>,
    listed: &Listed,
    doubts: &mut Doubts,
    faults: &mut Vec<Fault>,
) -> Vec<Vec<ClassMember>> {
    let places: Vec<&(EstId, String)> = listed.keys().collect();
    let mut files = FilesOf::default();
    let mut found: Vec<Found> = Vec::new();
    let mut told: Vec<CappedFaults> = Vec::new();
    for (number, file) in table.files.iter().enumerate() {
        let mut of_file = CappedFaults::default();
        let chunks = if file.usable {
            file.rows.len().div_ceil(CHUNK_ROWS)
        } else {
            0
        };
        let parts: Vec<Part> = (0..chunks)
            .into_par_iter()
            .map(|chunk| part(table, number, chunk, bench, &places))
            .collect();
        for part in parts {
            found.extend(part.found);
            for at in part.seen {
                files.note(Some(at), number);
            }
            doubts.classes.extend(part.doubtful_classes);
            doubts.establishments.extend(part.doubtful);
            doubts.everywhere |= part.astray;
            of_file.absorb(part.faults);
        }
        told.push(of_file);
        doubt_file(file, bench, doubts);
    }
    doubts
        .establishments
        .extend(files.split(table, bench, faults));
    let with_rows: BTreeSet<EstId> = files.known().collect();
    let named: BTreeSet<EstId> = places.iter().map(|(at, _)| *at).collect();
    for silent in named.difference(&with_rows) {
        // It has not emptied all of its classes: its export lacks the table.
        doubts.establishments.insert(*silent);
        faults.push(no_members(
            table,
            &bench.establishments[silent.index()].code,
        ));
    }
    let members = gather(table, found, listed.len(), doubts, &mut told);
    for (file, told) in table.files.iter().zip(told) {
        faults.extend(told.finish(table.spec.name, &file.label));
    }
    members
}

/// Establishments that rows left out of a file, or a file that cannot be used, may be about.
fn doubt_file(file: &TableRead, bench: &Bench<'_>, doubts: &mut Doubts) {
    let stem = file
        .label
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".csv"));
    let of_file = stem.filter(|_| !file.usable).into_iter();
    let of_rows = file.lost.iter().map(|lost| lost.establishment.as_deref());
    let named: Vec<Option<EstId>> = of_file
        .chain(file.codes.iter().map(String::as_str))
        .map(|code| find(bench.establishments, code))
        .filter(Option::is_some)
        .chain(of_rows.map(|code| code.and_then(|code| find(bench.establishments, code))))
        .collect();
    doubts.everywhere |= named.contains(&None) || (!file.usable && named.is_empty());
    doubts.establishments.extend(named.into_iter().flatten());
}

fn part(
    table: &Table,
    number: usize,
    chunk: usize,
    bench: &Bench<'_>,
    places: &[&(EstId, String)],
) -> Part {
    let file = &table.files[number];
    let mut part = Part::default();
    for record in chunk * CHUNK_ROWS..((chunk + 1) * CHUNK_ROWS).min(file.rows.len()) {
        let mut row = ClassRow {
            spec: table.spec,
            file,
            record,
            code: "",
        };
        let Some(at) = row.establishment(bench, &mut part.faults) else {
            part.astray = true;
            continue;
        };
        if part.seen.last() != Some(&at) {
            part.seen.push(at);
        }
        let Some(id) = row.class_id(&mut part.faults) else {
            part.doubtful.push(at);
            continue;
        };
        let class = places.binary_search_by(|(e, c)| (*e, c.as_str()).cmp(&(at, id)));
        let Ok(class) = class.map(|class| class as u32) else {
            // It may be about any class of the school: nobody leaves one tonight.
            part.doubtful.push(at);
            row.reject(&mut part.faults, "class_id", unknown_class());
            continue;
        };
        match member(&row, at, bench) {
            Ok((person, role)) => part.found.push((class, person, role, number, record)),
            Err(fault) => {
                part.doubtful_classes.push(class);
                if let Some((column, fault)) = fault.map(|fault| *fault) {
                    row.push(&mut part.faults, column, fault);
                }
            }
        }
    }
    part
}

fn no_members(table: &Table, code: &str) -> Fault {
    Fault::new(
        Severity::Warn,
        "class_members_none",
        "the establishment has classes, and not one row says who is in them; nobody leaves a group of it tonight",
        "Export the members of its classes too.",
    )
    .in_file(table.spec.name, "")
    .of_establishment(code)
}

fn unknown_class() -> CellFault {
    CellFault {
        code: "class_unknown",
        message: "the establishment has no class of this id in the classes table".to_owned(),
        fix: "Export the class, or take the row out.",
    }
}

/// Column and fault of a row; none where it has been told already.
type Wrong = Option<Box<(&'static str, Fault)>>;

fn wrong(column: &'static str, fault: CellFault) -> Wrong {
    let fault = Fault::new(Severity::Reject, fault.code, fault.message, fault.fix);
    Some(Box::new((column, fault)))
}

/// Who a row is about, and as what.
fn member(
    row: &ClassRow<'_>,
    at: EstId,
    bench: &Bench<'_>,
) -> Result<(PersonKey, MemberRole), Wrong> {
    if row.is_damaged() {
        return Err(None);
    }
    let text = row.text("member_kind");
    let kind = Kind::parse(text).ok_or_else(|| {
        wrong(
            "member_kind",
            cells::not_a_word("`learner` or `staff`", text),
        )
    })?;
    let text = row.text("role");
    let role = match (text, kind) {
        ("", Kind::Learner) => MemberRole::Member,
        ("", Kind::Staff) => MemberRole::Owner,
        _ => MemberRole::parse(text)
            .filter(|role| kind == Kind::Staff || *role == MemberRole::Member)
            .ok_or_else(|| {
                let words = "`member`, for staff also `owner`, or nothing";
                wrong("role", cells::not_a_word(words, text))
            })?,
    };
    let id = row.text("member_id");
    let scope = match kind {
        Kind::Learner => {
            check_learner(bench.ctx.params, id).map_err(|fault| {
                let fault = Fault::new(Severity::Reject, fault.code, fault.message, fault.fix);
                Some(Box::new(("member_id", fault)))
            })?;
            ""
        }
        Kind::Staff => staff_scope(id, at, bench)?,
    };
    Ok((person(kind, scope, id, at, bench), role))
}

/// Whose an identifier is. Somebody without a row tonight is not re-keyed, so the account may stand under the previous
/// key, or, for staff, under a code that the establishment had before.
fn person(kind: Kind, scope: &str, id: &str, at: EstId, bench: &Bench<'_>) -> PersonKey {
    let refs = bench.ctx.refs;
    let now = bench.rekeys.person(kind, refs.hash(0, kind, scope, id));
    if bench.is_account(now.0) {
        return now;
    }
    let mut scopes = vec![scope];
    if kind == Kind::Staff {
        scopes.extend(bench.old_scopes(at));
    }
    let hashes = (0..refs.keys()).flat_map(|key| {
        let under = scopes.iter();
        under.map(move |scope| refs.hash(key, kind, scope, id))
    });
    let rekeyed = bench.rekeys.before(kind, now).iter().copied();
    let mut known = hashes.chain(rekeyed).filter(|hash| bench.is_account(*hash));
    known.next().map_or(now, PersonKey)
}

/// Within what a staff identifier counts.
fn staff_scope<'b>(id: &str, at: EstId, bench: &Bench<'b>) -> Result<&'b str, Wrong> {
    if id.is_empty() {
        let fault = CellFault {
            code: "identifier_missing",
            message: "expected an identifier; found nothing".to_owned(),
            fix: "Give the member of staff a code.",
        };
        return Err(wrong("member_id", fault));
    }
    let establishment = &bench.establishments[at.index()];
    match (
        bench.ctx.params.identity.staff_scope,
        establishment.authority,
    ) {
        (StaffScope::Establishment, _) => Ok(&establishment.code),
        (StaffScope::Authority, Some(authority)) => Ok(&bench.authorities[authority.index()].code),
        (StaffScope::Authority, None) => {
            let fault = CellFault {
                code: "authority_unknown",
                message: "the authority within which the identifier counts is not known".to_owned(),
                fix: "Give the establishment a listed authority.",
            };
            Err(wrong("member_id", fault))
        }
    }
}

/// Sorts rows to their classes. A repetition counts once; of rows that contradict each other none counts.
fn gather(
    table: &Table,
    mut found: Vec<Found>,
    classes: usize,
    doubts: &mut Doubts,
    told: &mut [CappedFaults],
) -> Vec<Vec<ClassMember>> {
    found.par_sort_unstable();
    let mut members = vec![Vec::new(); classes];
    for rows in found.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (class, person, role, ..) = rows[0];
        let agree = rows.iter().all(|row| row.2 == role);
        for (.., number, record) in rows.iter().skip(usize::from(agree)) {
            let row = ClassRow {
                spec: table.spec,
                file: &table.files[*number],
                record: *record,
                code: "",
            };
            let code = row.text("establishment");
            ClassRow { code, ..row }.push(&mut told[*number], "role", repeated(agree));
        }
        if agree {
            members[class as usize].push(ClassMember { person, role });
        } else {
            doubts.classes.insert(class);
        }
    }
    members
}
