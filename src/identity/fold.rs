//! Names as usernames can spell them, and names that no username should be made of.
//!
//! A username is for ever, so a name that came through a wrong encoding must be
//! mended first: `ŵ` and `ŷ` do not exist in Windows-1252 and arrive as `?`
//! (`reference/domain.md` §9).

use unicode_normalization::UnicodeNormalization;

/// A name in the letters a–z alone: special letters spelled out, accents dropped, lower case.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name
            .bytes()
            .filter(u8::is_ascii_alphabetic)
            .map(|b| char::from(b.to_ascii_lowercase()))
            .collect();
    }
    let mut folded = String::with_capacity(name.len());
    // NFKD leaves the special letters alone, so spelling them out after it also reaches `ǿ` and `ǽ`.
    for letter in name.nfc().nfkd().flat_map(char::to_lowercase) {
        match special(letter) {
            Some(text) => folded.push_str(text),
            None if letter.is_ascii_lowercase() => folded.push(letter),
            None => {}
        }
    }
    folded
}

/// Letters that no decomposition leads to a–z.
fn special(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ł' => "l",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'ı' => "i",
        _ => return None,
    })
}

/// Why a name is not taken; says nothing of the name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameFault {
    /// Stable code: `name_control`, `name_encoding`, `name_placeholder` or `name_no_letters`.
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// What somebody can do about it.
    pub fix: String,
}

/// What is wrong with a name, if anything. An empty one is not wrong, only missing.
pub fn name_fault(name: &str) -> Option<NameFault> {
    let name = name.trim();
    if name.is_empty() || (is_common(name) && !is_filler(name)) {
        return None;
    }
    let marks = Marks::of(name);
    let (code, message, fix) = if marks.control {
        (
            "name_control",
            "the name holds a control character",
            "Type the name again in the MIS.",
        )
    } else if is_placeholder(name) {
        (
            "name_placeholder",
            "the field holds a filler in place of a name",
            "Enter the name, or leave the field blank if the person has only one name.",
        )
    } else if marks.encoding {
        (
            "name_encoding",
            "the name carries marks of a wrong encoding (a question mark, a replacement character or a broken accent)",
            "Correct the name in the MIS, and export as UTF-8.",
        )
    } else if !name.contains(|c: char| c.is_ascii_alphabetic()) && fold(name).is_empty() {
        (
            "name_no_letters",
            "the name has no letter that a username can be made of",
            "Enter the name in Latin letters as well.",
        )
    } else {
        return None;
    };
    Some(NameFault {
        code,
        message: message.to_owned(),
        fix: fix.to_owned(),
    })
}

/// Whether a name is of Latin letters without marks, in words that spaces, hyphens or apostrophes join: most are.
fn is_common(name: &str) -> bool {
    let bytes = name.as_bytes();
    let joins = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'-' | b'\'');
    let ends = [bytes.first(), bytes.last()];
    bytes.iter().all(joins) && ends.iter().flatten().all(|end| end.is_ascii_alphabetic())
}

/// Control characters, and the invisible ones that turn the direction of text or mark a byte order.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Fillers in whole fields. Words that are also surnames (Na, Null, None, Test) are not among them.
const FILLERS: [&str; 27] = [
    "unknown",
    "not known",
    "notknown",
    "n/a",
    "n\\a",
    "n.a",
    "tbc",
    "t.b.c",
    "tba",
    "t.b.a",
    "tbd",
    "no name",
    "noname",
    "no surname",
    "no forename",
    "no first name",
    "no last name",
    "not given",
    "not provided",
    "not applicable",
    "not available",
    "not recorded",
    "unnamed",
    "surname",
    "forename",
    "anhysbys",
    "dim enw",
];

fn is_placeholder(name: &str) -> bool {
    let core = name.trim_matches(|c: char| !c.is_alphanumeric());
    if core.is_empty() {
        // Marks alone; a mark of a broken encoding alone is told as such.
        return !name.contains('\u{fffd}');
    }
    is_filler(core)
}

