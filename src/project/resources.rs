//! The resources of a project, and the changes that commands make to them.

use super::{Api, Project, ProjectError, Resource, checks};
use crate::resource::ResourceKey;

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
        checks::check_wish(self, &resource)?;
        let mut resources = self.without(&resource.key);
        resources.push(resource);
        self.with_resources(resources)
    }

    /// Takes the resource with this key away; without one, nothing changes.
    pub fn without_resource(&self, key: &ResourceKey) -> Result<Self, ProjectError> {
        let mut resources = self.without(key);
        for other in &mut resources {
            if other.key.same_group_kind(key) {
                let spokes = &mut other.webhooks.spokes;
                spokes.retain(|spoke| spoke != key.version());
            }
        }
        self.with_resources(resources)
    }

    /// Stores the objects of a kind in the version that `key` names.
    pub fn with_stored(&self, key: &ResourceKey) -> Result<Self, ProjectError> {
        let mut resources = self.resources.clone();
        for resource in &mut resources {
            let is_it = resource.key == *key;
            if resource.key.same_group_kind(key)
                && let Some(api) = resource.api_mut()
            {
                api.storage = is_it;
            }
        }
        self.with_resources(resources)
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
        checks::check(&project)?;
        Ok(project)
    }
}

/// A kind has one storage version: the one that is marked, else its first.
/// Expects sorted resources, in which the versions of a kind are neighbours.
fn settle_storage(resources: &mut [Resource]) {
    for versions in resources.chunk_by_mut(Resource::same_kind) {
        let mut apis: Vec<&mut Api> = versions.iter_mut().filter_map(Resource::api_mut).collect();
        let stored = apis.iter().position(|api| api.storage).unwrap_or(0);
        for (position, api) in apis.iter_mut().enumerate() {
            api.storage = position == stored;
        }
    }
}
