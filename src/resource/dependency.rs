//! A crate that a project depends on for the type of an API from elsewhere.
//!
//! The rules are cargo's: `cargo_util_schemas::restricted_names` for the name,
//! the semver crate, which cargo uses too, for the requirement.

use super::error::NameError;
use super::name_type::name_type;
use super::rust_name;
use super::rust_path::RustPath;

/// What begins the place of a crate that is on disk.
const ON_DISK: &str = "path=";
/// The requirement where none is given: any version.
const ANY: &str = "*";

name_type! {
    /// What `--external-api-module` takes: `crate`, `crate@1.2`, or
    /// `crate@path=../types` for one that lies beside the project.
    Dependency, check
}

/// Dependencies of every project, Rust's own crates, and a module of each
/// controller; sorted. A type's crate must not be called like them.
const OURS: [&str; 42] = [
    "alloc",
    "anyhow",
    "api",
    "clap",
    "core",
    "dlmalloc",
    "fastrand",
    "futures",
    "hostname",
    "http",
    "http-body-util",
    "hyper",
    "hyper-rustls",
    "hyper-timeout",
    "hyper-util",
    "json-patch",
    "k8s-openapi",
    "kube",
    "opentelemetry",
    "opentelemetry-http",
    "opentelemetry-otlp",
    "opentelemetry_sdk",
    "prometheus-client",
    "proptest",
    "rcgen",
    "runtime",
    "rustls",
    "schemars",
    "serde",
    "serde-saphyr",
    "serde_json",
    "serde_path_to_error",
    "std",
    "tests",
    "thiserror",
    "tokio",
    "tokio-rustls",
    "tokio-util",
    "tower",
    "tracing",
    "tracing-opentelemetry",
    "tracing-subscriber",
];

impl Dependency {
    /// The names that it cannot have, for a test that compares them with the scaffold.
    pub fn taken() -> &'static [&'static str] {
        &OURS
    }

    /// The crate's name, as it is published.
    pub fn package(&self) -> &str {
        split(&self.0).0
    }

    /// Whether any version will do: nothing was said about it.
    pub fn is_of_any_version(&self) -> bool {
        split(&self.0).1 == ANY
    }

    /// The folder of a crate that is on disk.
    pub fn folder(&self) -> Option<&str> {
        split(&self.0).1.strip_prefix(ON_DISK)
    }

    /// The key in Cargo.toml: the crate's name, or the first part of `path`
    /// where that is another one.
    pub fn key(&self, path: &RustPath) -> String {
        match path.root() {
            root if root == self.package().replace('-', "_") => self.package().to_owned(),
            root => root.to_owned(),
        }
    }

    /// What stands behind the key in Cargo.toml.
    pub fn value(&self, path: &RustPath) -> String {
        let (package, place) = split(&self.0);
        let place = match self.folder() {
            Some(folder) => format!("path = {folder:?}"),
            None => format!("version = {place:?}"),
        };
        match self.key(path) {
            key if key != package => format!("{{ package = {package:?}, {place} }}"),
            _ => match place.strip_prefix("version = ") {
                Some(version) => version.to_owned(),
                None => format!("{{ {place} }}"),
            },
        }
    }
}

impl RustPath {
    /// The crate, under the name that Rust knows it by.
    pub fn root(&self) -> &str {
        self.as_str().split("::").next().unwrap_or_default()
    }

    /// Whether the path begins in a crate that every project depends on.
    pub fn begins_in_ours(&self) -> bool {
        is_ours(self.root())
    }
}

/// Whether every project uses this name already.
fn is_ours(name: &str) -> bool {
    let name = name.replace('-', "_");
    OURS.iter().any(|ours| ours.replace('-', "_") == name)
}

/// The crate, and which one of that name.
fn split(text: &str) -> (&str, &str) {
    text.split_once('@').unwrap_or((text, ANY))
}

fn check(text: &str) -> Result<(), NameError> {
    let wrong = |reason: String| {
        NameError::new("dependency", text, reason)
            .with_help("write it as `crate@1.2`, or `crate@path=../crate` for one on disk")
    };
    let (package, place) = split(text);
    check_package(package).map_err(wrong)?;
    match place.strip_prefix(ON_DISK) {
        Some(folder) => check_folder(folder).map_err(wrong),
        None => match semver::VersionReq::parse(place) {
            Ok(_) => Ok(()),
            Err(error) => Err(wrong(format!(
                "`{place}` is no requirement of a version: {error}"
            ))),
        },
    }
}

fn check_package(package: &str) -> Result<(), String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !package.starts_with(|c: char| c.is_ascii_alphabetic()) || !package.chars().all(legal) {
        return Err(format!("`{package}` is no name of a crate"));
    }
    if is_ours(package) {
        return Err(format!("every project has `{package}` already"));
    }
    if rust_name::is_keyword(package) {
        return Err(format!("`{package}` is a word of Rust's"));
    }
    Ok(())
}

/// What TOML and PROJECT can hold on one line, and every system can find.
fn check_folder(folder: &str) -> Result<(), String> {
    let legal = |c: char| !c.is_control() && c != '"' && c != '\\';
    if folder.is_empty() || folder.trim() != folder || !folder.chars().all(legal) {
        return Err(format!(
            "`{folder}` is no path to a folder, written with `/`"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_a_crate_and_perhaps_which_one() {
        fn check(text: &str, expected: bool) {
            assert_eq!(Dependency::new(text).is_ok(), expected, "{text:?}");
        }
        check("cert-manager", true);
        check("cert-manager@1", true);
        check("cert-manager@^1.2, <1.5", true);
        check("cert-manager@=1.2.3-alpha.1", true);
        check("cert-manager@path=../types", true);
        check("cert-manager@path=C:/types", true);
        check("", false);
        check("@1", false);
        check("cert-manager@", false);
        check("cert-manager@latest", false);
        check("cert-manager@v1", false);
        check("cert-manager@path=", false);
        check("cert-manager@path= a", false);
        check("cert-manager@path=a\"b", false);
        check("cert manager", false);
        check("1cert", false);
        check("a/b", false);
        check("kube", false);
        check("k8s_openapi", false);
        check("runtime@2", false);
        check("type", false);
    }

    #[test]
    fn the_key_is_what_the_path_begins_with() {
        fn check(module: &str, path: &str, expected: &str) {
            let (module, path) = (
                Dependency::new(module).unwrap(),
                RustPath::new(path).unwrap(),
            );
            let line = format!("{} = {}", module.key(&path), module.value(&path));
            assert_eq!(line, expected);
            assert!(line.parse::<toml_edit::DocumentMut>().is_ok(), "{line}");
        }
        check(
            "cert-manager@1.2",
            "cert_manager::v1",
            "cert-manager = \"1.2\"",
        );
        check("cert-manager", "cert_manager::v1", "cert-manager = \"*\"");
        check(
            "widgets@path=../widgets",
            "widgets",
            "widgets = { path = \"../widgets\" }",
        );
        check(
            "k8s-crds-cert-manager@1",
            "cert_manager::v1",
            "cert_manager = { package = \"k8s-crds-cert-manager\", version = \"1\" }",
        );
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(OURS.is_sorted());
    }

    #[test]
    fn an_error_says_how_to_write_it() {
        let error = Dependency::new("gateway-api@latest")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`latest` is no requirement of a version"),
            "{error}"
        );
        assert!(
            error.ends_with(
                "help: write it as `crate@1.2`, or `crate@path=../crate` for one on disk"
            )
        );
    }
}
