//! `onroll adopt`: the first snapshot from an export of a directory that exists already.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::args::{Answer, Form, Global, Places, date, today};
use super::outcome::{CliError, Outcome};
use super::screen::Screen;
use super::setting;
use super::summary;
use crate::adopt::{self, Adopted, Desk};
use crate::directory::{self, Meta, Snapshot, sha256};
use crate::identity::Keys;
use crate::intake;
use crate::model::{Date, InputFile};
use crate::policy::Policy;
use crate::report::{self, AboutAdoption};
use crate::table::{ReadOptions, spec};
use crate::workspace::{
    FileMark, Inputs, PolicyMark, RunFolder, RunRecord, RunState, Turn, Workspace, WorkspaceError,
};

#[derive(Debug, Args)]
pub struct Adopt {
    /// The export: one CSV table of every account, in use or not
    file: PathBuf,
    /// The date of the first snapshot [default: today in London]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    as_of: Option<Date>,
    /// Leave out rows that cannot be adopted; their usernames are never issued again
    #[arg(long)]
    leave_out_faulty: bool,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    places: Places,
}

impl Adopt {
    pub fn run(self, global: &Global, screen: &Screen) -> Result<Outcome, CliError> {
        let workspace = self.places.open(global)?;
        let as_of = self.as_of.unwrap_or_else(today);
        if as_of > today() {
            tracing::warn!(
                "{as_of} lies ahead of today; no night before it can run on this directory"
            );
        }
        let policy = setting::policy(&workspace)?;
        let keys = setting::keys(&workspace)?;
        let bytes = std::fs::read(&self.file).map_err(|e| {
            CliError::failed(format!("{} cannot be read: {e}", self.file.display()))
        })?;
        workspace.make_directory()?;
        let mut turn = workspace.begin(&format!("onroll adopt for {as_of}"))?;
        summary::settled(screen, &turn);
        let empty = vacant(&workspace, &keys, &policy)?;
        let night = Night {
            as_of,
            workspace: &workspace,
            policy: &policy,
            keys: &keys,
            leave_out: self.leave_out_faulty,
        };
        let told = night.adopt(&mut turn, &self.file, bytes, empty)?;
        tell(screen, self.answer.format, &told);
        Ok(told.outcome)
    }
}

/// Takes an existing directory over, for the demonstration: a refusal is a failure there.
pub fn take_over(
    turn: &mut Turn<'_>,
    workspace: &Workspace,
    policy: &Policy,
    as_of: Date,
    file: &Path,
    leave_out: bool,
) -> Result<Adopted, CliError> {
    let keys = setting::keys(workspace)?;
    let empty = vacant(workspace, &keys, policy)?;
    let bytes = std::fs::read(file)
        .map_err(|e| CliError::failed(format!("the sample's export cannot be read: {e}")))?;
    let night = Night {
        as_of,
        workspace,
        policy,
        keys: &keys,
        leave_out,
    };
    let told = night.adopt(turn, file, bytes, empty)?;
    match told.outcome {
        Outcome::Done => Ok(told.adopted),
        _ => Err(CliError::failed("the sample's directory cannot be adopted")),
    }
}

/// Makes sure that nothing would be overwritten; the empty snapshot that gives way, if there is one.
fn vacant(workspace: &Workspace, keys: &Keys, policy: &Policy) -> Result<Option<Meta>, CliError> {
    let refused = |message: &str, hint: &str| CliError::new(Outcome::Refused, message).hint(hint);
    let elsewhere = "Adopt into a workspace of its own: `onroll init DIR --policy …`.";
    let Some(name) = workspace.current()? else {
        return match workspace.has_stray_snapshot()? {
            true => Err(refused(
                "a snapshot lies in directory/ and CURRENT does not name it",
                "Write its folder's name into CURRENT, or adopt into a workspace of its own.",
            )),
            false => Ok(None),
        };
    };
    let known: Vec<_> = keys
        .all()
        .map(|k| (k.id().to_string(), k.fingerprint()))
        .collect();
    let snapshot = Snapshot::read(&workspace.snapshot(&name), &known)
        .map_err(|e| refused(&e.to_string(), elsewhere))?;
    if snapshot.meta.as_of.is_some()
        || !snapshot.accounts.is_empty()
        || !snapshot.retired.is_empty()
    {
        let message =
            "the directory has been adopted or run already, and nothing of it is overwritten";
        return Err(refused(message, elsewhere));
    }
    if snapshot.meta.policy != policy.params.name {
        let message = "the workspace was made for a policy of another name";
        return Err(refused(
            message,
            "Adopt with the policy the workspace was made for.",
        ));
    }
    Ok(Some(snapshot.meta))
}

/// One adoption.
struct Night<'a> {
    as_of: Date,
    workspace: &'a Workspace,
    policy: &'a Policy,
    keys: &'a Keys,
    leave_out: bool,
}

/// How it ended.
struct Told {
    outcome: Outcome,
    adopted: Adopted,
    run: RunFolder,
}

