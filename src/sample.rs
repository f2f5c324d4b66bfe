//! The sample nights, carried inside the binary: a summer in Wales and one in Scotland.
//!
//! `sample-data/` holds them; `examples/sample_nights` writes them. A night's
//! folder holds only the files that changed since the night before, so nights
//! are laid over one workspace in order.

use std::io;
use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

static HWB: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample-data/hwb");
static ADOPTION: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample-data/adoption");
static GLOW: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample-data/glow");

/// The nights of one platform, in order.
#[derive(Debug)]
pub struct Story {
    /// Its own name, and that of the workspace in which it is played.
    pub name: String,
    /// Name of the policy: `hwb` or `glow`.
    pub policy: String,
    /// It is played with groups switched on.
    pub groups: bool,
    /// What the story is about.
    pub title: String,
    /// The nights, each as-of after the one before.
    pub nights: Vec<Night>,
}

/// One night: what happened in the schools, and the files it changed.
#[derive(Debug)]
pub struct Night {
    /// Date of the run, `YYYY-MM-DD`.
    pub as_of: String,
    /// A few words.
    pub title: String,
    /// What happened, and what onroll shows.
    pub text: String,
    /// An earlier night that only makes history for the story.
    pub prologue: bool,
    /// What somebody approves before this night, with the run of the night before.
    pub approve: Option<Approve>,
    /// A file of the night that is taken over as an existing directory; nothing else happens that night.
    pub adopt: Option<String>,
    /// An archived group that somebody asks back.
    pub restore: Option<Restore>,
    /// Changed files: path below the workspace, with `/`, and content; sorted by path.
    pub files: Vec<(String, &'static [u8])>,
}

/// The arguments of an `onroll approve` between two nights.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Id of the guard that held something the night before.
    pub guard: String,
    /// Who approves.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Last day of the approval, `YYYY-MM-DD`.
    pub expires: String,
}

/// A `restore_group` decision of the night. The group's id is made with the key, so the sample cannot name it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// The decision's id.
    pub decision_id: String,
    /// Who decides.
    pub by: String,
    /// The school.
    pub establishment: String,
    /// The class.
    pub class_id: String,
    /// Its year.
    pub academic_year: String,
    /// What it is wanted for.
    pub note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoryFile {
    policy: String,
    #[serde(default)]
    groups: bool,
    title: String,
    night: Vec<NightFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NightFile {
    as_of: String,
    title: String,
    text: String,
    #[serde(default)]
    prologue: bool,
    approve: Option<Approve>,
    adopt: Option<String>,
    restore: Option<Restore>,
}

/// The names of the samples, in the order in which they are played.
pub const NAMES: [&str; 3] = ["hwb", "adoption", "glow"];

/// The sample nights of a name; `None` for one that has no sample.
///
/// # Errors
/// When the embedded story cannot be read, which a test rules out.
pub fn story(name: &str) -> Option<io::Result<Story>> {
    match name {
        "hwb" => Some(read(name, &HWB)),
        "adoption" => Some(read(name, &ADOPTION)),
        "glow" => Some(read(name, &GLOW)),
        _ => None,
    }
}

fn read(name: &str, dir: &'static Dir<'static>) -> io::Result<Story> {
    let broken =
        |what: String| io::Error::new(io::ErrorKind::InvalidData, format!("sample nights: {what}"));
    let text = dir
        .get_file("story.toml")
        .and_then(|f| f.contents_utf8())
        .unwrap_or_default();
    let story: StoryFile = toml::from_str(text).map_err(|e| broken(e.message().to_string()))?;
    let nights = story.night.into_iter().map(|night| {
        let folder = dir.get_dir(format!("nights/{}", night.as_of));
        let folder = folder.ok_or_else(|| broken(format!("no folder for {}", night.as_of)))?;
        let mut files = Vec::new();
        collect(folder, folder.path(), &mut files);
        files.sort();
        let NightFile {
            as_of,
            title,
            text,
            prologue,
            approve,
            adopt,
            restore,
        } = night;
        Ok(Night {
            as_of,
            title,
            text,
            prologue,
            approve,
            adopt,
            restore,
            files,
        })
    });
    Ok(Story {
        name: name.to_owned(),
        policy: story.policy,
        groups: story.groups,
        title: story.title,
        nights: nights.collect::<io::Result<_>>()?,
    })
}

fn collect(dir: &'static Dir<'static>, base: &Path, into: &mut Vec<(String, &'static [u8])>) {
    for file in dir.files() {
        let path = file.path().strip_prefix(base).unwrap_or(file.path());
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        into.push((parts.join("/"), file.contents()));
    }
    for sub in dir.dirs() {
        collect(sub, base, into);
    }
}

impl Night {
    /// Writes the night's files into a workspace folder, over those of the night before.
    ///
    /// # Errors
    /// When a folder or file cannot be written.
    pub fn lay_over(&self, workspace: &Path) -> io::Result<()> {
        for (path, bytes) in &self.files {
            let path = workspace.join(path);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, bytes)?;
            crate::workspace::files::close_file(&path)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_night_follows_the_one_before_and_says_when_each_school_exported() {
        for policy in ["hwb", "glow"] {
            let story = story(policy).expect("a sample").expect("a readable story");
            assert_eq!(story.policy, policy);
            assert!(story.nights.is_sorted_by(|a, b| a.as_of < b.as_of));
            assert!(
                story
                    .nights
                    .iter()
                    .all(|n| n.files.iter().any(|(path, _)| path == "mis/exports.csv"))
            );
        }
    }

    #[test]
    fn a_later_night_replaces_files_of_an_earlier_one() {
        let story = story("hwb").expect("a sample").expect("a readable story");
        let folder = tempfile::tempdir().expect("a folder");
        for night in &story.nights[..2] {
            night.lay_over(folder.path()).expect("written");
        }
        let exports = std::fs::read(folder.path().join("mis/exports.csv")).expect("there");
        let second = story.nights[1]
            .files
            .iter()
            .find(|(path, _)| path == "mis/exports.csv")
            .expect("listed");
        assert_eq!(exports, second.1);
        assert!(folder.path().join("mis/authorities.csv").exists());
    }
}
