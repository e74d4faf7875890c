//! The fake API server says what a real one says.
//!
//! The scenarios are sequences of requests. What a kube-apiserver answered is
//! recorded in `recorded.json`, without what differs from run to run; the fake
//! must answer the same. In the slow ring (`RUSTOP_SLOW=1`) a real server is
//! asked again; `UPDATE_RECORDED=1` with it writes the record anew.
#![allow(clippy::disallowed_methods, reason = "the record is a file")]
#![allow(
    clippy::format_push_string,
    clippy::match_bool,
    clippy::needless_pass_by_value,
    reason = "bodies are written in place, and only a failure is put together"
)]
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "this whole file is tests; what was skipped is said"
)]

#[path = "../common/mod.rs"]
mod common;
mod scenarios;
mod script;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret, Service};
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use kube::api::{Api, ObjectMeta, PostParams};
use rustop_runtime::testing::FakeApiServer;
use rustop_runtime::testing::environment::TestEnvironment;
use serde_json::{Value, json};

use script::Script;

type Transcripts = BTreeMap<String, Vec<Value>>;

/// Where a real server's answers are.
fn record() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/recorded.json")
}

/// A kind in namespaces with a status of its own, and one without either.
fn crds() -> [CustomResourceDefinition; 2] {
    let port = json!({"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string"}, "port": {"type": "integer"},
        "protocol": {"type": "string", "default": "TCP"}}});
    let spec = json!({"type": "object", "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "note": {"type": "string", "nullable": true, "maxLength": 5},
        "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": port},
        "words": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}},
        "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": {"type": "string"}},
        "extra": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "nested": {"type": "object", "required": ["must"], "properties": {"must": {"type": "string"}, "may": {"type": "string"}}}}});
    let status = json!({"type": "object", "properties": {
        "phase": {"type": "string"}, "count": {"type": "integer"},
        "conditions": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
            "items": {"type": "object", "required": ["type"], "properties": {
                "type": {"type": "string"}, "status": {"type": "string"}}}}}});
    let schema = json!({"type": "object", "properties": {"spec": spec, "status": status}});
    let crd = |kind: &str, plural: &str, scope: &str, version: Value| {
        let crd = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.example.com")},
            "spec": {"group": "example.com", "scope": scope, "versions": [version],
                "names": {"kind": kind, "plural": plural, "singular": kind.to_lowercase()}}});
        serde_json::from_value(crd).unwrap()
    };
    let version = json!({"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}});
    let mut with_status = version.clone();
    with_status["subresources"] = json!({"status": {}});
    [
        crd("Box", "boxes", "Namespaced", with_status),
        crd("Crate", "crates", "Cluster", version),
    ]
}

fn fake() -> Client {
    let [boxes, crates] = crds();
    let server = FakeApiServer::new()
        .crd(&boxes)
        .crd(&crates)
        .kind::<ConfigMap>()
        .kind::<Secret>()
        .kind::<Service>()
        .kind::<Pod>()
        .kind::<Lease>()
        .kind::<Event>()
        .kind::<Deployment>();
    server.client()
}

/// Plays each scenario in a namespace of its own.
async fn play(client: &Client, patience: Duration) -> Transcripts {
    let mut transcripts = Transcripts::new();
    for (name, scenario) in scenarios::all() {
        let mut script = Script::new(client.clone(), name, patience);
        scenario(&mut script).await;
        transcripts.insert(name.to_owned(), script.into_transcript());
    }
    transcripts
}

/// The first answer that is another one, with what led to it.
fn compare(recorded: &Transcripts, played: &Transcripts) {
    let names = |transcripts: &Transcripts| transcripts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(recorded),
        names(played),
        "help: RUSTOP_SLOW=1 UPDATE_RECORDED=1"
    );
    let mut wrong = String::new();
    for (name, expected) in recorded {
        let found = &played[name];
        for (step, (expected, found)) in expected.iter().zip(found).enumerate() {
            if expected != found {
                let shown = |value: &Value| serde_json::to_string_pretty(value).unwrap();
                let (expected, found) = (shown(expected), shown(found));
                wrong += &format!(
                    "\n{name}, step {step}: a real server says\n{expected}\nand here\n{found}\n"
                );
            }
        }
        assert_eq!(expected.len(), found.len(), "{name}");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn recorded() -> Transcripts {
    serde_json::from_str(&std::fs::read_to_string(record()).unwrap()).unwrap()
}

#[tokio::test]
async fn the_fake_answers_as_a_real_server_did() {
    compare(&recorded(), &play(&fake(), Duration::from_secs(2)).await);
}

#[tokio::test]
async fn a_real_server_answers_as_recorded() {
    let Some(assets) = common::slow_ring() else {
        return;
    };
    let environment = real(assets).await;
    let namespaces: Api<Namespace> = Api::all(environment.client());
    for (name, _) in scenarios::all() {
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        };
        let namespace = Namespace {
            metadata,
            ..Namespace::default()
        };
        namespaces
            .create(&PostParams::default(), &namespace)
            .await
            .unwrap();
    }
    let played = play(&environment.client(), Duration::from_secs(60)).await;
    environment.stop().await;
    if std::env::var_os("UPDATE_RECORDED").is_some() {
        let text = serde_json::to_string_pretty(&played).unwrap() + "\n";
        std::fs::write(record(), text).unwrap();
    }
    compare(&recorded(), &played);
}

/// With the garbage collector, which is part of kube-controller-manager.
async fn real(assets: PathBuf) -> TestEnvironment {
    let folder = std::env::temp_dir().join(format!("conformance-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (index, crd) in crds().iter().enumerate() {
        std::fs::write(
            folder.join(format!("{index}.yaml")),
            serde_json::to_string(crd).unwrap(),
        )
        .unwrap();
    }
    let builder = TestEnvironment::builder()
        .controller_manager(assets.join("kube-controller-manager"))
        .assets(assets)
        .crd_directory(&folder);
    let environment = builder.start().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    environment
}
