//! Usernames: never given twice, whatever the order of the files.
//!
//! All requests of a night are sorted by stem and account id, and each stem
//! hands out its next unused numbers. So nobody's name depends on where a row
//! stood, and somebody new never changes a name that is in use.

use std::collections::HashSet;
use std::fmt::Write;

use rayon::prelude::*;

pub use super::pattern::Pattern;
use super::pattern::Stem;
use super::taken::Taken;

/// Numbers tried for one stem before it is given up.
const NUMBERS_MAX: u64 = 10_000_000;
/// Digits of a number for which a shortened stem is compared with the deny-list.
const DENIED_DIGITS: usize = 4;

/// Somebody who needs a username.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The account id: settles who comes first among people of one stem.
    pub order: u128,
    /// Surname, as the policy chooses it; may be empty if the forename is not.
    pub surname: &'a str,
    /// Forename, as the policy chooses it.
    pub forename: &'a str,
    /// Year for `{yy}`.
    pub year: i32,
}

/// Why somebody gets no username.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameProblem {
    /// A name given has no letter a–z left after folding, or none is given.
    NoLetters,
    /// The deny-list holds the stem, and that of the second pattern.
    Denied,
    /// No number is left that fits.
    NoRoom,
}

impl NameProblem {
    /// Stable code, `snake_case`.
    pub const fn code(self) -> &'static str {
        match self {
            NameProblem::NoLetters => "name_no_letters",
            NameProblem::Denied => "username_denied",
            NameProblem::NoRoom => "username_exhausted",
        }
    }

    /// What is wrong, without the name.
    pub const fn message(self) -> &'static str {
        match self {
            NameProblem::NoLetters => "the name has no letter that a username can be made of",
            NameProblem::Denied => "both username patterns give a stem that the deny-list holds",
            NameProblem::NoRoom => "no number is left that fits into a username with this stem",
        }
    }

    /// What somebody can do about it.
    pub const fn fix(self) -> &'static str {
        match self {
            NameProblem::NoLetters => "Enter the name in Latin letters as well.",
            NameProblem::Denied => {
                "Give the policy a second pattern that builds other stems, or take the stem off the deny-list."
            }
            NameProblem::NoRoom => "Give the policy longer usernames or another pattern.",
        }
    }
}

/// Stems that no username may be made of.
#[derive(Clone, Default, Debug)]
pub struct DenyList(HashSet<String>);

impl DenyList {
    /// Reads one folded stem (a–z) a line; `#` begins a comment.
    ///
    /// # Errors
    /// Names the line that holds something else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut stems = HashSet::new();
        for (number, line) in text.lines().enumerate() {
            let stem = line.split('#').next().unwrap_or_default().trim();
            if !stem.bytes().all(|byte| byte.is_ascii_lowercase()) {
                return Err(format!(
                    "deny-list, line {}: a stem is written in the letters a to z only",
                    number + 1
                ));
            }
            if !stem.is_empty() {
                stems.insert(stem.to_owned());
            }
        }
        Ok(DenyList(stems))
    }

    /// Whether a stem is denied: the letters of its name part, whole or shortened to make room for a number.
    fn denies(&self, stem: &Stem, max: usize) -> bool {
        let holds = |end: usize| {
            let name = stem.lower.get(stem.lead..end).unwrap_or_default();
            if name.bytes().all(|byte| byte.is_ascii_lowercase()) {
                return self.0.contains(name);
            }
            let letters: String = name.chars().filter(char::is_ascii_lowercase).collect();
            self.0.contains(&letters)
        };
        let length = stem.lower.len();
        !self.0.is_empty()
            && (holds(length)
                || (0..=DENIED_DIGITS)
                    .map(|digits| max.saturating_sub(digits))
                    .any(|end| end < length && holds(end)))
    }
}

/// What the usernames of a policy are made by.
#[derive(Clone, Debug)]
pub struct Usernames {
    pattern: Pattern,
    fallback: Pattern,
    max: usize,
    first_number: u32,
    denied: DenyList,
}

impl Usernames {
    /// `fallback` is the pattern for stems that are denied under the first; `denied` the text of the deny-list.
    ///
    /// # Errors
    /// A pattern or the list that cannot be read.
    pub fn parse(
        pattern: &str,
        fallback: &str,
        max: usize,
        first_number: u32,
        denied: &str,
    ) -> Result<Self, String> {
        Ok(Usernames {
            pattern: Pattern::parse(pattern)?,
            fallback: Pattern::parse(fallback)?,
            max,
            first_number,
            denied: DenyList::parse(denied)?,
        })
    }

