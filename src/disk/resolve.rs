//! From a path of the project to the place on disk, following links only while
//! they stay inside the root.
//!
//! The parts are walked one by one, because the operating system would follow a
//! link anywhere. A link that is swapped during the walk is not defended
//! against: whoever can do that can write the files as well.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use super::obstacle::{EntryKind, Hindrance, Obstacle};
use crate::tree::RelativePath;

/// Where a path leads to.
#[derive(Debug)]
pub(super) struct Place {
    /// The place on disk, below the root and free of links.
    pub(super) absolute: PathBuf,
    /// What lies there; `None` when nothing does.
    pub(super) kind: Option<EntryKind>,
    /// Folders on the way that do not exist yet, outermost first.
    pub(super) missing: Vec<PathBuf>,
}

/// Folders that were walked to before, with their places. A plan looks at each
/// file, and most of them share their folder with others; it is made for reading
/// only, an apply walks to each file anew.
#[derive(Debug, Default)]
pub(super) struct KnownFolders(Mutex<BTreeMap<RelativePath, PathBuf>>);

impl KnownFolders {
    /// [`locate`], by way of a folder that is known.
    pub(super) fn locate(&self, root: &Path, path: &RelativePath) -> Result<Place> {
        let Some(parent) = path.parent() else {
            return locate(root, path);
        };
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folders.get(&parent) {
            let mut place = existing(folder.join(path.file_name()));
            place.kind = kind_of(&place.absolute, path)?;
            return Ok(place);
        }
        let place = locate(root, path)?;
        let folder = place.absolute.parent();
        if let Some(folder) = folder.filter(|_| place.missing.is_empty()) {
            folders.insert(parent, folder.to_owned());
        }
        Ok(place)
    }

    /// [`resolve`], by way of a folder that is known.
    pub(super) fn resolve(&self, root: &Path, path: &RelativePath) -> Result<Place> {
        follow_last(root, self.locate(root, path)?, path)
    }

    /// What was true before a change need not be so after it.
    pub(super) fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Finds the place of `path`, a link in its last part not followed.
pub(super) fn locate(root: &Path, path: &RelativePath) -> Result<Place> {
    let mut absolute = match path.parent() {
        Some(parent) => folder(root, &parent, path)?,
        None => existing(root.to_owned()),
    };
    if !absolute.missing.is_empty() {
        absolute.absolute.push(path.file_name());
        return Ok(absolute);
    }
    absolute.absolute.push(path.file_name());
    absolute.kind = kind_of(&absolute.absolute, path)?;
    Ok(absolute)
}

/// Finds the place of `path`, a link in its last part followed as well.
pub(super) fn resolve(root: &Path, path: &RelativePath) -> Result<Place> {
    follow_last(root, locate(root, path)?, path)
}

fn follow_last(root: &Path, place: Place, path: &RelativePath) -> Result<Place> {
    match place.kind {
        Some(EntryKind::Link { .. }) => follow(root, &place.absolute, path),
        _ => Ok(place),
    }
}

/// `place` as a path of the project.
pub(super) fn relative(root: &Path, place: &Path) -> Result<RelativePath> {
    let below = place
        .strip_prefix(root)
        .context("a path left the project")?;
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    let path = parts.and_then(|parts| RelativePath::new(parts.join("/")).ok());
    path.with_context(|| format!("the name `{}` is not usable text", below.display()))
}

fn existing(absolute: PathBuf) -> Place {
    Place {
        absolute,
        kind: Some(EntryKind::Folder),
        missing: Vec::new(),
    }
}

/// Walks down to the folder `parent`, on behalf of `path`.
fn folder(root: &Path, parent: &RelativePath, path: &RelativePath) -> Result<Place> {
    let mut place = existing(root.to_owned());
    for part in parent.as_str().split('/') {
        place.absolute.push(part);
        if place.kind.is_some() {
            place = step(root, place.absolute, path)?;
        }
        if place.kind.is_none() {
            place.missing.push(place.absolute.clone());
        }
    }
    place.kind = None;
    Ok(place)
}

fn step(root: &Path, absolute: PathBuf, path: &RelativePath) -> Result<Place> {
    let place = match kind_of(&absolute, path)? {
        Some(EntryKind::Link { .. }) => follow(root, &absolute, path)?,
        kind => Place {
            absolute,
            kind,
            missing: Vec::new(),
        },
    };
    match place.kind {
        None | Some(EntryKind::Folder) => Ok(place),
        Some(kind) => {
            let parent = place.absolute.strip_prefix(root).unwrap_or(&place.absolute);
            let parent = parent.display().to_string();
            Err(Obstacle::new(path, Hindrance::NotAFolder { parent, kind }).into())
        }
    }
}

fn follow(root: &Path, link: &Path, path: &RelativePath) -> Result<Place> {
    let target = std::fs::canonicalize(link)
        .with_context(|| format!("failed to follow the link at `{path}`"))?;
    if !target.starts_with(root) {
        return Err(Obstacle::new(path, Hindrance::Outside { target }).into());
    }
    let mut place = existing(target);
    place.kind = kind_of(&place.absolute, path)?;
    Ok(place)
}

fn kind_of(absolute: &Path, path: &RelativePath) -> Result<Option<EntryKind>> {
    EntryKind::of(absolute).with_context(|| format!("failed to look at `{path}`"))
}
