//! The text of the accounts table read on every core, round by round.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use super::Column;
use super::accounts::{Account, Dates, SHOWN};
use super::lines::{plain_fields, with_fields};
use crate::identity::{name_hash, parse_hex128};
use crate::model::{Category, Date, InactiveReason, Role, SomeHash, State};
use crate::rounds::try_in_rooms;

/// The accounts of one part of the text.
#[derive(Default)]
struct Chunk {
    list: Vec<Account>,
    /// Of the accounts of this part.
    dates: Vec<Dates>,
    /// The establishment codes they name that were not known before: they are numbered behind the known ones.
    new: Vec<String>,
}

/// What one round gives.
#[derive(Default)]
struct Room {
    chunks: Vec<Chunk>,
    fault: Option<String>,
}

/// Bytes of the text that one task reads.
const CHUNK: usize = 1 << 21;

/// Tasks of one round: what they gave is gathered while the next is read, and its memory then serves another.
const BATCH: usize = 16;

/// Places at line starts that cut the text into parts of about one size.
fn chunk_bounds(text: &str, from: usize, size: usize) -> Vec<usize> {
    let parts = text.len().div_ceil(size).max(1);
    let mut bounds = vec![from];
    for part in 1..parts {
        let aim = from + (text.len() - from) / parts * part;
        let at = memchr::memchr(b'\n', &text.as_bytes()[aim..]).map_or(text.len(), |n| aim + n + 1);
        if at > bounds[bounds.len() - 1] && at < text.len() {
            bounds.push(at);
        }
    }
    bounds.push(text.len());
    bounds
}

/// The accounts of a text, with their dates and the establishment codes they name, sorted ([`super::Accounts::parse`]).
pub(super) fn accounts(text: &str, keys: &[String]) -> Result<Parsed, String> {
    in_chunks(text, keys, CHUNK)
}

/// Accounts, and what they point into.
pub(super) struct Parsed {
    pub list: Vec<Account>,
    pub dates: Vec<Dates>,
    pub codes: Vec<String>,
}

fn in_chunks(text: &str, keys: &[String], size: usize) -> Result<Parsed, String> {
    let header_end = text.find('\n').map_or(text.len(), |at| at + 1);
    if text[..header_end].trim_end() != Column::NAMES.join(",") {
        return Err("the accounts table has another header".to_owned());
    }
    let bounds = chunk_bounds(text, header_end, size);
    let chunks: Vec<&[usize]> = bounds.windows(2).collect();
    let mut rounds = chunks.chunks(BATCH);
    // The first round tells nearly every code there is; what others name besides is numbered behind.
    let mut gathered = Gathered::default();
    let mut first = Room::default();
    let round = rounds.next().unwrap_or_default();
    parse_round(text, round, keys, &gathered.codes, &mut first);
    if let Some(fault) = first.fault {
        return Err(fault);
    }
    let all = |count: usize| count / round.len().max(1) * chunks.len() * 21 / 20;
    let accounts = first.chunks.iter().map(|chunk| chunk.list.len()).sum();
    let dates = first.chunks.iter().map(|chunk| chunk.dates.len()).sum();
    gathered.list.reserve(all(accounts));
    gathered.dates.reserve(all(dates));
    gathered.take(&mut first.chunks, 0);
    let Parsed { list, dates, codes } = gathered.by_code();
    let known: HashMap<String, u32> = codes.into_iter().zip(0..).collect();
    let codes = known.clone();
    let mut gathered = Gathered { list, dates, codes };
    let parse = |round, room: &mut Room| parse_round(text, round, keys, &known, room);
    try_in_rooms(rounds, parse, |room: &mut Room| {
        gathered.take(&mut room.chunks, known.len() as u32);
        room.fault.take().map_or(Ok(()), Err)
    })?;
    Ok(gathered.by_code())
}

/// Accounts of several rounds.
#[derive(Default)]
struct Gathered {
    list: Vec<Account>,
    dates: Vec<Dates>,
    /// The codes named so far, with their numbers.
    codes: HashMap<String, u32>,
}

impl Gathered {
    /// Accounts and codes, the codes in their order: after the first round they are numbered by it, and where no other
    /// code came, all stays as it is.
    fn by_code(self) -> Parsed {
        let Gathered {
            mut list,
            dates,
            codes,
        } = self;
        let mut codes: Vec<(String, u32)> = codes.into_iter().collect();
        codes.sort_unstable();
        let mut places = vec![0; codes.len()];
        for (place, (_, number)) in codes.iter().enumerate() {
            places[*number as usize] = place as u32;
        }
        if !places.is_sorted() {
            list.par_iter_mut()
                .for_each(|account| account.establishment = places[account.establishment as usize]);
        }
        let codes = codes.into_iter().map(|(code, _)| code).collect();
        Parsed { list, dates, codes }
    }

