//! Finishes or undoes what an interrupted apply left behind.

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::journal::{self, Journal, Stage, Step};
use super::obstacle::EntryKind;
use super::resolve::locate;
use super::{mutate, place, stage, undo};
use crate::tree::RelativePath;

/// What a recovery did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Which way it went.
    pub direction: Direction,
    /// Files that somebody changed meanwhile; they were left as they are.
    pub kept: Vec<Kept>,
}

/// Which way a recovery went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The interrupted command is now done.
    Finished,
    /// The interrupted command has left no trace.
    Undone,
}

/// A file that was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub path: RelativePath,
    /// Where the text lies that would have been written, if there is one.
    pub beside: Option<RelativePath>,
}

impl Kept {
    pub(super) fn alone(step: &Step) -> Self {
        Self {
            path: step.path.clone(),
            beside: None,
        }
    }
}

impl fmt::Display for Recovered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.direction {
            Direction::Finished => write!(out, "finished what an interrupted command had begun")?,
            Direction::Undone => write!(out, "undid what an interrupted command had begun")?,
        }
        self.kept
            .iter()
            .try_for_each(|kept| write!(out, "\n{kept}"))
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "kept `{}`, which was changed meanwhile", self.path)?;
        match &self.beside {
            Some(beside) => write!(out, "; the text that was to go there is `{beside}`"),
            None => Ok(()),
        }
    }
}

/// Finishes or undoes; `None` when there is nothing to do.
pub(super) fn recover(root: &Path) -> Result<Option<Recovered>> {
    let Some(stage) = journal::find(root)? else {
        return sweep(root).map(|()| None);
    };
    let journal = Journal::load(root, stage)?;
    let (direction, kept) = match stage {
        Stage::Staging => {
            stage::discard(root, &journal).map(|()| (Direction::Undone, Vec::new()))
        }
        Stage::Undoing => undo::undo(root, &journal).map(|kept| (Direction::Undone, kept)),
        Stage::Committed => finish(root, &journal).map(|kept| (Direction::Finished, kept)),
    }
    .context("failed to clear up after an interrupted command\nhelp: mend the cause and run rustop again")?;
    Ok(Some(Recovered { direction, kept }))
}

fn finish(root: &Path, journal: &Journal) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for step in &journal.steps {
        kept.extend(place::finish_step(root, step)?);
    }
    place::finish(root, journal)?;
    Ok(kept)
}

/// A crash just before or after the journal's life leaves its draft, or its
/// folder without anything in it.
fn sweep(root: &Path) -> Result<()> {
    let home = journal::home()?;
    if locate(root, &home)?.kind == Some(EntryKind::Folder) {
        mutate::remove(root, &journal::draft()?)?;
        mutate::remove_empty(root, &home)?;
    }
    Ok(())
}
