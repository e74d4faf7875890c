//! Many requests at a time: none keeps those of the other sort waiting, and none takes a place for ever.

use std::convert::Infallible;

use futures::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use k8s_openapi::api::core::v1::Pod;
use prometheus_client::registry::Registry;
use serde_json::json;

use super::*;
use crate::metrics::Metrics;
use crate::webhook::admission::{AdmissionRequest, boxed};
use crate::webhook::{Converter, Validator, Webhook};

struct Pods;

impl Validator for Pods {
    type Object = Pod;
}

/// With room for two small admissions, and for one conversion of unknown size.
fn service() -> Service {
    let metrics = Metrics::register(&mut Registry::default());
    let mut service = Service {
        admission: Arc::new(Budget::new(32 << 10)),
        ..Service::default()
    };
    let webhook = Webhook::<Pod>::new().validator(Pods).validation_path("/");
    for (path, handler) in webhook.into_handlers() {
        service.add(&path, Endpoint::Admission(handler), metrics.webhook(&path));
    }
    let slow = boxed(|_: AdmissionRequest| std::future::pending());
    service.add("/slow", Endpoint::Admission(slow), metrics.webhook("/slow"));
    let mut converters = Converters::default();
    converters.add(Converter::<Pod>::new());
    let converters = Endpoint::Conversion(converters);
    service.add("/convert", converters, metrics.webhook("/convert"));
    service
}

fn post<B>(path: &str, body: B) -> Request<B> {
    let request = Request::post(path).header("content-type", "application/json");
    request.body(body).unwrap()
}

async fn admit(service: &Service, path: &str) -> StatusCode {
    let kind = json!({"group": "", "version": "v1", "kind": "Pod"});
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "u-1", "operation": "CREATE", "object": {}, "kind": kind,
            "resource": {"group": "", "version": "v1", "resource": "pods"}}});
    let body = Full::<Bytes>::from(review.to_string());
    service.respond(post(path, body)).await.status()
}

async fn convert(service: &Service) -> StatusCode {
    let review = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview",
        "request": {"uid": "u-1", "desiredAPIVersion": "v1", "objects": []}});
    let body = Full::<Bytes>::from(review.to_string());
    service.respond(post("/convert", body)).await.status()
}

/// A body of unknown length that never comes.
fn stalled() -> impl Body<Data = Bytes, Error = Infallible> {
    StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>())
}

#[tokio::test(start_paused = true)]
async fn no_conversion_waits_for_admissions() {
    let service = service();
    let began = Instant::now();
    let slow = async {
        let (first, second) = tokio::join!(admit(&service, "/slow"), admit(&service, "/slow"));
        (first, second, began.elapsed())
    };
    let converted = async { (convert(&service).await, began.elapsed()) };
    let third = async { (admit(&service, "/").await, began.elapsed()) };
    let (slow, converted, third) = tokio::join!(slow, converted, third);
    let late = StatusCode::GATEWAY_TIMEOUT;
    assert_eq!((slow.0, slow.1), (late, late));
    assert_eq!(converted, (StatusCode::OK, Duration::ZERO));
    assert!(third.1 >= slow.2, "it had no place: {third:?}");
}

#[tokio::test(start_paused = true)]
async fn no_admission_waits_for_conversions() {
    let service = service();
    let (began, stalled) = (Instant::now(), stalled());
    let stalled = service.respond(post("/convert", stalled));
    let admitted = async { (admit(&service, "/").await, began.elapsed()) };
    let (_, admitted) = tokio::join!(stalled, admitted);
    assert_eq!(admitted, (StatusCode::OK, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_gives_its_place_back() {
    let service = service();
    let (began, stalled) = (Instant::now(), stalled());
    let stalled = service.respond(post("/convert", stalled));
    let converted = async { (convert(&service).await, began.elapsed()) };
    let (stalled, converted) = tokio::join!(stalled, converted);
    assert_eq!(stalled.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(converted, (StatusCode::OK, BODY_TIME), "it waited so long");
}
