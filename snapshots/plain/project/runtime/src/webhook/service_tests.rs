//! The entry of the server: hostile and honest bodies, and what is counted.

use k8s_openapi::api::core::v1::Pod;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};

use super::*;
use crate::metrics::Metrics;
use crate::webhook::admission::{AdmissionRequest, boxed};
use crate::webhook::{Converter, Defaulter, Validator, Warnings, Webhook};

struct Pods;

impl Defaulter for Pods {
    type Object = Pod;

    async fn default(&self, pod: &mut Pod, _: &AdmissionRequest) -> Result<(), Denied> {
        let labels = pod.metadata.labels.get_or_insert_default();
        labels.entry("team".into()).or_insert("blue".into());
        Ok(())
    }
}

impl Validator for Pods {
    type Object = Pod;

    async fn validate_create(&self, pod: &Pod, _: &AdmissionRequest) -> Result<Warnings, Denied> {
        match pod.metadata.name.as_deref() {
            Some("panic") => panic!("a planned panic"),
            _ => Ok(vec!["so be it".into()]),
        }
    }
}

struct Rig {
    service: Service,
    registry: Registry,
}

fn rig() -> Rig {
    let mut registry = Registry::default();
    let metrics = Metrics::register(&mut registry);
    let mut service = Service::default();
    let mut add = |path: &str, endpoint| {
        assert!(service.add(path, endpoint, metrics.webhook(path)));
    };
    let pods = Webhook::<Pod>::new().defaulter(Pods).validator(Pods);
    for (path, handler) in pods.into_handlers() {
        add(&path, Endpoint::Admission(handler));
    }
    let slow = |_: AdmissionRequest| std::future::pending();
    add("/slow", Endpoint::Admission(boxed(slow)));
    let mut converters = Converters::default();
    converters.add(Converter::<Pod>::new());
    add("/convert", Endpoint::Conversion(converters));
    Rig { service, registry }
}

impl Rig {
    async fn ask(&self, path: &str, body: impl Into<Bytes>) -> (StatusCode, Value) {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .unwrap();
        self.send(request).await
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> (StatusCode, Value) {
        let response = self.service.respond(request).await;
        let code = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (code, serde_json::from_slice(&body).unwrap())
    }

    fn counts(&self, line: &str) {
        let mut text = String::new();
        encode(&mut text, &self.registry).unwrap();
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
}

fn review(object: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u-1", "operation": "CREATE", "name": "a", "object": object, "oldObject": null,
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
        }
    })
}

fn conversion() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview",
        "request": {"uid": "u-1", "desiredAPIVersion": "v2",
            "objects": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}]}
    })
}

