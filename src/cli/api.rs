//! `--group`, `--version` and `--kind`: which API a command is about.

use anyhow::Result;
use clap::Args;

use super::exit::Stop;
use crate::project::{Project, Resource};
use crate::resource::{Domain, Group, Kind, ResourceKey, Version};

/// The flags that name an API.
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    /// The group, without the project's domain
    #[arg(long)]
    group: Option<Group>,
    /// The version, for example `v1alpha1`
    #[arg(long = "version", value_name = "VERSION")]
    api_version: Version,
    /// The kind, in CamelCase
    #[arg(long)]
    kind: Kind,
}

impl KeyArgs {
    /// The key of the API: of one that is there, or of a new one.
    pub(super) fn resolve(&self, project: &Project) -> Result<ResourceKey> {
        if let Some(resource) = self.matching(project).next() {
            return Ok(resource.key.clone());
        }
        let group = self.group.clone().map_or_else(|| Group::new(""), Ok)?;
        // The full group may be given, as it stands in manifests.
        let suffix = format!(".{}", project.domain);
        let group = match group.as_str().strip_suffix(&suffix) {
            Some(short) if !project.domain.is_empty() => Group::new(short)?,
            _ => group,
        };
        let domain: Domain = project.domain.clone();
        Ok(ResourceKey::new(
            group,
            domain,
            self.api_version.clone(),
            self.kind.clone(),
        )?)
    }

    /// The key of an API that is there; an error names those that are.
    pub(super) fn find(&self, project: &Project) -> Result<ResourceKey> {
        let mut found = self.matching(project);
        match (found.next(), found.next()) {
            (Some(resource), None) => Ok(resource.key.clone()),
            (Some(_), Some(_)) => Err(Stop::usage(format!(
                "`{}` is a kind of several groups\nhelp: say which with `--group`",
                self.kind
            ))),
            (None, _) => Err(Stop::usage(format!(
                "this project has no `{}` in version `{}`{}",
                self.kind,
                self.api_version,
                known(project)
            ))),
        }
    }

    fn matching<'a>(&'a self, project: &'a Project) -> impl Iterator<Item = &'a Resource> {
        let group = |key: &ResourceKey| match &self.group {
            Some(group) => group == key.group() || group.as_str() == key.qualified_group(),
            None => true,
        };
        let named =
            move |key: &ResourceKey| key.kind() == &self.kind && key.version() == &self.api_version;
        project
            .resources()
            .iter()
            .filter(move |resource| named(&resource.key) && group(&resource.key))
    }
}

fn known(project: &Project) -> String {
    let names: Vec<String> = project
        .resources()
        .iter()
        .map(|resource| format!("`{}`", resource.key))
        .collect();
    if names.is_empty() {
        return "\nhelp: it has no API yet; add one with `rustop create api`".to_owned();
    }
    format!("\nhelp: it has {}", names.join(", "))
}
