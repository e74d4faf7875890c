//! The project's name and what is named after it.
//!
//! It becomes a cargo package, a crate, a prefix of every object on the cluster
//! and a namespace; each has its own limits, and this is where they are met.

use sha2::{Digest as _, Sha256};

use super::dns::{check_label, nearest_label};
use super::error::NameError;
use super::name_type::{name_type, order_by_text};
use super::rust_name;

/// `-controller-manager-metrics-service`, the longest that follows a prefix,
/// has 35 letters, and a Service's name at most 63.
const PREFIX_LENGTH: usize = 28;
/// What is kept of a longer name; a dash and four digits follow.
const KEPT_LENGTH: usize = 23;

/// Put before a name that cannot stand alone.
const RESCUE: &str = "operator-";

/// Names that cargo refuses, that would hide a crate of Rust itself, or that
/// are the fixed keys of the project's own dependencies (`api`, `runtime`). See
/// <https://doc.rust-lang.org/cargo/reference/manifest.html#the-name-field>
/// and the checks of `cargo new`.
const RESERVED_PACKAGES: [&str; 13] = [
    "alloc",
    "api",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "panic-abort",
    "panic-unwind",
    "proc-macro",
    "runtime",
    "std",
    "test",
];

name_type! {
    /// The name of a project: a label of RFC 1123, as in kubebuilder.
    ProjectName, check
}
order_by_text!(ProjectName);

impl ProjectName {
    /// The name that a folder suggests: a legal one unchanged, else in lower
    /// case with each run of other characters as one dash, cut to 63 letters.
    /// An error when nothing is left of it.
    pub fn from_folder(folder: &str) -> Result<Self, NameError> {
        if let Ok(name) = Self::new(folder) {
            return Ok(name);
        }
        nearest_label(folder).map(Self).ok_or_else(|| {
            let reason = "the folder's name holds no letter from A to Z and no digit";
            NameError::new("project name", folder, reason)
                .with_help("give one with `--project-name`")
        })
    }

    /// The cargo package of the manager: the project's name, each run of
    /// dashes one dash (a crate called `a__b` is warned about).
    ///
    /// `operator-` is put before it when it begins with a digit, is a word of
    /// Rust or of cargo, or when `taken` says that a dependency has that name.
    pub fn package(&self, taken: &dyn Fn(&str) -> bool) -> String {
        let plain = nearest_label(&self.0).unwrap_or_else(|| self.0.clone());
        if begins_with_digit(&plain) || is_reserved(&plain) || taken(&plain) {
            return format!("{RESCUE}{plain}");
        }
        plain
    }

    /// The crate of [`package`](Self::package), as Rust code names it.
    pub fn crate_name(&self, taken: &dyn Fn(&str) -> bool) -> String {
        self.package(taken).replace('-', "_")
    }

    /// What the names of all cluster objects begin with, without the dash:
    /// kustomize's `namePrefix` is `<prefix>-`, the namespace `<prefix>-system`.
    ///
    /// The project's name when it has at most 28 letters, so that
    /// `<prefix>-controller-manager-metrics-service` has at most 63. Of a longer
    /// one the first 23 letters without trailing dashes, a dash, and four digits
    /// of the whole name's SHA-256. A name that begins with a digit gets
    /// `operator-` first, since a Service must begin with a letter.
    pub fn prefix(&self) -> String {
        let name = if begins_with_digit(&self.0) {
            format!("{RESCUE}{}", self.0)
        } else {
            self.0.clone()
        };
        if name.len() <= PREFIX_LENGTH {
            return name;
        }
        let kept = name[..KEPT_LENGTH].trim_end_matches('-');
        format!("{kept}-{}", four_digits(&self.0))
    }
}

fn begins_with_digit(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit())
}

fn is_reserved(package: &str) -> bool {
    let taken = RESERVED_PACKAGES.contains(&package);
    taken || rust_name::is_keyword(package) || rust_name::is_device(package)
}

