//! `run.json`: what a run read, decided, meant to do and did, as a chain of digests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Date, InputFile};

/// How far a run came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// The plan is written; the directory is untouched.
    Planned,
    /// Its snapshot is being put in place.
    Intended,
    /// Applied.
    Done,
    /// It was interrupted before its snapshot went live; nothing of it was applied.
    Abandoned,
    /// An error ended it; nothing of it was applied.
    Failed,
    /// The input was refused; nothing was decided.
    Refused,
}

impl RunState {
    /// The word in `run.json` and in the chain.
    pub const fn as_str(self) -> &'static str {
        match self {
            RunState::Planned => "planned",
            RunState::Intended => "intended",
            RunState::Done => "done",
            RunState::Abandoned => "abandoned",
            RunState::Failed => "failed",
            RunState::Refused => "refused",
        }
    }
}

/// One state a run was in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// The state.
    pub state: RunState,
    /// The snapshot it made, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_after: Option<String>,
    /// A start that found the run interrupted concluded this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recovered: bool,
}

/// How long a stage took.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StageTime {
    /// The stage.
    pub stage: String,
    /// Milliseconds, by a clock on the wall.
    pub ms: u64,
}

/// A file and its digest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct FileMark {
    /// Path below the workspace folder.
    pub file: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

impl From<&FileMark> for InputFile {
    fn from(mark: &FileMark) -> Self {
        InputFile {
            label: mark.file.clone(),
            bytes: mark.bytes,
            sha256: mark.sha256.clone(),
        }
    }
}

impl From<&InputFile> for FileMark {
    fn from(file: &InputFile) -> Self {
        FileMark {
            file: file.label.clone(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        }
    }
}

/// Everything the run read besides policy and snapshot.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Inputs {
    /// Digest over all of them.
    pub digest: String,
    /// Each of them, approvals included.
    pub files: Vec<FileMark>,
}

/// Which rules decided.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PolicyMark {
    /// The policy's short name.
    pub name: String,
    /// Digest of its files.
    pub digest: String,
    /// Each of them, as the archive keeps it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileMark>,
}

/// An establishment that the gate held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeldMark {
    /// Its code.
    pub establishment: String,
    /// Code of the rule.
    pub reason: String,
    /// Whether `approve --hold` can let it through.
    pub approvable: bool,
}

/// The content of `run.json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunRecord {
    /// Version of this layout.
    pub format: u32,
    /// onroll and its version.
    pub tool: String,
    /// The date the run computed for.
    pub as_of: Date,
    /// Place in the order in which this workspace's runs were made or last made again.
    pub sequence: u64,
    /// How far it came.
    pub state: RunState,
    /// Every state it was in, the first one first.
    pub history: Vec<Step>,
    /// What makes two runs the same: the plan's digest, or that of the refusal or error.
    pub fingerprint: String,
    /// It adopted an existing directory; there is no plan then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// The establishments it was restricted to; empty for all.
    #[serde(default)]
    pub establishments: Vec<String>,
    /// Which rules decided.
    pub policy: PolicyMark,
    /// What it read.
    pub inputs: Inputs,
    /// The live snapshot when it was made.
    pub snapshot_before: String,
    /// Digest of the plan and of all it is bound to; empty when there is none.
    #[serde(default)]
    pub plan_digest: String,
    /// SHA-256 of `plan.csv`; empty when there is none.
    #[serde(default)]
    pub plan_csv_sha256: String,
    /// Digest of `groups.csv`, where the policy has groups.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub groups_csv_sha256: String,
    /// The snapshot it made; the one before, when nothing was to change.
    pub snapshot_after: Option<String>,
    /// Planned changes by action.
    pub intended: BTreeMap<String, u64>,
    /// Changes that a guard holds, and those that depend on them, by action.
    pub held: BTreeMap<String, u64>,
    /// Applied changes by action.
    pub done: BTreeMap<String, u64>,
    /// What changes the snapshot without a row of the plan, by kind.
    #[serde(default)]
    pub quiet: BTreeMap<String, u64>,
    /// Establishments held by the gate.
    #[serde(default)]
    pub held_establishments: Vec<HeldMark>,
    /// Why it failed or was refused, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The date of the run that took whatever names people from this one (SPEC §15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aged_on: Option<Date>,
    /// How long each stage took, for who looks where time goes: the one part of a record that no input decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageTime>,
    /// Every other file of the run's folder. A file that ages out leaves this list.
    #[serde(default)]
    pub files: Vec<FileMark>,
}

/// The program and its version, as records name it.
pub const fn tool() -> &'static str {
    concat!("onroll ", env!("CARGO_PKG_VERSION"))
}

impl RunRecord {
    /// A record in its first state, with everything else blank.
    pub fn new(as_of: Date, state: RunState, fingerprint: &str) -> RunRecord {
        RunRecord {
            format: 1,
            tool: tool().to_owned(),
            as_of,
            sequence: 0,
            state,
            history: vec![Step {
                state,
                snapshot_after: None,
                recovered: false,
            }],
            fingerprint: fingerprint.to_owned(),
            adopted: false,
            establishments: Vec::new(),
            policy: PolicyMark::default(),
            inputs: Inputs::default(),
            snapshot_before: String::new(),
            plan_digest: String::new(),
            plan_csv_sha256: String::new(),
            groups_csv_sha256: String::new(),
            snapshot_after: None,
            intended: BTreeMap::new(),
            held: BTreeMap::new(),
            done: BTreeMap::new(),
            quiet: BTreeMap::new(),
            held_establishments: Vec::new(),
            error: None,
            aged_on: None,
            stages: Vec::new(),
            files: Vec::new(),
        }
    }

    /// The record one state on. `Done` takes over what was intended.
    pub fn enter(&mut self, state: RunState, snapshot_after: Option<String>, recovered: bool) {
        self.state = state;
        self.done = if state == RunState::Done {
            self.intended.clone()
        } else {
            BTreeMap::new()
        };
        self.snapshot_after = snapshot_after.clone();
        self.history.push(Step {
            state,
            snapshot_after,
            recovered,
        });
    }

    /// Whether it was carried out without changing the directory.
    pub fn changed_nothing(&self) -> bool {
        self.state == RunState::Done
            && self.snapshot_after.as_deref() == Some(self.snapshot_before.as_str())
    }

    /// The folder's name: the date and the first eight of what distinguishes it, with a word for those without a plan.
    pub fn folder_name(&self) -> String {
        let short = |digest: &str| digest.chars().take(8).collect::<String>();
        match self.state {
            RunState::Refused => format!("{}-refused-{}", self.as_of, short(&self.inputs.digest)),
            _ if self.adopted => format!("{}-adopted-{}", self.as_of, short(&self.inputs.digest)),
            RunState::Failed if self.plan_digest.is_empty() => {
                format!("{}-failed-{}", self.as_of, short(&self.fingerprint))
            }
            _ => format!("{}-{}", self.as_of, short(&self.plan_digest)),
        }
    }
}
