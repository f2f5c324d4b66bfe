//! What people do between the nights of the demonstration: approve, bring a group back, take a directory over.

use std::path::Path;

use super::super::args;
use super::super::outcome::CliError;
use super::super::screen::Screen;
use super::super::summary::counted;
use super::super::{adopt, setting};
use super::tell::paragraph;
use crate::directory::Snapshot;
use crate::identity::hex128;
use crate::model::Date;
use crate::policy::Policy;
use crate::report;
use crate::sample::{Approve, Restore};
use crate::workspace::approvals::{self, Request};
use crate::workspace::{Turn, Workspace, files};

/// Approves what a guard held the night before.
pub fn approve(
    screen: &Screen,
    workspace: &Workspace,
    turn: &Turn<'_>,
    run: &str,
    approve: &Approve,
) -> Result<(), CliError> {
    let guards = [approve.guard.clone()];
    let request = Request {
        guards: &guards,
        holds: &[],
        by: &approve.by,
        reason: &approve.reason,
        expires: args::date(&approve.expires).map_err(CliError::failed)?,
    };
    let written = approvals::write(&workspace.settings.decisions, &turn.run(run)?, &request)?;
    let told = format!(
        "{} approves {} held by {}: “{}”",
        approve.by,
        counted(written.changes as u64, "change"),
        approve.guard,
        approve.reason
    );
    paragraph(screen, &told);
    Ok(())
}

/// Decides that an archived group comes back. Its id is made with the workspace's own key, so the decision is written
/// here and not with the other files of the night.
pub fn restore(workspace: &Workspace, as_of: Date, restore: &Restore) -> Result<(), CliError> {
    let keys = setting::keys(workspace)?;
    let known: Vec<_> = keys
        .all()
        .map(|key| (key.id().to_string(), key.fingerprint()))
        .collect();
    let snapshot = Snapshot::read(&workspace.live_snapshot()?, &known)
        .map_err(|e| CliError::failed(e.to_string()))?;
    let is_meant = |group: &&crate::directory::Group| {
        group.establishment == restore.establishment
            && group.class_id == restore.class_id
            && group.year.to_string() == restore.academic_year
    };
    let group = snapshot.groups.iter().find(is_meant);
    let group = group.ok_or_else(|| CliError::failed("the sample's group was never made"))?;
    let path = workspace.settings.decisions.join("decisions.csv");
    let text = std::fs::read_to_string(&path)
        .map_err(|e| CliError::failed(format!("the sample's decisions cannot be read: {e}")))?;
    let line = format!(
        "{},{as_of},{},restore_group,,,{},{}\n",
        restore.decision_id,
        restore.by,
        hex128(group.id),
        restore.note
    );
    files::replace(&path, (text + &line).as_bytes())?;
    Ok(())
}

/// Takes an existing directory over, as `onroll adopt --leave-out-faulty` does.
pub fn take_over(
    screen: &Screen,
    workspace: &Workspace,
    policy: &Policy,
    turn: &mut Turn<'_>,
    as_of: Date,
    file: &Path,
) -> Result<(), CliError> {
    let told = adopt::take_over(turn, workspace, policy, as_of, file, true)?;
    for line in report::adopted_lines(&told) {
        paragraph(screen, &format!("✓ {line}"));
    }
    Ok(())
}
