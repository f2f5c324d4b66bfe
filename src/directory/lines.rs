//! Lines of the accounts table taken apart: quickly where they have no quotes, as nearly all.

use super::Column;

/// The fields of a line without quotes; `None` of any other.
pub(super) fn plain_fields(line: &str) -> Option<[&str; Column::ALL.len()]> {
    if memchr::memchr(b'"', line.as_bytes()).is_some() {
        return None;
    }
    let mut fields = [""; Column::ALL.len()];
    let mut count = 0;
    let mut from = 0;
    for at in memchr::memchr_iter(b',', line.as_bytes()) {
        if count + 1 == fields.len() {
            break;
        }
        fields[count] = &line[from..at];
        count += 1;
        from = at + 1;
    }
    fields[count] = &line[from..];
    Some(fields)
}

/// Calls `read` with the fields of a line; only a line with a quote needs the CSV reader.
pub(super) fn with_fields<T>(line: &str, read: impl FnOnce(&[&str]) -> T) -> T {
    if let Some(fields) = plain_fields(line) {
        return read(&fields);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    // The line was written by this program and its digest checked: it is one record.
    let _ = reader.read_record(&mut record);
    let mut fields: Vec<&str> = record.iter().collect();
    fields.resize(Column::ALL.len(), "");
    read(&fields)
}

/// Calls `read` with each line of a text and its fields.
pub(super) fn for_each_line(
    text: &str,
    mut read: impl FnMut(&str, &[&str]) -> Result<(), &'static str>,
) -> Result<(), String> {
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]);
        let end = end.map_or(text.len(), |n| start + n);
        let line = &text[start..end];
        with_fields(line, |fields| read(line, fields))?;
        start = end + 1;
    }
    Ok(())
}