    /// Hands out such usernames; `taken` knows the names in use and those retired.
    pub fn allocator<T: Taken + Sync>(&self, taken: T) -> Allocator<'_, T> {
        Allocator::new(
            self.pattern.clone(),
            self.fallback.clone(),
            self.max,
            self.first_number,
            &self.denied,
            taken,
        )
    }

    /// Why no username can be made of a name, whoever has which.
    pub fn problem(&self, surname: &str, forename: &str, year: i32) -> Option<NameProblem> {
        let request = Request {
            order: 0,
            surname,
            forename,
            year,
        };
        self.allocator(|_: &str| false).stem(&request).err()
    }
}

/// Hands out usernames.
pub struct Allocator<'a, T> {
    pattern: Pattern,
    fallback: Pattern,
    max: usize,
    first_number: u32,
    denied: &'a DenyList,
    taken: T,
    issued: HashSet<String>,
}

impl<'a, T: Taken + Sync> Allocator<'a, T> {
    /// `fallback` is for stems that are denied under `pattern`; `max` is the longest username in characters;
    /// `taken` knows the names in use and those retired.
    pub fn new(
        pattern: Pattern,
        fallback: Pattern,
        max: usize,
        first_number: u32,
        denied: &'a DenyList,
        taken: T,
    ) -> Self {
        Allocator {
            pattern,
            fallback,
            max,
            first_number,
            denied,
            taken,
            issued: HashSet::new(),
        }
    }

    /// One result per request, in the order of the requests. Names of earlier calls stay taken.
    pub fn allocate(&mut self, requests: &[Request<'_>]) -> Vec<Result<String, NameProblem>> {
        let mut results = vec![Err(NameProblem::NoLetters); requests.len()];
        let mut stems = Vec::with_capacity(requests.len());
        let made: Vec<_> = requests
            .par_iter()
            .map(|request| self.stem(request))
            .collect();
        for (place, made) in made.into_iter().enumerate() {
            match made {
                Ok(stem) => stems.push((stem, requests[place].order, place)),
                Err(problem) => results[place] = Err(problem),
            }
        }
        let key = |entry: &(Stem, u128, usize)| (entry.0.first_is_bare, entry.1);
        stems.sort_unstable_by(|a, b| {
            let by_stem = a.0.lower.cmp(&b.0.lower).then_with(|| key(a).cmp(&key(b)));
            by_stem.then_with(|| a.0.text.cmp(&b.0.text))
        });
        let groups: Vec<&[(Stem, u128, usize)]> = stems
            .chunk_by(|a, b| a.0.lower == b.0.lower && a.0.first_is_bare == b.0.first_is_bare)
            .collect();
        // A common name has thousands of numbers in use, and every group has its own. Only names that two groups would
        // give, because they had to be shortened, are told apart one after the other.
        let untaken: Vec<Vec<Untaken>> = groups
            .par_iter()
            .map(|people| self.untaken(people.iter().map(|(stem, ..)| stem)))
            .collect();
        for (people, untaken) in groups.into_iter().zip(untaken) {
            let mut turn = 0;
            for ((stem, _, place), name) in people.iter().zip(untaken) {
                results[*place] = self.issue(stem, name, &mut turn);
            }
        }
        results
    }

    /// The names that people of one stem get if no other stem gives the same ones.
    fn untaken<'s>(&self, stems: impl Iterator<Item = &'s Stem>) -> Vec<Untaken> {
        let mut turn = 0;
        stems
            .map(|stem| self.next_untaken(stem, &mut turn))
            .collect()
    }

    /// The next name of a stem that nobody has; `turn` counts the numbers that were tried.
    fn next_untaken(&self, stem: &Stem, turn: &mut u64) -> Untaken {
        // A common stem has thousands of numbers in use: they are all tried in one piece of memory.
        let mut lower = String::new();
        while *turn < NUMBERS_MAX {
            let (end, number) = self.numbered(stem, *turn)?;
            *turn += 1;
            with_number(&mut lower, &stem.lower[..end], number);
            if !self.taken.is_taken(&lower) {
                let mut text = String::new();
                with_number(&mut text, &stem.text[..end], number);
                return Ok(Name {
                    lower,
                    text,
                    turn: *turn,
                });
            }
        }
        Err(NameProblem::NoRoom)
    }

