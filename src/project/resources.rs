//! The resources of a project, and the changes that commands make to them.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::fields::{Fields, Writer};
use super::{Project, ProjectError};
use crate::resource::{Domain, Group, Kind, Plural, ResourceKey, Version};

/// A version of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Group, domain, version and kind: what tells it from every other.
    pub key: ResourceKey,
    /// The one plural, used wherever a plural is needed.
    pub plural: Plural,
    /// The CRD, when its types are part of this project.
    pub api: Option<Api>,
    /// Whether a controller is scaffolded for it.
    pub controller: bool,
    pub(super) rest: Mapping,
}

/// What a CRD has besides its names.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// Objects live in a namespace; else they are cluster-scoped.
    pub namespaced: bool,
    /// Objects are stored in this version. Written down only where a kind has several.
    pub storage: bool,
    pub(super) rest: Mapping,
}

impl Resource {
    /// A resource with a CRD of its own, or one that is only watched.
    pub fn new(
        key: ResourceKey,
        plural: Plural,
        namespaced: Option<bool>,
        controller: bool,
    ) -> Self {
        let api = namespaced.map(|namespaced| Api {
            namespaced,
            storage: false,
            rest: Mapping::new(),
        });
        Self {
            key,
            plural,
            api,
            controller,
            rest: Mapping::new(),
        }
    }

    pub(super) fn read(value: Value, position: usize) -> Result<Self, ProjectError> {
        let mut fields = Fields::of(value, &format!("resources[{position}]"))?;
        let key = ResourceKey::new(
            fields.name("group", Group::new)?,
            fields.name("domain", Domain::new)?,
            fields.name("version", Version::new)?,
            fields.name("kind", Kind::new)?,
        );
        let key = key.map_err(|error| ProjectError::Name {
            key: fields.key("group"),
            error,
        })?;
        let plural = if fields.has("plural") {
            fields.name("plural", Plural::new)?
        } else {
            Plural::of(key.kind()).map_err(|error| ProjectError::Name {
                key: fields.key("kind"),
                error,
            })?
        };
        let api = if fields.has("api") {
            Some(Api::read(fields.take("api"), position)?)
        } else {
            None
        };
        let controller = fields.bool("controller")?;
        Ok(Self {
            key,
            plural,
            api,
            controller,
            rest: fields.rest(),
        })
    }

    pub(super) fn write(&self, several_versions: bool) -> Value {
        let mut writer = Writer::with_rest(&self.rest);
        if let Some(api) = &self.api {
            writer.value("api", api.write(several_versions));
        }
        writer.flag("controller", self.controller);
        writer.text("domain", self.key.domain().as_str());
        writer.text("group", self.key.group().as_str());
        writer.text("kind", self.key.kind().as_str());
        writer.text("plural", self.plural.as_str());
        writer.text("version", self.key.version().as_str());
        writer.sorted()
    }

    /// The name of the CRD on the API server, for example `myapps.apps.example.com`.
    pub fn crd_name(&self) -> String {
        format!("{}.{}", self.plural, self.key.qualified_group())
    }

    /// Whether `other` is another version of the same kind.
    pub fn same_kind(&self, other: &Self) -> bool {
        self.key.same_group_kind(&other.key)
    }
}

impl Api {
    fn read(value: Value, position: usize) -> Result<Self, ProjectError> {
        let mut fields = Fields::of(value, &format!("resources[{position}].api"))?;
        if !matches!(fields.text("crdVersion")?.as_str(), "" | "v1") {
            return Err(fields.wrong("crdVersion", "`v1`"));
        }
        let (namespaced, storage) = (fields.bool("namespaced")?, fields.bool("storage")?);
        Ok(Self {
            namespaced,
            storage,
            rest: fields.rest(),
        })
    }

    fn write(&self, several_versions: bool) -> Value {
        let mut writer = Writer::with_rest(&self.rest);
        writer.text("crdVersion", "v1");
        writer.flag("namespaced", self.namespaced);
        writer.flag("storage", self.storage && several_versions);
        writer.sorted()
    }
}

impl Resource {
    /// This resource with the plural, scope and controller of another; keys that rustop does not know stay.
    #[must_use]
    pub fn with_settings_of(&self, other: &Self) -> Self {
        let mut resource = self.clone();
        resource.plural = other.plural.clone();
        resource.controller = other.controller;
        match (&mut resource.api, &other.api) {
            (Some(api), Some(other)) => api.namespaced = other.namespaced,
            (api, other) => api.clone_from(other),
        }
        resource
    }
}

impl Project {
    /// The versions of the kind that `key` names.
    pub fn versions_of(&self, key: &ResourceKey) -> impl Iterator<Item = &Resource> {
        self.resources
            .iter()
            .filter(|resource| resource.key.same_group_kind(key))
    }

