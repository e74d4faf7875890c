//! `config/rbac/role.yaml` and `config/webhook/manifests.yaml`, recomputed from the
//! markers in the merged sources at the end of each command.

use std::collections::BTreeSet;

use anyhow::Result;

use super::known;
use crate::change::{Change, ChangeSet, Verdict};
use crate::disk::Root;
use crate::manifests::{self, Problem, RoleOptions, webhook};
use crate::project::{Project, Resource};
use crate::tree::{File, Owner, RelativePath, equal_but_line_ends};

/// The manager's sources: where RBAC markers stand.
const SOURCES: &str = "src";

/// Adds what the sources ask for once `changes` are applied, and what is to be said of
/// it. A marker that cannot be read leaves its file as it is, and is named.
pub(super) fn derive(root: &Root, changes: &mut ChangeSet, project: &Project) -> Result<()> {
    let sources = sources(root, changes, project)?;
    let role = role(root, &sources, project)?.map(Some);
    let webhooks = webhooks(root, project, &sources)?;
    let mut computed = Vec::new();
    for (path, derived) in [(manifests::ROLE, role), (webhook::WEBHOOKS, webhooks)] {
        match derived {
            Ok(change) => computed.extend(change),
            Err(problems) => changes.notes.push(unreadable(path, &problems)),
        }
    }
    let computed = computed.into_iter();
    let differing = computed.filter(|change| change.verdict != Verdict::Identical);
    changes.changes.extend(differing);
    let astray = known::astray(&sources, project)?;
    changes.notes.extend(astray.iter().map(ToString::to_string));
    Ok(())
}

/// Whether the role is not what the sources ask for.
pub(super) fn is_stale(
    root: &Root,
    sources: &[(RelativePath, String)],
    project: &Project,
) -> Result<bool> {
    let change = role(root, sources, project)?;
    Ok(change.is_ok_and(|change| change.verdict != Verdict::Identical))
}

fn unreadable(path: &str, problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    format!(
        "`{path}` is left as it is, for markers that cannot be read\n{}",
        lines.join("\n")
    )
}

/// The role as the sources ask for it, or what is wrong with the markers.
fn role(
    root: &Root,
    sources: &[(RelativePath, String)],
    project: &Project,
) -> Result<Result<Change, Vec<Problem>>> {
    let roles = match manifests::derive(sources, &options(project)) {
        Err(problems) => return Ok(Err(problems)),
        Ok(roles) => roles,
    };
    computed(root, RelativePath::literal(manifests::ROLE), roles.text).map(Ok)
}

/// The webhook configurations that the sources ask for, or what is wrong with the
/// markers. The file is there where `config/webhook/kustomization.yaml` lists it, or
/// where there is a marker; without either, one that was computed goes.
pub(super) fn webhooks(
    root: &Root,
    project: &Project,
    sources: &[(RelativePath, String)],
) -> Result<Result<Option<Change>, Vec<Problem>>> {
    let path = RelativePath::literal(webhook::WEBHOOKS);
    let text = match webhook::derive(sources) {
        Err(problems) => return Ok(Err(problems)),
        Ok(text) => text.or_else(|| project.has_webhooks().then(webhook::none)),
    };
    if let Some(text) = text {
        return Ok(Ok(Some(computed(root, path, text)?)));
    }
    let before = root.read(&path)?;
    let stale = before.filter(|file| webhook::is_computed(&file.bytes));
    let change = |before| Change::whole(path, Owner::Derived, Some(before), None);
    Ok(Ok(stale.map(change)))
}

/// The change that writes `text` into a computed file; line ends alone are no change.
pub(super) fn computed(root: &Root, path: RelativePath, text: String) -> Result<Change> {
    let before = root.read(&path)?;
    let same = |file: &&File| equal_but_line_ends(&file.bytes, text.as_bytes());
    let after = match before.as_ref().filter(same) {
        Some(file) => file.clone(),
        None => File::plain(text),
    };
    Ok(Change::whole(path, Owner::Derived, before, Some(after)))
}

