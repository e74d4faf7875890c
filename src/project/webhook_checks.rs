//! What must hold among the webhooks of a project.

use std::collections::BTreeMap;

use super::{Admission, Project, ProjectError, Resource};
use crate::resource::Version;

pub(super) fn check(project: &Project) -> Result<(), ProjectError> {
    check_paths(project)?;
    for resource in project.resources() {
        check_conversion(project, resource)?;
    }
    Ok(())
}

/// Each path of the server leads to one webhook, and each lies in a file of its own.
fn check_paths(project: &Project) -> Result<(), ProjectError> {
    let mut claims = BTreeMap::new();
    for resource in project.resources() {
        for (verb, name, webhook) in resource.webhooks.handlers() {
            let file = project.handler_path(&resource.key, name);
            for path in [file, resource.webhook_path(verb, webhook)] {
                let Some(first) = claims.insert(path.clone(), resource) else {
                    continue;
                };
                return Err(ProjectError::SamePath {
                    path,
                    resources: [first, resource].map(|one| one.key.to_string()),
                });
            }
        }
    }
    Ok(())
}

/// A hub's spokes are the other versions of its kind, whose types are here as well.
fn check_conversion(project: &Project, hub: &Resource) -> Result<(), ProjectError> {
    if !hub.webhooks.conversion {
        return Ok(());
    }
    let wrong = |reason: String| ProjectError::Conversion {
        hub: hub.key.to_string(),
        reason,
    };
    if !hub.is_own() {
        return Err(wrong("its types are from elsewhere".to_owned()));
    }
    let mut versions = project.versions_of(&hub.key);
    let other = versions.find(|other| other.webhooks.conversion && other.key != hub.key);
    if let Some(other) = other {
        let version = other.key.version();
        return Err(wrong(format!("`{version}` is the hub of this kind")));
    }
    for spoke in &hub.webhooks.spokes {
        if spoke == hub.key.version() {
            return Err(wrong(format!("`{spoke}` is the hub itself, and no spoke")));
        }
        let is_spoke = |one: &Resource| one.is_own() && one.key.version() == spoke;
        let Some(spoke) = project.versions_of(&hub.key).find(|one| is_spoke(one)) else {
            return Err(wrong(format!(
                "this project has no version `{spoke}` of it"
            )));
        };
        check_conversion_path(project, spoke)?;
    }
    Ok(())
}

/// `MyApp` is converted in `my_app_conversion.rs`, where the types of a `MyAppConversion` would be.
fn check_conversion_path(project: &Project, spoke: &Resource) -> Result<(), ProjectError> {
    let path = project.conversion_path(&spoke.key);
    let mut all = project.resources().iter();
    let taken = all.find(|one| one.is_typed() && project.types_path(&one.key) == path);
    taken.map_or(Ok(()), |taken| {
        Err(ProjectError::SameFile {
            path,
            resources: [spoke, taken].map(|one| one.key.to_string()),
        })
    })
}

impl Resource {
    /// Where a webhook is reached: under its own path, or kubebuilder's.
    pub fn webhook_path(&self, prefix: &str, webhook: &Admission) -> String {
        let (key, path) = (&self.key, &webhook.path);
        let usual = || {
            let group = self.api_group().replace('.', "-");
            format!("/{prefix}-{group}-{}-{}", key.version(), key.kind().lower())
        };
        path.as_ref().map_or_else(usual, ToString::to_string)
    }
}

impl Project {
    /// The hub that this version is a spoke of.
    pub fn hub_of(&self, spoke: &Resource) -> Option<&Resource> {
        let mut versions = self.versions_of(&spoke.key);
        versions.find(|hub| hub.webhooks.spokes.contains(spoke.key.version()))
    }

    /// Whether the API server is to call this project's manager.
    pub fn has_webhooks(&self) -> bool {
        let admits =
            |one: &Resource| one.webhooks.defaulting.is_some() || one.webhooks.validation.is_some();
        self.resources.iter().any(admits) || self.converted().next().is_some()
    }

    /// The hubs of the kinds that are converted.
    pub fn converted(&self) -> impl Iterator<Item = &Resource> {
        let converts = |hub: &&Resource| hub.webhooks.conversion && !hub.webhooks.spokes.is_empty();
        self.resources.iter().filter(converts)
    }

    /// The versions of a kind that are neither its hub nor a spoke, where it has a hub.
    pub fn unconverted(&self, hub: &Resource) -> Vec<&Version> {
        let spokes = &hub.webhooks.spokes;
        let versions = self.versions_of(&hub.key).map(|one| one.key.version());
        versions
            .filter(|version| *version != hub.key.version() && !spokes.contains(version))
            .collect()
    }
}
