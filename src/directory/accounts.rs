//! The `accounts` table: one text, and beside it the few values that decide.
//!
//! A line that nothing changes is written back as the bytes it was read as.

use std::borrow::Cow;

use rayon::prelude::*;

use super::lines::{first_fields, with_fields};
use super::{AccountRecord, Cells, Column};
use crate::identity::{name_hash, parse_hex128};
use crate::model::{Category, Date, InactiveReason, Role, SomeHash, State};
use crate::prefixes::{by_hash, places};
use crate::warm;

/// What facts need of an account, but for its other [`Dates`]. Text is read from its line when it is needed.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
pub struct Account {
    /// Where its line begins in the text.
    pub(super) start: u64,
    pub(super) person: SomeHash,
    /// Hash of its username.
    pub(super) name: u64,
    pub(super) has_aliases: bool,
    /// Where in its line the cells begin that nearly every night compares ([`SHOWN`]); 0 where that cannot be told.
    pub(super) shown: u8,
    /// Place of its key among the run's keys: 0 current, 1 previous; 255 unknown.
    pub key: u8,
    /// Whether it follows the roll.
    pub category: Category,
    /// What it is for.
    pub role: Role,
    /// Whether it can be used.
    pub state: State,
    /// Why it cannot.
    pub inactive_reason: Option<InactiveReason>,
    /// Place of its establishment in [`Accounts::establishments`].
    pub establishment: u32,
    /// Night of its creation.
    pub created_on: Option<Date>,
    /// One more than the place of its other dates; 0 where all are blank.
    pub(super) dates: u32,
    /// Credentials were due on some day, and nobody has signed in since.
    pub awaits_sign_in: bool,
}

/// Dates of an account: blank for nearly everybody, and a nation's accounts stand in memory all at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Dates {
    /// Leaving date of the row that released it.
    pub left_on: Option<Date>,
    /// Night in which it became inactive.
    pub inactive_since: Option<Date>,
    /// When a grace period was asked for.
    pub grace_granted_on: Option<Date>,
    /// Last day of the grace period.
    pub grace_until: Option<Date>,
    /// Last day of a `not_a_leaver` decision or a calendar hold.
    pub hold_until: Option<Date>,
    /// First night on which a good export lacked the person.
    pub missing_since: Option<Date>,
}

impl Account {
    /// The first half of its person's hash, where it follows the roll and its person is known.
    pub fn first_half(&self) -> Option<u64> {
        let person = self.person().filter(|_| self.category == Category::Mis)?;
        Some((person >> 64) as u64)
    }

    /// Hash half of its person_ref; `None` for accounts of nobody on the roll.
    pub fn person(&self) -> Option<u128> {
        self.person.get()
    }
}

/// The cells that nearly every night compares with the roll; they stand beside each other.
pub const SHOWN: [Column; 6] = [
    Column::DisplayName,
    Column::Surname,
    Column::Forename,
    Column::Login,
    Column::YearGroup,
    Column::RegistrationClass,
];

/// Bytes of a line in which the cells lie that nearly every night compares.
const CELLS: usize = 192;

/// The whole table.
#[derive(Debug, Default)]
pub struct Accounts {
    text: String,
    /// In the order of the file, which is by account_id.
    pub list: Vec<Account>,
    /// Those of accounts of which some date is not blank.
    dates: Vec<Dates>,
    /// Establishment codes of accounts, sorted.
    pub establishments: Vec<String>,
    /// As [`Accounts::by_person`] gives it, once they are sorted.
    by_person: Option<Vec<u32>>,
    /// Ids of all accounts, sorted, and hashes of all names, where not every line is here.
    others: (Vec<u128>, Vec<u64>),
}

impl Accounts {
    /// Reads the text of an accounts table whose digest has been checked.
    /// `keys` are the ids of the run's keys, the current one first.
    ///
    /// # Errors
    /// Says in which line something is not as this program writes it.
    /// The caller gives it the text to keep afterwards ([`Accounts::keep_text`]).
    pub fn parse(text: &str, keys: &[String]) -> Result<Accounts, String> {
        let read = super::parse::accounts(text, keys)?;
        Ok(Accounts {
            list: read.list,
            dates: read.dates,
            establishments: read.codes,
            ..Accounts::default()
        })
    }

