//! Renames the staged texts into place, and clears up after it.
//!
//! `finish_step` is what a recovery does instead: it finds files in any state,
//! and leaves alone what is neither the old nor the new text.

use std::path::Path;

use anyhow::Result;

use super::digest::State;
use super::journal::{Journal, Stage, Step, sibling};
use super::plan::recheck;
use super::recover::Kept;
use super::{mutate, stage};
use crate::tree::RelativePath;

/// Puts each new text in place, in order.
pub(super) fn place(root: &Path, journal: &Journal) -> Result<()> {
    for step in &journal.steps {
        recheck(root, step)?;
        put(root, step)?;
    }
    Ok(())
}

fn put(root: &Path, step: &Step) -> Result<()> {
    match step.after {
        Some(_) => mutate::rename(root, &step.staged, &step.path),
        None => mutate::remove(root, &step.path),
    }
}

/// Removes what is not needed any more.
pub(super) fn finish(root: &Path, journal: &Journal) -> Result<()> {
    for step in &journal.steps {
        mutate::remove(root, &step.backup)?;
    }
    for step in &journal.steps {
        if step.after.is_none() {
            remove_emptied(root, &step.path)?;
        }
    }
    stage::close(root, journal, Stage::Committed)
}

/// Removes the folders above a deleted file as far as they are empty.
fn remove_emptied(root: &Path, path: &RelativePath) -> Result<()> {
    let mut folder = path.parent();
    while let Some(path) = folder {
        if !mutate::remove_empty(root, &path)? {
            break;
        }
        folder = path.parent();
    }
    Ok(())
}

/// Does a step that may have been done already. Tells what it had to leave.
pub(super) fn finish_step(root: &Path, step: &Step) -> Result<Option<Kept>> {
    let found = State::of(root, &step.path)?;
    match &step.after {
        None if found == State::Absent => Ok(None),
        None if found.is(step.before.as_ref()) => put(root, step).map(|()| None),
        None => Ok(Some(Kept::alone(step))),
        Some(_) => finish_write(root, step, &found),
    }
}

fn finish_write(root: &Path, step: &Step, found: &State) -> Result<Option<Kept>> {
    let staged = State::of(root, &step.staged)?;
    let is_old = found.is(step.before.as_ref());
    if staged == State::Absent {
        // Placed, and perhaps edited since; or else somebody removed the text.
        let lost = is_old && step.before != step.after;
        return Ok(lost.then(|| Kept::alone(step)));
    }
    if is_old && staged.is(step.after.as_ref()) {
        return put(root, step).map(|()| None);
    }
    if found.is(step.after.as_ref()) {
        return mutate::remove(root, &step.staged).map(|()| None);
    }
    keep_beside(root, step, &step.staged, "rustop-new").map(Some)
}

/// Leaves the user's file alone and puts our text beside it.
pub(super) fn keep_beside(
    root: &Path,
    step: &Step,
    text: &RelativePath,
    suffix: &str,
) -> Result<Kept> {
    let name = step.path.file_name();
    let mut beside = sibling(&step.path, &format!("{name}.{suffix}"))?;
    let mut number = 2;
    while State::of(root, &beside)? != State::Absent {
        beside = sibling(&step.path, &format!("{name}.{suffix}-{number}"))?;
        number += 1;
    }
    mutate::rename(root, text, &beside)?;
    Ok(Kept {
        path: step.path.clone(),
        beside: Some(beside),
    })
}
