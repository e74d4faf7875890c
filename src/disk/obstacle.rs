//! What lies where a file should be, and why that stops a command.
//!
//! Typed, because the exit code tells "your work is in the way" from "failed".

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::tree::RelativePath;

/// What a path names, the last link not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link to something that exists, inside the project or not.
    Link {
        /// What the link says.
        target: PathBuf,
    },
    /// A link that leads nowhere, or in a circle.
    DanglingLink {
        /// What the link says.
        target: PathBuf,
    },
    /// A named pipe: reading it could block for ever.
    Fifo,
    /// Anything else: a socket, a device.
    Other,
}

/// A path that cannot be read or written as a file of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The path that was asked for.
    pub path: RelativePath,
    /// What is wrong with it.
    pub hindrance: Hindrance,
}

/// What is wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Something lies there that is no file.
    NotAFile(EntryKind),
    /// A link on the way leads out of the project.
    Outside {
        /// Where it leads.
        target: PathBuf,
    },
    /// One of its folders is something else.
    NotAFolder {
        /// That folder's path.
        parent: String,
        /// What it is.
        kind: EntryKind,
    },
    /// The user took the right to write away.
    ReadOnly,
    /// It does not say any more what the plan was made on.
    Changed,
    /// It was not there when the plan was made.
    Appeared,
    /// It was there when the plan was made.
    Gone,
}

impl EntryKind {
    /// Looks at `path` without opening it, so that a FIFO cannot block.
    pub(super) fn of(path: &Path) -> io::Result<Option<Self>> {
        let found = match std::fs::symlink_metadata(path) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        if found.is_symlink() {
            return Self::link(path).map(Some);
        }
        Ok(Some(Self::plain(found)))
    }

    fn link(path: &Path) -> io::Result<Self> {
        let target = std::fs::read_link(path)?;
        Ok(match std::fs::canonicalize(path) {
            Ok(_) => Self::Link { target },
            Err(_) => Self::DanglingLink { target },
        })
    }

    fn plain(found: std::fs::FileType) -> Self {
        match found {
            _ if found.is_file() => Self::File,
            _ if found.is_dir() => Self::Folder,
            _ if is_fifo(found) => Self::Fifo,
            _ => Self::Other,
        }
    }
}

/// Nothing there, or a file where its folder should be.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(unix)]
fn is_fifo(found: std::fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    found.is_fifo()
}

#[cfg(not(unix))]
fn is_fifo(_: std::fs::FileType) -> bool {
    false
}

impl fmt::Display for EntryKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => write!(out, "a file"),
            Self::Folder => write!(out, "a folder"),
            Self::Link { target } => write!(out, "a link to `{}`", target.display()),
            Self::DanglingLink { target } => {
                write!(out, "a link to `{}`, which is not there", target.display())
            }
            Self::Fifo => write!(out, "a FIFO"),
            Self::Other => write!(out, "a socket or a device"),
        }
    }
}

impl Obstacle {
    pub(super) fn new(path: &RelativePath, hindrance: Hindrance) -> Self {
        Self {
            path: path.clone(),
            hindrance,
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.hindrance {
            Hindrance::NotAFile(kind) => write!(
                out,
                "`{path}` is {kind}, not a file\nhelp: move it out of the way"
            ),
            Hindrance::Outside { target } => write!(
                out,
                "`{path}` leads out of the project, to `{}`\nhelp: put a file or a folder in place of the link",
                target.display()
            ),
            Hindrance::NotAFolder { parent, kind } => write!(
                out,
                "`{path}` has no place, because `{parent}` is {kind}, not a folder\nhelp: move `{parent}` out of the way"
            ),
            Hindrance::ReadOnly => write!(
                out,
                "`{path}` is read-only\nhelp: make it writable with `chmod u+w '{path}'`"
            ),
            Hindrance::Changed => write!(
                out,
                "`{path}` was changed by somebody else meanwhile\nhelp: run the command again"
            ),
            Hindrance::Appeared => write!(
                out,
                "`{path}` was created by somebody else meanwhile\nhelp: run the command again"
            ),
            Hindrance::Gone => write!(
                out,
                "`{path}` was removed by somebody else meanwhile\nhelp: run the command again"
            ),
        }
    }
}

impl std::error::Error for Obstacle {}
