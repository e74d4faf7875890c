//! The acceptance of the controller builder, on a real API server: slow ring (`RUSTOP_SLOW=1`).
//!
//! An ExampleA is under control while some Pod carries the label `group=<its groupName>`. Nothing ties the one to the
//! other but a map function that looks for the ExampleA of a Pod's group in the cache.
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "this whole file is tests"
)]

mod common;

use std::borrow::Cow;
use std::time::Duration;

use clap::Parser;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client, Resource, ResourceExt as _};
use rustop_runtime::testing::environment::TestEnvironment;
use rustop_runtime::{
    Action, Controller, Manager, ManagerOptions, Predicate, Reconciler, Request, Store,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// As `#[derive(CustomResource)]` would make it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExampleA {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: Spec,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    group_name: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    under_control: bool,
}

impl Resource for ExampleA {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        "ExampleA".into()
    }

    fn group((): &()) -> Cow<'_, str> {
        "example.linkinstars.com".into()
    }

    fn version((): &()) -> Cow<'_, str> {
        "v1".into()
    }

    fn plural((): &()) -> Cow<'_, str> {
        "exampleas".into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl ExampleA {
    fn under_control(&self) -> Option<bool> {
        self.status.map(|status| status.under_control)
    }
}

fn crd() -> Value {
    let property = |name: &str, r#type: &str| json!({"type": "object", "properties": {name: {"type": r#type}}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "exampleas.example.linkinstars.com"},
        "spec": {
            "group": "example.linkinstars.com", "scope": "Namespaced",
            "names": {"kind": "ExampleA", "plural": "exampleas", "singular": "examplea"},
            "versions": [{
                "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": property("groupName", "string"),
                    "status": property("underControl", "boolean"),
                }}},
            }],
        },
    })
}

struct ExampleAReconciler {
    client: Client,
    examples: Store<ExampleA>,
    pods: Store<Pod>,
}

impl Reconciler for ExampleAReconciler {
    type Object = ExampleA;
    type Error = kube::Error;

    async fn reconcile(&self, request: Request) -> Result<Action, kube::Error> {
        let Some(example) = self.examples.get(&request) else {
            return Ok(Action::await_change());
        };
        let pods = self.pods.list();
        let group = Some(&example.spec.group_name);
        let under_control = pods.iter().any(|pod| pod.labels().get("group") == group);
        if example.under_control() != Some(under_control) {
            let namespace = request.namespace_or_default();
            let api: Api<ExampleA> = Api::namespaced(self.client.clone(), namespace);
            let status = json!({"status": {"underControl": under_control}});
            let parameters = PatchParams::default();
            api.patch_status(&request.name, &parameters, &Patch::Merge(status))
                .await?;
        }
        Ok(Action::await_change())
    }
}

/// The ExampleA of a Pod's group: none, one or many.
fn of_its_group(examples: Store<ExampleA>) -> impl Fn(&Pod) -> Vec<Request> {
    move |pod| {
        let group = pod.labels().get("group");
        let mut found = examples.list();
        found.retain(|example| group == Some(&example.spec.group_name));
        found.iter().map(|it| Request::of(it.as_ref())).collect()
    }
}

fn register(manager: &mut Manager) {
    let examples = manager.store::<ExampleA>();
    let reconciler = ExampleAReconciler {
        client: manager.client(),
        examples: examples.clone(),
        pods: manager.store(),
    };
    manager.add(
        Controller::new("examplea", reconciler)
            .predicate(Predicate::generation_changed())
            .watches(of_its_group(examples)),
    );
}

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

/// A cluster with the operator in it.
struct Cluster {
    environment: TestEnvironment,
    client: Client,
    operator: JoinHandle<Result<(), rustop_runtime::Error>>,
}

