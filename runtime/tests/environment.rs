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

mod common;

use std::path::PathBuf;
use std::time::Instant;

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use rustop_runtime::testing::environment::{
    OPERATOR, OPERATOR_NAMESPACE, TestEnvironment, TestEnvironmentBuilder,
};
use serde_json::{Value, json};

/// The control plane that rustop keeps, in the slow ring only.
fn builder() -> Option<TestEnvironmentBuilder> {
    Some(TestEnvironment::builder().assets(common::slow_ring()?))
}

struct Folder(PathBuf);

impl Folder {
    fn with(test: &str, manifest: &Value) -> Self {
        let path = std::env::temp_dir().join(format!("environment-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("manifest.yaml"), manifest.to_string()).unwrap();
        Self(path)
    }

    fn manifest(&self) -> PathBuf {
        self.0.join("manifest.yaml")
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
        error.contains("the API server refused the CustomResourceDefinition `boxes.example.com`"),
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

/// A configuration as `make manifests` writes it: it calls a service.
fn validating() -> Value {
    let service =
        json!({"name": "webhook-service", "namespace": "system", "path": "/validate-boxes"});
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "validating-webhook-configuration"},
        "webhooks": [{
            "name": "vbox-v1.kb.io", "clientConfig": {"service": service}, "failurePolicy": "Fail",
            "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 1,
            "rules": [{"apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["boxes"]}]}]})
}

/// Nobody serves it, so the API server says what it called.
#[tokio::test]
async fn a_webhook_is_called_from_the_first_request_on() {
    let Some(builder) = builder() else { return };
    let crds = Folder::with("called-crds", &crd(&json!({})));
    let webhooks = Folder::with("called-webhooks", &validating());
    let builder = builder
        .crd_directory(&crds.0)
        .webhook_directory(&webhooks.0);
    let environment = builder.start().await.unwrap();
    let (boxes, resource) = boxes(&environment.client());
    let sized = DynamicObject::new("one", &resource).data(json!({"spec": {"size": 1}}));
    let refused = boxes.create(&PostParams::default(), &sized).await;
    let refused = refused.unwrap_err().to_string();
    let url = environment.webhook_options().url("/validate-boxes");
    assert!(
        refused.contains(r#"failed calling webhook "vbox-v1.kb.io""#),
        "{refused}"
    );
    assert!(refused.contains(&url), "{refused}");
    let certificate = environment
        .webhook_options()
        .certificate_directory()
        .join("tls.crt");
    assert!(certificate.is_file());
    environment.stop().await;
    assert!(!certificate.exists());
}

/// The operator that serves it is started after the environment.
#[tokio::test]
async fn an_environment_starts_before_a_webhook_for_a_kind_of_kubernetes_is_served() {
    let Some(builder) = builder() else { return };
    let mut configuration = validating();
    configuration["webhooks"][0]["rules"] = json!([{
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]);
    let webhooks = Folder::with("config-maps", &configuration);
    let started = builder.webhook_directory(&webhooks.0).start().await;
    assert!(started.is_ok(), "{started:?}");
}

#[tokio::test]
async fn a_patched_crd_is_converted_by_the_webhook_of_the_test() {
    let Some(builder) = builder() else { return };
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    let version = |name: &str, storage: bool| json!({"name": name, "served": true, "storage": storage, "schema": schema});
    let versions = json!({"versions": [version("v1", true), version("v2", false)]});
    let crds = Folder::with("converted-crds", &crd(&versions));
    let service = json!({"name": "webhook-service", "namespace": "system", "path": "/convert"});
    let webhook = json!({"clientConfig": {"service": service}, "conversionReviewVersions": ["v1"]});
    let patches = Folder::with(
        "converted-patches",
        &json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "boxes.example.com"},
        "spec": {"conversion": {"strategy": "Webhook", "webhook": webhook}}}),
    );
    let builder = builder
        .crd_directory(&crds.0)
        .crd_patch_directory(&patches.0);
    let environment = builder.start().await.unwrap();
    let (boxes, resource) = boxes(&environment.client());
    let object = DynamicObject::new("one", &resource);
    boxes.create(&PostParams::default(), &object).await.unwrap();
    let kind = GroupVersionKind::gvk("example.com", "v2", "Box");
    let resource = ApiResource::from_gvk_with_plural(&kind, "boxes");
    let api: Api<DynamicObject> = Api::namespaced_with(environment.client(), "default", &resource);
    let refused = api.get("one").await.unwrap_err().to_string();
    let url = environment.webhook_options().url("/convert");
    assert!(
        refused.contains("conversion webhook for example.com/v1, Kind=Box failed"),
        "{refused}"
    );
    assert!(refused.contains(&url), "{refused}");
}

#[tokio::test]
async fn a_patch_of_a_crd_that_is_not_there_is_said() {
    let patches = Folder::with("nothing", &crd(&json!({})));
    let builder = TestEnvironment::builder().crd_patch_directory(&patches.0);
    let error = builder.start().await.unwrap_err().to_string();
    assert!(
        error.starts_with("there is no CRD `boxes.example.com` to patch"),
        "{error}"
    );
}

#[tokio::test]
async fn a_user_may_do_what_a_role_file_allows_and_no_more() {
    let Some(builder) = builder() else { return };
    let role = Folder::with(
        "role",
        &json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "manager-role"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}]}),
    );
    let environment = builder.start().await.unwrap();
    environment
        .grant("operator", role.manifest())
        .await
        .unwrap();
    let client = environment.client_as("operator", &[]).await.unwrap();
    let api: Api<ConfigMap> = Api::default_namespaced(client);
    let mut object = ConfigMap::default();
    object.metadata.name = Some("allowed".into());
    api.create(&PostParams::default(), &object).await.unwrap();
    let refused = api.get("allowed").await.unwrap_err().to_string();
    assert!(
        refused.contains(r#"User "operator" cannot get"#),
        "{refused}"
    );
    let error = environment
        .grant("operator", "/nonexistent/role.yaml")
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("/nonexistent/role.yaml"),
        "{error}"
    );
}

/// So its requests can be told from the test's, and what it does at home from what it does elsewhere.
#[tokio::test]
async fn the_operator_is_a_user_of_its_own_in_a_namespace_of_its_own() {
    let Some(builder) = builder() else { return };
    let environment = builder.start().await.unwrap();
    let kubeconfig = Kubeconfig::read_from(environment.operator_kubeconfig_path()).unwrap();
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let client = Client::try_from(config.unwrap()).unwrap();
    assert_eq!(client.default_namespace(), OPERATOR_NAMESPACE);
    let reviews: Api<SelfSubjectReview> = Api::all(client.clone());
    let (parameters, review) = <(PostParams, SelfSubjectReview)>::default();
    let review = reviews.create(&parameters, &review).await.unwrap();
    let user = review.status.unwrap().user_info.unwrap();
    assert_eq!(user.username.as_deref(), Some(OPERATOR));
    let mut map = ConfigMap::default();
    map.metadata.name = Some("mine".to_owned());
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    maps.create(&PostParams::default(), &map).await.unwrap();
}

#[tokio::test]
async fn a_user_is_in_as_many_groups_as_the_test_says() {
    let Some(builder) = builder() else { return };
    let environment = builder.start().await.unwrap();
    for groups in [&[][..], &["a"], &["a", "b"], &["a", "b", "c", "d"]] {
        let client = environment.client_as("jane", groups).await.unwrap();
        let api: Api<SelfSubjectReview> = Api::all(client);
        let (parameters, review) = <(PostParams, SelfSubjectReview)>::default();
        let review = api.create(&parameters, &review).await.unwrap();
        let user = review.status.unwrap().user_info.unwrap();
        let all: Vec<&str> = groups
            .iter()
            .copied()
            .chain(["system:authenticated"])
            .collect();
        assert_eq!(user.username.as_deref(), Some("jane"));
        assert_eq!(user.groups.unwrap(), all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_environments_with_webhooks_run_in_parallel() {
    let Some(builder) = builder() else { return };
    let crds = Folder::with("four-crds", &crd(&json!({})));
    let webhooks = Folder::with("four-webhooks", &validating());
    let builder = builder
        .crd_directory(&crds.0)
        .webhook_directory(&webhooks.0);
    let began = Instant::now();
    let starts = (0..4).map(|_| builder.clone().start());
    let environments = futures::future::try_join_all(starts).await.unwrap();
    eprintln!("started four after {:?}", began.elapsed());
    let addresses = environments.iter().map(|environment| {
        let (server, webhooks) = (environment.server(), environment.webhook_options());
        [server.to_owned(), webhooks.address().to_string()]
    });
    let addresses: std::collections::HashSet<String> = addresses.flatten().collect();
    assert_eq!(addresses.len(), 8, "{addresses:?}");
    for environment in environments {
        let (boxes, _) = boxes(&environment.client());
        assert!(
            boxes
                .list(&ListParams::default())
                .await
                .unwrap()
                .items
                .is_empty()
        );
        let folder = environment.kubeconfig_path().to_owned();
        drop(environment);
        assert!(!folder.exists(), "dropping stops it");
    }
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
