//! What reconcilers write with, on a real API server: slow ring (`RUSTOP_SLOW=1`).
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "this whole file is tests"
)]

mod common;

use std::time::Duration;

use clap::Parser;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::events::v1::Event;
use kube::api::{ListParams, PostParams};
use kube::{Api, Client, ResourceExt as _};
use rustop_runtime::apply::{Outcome, apply, create_or_update, patch_status};
use rustop_runtime::testing::environment::TestEnvironment;
use rustop_runtime::{Manager, ManagerOptions, owner};
use serde_json::json;

/// The control plane that rustop keeps, in the slow ring only.
async fn environment() -> Option<TestEnvironment> {
    let assets = common::slow_ring()?;
    let builder = TestEnvironment::builder().assets(assets);
    Some(builder.start().await.unwrap())
}

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

async fn manager(client: Client) -> Manager {
    let options = Options::parse_from(["manager", "--health-probe-bind-address=0"]);
    let builder = Manager::builder(options.manager).client(client);
    builder.build().await.unwrap()
}

fn config(name: &str, value: &str) -> ConfigMap {
    serde_json::from_value(json!({"metadata": {"name": name}, "data": {"key": value}})).unwrap()
}

fn deployment() -> Deployment {
    let labels = json!({"app": "web"});
    let container = json!({"name": "web", "image": "example.com/web:1"});
    serde_json::from_value(json!({
        "metadata": {"name": "web", "generation": 7, "managedFields": []},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }))
    .unwrap()
}

#[tokio::test]
async fn events_are_there_to_be_seen_and_counted() {
    let Some(environment) = environment().await else {
        return;
    };
    let client = environment.client();
    let objects: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let (parameters, object) = (PostParams::default(), config("seen", "a"));
    let object = objects.create(&parameters, &object).await.unwrap();

    let manager = manager(client.clone()).await;
    let recorder = manager.event_recorder("tester");
    let running = tokio::spawn(manager.run());
    for _ in 0..10 {
        recorder.warning(&object, "NoImage", "Create", "spec.image is empty");
    }
    let events: Api<Event> = Api::default_namespaced(client);
    let fields = "regarding.name=seen";
    let selected = ListParams::default().fields(fields);
    let event = loop {
        let found = events.list(&selected).await.unwrap().items;
        match found.into_iter().find(|event| event.series.is_some()) {
            Some(event) => break event,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert_eq!(event.reason.as_deref(), Some("NoImage"));
    assert_eq!(event.regarding.unwrap().uid, object.metadata.uid);
    assert_eq!(event.series.unwrap().count, 2);
    assert_eq!(events.list(&selected).await.unwrap().items.len(), 1);
    running.abort();
    environment.stop().await;
}

#[tokio::test]
async fn an_object_is_created_changed_and_left_alone() {
    let Some(environment) = environment().await else {
        return;
    };
    let api: Api<ConfigMap> = Api::default_namespaced(environment.client());
    let mut outcomes = Vec::new();
    let mut versions = Vec::new();
    for value in ["a", "b", "b"] {
        let change = |object: &mut ConfigMap| object.data = config("", value).data;
        let (object, outcome) = create_or_update(&api, "c", change).await.unwrap();
        outcomes.push(outcome);
        versions.push(object.resource_version());
    }
    assert_eq!(
        outcomes,
        [Outcome::Created, Outcome::Updated, Outcome::Unchanged]
    );
    assert_eq!(versions[1], versions[2]);
    assert_ne!(versions[0], versions[1]);
    environment.stop().await;
}

/// What somebody else set stays, and what the server wrote into an object that was read is not sent back.
#[tokio::test]
async fn an_applied_object_sets_what_it_says_and_nothing_else() {
    let Some(environment) = environment().await else {
        return;
    };
    let api: Api<Deployment> = Api::default_namespaced(environment.client());
    let mut applied = apply(&api, &deployment(), "tester").await.unwrap();
    let mut body = json!({"apiVersion": "apps/v1", "kind": "Deployment"});
    body["spec"] = json!({"paused": true});
    let parameters = kube::api::PatchParams::apply("somebody");
    let patch = kube::api::Patch::Apply(body);
    api.patch("web", &parameters, &patch).await.unwrap();

    // As it was read, with all that the server added.
    applied.metadata.resource_version = None;
    applied.metadata.uid = None;
    applied.status = None;
    let again = apply(&api, &applied, "tester").await.unwrap();
    let spec = again.spec.unwrap();
    assert_eq!(spec.paused, Some(true));
    assert_eq!(spec.replicas, Some(2));
    environment.stop().await;
}

#[tokio::test]
async fn a_status_is_written_once() {
    let Some(environment) = environment().await else {
        return;
    };
    let api: Api<Deployment> = Api::default_namespaced(environment.client());
    let object = apply(&api, &deployment(), "tester").await.unwrap();
    let mut status = object.status.clone().unwrap_or_default();
    status.replicas = Some(2);
    assert!(patch_status(&api, &object, &status).await.unwrap());
    let object = api.get("web").await.unwrap();
    assert_eq!(object.status.as_ref().unwrap().replicas, Some(2));
    assert!(!patch_status(&api, &object, &status).await.unwrap());

    // A child of it is admitted with the owner as its controller.
    let mut child: ReplicaSet = serde_json::from_value(json!({
        "metadata": {"name": "child"}, "spec": object.spec,
    }))
    .unwrap();
    owner::set_controller(&mut child, &object).unwrap();
    let children: Api<ReplicaSet> = Api::default_namespaced(environment.client());
    let child = apply(&children, &child, "tester").await.unwrap();
    let references = child.metadata.owner_references.unwrap();
    assert_eq!(references[0].uid, object.metadata.uid.unwrap());
    environment.stop().await;
}
