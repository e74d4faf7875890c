//! The lists of modules: groups, their versions and kinds, their controllers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::controller_context::ControllerContext;
use super::watched_context::WatchedContext;
use crate::project::{Project, Resource, Types};
use crate::resource::Version;

/// A group with types, for the lists of modules.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GroupContext {
    pub module: String,
    /// Whether a module is called like the one that it is in, which clippy dislikes.
    pub has_inception: bool,
    pub qualified_group: String,
    pub versions: Vec<GroupVersionContext>,
}

/// The modules of the controllers of a group.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ControllerGroupContext {
    pub module: String,
    /// Whether a controller's module is called like the group's.
    pub has_inception: bool,
    pub controllers: Vec<String>,
}

/// The kinds of one version of a group.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GroupVersionContext {
    pub version: String,
    pub module: String,
    pub modules: Vec<ModuleContext>,
}

/// The module of a kind's types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct ModuleContext {
    pub name: String,
    pub kind: String,
    /// It is computed from the CRD of somebody else, and may hold any names.
    pub computed: bool,
    /// The module of its conversion from and to the hub; empty where there is none.
    pub conversion: String,
}

/// Groups whose names differ share a module where Rust cannot tell them apart.
pub(super) fn controller_groups(
    controllers: &[ControllerContext],
    watched: &[WatchedContext],
) -> Vec<ControllerGroupContext> {
    let own = controllers.iter();
    let own = own.map(|one| (&one.version.group_module, &one.controller_module));
    let watched = watched.iter();
    let watched = watched.map(|one| (&one.group_module, &one.controller_module));
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (group, module) in own.chain(watched) {
        groups.entry(group).or_default().push(module.clone());
    }
    let group = |(module, mut controllers): (&str, Vec<String>)| {
        controllers.sort_unstable();
        ControllerGroupContext {
            has_inception: controllers.iter().any(|controller| controller == module),
            module: module.to_owned(),
            controllers,
        }
    };
    groups.into_iter().map(group).collect()
}

/// The groups of the types crate.
pub(super) fn groups(project: &Project) -> Vec<GroupContext> {
    let mut groups: BTreeMap<String, Vec<&Resource>> = BTreeMap::new();
    for resource in project.resources().iter().filter(|one| one.is_typed()) {
        let module = resource.key.group().module();
        groups.entry(module).or_default().push(resource);
    }
    groups
        .values()
        .map(|resources| GroupContext::of(project, resources))
        .collect()
}

impl GroupContext {
    fn of(project: &Project, resources: &[&Resource]) -> Self {
        let first = &resources[0].key;
        let versions = resources.iter().map(|one| one.key.version());
        let mut versions: Vec<&Version> = versions.collect();
        versions.sort_unstable_by_key(|version| version.as_str());
        versions.dedup();
        let versions = versions.into_iter();
        let versions = versions.map(|version| GroupVersionContext::of(project, resources, version));
        let versions: Vec<GroupVersionContext> = versions.collect();
        let module = first.group().module();
        Self {
            has_inception: versions
                .iter()
                .any(|version| version.has_inception(&module)),
            module,
            qualified_group: first.qualified_group(),
            versions,
        }
    }
}

impl GroupVersionContext {
    fn of(project: &Project, resources: &[&Resource], version: &Version) -> Self {
        let here = |one: &&&Resource| one.key.version() == version;
        let here = resources.iter().filter(here);
        let mut modules: Vec<ModuleContext> =
            here.map(|one| ModuleContext::of(project, one)).collect();
        modules.sort_unstable();
        Self {
            version: version.to_string(),
            module: version.module(),
            modules,
        }
    }

    /// Is a module called like the one that it is in?
    fn has_inception(&self, group: &str) -> bool {
        let same = |module: &ModuleContext| module.name == self.module;
        self.module == group || self.modules.iter().any(same)
    }
}

impl ModuleContext {
    fn of(project: &Project, resource: &Resource) -> Self {
        let kind = resource.key.kind();
        let is_spoke = project.hub_of(resource).is_some();
        let conversion = is_spoke.then(|| format!("{}_conversion", kind.module()));
        Self {
            conversion: conversion.unwrap_or_default(),
            name: kind.module(),
            kind: kind.to_string(),
            computed: resource.types == Types::Crd,
        }
    }
}
