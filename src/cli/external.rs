//! Kinds from the CRDs of others: the copies that a project keeps, and the
//! types that follow from them.
//!
//! A copy is the user's: a newer release's may take its place. The types are
//! computed from it at the end of each command, as roles are from markers.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::exit::Stop;
use super::roles;
use crate::change::{Change, ChangeSet, Record, Verdict, base_path};
use crate::disk::Root;
use crate::external::{self, Definition};
use crate::project::{Project, Resource, Types};
use crate::tree::{Digest, File, Output, Owner, RelativePath, Tree};

/// The CRDs that a command brings, by the path of the copy.
pub(super) type Brought = BTreeMap<RelativePath, String>;

/// Where the copy of a resource's CRD lies.
pub(super) fn kept_path(resource: &Resource) -> Result<RelativePath> {
    let group = resource.key.qualified_group();
    Ok(external::kept_path(&group, resource.plural.as_str())?)
}

/// Adds the copies and the types to the scaffold of `project`. A copy that cannot
/// be used leaves its types as they are; what to know about that is returned.
pub(super) fn scaffold(
    root: &Root,
    record: &Record,
    project: &Project,
    brought: &Brought,
    next: &mut Tree,
) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for resource in resources(project) {
        let path = kept_path(resource)?;
        let now = source(root, &path, brought)?;
        let is_brought = brought.contains_key(&path);
        let types = RelativePath::new(project.types_path(&resource.key))?;
        let text = match text(project, resource, now.as_ref()) {
            Ok(text) => File::plain(text),
            Err(error) if is_brought => return Err(error),
            Err(error) => {
                notes.push(format!("`{types}` stays as it is: {error:#}"));
                root.read(&types)?.ok_or(error)?
            }
        };
        next.insert(types, output(Owner::Derived, text, resource));
        let written = match is_brought {
            true => None,
            false => as_written(root, record, &path)?,
        };
        if let Some(copy) = written.or(now) {
            next.insert(path, output(Owner::Yours, copy, resource));
        }
    }
    Ok(notes)
}

/// The changes to the types that the copies ask for, once `changes` are applied.
/// They are computed again only where the copy is not the one that `scaffold`
/// took those in `next` from: of a big CRD that takes a second.
pub(super) fn derive(
    root: &Root,
    next: &Tree,
    changes: &mut ChangeSet,
    project: &Project,
    brought: &Brought,
) -> Result<()> {
    for resource in resources(project) {
        let path = kept_path(resource)?;
        let types = RelativePath::new(project.types_path(&resource.key))?;
        let copy = match changes.after(&path) {
            Some(after) => after.cloned(),
            None => root.read(&path)?,
        };
        let text = match next.get(&types) {
            Some(output) if copy == source(root, &path, brought)? => {
                Some(String::from_utf8_lossy(&output.file.bytes).into_owned())
            }
            _ => text(project, resource, copy.as_ref()).ok(),
        };
        let Some(text) = text else {
            continue;
        };
        let planned = changes.changes.iter().position(|one| one.path == types);
        let in_conflict = |one: usize| changes.changes[one].verdict == Verdict::Conflict;
        if planned.is_some_and(in_conflict) {
            continue;
        }
        let change = roles::computed(root, types, text)?;
        match planned {
            Some(position) => changes.changes[position] = change,
            None if change.verdict == Verdict::Identical => {}
            None => changes.changes.push(change),
        }
    }
    Ok(())
}

/// The CRD that the scaffold takes the types from: as it is brought, else as it lies there.
fn source(root: &Root, path: &RelativePath, brought: &Brought) -> Result<Option<File>> {
    match brought.get(path) {
        Some(text) => Ok(Some(File::plain(text.clone()))),
        None => Ok(root.read(path)?),
    }
}

/// The types of all copies as they are, for `rustop manifests`.
pub(super) fn computed(root: &Root, project: &Project) -> Result<Vec<Change>> {
    let change = |resource: &Resource| {
        let copy = root.read(&kept_path(resource)?)?;
        let text = text(project, resource, copy.as_ref())?;
        let types = RelativePath::new(project.types_path(&resource.key))?;
        roles::computed(root, types, text)
    };
    resources(project).map(change).collect()
}

fn resources(project: &Project) -> impl Iterator<Item = &Resource> {
    let resources = project.resources().iter();
    resources.filter(|resource| resource.types == Types::Crd)
}

/// The module of types of a resource, from the copy of its CRD.
fn text(project: &Project, resource: &Resource, copy: Option<&File>) -> Result<String> {
    let path = kept_path(resource)?;
    let Some(copy) = copy else {
        return Err(Stop::in_the_way(format!(
            "`{}` has its types from `{path}`, which is gone\nhelp: bring it back with `git checkout -- {path}` or `rustop create api --external-api-crd FILE`, or take the kind away with `rustop delete api`",
            resource.key
        )));
    };
    let of_copy = || format!("failed to use `{path}`");
    let definition = definition(resource, &copy.bytes).with_context(of_copy)?;
    let types = definition.types(resource.key.version().as_str());
    Ok(project.license.rust_comment() + &types.with_context(of_copy)?)
}

/// The CRD of a resource among those of a copy.
fn definition(resource: &Resource, copy: &[u8]) -> Result<Definition> {
    let all = external::definitions(&String::from_utf8_lossy(copy))?;
    let (group, kind) = (resource.key.qualified_group(), resource.key.kind());
    let mut all = all.into_iter();
    let found = all.find(|one| one.group == group && one.kind == kind.as_str());
    found.ok_or_else(|| anyhow::anyhow!("it has no `{kind}` of the group `{group}`"))
}

/// A copy as rustop wrote it last: what the user makes of it is no other scaffold.
fn as_written(root: &Root, record: &Record, path: &RelativePath) -> Result<Option<File>> {
    let mirror = root.read(&base_path(path))?;
    let sound = |file: &File| {
        let digest = Digest::of(&file.bytes);
        record.get(path).is_some_and(|entry| entry.holds(&digest))
    };
    Ok(mirror.filter(sound))
}

fn output(owner: Owner, file: File, resource: &Resource) -> Output {
    Output {
        owner,
        file,
        identity: format!("external {owner:?} {}", resource.key),
        formerly: Vec::new(),
    }
}
