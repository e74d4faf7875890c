//! The names that the templates of webhooks know: handlers, conversions, and the
//! lists of both. Lines whose layout depends on the length of names are made here.

use std::collections::BTreeMap;

use serde::Serialize;

use super::context::Placed;
use super::names;
use super::version_context::VersionContext;
use crate::project::{Admission, Project, Resource};

/// What a handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Defaulter,
    Validator,
}

/// For `templates/defaulter` and `templates/validator`: one handler.
#[derive(Clone, Debug, Serialize)]
pub(super) struct HandlerContext {
    #[serde(flatten)]
    pub version: VersionContext,
    /// Below `src/webhook`: `v1`, or `apps/v1`.
    pub webhook_folder: String,
    /// The name of its type: `MyAppDefaulter`.
    pub handler: String,
    /// What the file calls the type of its objects.
    pub object_type: String,
    /// `use …;` of that type.
    pub import: String,
    /// The `+rustop:webhook` marker, without the comment's slashes.
    pub marker: String,
    /// `const PATH: …` within the function that makes the webhook, laid out as rustfmt does;
    /// empty where the path is kubebuilder's.
    pub path_constant: String,
    /// `Webhook::new()` with the handler and the path, laid out as rustfmt does.
    pub webhook: String,
    /// Whether types and CRD are the project's.
    pub is_own: bool,
    /// Whether a test can make an object: of one's own kinds, and of Kubernetes'.
    pub is_testable: bool,
    #[serde(skip)]
    pub identity: String,
}

impl Role {
    fn admission(self, resource: &Resource) -> Option<&Admission> {
        match self {
            Self::Defaulter => resource.webhooks.defaulting.as_ref(),
            Self::Validator => resource.webhooks.validation.as_ref(),
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Defaulter => "Defaulter",
            Self::Validator => "Validator",
        }
    }

    /// The methods of `Webhook` that take the handler, and its path.
    const fn calls(self) -> [&'static str; 2] {
        match self {
            Self::Defaulter => ["defaulter", "defaulting_path"],
            Self::Validator => ["validator", "validation_path"],
        }
    }

    /// kubebuilder's words in paths and names.
    const fn verb(self) -> &'static str {
        match self {
            Self::Defaulter => "mutate",
            Self::Validator => "validate",
        }
    }
}

/// One context for each handler of this role.
pub(super) fn handlers(project: &Project, role: Role) -> Vec<HandlerContext> {
    let all = project.resources().iter();
    all.filter_map(|resource| HandlerContext::of(project, resource, role))
        .collect()
}

impl HandlerContext {
    fn of(project: &Project, resource: &Resource, role: Role) -> Option<Self> {
        let admission = role.admission(resource)?;
        let key = &resource.key;
        let handler = format!("{}{}", key.kind(), role.suffix());
        let type_name = type_name(resource);
        let object_type = names::handled_type(&type_name, &handler);
        let object = names::renamed(&type_name, &object_type);
        Some(Self {
            version: VersionContext::of(project, resource),
            webhook_folder: project.api_folder(key),
            import: format!("use {}::{object};", names::type_module(resource)),
            marker: marker(resource, role, admission),
            path_constant: path_constant(admission),
            webhook: webhook(role, admission, &handler),
            is_own: resource.is_own(),
            is_testable: resource.is_own() || resource.builtin().is_some(),
            identity: key.to_string(),
            handler,
            object_type,
        })
    }
}

impl Placed for HandlerContext {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn path_parts(&self) -> Vec<(&str, &str)> {
        vec![
            ("webhook_folder", &self.webhook_folder),
            ("module", &self.version.module),
        ]
    }
}

fn path_constant(admission: &Admission) -> String {
    let path = admission.path.as_ref();
    path.map_or_else(String::new, |path| {
        names::inner_constant("PATH", &format!("\"{path}\""))
    })
}

/// The body of the function that makes the webhook.
fn webhook(role: Role, admission: &Admission, handler: &str) -> String {
    let [of_handler, of_path] = role.calls();
    let calls = [(of_handler, handler), (of_path, "PATH")];
    let given = if admission.path.is_some() { 2 } else { 1 };
    names::chain("Webhook::new()", &calls[..given])
}

