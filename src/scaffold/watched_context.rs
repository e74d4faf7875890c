//! The names that the templates of a controller know whose type is not of this
//! project: Kubernetes' own, a crate's, or generated from a CRD. Lines whose
//! layout depends on the length of names are made here.

use serde::Serialize;

use super::context::Placed;
use super::controller_context::identity;
use super::names;
use crate::project::{Controller, ExternalCrate, Project, Resource, Types};
use crate::resource::ResourceKey;

/// For `templates/watched`: one controller, and the kind that it follows.
#[derive(Clone, Debug, Serialize)]
pub(super) struct WatchedContext {
    pub kind: String,
    pub plural: String,
    /// What `apiVersion` says.
    pub api_version: String,
    /// The group as RBAC markers write it.
    pub rbac_group: String,
    /// Whose type it is, as a sentence.
    pub origin: String,
    /// `use …;` of the type, under the name that the controller has for it.
    pub object_use: String,
    pub object_type: String,
    /// What the names of the controller's types begin with.
    pub reconciler: String,
    /// `const CONTROLLER: …`, laid out as rustfmt does; so is the next one.
    pub controller_constant: String,
    /// The path of the check that says whether the cache is filled.
    pub cache_constant: String,
    /// Known of Kubernetes' own kinds; of others it makes no difference here.
    pub cluster_scoped: bool,
    /// Whether there is a subresource `status`, as far as is known.
    pub has_status: bool,
    /// Whether the type has a `Default`, so that a test can make an object.
    pub has_default: bool,
    /// Whether an API server has to be given the CRD first, which is not at hand.
    pub needs_crd: bool,
    pub group_module: String,
    pub controller_folder: String,
    pub controller_module: String,
    #[serde(skip)]
    pub identity: String,
}

impl WatchedContext {
    pub(super) fn of(project: &Project, resource: &Resource, controller: &Controller) -> Self {
        let key = &resource.key;
        let builtin = resource.builtin();
        let (group, plural) = (resource.api_group(), resource.api_plural());
        let reconciler = controller.type_prefix(key);
        let object_type = names::object_type(key.kind().as_str(), &reconciler);
        let object = names::renamed(key.kind().as_str(), &object_type);
        let name = project.controller_name(key, controller);
        Self {
            api_version: api_version(&group, key),
            rbac_group: names::or_core(&group),
            object_use: format!("use {}::{object};", names::type_module(resource)),
            controller_constant: names::constant("CONTROLLER", &format!("{name:?}")),
            cache_constant: names::constant("CACHE", &format!("{:?}", check(plural, &group))),
            cluster_scoped: builtin.is_some_and(|builtin| !builtin.namespaced),
            has_status: builtin.is_none_or(|builtin| builtin.has_status),
            has_default: builtin.is_some(),
            needs_crd: matches!(resource.types, Types::Crate(_)),
            group_module: key.group().module(),
            controller_folder: project.controller_folder(key),
            controller_module: controller.module(key),
            identity: identity(key, controller),
            kind: key.kind().to_string(),
            plural: plural.to_owned(),
            origin: origin(resource),
            object_type,
            reconciler,
        }
    }
}

impl Placed for WatchedContext {
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

/// Where the type comes from, as a sentence.
fn origin(resource: &Resource) -> String {
    match (&resource.types, resource.builtin()) {
        (_, Some(_)) => "The type is Kubernetes' own, in the crate k8s-openapi.".to_owned(),
        (Types::Crate(ExternalCrate { path, .. }), _) => {
            format!("The type is the one of the crate `{}`.", path.root())
        }
        _ => "The type is generated from a CRD.".to_owned(),
    }
}

pub(super) fn api_version(group: &str, key: &ResourceKey) -> String {
    match group {
        "" => key.version().to_string(),
        group => format!("{group}/{}", key.version()),
    }
}

/// Where the manager says whether its cache of a kind is filled: `runtime::cache`.
fn check(plural: &str, group: &str) -> String {
    let resource = match group {
        "" => plural.to_owned(),
        group => format!("{plural}.{group}"),
    };
    format!("/readyz/cache-{resource}")
}
