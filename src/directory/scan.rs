//! Reading a directory of which only some accounts are kept: every line is looked at once, in blocks.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::blocks::each_block;
use super::lines::for_each_line;
use super::parse::parse_account;
use super::snapshot::{DirectoryError, hex, missing};
use super::{Account, Accounts, Column, Dates};
use crate::identity::{name_hash, parse_hex128};
use crate::model::{Category, Date, Kind, SomeHash, State};

/// Bytes of a block that one task looks at.
const CHUNK: usize = 1 << 20;

/// What is wanted of a directory.
pub struct Wanted<'a> {
    /// Whether a line is kept, by its account and its cells.
    pub keeps: &'a (dyn Fn(&Account, &[&str]) -> bool + Sync),
    /// A hash of each login, where somebody asks for them.
    pub login: Option<fn(&str) -> u64>,
    /// Every id and a hash of every username and alias: new accounts must have others.
    pub names: bool,
}

/// What is known of an account whose line may not have been kept.
#[derive(Clone, Copy, Debug)]
pub struct Stub {
    person: SomeHash,
    /// Place of its establishment in [`AllAccounts::codes`].
    pub code: u32,
    /// Night on which its person was first missing.
    pub missing_since: Option<Date>,
    /// Last day of its grace period.
    pub grace_until: Option<Date>,
    /// Whether it can be used.
    pub state: State,
    /// The register that it follows; `None` where it follows none.
    pub kind: Option<Kind>,
}

impl Stub {
    /// Hash half of its person_ref.
    pub fn person(&self) -> Option<u128> {
        self.person.get()
    }
}

/// Every account of a directory, whether its line was kept or not.
#[derive(Debug, Default)]
pub struct AllAccounts {
    /// In the order of the file.
    pub list: Vec<Stub>,
    /// Establishment codes as stored.
    pub codes: Vec<String>,
    /// Places of the accounts whose lines were kept, in their order.
    pub kept: Vec<u32>,
    /// Places of accounts and hashes of their logins.
    pub logins: Vec<(u32, u64)>,
    /// Accounts of people under a key that is not at hand.
    pub under_no_key: u64,
    /// Ids, in order.
    ids: Vec<u128>,
    /// Hashes of usernames and aliases.
    names: Vec<u64>,
}

/// What one task found; places count from its own first line, and codes are those that were not known before it: they are
/// numbered behind the known ones.
#[derive(Default)]
struct Found {
    crowd: AllAccounts,
    text: String,
}

/// Looks at every line of a snapshot's accounts table; `digest` is what its bytes must have.
///
/// # Errors
/// When the file cannot be read or was altered.
pub fn scan(
    folder: &Path,
    digest: Option<&str>,
    keys: &[String],
    wanted: &Wanted<'_>,
) -> Result<(Accounts, AllAccounts), DirectoryError> {
    let header = format!("{}\n", Column::NAMES.join(","));
    let file = File::open(folder.join("accounts.csv")).map_err(missing("accounts"))?;
    let mut read = Sha256::new();
    let (mut crowd, mut text) = (AllAccounts::default(), header.clone());
    let mut numbers = HashMap::new();
    let mut is_first = true;
    each_block(file, |whole| {
        let lines = match is_first {
            true => whole.strip_prefix(header.as_bytes()).ok_or_else(|| {
                DirectoryError::Altered("the accounts table has another header".to_owned())
            })?,
            false => whole,
        };
        is_first = false;
        let look = || look(lines, keys, wanted, &numbers);
        let ((), found) = rayon::join(|| read.update(whole), look);
        let known = numbers.len() as u32;
        for found in found.map_err(DirectoryError::Altered)? {
            text.push_str(&found.text);
            crowd.absorb(found.crowd, known, &mut numbers);
        }
        Ok::<(), DirectoryError>(())
    })?;
    if digest != Some(hex(&read.finalize()).as_str()) {
        return Err(DirectoryError::Altered(
            "accounts.csv does not have the digest that snapshot.json gives".to_owned(),
        ));
    }
    let mut accounts = Accounts::parse(&text, keys).map_err(DirectoryError::Altered)?;
    accounts.keep_text(text);
    crowd.ids.shrink_to_fit();
    accounts.others_have(
        std::mem::take(&mut crowd.ids),
        std::mem::take(&mut crowd.names),
    );
    Ok((accounts, crowd))
}

