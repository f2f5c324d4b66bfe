//! What reaches a terminal or a pipe: plain text, colours only where they are wanted, never a control character.

use std::io::{IsTerminal, Write};

use super::args::Global;

/// Where answers and errors are written.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Whether to stay silent when all is well.
    pub quiet: bool,
    /// Whether colours are wanted.
    pub colour: bool,
}

/// How a piece of text stands out on a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// A heading.
    Bold,
    /// Something of less weight.
    Dim,
    /// All is well.
    Green,
    /// Somebody should look.
    Yellow,
    /// Something is wrong.
    Red,
}

impl Screen {
    /// As the arguments, the terminal and `NO_COLOR` say.
    pub fn new(global: &Global) -> Screen {
        Screen {
            quiet: global.quiet,
            colour: wants_colour(std::io::stdout().is_terminal()),
        }
    }

    /// Writes an answer to standard output.
    pub fn out(&self, text: &str) {
        write(&mut std::io::stdout().lock(), &printable(text));
    }

    /// Writes a text that has its colours and whose content was made safe where it was put in.
    pub fn styled(&self, text: &str) {
        write(&mut std::io::stdout().lock(), text);
    }

    /// Writes pieces of text with their styles, and ends the line.
    pub fn line(&self, pieces: &[(Option<Style>, &str)]) {
        let mut line = String::new();
        for (style, text) in pieces {
            match style {
                Some(style) if self.colour => line.push_str(&format!(
                    "\u{1b}[{}m{}\u{1b}[0m",
                    code(*style),
                    printable(text)
                )),
                _ => line.push_str(&printable(text)),
            }
        }
        line.push('\n');
        write(&mut std::io::stdout().lock(), &line);
    }

    /// Writes an answer unless `-q` asked for silence.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.out(text);
        }
    }

    /// Writes an error to standard error.
    pub fn error(&self, message: &str, hint: Option<&str>) {
        let red = wants_colour(std::io::stderr().is_terminal());
        let word = if red {
            "\u{1b}[31merror:\u{1b}[0m"
        } else {
            "error:"
        };
        let mut text = format!("{word} {}\n", printable(message));
        if let Some(hint) = hint {
            text.push_str(&format!("  {}\n", printable(hint)));
        }
        write(&mut std::io::stderr().lock(), &text);
    }
}

/// Whether `NO_COLOR` and the terminal allow colours.
pub fn wants_colour(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

const fn code(style: Style) -> &'static str {
    match style {
        Style::Bold => "1",
        Style::Dim => "2",
        Style::Green => "32",
        Style::Yellow => "33",
        Style::Red => "31",
    }
}

/// A reader that has gone (`onroll policy show | head`) is no error.
fn write(stream: &mut impl Write, text: &str) {
    let _ = stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush());
}

/// Text without anything that steers a terminal: control characters but line ends, and marks that turn the direction of
/// writing, become `?`.
pub fn printable(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if steers(c) { '?' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_passes() {
        assert_eq!(
            printable("a\u{1b}[31mb\rc\u{7f}\u{9b}d\u{202e}e\nf"),
            "a?[31mb?c??d?e\nf"
        );
    }
}
