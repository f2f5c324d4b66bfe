//! Bytes of a file to text, or a clear word why not.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memchr;

/// What keeps a file from being read at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub code: &'static str,
    /// Line of the first bad byte; 0 when it is of the whole file.
    pub line: u64,
    pub message: String,
    pub fix: &'static str,
}

impl Trouble {
    pub(super) fn new(code: &'static str, message: impl Into<String>, fix: &'static str) -> Self {
        Trouble {
            code,
            line: 0,
            message: message.into(),
            fix,
        }
    }
}

/// Text of a file and where its content begins (after a byte-order mark).
///
/// UTF-8 strictly; UTF-16 by its byte-order mark; Windows-1252 only when allowed, and only if the bytes are no UTF-8.
pub(super) fn decode(bytes: Vec<u8>, windows_1252: bool) -> Result<(String, usize), Trouble> {
    if bytes.len() >= u32::MAX as usize / 2 {
        return Err(Trouble::new(
            "file_too_large",
            "the file is larger than 2 GiB",
            "Split the table into several files.",
        ));
    }
    let (text, start) = match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => (utf_16(UTF_16LE, rest)?, 0),
        [0xFE, 0xFF, rest @ ..] => (utf_16(UTF_16BE, rest)?, 0),
        _ => {
            let start = if bytes.starts_with(b"\xEF\xBB\xBF") {
                3
            } else {
                0
            };
            (utf_8(bytes, windows_1252)?, start)
        }
    };
    if memchr(0, text.as_bytes()).is_some() {
        let line = line_of(text.as_bytes(), memchr(0, text.as_bytes()).unwrap_or(0));
        let message = "the file holds NUL bytes: it was damaged on the way, or is UTF-16 without a byte-order mark";
        return Err(Trouble {
            line,
            ..Trouble::new("nul_bytes", message, "Export the table again as UTF-8 CSV.")
        });
    }
    let head = text[start..].trim_start().as_bytes();
    if head.first() == Some(&b'<') {
        let message = "the file is a web page or XML, not CSV: the download was probably answered by a sign-in page";
        return Err(Trouble::new(
            "not_csv",
            message,
            "Fetch the export again and look at its first line.",
        ));
    }
    Ok((text, start))
}

fn utf_16(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, Trouble> {
    let (text, bad) = encoding.decode_without_bom_handling(bytes);
    if bad {
        let message = "the file says it is UTF-16 and is not valid UTF-16";
        return Err(Trouble::new(
            "encoding",
            message,
            "Export the table again as UTF-8 CSV.",
        ));
    }
    Ok(text.into_owned())
}

fn utf_8(bytes: Vec<u8>, windows_1252: bool) -> Result<String, Trouble> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    let bytes = error.into_bytes();
    if windows_1252 {
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
        return Ok(text.into_owned());
    }
    let message = "the file is not valid UTF-8 from this line on";
    let fix = "Export the table as UTF-8, or allow Windows-1252 for this source if that is what it writes.";
    Err(Trouble {
        line: line_of(&bytes, at),
        ..Trouble::new("encoding", message, fix)
    })
}

/// The line on which a byte stands, counting from 1.
fn line_of(bytes: &[u8], at: usize) -> u64 {
    let before = &bytes[..at];
    let feeds = before.iter().filter(|&&b| b == b'\n').count();
    let bare = before
        .iter()
        .zip(bytes[1..].iter())
        .filter(|&(&a, &b)| a == b'\r' && b != b'\n')
        .count();
    (feeds + bare) as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_read_by_its_mark_in_either_order() {
        let little: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("Siân".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let big: Vec<u8> = [0xFE, 0xFF]
            .into_iter()
            .chain("Siân".encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        assert_eq!(decode(little, false).unwrap().0, "Siân");
        assert_eq!(decode(big, false).unwrap().0, "Siân");
    }

    #[test]
    fn windows_1252_is_read_only_where_allowed_and_the_line_is_told() {
        let bytes = b"name\nSi\xE2n\n".to_vec();
        assert_eq!(decode(bytes.clone(), true).unwrap().0, "name\nSiân\n");
        let trouble = decode(bytes, false).unwrap_err();
        assert_eq!((trouble.code, trouble.line), ("encoding", 2));
    }

    #[test]
    fn utf_8_stays_utf_8_where_windows_1252_is_allowed() {
        assert_eq!(decode("Siân".as_bytes().to_vec(), true).unwrap().0, "Siân");
    }

    #[test]
    fn pages_and_nul_bytes_are_no_tables() {
        assert_eq!(
            decode(b"\n <!DOCTYPE html><html>".to_vec(), false)
                .unwrap_err()
                .code,
            "not_csv"
        );
        let trouble = decode(b"a,b\n1,2\n1,\0\0".to_vec(), false).unwrap_err();
        assert_eq!((trouble.code, trouble.line), ("nul_bytes", 3));
    }
}
