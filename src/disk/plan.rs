//! Judges operations before anything is written: are the files what the plan
//! was made on, may they be written, do all paths stay in the project?

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::digest::State;
use super::journal::{self, Journal, Step};
use super::mutate::Mode;
use super::obstacle::{EntryKind, Hindrance, Obstacle};
use super::resolve::{Place, locate, relative, resolve};
use crate::tree::{Digest, File, Operation, RelativePath};

/// Operations that may be done.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) journal: Journal,
    /// The new text and its mode, for each of the journal's steps.
    pub(super) texts: Vec<Option<(&'a File, Mode)>>,
}

/// One operation with its place.
struct Target<'a> {
    path: RelativePath,
    operation: &'a Operation,
    after: Option<Digest>,
    existing: Option<u32>,
}

impl<'a> Plan<'a> {
    /// Judges `operations`; what would change nothing is left out.
    pub(super) fn check(root: &Path, operations: &'a [Operation]) -> Result<Self> {
        let mut folders = Vec::new();
        let mut targets = Vec::new();
        for operation in operations {
            targets.extend(judge(root, operation, &mut folders)?);
        }
        refuse_clashes(&targets, &folders)?;
        let tag = free_tag(root, &targets)?;
        let steps = targets.iter().enumerate();
        let steps = steps
            .map(|(index, target)| target.step(tag, index))
            .collect::<Result<_>>()?;
        let made_home = is_home_missing(root)?;
        let texts = targets.iter().map(Target::text).collect();
        Ok(Self {
            journal: Journal {
                tag,
                made_home,
                folders,
                steps,
            },
            texts,
        })
    }
}

impl<'a> Target<'a> {
    fn step(&self, tag: u32, index: usize) -> Result<Step> {
        let before = self.operation.before.clone();
        Step::new(self.path.clone(), before, self.after.clone(), tag, index)
    }

    fn text(&self) -> Option<(&'a File, Mode)> {
        let file = self.operation.after.as_ref()?;
        let mode = Mode {
            existing: self.existing,
            executable: file.executable,
        };
        Some((file, mode))
    }
}

fn judge<'a>(
    root: &Path,
    operation: &'a Operation,
    folders: &mut Vec<RelativePath>,
) -> Result<Option<Target<'a>>> {
    let place = resolve(root, &operation.path)?;
    compare(&place, operation)?;
    let existing = existing_mode(&place, &operation.path)?;
    let after = operation.after.as_ref().map(|file| Digest::of(&file.bytes));
    if after == operation.before && !changes_mode(&place, operation)? {
        return Ok(None);
    }
    for folder in &place.missing {
        let folder = relative(root, folder)?;
        if folder.as_str() != journal::HOME && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let path = relative(root, &place.absolute)?;
    Ok(Some(Target {
        path,
        operation,
        after,
        existing,
    }))
}

/// Is there what the plan was made on?
fn compare(place: &Place, operation: &Operation) -> Result<()> {
    let path = &operation.path;
    let found = match &place.kind {
        None => None,
        Some(EntryKind::File) => Some(
            super::file::open(&place.absolute)
                .with_context(|| format!("failed to read `{path}`"))?,
        ),
        Some(kind) => {
            let kind = kind.clone();
            return Err(Obstacle::new(path, Hindrance::NotAFile(kind)).into());
        }
    };
    let found = found.map(|file| Digest::of(&file.bytes));
    match difference(found.as_ref(), operation.before.as_ref()) {
        None => Ok(()),
        Some(hindrance) => Err(Obstacle::new(path, hindrance).into()),
    }
}

fn difference(found: Option<&Digest>, before: Option<&Digest>) -> Option<Hindrance> {
    match (found, before) {
        (found, before) if found == before => None,
        (Some(_), None) => Some(Hindrance::Appeared),
        (None, _) => Some(Hindrance::Gone),
        (Some(_), Some(_)) => Some(Hindrance::Changed),
    }
}

/// The same question again, on the verge of writing.
pub(super) fn recheck(root: &Path, step: &Step) -> Result<()> {
    let path = &step.path;
    let hindrance = match State::of(root, path)? {
        State::Absent => difference(None, step.before.as_ref()),
        State::Text(found) => difference(Some(&found), step.before.as_ref()),
        State::Other => Some(Hindrance::Changed),
    };
    match hindrance {
        None => Ok(()),
        Some(hindrance) => Err(Obstacle::new(path, hindrance).into()),
    }
}

#[cfg(unix)]
fn existing_mode(place: &Place, path: &RelativePath) -> Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt as _;
    if place.kind.is_none() {
        return Ok(None);
    }
    let mode = permissions(place, path)?.mode() & 0o7777;
    Ok(Some(mode))
}

#[cfg(not(unix))]
fn existing_mode(place: &Place, path: &RelativePath) -> Result<Option<u32>> {
    if place.kind.is_some() {
        permissions(place, path)?;
    }
    Ok(None)
}

fn permissions(place: &Place, path: &RelativePath) -> Result<std::fs::Permissions> {
    let metadata = std::fs::metadata(&place.absolute)
        .with_context(|| format!("failed to look at `{path}`"))?;
    let permissions = metadata.permissions();
    if permissions.readonly() {
        return Err(Obstacle::new(path, Hindrance::ReadOnly).into());
    }
    Ok(permissions)
}

fn changes_mode(place: &Place, operation: &Operation) -> Result<bool> {
    let Some(after) = &operation.after else {
        return Ok(false);
    };
    let mode = existing_mode(place, &operation.path)?;
    let wanted = Mode {
        existing: mode,
        executable: after.executable,
    };
    Ok(wanted.exact() != mode)
}

/// The journal's folder must be a real one.
fn is_home_missing(root: &Path) -> Result<bool> {
    let home = journal::home()?;
    match locate(root, &home)?.kind {
        None => Ok(true),
        Some(EntryKind::Folder) => Ok(false),
        Some(kind) => {
            let parent = home.to_string();
            Err(Obstacle::new(&journal::draft()?, Hindrance::NotAFolder { parent, kind }).into())
        }
    }
}

/// Two operations on one file, or a file where another needs a folder.
fn refuse_clashes(targets: &[Target<'_>], folders: &[RelativePath]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for target in targets {
        let asked = &target.operation.path;
        if !seen.insert(&target.path) {
            bail!("`{asked}` would be written twice: another path leads to the same file");
        }
        if folders.contains(&target.path) {
            bail!("`{asked}` would have to be a file and a folder");
        }
    }
    Ok(())
}

/// The first tag whose temporaries' names are all free.
fn free_tag(root: &Path, targets: &[Target<'_>]) -> Result<u32> {
    for tag in 0..=u32::MAX {
        if is_free(root, targets, tag)? {
            return Ok(tag);
        }
    }
    bail!("no name is free for a temporary file")
}

fn is_free(root: &Path, targets: &[Target<'_>], tag: u32) -> Result<bool> {
    for (index, target) in targets.iter().enumerate() {
        let step = target.step(tag, index)?;
        for path in [&step.staged, &step.backup] {
            if State::of(root, path)? != State::Absent {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
