//! Text from data made safe for terminals, Markdown and shell lines.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character would steer a terminal or a reader's eye rather than be read:
/// controls, line and paragraph separators, bidi marks and overrides, zero-width and tag characters.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Text for a terminal: characters that would steer it are written as `\u{…}`.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unseen(c) {
            let _ = write!(safe, "\\u{{{:x}}}", c as u32);
        } else {
            safe.push(c)
        }
    }
    Cow::Owned(safe)
}

/// Text for Markdown: as [`plain`], and nothing in it is read as markup, link, HTML or table border.
pub fn markdown(text: &str) -> String {
    let text = plain(text);
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' | '{' | '}' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    // Bare addresses become links without any markup of their own.
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A code or an id for Markdown: a code span where that is safe, escaped text otherwise.
pub fn code(text: &str) -> String {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"_-./:@".contains(&b);
    if !text.is_empty() && text.bytes().all(safe) {
        format!("`{text}`")
    } else {
        markdown(text)
    }
}

/// A word for a POSIX shell line: quoted unless it is plainly safe.
pub fn shell(word: &str) -> String {
    let word = plain(word);
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"_-./:@".contains(&b);
    if !word.is_empty() && word.bytes().all(safe) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(plain("Zoë O’Brien"), "Zoë O’Brien");
        assert_eq!(
            plain("a\u{1b}[31mb\u{202E}c\nd\u{2066}"),
            "a\\u{1b}[31mb\\u{202e}c\\u{a}d\\u{2066}"
        );
    }

    #[test]
    fn nothing_is_read_as_markup() {
        assert_eq!(
            markdown("<script>a|b</script>"),
            "&lt;script&gt;a\\|b&lt;/script&gt;"
        );
        assert_eq!(
            markdown("[x](https://e.org) `y`"),
            "\\[x\\](https&#58;//e.org) \\`y\\`"
        );
        assert_eq!(code("release@S1/learner"), "`release@S1/learner`");
        assert_eq!(code("a`b"), "a\\`b");
    }

    #[test]
    fn a_shell_word_is_one_word() {
        assert_eq!(shell("release@S1/learner"), "release@S1/learner");
        assert_eq!(shell("it's"), "'it'\\''s'");
    }
}
