//! The ways in which an export is damaged.

use std::collections::HashSet;
use std::io;

use super::mis::{Copy, Target};
use super::numbers::Numbers;

/// One way.
pub struct Damage {
    /// Its name, `snake_case`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    /// Damages a copy; `false` where tonight's input has nothing to damage in this way.
    pub apply: fn(&Copy, &Target) -> io::Result<bool>,
}

/// All of them: files first, then exports, then what stands in the rows.
pub const DAMAGES: [Damage; 19] = [
    Damage {
        name: "learners_empty",
        what: "the learners table has no bytes",
        apply: |copy, _| copy.bytes("learners", |_| Some(Vec::new())),
    },
    Damage {
        name: "learners_header_only",
        what: "the learners table has a header and no rows",
        apply: |copy, _| copy.rows("learners", |_, _| false),
    },
    Damage {
        name: "learners_cut",
        what: "the transfer broke: half of the largest learners file",
        apply: |copy, _| half(copy),
    },
    Damage {
        name: "column_renamed",
        what: "an update of the MIS calls leaving_date otherwise",
        apply: |copy, _| {
            copy.bytes("learners", |bytes| {
                replaced(&bytes, b"leaving_date", b"date_left")
            })
        },
    },
    Damage {
        name: "other_encoding",
        what: "the learners table was saved as UTF-16",
        apply: |copy, _| copy.bytes("learners", |bytes| utf_16(&bytes)),
    },
    Damage {
        name: "accents_lost",
        what: "every letter with an accent became a question mark",
        apply: |copy, _| copy.bytes("learners", |bytes| question_marks(&bytes)),
    },
    Damage {
        name: "school_twice",
        what: "one school's rows stand in two files",
        apply: twice,
    },
    Damage {
        name: "exports_missing",
        what: "there is no exports table",
        apply: |copy, _| {
            let files = copy.files("exports")?;
            files.iter().try_for_each(std::fs::remove_file)?;
            Ok(!files.is_empty())
        },
    },
    Damage {
        name: "exports_old",
        what: "every export is a month old",
        apply: |copy, target| {
            let long_ago = target.long_ago.to_string();
            write(copy, "exports", None, "exported_at", &long_ago)
        },
    },
    Damage {
        name: "school_incomplete",
        what: "one school's export says that it broke off",
        apply: |copy, target| write(copy, "exports", Some(target), "status", "partial"),
    },
    Damage {
        name: "school_missing",
        what: "one school's learners are not in the table",
        apply: |copy, target| {
            copy.rows("learners", |columns, row| {
                !columns.is_of(row, &target.school)
            })
        },
    },
    Damage {
        name: "tenth_missing",
        what: "every tenth learner is not in the table",
        apply: |copy, _| {
            let mut row = 0_u64;
            copy.rows("learners", |_, _| {
                row += 1;
                !row.is_multiple_of(10)
            })
        },
    },
    Damage {
        name: "school_left",
        what: "one school's learners all left yesterday",
        apply: |copy, target| {
            let yesterday = target.yesterday.to_string();
            write(copy, "learners", Some(target), "leaving_date", &yesterday)
        },
    },
    Damage {
        name: "everyone_left",
        what: "all learners left yesterday",
        apply: |copy, target| {
            let yesterday = target.yesterday.to_string();
            write(copy, "learners", None, "leaving_date", &yesterday)
        },
    },
    Damage {
        name: "identifiers_changed",
        what: "one school's learners all have another identifier",
        apply: renumbered,
    },
    Damage {
        name: "school_not_maintained",
        what: "one school is no longer maintained by the state",
        apply: |copy, target| write(copy, "establishments", Some(target), "maintained", "N"),
    },
    Damage {
        name: "school_not_in",
        what: "one school no longer shares data",
        apply: |copy, target| {
            Ok(target.asks_consent
                && write(copy, "establishments", Some(target), "data_sharing", "N")?)
        },
    },
    Damage {
        name: "authorities_not_in",
        what: "no authority shares data any more",
        apply: |copy, target| {
            Ok(target.asks_consent && write(copy, "authorities", None, "data_sharing", "N")?)
        },
    },
    Damage {
        name: "school_opted_out",
        what: "one school's learners all opted out",
        apply: |copy, target| {
            Ok(target.asks_consent && write(copy, "learners", Some(target), "data_sharing", "N")?)
        },
    },
];

/// Writes a value into a column, in the rows of the school alone or in all.
fn write(
    copy: &Copy,
    table: &str,
    school: Option<&Target>,
    column: &str,
    value: &str,
) -> io::Result<bool> {
    copy.rows(table, |columns, row| {
        if school.is_none_or(|target| columns.is_of(row, &target.school)) {
            columns.set(row, column, value);
        }
        true
    })
}

fn half(copy: &Copy) -> io::Result<bool> {
    let mut largest = None;
    for path in copy.files("learners")? {
        let bytes = std::fs::metadata(&path)?.len();
        if largest.as_ref().is_none_or(|(most, _)| bytes > *most) {
            largest = Some((bytes, path));
        }
    }
    let Some((bytes, path)) = largest else {
        return Ok(false);
    };
    let file = std::fs::OpenOptions::new().write(true).open(path)?;
    file.set_len(bytes / 2)?;
    Ok(true)
}

/// The bytes with the first `from` in their first line replaced.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let at = line.windows(from.len()).position(|part| part == from)?;
    Some([&bytes[..at], to, &bytes[at + from.len()..]].concat())
}

fn utf_16(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

fn question_marks(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let lost = text.replace(
        |letter: char| !letter.is_ascii() && letter != '\u{feff}',
        "?",
    );
    (lost != text).then(|| lost.into_bytes())
}

/// The rows of one school once more, in a file beside those that there are.
fn twice(copy: &Copy, target: &Target) -> io::Result<bool> {
    let folder = copy.path().join("learners");
    let files = copy.files("learners")?;
    let Some(of_school) = files.iter().find_map(|path| {
        let bytes = std::fs::read(path).ok()?;
        only(&bytes, &target.school)
    }) else {
        return Ok(false);
    };
    if !folder.is_dir() {
        std::fs::create_dir(&folder)?;
        std::fs::rename(&files[0], folder.join("all.csv"))?;
    }
    std::fs::write(folder.join("once_more.csv"), of_school)?;
    Ok(true)
}

/// The rows of one school; `None` where there are none.
fn only(bytes: &[u8], school: &str) -> Option<Vec<u8>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.byte_headers().ok()?.clone();
    let at = header
        .iter()
        .position(|cell| cell.ends_with(b"establishment"))?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_byte_record(&header).ok()?;
    let mut found = false;
    for record in reader.byte_records().filter_map(Result::ok) {
        if record.get(at) == Some(school.as_bytes()) {
            writer.write_byte_record(&record).ok()?;
            found = true;
        }
    }
    found.then(|| writer.into_inner().ok()).flatten()
}

fn renumbered(copy: &Copy, target: &Target) -> io::Result<bool> {
    let mut taken = HashSet::new();
    copy.rows("learners", |columns, row| {
        taken.extend(columns.get(row, "learner_id").map(<[u8]>::to_vec));
        true
    })?;
    let mut numbers = Numbers::beside(target.learner, taken);
    copy.rows("learners", |columns, row| {
        if columns.is_of(row, &target.school)
            && let Some(identifier) = columns.get(row, "learner_id")
        {
            let other = numbers.instead_of(identifier);
            columns.set(row, "learner_id", other);
        }
        true
    })
}