#[tokio::test]
async fn a_question_is_answered_and_counted() {
    let rig = rig();
    let pod = json!({"metadata": {"name": "a"}, "spec": {"containers": []}});
    let (code, answer) = rig.ask("/validate--v1-pod", review(&pod).to_string()).await;
    assert_eq!(code, StatusCode::OK);
    let response = json!({"uid": "u-1", "allowed": true, "warnings": ["so be it"]});
    assert_eq!(answer["response"], response);
    rig.counts(
        r#"controller_runtime_webhook_requests_total{webhook="/validate--v1-pod",code="200"} 1"#,
    );
    rig.counts(
        r#"controller_runtime_webhook_latency_seconds_count{webhook="/validate--v1-pod"} 1"#,
    );
    rig.counts(r#"controller_runtime_webhook_requests_in_flight{webhook="/validate--v1-pod"} 0"#);
    let (_, answer) = rig.ask("/mutate--v1-pod", review(&pod).to_string()).await;
    assert_eq!(answer["response"]["patchType"], "JSONPatch");
}

#[tokio::test]
async fn a_panic_is_an_answer_and_counted() {
    let rig = rig();
    let pod = json!({"metadata": {"name": "panic"}});
    let (code, answer) = rig.ask("/validate--v1-pod", review(&pod).to_string()).await;
    assert_eq!(code, StatusCode::OK);
    assert_eq!(answer["response"]["uid"], "u-1");
    assert_eq!(answer["response"]["allowed"], false);
    let status = &answer["response"]["status"];
    assert_eq!(status["code"], 500);
    assert_eq!(status["message"], "panic: a planned panic [recovered]");
    rig.counts("controller_runtime_webhook_panics_total 1");
}

/// A review that says no would be a no also where `failurePolicy` says to go on.
#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_left_to_the_failure_policy() {
    let rig = rig();
    let began = Instant::now();
    let body = review(&json!({})).to_string();
    let (code, answer) = rig.ask("/slow?timeout=2s", body).await;
    assert_eq!(code, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(began.elapsed(), Duration::from_millis(1_800));
    assert_eq!(answer["kind"], "Status");
    assert_eq!(answer["message"], "the webhook had no answer within 1.8s");
    rig.counts(r#"controller_runtime_webhook_requests_total{webhook="/slow",code="504"} 1"#);
    rig.counts(r#"controller_runtime_webhook_requests_in_flight{webhook="/slow"} 0"#);
}

#[tokio::test]
async fn what_is_no_question_is_a_code_of_http() {
    let rig = rig();
    let (code, answer) = rig.ask("/nowhere", "{}").await;
    assert_eq!(code, StatusCode::NOT_FOUND);
    assert!(answer["message"].as_str().unwrap().contains("`/nowhere`"));
    assert_eq!(rig.ask("/convert", "").await.0, StatusCode::BAD_REQUEST);
    let request = |method: &str, content_type: &str| {
        Request::builder()
            .method(method)
            .uri("/validate--v1-pod")
            .header("content-type", content_type)
            .body(Full::from(review(&json!({})).to_string()))
            .unwrap()
    };
    let get = rig.send(request("GET", "application/json")).await;
    assert_eq!(get.0, StatusCode::METHOD_NOT_ALLOWED);
    let yaml = rig.send(request("POST", "application/yaml")).await;
    assert_eq!(yaml.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let json = rig.send(request("POST", "Application/JSON; charset=utf-8"));
    assert_eq!(json.await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let rig = rig();
    let pod = |length: usize| json!({"metadata": {"annotations": {"a": "x".repeat(length)}}});
    let fits = review(&pod(ADMISSION_LIMIT - 1_000)).to_string();
    assert_eq!(rig.ask("/validate--v1-pod", fits).await.0, StatusCode::OK);
    let larger = review(&pod(ADMISSION_LIMIT)).to_string();
    let (code, answer) = rig.ask("/validate--v1-pod", larger).await;
    assert_eq!(code, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("7340032 bytes")
    );
}

#[tokio::test]
async fn an_object_of_another_kind_is_refused() {
    let rig = rig();
    let mut body = review(&json!({}));
    body["request"]["kind"] = json!({"group": "autoscaling", "version": "v1", "kind": "Scale"});
    let (_, answer) = rig.ask("/validate--v1-pod", body.to_string()).await;
    let message = answer["response"]["status"]["message"].as_str().unwrap();
    assert!(
        message.contains("is for `v1 Pod` and was asked about `autoscaling/v1 Scale`"),
        "{message}"
    );
}

/// Whatever comes, it is answered with a review of the same uid, or with an error of HTTP.
///
/// Most of what is broken anywhere is no review any more: so half of the bodies are broken in their objects only, and each
/// path has had its share of reviews whatever the order of the fields.
#[tokio::test]
async fn any_body_has_an_answer() {
    let rig = rig();
    let pod = json!({"metadata": {"name": "a", "labels": {"a": "b"}}, "spec": {"containers": [{"name": "c"}]}});
    let seeds = [
        (review(&pod), "/request/object"),
        (conversion(), "/request/objects"),
    ];
    let mut random = fastrand::Rng::with_seed(7);
    let paths = ["/validate--v1-pod", "/mutate--v1-pod", "/convert"];
    let mut reviews = paths.map(|_| 0);
    for round in 0..6_000 {
        let (seed, objects) = &seeds[round % 2];
        let body = match random.u8(0..4) {
            0 => mangle_text(&mut random, &seed.to_string()),
            1 => mangle_value(&mut random, seed.clone(), ""),
            _ => mangle_value(&mut random, seed.clone(), objects),
        };
        for (path, reviews) in paths.iter().zip(&mut reviews) {
            let (code, answer) = rig.ask(path, body.clone()).await;
            let shown = String::from_utf8_lossy(&body);
            if code == StatusCode::OK {
                // Bytes that are no text pass where nobody reads them.
                let asked: Value = serde_json::from_str(&shown).unwrap();
                assert_eq!(
                    answer["response"]["uid"], asked["request"]["uid"],
                    "{shown}"
                );
                *reviews += 1;
            } else {
                assert_eq!(code, StatusCode::BAD_REQUEST, "{shown}");
                assert!(!answer["message"].as_str().unwrap().is_empty(), "{shown}");
            }
        }
    }
    assert!(reviews.iter().all(|count| *count > 1_000), "{reviews:?}");
    rig.counts("controller_runtime_webhook_panics_total 0");
    rig.counts("controller_runtime_conversion_webhook_panics_total 0");
}

/// Cut off, repeated, or with other bytes in it.
fn mangle_text(random: &mut fastrand::Rng, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(..bytes.len());
        match random.u8(0..4) {
            0 => bytes[at] = random.u8(..),
            1 => bytes.truncate(at.max(1)),
            2 => bytes.insert(at, [b'[', b'{', b'"', b'\\', 0][random.usize(0..5)]),
            _ => bytes = bytes.repeat(2),
        }
    }
    bytes
}

/// With something else, or nothing, in one place or two below `root`.
fn mangle_value(random: &mut fastrand::Rng, mut value: Value, root: &str) -> Vec<u8> {
    for _ in 0..random.usize(1..3) {
        let mut here = value.pointer_mut(root).unwrap();
        for _ in 0..random.usize(1..7) {
            let count = match here {
                Value::Object(fields) => fields.len(),
                Value::Array(items) => items.len(),
                _ => 0,
            };
            if count == 0 {
                break;
            }
            let index = random.usize(..count);
            here = match here {
                Value::Object(fields) => fields.values_mut().nth(index).unwrap(),
                Value::Array(items) => &mut items[index],
                _ => unreachable!(),
            };
        }
        *here = match random.u8(0..7) {
            0 => Value::Null,
            1 => json!(-1),
            2 => json!(1e300),
            3 => json!("\u{0}\u{1F600}"),
            4 => json!([[], {}]),
            5 => json!({"apiVersion": "v1", "kind": "Pod", "metadata": []}),
            _ => json!(true),
        };
    }
    value.to_string().into_bytes()
}
