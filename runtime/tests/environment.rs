//! The test environment on real servers: slow ring (`RUSTOP_SLOW=1`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests look at what is left behind"
)]
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "this whole file is tests; what was measured is printed for `--nocapture`"
)]

use std::path::PathBuf;
use std::time::Instant;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ObjectMeta, PostParams};
use kube::{Api, Client};
use rustop_runtime::testing::environment::{TestEnvironment, TestEnvironmentBuilder};
use serde_json::{Value, json};

/// The control plane that rustop keeps, in the slow ring only.
fn builder() -> Option<TestEnvironmentBuilder> {
    if std::env::var_os("RUSTOP_SLOW").is_none() {
        eprintln!("skipped: set RUSTOP_SLOW=1 to run it");
        return None;
    }
    let builder = TestEnvironment::builder();
    if std::env::var_os("KUBEBUILDER_ASSETS").is_some() {
        return Some(builder);
    }
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    Some(builder.assets(home.join(".cache/rustop/controlplane/1.35.4-linux-amd64")))
}

struct Folder(PathBuf);

impl Folder {
    fn with(test: &str, crd: &Value) -> Self {
        let path = std::env::temp_dir().join(format!("environment-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("crd.yaml"), crd.to_string()).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn crd(spec: &Value) -> Value {
    let size = json!({"type": "integer", "minimum": 1});
    let schema = json!({"type": "object", "properties": {
        "spec": {"type": "object", "required": ["size"], "properties": {"size": size}}}});
    let mut crd = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "boxes.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Box", "plural": "boxes", "singular": "box"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": schema}}]}});
    for (name, value) in spec.as_object().unwrap() {
        crd["spec"][name] = value.clone();
    }
    crd
}

fn boxes(client: &Client) -> (Api<DynamicObject>, ApiResource) {
    let kind = GroupVersionKind::gvk("example.com", "v1", "Box");
    let resource = ApiResource::from_gvk_with_plural(&kind, "boxes");
    (
        Api::namespaced_with(client.clone(), "default", &resource),
        resource,
    )
}

#[tokio::test]
async fn objects_of_a_crd_can_be_written_at_once_and_are_validated() {
    let Some(builder) = builder() else { return };
    let folder = Folder::with("validated", &crd(&json!({})));
    let began = Instant::now();
    let environment = builder.crd_directory(&folder.0).start().await.unwrap();
    eprintln!("started with a CRD after {:?}", began.elapsed());
    let (boxes, resource) = boxes(&environment.client());
    let sized = |name: &str, size: i64| {
        DynamicObject::new(name, &resource).data(json!({"spec": {"size": size}}))
    };
    boxes
        .create(&PostParams::default(), &sized("good", 1))
        .await
        .unwrap();
    let error = boxes
        .create(&PostParams::default(), &sized("bad", 0))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("should be greater than or equal to 1"),
        "{error}"
    );
    let kubeconfig = std::fs::read_to_string(environment.kubeconfig_path()).unwrap();
    assert!(kubeconfig.contains(environment.server()));
    let path = environment.kubeconfig_path().to_owned();
    environment.stop().await;
    assert!(!path.exists());
}

/// As `kubectl get crd --output yaml` prints one.
#[tokio::test]
async fn a_crd_from_another_cluster_is_installed() {
    let Some(builder) = builder() else { return };
    let mut crd = crd(&json!({}));
    crd["metadata"]["uid"] = json!("5b1ce1f4-9d2a-4a37-9f6c-0c8e4b1f2a77");
    crd["metadata"]["resourceVersion"] = json!("4711");
    crd["metadata"]["generation"] = json!(2);
    crd["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
    crd["metadata"]["managedFields"] = json!([{
        "manager": "kubectl", "operation": "Update", "apiVersion": "apiextensions.k8s.io/v1",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}}]);
    crd["status"] = json!({"storedVersions": ["v1"], "conditions": [],
        "acceptedNames": {"kind": "Box", "plural": "boxes"}});
    let folder = Folder::with("copied", &crd);
    let environment = builder.crd_directory(&folder.0).start().await.unwrap();
    let (boxes, resource) = boxes(&environment.client());
    let sized = DynamicObject::new("good", &resource).data(json!({"spec": {"size": 1}}));
    boxes.create(&PostParams::default(), &sized).await.unwrap();
    environment.stop().await;
}

/// What the file says is judged, and not what a type in between kept of it.
#[tokio::test]
async fn a_crd_with_a_typing_error_is_refused_by_name() {
    let Some(builder) = builder() else { return };
    let folder = Folder::with("typo", &crd(&json!({"preserveUnknownField": false})));
    let error = builder
        .crd_directory(&folder.0)
        .start()
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the API server refused the CRD `boxes.example.com`"),
        "{error}"
    );
    assert!(error.contains("preserveUnknownField"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_are_apart_and_so_are_users() {
    let Some(builder) = builder() else { return };
    let (one, other) = tokio::join!(builder.clone().start(), builder.start());
    let (one, other) = (one.unwrap(), other.unwrap());
    let name = ObjectMeta {
        name: Some("only-here".into()),
        ..ObjectMeta::default()
    };
    let namespace = Namespace {
        metadata: name,
        ..Namespace::default()
    };
    let namespaces: Api<Namespace> = Api::all(one.client());
    namespaces
        .create(&PostParams::default(), &namespace)
        .await
        .unwrap();
    let elsewhere: Api<Namespace> = Api::all(other.client());
    assert!(elsewhere.get_opt("only-here").await.unwrap().is_none());
    let jane = one.client_as("jane", &["developers"]).await.unwrap();
    let refused = Api::<ConfigMap>::default_namespaced(jane)
        .get("settings")
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains(r#"User "jane" cannot get"#),
        "{refused}"
    );
}

#[tokio::test]
async fn without_binaries_the_remedy_is_named() {
    let builder = TestEnvironment::builder().assets("/nonexistent");
    let error = builder.start().await.unwrap_err().to_string();
    assert!(
        error.starts_with("there is no `/nonexistent/etcd`\nhelp: "),
        "{error}"
    );
    assert!(error.contains("rustop envtest use -p path"), "{error}");
}
