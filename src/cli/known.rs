//! What PROJECT knows and the searches of `manifests` need: kinds, handlers, versions
//! that nobody serves.

use anyhow::Result;

use crate::manifests::rights::KnownKind;
use crate::manifests::{self, Finding, HiddenVersion, KnownHandler};
use crate::project::{Admission, Project, Resource, Types};
use crate::resource::BuiltinKind;
use crate::tree::RelativePath;

/// What the manager's sources ask for that leads nowhere once PROJECT is deployed.
pub(super) fn astray(
    sources: &[(RelativePath, String)],
    project: &Project,
) -> Result<Vec<Finding>> {
    let mut findings = manifests::unserved(sources, &handlers(project)?);
    findings.extend(manifests::hidden(sources, &hidden_versions(project)));
    Ok(findings)
}

/// The handlers of webhooks that PROJECT lists.
fn handlers(project: &Project) -> Result<Vec<KnownHandler>> {
    let of = |resource: &Resource, verb, name| -> Result<KnownHandler> {
        Ok(KnownHandler {
            file: RelativePath::new(project.handler_path(&resource.key, name))?,
            mutating: verb == "mutate",
            usual_path: resource.webhook_path(verb, &Admission::default()),
        })
    };
    let mut handlers = Vec::new();
    for resource in project.resources() {
        for (verb, name, _) in resource.webhooks.handlers() {
            handlers.push(of(resource, verb, name)?);
        }
    }
    Ok(handlers)
}

/// Kubernetes' own kinds, and those of the project.
pub(super) fn kinds(project: &Project) -> Vec<KnownKind> {
    let builtin = BuiltinKind::all().iter().map(|one| KnownKind {
        rust_path: one.rust_path.to_owned(),
        group: one.group.to_owned(),
        plural: one.plural.to_owned(),
        kind: one.kind.to_owned(),
    });
    let own = project.resources().iter().filter_map(kind);
    builtin.chain(own).collect()
}

/// A kind that is not Kubernetes' own.
fn kind(resource: &Resource) -> Option<KnownKind> {
    let key = &resource.key;
    let (group, version) = (key.group().module(), key.version().module());
    let rust_path = match &resource.types {
        Types::Own(_) | Types::Crd => {
            format!("api::{group}::{version}::{}", key.kind().type_name())
        }
        Types::Crate(external) => format!("{}::{}", external.path, key.kind()),
        Types::Core => return None,
    };
    Some(KnownKind {
        rust_path,
        group: key.qualified_group(),
        plural: resource.plural.to_string(),
        kind: key.kind().to_string(),
    })
}

fn hidden_versions(project: &Project) -> Vec<HiddenVersion> {
    let is_served = |one: &Resource| one.api().is_some_and(|api| !api.unserved);
    let hidden = |resource: &Resource| {
        let key = &resource.key;
        resource.api().filter(|api| api.unserved)?;
        let served = project.versions_of(key).filter(|one| is_served(one));
        Some(HiddenVersion {
            kind: kind(resource)?,
            version: key.version().to_string(),
            served: served.map(|one| one.key.version().to_string()).collect(),
            again: format!(
                "rustop create api --group {} --version {} --kind {} --resource --controller=false --served --force",
                key.shown_group(),
                key.version(),
                key.kind()
            ),
        })
    };
    project.resources().iter().filter_map(hidden).collect()
}