    /// Takes in what chunks gave that knew as many codes.
    fn take(&mut self, chunks: &mut [Chunk], known: u32) {
        for Chunk { list, dates, new } in chunks {
            let number = |code| {
                let next = self.codes.len() as u32;
                *self.codes.entry(code).or_insert(next)
            };
            let numbers: Vec<u32> = new.drain(..).map(number).collect();
            let number = |told: u32| match told.checked_sub(known) {
                Some(new) => numbers[new as usize],
                None => told,
            };
            let before = self.dates.len() as u32;
            self.list.extend(list.drain(..).map(|account| Account {
                establishment: number(account.establishment),
                dates: match account.dates {
                    0 => 0,
                    of_chunk => before + of_chunk,
                },
                ..account
            }));
            self.dates.append(dates);
        }
    }
}

fn parse_round(
    text: &str,
    chunks: &[&[usize]],
    keys: &[String],
    known: &HashMap<String, u32>,
    room: &mut Room,
) {
    room.chunks.resize_with(chunks.len(), Chunk::default);
    let chunks = room.chunks.par_iter_mut().zip(chunks);
    let parsed = chunks
        .map(|(chunk, bounds)| parse_chunk(text, bounds[0]..bounds[1], keys, known, chunk).err());
    room.fault = parsed.find_map_first(|fault| fault);
}

fn parse_chunk(
    text: &str,
    lines: Range<usize>,
    keys: &[String],
    known: &HashMap<String, u32>,
    chunk: &mut Chunk,
) -> Result<(), String> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut start = lines.start;
    while start < lines.end {
        let rest = &text[start..lines.end];
        let end = memchr::memchr(b'\n', rest.as_bytes()).map_or(lines.end, |n| start + n);
        let line = &text[start..end];
        let mut number = |code: &str| {
            if let Some(number) = known.get(code).or_else(|| numbers.get(code)) {
                return *number;
            }
            let number = (known.len() + chunk.new.len()) as u32;
            chunk.new.push(code.to_owned());
            numbers.insert(code.to_owned(), number);
            number
        };
        let read = match plain_fields(line) {
            Some(f) => {
                let shown = shown_at(&f);
                let read = parse_account(start, &f, keys, &mut number);
                read.map(|(account, dates)| (Account { shown, ..account }, dates))
            }
            None => with_fields(line, |f| parse_account(start, f, keys, &mut number)),
        };
        let (mut account, dates) = read.ok_or_else(|| {
            format!("an account at byte {start} is not as this program writes it")
        })?;
        if dates != Dates::default() {
            chunk.dates.push(dates);
            account.dates = chunk.dates.len() as u32;
        }
        chunk.list.push(account);
        start = end + 1;
    }
    Ok(())
}

/// Where in a line without quotes the cells of [`SHOWN`] begin; 0 for further than a byte can tell.
fn shown_at(fields: &[&str]) -> u8 {
    let before = &fields[..SHOWN[0] as usize];
    let length = before.iter().map(|field| field.len() + 1).sum::<usize>();
    u8::try_from(length).unwrap_or(0)
}