/// The type's name in its crate.
fn type_name(resource: &Resource) -> String {
    match resource.is_own() {
        true => resource.key.kind().type_name(),
        false => resource.key.kind().to_string(),
    }
}

/// kubebuilder's marker. The name ends with the group, so that kinds of two groups
/// don't meet in it; the API server wants three segments.
fn marker(resource: &Resource, role: Role, admission: &Admission) -> String {
    let key = &resource.key;
    let group = resource.api_group();
    let mutating = role == Role::Defaulter;
    let letter = if mutating { 'm' } else { 'v' };
    let (version, kind) = (key.version(), key.kind().lower());
    let domain = match group.as_str() {
        "" => "core.k8s.io".to_owned(),
        group if group.contains('.') => group.to_owned(),
        group => format!("{group}.k8s.io"),
    };
    [
        format!(
            "+rustop:webhook:path={}",
            resource.webhook_path(role.verb(), admission)
        ),
        format!("mutating={mutating}"),
        "failurePolicy=fail".to_owned(),
        "sideEffects=None".to_owned(),
        format!("groups={}", names::or_core(&group)),
        format!("resources={}", resource.api_plural()),
        "verbs=create;update".to_owned(),
        format!("versions={version}"),
        format!("name={letter}{kind}-{version}.{domain}"),
        "admissionReviewVersions=v1".to_owned(),
    ]
    .join(",")
}

/// For `templates/spoke`: a version that is converted from and to its hub.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SpokeContext {
    #[serde(flatten)]
    pub version: VersionContext,
    /// `use …;` of the spoke's type and of the hub's, under names whose length is fixed.
    pub spoke_use: String,
    pub hub_use: String,
    pub hub_version: String,
    #[serde(skip)]
    pub identity: String,
}

/// One context for each spoke.
pub(super) fn spokes(project: &Project) -> Vec<SpokeContext> {
    let all = project.resources().iter().filter(|one| one.is_own());
    all.filter_map(|resource| SpokeContext::of(project, resource))
        .collect()
}

impl SpokeContext {
    fn of(project: &Project, resource: &Resource) -> Option<Self> {
        let hub = &project.hub_of(resource)?.key;
        let key = &resource.key;
        let (group, version) = (hub.group().module(), hub.version().module());
        let hub_module = ["crate", &group, &version].join("::");
        Some(Self {
            version: VersionContext::of(project, resource),
            spoke_use: names::import_as("super", key.kind(), "Spoke"),
            hub_use: names::import_as(&hub_module, key.kind(), "Hub"),
            hub_version: hub.version().to_string(),
            identity: key.to_string(),
        })
    }
}

impl Placed for SpokeContext {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn path_parts(&self) -> Vec<(&str, &str)> {
        vec![
            ("api_folder", &self.version.api_folder),
            ("module", &self.version.module),
        ]
    }
}

/// The webhooks of a project, as its lists know them.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct WebhooksContext {
    /// Whether anything is served at all.
    pub has_webhooks: bool,
    pub has_admission: bool,
    pub has_mutating: bool,
    pub has_validating: bool,
    pub has_conversion: bool,
    /// Where the certificate comes from, if anything is served.
    pub cert_manager: bool,
    pub builtin_certificates: bool,
    /// Whether it lies in a Secret that somebody else writes.
    pub mounts_certificate: bool,
    pub webhook_groups: Vec<WebhookGroupContext>,
    pub conversions: Vec<ConversionContext>,
}

/// The modules of a group's handlers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct WebhookGroupContext {
    pub module: String,
    /// Whether a module is called like the one that it is in, which clippy dislikes.
    pub has_inception: bool,
    pub versions: Vec<WebhookVersionContext>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct WebhookVersionContext {
    pub module: String,
    pub kinds: Vec<WebhookKindContext>,
}

/// The handlers of a version of a kind.
#[derive(Clone, Debug, Serialize)]
pub(super) struct WebhookKindContext {
    pub module: String,
    pub defaulter: bool,
    pub validator: bool,
}

