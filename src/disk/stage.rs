//! Everything that an apply needs space for, done before the first file of the
//! user is replaced; and how that is taken back.

use std::path::Path;

use anyhow::Result;

use super::journal::{self, Journal, Stage};
use super::plan::{Plan, recheck};
use super::{mutate, sync};
use crate::tree::RelativePath;

/// Writes the journal, the folders, the new texts and the backups, and commits.
pub(super) fn stage(root: &Path, plan: &Plan<'_>) -> Result<()> {
    let journal = &plan.journal;
    if journal.made_home {
        mutate::create_folder(root, &journal::home()?)?;
    }
    journal.store(root)?;
    let home = journal::home()?;
    journal
        .folders
        .iter()
        .filter(|folder| !journal.made_home || **folder != home)
        .try_for_each(|folder| mutate::create_folder(root, folder))?;
    write(root, plan)?;
    wait(root, journal)?;
    journal
        .steps
        .iter()
        .try_for_each(|step| recheck(root, step))?;
    commit(root)
}

fn write(root: &Path, plan: &Plan<'_>) -> Result<()> {
    for (step, text) in plan.journal.steps.iter().zip(&plan.texts) {
        if step.before.is_some() {
            mutate::back_up(root, &step.path, &step.backup)?;
        }
        if let Some((file, mode)) = text {
            mutate::write_new(root, &step.staged, &file.bytes, *mode, &step.path)?;
        }
    }
    Ok(())
}

fn wait(root: &Path, journal: &Journal) -> Result<()> {
    let written = journal.steps.iter().filter(|step| step.after.is_some());
    let mut paths: Vec<RelativePath> = written.map(|step| step.staged.clone()).collect();
    paths.push(Stage::Staging.path()?);
    sync::paths(root, &paths)
}

/// From here on a crash is finished and no longer undone.
fn commit(root: &Path) -> Result<()> {
    mutate::rename(root, &Stage::Staging.path()?, &Stage::Committed.path()?)
}

/// Takes back what `stage` wrote. No file of the user has been replaced.
pub(super) fn discard(root: &Path, journal: &Journal) -> Result<()> {
    for step in &journal.steps {
        mutate::remove(root, &step.backup)?;
        mutate::remove(root, &step.staged)?;
    }
    remove_created(root, journal)?;
    close(root, journal, Stage::Staging)
}

/// Removes the folders that were created, if they are empty.
pub(super) fn remove_created(root: &Path, journal: &Journal) -> Result<()> {
    for folder in journal.folders.iter().rev() {
        mutate::remove_empty(root, folder)?;
    }
    Ok(())
}

/// Removes the journal, and its folder if that was created for it.
pub(super) fn close(root: &Path, journal: &Journal, stage: Stage) -> Result<()> {
    mutate::remove(root, &journal::draft()?)?;
    mutate::remove(root, &stage.path()?)?;
    if journal.made_home {
        mutate::remove_empty(root, &journal::home()?)?;
    }
    Ok(())
}
