//! What a file says at this moment, as a digest.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::obstacle::EntryKind;
use crate::tree::{Digest, RelativePath};

/// What lies at a path that must hold a file or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Absent,
    /// A file with this text.
    Text(Digest),
    /// Anything else.
    Other,
}

impl State {
    /// Looks at `path`, which must be free of links.
    pub(super) fn of(root: &Path, path: &RelativePath) -> Result<Self> {
        let absolute = root.join(path.as_str());
        let failed = || format!("failed to read `{path}`");
        match EntryKind::of(&absolute).with_context(failed)? {
            None => Ok(Self::Absent),
            Some(EntryKind::File) => {
                let bytes = std::fs::read(&absolute).with_context(failed)?;
                Ok(Self::Text(Digest::of(&bytes)))
            }
            Some(_) => Ok(Self::Other),
        }
    }

    /// Whether this is what `digest` says; `None` stands for no file.
    pub(super) fn is(&self, digest: Option<&Digest>) -> bool {
        match (self, digest) {
            (Self::Absent, None) => true,
            (Self::Text(found), Some(wanted)) => found == wanted,
            _ => false,
        }
    }
}
