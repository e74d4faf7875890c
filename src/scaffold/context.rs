//! The names that templates know: one struct for each template set, booleans
//! instead of "maybe defined". A test compares them with the names that the
//! templates use.

use std::collections::BTreeSet;

use serde::Serialize;

use super::controller_context::ControllerContext;
use super::group_context::{ControllerGroupContext, GroupContext, controller_groups, groups};
use super::version_context::VersionContext;
use super::versions;
use super::watched_context::WatchedContext;
use super::webhook_context::{self, HandlerContext, Role, SpokeContext, WebhooksContext};
use super::{fields, names};
use crate::manifests::yaml;
use crate::project::{
    Admission, Api, Certificates, Controller, Deprecated, ExternalCrate, LicenseHeader, Project,
    Resource, Types,
};
use crate::resource::{
    Dependency, Domain, Group, Kind, Plural, ProjectName, ResourceKey, RustPath, Version,
};

/// For `templates/project`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ProjectContext {
    pub project_name: String,
    /// What begins the name of everything that is deployed, without the dash.
    pub prefix: String,
    /// The cargo package of the manager, and its binary.
    pub package: String,
    /// The package's name in Rust code.
    pub crate_name: String,
    pub multigroup: bool,
    pub namespaced: bool,
    pub has_kinds: bool,
    /// Whether `PROJECT` says more of some version than its type does.
    pub has_overlay: bool,
    pub has_samples: bool,
    /// Whether the manager is built to make certificates, now or once it has webhooks.
    pub makes_certificates: bool,
    pub has_controllers: bool,
    /// The licence header as Rust comments with an empty line below; may be empty.
    pub header: String,
    /// The licence header's text; may be empty.
    pub boilerplate: String,
    pub rust_version: String,
    pub edition: String,
    /// Where cargo puts the manager, as a constant laid out by rustfmt's rules.
    pub manager_constant: String,
    pub groups: Vec<GroupContext>,
    pub controller_groups: Vec<ControllerGroupContext>,
    pub kinds: Vec<KindContext>,
    pub resources: Vec<VersionContext>,
    pub controllers: Vec<ControllerContext>,
    /// Controllers of kinds from elsewhere.
    pub watched: Vec<WatchedContext>,
    pub defaulters: Vec<HandlerContext>,
    pub validators: Vec<HandlerContext>,
    /// Versions that are converted from and to a hub.
    pub spokes: Vec<SpokeContext>,
    #[serde(flatten)]
    pub webhooks: WebhooksContext,
    /// Crates that have types of kinds from elsewhere.
    pub crates: Vec<CrateContext>,
    /// Functions of `api/src/schema.rs`, each after an empty line; may be empty.
    pub schema_functions: String,
}

/// A line of `[workspace.dependencies]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct CrateContext {
    pub key: String,
    pub value: String,
}

/// For `templates/kind`: a kind, whatever its versions.
#[derive(Clone, Debug, Serialize)]
pub(super) struct KindContext {
    pub group: String,
    pub group_module: String,
    pub qualified_group: String,
    pub kind: String,
    pub lower: String,
    pub list_kind: String,
    pub module: String,
    pub plural: String,
    /// Group and plural in YAML, where `1.5` and `no` are no text.
    pub group_yaml: String,
    pub plural_yaml: String,
    #[serde(rename = "cluster_scoped")]
    pub cluster_scoped: bool,
    pub role: String,
    pub role_file: String,
    pub crd_file: String,
    pub storage_version: String,
    /// Whether clippy wants `Unsafe` to stay in the type's name.
    pub says_unsafe: bool,
    /// The last part of `use …::MyApp as Kind;`.
    pub as_kind: String,
    pub versions: Vec<KindVersionContext>,
    /// Whether its versions are converted into each other.
    pub converts: bool,
    pub patch_file: String,
    /// Whether `PROJECT` says more of a version than its type does.
    pub has_overlay: bool,
    #[serde(skip)]
    pub identity: String,
}

/// A version, as a kind lists it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct KindVersionContext {
    pub version: String,
    pub module: String,
    pub storage: bool,
    pub served: bool,
    pub deprecated: bool,
    /// The warning of a deprecated version in YAML, and as a literal of Rust; empty for the API server's own.
    pub deprecation_warning: String,
    pub deprecation_literal: String,
    /// What `PROJECT` says of the version, as fields of `json!`; may be empty.
    pub overlay: String,
    pub has_overlay: bool,
    /// Whether it is converted from and to a hub.
    pub is_spoke: bool,
    /// The schema of the spec, in YAML's flow style.
    pub spec_schema: String,
}

/// What a template set is filled in with more than once.
pub(super) trait Placed: Serialize {
    /// What tells it from its siblings, wherever its files lie.
    fn identity(&self) -> &str;
    /// What fills in the variable parts of a path.
    fn path_parts(&self) -> Vec<(&str, &str)>;
}

/// What the sets below `project` get: their own fields beside the project's.
#[derive(Serialize)]
pub(super) struct Within<'a, T> {
    pub project: &'a ProjectContext,
    pub header: &'a str,
    #[serde(flatten)]
    pub own: &'a T,
}

