//! The flags for a kind from elsewhere, whose type is in a crate or comes from a CRD.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::super::api::KeyArgs;
use super::super::exit::Stop;
use crate::project::{ExternalCrate, Project, Resource, Types};
use crate::resource::{BuiltinKind, Dependency, Domain, Plural, ResourceKey, RustPath};

/// The crate that has the type of a kind from elsewhere, under kubebuilder's names.
#[derive(Clone, Debug, Args)]
pub(super) struct CrateArgs {
    /// The Rust module of the type, for a kind from elsewhere: `cert_manager::v1`
    #[arg(
        id = "external_api_path",
        long = "external-api-path",
        value_name = "MODULE"
    )]
    path: Option<RustPath>,
    /// The domain of the group of a kind from elsewhere
    #[arg(
        id = "external_api_domain",
        long = "external-api-domain",
        value_name = "DOMAIN"
    )]
    domain: Option<Domain>,
    /// The crate to depend on for it: `cert-manager@1.2`, `types@path=../types`
    #[arg(
        id = "external_api_module",
        long = "external-api-module",
        value_name = "CRATE"
    )]
    module: Option<Dependency>,
}

/// Where the type of a kind from elsewhere is.
#[derive(Clone, Debug, Args)]
pub(super) struct ExternalArgs {
    #[command(flatten)]
    pub(super) of_crate: CrateArgs,
    /// The CRD of a kind from elsewhere: its types are generated, and a copy of it kept
    #[arg(
        id = "external_api_crd",
        long = "external-api-crd",
        value_name = "FILE",
        conflicts_with_all = ["external_api_path", "external_api_module", "plural", "namespaced"]
    )]
    pub(super) crd: Option<PathBuf>,
}

impl ExternalArgs {
    /// Whether the kind is from elsewhere.
    pub(super) fn is_given(&self) -> bool {
        self.of_crate.is_given() || self.crd.is_some()
    }

    /// The domain of the group, where the flags say it.
    pub(super) fn domain(&self) -> Option<&Domain> {
        self.of_crate.domain.as_ref()
    }
}

impl CrateArgs {
    /// Whether the kind is from elsewhere.
    pub(super) fn is_given(&self) -> bool {
        self.path.is_some() || self.module.is_some() || self.domain.is_some()
    }

    /// The resource that the flags describe, of what is there already.
    pub(super) fn resource(
        &self,
        key: &KeyArgs,
        plural: Option<&Plural>,
        project: &Project,
        force: bool,
    ) -> Result<Resource> {
        let key = key.in_domain(project, self.domain.as_ref())?;
        let existing = project.resource(&key);
        let Some(path) = &self.path else {
            return self.known(&key, existing);
        };
        check_group(&key)?;
        let module = self.module.clone().or_else(|| module_of(project, path));
        if module.is_none() {
            check_crate(path)?;
        }
        let types = Types::Crate(ExternalCrate {
            path: path.clone(),
            module,
        });
        let plural = match (plural, existing) {
            (Some(plural), _) => plural.clone(),
            (None, Some(existing)) => existing.plural.clone(),
            (None, None) => Plural::of(key.kind())?,
        };
        match existing {
            Some(existing) => changed(existing, types, plural, force),
            None => Ok(Resource::new(key, plural, types)),
        }
    }

    /// Without a path it must be a kind that the project knows from elsewhere.
    fn known(&self, key: &ResourceKey, existing: Option<&Resource>) -> Result<Resource> {
        if self.module.is_some() {
            return Err(Stop::usage(
                "`--external-api-module` names a crate, and not where in it the type is\nhelp: name the module too, as `--external-api-path cert_manager::v1`",
            ));
        }
        match existing {
            Some(existing) if existing.is_from_elsewhere() => Ok(existing.clone()),
            _ => Err(Stop::usage(format!(
                "where is the type of `{key}`?\nhelp: name its module with `--external-api-path`, and its crate with `--external-api-module`"
            ))),
        }
    }
}

/// Another place, or another plural, changes what is compiled: only when told so.
pub(super) fn changed(
    existing: &Resource,
    types: Types,
    plural: Plural,
    force: bool,
) -> Result<Resource> {
    if existing.is_own() {
        return Err(Stop::usage(format!(
            "`{}` is this project's own kind, and so is its type\nhelp: leave `--external-api-…` out",
            existing.key
        )));
    }
    let mut wanted = existing.clone().with_types(types);
    wanted.plural = plural;
    if wanted == *existing || force {
        return Ok(wanted);
    }
    Err(Stop::usage(format!(
        "`{}` is there already, with a type from another place or with another plural\nhelp: `--force` changes it",
        existing.key
    )))
}

/// A crate that is named once need not be named for its second kind.
fn module_of(project: &Project, path: &RustPath) -> Option<Dependency> {
    let module = |resource: &Resource| match &resource.types {
        Types::Crate(external) if external.path.root() == path.root() => external.module.clone(),
        _ => None,
    };
    project.resources().iter().find_map(module)
}

/// Of the crates that every project uses two hold kinds.
fn check_crate(path: &RustPath) -> Result<()> {
    let root = path.root();
    let holds_kinds = ["api", "k8s_openapi"].contains(&root);
    if holds_kinds || !(path.begins_in_ours() || STANDARD.contains(&root)) {
        return Ok(());
    }
    Err(Stop::usage(format!(
        "`{root}` holds no kinds\nhelp: name the module that holds the type, as `--external-api-path widgets::v1`"
    )))
}

/// The crates that come with Rust.
const STANDARD: [&str; 3] = ["alloc", "core", "std"];

/// A CRD's group has a dot. `cert-manager` alone is a half of one.
fn check_group(key: &ResourceKey) -> Result<()> {
    let group = key.qualified_group();
    if group.contains('.') || BuiltinKind::is_group(&group) {
        return Ok(());
    }
    Err(Stop::usage(format!(
        "`{group}` is not the whole group: that of a CRD holds a dot\nhelp: give the rest with `--external-api-domain`, as `--group cert-manager --external-api-domain io`"
    )))
}

/// What to know about a kind from elsewhere, and to do for it.
pub(super) fn notes(resource: &Resource) -> Vec<String> {
    let Types::Crate(external) = &resource.types else {
        return Vec::new();
    };
    let root = external.path.root();
    let mut notes = vec![format!(
        "`{root}` must be on kube 5, as this project is: `cargo tree --duplicates` shows a second one"
    )];
    match &external.module {
        Some(module) => notes.extend(module_notes(module)),
        None if external.path.begins_in_ours() => (),
        None => notes.push(format!(
            "add the crate to Cargo.toml: `cargo add {}`",
            root.replace('_', "-")
        )),
    }
    notes
}

/// What to know about a crate that Cargo.toml depends on.
fn module_notes(module: &Dependency) -> Vec<String> {
    let mut notes = vec!["cargo adds the crate to Cargo.lock with the next build".to_owned()];
    let package = module.package();
    if module.is_of_any_version() {
        notes.push(format!(
            "Cargo.toml takes `{package}` in any version, `*`: write there the one that you mean, or give it next time as `--external-api-module {package}@1.2`"
        ));
    }
    if let Some(folder) = module.folder() {
        notes.push(format!(
            "`make docker-build` does not see `{folder}`: keep the crate in the project's folder, and copy it in the Dockerfile where `runtime/` is copied"
        ));
    }
    notes
}
