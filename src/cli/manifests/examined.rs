//! What `rustop manifests` finds besides what it writes, with its place in the sources.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::Value;

use super::super::{known, roles};
use super::Sources;
use super::since;
use crate::disk::Root;
use crate::manifests::rights::{self, Granted, KnownKind};
use crate::manifests::{self, CrdProblem, Finding, Problem, RoleOptions, Types, breaking, webhook};
use crate::project::{Certificates, Project, Resource};
use crate::tree::RelativePath;

/// What the search needs of a project.
pub(super) struct Examined {
    /// The types of its own kinds.
    pub(super) types: Types,
    /// By name of the CRD and version: the file of the type.
    files: Vec<(String, String, RelativePath)>,
    kinds: Vec<KnownKind>,
    /// The CRDs whose objects a webhook converts.
    converted: BTreeSet<String>,
    /// Roles and bindings that are no output of this command.
    roles: Vec<String>,
    options: RoleOptions,
    /// The manager writes the CA of its certificate into webhook configurations.
    writes_ca: bool,
    /// `config/` deploys what webhooks need.
    deploys_webhooks: bool,
}

impl Examined {
    pub(super) fn new(root: &Root, project: &Project) -> Result<Self> {
        // One by hand will do: its author knows what it needs.
        let kustomization = RelativePath::literal("config/webhook/kustomization.yaml");
        Ok(Self {
            types: Types::read(&texts(root, "api/src", ".rs")?),
            files: files(project)?,
            kinds: known::kinds(project),
            converted: project.converted().map(Resource::crd_name).collect(),
            roles: other_roles(root)?,
            options: roles::options(project),
            writes_ca: project.certificates == Certificates::Builtin,
            deploys_webhooks: project.has_webhooks() || root.kind(&kustomization)?.is_some(),
        })
    }

    /// Problems of CRDs, with the places where they are mended.
    pub(super) fn placed(&self, problems: &[CrdProblem]) -> Vec<Problem> {
        let place = |problem: &CrdProblem| self.types.problem(problem, &self.elsewhere(problem));
        problems.iter().map(place).collect()
    }

    /// Everything that an API server takes and that is surely not meant so.
    pub(super) fn findings(&self, sources: &Sources, list: &Value) -> Vec<Finding> {
        let mut of_crds = manifests::examine(list);
        if let Some(release) = since::last_release() {
            of_crds.extend(breaking::changes_in(
                &release.crds,
                list,
                &self.converted,
                &release.shown(),
            ));
        }
        let found = |problem: &CrdProblem| self.types.finding(problem, &self.elsewhere(problem));
        let mut findings: Vec<_> = of_crds.iter().filter_map(found).collect();
        findings.extend(rights::unknown(sources, &self.kinds));
        let granted = Granted {
            manifests: &self.roles,
            role_name: &self.options.role_name,
            namespaced: self.options.namespaced,
        };
        findings.extend(rights::missing(sources, &self.kinds, &granted));
        if self.writes_ca {
            findings.extend(rights::unwritable(sources, &granted));
        }
        if !self.deploys_webhooks {
            findings.extend(webhook::undeployed(sources));
        }
        findings
    }

    /// The file of a kind's type, where the place itself is not found.
    fn elsewhere(&self, problem: &CrdProblem) -> RelativePath {
        let of_kind = || self.files.iter().filter(|(crd, ..)| *crd == problem.crd);
        let of_version = of_kind().find(|(_, version, _)| *version == problem.place.version);
        let found = of_version.or_else(|| of_kind().next());
        found.map_or_else(Project::path, |(_, _, path)| path.clone())
    }
}

fn files(project: &Project) -> Result<Vec<(String, String, RelativePath)>> {
    let own = project
        .resources()
        .iter()
        .filter(|resource| resource.api().is_some());
    own.map(|resource| {
        let path = RelativePath::new(project.types_path(&resource.key))?;
        let version = resource.key.version().to_string();
        Ok((resource.crd_name(), version, path))
    })
    .collect()
}

/// Roles that the scaffold or the user wrote, but for those that are for people.
fn other_roles(root: &Root) -> Result<Vec<String>> {
    const FOR_PEOPLE: [&str; 3] = ["_admin_role.yaml", "_editor_role.yaml", "_viewer_role.yaml"];
    let files = texts(root, "config/rbac", ".yaml")?;
    let others = files.into_iter().filter(|(path, _)| {
        let is_for_people = FOR_PEOPLE.iter().any(|end| path.as_str().ends_with(end));
        path.as_str() != manifests::ROLE && !is_for_people
    });
    Ok(others.map(|(_, text)| text).collect())
}

fn texts(root: &Root, folder: &'static str, end: &str) -> Result<Vec<(RelativePath, String)>> {
    let folder = RelativePath::literal(folder);
    if root.kind(&folder)?.is_none() {
        return Ok(Vec::new());
    }
    let mut texts = Vec::new();
    for path in root.list(Some(&folder))? {
        if !path.as_str().ends_with(end) {
            continue;
        }
        if let Some(file) = root.read(&path)? {
            texts.push((path, String::from_utf8_lossy(&file.bytes).into_owned()));
        }
    }
    Ok(texts)
}