/// An account and its dates, which it does not point to yet.
pub(super) fn parse_account(
    start: usize,
    f: &[&str],
    keys: &[String],
    mut intern: impl FnMut(&str) -> u32,
) -> Option<(Account, Dates)> {
    let at = |column: Column| f[column as usize];
    let date = |column: Column| -> Option<Option<Date>> {
        match at(column) {
            "" => Some(None),
            text => crate::calendar::parse_date(text).map(Some),
        }
    };
    let (key, person) = match at(Column::PersonRef) {
        "" => (255, None),
        text => {
            let (id, hash) = text.split_once(':')?;
            let key = keys.iter().position(|k| k == id).map_or(255, |k| k as u8);
            (key, Some(parse_hex128(hash)?))
        }
    };
    let account = Account {
        start: start as u64,
        person: SomeHash::new(person),
        name: name_hash(at(Column::Username)),
        has_aliases: !at(Column::Aliases).is_empty(),
        shown: 0,
        key,
        category: Category::parse(at(Column::Category))?,
        role: Role::parse(at(Column::Role))?,
        state: State::parse(at(Column::State))?,
        inactive_reason: match at(Column::InactiveReason) {
            "" => None,
            text => Some(InactiveReason::parse(text)?),
        },
        establishment: intern(at(Column::Establishment)),
        created_on: date(Column::CreatedOn)?,
        dates: 0,
        // Dates written YYYY-MM-DD compare as text; a blank one is before all others.
        awaits_sign_in: at(Column::LastSignIn) < at(Column::CredentialsDueOn),
    };
    let dates = Dates {
        left_on: date(Column::LeftOn)?,
        inactive_since: date(Column::InactiveSince)?,
        grace_granted_on: date(Column::GraceGrantedOn)?,
        grace_until: date(Column::GraceUntil)?,
        hold_until: date(Column::HoldUntil)?,
        missing_since: date(Column::MissingSince)?,
    };
    Some((account, dates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_any_size_give_the_same_accounts_and_codes() {
        let mut text = Column::NAMES.join(",") + "\n";
        for n in 0..400_u32 {
            let cells = Column::ALL.iter().map(|column| match column {
                Column::AccountId => format!("{n:032x}"),
                Column::Category => "mis".to_owned(),
                Column::Role => "learner".to_owned(),
                Column::State => "active".to_owned(),
                // Most codes are there from the beginning; some are met late, by several chunks of one round too.
                Column::Establishment if n % 50 < 45 => format!("6604{:03}", n * 7 % 20),
                Column::Establishment => format!("1{:06}", n / 100 * 37 % 5),
                Column::Username => format!("PriceM{n}"),
                // Some have dates that others lack, in every part of the text.
                Column::LeftOn if n % 7 == 3 => format!("2026-{:02}-{:02}", n % 12 + 1, n % 28 + 1),
                Column::HoldUntil if n % 91 == 5 => "2026-09-30".to_owned(),
                _ => String::new(),
            });
            text += &cells.collect::<Vec<String>>().join(",");
            text.push('\n');
        }
        let told = |size: usize| {
            let Parsed { list, dates, codes } = in_chunks(&text, &[], size).unwrap();
            let shown = |date: Option<Date>| date.map_or_else(String::new, |date| date.to_string());
            let at: Vec<_> = list
                .iter()
                .map(|account| {
                    let code = codes[account.establishment as usize].clone();
                    let own = (account.dates as usize).checked_sub(1);
                    let own = own.map_or_else(Dates::default, |at| dates[at]);
                    (
                        account.start,
                        code,
                        [own.left_on, own.hold_until].map(shown),
                    )
                })
                .collect();
            (at, codes)
        };
        let whole = told(CHUNK);
        assert!(whole.0.len() == 400 && whole.1.is_sorted());
        assert!(whole.0.iter().all(|(start, code, [left_on, hold_until])| {
            let line = text[*start as usize..].lines().next().unwrap();
            let cells: Vec<&str> = line.split(',').collect();
            let is = |column: Column, cell: &String| cells[column as usize] == cell;
            is(Column::Establishment, code)
                && is(Column::LeftOn, left_on)
                && is(Column::HoldUntil, hold_until)
        }));
        for size in [100, 300, 1000, 5000] {
            assert_eq!(told(size), whole, "chunks of {size} bytes");
        }
    }
    #[test]
    fn shown_cells_are_found_in_every_kind_of_line() {
        let line = |email: &str, surname: &str| {
            let cells = Column::ALL.iter().map(|column| match column {
                Column::Category => "mis",
                Column::Role => "learner",
                Column::State => "active",
                Column::Email => email,
                Column::Surname => surname,
                Column::RegistrationClass => "9B",
                _ => "",
            });
            cells.collect::<Vec<&str>>().join(",") + "\n"
        };
        let lines = [
            line("a@x", "Llŷr"),
            line("\"a,b\"", "Price"),
            line("c@x", "\"Price, Jones\""),
            line(&"x".repeat(400), "Rhys"),
        ];
        let text = Column::NAMES.join(",") + "\n" + &lines.concat();
        let mut accounts = super::super::Accounts::parse(&text, &[]).unwrap();
        accounts.keep_text(text);
        let surnames = ["Llŷr", "Price", "Price, Jones", "Rhys"];
        for (place, surname) in surnames.iter().enumerate() {
            let shown = accounts.with_shown(place, |cells| cells.join("|"));
            assert_eq!(shown, format!("|{surname}||||9B"));
        }
        assert!(
            SHOWN
                .windows(2)
                .all(|pair| pair[0] as usize + 1 == pair[1] as usize)
        );
    }
}
