//! The way back after the commit: old texts return under their own name.
//!
//! A step is known to be done by what is there: a written file's temporary is
//! gone, a deleted file is. So undoing may itself be interrupted and repeated.
//! What is neither the old nor the new text stays.

use std::path::Path;

use anyhow::Result;

use super::digest::State;
use super::journal::{Journal, Stage, Step};
use super::recover::Kept;
use super::{mutate, place, stage};

/// Undoes all steps, the last one first.
pub(super) fn undo(root: &Path, journal: &Journal) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for step in journal.steps.iter().rev() {
        kept.extend(undo_step(root, step)?);
    }
    stage::remove_created(root, journal)?;
    stage::close(root, journal, Stage::Undoing)?;
    Ok(kept)
}

fn undo_step(root: &Path, step: &Step) -> Result<Option<Kept>> {
    if step.after.is_some() && State::of(root, &step.staged)? != State::Absent {
        return forget(root, step).map(|()| None);
    }
    let found = State::of(root, &step.path)?;
    let has_backup = State::of(root, &step.backup)? != State::Absent;
    if found.is(step.after.as_ref()) {
        return match has_backup {
            true => mutate::rename(root, &step.backup, &step.path).map(|()| None),
            false if step.before.is_none() => mutate::remove(root, &step.path).map(|()| None),
            false => Ok(None),
        };
    }
    match (found, has_backup) {
        (_, false) => Ok(None),
        (State::Absent, true) => mutate::rename(root, &step.backup, &step.path).map(|()| None),
        (found, true) if found.is(step.before.as_ref()) => forget(root, step).map(|()| None),
        _ => place::keep_beside(root, step, &step.backup, "rustop-old").map(Some),
    }
}

/// Removes the temporaries of a step that was not done. The backup goes first:
/// while the new text waits, the step is known not to be done.
fn forget(root: &Path, step: &Step) -> Result<()> {
    mutate::remove(root, &step.backup)?;
    mutate::remove(root, &step.staged)
}