    /// The resource with this key.
    pub fn resource(&self, key: &ResourceKey) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.key == *key)
    }

    /// Adds a resource, or replaces the one with its key.
    pub fn with_resource(&self, resource: Resource) -> Result<Self, ProjectError> {
        let mut resources = self.without(&resource.key);
        resources.push(resource);
        self.with_resources(resources)
    }

    /// Takes the resource with this key away; without one, nothing changes.
    pub fn without_resource(&self, key: &ResourceKey) -> Result<Self, ProjectError> {
        self.with_resources(self.without(key))
    }

    fn without(&self, key: &ResourceKey) -> Vec<Resource> {
        self.resources
            .iter()
            .filter(|resource| resource.key != *key)
            .cloned()
            .collect()
    }

    /// Sorts the resources, settles the storage versions and checks what must hold among them.
    pub(super) fn with_resources(
        &self,
        mut resources: Vec<Resource>,
    ) -> Result<Self, ProjectError> {
        resources.sort_by(|first, second| first.key.cmp(&second.key));
        settle_storage(&mut resources);
        let project = Self {
            resources,
            ..self.clone()
        };
        project.check()?;
        Ok(project)
    }

    fn check(&self) -> Result<(), ProjectError> {
        self.check_groups()?;
        self.resources
            .windows(2)
            .try_for_each(|pair| check_neighbours(&pair[0], &pair[1]))?;
        check_crd_names(&self.resources)?;
        check_modules(&self.resources)
    }

    /// kubebuilder's rule: one group in a single-group project, letter case aside.
    fn check_groups(&self) -> Result<(), ProjectError> {
        let mut groups = self
            .resources
            .iter()
            .filter(|resource| resource.api.is_some());
        let Some(first) = groups.next() else {
            return Ok(());
        };
        match groups.find(|other| other.key.group() != first.key.group()) {
            Some(second) if !self.multigroup => Err(ProjectError::SecondGroup {
                first: first.key.group().to_string(),
                second: second.key.group().to_string(),
            }),
            _ => Ok(()),
        }
    }
}

/// A kind has one storage version: the one that is marked, else its first.
/// Expects sorted resources, in which the versions of a kind are neighbours.
fn settle_storage(resources: &mut [Resource]) {
    for versions in resources.chunk_by_mut(Resource::same_kind) {
        let mut apis: Vec<&mut Api> = versions
            .iter_mut()
            .filter_map(|version| version.api.as_mut())
            .collect();
        let stored = apis.iter().position(|api| api.storage).unwrap_or(0);
        for (position, api) in apis.iter_mut().enumerate() {
            api.storage = position == stored;
        }
    }
}

fn check_neighbours(first: &Resource, second: &Resource) -> Result<(), ProjectError> {
    if first.key == second.key {
        return Err(ProjectError::Twice(format!("`{}`", first.key)));
    }
    if !first.same_kind(second) {
        return Ok(());
    }
    let disagree = |what| {
        Err(ProjectError::Disagree {
            kind: first.key.kind().to_string(),
            what,
        })
    };
    if first.plural != second.plural {
        return disagree("the plural");
    }
    let scope = |resource: &Resource| resource.api.as_ref().map(|api| api.namespaced);
    match (scope(first), scope(second)) {
        (Some(one), Some(other)) if one != other => disagree("the scope"),
        _ => Ok(()),
    }
}

/// Two kinds cannot share a CRD's name: `<plural>.<group>`.
fn check_crd_names(resources: &[Resource]) -> Result<(), ProjectError> {
    let mut seen = BTreeMap::new();
    for resource in resources.iter().filter(|resource| resource.api.is_some()) {
        let kind = resource.key.kind().to_string();
        let crd = resource.crd_name();
        let first = seen.entry(crd.clone()).or_insert_with(|| kind.clone());
        if *first != kind {
            return Err(ProjectError::SamePlural {
                crd,
                kinds: [first.clone(), kind],
            });
        }
    }
    Ok(())
}

/// Two groups, or two kinds of a group, cannot share a Rust module.
fn check_modules(resources: &[Resource]) -> Result<(), ProjectError> {
    let mut seen = BTreeMap::new();
    let mut claim = |module: String, name: String| {
        let first = seen.entry(module.clone()).or_insert_with(|| name.clone());
        if *first == name {
            return Ok(());
        }
        Err(ProjectError::SameModule {
            module,
            names: [first.clone(), name],
        })
    };
    for resource in resources {
        let (group, kind) = (resource.key.group().module(), &resource.key.kind());
        claim(group.clone(), resource.key.qualified_group())?;
        claim(format!("{group}::{}", kind.module()), kind.to_string())?;
        // `pub use` brings the types of all kinds of a version together.
        for end in ["", "Spec", "Status"] {
            claim(format!("{group}::{kind}{end}"), kind.to_string())?;
        }
    }
    Ok(())
}
