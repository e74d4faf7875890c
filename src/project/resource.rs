//! A resource of a project: a version of a kind, where its type comes from, and
//! what controls it.

use serde_yaml::Mapping;

use super::Webhooks;
use crate::resource::{
    BuiltinKind, ControllerName, Dependency, Fields, Plural, ResourceKey, RustPath,
};

/// A version of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Group, domain, version and kind: what tells it from every other.
    pub key: ResourceKey,
    /// The one plural, used wherever a plural is needed.
    pub plural: Plural,
    /// Where the Rust type comes from.
    pub types: Types,
    /// Its controllers, the kind's own first.
    pub controllers: Vec<Controller>,
    /// Its webhooks.
    pub webhooks: Webhooks,
    pub(super) rest: Mapping,
}

/// Where the Rust type of a resource comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Types {
    /// Types and CRD are part of this project.
    Own(Api),
    /// It is Kubernetes' own; `k8s_openapi` has the type.
    Core,
    /// A crate has the type.
    Crate(ExternalCrate),
    /// The type is generated from a CRD that the project keeps a copy of.
    Crd,
}

/// What a CRD has besides its names.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// Objects live in a namespace; else they are cluster-scoped.
    pub namespaced: bool,
    /// Objects are stored in this version. Written down only where a kind has several.
    pub storage: bool,
    /// The API server doesn't serve this version.
    pub unserved: bool,
    /// Whoever uses this version is warned.
    pub deprecated: Option<Deprecated>,
    /// The fields that were declared; without any, the types begin with an example.
    pub fields: Fields,
    pub(super) rest: Mapping,
}

/// What whoever uses a deprecated version is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deprecated {
    /// The API server's own words.
    Usual,
    /// These.
    Warning(String),
}

impl Deprecated {
    /// A warning, if the API server takes it: see `ValidateDeprecationWarning` in
    /// <https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go>.
    pub fn warning(text: &str) -> Option<Self> {
        let length = text.chars().count();
        let is_printable = !text.chars().any(char::is_control);
        ((1..=256).contains(&length) && is_printable).then(|| Self::Warning(text.to_owned()))
    }
}

/// A crate that has the type of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalCrate {
    /// The module that holds the type.
    pub path: RustPath,
    /// The crate to depend on; `None` when the user sees to that.
    pub module: Option<Dependency>,
}

/// A controller of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Controller {
    /// The kind's own, which is called after it.
    Default,
    /// One with a name.
    Named(ControllerName),
}

impl Api {
    /// A CRD of its own.
    pub fn new(namespaced: bool) -> Self {
        Self {
            namespaced,
            storage: false,
            unserved: false,
            deprecated: None,
            fields: Fields::default(),
            rest: Mapping::new(),
        }
    }
}

impl Resource {
    /// A resource that nothing controls yet.
    pub fn new(key: ResourceKey, plural: Plural, types: Types) -> Self {
        Self {
            key,
            plural,
            types,
            controllers: Vec::new(),
            webhooks: Webhooks::default(),
            rest: Mapping::new(),
        }
    }

    /// The CRD, when its types are part of this project.
    pub fn api(&self) -> Option<&Api> {
        match &self.types {
            Types::Own(api) => Some(api),
            _ => None,
        }
    }

    pub(super) fn api_mut(&mut self) -> Option<&mut Api> {
        match &mut self.types {
            Types::Own(api) => Some(api),
            _ => None,
        }
    }

    /// Whether the project's types crate has the type.
    pub fn is_typed(&self) -> bool {
        matches!(self.types, Types::Own(_) | Types::Crd)
    }

    /// Whether types and CRD are this project's.
    pub fn is_own(&self) -> bool {
        self.api().is_some()
    }

    /// What is known of it, when it is Kubernetes' own.
    pub fn builtin(&self) -> Option<&'static BuiltinKind> {
        match self.types {
            Types::Core => BuiltinKind::of(&self.key),
            _ => None,
        }
    }

    /// The group as the API server knows it; Kubernetes' own without a name is empty.
    pub fn api_group(&self) -> String {
        let own = || self.key.qualified_group();
        self.builtin()
            .map_or_else(own, |builtin| builtin.group.to_owned())
    }

    /// The plural as the API server knows it.
    pub fn api_plural(&self) -> &str {
        let own = self.plural.as_str();
        self.builtin().map_or(own, |builtin| builtin.plural)
    }

    /// Whether the kind is somebody else's: Kubernetes', a crate's, or a CRD's.
    pub fn is_from_elsewhere(&self) -> bool {
        !self.is_own()
    }

    /// This resource with one more controller; the order is that of their names.
    #[must_use]
    pub fn with_controller(mut self, controller: Controller) -> Self {
        if !self.controllers.contains(&controller) {
            self.controllers.push(controller);
            self.controllers.sort();
        }
        self
    }

    /// This resource without one of its controllers.
    #[must_use]
    pub fn without_controller(mut self, controller: &Controller) -> Self {
        self.controllers.retain(|other| other != controller);
        self
    }

    /// This resource with other types; keys that rustop does not know stay.
    #[must_use]
    pub fn with_types(mut self, types: Types) -> Self {
        match (&mut self.types, types) {
            (Types::Own(api), Types::Own(wanted)) => {
                api.namespaced = wanted.namespaced;
                api.unserved = wanted.unserved;
                api.deprecated = wanted.deprecated;
                api.fields = wanted.fields;
            }
            (known, wanted) => *known = wanted,
        }
        self
    }

    /// Whether nothing would be scaffolded for it, and nobody wrote anything else down.
    pub fn says_nothing(&self) -> bool {
        self.controllers.is_empty()
            && self.webhooks.is_empty()
            && !self.is_typed()
            && self.unknown_keys().is_empty()
    }

    /// The keys of its entry in PROJECT that rustop keeps and does not know.
    pub fn unknown_keys(&self) -> Vec<&str> {
        // kubebuilder writes the Go package of each type.
        let keys = self.rest.keys().filter_map(|key| key.as_str());
        keys.filter(|key| *key != "path").collect()
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

impl Controller {
    /// The controller that `name` means for a kind: its own, when the name is the
    /// kind in lower case, as kubebuilder writes it down beside other names.
    pub fn of(key: &ResourceKey, name: ControllerName) -> Self {
        if name.as_str() == key.kind().lower() {
            Self::Default
        } else {
            Self::Named(name)
        }
    }
}
