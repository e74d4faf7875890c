//! A CustomResourceDefinition, as far as its Rust types depend on it.

use serde_json::Value;

use super::{ExternalError, analysis, text};
use crate::tree::{InvalidPath, RelativePath};

/// The folder of the copies that a project keeps. `make install` leaves them alone.
pub const FOLDER: &str = "config/crd/external";

/// Where the copy of a CRD lies. `group` is the whole one, with its domain.
///
/// # Errors
/// When a name is no part of a path.
pub fn kept_path(group: &str, plural: &str) -> Result<RelativePath, InvalidPath> {
    RelativePath::new(format!("{FOLDER}/{group}_{plural}.yaml"))
}

/// The CRD of somebody else.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The whole group, with its domain: `cert-manager.io`.
    pub group: String,
    /// `Certificate`.
    pub kind: String,
    /// `certificates`.
    pub plural: String,
    /// Objects live in a namespace; else they are cluster-scoped.
    pub namespaced: bool,
    /// In the order of the file; never empty.
    pub versions: Vec<Version>,
    /// The YAML that is kept in the project.
    pub text: String,
}

/// A version of a CRD.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// `v1`.
    pub name: String,
    /// Objects are stored in this one.
    pub storage: bool,
    /// The API server answers for objects of this one.
    pub served: bool,
    schema: Value,
}

impl Definition {
    /// Takes what a `CustomResourceDefinition` says.
    pub(super) fn new(crd: &Value, kept: String) -> Result<Self, ExternalError> {
        let name = string(crd, "/metadata/name").unwrap_or_default();
        let of = |error: ExternalError| error.of(&name);
        let field = |pointer: &str| string(crd, pointer).ok_or_else(|| of(lacks(pointer)));
        check_api_version(crd).map_err(of)?;
        let versions = versions(crd);
        if versions.is_empty() {
            return Err(of(lacks("/spec/versions")));
        }
        Ok(Self {
            group: field("/spec/group")?,
            kind: field("/spec/names/kind")?,
            plural: field("/spec/names/plural")?,
            namespaced: field("/spec/scope")? == "Namespaced",
            versions,
            text: kept,
        })
    }

    /// The version in which objects are stored.
    pub fn stored(&self) -> &Version {
        let stored = self.versions.iter().find(|version| version.storage);
        stored.unwrap_or(&self.versions[0])
    }

    /// The Rust types of `version`, as the text of a module without a licence header.
    ///
    /// # Errors
    /// When there is no such version, when no API server serves it, or when its
    /// schema gives no Rust types.
    pub fn types(&self, version: &str) -> Result<String, ExternalError> {
        let found = self.versions.iter().find(|known| known.name == version);
        let lacks = |what: &str| self.lacks_version(&format!("{what} version `{version}`"));
        let version = match found {
            Some(found) if found.served => found,
            Some(_) => return Err(lacks("it does not serve its")),
            None => return Err(lacks("it has no")),
        };
        let of = |error: ExternalError| error.of(&self.name());
        let types = analysis::types(&version.schema, &self.kind).map_err(of)?;
        let text = text::module(self, &version.name, &types);
        match syn::parse_file(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(of(ExternalError::new(format!(
                "its types would be no Rust: {error}"
            )))),
        }
    }

    /// The CRD's name on the API server.
    pub fn name(&self) -> String {
        format!("{}.{}", self.plural, self.group)
    }

    /// The versions that can be taken, beside why this one cannot.
    fn lacks_version(&self, reason: &str) -> ExternalError {
        let served = self.versions.iter().filter(|version| version.served);
        let names: Vec<String> = served.map(|one| format!("`{}`", one.name)).collect();
        let error = match names.is_empty() {
            true => ExternalError::new(format!("{reason}, nor any other")),
            false => ExternalError::new(reason).or(format!("it serves {}", names.join(", "))),
        };
        error.of(&self.name())
    }
}

fn check_api_version(crd: &Value) -> Result<(), ExternalError> {
    match string(crd, "/apiVersion").as_deref() {
        Some("apiextensions.k8s.io/v1") => Ok(()),
        Some("apiextensions.k8s.io/v1beta1") => Err(ExternalError::new(
            "it is written for `apiextensions.k8s.io/v1beta1`, which Kubernetes serves no more since 1.22",
        )
        .or("take the CRD of a newer release, or what a cluster has: `kubectl get crd <name> --output yaml`")),
        Some(other) => Err(ExternalError::new(format!(
            "its `apiVersion` is `{other}`, not `apiextensions.k8s.io/v1`"
        ))),
        None => Err(lacks("/apiVersion")),
    }
}

fn versions(crd: &Value) -> Vec<Version> {
    let list = crd.pointer("/spec/versions").and_then(Value::as_array);
    let version = |value: &Value| {
        Some(Version {
            name: string(value, "/name")?,
            storage: value.get("storage").and_then(Value::as_bool) == Some(true),
            served: value.get("served").and_then(Value::as_bool) != Some(false),
            schema: value
                .pointer("/schema/openAPIV3Schema")
                .cloned()
                .unwrap_or_default(),
        })
    };
    list.into_iter().flatten().filter_map(version).collect()
}

fn string(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn lacks(pointer: &str) -> ExternalError {
    let field = pointer.trim_start_matches('/').replace('/', ".");
    ExternalError::new(format!("it has no `{field}`"))
}
