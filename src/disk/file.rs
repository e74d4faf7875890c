//! Reads one file, and lists all.

use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use walkdir::{DirEntry, WalkDir};

use super::obstacle::{EntryKind, Hindrance, Obstacle};
use super::resolve::{Place, relative, resolve};
use crate::tree::{File, RelativePath};

/// Folders that cargo marks as disposable hold this file
/// (<https://bford.info/cachedir/>).
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// Reads the file at `place`, which is that of `path`; `None` when nothing is there.
pub(super) fn read(place: Place, path: &RelativePath) -> Result<Option<File>> {
    match place.kind {
        None => Ok(None),
        Some(EntryKind::File) => open(&place.absolute)
            .with_context(|| format!("failed to read `{path}`"))
            .map(Some),
        Some(kind) => Err(Obstacle::new(path, Hindrance::NotAFile(kind)).into()),
    }
}

/// Reads a file that is known to be one.
pub(super) fn open(absolute: &Path) -> io::Result<File> {
    let file = std::fs::File::open(absolute)?;
    let metadata = file.metadata()?;
    // `take` keeps the standard library from asking for the length once more.
    let length = usize::try_from(metadata.len()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(length + 1);
    file.take(u64::MAX).read_to_end(&mut bytes)?;
    let executable = is_executable(&metadata);
    Ok(File { bytes, executable })
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

/// The regular files below `under`, sorted. Links are not followed; what git
/// and cargo keep for themselves is left out, and so is a name that is no text.
pub(super) fn list(root: &Path, under: Option<&RelativePath>) -> Result<Vec<RelativePath>> {
    let Some(top) = top(root, under)? else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for entry in WalkDir::new(&top)
        .into_iter()
        .filter_entry(|entry| is_ours(root, entry))
    {
        let entry = entry.context("failed to list the project")?;
        if entry.file_type().is_file() {
            files.extend(below(&top, under, entry.path()));
        }
    }
    files.sort();
    Ok(files)
}

fn top(root: &Path, under: Option<&RelativePath>) -> Result<Option<std::path::PathBuf>> {
    let Some(under) = under else {
        return Ok(Some(root.to_owned()));
    };
    let place = resolve(root, under)?;
    match place.kind {
        None => Ok(None),
        Some(EntryKind::Folder) => Ok(Some(place.absolute)),
        Some(kind) => {
            let parent = under.to_string();
            Err(Obstacle::new(under, Hindrance::NotAFolder { parent, kind }).into())
        }
    }
}

fn is_ours(root: &Path, entry: &DirEntry) -> bool {
    if !entry.file_type().is_dir() {
        return true;
    }
    let build = entry.path() == root.join("target") || entry.path().join(CACHE_TAG).is_file();
    !build && entry.file_name() != ".git"
}

fn below(top: &Path, under: Option<&RelativePath>, path: &Path) -> Option<RelativePath> {
    let path = relative(top, path).ok()?;
    match under {
        None => Some(path),
        Some(under) => RelativePath::new(format!("{under}/{path}")).ok(),
    }
}
