//! The names that the templates of a controller know. Lines whose layout depends
//! on the length of names are made here.

use serde::Serialize;

use super::context::Placed;
use super::names;
use super::version_context::VersionContext;
use crate::project::{Controller, Project, Resource};
use crate::resource::ResourceKey;

/// For `templates/controller`: one controller, and the version that it is about.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ControllerContext {
    #[serde(flatten)]
    pub version: VersionContext,
    /// The Rust module of the controller, and of its tests.
    pub controller_module: String,
    pub controller_folder: String,
    /// What the names of its types begin with.
    pub reconciler: String,
    /// Whether it is one beside the kind's own.
    pub named: bool,
    /// `const CONTROLLER: …`, laid out as rustfmt does; so are the next ones.
    pub controller_constant: String,
    pub finalizer_constant: String,
    /// The type of its condition in Rust: the kind's own says `Ready`.
    pub condition: String,
    /// What `condition` stands for, where it is a constant.
    pub condition_constant: String,
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

impl ControllerContext {
    pub(super) fn of(project: &Project, resource: &Resource, controller: &Controller) -> Self {
        let key = &resource.key;
        let name = project.controller_name(key, controller);
        let prefix = controller.type_prefix(key);
        let named = *controller != Controller::Default;
        let object = names::object_type(&key.kind().type_name(), &prefix);
        Self {
            version: VersionContext::of(project, resource),
            controller_module: controller.module(key),
            controller_folder: project.controller_folder(key),
            named,
            controller_constant: names::constant("CONTROLLER", &quoted(&name)),
            finalizer_constant: names::constant("FINALIZER", &quoted(&controller.finalizer(key))),
            condition: if named { "READY" } else { "\"Ready\"" }.to_owned(),
            condition_constant: names::constant("READY", &quoted(&controller.condition(key))),
            apply_method: method(
                "async fn apply",
                &[&format!("api: &Api<{object}>")],
                &object,
            ),
            cleanup_method: method("async fn cleanup", &[], &object),
            import_as_object: names::import_as_object(resource),
            object_import: names::renamed(&key.kind().type_name(), &object),
            identity: identity(key, controller),
            object_type: object,
            reconciler: prefix,
        }
    }
}

impl Placed for ControllerContext {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn path_parts(&self) -> Vec<(&str, &str)> {
        vec![
            ("controller_folder", &self.controller_folder),
            ("module", &self.controller_module),
        ]
    }
}

/// A method of the reconciler that gets the object last.
fn method(head: &str, parameters: &[&str], object: &str) -> String {
    let object = format!("object: &{object}");
    let mut all = vec!["&self"];
    all.extend(parameters);
    all.push(&object);
    names::method(head, &all, "Result<Action, Error>")
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// Which controller it is, wherever its files lie.
pub(super) fn identity(key: &ResourceKey, controller: &Controller) -> String {
    match controller {
        Controller::Default => key.to_string(),
        Controller::Named(name) => format!("{key} {name}"),
    }
}
