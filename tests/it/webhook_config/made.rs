//! The projects of these tests.

use crate::sandbox::Sandbox;

/// What the API server calls the manager for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Served {
    Nothing,
    Admission,
    Conversion,
    Both,
}

impl Served {
    pub(super) const ALL: [Self; 3] = [Self::Admission, Self::Conversion, Self::Both];

    /// A webhook of either kind, and one CRD.
    pub(super) fn number_of_clients(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Admission => 2,
            Self::Conversion => 1,
            Self::Both => 3,
        }
    }
}

/// A project called `demo` with a kind in two versions.
pub(super) fn project(certificates: &str, served: Served) -> Sandbox {
    let project = Sandbox::empty();
    project.ok(&format!(
        "init --domain example.com --project-name demo --certificates {certificates}"
    ));
    for version in ["v1", "v2"] {
        let kind = format!("--group crew --version {version} --kind Captain");
        project.ok(&format!("create api {kind} --resource --controller=false"));
    }
    let kind = "create webhook --group crew --version v1 --kind Captain --make=false";
    if matches!(served, Served::Admission | Served::Both) {
        project.ok(&format!("{kind} --defaulting --programmatic-validation"));
    }
    if matches!(served, Served::Conversion | Served::Both) {
        project.ok(&format!("{kind} --conversion --spoke v2"));
    }
    project
}