impl ProjectContext {
    pub(super) fn of(project: &Project, taken: &dyn Fn(&str) -> bool) -> Self {
        let package = project.name.package(taken);
        let kinds = kinds(project);
        let resources = versions_of(project, |resource| resource.api().is_some());
        let controllers = of_controllers(project, Resource::is_own, ControllerContext::of);
        let watched = of_controllers(project, Resource::is_from_elsewhere, WatchedContext::of);
        let license = &project.license;
        Self {
            project_name: project.name.to_string(),
            prefix: project.name.prefix(),
            crate_name: package.replace('-', "_"),
            manager_constant: names::constant(
                "MANAGER",
                &format!("env!(\"CARGO_BIN_EXE_{package}\")"),
            ),
            package,
            multigroup: project.multigroup,
            namespaced: project.namespaced,
            has_kinds: !kinds.is_empty(),
            has_overlay: kinds.iter().any(|kind| kind.has_overlay),
            has_samples: resources.iter().any(|resource| resource.is_sampled),
            makes_certificates: project.certificates == Certificates::Builtin,
            has_controllers: !controllers.is_empty() || !watched.is_empty(),
            header: license.rust_comment(),
            boilerplate: license.lines().join("\n"),
            rust_version: versions::RUST_VERSION.to_owned(),
            edition: versions::EDITION.to_owned(),
            groups: groups(project),
            controller_groups: controller_groups(&controllers, &watched),
            schema_functions: schema_functions(project),
            kinds,
            resources,
            controllers,
            watched,
            defaulters: webhook_context::handlers(project, Role::Defaulter),
            validators: webhook_context::handlers(project, Role::Validator),
            spokes: webhook_context::spokes(project),
            webhooks: WebhooksContext::of(project),
            crates: crates(project),
        }
    }
}

impl ProjectContext {
    /// What the sets below `project` may use: the values without the lists.
    /// With them each kind would serialise all kinds, which is quadratic.
    pub(super) fn without_lists(&self) -> Self {
        Self {
            groups: Vec::new(),
            controller_groups: Vec::new(),
            kinds: Vec::new(),
            resources: Vec::new(),
            controllers: Vec::new(),
            watched: Vec::new(),
            defaulters: Vec::new(),
            validators: Vec::new(),
            spokes: Vec::new(),
            webhooks: self.webhooks.without_lists(),
            crates: Vec::new(),
            ..self.clone()
        }
    }
}

/// A context in which every list holds something.
pub(super) fn sample() -> anyhow::Result<ProjectContext> {
    let (name, domain) = (ProjectName::new("sample")?, Domain::new("example.com")?);
    let external = ExternalCrate {
        path: RustPath::new("widgets::v1")?,
        module: Some(Dependency::new("widgets@1")?),
    };
    let own = || Types::Own(Api::new(true));
    let mut project = Project::new(name, domain.clone(), LicenseHeader::default(), "0.0.0");
    for (kind, version, types) in [
        ("Sample", "v2", own()),
        ("Sample", "v1", own()),
        ("Widget", "v1", Types::Crate(external)),
    ] {
        let (group, kind) = (Group::new("apps")?, Kind::new(kind)?);
        let key = ResourceKey::new(group, domain.clone(), Version::new(version)?, kind)?;
        let mut resource = Resource::new(key.clone(), Plural::of(key.kind())?, types);
        resource.webhooks.defaulting = Some(Admission::default());
        resource.webhooks.validation = Some(Admission::default());
        if resource.is_own() && version == "v1" {
            resource.webhooks.conversion = true;
            resource.webhooks.spokes = vec![Version::new("v2")?];
        }
        project = project.with_resource(resource.with_controller(Controller::Default))?;
    }
    Ok(ProjectContext::of(&project, &|_| false))
}

fn schema_functions(project: &Project) -> String {
    let apis = project.resources().iter().filter_map(Resource::api);
    let fields: Vec<_> = apis.map(|api| &api.fields).collect();
    fields::schema_functions(&fields)
}

fn kinds(project: &Project) -> Vec<KindContext> {
    let with_types =
        |versions: &[Resource]| versions.iter().any(|resource| resource.api().is_some());
    let chunks = project
        .resources()
        .chunk_by(Resource::same_kind)
        .filter(|versions| with_types(versions));
    chunks
        .map(|versions| KindContext::of(project, versions))
        .collect()
}

fn versions_of(project: &Project, wanted: impl Fn(&Resource) -> bool) -> Vec<VersionContext> {
    let resources = project
        .resources()
        .iter()
        .filter(|resource| wanted(resource));
    resources
        .map(|resource| VersionContext::of(project, resource))
        .collect()
}

