//! A new workspace: folders, settings, an empty snapshot.

use std::path::Path;

use super::{CURRENT_FILE, SETTINGS_FILE, WorkspaceError, approvals, files};

/// What a new workspace begins with.
#[derive(Clone, Copy, Debug)]
pub struct NewWorkspace<'a> {
    /// Its folder: not there yet, or empty.
    pub root: &'a Path,
    /// A shipped policy's name or a folder, as it will stand in `onroll.toml`.
    pub policy: &'a str,
    /// The key's path as it will stand in `onroll.toml`; `None` for `DIR.key` beside the workspace.
    pub key: Option<&'a Path>,
}

const IGNORED: &str = "\
# Everything here is about people. Only the settings and a policy of your own belong under version control.
/mis/
/decisions/
/directory/
/runs/
/parts/
*.key
";

/// Refuses a folder that holds anything.
pub fn refuse_occupied(root: &Path) -> Result<(), WorkspaceError> {
    files::refuse_links(root, 0)?;
    match std::fs::read_dir(root).map(|entries| entries.count()) {
        Ok(0) => Ok(()),
        Ok(_) => Err(WorkspaceError::NotEmpty(root.to_owned())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(WorkspaceError::io("look into", root, e)),
    }
}

/// Makes a workspace. `write_snapshot` fills an empty folder with the empty snapshot and returns its name. The settings
/// are written last: a folder without them is no workspace.
pub fn init<E: From<WorkspaceError>>(
    new: NewWorkspace<'_>,
    write_snapshot: impl FnOnce(&Path) -> Result<String, E>,
) -> Result<(), E> {
    refuse_occupied(new.root)?;
    let directory = new.root.join("directory");
    for folder in [
        new.root.to_owned(),
        new.root.join("mis"),
        new.root.join("decisions").join(approvals::FOLDER),
        new.root.join("runs"),
        directory.clone(),
    ] {
        files::make_folder(&folder)?;
    }
    files::make_folder(&new.root.join("decisions"))?;
    let temporary = directory.join(format!("{}snapshot", files::TEMPORARY));
    files::make_folder(&temporary)?;
    let name = write_snapshot(&temporary)?;
    files::seal(&temporary)?;
    std::fs::rename(&temporary, directory.join(&name))
        .map_err(|e| WorkspaceError::io("put in place", &directory, e))?;
    files::replace(
        &directory.join(CURRENT_FILE),
        format!("{name}\n").as_bytes(),
    )?;
    files::write_new(&new.root.join(".gitignore"), IGNORED.as_bytes())?;
    files::write_new(
        &new.root.join(SETTINGS_FILE),
        settings_text(&new).as_bytes(),
    )?;
    Ok(())
}

fn settings_text(new: &NewWorkspace<'_>) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let key = match new.key {
        Some(key) => format!("key = {}", quoted(&key.to_string_lossy())),
        None => {
            "# key = \"../NAME.key\"          # default: NAME.key beside this folder".to_owned()
        }
    };
    format!(
        "\
# Settings of this workspace. Paths are relative to this file; every one has a flag.
policy = {}
{key}
# previous_key = \"../old.key\"   # people still known under an earlier key
# mis = \"mis\"                   # what the schools' systems exported
# decisions = \"decisions\"       # what people decided
# directory = \"directory\"       # the snapshots
# runs = \"runs\"                 # one folder per run
# windows_1252 = false          # read files that are not UTF-8 as Windows-1252
# office_names = false          # names in the lists for school offices
# report_rows_max = 5000        # most records shown in snapshot.diff and report.html
# archive_days = 30             # days for which runs keep names; never more than 30
",
        quoted(new.policy)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Overrides, PolicyChoice, Workspace};

    #[test]
    fn a_new_workspace_opens_and_a_second_init_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("school");
        let new = NewWorkspace {
            root: &root,
            policy: "hwb",
            key: Some(Path::new("../k\"1.key")),
        };
        let empty = |folder: &Path| {
            files::write_new(&folder.join("snapshot.json"), b"{}").map(|()| "s0".to_owned())
        };
        init(new, empty).unwrap();
        let workspace = Workspace::open(&root, &Overrides::default(), None).unwrap();
        assert_eq!(
            workspace.settings.policy,
            PolicyChoice::Shipped("hwb".to_owned())
        );
        assert_eq!(workspace.settings.key, root.join("../k\"1.key"));
        assert_eq!(
            workspace.live_snapshot().unwrap(),
            root.join("directory/s0")
        );
        assert!(matches!(init(new, empty), Err(WorkspaceError::NotEmpty(_))));
    }
}
