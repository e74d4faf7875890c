//! The names that the templates of one version of a kind know. Lines whose
//! layout depends on the length of names are made here.

use serde::Serialize;

use super::context::Placed;
use super::fields::FieldsContext;
use super::names;
use crate::manifests::yaml;
use crate::project::{Project, Resource};

/// For `templates/version`: one version of a kind.
#[derive(Clone, Debug, Serialize)]
pub(super) struct VersionContext {
    pub group: String,
    pub group_module: String,
    pub qualified_group: String,
    pub version: String,
    pub version_module: String,
    pub kind: String,
    /// The kind in YAML, where `No` is no text.
    pub kind_yaml: String,
    pub lower: String,
    pub module: String,
    pub plural: String,
    pub cluster_scoped: bool,
    pub storage: bool,
    pub sample_file: String,
    /// Whether its sample is applied: not where the API server refuses it, or warns.
    pub is_sampled: bool,
    pub api_folder: String,
    /// `#[kube(group = …)]`, laid out as rustfmt does.
    pub kube_attribute: String,
    #[serde(flatten)]
    pub fields: FieldsContext,
    #[serde(skip)]
    pub identity: String,
}

impl VersionContext {
    pub(super) fn of(project: &Project, resource: &Resource) -> Self {
        let key = &resource.key;
        let declared = resource.api().map(|api| api.fields.clone());
        let declared = declared.unwrap_or_default();
        let lower = key.kind().lower();
        Self {
            group: key.group().to_string(),
            group_module: key.group().module(),
            qualified_group: key.qualified_group(),
            version: key.version().to_string(),
            version_module: key.version().module(),
            kind: key.kind().to_string(),
            kind_yaml: yaml::name(key.kind().as_str()),
            module: key.kind().module(),
            plural: resource.plural.to_string(),
            lower,
            cluster_scoped: resource.api().is_some_and(|api| !api.namespaced),
            storage: resource.api().is_some_and(|api| api.storage),
            sample_file: names::sample_file(resource),
            is_sampled: resource
                .api()
                .is_some_and(|api| !api.unserved && api.deprecated.is_none()),
            api_folder: project.api_folder(key),
            kube_attribute: kube_attribute(resource),
            fields: FieldsContext::of(key.kind(), &declared),
            identity: key.to_string(),
        }
    }
}

impl Placed for VersionContext {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn path_parts(&self) -> Vec<(&str, &str)> {
        vec![
            ("api_folder", &self.api_folder),
            ("module", &self.module),
            ("sample_file", &self.sample_file),
        ]
    }
}

fn kube_attribute(resource: &Resource) -> String {
    let key = &resource.key;
    let pair = |name: &str, value: &str| format!("{name} = \"{value}\"");
    let mut arguments = vec![
        pair(
            "doc",
            &format!(
                "{} is the Schema for the {} API.",
                key.kind(),
                resource.plural
            ),
        ),
        pair("group", &key.qualified_group()),
        pair("version", key.version().as_str()),
        pair("kind", key.kind().as_str()),
        pair("plural", resource.plural.as_str()),
        pair("status", &format!("{}Status", key.kind())),
    ];
    let type_name = key.kind().type_name();
    if type_name != key.kind().as_str() {
        arguments.push(pair("root", &type_name));
    }
    if resource.api().is_some_and(|api| api.namespaced) {
        arguments.push("namespaced".to_owned());
    }
    names::attribute("kube", &arguments)
}