/// A kind that is converted.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ConversionContext {
    pub group_module: String,
    pub hub_module: String,
    pub kind: String,
    /// The last part of `use …::MyApp as Hub;`, and of the spokes'.
    pub as_hub: String,
    pub as_spoke: String,
    /// Whether clippy wants `Unsafe` to stay in the type's name.
    pub says_unsafe: bool,
    pub plural: String,
    pub crd_name: String,
    pub crd_file: String,
    pub patch_file: String,
    pub spokes: Vec<ConversionSpokeContext>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ConversionSpokeContext {
    pub version: String,
    pub module: String,
}

impl WebhooksContext {
    pub(super) fn of(project: &Project) -> Self {
        use crate::project::Certificates;

        let any = |has: fn(&Resource) -> bool| project.resources().iter().any(has);
        let has_mutating = any(|one| one.webhooks.defaulting.is_some());
        let has_validating = any(|one| one.webhooks.validation.is_some());
        let conversions = conversions(project);
        let has_conversion = !conversions.is_empty();
        let has_admission = has_mutating || has_validating;
        let has_webhooks = project.has_webhooks();
        let by = |certificates| has_webhooks && project.certificates == certificates;
        Self {
            has_webhooks,
            has_admission,
            has_mutating,
            has_validating,
            has_conversion,
            cert_manager: by(Certificates::CertManager),
            builtin_certificates: by(Certificates::Builtin),
            mounts_certificate: has_webhooks && project.certificates != Certificates::Builtin,
            webhook_groups: webhook_groups(project),
            conversions,
        }
    }

    /// Without what lists kinds.
    pub(super) fn without_lists(&self) -> Self {
        Self {
            webhook_groups: Vec::new(),
            conversions: Vec::new(),
            ..*self
        }
    }
}

fn webhook_groups(project: &Project) -> Vec<WebhookGroupContext> {
    type Kinds = BTreeMap<String, WebhookKindContext>;
    let mut groups: BTreeMap<String, BTreeMap<String, Kinds>> = BTreeMap::new();
    for resource in project.resources() {
        let webhooks = &resource.webhooks;
        let (defaulter, validator) = (webhooks.defaulting.is_some(), webhooks.validation.is_some());
        if !defaulter && !validator {
            continue;
        }
        let key = &resource.key;
        let versions = groups.entry(key.group().module()).or_default();
        let kinds = versions.entry(key.version().module()).or_default();
        let module = key.kind().module();
        let kind = WebhookKindContext {
            module: module.clone(),
            defaulter,
            validator,
        };
        kinds.insert(module, kind);
    }
    let version = |(module, kinds): (String, Kinds)| WebhookVersionContext {
        module,
        kinds: kinds.into_values().collect(),
    };
    let group = |(module, versions): (String, BTreeMap<String, Kinds>)| {
        let versions: Vec<_> = versions.into_iter().map(version).collect();
        WebhookGroupContext {
            has_inception: versions.iter().any(|one| one.has_inception(&module)),
            module,
            versions,
        }
    };
    groups.into_iter().map(group).collect()
}

impl WebhookVersionContext {
    fn has_inception(&self, group: &str) -> bool {
        let same = |kind: &WebhookKindContext| {
            kind.module == self.module || ["defaulter", "validator"].contains(&kind.module.as_str())
        };
        self.module == group || self.kinds.iter().any(same)
    }
}

fn conversions(project: &Project) -> Vec<ConversionContext> {
    let hubs = project.converted();
    hubs.map(|hub| {
        let key = &hub.key;
        let spokes = hub.webhooks.spokes.iter();
        ConversionContext {
            group_module: key.group().module(),
            hub_module: key.version().module(),
            kind: key.kind().to_string(),
            as_hub: names::renamed(&key.kind().type_name(), "Hub"),
            as_spoke: names::renamed(&key.kind().type_name(), "Spoke"),
            says_unsafe: names::says_unsafe(key.kind().as_str()),
            plural: hub.plural.to_string(),
            crd_name: hub.crd_name(),
            crd_file: names::crd_file(hub),
            patch_file: names::patch_file(project, hub),
            spokes: spokes
                .map(|spoke| ConversionSpokeContext {
                    version: spoke.to_string(),
                    module: spoke.module(),
                })
                .collect(),
        }
    })
    .collect()
}
