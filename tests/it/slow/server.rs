//! What is deployed is taken by a real API server without a warning, and its
//! Pod is admitted where the Pod Security standard `restricted` is enforced.
//!
//! Sources: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>,
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields>.

use serde_json::{Value, json};

use super::cluster::{Cluster, documents, of_kind};
use super::webhook_certificates::issuer;
use crate::sandbox::{Run, Sandbox, slow};
use crate::snapshots;

const DRY_RUN: &str = "apply --server-side --dry-run=server --validate=strict -f -";
const APPLY: &str = "apply --server-side --validate=strict -f -";

/// All folders that `kubectl kustomize` must take.
const FOLDERS: [&str; 7] = [
    "crd",
    "default",
    "manager",
    "rbac",
    "samples",
    "prometheus",
    "network-policy",
];

#[test]
fn an_api_server_takes_all_that_is_deployed() {
    if !slow("a real API server") {
        return;
    }
    let cluster = Cluster::start();
    issuer::install(&cluster);
    for case in snapshots::cases() {
        let what = case.display().to_string();
        check(&cluster, &snapshots::run(&case), &what);
    }
}

fn check(cluster: &Cluster, project: &Sandbox, what: &str) {
    let [crd, default, _, _, samples, _, policy] = FOLDERS.map(|folder| kustomize(project, folder));
    install(cluster, &crd, what);
    let deployment = documents(&default);
    let deployment = of_kind(&deployment, "Deployment");
    let namespace = deployment["metadata"]["namespace"].as_str().unwrap();
    make_strict(cluster, namespace);
    let samples = stored(&documents(&crd), &documents(&samples));
    for text in [&default, &samples, &policy] {
        if !text.is_empty() {
            cluster.silent(DRY_RUN, text, what);
        }
    }
    cluster.silent(APPLY, &default, what);
    // Nobody answers here: not for Pods, nor for the next project's objects.
    let webhooks = "mutatingwebhookconfigurations,validatingwebhookconfigurations";
    cluster.silent(&format!("delete {webhooks} --all"), "", what);
    // Of what is deleted the API server hears a moment later.
    std::thread::sleep(std::time::Duration::from_secs(1));
    check_pod(cluster, &deployment["spec"]["template"], namespace, what);
}

/// The samples that can be stored while no manager converts them, as a list.
fn stored(crds: &[Value], samples: &[Value]) -> String {
    let fits = |sample: &&Value| {
        let (group, version) = sample["apiVersion"]
            .as_str()
            .unwrap()
            .split_once('/')
            .unwrap();
        let is_kind = |crd: &&Value| {
            let spec = &crd["spec"];
            spec["group"] == group && spec["names"]["kind"] == sample["kind"]
        };
        let crd = crds.iter().find(is_kind).unwrap();
        let versions = crd["spec"]["versions"].as_array().unwrap();
        let is_stored = |it: &Value| it["name"] == version && it["storage"] == true;
        crd["spec"]["conversion"].is_null() || versions.iter().any(is_stored)
    };
    let samples = samples.iter().filter(|sample| !sample.is_null());
    let samples: Vec<&Value> = samples.filter(fits).collect();
    match samples.is_empty() {
        true => String::new(),
        false => json!({"apiVersion": "v1", "kind": "List", "items": samples}).to_string(),
    }
}

pub(crate) fn kustomize(project: &Sandbox, folder: &str) -> String {
    let mut command = std::process::Command::new("kubectl");
    let folder = project.join("config").join(folder);
    command.arg("kustomize").arg(&folder);
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, 0, "{}: {}", folder.display(), run.stderr);
    assert_eq!(run.stderr, "", "{}", folder.display());
    run.stdout
}

/// Applies the CRDs and waits until the server serves them.
fn install(cluster: &Cluster, crds: &str, what: &str) {
    if crds.is_empty() {
        return;
    }
    cluster.silent(APPLY, crds, what);
    for crd in documents(crds) {
        let name = crd["metadata"]["name"].as_str().unwrap();
        let wait = format!("wait --for=condition=Established --timeout=30s crd/{name}");
        cluster.silent(&wait, "", what);
        let read = cluster.silent(&format!("get crd {name} -o json"), "", what);
        let read: Value = serde_json::from_str(&read).unwrap();
        let conditions = read["status"]["conditions"].as_array().unwrap();
        let unstructural = conditions
            .iter()
            .any(|it| it["type"] == "NonStructuralSchema");
        assert!(!unstructural, "{what}: {conditions:?}");
    }
}

/// A namespace that refuses, and warns of, what is not `restricted`.
fn make_strict(cluster: &Cluster, name: &str) {
    let labels = json!({
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
    });
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": name, "labels": labels}});
    cluster.silent(
        "apply --server-side --field-manager=test -f -",
        &namespace.to_string(),
        name,
    );
}

/// The Deployment's Pod is admitted, and a privileged copy is not, so the check can fail.
fn check_pod(cluster: &Cluster, template: &Value, namespace: &str, what: &str) {
    let create = "create --dry-run=server --validate=strict -f -";
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "copy", "namespace": namespace, "labels": template["metadata"]["labels"]},
        "spec": template["spec"]});
    cluster.silent(create, &pod.to_string(), what);
    let security = &mut pod["spec"]["containers"][0]["securityContext"];
    security["privileged"] = json!(true);
    security["allowPrivilegeEscalation"] = json!(true);
    let refused = cluster.kubectl(create, &pod.to_string());
    assert_ne!(refused.code, 0, "{what}: a privileged Pod was admitted");
    let verdict = "violates PodSecurity \"restricted:latest\": privileged";
    assert!(
        refused.stderr.contains(verdict),
        "{what}: {}",
        refused.stderr
    );
}