    /// The number of a turn, and how much of the stem has room before it.
    fn numbered(&self, stem: &Stem, turn: u64) -> Result<(usize, Option<u64>), NameProblem> {
        let number = number_of(turn, stem.first_is_bare, self.first_number);
        let digits = number.map_or(0, |number| {
            number.checked_ilog10().unwrap_or(0) as usize + 1
        });
        let room = self.max.checked_sub(digits);
        let room = room
            .filter(|room| *room > stem.lead)
            .ok_or(NameProblem::NoRoom)?;
        Ok((room.min(stem.lower.len()), number))
    }

    /// The stem of the first pattern, or of the second where that one is denied.
    fn stem(&self, request: &Request<'_>) -> Result<Stem, NameProblem> {
        for pattern in [&self.pattern, &self.fallback] {
            let stem = pattern
                .stem(request.surname, request.forename, request.year)
                .ok_or(NameProblem::NoLetters)?;
            if !self.denied.denies(&stem, self.max) {
                return Ok(stem);
            }
        }
        Err(NameProblem::Denied)
    }

    /// The name that was found for a stem, or the next one where another stem has given it; `turn` counts the numbers
    /// that were tried.
    fn issue(
        &mut self,
        stem: &Stem,
        found: Untaken,
        turn: &mut u64,
    ) -> Result<String, NameProblem> {
        let mut next = match found {
            // Somebody before had to take a later number than was found.
            Ok(name) if name.turn <= *turn => self.next_untaken(stem, turn)?,
            found => found?,
        };
        while !self.issued.insert(next.lower) {
            *turn = next.turn;
            next = self.next_untaken(stem, turn)?;
        }
        *turn = next.turn;
        Ok(next.text)
    }
}

/// A name that nobody has yet.
struct Name {
    lower: String,
    text: String,
    /// How many numbers of its stem had been tried when it was found.
    turn: u64,
}

/// It, or why there is none.
type Untaken = Result<Name, NameProblem>;

/// The number of a turn: nothing for the first where that is left out, then from the first number on.
fn number_of(turn: u64, first_is_bare: bool, first_number: u32) -> Option<u64> {
    let before = if first_is_bare {
        turn.checked_sub(1)?
    } else {
        turn
    };
    Some(u64::from(first_number) + before)
}

