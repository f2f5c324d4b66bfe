//! `onroll.toml` and the flags that override it, as one checked struct.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::WorkspaceError;

/// The file's name in a workspace.
pub const SETTINGS_FILE: &str = "onroll.toml";

/// Every key the file may hold.
const KEYS: &[&str] = &[
    "policy",
    "key",
    "previous_key",
    "mis",
    "decisions",
    "directory",
    "runs",
    "windows_1252",
    "office_names",
    "report_rows_max",
    "archive_days",
];

/// `onroll.toml` as it stands in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    policy: String,
    key: Option<PathBuf>,
    previous_key: Option<PathBuf>,
    mis: Option<PathBuf>,
    decisions: Option<PathBuf>,
    directory: Option<PathBuf>,
    runs: Option<PathBuf>,
    #[serde(default)]
    windows_1252: bool,
    #[serde(default)]
    office_names: bool,
    report_rows_max: Option<usize>,
    archive_days: Option<u32>,
}

/// What the command line says instead of the file; paths are relative to where the command was started.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// A shipped policy's name or a folder.
    pub policy: Option<String>,
    /// The key of person_refs.
    pub key: Option<PathBuf>,
    /// Folder of the exports.
    pub mis: Option<PathBuf>,
    /// Folder of the decisions.
    pub decisions: Option<PathBuf>,
    /// Folder of the snapshots.
    pub directory: Option<PathBuf>,
    /// Folder of the runs.
    pub runs: Option<PathBuf>,
}

/// Which policy decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyChoice {
    /// One that comes with onroll.
    Shipped(String),
    /// A folder with `policy.toml` and the decision tables.
    Folder(PathBuf),
}

/// A workspace's settings, every path ready to use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which policy decides.
    pub policy: PolicyChoice,
    /// The key of person_refs.
    pub key: PathBuf,
    /// A second key under which people may still be known.
    pub previous_key: Option<PathBuf>,
    /// Folder of the exports.
    pub mis: PathBuf,
    /// Folder of the decisions.
    pub decisions: PathBuf,
    /// Folder of the snapshots and of `CURRENT`.
    pub directory: PathBuf,
    /// Folder of the runs.
    pub runs: PathBuf,
    /// Whether files that are not UTF-8 are read as Windows-1252.
    pub windows_1252: bool,
    /// Whether the lists for school offices name people.
    pub office_names: bool,
    /// Most records that `snapshot.diff` and the like show.
    pub report_rows_max: usize,
    /// Days for which runs keep names, usernames and field values; never more than 30 (SPEC §15).
    pub archive_days: u32,
}

impl Settings {
    /// Reads `onroll.toml` of a workspace; flags win over it, and `key_file` (`ONROLL_KEY_FILE`) over its `key`.
    pub fn read(
        root: &Path,
        flags: &Overrides,
        key_file: Option<PathBuf>,
    ) -> Result<Settings, WorkspaceError> {
        let path = root.join(SETTINGS_FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(WorkspaceError::NoWorkspace(root.to_owned()));
            }
            Err(e) => return Err(WorkspaceError::io("read", &path, e)),
        };
        let written = parse(&text).map_err(WorkspaceError::Settings)?;
        Ok(resolve(root, written, flags, key_file))
    }
}

fn parse(text: &str) -> Result<Written, String> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| place(text, &e))?;
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!(
            "`{key}` is not a setting; did you mean `{}`?",
            nearest(key, KEYS)
        ));
    }
    let written: Written = toml::from_str(text).map_err(|e| place(text, &e))?;
    if written
        .archive_days
        .is_some_and(|days| days == 0 || days > 30)
    {
        return Err("`archive_days` must be from 1 to 30".to_owned());
    }
    if written.policy.is_empty() {
        return Err("`policy` must be `hwb`, `glow` or a folder".to_owned());
    }
    Ok(written)
}

/// An error of the TOML reader with its line, without the excerpt.
fn place(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| {
        1 + text.as_bytes()[..span.start.min(text.len())]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
    });
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

