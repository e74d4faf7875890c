//! Controllers of kinds from elsewhere: one project follows every kind of
//! Kubernetes' own. It compiles without a warning, is formatted, passes its unit
//! tests, and on a real API server its own role lets it follow them all.

use std::path::Path;
use std::time::{Duration, Instant};

use rustop::resource::BuiltinKind;
use serde_json::json;

use super::cluster::Cluster;
use super::generated::{Generated, target, turn};
use super::manager::Manager;
use crate::sandbox::{Sandbox, slow};

const INIT: &str = "init --domain example.com --project-name demo --multigroup --quiet";
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn one_project_follows_every_builtin_kind() {
    if !slow("controllers of builtin kinds") {
        return;
    }
    let sandbox = Sandbox::in_memory();
    sandbox.ok(INIT);
    for (position, kind) in watched().iter().enumerate() {
        sandbox.ok(&create(kind, &watched()[..position]));
    }
    let _turn = turn();
    let project = Generated::new("builtin", &sandbox);
    project.ok("cargo", "fmt --all --check");
    let package = "--package demo --locked";
    let clippy = format!("clippy {package} --all-targets -- -D warnings");
    project.ok("cargo", &clippy);
    project.ok("cargo", &format!("test {package} --bins"));
    let role = sandbox.read("config/rbac/role.yaml");
    project.ok("cargo", &format!("build {package} --bins"));
    follows_all(&target().join("debug/demo"), &role);
}

fn watched() -> Vec<&'static BuiltinKind> {
    let kinds = BuiltinKind::all().iter();
    kinds.filter(|kind| kind.can_be_watched()).collect()
}

/// A second version of a kind needs a controller with a name.
fn create(kind: &BuiltinKind, earlier: &[&BuiltinKind]) -> String {
    let group = match kind.group {
        "" => "core",
        group => group,
    };
    let (version, name) = (kind.version, kind.kind);
    let same = |other: &&BuiltinKind| other.group == kind.group && other.kind == name;
    let controller = match earlier.iter().any(same) {
        true => format!("--controller-name {}-{version}", name.to_lowercase()),
        false => "--controller".to_owned(),
    };
    format!(
        "create api --quiet --group {group} --version {version} --kind {name} --resource=false {controller}"
    )
}

/// Runs the manager as a user who has its role and no more.
fn follows_all(manager: &Path, role: &str) {
    let cluster = Cluster::start();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "manager"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "manager-role"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "manager"}],
    });
    for object in [role, &binding.to_string()] {
        cluster.silent("apply --server-side --validate=strict -f -", object, "role");
    }
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, cluster.kubeconfig_of("manager")).unwrap();
    let manager = Manager::start(manager, &kubeconfig, &[]);
    let expected = watched().len();
    let start = Instant::now();
    loop {
        let report = manager.get("/readyz?verbose").unwrap_or_default();
        let count = |sign| report.lines().filter(|line| line.starts_with(sign)).count();
        if count("[+]cache-") == expected && count("[!]") == 0 {
            return;
        }
        assert!(start.elapsed() < DEADLINE, "of {expected}:\n{report}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