/// Puts a name and its number, if it has one, in place of what a text holds.
fn with_number(text: &mut String, name: &str, number: Option<u64>) {
    text.clear();
    text.push_str(name);
    if let Some(number) = number {
        let _ = write!(text, "{number}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const HWB: &str = "{Surname}{F}{n}";
    const GLOW: &str = "gw{yy}{surname}{forename}{n?}";

    fn request<'a>(order: u128, surname: &'a str, forename: &'a str) -> Request<'a> {
        Request {
            order,
            surname,
            forename,
            year: 2026,
        }
    }

    fn give(
        pattern: &str,
        max: usize,
        denied: &str,
        taken: &[&str],
        requests: &[Request],
    ) -> Vec<Result<String, NameProblem>> {
        let deny = DenyList::parse(denied).expect("a list");
        let taken: BTreeSet<&str> = taken.iter().copied().collect();
        let pattern = Pattern::parse(pattern).expect("a pattern");
        let fallback = Pattern::parse("{Surname}{Forename}{n}").expect("a pattern");
        Allocator::new(pattern, fallback, max, 1, &deny, |name: &str| {
            taken.contains(name)
        })
        .allocate(requests)
    }

    fn names(results: Vec<Result<String, NameProblem>>) -> Vec<String> {
        results
            .into_iter()
            .map(|result| result.expect("a name"))
            .collect()
    }

    #[test]
    fn a_long_stem_is_shortened_to_make_room_for_its_number() {
        let crowd: Vec<_> = (0..11)
            .map(|order| request(order, "Featherstonehaugh", "Alasdair"))
            .collect();
        let given = names(give(GLOW, 20, "", &[], &crowd));
        assert_eq!(given[0], "gw26featherstonehaug");
        assert_eq!(given[5], "gw26featherstonehau5");
        assert_eq!(given[10], "gw26featherstoneha10");
    }

    #[test]
    fn a_stem_hands_out_its_unused_numbers_whatever_their_case() {
        let people = [
            request(2, "Jones", "Dafydd"),
            request(1, "JONES", "Delyth"),
            request(3, "Rees", "Dai"),
        ];
        let given = names(give(HWB, 20, "", &["jonesd1", "jonesd3"], &people));
        assert_eq!(given, ["JonesD4", "JonesD2", "ReesD1"]);
    }

    #[test]
    fn the_order_of_requests_does_not_matter() {
        let surnames = [
            "Jones",
            "jonés",
            "Jone",
            "Featherstonehaugh",
            "Featherstonehaughs",
            "Ng",
            "O'Neill",
        ];
        let people: Vec<_> = (0..70)
            .map(|n| {
                request(
                    n * 7919 % 71,
                    surnames[n as usize % 7],
                    ["Siân", "Sam", ""][n as usize % 3],
                )
            })
            .collect();
        for pattern in [HWB, GLOW] {
            let given = names(give(pattern, 12, "", &["jones1", "gw26jonessam"], &people));
            let backwards: Vec<_> = people.iter().rev().copied().collect();
            let mut other = names(give(
                pattern,
                12,
                "",
                &["jones1", "gw26jonessam"],
                &backwards,
            ));
            other.reverse();
            assert_eq!(given, other);
            let distinct: BTreeSet<_> = given.iter().map(|name| name.to_lowercase()).collect();
            assert_eq!(distinct.len(), people.len());
            assert!(given.iter().all(|name| name.len() <= 12));
        }
    }

    #[test]
    fn somebody_new_takes_nobodys_name() {
        let first = names(give(
            GLOW,
            20,
            "",
            &[],
            &[request(5, "Rae", "Iona"), request(9, "Rae", "Iona")],
        ));
        assert_eq!(first, ["gw26raeiona", "gw26raeiona1"]);
        let taken: Vec<_> = first.iter().map(String::as_str).collect();
        assert_eq!(
            names(give(GLOW, 20, "", &taken, &[request(1, "Rae", "Iona")])),
            ["gw26raeiona2"]
        );
    }

    #[test]
    fn names_of_an_earlier_call_stay_taken() {
        let deny = DenyList::default();
        let pattern = Pattern::parse(HWB).unwrap();
        let mut allocator =
            Allocator::new(pattern.clone(), pattern, 20, 100, &deny, |_: &str| false);
        assert_eq!(
            names(allocator.allocate(&[request(2, "Rees", "Eleri")])),
            ["ReesE100"]
        );
        assert_eq!(
            names(allocator.allocate(&[request(1, "Rees", "Eleri")])),
            ["ReesE101"]
        );
    }

    #[test]
    fn denied_stems_fall_back_or_fail() {
        let people = [
            request(1, "Admi", "Nia"),
            request(2, "Admi", "Non"),
            request(3, "Admir", "Al"),
        ];
        let results = give(HWB, 20, "# reserved\nadmin\nadminon # both\n", &[], &people);
        assert_eq!(
            results,
            [
                Ok("AdmiNia1".to_owned()),
                Err(NameProblem::Denied),
                Ok("AdmirA1".to_owned())
            ]
        );
        // The year and the letters in front are no part of the stem; nor does shortening slip past the list.
        assert_eq!(
            give(GLOW, 20, "rae\n", &[], &[request(1, "Rae", "")]),
            [Err(NameProblem::Denied)]
        );
        let shortened = give(GLOW, 10, "abuse\n", &[], &[request(1, "Abuser", "Jo")]);
        assert_eq!(shortened, [Ok("AbuserJo1".to_owned())]);
        assert!(DenyList::parse("ok\nNot ok").is_err_and(|message| message.contains("line 2")));
    }

    #[test]
    fn what_cannot_be_named_is_told() {
        assert_eq!(
            give(HWB, 20, "", &[], &[request(1, "李", "-")]),
            [Err(NameProblem::NoLetters)]
        );
        assert_eq!(
            give("prefix{surname}{n}", 7, "", &[], &[request(1, "Rees", "A")]),
            [Err(NameProblem::NoRoom)]
        );
        let crowd: Vec<_> = (0..10).map(|order| request(order, "Rees", "A")).collect();
        let results = give("prefix{surname}{n}", 8, "", &[], &crowd);
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 9);
        assert_eq!(results[9], Err(NameProblem::NoRoom));
    }
}
