//! The `PROJECT` file: what the user asked for, and all that the scaffold knows.
//!
//! kubebuilder's version "3" schema with rustop's layout key. What kubebuilder
//! has no key for stands in `plugins`, where its schema leaves room. Unknown
//! keys are kept. Everything here is pure: text in, text out.
//!
//! Schema: <https://book.kubebuilder.io/reference/project-config>

mod checks;
mod error;
mod fields;
mod file;
mod license;
mod places;
mod resource;
mod resource_text;
mod resources;
mod webhook_checks;
mod webhooks;

pub use error::ProjectError;
pub use file::ProjectFile;
pub use license::{License, LicenseHeader};
pub use resource::{Api, Controller, Deprecated, ExternalCrate, Resource, Types};
pub use webhooks::{Admission, Certificates, Webhooks};

use serde_yaml::Mapping;

use crate::resource::{Domain, ProjectName};
use crate::tree::RelativePath;

/// Where the file lies.
pub const PROJECT: &str = "PROJECT";
/// The version of kubebuilder's schema that rustop reads and writes.
pub const SCHEMA_VERSION: &str = "3";
/// The layout of the projects that this rustop writes.
pub const LAYOUT: &str = "rust.rustop.dev/v1";

/// A project, valid by construction: names are checked, resources are sorted
/// by group, kind and version, and no two of them are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// The rustop that last wrote the scaffold, without a leading `v`.
    pub cli_version: String,
    /// What groups of this project end with.
    pub domain: Domain,
    /// Whether files lie in a folder for each group.
    pub multigroup: bool,
    /// Whether the manager watches its own namespace and needs no cluster-wide rights.
    pub namespaced: bool,
    /// The project's name, which begins the name of everything that is deployed.
    pub name: ProjectName,
    /// kubebuilder's `--repo`: recorded, not used.
    pub repo: String,
    /// The header of each Rust file.
    pub license: LicenseHeader,
    /// Where the certificate of the webhooks comes from.
    pub certificates: Certificates,
    resources: Vec<Resource>,
    rest: Mapping,
    settings_rest: Mapping,
}

impl Project {
    /// A project without resources.
    pub fn new(
        name: ProjectName,
        domain: Domain,
        license: LicenseHeader,
        cli_version: &str,
    ) -> Self {
        Self {
            cli_version: cli_version.to_owned(),
            domain,
            multigroup: false,
            namespaced: false,
            name,
            repo: String::new(),
            license,
            certificates: Certificates::default(),
            resources: Vec::new(),
            rest: Mapping::new(),
            settings_rest: Mapping::new(),
        }
    }

    /// The path of the `PROJECT` file.
    pub fn path() -> RelativePath {
        RelativePath::literal(PROJECT)
    }

    /// The resources, sorted by group, kind and version.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Refuses a project that a newer rustop wrote: this one would take its files back in time.
    pub fn check_version(&self, running: &str) -> Result<(), ProjectError> {
        if numbers(&self.cli_version) <= numbers(running) {
            return Ok(());
        }
        let (file, running) = (self.cli_version.clone(), running.to_owned());
        Err(ProjectError::Newer { file, running })
    }
}

/// The three numbers of a version; what follows a `-` or `+` does not count.
fn numbers(version: &str) -> Vec<u64> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.')
        .map(|number| number.parse().unwrap_or(0))
        .collect()
}