    /// Takes over the text that [`Accounts::parse`] has read.
    pub fn keep_text(&mut self, text: String) {
        self.text = text;
    }

    /// Says which ids and names ([`crate::identity::name_hash`]) all accounts have, where these are only some of them.
    pub(super) fn others_have(&mut self, ids: Vec<u128>, names: Vec<u64>) {
        self.others = (ids, names);
    }

    /// Whether any account of the directory has an id, also one whose line is not here.
    pub fn is_id(&self, id: &str) -> bool {
        let other = parse_hex128(id).filter(|_| !self.others.0.is_empty());
        other.is_some_and(|id| self.others.0.binary_search(&id).is_ok()) || self.find(id).is_some()
    }

    /// Places of the accounts that follow the roll and whose person is known, under the first half of the person's hash
    /// as stored; by that and then by place.
    pub fn keyed(&self) -> Vec<(u64, u32)> {
        let keyed = self.list.par_iter().enumerate();
        by_hash(keyed.map(|(place, account)| Some((account.first_half()?, place as u32))))
    }

    /// Keeps the order of [`Accounts::keyed`] for whoever asks for [`Accounts::by_person`].
    pub fn keep_order(&mut self, keyed: &[(u64, u32)]) {
        self.by_person = Some(self.in_order(keyed));
    }

    fn in_order(&self, keyed: &[(u64, u32)]) -> Vec<u32> {
        places(keyed, |place| (self.list[place as usize].person(), place))
    }

