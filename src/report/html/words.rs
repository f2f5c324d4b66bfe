//! What changed inside a value, word by word.

use similar::{Algorithm, ChangeTag, TextDiff};

use super::text;

/// Longer values are shown whole: nobody reads a word-level difference of a page of text.
const LENGTH_MAX: usize = 400;

/// A piece of a value and whether it changed.
pub type Piece = (u8, String);

/// Both sides of a change as pieces.
pub fn sides(before: &str, after: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (before, after) = (text(before), text(after));
    if before.is_empty() || after.is_empty() || before.len().max(after.len()) > LENGTH_MAX {
        return (whole(before), whole(after));
    }
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .diff_words(before.as_str(), after.as_str());
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let word = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut left, 0, word);
                push(&mut right, 0, word);
            }
            ChangeTag::Delete => push(&mut left, 1, word),
            ChangeTag::Insert => push(&mut right, 1, word),
        }
    }
    (left, right)
}

fn whole(value: String) -> Vec<Piece> {
    match value.is_empty() {
        true => Vec::new(),
        false => vec![(1, value)],
    }
}

fn push(pieces: &mut Vec<Piece>, changed: u8, word: &str) {
    match pieces.last_mut() {
        Some((before, text)) if *before == changed => text.push_str(word),
        _ => pieces.push((changed, word.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let (before, after) = sides("Siân Angharad Jones", "Siân Angharad Jones-Pugh");
        assert_eq!(before, [(0, "Siân Angharad ".into()), (1, "Jones".into())]);
        assert_eq!(
            after,
            [(0, "Siân Angharad ".into()), (1, "Jones-Pugh".into())]
        );
        assert_eq!(sides("", "8"), (vec![], vec![(1, "8".into())]));
    }
}
