//! An apply from beginning to end, and what happens when it fails.

use std::path::Path;

use anyhow::{Context as _, Error, Result, ensure};

use super::journal::{self, Journal, Stage};
use super::plan::Plan;
use super::{mutate, place, stage, undo};
use crate::tree::Operation;

/// Does all `operations` or none.
pub(super) fn apply(root: &Path, operations: &[Operation]) -> Result<()> {
    ensure!(
        journal::find(root)?.is_none(),
        "an interrupted command is not cleared up\nhelp: run rustop again"
    );
    let plan = Plan::check(root, operations)?;
    if plan.journal.steps.is_empty() {
        return Ok(());
    }
    let done = stage::stage(root, &plan).and_then(|()| place::place(root, &plan.journal));
    if let Err(error) = done {
        return Err(take_back(root, &plan.journal, error));
    }
    // All files are in place, so the command has succeeded. What could not be
    // removed here is named by the journal, and the next command removes it.
    let _ = place::finish(root, &plan.journal);
    Ok(())
}

fn take_back(root: &Path, journal: &Journal, error: Error) -> Error {
    match try_back(root, journal) {
        Ok(notes) if notes.is_empty() => error.context("failed to apply the changes, so nothing was changed"),
        Ok(notes) => error.context(format!("failed to apply the changes, they were undone\n{notes}")),
        Err(second) => error.context(format!(
            "the change failed, and could not be undone either: {second:#}\nhelp: mend the cause and run rustop again, it finishes the work"
        )),
    }
}

/// The error that stopped us may be a passing one, so this is simply tried.
fn try_back(root: &Path, journal: &Journal) -> Result<String> {
    if journal::find(root)? != Some(Stage::Committed) {
        stage::discard(root, journal)?;
        return Ok(String::new());
    }
    mutate::rename(root, &Stage::Committed.path()?, &Stage::Undoing.path()?)
        .context("failed to turn back")?;
    let kept = undo::undo(root, journal)?;
    let kept: Vec<_> = kept.iter().map(ToString::to_string).collect();
    Ok(kept.join("\n"))
}