/// The lines of a block, on every core.
fn look(
    lines: &[u8],
    keys: &[String],
    wanted: &Wanted<'_>,
    known: &HashMap<String, u32>,
) -> Result<Vec<Found>, String> {
    let lines = std::str::from_utf8(lines).map_err(|_| "accounts.csv is not UTF-8".to_owned())?;
    let mut cuts = vec![0];
    while let Some(last) = cuts.last().copied().filter(|last| *last < lines.len()) {
        let aim = (last + CHUNK).min(lines.len());
        let end = memchr::memchr(b'\n', &lines.as_bytes()[aim..]);
        cuts.push(end.map_or(lines.len(), |at| aim + at + 1));
    }
    let pieces: Vec<&str> = cuts.windows(2).map(|cut| &lines[cut[0]..cut[1]]).collect();
    let found = pieces
        .into_par_iter()
        .map(|piece| piece_of(piece, keys, wanted, known));
    found.collect()
}

fn piece_of(
    lines: &str,
    keys: &[String],
    wanted: &Wanted<'_>,
    known: &HashMap<String, u32>,
) -> Result<Found, String> {
    let mut found = Found::default();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    for_each_line(lines, |line, cells| {
        let crowd = &mut found.crowd;
        let account = parse_account(0, cells, keys, |code| {
            if let Some(number) = known.get(code).or_else(|| numbers.get(code)) {
                return *number;
            }
            let number = (known.len() + crowd.codes.len()) as u32;
            crowd.codes.push(code.to_owned());
            numbers.insert(code.to_owned(), number);
            number
        });
        let (account, dates) = account.ok_or("an account is not as this program writes it")?;
        let place = crowd.list.len() as u32;
        if (wanted.keeps)(&account, cells) {
            crowd.kept.push(place);
            found.text.push_str(line);
            found.text.push('\n');
        }
        let cell = |column: Column| cells[column as usize];
        let login = wanted.login.map_or(0, |hash| hash(cell(Column::Login)));
        if login != 0 {
            crowd.logins.push((place, login));
        }
        if wanted.names {
            crowd.ids.extend(parse_hex128(cell(Column::AccountId)));
            crowd.names.push(name_hash(cell(Column::Username)));
            let aliases = cell(Column::Aliases).split(';');
            crowd
                .names
                .extend(aliases.filter(|alias| !alias.is_empty()).map(name_hash));
        }
        crowd.add(&account, &dates);
        Ok(())
    })?;
    Ok(found)
}

impl AllAccounts {
    fn add(&mut self, account: &Account, dates: &Dates) {
        let follows = account.category == Category::Mis;
        let is_lost = follows && account.person().is_some() && account.key == 255;
        self.under_no_key += u64::from(is_lost);
        self.list.push(Stub {
            person: SomeHash::new(account.person()),
            code: account.establishment,
            missing_since: dates.missing_since,
            grace_until: dates.grace_until,
            state: account.state,
            kind: follows.then(|| account.role.kind()),
        });
    }

    /// Adds what stands in the lines after these, where as many codes were known.
    fn absorb(&mut self, later: AllAccounts, known: u32, numbers: &mut HashMap<String, u32>) {
        let first = self.list.len() as u32;
        let new: Vec<u32> = later
            .codes
            .into_iter()
            .map(|code| {
                *numbers.entry(code.clone()).or_insert_with(|| {
                    self.codes.push(code);
                    self.codes.len() as u32 - 1
                })
            })
            .collect();
        let number = |told: u32| match told.checked_sub(known) {
            Some(at) => new[at as usize],
            None => told,
        };
        self.list.extend(later.list.into_iter().map(|stub| Stub {
            code: number(stub.code),
            ..stub
        }));
        self.kept
            .extend(later.kept.iter().map(|place| first + place));
        self.logins.extend(
            later
                .logins
                .iter()
                .map(|(place, login)| (first + place, *login)),
        );
        self.under_no_key += later.under_no_key;
        self.ids.extend(later.ids);
        self.names.extend(later.names);
    }
}
