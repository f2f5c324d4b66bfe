//! One line with quotes, or otherwise out of the ordinary, split into fields.

/// A field of a line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub text: String,
}

/// A quote that is not closed on its line, or is followed by more text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadQuote;

/// Splits one line. A quoted field ends on its line: a cell with a line break would be refused anyway
/// (control characters), and a forgotten quote must not swallow the rest of the file.
pub(super) fn split(line: &str) -> Result<Vec<Field>, BadQuote> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => take_quoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        fields.push(Field { text: field });
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(fields),
            None => return Err(BadQuote),
        }
    }
}

/// The content of a field whose opening quote has been taken, and what follows its closing quote.
fn take_quoted(mut rest: &str) -> Result<(String, &str), BadQuote> {
    let mut text = String::new();
    loop {
        let end = rest.find('"').ok_or(BadQuote)?;
        text.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                rest = more;
            }
            None => return Ok((text, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        split(line).unwrap().into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn lines_split_as_the_csv_crate_splits_them() {
        for line in [
            r#"a,b"#,
            r#""a,b",c"#,
            r#""a ""b""",,"""#.trim_end_matches('"'),
            r#","",x"y,"#,
            r#""""""#,
        ] {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(line.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!(texts(line), record.iter().collect::<Vec<_>>(), "{line}");
        }
    }

    #[test]
    fn a_quote_must_close_on_its_line_and_end_its_field() {
        assert_eq!(split(r#"a,"b"#), Err(BadQuote));
        assert_eq!(split(r#"a,"b"c,d"#), Err(BadQuote));
    }
}