    /// The places of [`Accounts::keyed`], by whole hashes and then by place.
    pub fn by_person(&self) -> Cow<'_, [u32]> {
        match &self.by_person {
            Some(places) => Cow::Borrowed(places),
            None => Cow::Owned(self.in_order(&self.keyed())),
        }
    }

    /// Places of the accounts of a category, looked for on every core.
    pub fn of_category(&self, category: Category) -> Vec<usize> {
        let places = (0..self.list.len()).into_par_iter();
        let places = places.filter(|place| self.list[*place].category == category);
        places.collect()
    }

    /// How many accounts there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The dates of an account, but for that of its creation.
    pub fn dates(&self, place: usize) -> Dates {
        let at = (self.list[place].dates as usize).checked_sub(1);
        at.map_or_else(Dates::default, |at| self.dates[at])
    }

    /// The establishment code of an account.
    pub fn establishment(&self, place: usize) -> &str {
        &self.establishments[self.list[place].establishment as usize]
    }

    /// Looks at accounts whose values and first cells are read next.
    pub fn warm(&self, places: &[usize]) {
        let of_list = |place: &usize| usize::from(self.list[*place].state.is_usable());
        let known: usize = places.iter().map(of_list).sum();
        let lines = places.iter().map(|place| self.line(*place).as_bytes());
        let cells: usize = lines
            .map(|line| warm::touch(&line[..line.len().min(CELLS)]))
            .sum();
        warm::looked(known + cells);
    }

    /// An account's line, without its line end.
    pub fn line(&self, place: usize) -> &str {
        let text = &self.text[self.list[place].start as usize..self.line_end(place)];
        text.strip_suffix('\n').unwrap_or(text)
    }

    /// The bytes of a run of lines, line ends included.
    pub fn lines(&self, from: usize, to: usize) -> &[u8] {
        if from >= to {
            return &[];
        }
        &self.text.as_bytes()[self.list[from].start as usize..self.line_end(to - 1)]
    }

    fn line_end(&self, place: usize) -> usize {
        self.list
            .get(place + 1)
            .map_or(self.text.len(), |next| next.start as usize)
    }

    /// The whole row as text.
    pub fn record(&self, place: usize) -> AccountRecord {
        with_fields(self.line(place), |fields| {
            AccountRecord::from_cells(fields.iter().copied())
        })
    }

    /// The cells of a row.
    pub fn cells(&self, place: usize) -> Cells<'_> {
        let line = self.line(place);
        Cells::plain(line).unwrap_or_else(|| Cells::Read(self.record(place)))
    }

    /// The account_id of a row: its first field.
    pub fn id(&self, place: usize) -> &str {
        self.line(place).split(',').next().unwrap_or_default()
    }

    /// The place of an account, by its id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.search(id).ok()
    }

    /// The same, or else the place before which an account of this id belongs.
    pub(super) fn search(&self, id: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        // Ids are hashes: how they begin tells, about, where they stand among others.
        let (aim, mut first, mut last) = (beginning(id), 0, u64::MAX);
        let mut guesses = 0..GUESSES;
        while low < high {
            let room = (high - low) as u128;
            let share = match guesses.next() {
                Some(_) if first <= aim && aim <= last => {
                    u128::from(aim - first) * room / (u128::from(last - first) + 1)
                }
                _ => room / 2,
            };
            let middle = low + share as usize;
            let found = self.id(middle);
            match found.cmp(id) {
                std::cmp::Ordering::Less => (low, first) = (middle + 1, beginning(found)),
                std::cmp::Ordering::Greater => (high, last) = (middle, beginning(found)),
                std::cmp::Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }

    /// Hashes of the usernames and aliases of all accounts, those whose lines are not here included
    /// ([`crate::identity::name_hash`]).
    pub fn name_hashes(&self) -> Vec<u64> {
        let own = self.list.par_iter().map(|account| account.name);
        let mut hashes: Vec<u64> = own.collect();
        let with_aliases = (0..self.len()).into_par_iter();
        let with_aliases = with_aliases.filter(|place| self.list[*place].has_aliases);
        let aliases: Vec<u64> = with_aliases
            .flat_map_iter(|place| self.with(place, alias_hashes))
            .collect();
        hashes.extend(aliases);
        hashes.extend(&self.others.1);
        hashes
    }

    /// A cell that can be shown as it stands in the line: without its quotes, doubled ones left doubled.
    pub fn plain_cell(&self, place: usize, column: Column) -> &str {
        let line = self.line(place);
        let (mut from, mut seen, mut quoted) = (0, 0, false);
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b',' if !quoted && seen == column as usize => {
                    return line[from..at].trim_matches('"');
                }
                b',' if !quoted => {
                    seen += 1;
                    from = at + 1;
                }
                _ => {}
            }
        }
        if seen == column as usize {
            line[from..].trim_matches('"')
        } else {
            ""
        }
    }

    /// Reads the cells of [`SHOWN`], in that order; the rest of the line is not looked at.
    pub fn with_shown<T>(&self, place: usize, read: impl FnOnce(&[&str]) -> T) -> T {
        let line = self.line(place);
        let first = SHOWN[0] as usize;
        match usize::from(self.list[place].shown) {
            0 => with_fields(line, |cells| read(&cells[first..first + SHOWN.len()])),
            begin => {
                // One more takes the rest of the line.
                let mut fields = [""; SHOWN.len() + 1];
                first_fields(&line[begin..], &mut fields);
                read(&fields[..SHOWN.len()])
            }
        }
    }

    /// Reads some cells of a row.
    pub fn with<T>(&self, place: usize, read: impl FnOnce(&[&str]) -> T) -> T {
        with_fields(self.line(place), read)
    }
}

/// Times that the place of an id is guessed before it is halved for.
const GUESSES: u8 = 6;

fn alias_hashes(cells: &[&str]) -> Vec<u64> {
    let aliases = cells[Column::Aliases as usize].split(';');
    aliases
        .filter(|alias| !alias.is_empty())
        .map(name_hash)
        .collect()
}

/// The number that an id begins with, if it is one of hexadecimal digits; only a guess is made of it.
fn beginning(id: &str) -> u64 {
    let digits = id.bytes().chain(std::iter::repeat(b'0')).take(16);
    digits.fold(0, |value, digit| {
        value << 4 | u64::from((digit & 15) + 9 * (digit >> 6 & 1)) & 15
    })
}