/// How the role is written for this project.
pub(super) fn options(project: &Project) -> RoleOptions {
    RoleOptions {
        role_name: "manager-role".to_owned(),
        namespaced: project.namespaced,
    }
}

/// Every Rust file of the manager, as it will be.
pub(super) fn sources(
    root: &Root,
    changes: &ChangeSet,
    project: &Project,
) -> Result<Vec<(RelativePath, String)>> {
    let left_over = LeftOver::of(project);
    let folder = RelativePath::literal(SOURCES);
    let on_disk = root.list(Some(&folder))?;
    let planned = changes.changes.iter().map(|change| change.path.clone());
    let paths: BTreeSet<RelativePath> = on_disk
        .into_iter()
        .chain(planned)
        .filter(|path| is_source(path) && !left_over.holds(path))
        .collect();
    let mut sources = Vec::new();
    for path in paths {
        let file = match changes.after(&path) {
            Some(after) => after.cloned(),
            None => root.read(&path)?,
        };
        if let Some(file) = file {
            sources.push((path, String::from_utf8_lossy(&file.bytes).into_owned()));
        }
    }
    Ok(sources)
}

/// What is to be said of files that lie where controllers and handlers do, that no list
/// names, and that have markers all the same.
pub(super) fn left_over(root: &Root, project: &Project) -> Result<Vec<String>> {
    let left_over = LeftOver::of(project);
    let mut notes = Vec::new();
    for path in root.list(Some(&RelativePath::literal(SOURCES)))? {
        if !is_source(&path) || !left_over.holds(&path) {
            continue;
        }
        let text = root.read(&path)?.map(|file| file.bytes).unwrap_or_default();
        let line = manifests::first_marker(&path, &String::from_utf8_lossy(&text));
        if let Some(line) = line {
            notes.push(format!(
                "{path}:{line}: PROJECT has no such controller or handler, so the markers of this file do not count\n\
                 help: delete the file if `rustop delete` left it; if it is yours, move it to a folder beside `controller` and `webhook`"
            ));
        }
    }
    Ok(notes)
}

fn is_source(path: &RelativePath) -> bool {
    path.as_str().starts_with("src/") && path.as_str().ends_with(".rs")
}

/// Controllers and handlers that no list names: `rustop delete` kept them because the
/// user changed them. They are not compiled, so what they ask for is not needed.
struct LeftOver {
    listed: BTreeSet<String>,
    multigroup: bool,
}

impl LeftOver {
    fn of(project: &Project) -> Self {
        let paths = |resource: &Resource| {
            let key = &resource.key;
            let path = |controller| project.controller_path(key, controller);
            let mut paths: Vec<_> = resource.controllers.iter().map(path).collect();
            let handlers = resource.webhooks.handlers();
            paths.extend(handlers.map(|(_, name, _)| project.handler_path(key, name)));
            paths
        };
        Self {
            listed: project.resources().iter().flat_map(paths).collect(),
            multigroup: project.multigroup,
        }
    }

    fn holds(&self, path: &RelativePath) -> bool {
        let path = path.as_str();
        (self.is_controller(path) || self.is_handler(path)) && !self.listed.contains(path)
    }

    /// Does it lie where the scaffold puts controllers?
    fn is_controller(&self, path: &str) -> bool {
        let below = path.strip_prefix("src/controller/");
        let depth = usize::from(self.multigroup);
        below.is_some_and(|it| it != "mod.rs" && it.matches('/').count() == depth)
    }

    /// Does it lie where the scaffold puts handlers, and is called like one?
    fn is_handler(&self, path: &str) -> bool {
        let below = path.strip_prefix("src/webhook/");
        let depth = 2 + usize::from(self.multigroup);
        let is_called = ["/defaulter.rs", "/validator.rs"]
            .iter()
            .any(|name| path.ends_with(name));
        is_called && below.is_some_and(|it| it.matches('/').count() == depth)
    }
}
