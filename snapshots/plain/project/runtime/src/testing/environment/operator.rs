//! Who the operator under test is, and where what it asks for is recorded.
//!
//! A user of its own tells its requests from the test's in the audit log, and a
//! namespace of its own what it does at home from what it does elsewhere:
//! `rustop rbac audit` compares both with the roles.
#![allow(
    clippy::disallowed_methods,
    reason = "records lie where the variable says"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::PostParams;
use kube::{Api, Client};

use super::EnvironmentError;
use crate::testing::control_plane::{ControlPlane, OPERATOR, OPERATOR_NAMESPACE};

/// Where the audit logs of all environments go, when `rustop rbac audit` records a run.
const DIRECTORY: &str = "RUSTOP_AUDIT_DIRECTORY";

/// Gives the operator its namespace, and writes its kubeconfig. It may do everything, so that one run shows all that it
/// asks for, and not what it asks for until it is refused.
pub(super) async fn admit(
    plane: &ControlPlane,
    client: &Client,
) -> Result<PathBuf, EnvironmentError> {
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some(OPERATOR_NAMESPACE.to_owned());
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let created = namespaces.create(&PostParams::default(), &namespace).await;
    created.map_err(|source| EnvironmentError::Refused {
        kind: "Namespace".to_owned(),
        name: OPERATOR_NAMESPACE.to_owned(),
        source: Box::new(source),
    })?;
    let access = plane.access_as(OPERATOR, &["system:masters"])?;
    let kubeconfig = access.kubeconfig_in(OPERATOR_NAMESPACE);
    Ok(plane.write_private("operator.kubeconfig", &kubeconfig)?)
}

/// A new audit log in the folder that the variable names; `None` when it names none.
pub(super) fn record() -> Result<Option<PathBuf>, EnvironmentError> {
    let directory = std::env::var_os(DIRECTORY).filter(|value| !value.is_empty());
    directory
        .map(|directory| new_log(Path::new(&directory)))
        .transpose()
}

/// A test binary has many environments, and a test run many binaries.
fn new_log(directory: &Path) -> Result<PathBuf, EnvironmentError> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let unwritable = |source| EnvironmentError::Record {
        path: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Ok(directory.join(format!("{}-{number}.log", std::process::id())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_environment_has_a_log_of_its_own_in_a_folder_that_is_made() {
        let name = format!("rustop-record-{}", std::process::id());
        let directory = std::env::temp_dir().join(name).join("below");
        let [first, second] = [(); 2].map(|()| new_log(&directory).unwrap());
        assert!(directory.is_dir());
        assert_ne!(first, second);
        assert_eq!(first.parent(), Some(directory.as_path()));
        std::fs::remove_dir_all(directory.parent().unwrap()).unwrap();
    }
}
