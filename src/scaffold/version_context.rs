//! The names that the templates of one version of a kind know, and those of its
//! controller. Lines whose layout depends on the length of names are made here.

use serde::Serialize;

use super::names;
use crate::project::{Project, Resource};

/// For `templates/version` and `templates/controller`: one version of a kind.
#[derive(Clone, Debug, Serialize)]
pub(super) struct VersionContext {
    pub group: String,
    pub group_module: String,
    pub qualified_group: String,
    pub version: String,
    pub kind: String,
    pub lower: String,
    pub module: String,
    pub plural: String,
    pub cluster_scoped: bool,
    pub storage: bool,
    pub sample_file: String,
    pub api_folder: String,
    pub controller_folder: String,
    /// `#[kube(group = …)]`, laid out as rustfmt does; so are the next ones.
    pub kube_attribute: String,
    pub controller_constant: String,
    pub finalizer_constant: String,
    /// What the controller calls the type of its objects: the kind, unless the
    /// controller needs that name for something else.
    pub object_type: String,
    /// The last part of `use …::MyApp;`, under that name.
    pub object_import: String,
    pub apply_method: String,
    pub cleanup_method: String,
    /// `use api::…::MyApp as Object;`, for tests in which the kind's length must not matter.
    pub import_as_object: String,
    #[serde(skip)]
    pub identity: String,
}

impl VersionContext {
    pub(super) fn of(project: &Project, resource: &Resource) -> Self {
        let key = &resource.key;
        let lower = key.kind().as_str().to_lowercase();
        let object = names::object_type(key.kind().as_str());
        Self {
            group: key.group().to_string(),
            group_module: key.group().module(),
            qualified_group: key.qualified_group(),
            version: key.version().to_string(),
            kind: key.kind().to_string(),
            module: key.kind().module(),
            plural: resource.plural.to_string(),
            lower,
            cluster_scoped: resource.api.as_ref().is_some_and(|api| !api.namespaced),
            storage: resource.api.as_ref().is_some_and(|api| api.storage),
            sample_file: names::sample_file(resource),
            api_folder: names::api_folder(project, resource),
            controller_folder: names::controller_folder(project, resource),
            kube_attribute: kube_attribute(resource),
            controller_constant: names::constant(
                "CONTROLLER",
                &quoted(&names::controller(project, resource)),
            ),
            finalizer_constant: names::constant(
                "FINALIZER",
                &quoted(&format!("{}/finalizer", key.qualified_group())),
            ),
            apply_method: names::method(
                "async fn apply",
                &[
                    "&self",
                    &format!("api: &Api<{object}>"),
                    &format!("object: &{object}"),
                ],
                "Result<Action, Error>",
            ),
            import_as_object: names::import_as_object(resource),
            cleanup_method: names::method(
                "async fn cleanup",
                &["&self", &format!("object: &{object}")],
                "Result<Action, Error>",
            ),
            object_import: names::renamed(key.kind().as_str(), &object),
            object_type: object,
            identity: key.to_string(),
        }
    }

    /// What fills in the variable parts of a path.
    pub(super) fn path_parts(&self) -> Vec<(&str, &str)> {
        vec![
            ("api_folder", &self.api_folder),
            ("controller_folder", &self.controller_folder),
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
    if resource.api.as_ref().is_some_and(|api| api.namespaced) {
        arguments.push("namespaced".to_owned());
    }
    names::attribute("kube", &arguments)
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
