//! The caches on a real API server: slow ring (`RUSTOP_SLOW=1`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests write the CRD that they install"
)]
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "this whole file is tests"
)]

mod common;

use std::time::Duration;

use clap::Parser as _;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::PartialObjectMeta;
use kube::{Api, Client};
use rustop_runtime::testing::environment::TestEnvironment;
use rustop_runtime::{Error, Manager, ManagerOptions, Request, Selector};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// The control plane that rustop keeps, in the slow ring only.
async fn environment() -> Option<TestEnvironment> {
    let assets = common::slow_ring()?;
    let folder = std::env::temp_dir().join(format!("cache-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("crd.yaml"), crd().to_string()).unwrap();
    let builder = TestEnvironment::builder()
        .assets(assets)
        .crd_directory(&folder);
    let environment = builder.start().await.unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    Some(environment)
}

/// Its `size` may be larger than what the Rust type can hold.
fn crd() -> Value {
    let schema = json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "boxes.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Box", "plural": "boxes", "singular": "box"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": schema}}]}})
}

#[derive(Clone, Debug, Deserialize)]
struct Boxed {
    metadata: ObjectMeta,
    spec: BoxSpec,
}

#[derive(Clone, Debug, Deserialize)]
struct BoxSpec {
    size: i32,
}

impl k8s_openapi::Resource for Boxed {
    const API_VERSION: &'static str = "example.com/v1";
    const GROUP: &'static str = "example.com";
    const KIND: &'static str = "Box";
    const VERSION: &'static str = "v1";
    const URL_PATH_SEGMENT: &'static str = "boxes";
    type Scope = NamespaceResourceScope;
}

impl k8s_openapi::Metadata for Boxed {
    type Ty = ObjectMeta;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

async fn apply(client: &Client, name: &str, size: i64) {
    let boxes: Api<Boxed> = Api::default_namespaced(client.clone());
    let object = json!({"apiVersion": "example.com/v1", "kind": "Box",
        "metadata": {"name": name}, "spec": {"size": size}});
    // The answer can't be read when the object can't be.
    let _ = boxes
        .patch(name, &PatchParams::apply("test"), &Patch::Apply(&object))
        .await;
}

#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

async fn manager(client: Client) -> Manager {
    let options = Options::parse_from(["test", "--health-probe-bind-address", "0"]);
    Manager::builder(options.manager)
        .client(client)
        .build()
        .await
        .unwrap()
}

fn run(manager: Manager) -> JoinHandle<Result<(), Error>> {
    tokio::spawn(manager.run())
}

/// Until the cache has caught up, or half a minute is over.
async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

#[tokio::test]
async fn an_object_that_does_not_fit_its_type_stops_no_other_and_heals() {
    let Some(environment) = environment().await else {
        return;
    };
    let client = environment.client();
    apply(&client, "good", 1).await;
    apply(&client, "bad", 3_000_000_000).await;
    let mut manager = manager(client.clone()).await;
    let store = manager.store::<Boxed>();
    let running = run(manager);
    store.wait_until_synced().await;
    let [good, bad] = ["good", "bad"].map(|name| Request::namespaced("default", name));
    assert_eq!(store.get(&good).unwrap().spec.size, 1);
    assert!(store.is_unreadable(&bad) && store.get(&bad).is_none());

    apply(&client, "bad", 3).await;
    eventually("it heals", || store.get(&bad).is_some()).await;
    assert!(!store.is_unreadable(&bad));
    apply(&client, "good", 3_000_000_000).await;
    eventually("what it was is not read", || store.get(&good).is_none()).await;
    assert!(store.is_unreadable(&good));
    let boxes: Api<Boxed> = Api::default_namespaced(client);
    let _ = boxes
        .delete("good", &kube::api::DeleteParams::default())
        .await;
    eventually("it is gone", || !store.is_unreadable(&good)).await;
    assert!(!running.is_finished());
    environment.stop().await;
}

#[tokio::test]
async fn lists_have_pages_metadata_is_enough_and_selections_are_followed() {
    let Some(environment) = environment().await else {
        return;
    };
    let maps: Api<ConfigMap> = Api::default_namespaced(environment.client());
    for number in 0..250 {
        let object = json!({"metadata": {"name": format!("map-{number:03}"),
            "labels": {"parity": if number % 2 == 0 { "even" } else { "odd" }}}, "data": {"key": "value"}});
        let object = serde_json::from_value(object).unwrap();
        maps.create(&PostParams::default(), &object).await.unwrap();
    }
    let mut manager = manager(environment.client()).await;
    manager.index("parity", |map: &ConfigMap| {
        let labels = map.metadata.labels.iter().flatten();
        labels.map(|(_, value)| value.clone()).collect()
    });
    let all = manager.store::<ConfigMap>();
    let metadata = manager.store::<PartialObjectMeta<ConfigMap>>();
    let even = manager.store_of::<ConfigMap>(&Selector::all().labels("parity=even"));
    let running = run(manager);
    tokio::join!(
        all.wait_until_synced(),
        metadata.wait_until_synced(),
        even.wait_until_synced()
    );
    assert_eq!(
        all.list_in("default").len(),
        metadata.list_in("default").len()
    );
    assert_eq!(all.by_index("parity", "odd").unwrap().len(), 125);
    assert_eq!(even.len(), 125);
    let types = metadata.list_in("default")[0].types.clone().unwrap();
    assert_eq!(types.kind, "PartialObjectMetadata");

    let first = Request::namespaced("default", "map-000");
    let odd = json!({"metadata": {"labels": {"parity": "odd"}}});
    let odd = Patch::Merge(&odd);
    maps.patch("map-000", &PatchParams::default(), &odd)
        .await
        .unwrap();
    eventually("it left the selection", || even.get(&first).is_none()).await;
    eventually("it moved in the index", || {
        all.by_index("parity", "odd").unwrap().len() == 126
    })
    .await;
    assert!(all.age().unwrap() < Duration::from_secs(60));
    assert!(!running.is_finished());
    environment.stop().await;
}
