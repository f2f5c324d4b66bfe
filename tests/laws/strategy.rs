//! How stories are drawn. What shrinks first is written first.

use proptest::prelude::*;
use proptest::sample::select;

use crate::story::{
    ASKED, Ask, BAD_ROLES, Bad, Blank, Day, Event, Export, Heard, NightStory, ROLES, Row, School,
    Story, WORDS, Who, Word,
};

/// Days around every boundary of the policies.
const AGO: [Day; 30] = [
    1, 0, 2, -1, -20, -21, -22, 5, 7, 20, 21, 22, 29, 30, 31, 59, 60, 61, 89, 90, 91, 120, 300,
    364, 365, 366, 367, 400, 430, -60,
];

const GAPS: [Day; 27] = [
    1, 2, 0, 7, 8, 20, 21, 22, 29, 30, 31, 32, 55, 56, 57, 60, 61, 62, 90, 91, 120, 335, 364, 365,
    366, 367, 400,
];

/// Days around the end of an academic year, and of the list of accounts that expire before it.
const AUGUSTS: [Day; 6] = [0, 1, -1, -56, -57, 20];

/// Last days asked for, from the night on.
const EXPIRIES: [Day; 10] = [-1, 0, 1, 30, 55, 56, 57, 100, 200, 400];

/// A story under a policy.
pub fn story(policy: &'static str) -> impl Strategy<Value = Story> {
    let tight = prop::bool::weighted(0.25);
    let groups = prop::bool::weighted(if policy == "hwb" { 0.5 } else { 0.0 });
    let seeded = prop::bool::weighted(if policy == "glow" { 0.3 } else { 0.0 });
    let schools = prop::collection::vec(school(), 3..=6);
    let people = prop::collection::vec(person(), 3..=15);
    let rows = prop::collection::vec(row(), 2..=18);
    let nights = prop::collection::vec(night(), 2..=6);
    (
        (tight, groups, seeded),
        0..400,
        schools,
        people,
        rows,
        nights,
    )
        .prop_map(
            move |((tight, groups, seeded), first, mut schools, people, mut rows, nights)| {
                schools[0] = School {
                    authority: 0,
                    maintained: true,
                    sharing: 1,
                    closed: None,
                    recoded: false,
                };
                // One establishment that the platform does not serve, or that does not share.
                if let Some(last) = schools.last_mut() {
                    last.maintained = policy != "hwb";
                    last.sharing = if policy == "glow" { 2 } else { 1 };
                }
                for row in &mut rows {
                    row.who %= people.len();
                    row.at %= schools.len();
                    row.start = first - row.start.max(0) - 30;
                    row.leaving = row.leaving.map(|days| first + days.rem_euclid(100));
                }
                Story {
                    policy,
                    tight,
                    groups,
                    seeded,
                    first,
                    schools,
                    people,
                    rows,
                    nights,
                }
            },
        )
}

fn school() -> impl Strategy<Value = School> {
    (0..2usize).prop_map(|authority| School {
        authority,
        maintained: true,
        sharing: 1,
        closed: None,
        recoded: false,
    })
}

fn person() -> impl Strategy<Value = Who> {
    (
        prop::bool::weighted(0.35),
        prop::bool::weighted(0.08),
        0..6usize,
    )
        .prop_map(|(staff, temporary, name)| Who {
            staff,
            temporary: temporary && !staff,
            name,
        })
}

fn row() -> impl Strategy<Value = Row> {
    let blank = prop_oneof![12 => Just(Blank::Nothing), 1 => blank()];
    let bad = prop_oneof![14 => Just(Bad::Nothing), 1 => bad()];
    let leaving = prop_oneof![4 => Just(None), 1 => (0..400i32).prop_map(Some)];
    (
        0..15usize,
        0..6usize,
        select(&AGO[..]),
        leaving,
        status(),
        select(&[0u8, 20, 50, 80][..]),
        1..9u8,
        choice(),
        blank,
        bad,
    )
        .prop_map(
            |(who, at, start, leaving, status, share, year, choice, blank, bad)| Row {
                who,
                at,
                start,
                leaving,
                status,
                share,
                year,
                choice,
                blank,
                bad,
                here: true,
            },
        )
}

fn status() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(0usize), 2 => Just(2usize), 2 => Just(3usize), 1 => Just(1usize), 1 => 4..6usize]
}

fn choice() -> impl Strategy<Value = u8> {
    prop_oneof![5 => Just(0u8), 2 => Just(1u8), 2 => Just(2u8)]
}

fn blank() -> impl Strategy<Value = Blank> {
    select(
        &[
            Blank::Names,
            Blank::Admission,
            Blank::Login,
            Blank::Start,
            Blank::Registration,
        ][..],
    )
}

fn bad() -> impl Strategy<Value = Bad> {
    select(
        &[
            Bad::Date,
            Bad::Flag,
            Bad::Status,
            Bad::Order,
            Bad::Name,
            Bad::Identifier,
            Bad::Establishment,
            Bad::Twice,
        ][..],
    )
}