/// One for each controller of the kinds that are `wanted`. Where several versions
/// ask for the kind's own, the stored one's, so that it does not change hands when
/// a version is added.
fn of_controllers<T>(
    project: &Project,
    wanted: impl Fn(&Resource) -> bool,
    context: impl Fn(&Project, &Resource, &Controller) -> T,
) -> Vec<T> {
    let kinds = project.resources().chunk_by(Resource::same_kind);
    let of_kind = |versions: &[Resource]| {
        let own = own_controller(versions).map(|version| (version, &Controller::Default));
        let named = versions.iter().flat_map(|version| {
            let named = |one: &&Controller| **one != Controller::Default;
            let named = version.controllers.iter().filter(named);
            named.map(move |controller| (version, controller))
        });
        let all = own.into_iter().chain(named);
        all.filter(|(version, _)| wanted(version))
            .map(|(version, controller)| context(project, version, controller))
            .collect::<Vec<_>>()
    };
    kinds.flat_map(of_kind).collect()
}

/// The crates that kinds from elsewhere need, each once.
fn crates(project: &Project) -> Vec<CrateContext> {
    let of = |resource: &Resource| match &resource.types {
        Types::Crate(ExternalCrate { path, module }) => module.as_ref().map(|module| {
            let (key, value) = (module.key(path), module.value(path));
            CrateContext { key, value }
        }),
        _ => None,
    };
    let crates: BTreeSet<CrateContext> = project.resources().iter().filter_map(of).collect();
    crates.into_iter().collect()
}

/// The version that the kind's own controller is about.
fn own_controller(versions: &[Resource]) -> Option<&Resource> {
    let asks = |one: &&Resource| one.controllers.contains(&Controller::Default);
    let stored = |one: &&&Resource| one.api().is_some_and(|api| api.storage);
    let asking: Vec<&Resource> = versions.iter().filter(asks).collect();
    asking.iter().find(stored).or(asking.first()).copied()
}

fn with_crd(resources: &[Resource]) -> impl Iterator<Item = &Resource> {
    resources.iter().filter(|resource| resource.api().is_some())
}

impl KindContext {
    fn of(project: &Project, versions: &[Resource]) -> Self {
        let first = &versions[0];
        let own = VersionContext::of(project, first);
        let storage = |resource: &Resource| resource.api().is_some_and(|api| api.storage);
        let version = |resource: &Resource| KindVersionContext {
            version: resource.key.version().to_string(),
            module: resource.key.version().module(),
            storage: storage(resource),
            served: resource.api().is_none_or(|api| !api.unserved),
            deprecated: resource.api().is_some_and(|api| api.deprecated.is_some()),
            deprecation_warning: yaml_text(warning(resource)),
            deprecation_literal: warning(resource)
                .map_or_else(String::new, |text| format!("{text:?}")),
            has_overlay: !overlay(resource).is_empty(),
            overlay: overlay(resource),
            is_spoke: project.hub_of(resource).is_some(),
            spec_schema: VersionContext::of(project, resource).fields.spec_schema,
        };
        let versions: Vec<KindVersionContext> = with_crd(versions).map(version).collect();
        let stored = versions
            .iter()
            .find(|version| version.storage)
            .or(versions.first());
        Self {
            role: project.qualified_kind(&first.key, '-'),
            role_file: project.qualified_kind(&first.key, '_'),
            crd_file: names::crd_file(first),
            storage_version: stored
                .map(|version| version.version.clone())
                .unwrap_or_default(),
            identity: format!("{}/{}", own.qualified_group, own.kind),
            says_unsafe: names::says_unsafe(&own.kind),
            as_kind: names::renamed(&first.key.kind().type_name(), "Kind"),
            converts: versions.iter().any(|version| version.is_spoke),
            patch_file: names::patch_file(project, first),
            has_overlay: versions.iter().any(|version| version.has_overlay),
            versions,
            group_yaml: yaml::name(&own.qualified_group),
            plural_yaml: yaml::name(&own.plural),
            group: own.group,
            group_module: own.group_module,
            qualified_group: own.qualified_group,
            kind: own.kind,
            lower: own.lower,
            list_kind: first.key.kind().list_kind(),
            module: own.module,
            plural: own.plural,
            cluster_scoped: own.cluster_scoped,
        }
    }
}

/// `"served": false, "deprecated": true` and the like.
fn overlay(resource: &Resource) -> String {
    let mut fields = Vec::new();
    if let Some(api) = resource.api() {
        fields.extend(api.unserved.then(|| "\"served\": false".to_owned()));
        let deprecated = || "\"deprecated\": true".to_owned();
        fields.extend(api.deprecated.as_ref().map(|_| deprecated()));
        let words = |text: &str| format!("\"deprecationWarning\": {text:?}");
        fields.extend(warning(resource).map(words));
    }
    fields.join(", ")
}

fn warning(resource: &Resource) -> Option<&str> {
    match resource.api()?.deprecated.as_ref()? {
        Deprecated::Usual => None,
        Deprecated::Warning(warning) => Some(warning),
    }
}

/// JSON is YAML.
fn yaml_text(text: Option<&str>) -> String {
    let quoted = text.map(serde_json::to_string);
    quoted.and_then(Result::ok).unwrap_or_default()
}

impl Placed for KindContext {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn path_parts(&self) -> Vec<(&str, &str)> {
        vec![
            ("role_file", &self.role_file),
            ("crd_file", &self.crd_file),
            ("patch_file", &self.patch_file),
        ]
    }
}