fn resolve(
    root: &Path,
    written: Written,
    flags: &Overrides,
    key_file: Option<PathBuf>,
) -> Settings {
    let path = |flag: &Option<PathBuf>, setting: Option<PathBuf>, usual: &str| match flag {
        Some(flag) => flag.clone(),
        None => root.join(setting.unwrap_or_else(|| usual.into())),
    };
    let key = flags
        .key
        .clone()
        .or(key_file)
        .or_else(|| written.key.map(|key| root.join(key)));
    Settings {
        policy: choose_policy(root, flags.policy.as_deref(), &written.policy),
        key: key.unwrap_or_else(|| default_key(root)),
        previous_key: written.previous_key.map(|key| root.join(key)),
        mis: path(&flags.mis, written.mis, "mis"),
        decisions: path(&flags.decisions, written.decisions, "decisions"),
        directory: path(&flags.directory, written.directory, "directory"),
        runs: path(&flags.runs, written.runs, "runs"),
        windows_1252: written.windows_1252,
        office_names: written.office_names,
        report_rows_max: written.report_rows_max.unwrap_or(5000),
        archive_days: written.archive_days.unwrap_or(30),
    }
}

/// A bare word is a shipped policy, anything with a dot or slash in it a folder: below the workspace when the file
/// says so, below the place of the command when the flag does.
fn choose_policy(root: &Path, flag: Option<&str>, setting: &str) -> PolicyChoice {
    match flag {
        Some(flag) => PolicyChoice::of(flag, Path::new("")),
        None => PolicyChoice::of(setting, root),
    }
}

impl PolicyChoice {
    /// What a word in `onroll.toml` or behind `--policy` stands for; folders are relative to `base`.
    pub fn of(word: &str, base: &Path) -> PolicyChoice {
        if word.contains(['/', '\\', '.']) {
            PolicyChoice::Folder(base.join(word))
        } else {
            PolicyChoice::Shipped(word.to_owned())
        }
    }
}

/// `DIR.key` beside the workspace `DIR`.
pub fn default_key(root: &Path) -> PathBuf {
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let root: PathBuf = root.canonicalize().unwrap_or(root);
    let name = root
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_else(|| "onroll".to_owned());
    root.with_file_name(format!("{name}.key"))
}

/// The known word that takes the fewest single-letter edits.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> &'a str {
    known
        .iter()
        .copied()
        .min_by_key(|candidate| edits(word, candidate))
        .unwrap_or_default()
}

fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        let error = parse("policy = 'hwb'\nreport_row_max = 3\n").unwrap_err();
        assert_eq!(
            error,
            "`report_row_max` is not a setting; did you mean `report_rows_max`?"
        );
    }

    #[test]
    fn a_broken_file_names_its_line() {
        assert!(
            parse("policy = 'hwb'\nmis = 3\n")
                .unwrap_err()
                .starts_with("line 2:")
        );
        assert!(
            parse("policy = 'hwb'\narchive_days = 31\n")
                .unwrap_err()
                .contains("1 to 30")
        );
    }

    #[test]
    fn flags_win_over_the_environment_over_the_file_over_the_default() {
        let root = Path::new("/w/school");
        let written = |key: &str| parse(&format!("policy = './rules'\n{key}")).unwrap();
        let flags = Overrides {
            key: Some("k1".into()),
            mis: Some("here".into()),
            ..Overrides::default()
        };
        let all = resolve(root, written("key = '../k3'"), &flags, Some("k2".into()));
        assert_eq!(
            (all.key, all.mis),
            (PathBuf::from("k1"), PathBuf::from("here"))
        );
        let none = Overrides::default();
        assert_eq!(
            resolve(root, written("key = '../k3'"), &none, Some("k2".into())).key,
            PathBuf::from("k2")
        );
        assert_eq!(
            resolve(root, written("key = '../k3'"), &none, None).key,
            PathBuf::from("/w/school/../k3")
        );
        let plain = resolve(root, written(""), &none, None);
        assert_eq!(plain.key, PathBuf::from("/w/school.key"));
        assert_eq!(
            plain.policy,
            PolicyChoice::Folder("/w/school/./rules".into())
        );
        assert_eq!(plain.runs, PathBuf::from("/w/school/runs"));
    }
}