impl Night<'_> {
    fn adopt(
        &self,
        turn: &mut Turn<'_>,
        file: &Path,
        bytes: Vec<u8>,
        empty: Option<Meta>,
    ) -> Result<Told, CliError> {
        let name = file
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let windows_1252 = self.workspace.settings.windows_1252;
        let (authorities, mut files) = authorities(self.workspace);
        let digest = sha256(&bytes);
        files.push(InputFile {
            label: name.clone(),
            bytes: bytes.len() as u64,
            sha256: digest.clone(),
        });
        let desk = Desk {
            as_of: self.as_of,
            params: &self.policy.params,
            keys: self.keys,
            authorities,
            leave_out: self.leave_out,
        };
        let adopted = adopt::adopt(&desk, &name, bytes, windows_1252);
        let mut record = self.record(&adopted, &digest, &files);
        if adopted.is_refused() {
            let run = turn.file(record, |folder, _| {
                report::write_refusal(folder, self.as_of, &adopted.faults)
                    .map_err(|e| WorkspaceError::io("write the report in", folder, e))
            })?;
            let outcome = Outcome::Refused;
            return Ok(Told {
                outcome,
                adopted,
                run,
            });
        }
        record
            .intended
            .insert("adopt".to_owned(), adopted.accounts.len() as u64);
        let about = AboutAdoption {
            as_of: self.as_of,
            file: &name,
            sha256: &digest,
            policy: &self.policy.params.name,
        };
        let run = turn.file(record, |folder, _| {
            report::write_adoption(folder, &adopted, &about)
                .map_err(|e| WorkspaceError::io("write the report in", folder, e))
        })?;
        let meta = self.meta(empty.as_ref(), &run);
        let write = |folder: &Path| {
            self.workspace.begin_snapshot()?;
            directory::write_first(folder, meta, &adopted.accounts, &adopted.tables())
                .map_err(|e| WorkspaceError::io("write the snapshot in", folder, e))
        };
        let run = turn.commit(&run, Some(write))?;
        let outcome = Outcome::Done;
        Ok(Told {
            outcome,
            adopted,
            run,
        })
    }

    fn record(&self, adopted: &Adopted, digest: &str, files: &[InputFile]) -> RunRecord {
        let state = match adopted.is_refused() {
            true => RunState::Refused,
            false => RunState::Planned,
        };
        // Whatever decides the outcome tells two adoptions apart.
        let said = format!("{digest} {} {:?}", self.leave_out, adopted.faults);
        let mut record = RunRecord::new(self.as_of, state, &sha256(said.as_bytes()));
        record.adopted = true;
        record.policy = PolicyMark {
            name: self.policy.params.name.clone(),
            digest: self.policy.digest.clone(),
            files: Vec::new(),
        };
        record.inputs = Inputs {
            digest: digest.to_owned(),
            files: files.iter().map(FileMark::from).collect(),
        };
        record.snapshot_before = self.workspace.current().ok().flatten().unwrap_or_default();
        if adopted.is_refused() {
            record.error = Some("the export cannot be adopted as it is".to_owned());
        }
        record
    }

    fn meta(&self, empty: Option<&Meta>, run: &RunFolder) -> Meta {
        Meta {
            format_version: empty.map_or(0, |meta| meta.format_version),
            as_of: Some(self.as_of),
            policy: self.policy.params.name.clone(),
            policy_digest: self.policy.digest.clone(),
            key_id: self.keys.current.id().to_string(),
            key_fingerprint: self.keys.current.fingerprint(),
            rows: BTreeMap::new(),
            digests: BTreeMap::new(),
            from: empty.map(|_| run.record.snapshot_before.clone()),
        }
    }
}

/// The authority of every establishment in `mis/establishments.csv`, and what was read for it. A table that is not there
/// or cannot be used says nothing: the first night looks at it with the gate's eyes.
fn authorities(workspace: &Workspace) -> (BTreeMap<String, String>, Vec<InputFile>) {
    let options = ReadOptions {
        windows_1252: workspace.settings.windows_1252,
        ..ReadOptions::default()
    };
    let table = intake::read_table(
        &workspace.settings.mis,
        "mis",
        &spec::ESTABLISHMENTS,
        &options,
    );
    let place = |column: &str| spec::ESTABLISHMENTS.place(column).unwrap_or_default();
    let (code, authority) = (place("establishment"), place("authority"));
    let mut authorities = BTreeMap::new();
    for file in table.files.iter().filter(|file| file.usable) {
        for row in 0..file.rows.len() {
            authorities.insert(
                file.cell(row, code).to_owned(),
                file.cell(row, authority).to_owned(),
            );
        }
    }
    (authorities, table.input_files)
}

fn tell(screen: &Screen, form: Form, told: &Told) {
    let Told {
        outcome,
        adopted,
        run,
    } = told;
    let refused = *outcome == Outcome::Refused;
    match form {
        Form::Json => screen.out(&format!("{:#}\n", as_json(told))),
        Form::Text if refused => {
            screen.styled(&report::terminal_faults(&adopted.faults, screen.colour));
            screen.out(&format!(
                "\nNothing was adopted. All faults: {}\n",
                run.path.join("faults.csv").display()
            ));
        }
        Form::Text if screen.quiet => {}
        Form::Text => {
            screen.styled(&report::terminal_faults(&adopted.faults, screen.colour));
            let lines = report::adopted_lines(adopted).join("\n");
            screen.out(&format!(
                "{lines}\nReport: {}\n",
                run.path.join("report.md").display()
            ));
        }
    }
}

fn as_json(told: &Told) -> serde_json::Value {
    let tally = &told.adopted.tally;
    json!({
        "outcome": told.outcome.as_str(),
        "exit_code": told.outcome.code(),
        "as_of": told.run.record.as_of,
        "run": told.run.name,
        "folder": told.run.path,
        "accounts": told.adopted.accounts.len(),
        "rows_left_out": tally.left_out,
        "rows_repeated": tally.repeated,
        "expiry_set": tally.expiry_set,
        "expiry_capped": tally.expiry_capped,
        "people_with_two_accounts": tally.people_twice,
        "may_return": tally.may_return,
        "faults": summary::counts(&told.adopted.faults),
        "snapshot_after": told.run.record.snapshot_after,
    })
}