/// Whether words, without marks around them, stand in place of a name.
fn is_filler(core: &str) -> bool {
    if core.len() > 1 && core.bytes().all(|byte| matches!(byte, b'x' | b'X')) {
        return true;
    }
    // How it starts spares nearly every name the comparison of words.
    let own = start(core);
    let alike = STARTS
        .iter()
        .fold(false, |alike, start| alike | (*start == own));
    alike && FILLERS.iter().any(|filler| same_words(core, filler))
}

/// How fillers start.
const STARTS: [u16; FILLERS.len()] = {
    let mut starts = [0; FILLERS.len()];
    let mut at = 0;
    while at < starts.len() {
        starts[at] = start(FILLERS[at]);
        at += 1;
    }
    starts
};

/// The first two bytes of words whatever their case; 0 of shorter ones, which are no fillers.
const fn start(words: &str) -> u16 {
    match words.as_bytes() {
        [first, second, ..] => {
            u16::from_be_bytes([first.to_ascii_lowercase(), second.to_ascii_lowercase()])
        }
        _ => 0,
    }
}

/// The same words whatever their case and the white space between them.
fn same_words(name: &str, filler: &str) -> bool {
    let (mut found, mut wanted) = (name.split_whitespace(), filler.split(' '));
    loop {
        match (found.next(), wanted.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => {}
            _ => return false,
        }
    }
}

/// What one pass over a name finds.
#[derive(Default)]
struct Marks {
    control: bool,
    /// `?`, `¿`, U+FFFD, a character reference, or UTF-8 that was read as Windows-1252.
    encoding: bool,
}

impl Marks {
    fn of(name: &str) -> Self {
        let mut marks = Marks::default();
        let mut before = ' ';
        for c in name.chars() {
            marks.control |= is_control(c);
            marks.encoding |= matches!((before, c), (_, '?' | '¿' | '\u{fffd}') | ('&', '#'));
            marks.encoding |= !before.is_ascii() && !c.is_ascii() && is_mojibake(before, c);
            before = c;
        }
        marks
    }
}

/// Whether two neighbours are the first two bytes of a UTF-8 letter, each read as a letter of its own.
///
/// `Â Ã Ä Å` begin nearly every such pair, and no name has them before a sign. Other
/// capitals do stand before an apostrophe, an accent used as one, a dash or a
/// no-break space (`Ó’Briain`), so after those only signs count that no name holds.
fn is_mojibake(first: char, second: char) -> bool {
    match first {
        'Ã' => is_continuation(second) || second == '\u{a0}',
        'Â' | 'Ä' | 'Å' => is_continuation(second),
        'Æ'..='ß' => is_sign_never_in_names(second),
        'â' => matches!(second, '€' | '„'),
        'á' => matches!(second, 'º' | '»'),
        'ï' => matches!(second, '¬' | '»'),
        _ => false,
    }
}

/// What Windows-1252 shows for the bytes 80–BF, without the no-break space.
fn is_continuation(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{a1}'..='\u{bf}')
        || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(c)
}