async fn cluster() -> Option<Cluster> {
    let assets = common::slow_ring()?;
    let folder = std::env::temp_dir().join(format!("example-a-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("crd.yaml"), crd().to_string()).unwrap();
    let builder = TestEnvironment::builder()
        .assets(assets)
        .crd_directory(&folder);
    let environment = builder.start().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let client = environment.client();
    let options = Options::parse_from(["manager", "--health-probe-bind-address=0"]);
    let builder = Manager::builder(options.manager).client(client.clone());
    let mut manager = builder.build().await.unwrap();
    register(&mut manager);
    Some(Cluster {
        environment,
        client,
        operator: tokio::spawn(manager.run()),
    })
}

impl Cluster {
    fn examples(&self) -> Api<ExampleA> {
        Api::default_namespaced(self.client.clone())
    }

    /// In a namespace of its own: Pods are looked for in the whole cluster.
    fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), "kube-public")
    }

    async fn create_example(&self, name: &str, group: &str) {
        let example = json!({
            "apiVersion": "example.linkinstars.com/v1", "kind": "ExampleA",
            "metadata": {"name": name}, "spec": {"groupName": group}});
        let example = serde_json::from_value(example).unwrap();
        let parameters = PostParams::default();
        self.examples().create(&parameters, &example).await.unwrap();
    }

    async fn create_pod(&self, name: &str, group: &str) {
        let pod = json!({
            "metadata": {"name": name, "labels": {"group": group}},
            "spec": {"automountServiceAccountToken": false, "containers": [{"name": "a", "image": "a"}]}});
        let pod = serde_json::from_value(pod).unwrap();
        let parameters = PostParams::default();
        self.pods().create(&parameters, &pod).await.unwrap();
    }

    async fn label_pod(&self, name: &str, group: &str) {
        let patch = Patch::Merge(json!({"metadata": {"labels": {"group": group}}}));
        let parameters = PatchParams::default();
        self.pods().patch(name, &parameters, &patch).await.unwrap();
    }

    async fn delete_pod(&self, name: &str) {
        let at_once = DeleteParams::default().grace_period(0);
        self.pods().delete(name, &at_once).await.unwrap();
    }

    async fn set_group(&self, name: &str, group: &str) {
        let patch = Patch::Merge(json!({"spec": {"groupName": group}}));
        let parameters = PatchParams::default();
        let examples = self.examples();
        examples.patch(name, &parameters, &patch).await.unwrap();
    }

    /// Waits until these are under control and the others, by their names, are not.
    async fn expect(&self, expected: &[(&str, bool)]) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let list = self.examples().list(&ListParams::default()).await.unwrap();
            let states = list.iter().map(|it| (it.name_any(), it.under_control()));
            let states = states.collect::<Vec<_>>();
            let wanted = expected
                .iter()
                .map(|(name, is)| ((*name).to_owned(), Some(*is)));
            if states == wanted.collect::<Vec<_>>() {
                return;
            }
            let waiting = tokio::time::Instant::now() < deadline;
            assert!(waiting, "is {states:?}, not {expected:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_example_is_under_control_while_a_pod_of_its_group_is_there() {
    let Some(cluster) = cluster().await else {
        return;
    };
    for (name, group) in [("a1", "a"), ("a2", "a"), ("b", "b")] {
        cluster.create_example(name, group).await;
    }
    cluster
        .expect(&[("a1", false), ("a2", false), ("b", false)])
        .await;
    cluster.create_pod("one", "a").await;
    cluster
        .expect(&[("a1", true), ("a2", true), ("b", false)])
        .await;
    cluster.label_pod("one", "b").await;
    cluster
        .expect(&[("a1", false), ("a2", false), ("b", true)])
        .await;
    cluster.create_pod("two", "b").await;
    cluster.delete_pod("one").await;
    cluster.set_group("a1", "b").await;
    cluster
        .expect(&[("a1", true), ("a2", false), ("b", true)])
        .await;
    cluster.delete_pod("two").await;
    cluster
        .expect(&[("a1", false), ("a2", false), ("b", false)])
        .await;
    cluster.create_pod("three", "c").await;
    cluster.create_example("c", "c").await;
    cluster
        .expect(&[("a1", false), ("a2", false), ("b", false), ("c", true)])
        .await;
    assert!(!cluster.operator.is_finished());
    cluster.operator.abort();
    cluster.environment.stop().await;
}