fn night() -> impl Strategy<Value = NightStory> {
    let august = prop_oneof![5 => Just(None), 1 => select(&AUGUSTS[..]).prop_map(Some)];
    let events = prop::collection::vec(event(), 0..10);
    (select(&GAPS[..]), august, events).prop_map(|(gap, august, events)| NightStory {
        gap,
        august,
        events,
    })
}

fn ask() -> impl Strategy<Value = Event> {
    let role = prop_oneof![9 => 0..BAD_ROLES, 1 => BAD_ROLES..ROLES.len()];
    let on = prop_oneof![6 => Just(0), 1 => select(&[-1, 1, 29, 30, 31, -20][..])];
    let expires = prop_oneof![1 => Just(None), 2 => select(&EXPIRIES[..]).prop_map(Some)];
    let at = prop_oneof![4 => (0..6usize).prop_map(Some), 1 => Just(None)];
    let organisation = prop::bool::weighted(0.7);
    let email = prop_oneof![4 => Just(0usize), 2 => 1..4usize];
    let name = prop_oneof![9 => 0..6usize, 1 => Just(99usize)];
    (role, on, expires, at, organisation, email, name).prop_map(
        |(role, on, expires, at, organisation, email, name)| {
            Event::Ask(Ask {
                role,
                on,
                expires,
                at,
                organisation,
                email,
                name,
            })
        },
    )
}

/// A decision about an account that was asked for, or about any.
fn word_on_named() -> impl Strategy<Value = Event> {
    let word = prop_oneof![8 => ASKED..WORDS.len() - 1, 5 => Just(WORDS.len() - 1)];
    let on = prop_oneof![5 => Just(0), 2 => select(&[1, 2, 20, 30, 31, -1, -3][..])];
    (word, 0..40usize, 0..40usize, on, 0..42usize).prop_map(|(word, who, at, on, value)| {
        Event::Decide(Word {
            word,
            who,
            at,
            on,
            value,
        })
    })
}

fn hear() -> impl Strategy<Value = Event> {
    let of = prop_oneof![9 => (0..40usize).prop_map(Some), 1 => Just(None)];
    let signed_in =
        prop_oneof![3 => select(&[0, 1, 5, 90, 91, -1][..]).prop_map(Some), 1 => Just(None)];
    (of, 0..3usize, signed_in, prop::bool::weighted(0.15)).prop_map(|(of, id, signed_in, twice)| {
        Event::Hear(Heard {
            of,
            id,
            signed_in,
            twice,
        })
    })
}

fn event() -> impl Strategy<Value = Event> {
    let ago = || select(&AGO[..]);
    let any = || 0..40usize;
    let export = select(
        &[
            Export::Failed,
            Export::Partial,
            Export::Stale,
            Export::Missing,
            Export::Short,
            Export::Future,
        ][..],
    );
    let word = (
        0..7usize,
        any(),
        any(),
        select(&[0, 1, 2, 20, 29, 30, 31, 59, 60, 61, 90, 91, -3][..]),
        0..4usize,
    )
        .prop_map(|(word, who, at, on, value)| {
            Event::Decide(Word {
                word,
                who,
                at,
                on,
                value,
            })
        });
    prop_oneof![
        6 => (any(), ago()).prop_map(|(at, ago)| Event::Leave(at, ago)),
        2 => any().prop_map(Event::Stay),
        4 => any().prop_map(Event::Vanish),
        3 => any().prop_map(Event::Return),
        5 => row().prop_map(Event::Add),
        2 => (any(), status()).prop_map(|(at, status)| Event::Status(at, status)),
        3 => (any(), choice()).prop_map(|(at, choice)| Event::Choice(at, choice)),
        2 => (any(), prop_oneof![Just(Blank::Nothing), blank()]).prop_map(|(at, blank)| Event::Blank(at, blank)),
        3 => (any(), prop_oneof![Just(Bad::Nothing), bad()]).prop_map(|(at, bad)| Event::Bad(at, bad)),
        1 => (any(), 1..9u8).prop_map(|(at, year)| Event::Year(at, year)),
        2 => (any(), ago()).prop_map(|(at, ago)| Event::Start(at, ago)),
        3 => (any(), export).prop_map(|(at, export)| Event::Export(at, export)),
        2 => (any(), 0..3u8).prop_map(|(at, sharing)| Event::School(at, sharing)),
        1 => (any(), 0..3u8).prop_map(|(at, sharing)| Event::Authority(at, sharing)),
        1 => (any(), select(&[0, 1, 30, -5][..])).prop_map(|(at, ago)| Event::Close(at, ago)),
        1 => any().prop_map(Event::Recode),
        6 => word,
        6 => ask(),
        8 => word_on_named(),
        3 => hear(),
        2 => (any(), prop::bool::weighted(0.3)).prop_map(|(who, early)| Event::Rekey(who, early)),
        4 => (any(), any()).prop_map(|(class, who)| Event::Member(class, who)),
        1 => Just(Event::ApproveGuards),
        1 => any().prop_map(Event::ApproveHold),
    ]
}