fn is_sign_never_in_names(c: char) -> bool {
    "¡¢£¤¥¦§©«¬®¯°±²³µ¶¹»¼½¾".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_as_the_table_says() {
        for (name, stem) in [
            ("Llŷr", "llyr"),
            ("Tŵm", "twm"),
            ("Siân", "sian"),
            ("MacLeòid", "macleoid"),
            ("NicDhòmhnaill", "nicdhomhnaill"),
            ("ap Rhys", "aprhys"),
            ("Mc Donald", "mcdonald"),
            ("McDonald", "mcdonald"),
            ("MacDonald", "macdonald"),
            ("O'Neill", "oneill"),
            ("O’Neill", "oneill"),
            ("OʼNeill", "oneill"),
            ("Ó Briain", "obriain"),
            ("Cadi-Haf", "cadihaf"),
            ("Smith–Jones", "smithjones"),
            ("Łukasz", "lukasz"),
            ("Æsa", "aesa"),
            ("Þóra", "thora"),
            ("İpek", "ipek"),
            ("José María", "josemaria"),
            ("José\u{a0}María", "josemaria"),
            ("Griﬃths", "griffiths"),
            ("St. John", "stjohn"),
            ("Μαρία", ""),
            ("李", ""),
            ("-", ""),
            (".", ""),
            (
                "Jørgen Đặng Ðór Œuf Weiß ẞ ısık",
                "jorgendangdoroeufweissssisik",
            ),
            ("Ǿrsted", "orsted"),
            ("Sia\u{302}n", "sian"),
            ("W\u{302}yn", "wyn"),
        ] {
            assert_eq!(fold(name), stem, "{name}");
        }
    }

    fn code(name: &str) -> Option<&'static str> {
        name_fault(name).map(|fault| fault.code)
    }

    #[test]
    fn real_names_are_taken() {
        for name in [
            "",
            "  ",
            "Tŵm",
            "Siân",
            "D'Arcy",
            "Ó Briain",
            "Nguyễn",
            "O’Neill",
            "Ó’Briain",
            "Ó´Briain",
            "JOSÉ\u{a0}MARÍA",
            "Ó\u{a0}Briain",
            "Ångström",
            "ÅSE",
            "Ærø",
            "João",
            "JOÃO",
            "Null",
            "None",
            "Na",
            "Test",
            "X",
            "Xi",
            "Unknowne",
            "St. John",
            "Smith–Jones",
            "Mª Àngels",
            "Ñíguez",
            "Đặng",
            "Þóra",
            "François-René",
            "Ŵyn",
            "Ffion (leaver)",
            "Tba-Jones",
        ] {
            assert_eq!(code(name), None, "{name}");
        }
    }

    #[test]
    fn marks_of_a_wrong_encoding_are_found() {
        for name in [
            "T?m",
            "Si\u{fffd}n",
            "\u{fffd}",
            "Å´yn",
            "LlÅ·r",
            "TÅµm",
            "JosÃ©",
            "SiÃ¢n",
            "Oâ€™Neill",
            "Ã‰ilis",
            "Å\u{81}ukasz",
            "MÃ\u{ad}ra",
            "JÃ\u{a0}n",
            "Nguyá»…n",
            "Î±Î¼",
            "T&#373;m",
            "T¿m",
        ] {
            let found = code(name);
            assert!(
                matches!(found, Some("name_encoding" | "name_control")),
                "{name}: {found:?}"
            );
        }
        // Every letter of Welsh, Gaelic and Polish that was read as Windows-1252 is found.
        for letter in "âêîôûŵŷÂÊÎÔÛŴŶàèìòùÀÈÌÒÙáéíóúÁÉÍÓÚïëöäąćęłńśźżĄĆĘŃŚŹŻ".chars()
        {
            let mut bytes = [0; 4];
            let (broken, _, _) =
                encoding_rs::WINDOWS_1252.decode(letter.encode_utf8(&mut bytes).as_bytes());
            assert!(code(&format!("Ab{broken}b")).is_some(), "{letter}");
        }
    }

    #[test]
    fn fillers_are_found_only_as_whole_fields() {
        for name in [
            "-",
            ".",
            "?",
            "--",
            "…",
            "Unknown",
            " UNKNOWN ",
            "(unknown)",
            "n/a",
            "N.A.",
            "tbc",
            "TBA",
            "xx",
            "XXX",
            "no name",
            "No   Name",
            "Anhysbys",
        ] {
            assert_eq!(code(name), Some("name_placeholder"), "{name}");
        }
    }

    #[test]
    fn names_without_latin_letters_and_control_characters_are_told() {
        for name in ["Μαρία", "李", "123"] {
            assert_eq!(code(name), Some("name_no_letters"), "{name}");
        }
        for name in [
            "An\u{7}na",
            "An\tna",
            "An\u{202e}na",
            "An\u{1b}[31mna",
            "An\u{85}na",
        ] {
            assert_eq!(code(name), Some("name_control"), "{name}");
        }
    }
}