/// The first four hexadecimal digits of the SHA-256 of `text`.
fn four_digits(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("{:02x}{:02x}", digest[0], digest[1])
}

fn check(text: &str) -> Result<(), NameError> {
    check_label(text).map_err(|reason| {
        NameError::new("project name", text, reason).or_try("--project-name", nearest_label(text))
    })
}

#[cfg(test)]
mod tests {
    use super::super::dns::check_letter_label;
    use super::*;

    fn name(text: &str) -> ProjectName {
        ProjectName::new(text).unwrap()
    }

    #[test]
    fn a_project_name_is_a_label() {
        fn check(text: &str, expected: bool) {
            assert_eq!(ProjectName::new(text).is_ok(), expected, "{text:?}");
        }
        check("my-app", true);
        check("a", true);
        check("3scale", true);
        check(&"a".repeat(63), true);
        check(&"a".repeat(64), false);
        check("MyApp", false);
        check("my.app", false);
        check("my_app", false);
        check("my-app\n", false);
        check("-my-app", false);
        check("\u{1f980}", false);
        check("", false);
    }

    #[test]
    fn a_folder_gives_a_legal_name() {
        fn check(folder: &str, expected: Option<&str>) {
            let name = ProjectName::from_folder(folder).ok();
            assert_eq!(
                name.as_ref().map(ProjectName::as_str),
                expected,
                "{folder:?}"
            );
        }
        check("my-app", Some("my-app"));
        check("a--b", Some("a--b"));
        check("My App", Some("my-app"));
        check("my_app.rs", Some("my-app-rs"));
        check("-x-", Some("x"));
        check("caf\u{e9}", Some("caf"));
        check("x\n", Some("x"));
        check("\u{1f980}", None);
        check("..", None);
        check("", None);
        check(&"Ab".repeat(50), Some(&"ab".repeat(50)[..63]));
    }

    #[test]
    fn a_hopeless_folder_names_the_flag() {
        let error = ProjectName::from_folder("\u{1f980}").unwrap_err();
        assert_eq!(error.help(), Some("give one with `--project-name`"));
    }

    #[test]
    fn a_package_is_one_that_cargo_takes() {
        fn check(project: &str, package: &str, crate_name: &str) {
            let taken = |name: &str| name == "kube";
            assert_eq!(name(project).package(&taken), package);
            assert_eq!(name(project).crate_name(&taken), crate_name);
        }
        check("my-app", "my-app", "my_app");
        check("a--b", "a-b", "a_b");
        check("3scale", "operator-3scale", "operator_3scale");
        check("kube", "operator-kube", "operator_kube");
        check("kubes", "kubes", "kubes");
        check("match", "operator-match", "operator_match");
        check("self", "operator-self", "operator_self");
        check("con", "operator-con", "operator_con");
        for reserved in RESERVED_PACKAGES {
            assert_eq!(
                name(reserved).package(&|_| false),
                format!("operator-{reserved}")
            );
        }
    }

    #[test]
    fn a_prefix_keeps_short_names() {
        fn check(project: &str, expected: &str) {
            assert_eq!(name(project).prefix(), expected);
        }
        check("my-app", "my-app");
        check(&"a".repeat(28), &"a".repeat(28));
        check(&"a".repeat(29), "aaaaaaaaaaaaaaaaaaaaaaa-6913");
        check(
            &format!("{}--{}", "a".repeat(21), "b".repeat(9)),
            "aaaaaaaaaaaaaaaaaaaaa-91ae",
        );
        check("3scale", "operator-3scale");
    }

    #[test]
    fn what_follows_from_a_prefix_is_legal() {
        for length in 1..=63 {
            for first in ["a", "1"] {
                let project = name(&(first.to_owned() + &"b".repeat(length - 1)));
                let prefix = project.prefix();
                let service = format!("{prefix}-controller-manager-metrics-service");
                assert_eq!(check_letter_label(&service), Ok(()));
                assert_eq!(check_label(&format!("{prefix}-system")), Ok(()));
            }
        }
    }
}
