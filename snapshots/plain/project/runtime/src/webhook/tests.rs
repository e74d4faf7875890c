//! A kind's webhooks from the question to the verdict, without a server.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::*;
use crate::Store;
use crate::testing::admission;

/// Names the team, gives each container an image, and refuses what is called `bad`, before and after.
struct Pods;

impl Defaulter for Pods {
    type Object = Pod;

    async fn default(&self, pod: &mut Pod, _: &AdmissionRequest) -> Result<(), Denied> {
        let labels = pod.metadata.labels.get_or_insert_default();
        labels.entry("team".into()).or_insert("blue".into());
        for container in pod.spec.iter_mut().flat_map(|spec| &mut spec.containers) {
            container.image.get_or_insert_with(|| "plain".into());
        }
        Ok(())
    }
}

impl Validator for Pods {
    type Object = Pod;

    async fn validate_create(&self, pod: &Pod, _: &AdmissionRequest) -> Result<Warnings, Denied> {
        refuse_bad(pod)?;
        let labels = pod.metadata.labels.iter().flatten();
        Ok(labels
            .map(|(key, value)| format!("{key}={value}"))
            .collect())
    }

    async fn validate_update(
        &self,
        old: &Pod,
        new: &Pod,
        request: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        refuse_bad(old)?;
        refuse_bad(new)?;
        Ok(request.sub_resource.clone().into_iter().collect())
    }
}

fn refuse_bad(pod: &Pod) -> Result<(), Denied> {
    let name = field::Path::new("metadata").child("name");
    match pod.metadata.name.as_deref() {
        Some("bad") => Err(field::Error::invalid(&name, "bad", "is bad"))?,
        _ => Ok(()),
    }
}

fn webhook() -> Webhook<Pod> {
    Webhook::new().defaulter(Pods).validator(Pods)
}

fn pod(name: &str, metadata: &Value, container: &Value) -> Value {
    let mut pod = json!({"metadata": metadata, "spec": {"containers": [container]}});
    pod["metadata"]["name"] = json!(name);
    pod
}

#[tokio::test]
async fn a_default_reaches_the_object_and_then_the_validator() {
    let sent = pod(
        "a",
        &json!({}),
        &json!({"name": "c", "unknown": {"deep": 1}}),
    );
    let answer = admission::create(&webhook(), &sent).await;
    let patch = json!([
        {"op": "add", "path": "/metadata/labels", "value": {"team": "blue"}},
        {"op": "add", "path": "/spec/containers/0/image", "value": "plain"}]);
    assert_eq!(answer.patch(), &patch);
    let container = json!({"name": "c", "image": "plain", "unknown": {"deep": 1}});
    assert_eq!(answer.json()["spec"]["containers"][0], container);
    assert_eq!(answer.warnings(), ["team=blue"]);
}

#[tokio::test]
async fn what_is_complete_gets_no_patch() {
    let labels = json!({"labels": {"team": "red"}, "creationTimestamp": null});
    let sent = pod("a", &labels, &json!({"name": "c", "image": "own"}));
    let answer = admission::create(&webhook(), &sent).await;
    assert_eq!(answer.patch(), &json!([]));
    assert_eq!(answer.json(), &sent);
    let again = admission::update(&webhook(), &sent, &sent).await;
    assert_eq!(again.patch(), &json!([]));
}

#[tokio::test]
async fn a_refusal_has_causes() {
    let bad = pod("bad", &json!({}), &json!({"name": "c"}));
    let answer = admission::create(&webhook(), &bad).await;
    assert!(!answer.allowed());
    assert_eq!(
        answer.message(),
        r#"Pod "bad" is invalid: metadata.name: Invalid value: "bad": is bad"#
    );
    assert_eq!(answer.causes()[0].field, "metadata.name");
    let good = pod("a", &json!({}), &json!({"name": "c"}));
    assert!(!admission::update(&webhook(), &bad, &good).await.allowed());
    assert!(!admission::update(&webhook(), &good, &bad).await.allowed());
}

/// What a trait's method isn't written for is allowed, and defaulting leaves what is deleted alone.
#[tokio::test]
async fn a_deletion_is_allowed_unless_someone_minds() {
    let bad = pod("bad", &json!({}), &json!({"name": "c"}));
    let answer = admission::delete(&webhook(), &bad).await;
    assert!(answer.allowed(), "{}", answer.message());
}

#[tokio::test]
async fn what_is_on_its_way_out_is_let_go() {
    let held = json!({"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/b"]});
    let free = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
    let old = pod("bad", &held, &json!({"name": "c"}));
    let new = pod("bad", &free, &json!({"name": "c"}));
    let answer = admission::update(&webhook(), &old, &new).await;
    assert!(answer.allowed(), "{}", answer.message());
    assert_eq!(answer.patch(), &json!([]));
    let changed = pod("bad", &free, &json!({"name": "other"}));
    assert!(
        !admission::update(&webhook(), &old, &changed)
            .await
            .allowed()
    );
}

#[tokio::test]
async fn the_request_says_what_is_asked() {
    let sent = pod("a", &json!({}), &json!({"name": "c"}));
    let (old, new) = (Some(sent.clone()), Some(sent));
    let mut request = admission::request::<Pod>(Operation::Update, new, old);
    request.sub_resource = Some("status".into());
    let answer = admission::ask(&webhook(), request.clone()).await;
    assert_eq!(answer.warnings(), ["status"]);
    request.object = None;
    let answer = admission::ask(&webhook(), request).await;
    assert_eq!(answer.status().unwrap().code, 400);
    assert_eq!(answer.message(), "the request has no `object`");
}

/// What isn't in an empty cache isn't missing.
#[tokio::test(start_paused = true)]
async fn a_handler_waits_for_the_caches_that_it_reads() {
    let (filled, empty) = (Store::<Pod>::default(), Store::<Pod>::default());
    filled.mark_synced();
    let request: AdmissionRequest = serde_json::from_value(json!({
        "uid": "1", "operation": "CREATE", "name": "a", "object": pod("a", &json!({}), &json!({})),
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
    }))
    .unwrap();
    for (_, handler) in webhook().reads(&filled).reads(&empty).into_handlers() {
        let limit = Duration::from_secs(60);
        let early = tokio::time::timeout(limit, handler(request.clone())).await;
        assert!(early.is_err(), "it was asked before");
    }
    empty.mark_synced();
    for (_, handler) in webhook().reads(&filled).reads(&empty).into_handlers() {
        assert!(handler(request.clone()).await.verdict.is_ok());
    }
}
