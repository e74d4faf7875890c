//! A project's folder: the front door of this module.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::lock::Lock;
use super::obstacle::EntryKind;
use super::recover::Recovered;
use super::resolve::KnownFolders;
use super::{apply, file, journal, lock, recover};
use crate::tree::{File, Operation, RelativePath};

/// The folder of a project. Nothing outside it is ever read or written.
#[derive(Debug)]
pub struct Root {
    folder: PathBuf,
    known: KnownFolders,
}

impl Root {
    /// Opens `folder`. Fails when it is missing, is no folder, or cannot be read.
    pub fn open(folder: &Path) -> Result<Self> {
        let shown = folder.display();
        match std::fs::metadata(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                bail!(
                    "the folder `{shown}` does not exist\nhelp: create it with `mkdir -p '{shown}'`"
                )
            }
            Err(error) => return Err(error).context(format!("failed to look at `{shown}`")),
            Ok(found) if !found.is_dir() => {
                bail!("`{shown}` is a file, not a folder\nhelp: name the folder of a project")
            }
            Ok(_) => {}
        }
        std::fs::read_dir(folder)
            .with_context(|| format!("failed to read the folder `{shown}`"))?;
        let root = std::fs::canonicalize(folder)
            .with_context(|| format!("failed to find the folder `{shown}`"))?;
        Ok(Self {
            folder: root,
            known: KnownFolders::default(),
        })
    }

    /// Waits until no other rustop works on this project. `waiting` is called
    /// once when there is one. The lock ends with the value, or with the process.
    pub fn lock(&self, waiting: impl FnOnce()) -> Result<Lock> {
        lock::lock(&self.folder, waiting).context("failed to lock the project's folder")
    }

    /// Reads a file; `None` when nothing is there. Anything but a file is an
    /// [`Obstacle`](super::Obstacle), and so is a link out of the project.
    pub fn read(&self, path: &RelativePath) -> Result<Option<File>> {
        file::read(self.known.resolve(&self.folder, path)?, path)
    }

    /// Says what lies at `path`, a link in its last part not followed.
    pub fn kind(&self, path: &RelativePath) -> Result<Option<EntryKind>> {
        Ok(self.known.locate(&self.folder, path)?.kind)
    }

    /// The regular files of the project, or below one of its folders, sorted.
    /// Leaves out `.git` and build folders; does not follow links.
    pub fn list(&self, under: Option<&RelativePath>) -> Result<Vec<RelativePath>> {
        file::list(&self.folder, under)
    }

    /// Does all `operations`, in their order, or none: after an error the tree
    /// is as it was. Refuses when a file is not what the plan was made on.
    pub fn apply(&self, operations: &[Operation]) -> Result<()> {
        self.known.forget();
        apply::apply(&self.folder, operations)
    }

    /// Finishes or undoes what an interrupted [`apply`](Self::apply) left;
    /// `None` when there is nothing to do. Never overwrites what the user wrote.
    pub fn recover(&self) -> Result<Option<Recovered>> {
        self.known.forget();
        recover::recover(&self.folder)
    }

    /// Whether an apply was interrupted. Only looks, for `--dry-run`.
    pub fn interrupted(&self) -> Result<bool> {
        Ok(journal::find(&self.folder)?.is_some())
    }
}
