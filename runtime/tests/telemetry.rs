//! What a whole process logs, and which spans it exports, seen from outside.
#![cfg(all(feature = "testing", feature = "opentelemetry"))]
#![expect(clippy::unwrap_used, reason = "this whole file is tests")]

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::ConfigMap;
use rustop_runtime::testing::{Answer, FakeApiServer};
use rustop_runtime::{
    Action, Backoff, BoxError, Controller, Manager, ManagerOptions, Reconciler, Request, telemetry,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

const MAPS: &str = "/api/v1/configmaps";

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

/// Fails at first.
struct Flaky {
    calls: std::sync::atomic::AtomicUsize,
    done: Arc<Notify>,
}

impl Reconciler for Flaky {
    type Object = ConfigMap;
    type Error = BoxError;

    async fn reconcile(&self, _: Request) -> Result<Action, BoxError> {
        match self.calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Err("not yet".into()),
            _ => {
                self.done.notify_one();
                Ok(Action::await_change())
            }
        }
    }
}

/// The process under test: ends when its one object is reconciled. Started by the other test, and by nobody else.
#[tokio::test]
#[ignore = "a part of `a_reconcile_can_be_followed_in_logs_and_traces`"]
async fn operator() {
    let options = Options::parse_from(["manager", "--health-probe-bind-address=0"]).manager;
    telemetry::init(&options.log).unwrap();
    let list = json!({
        "apiVersion": "v1", "kind": "ConfigMapList", "metadata": {"resourceVersion": "1"},
        "items": [{"metadata": {"name": "a", "namespace": "ns", "resourceVersion": "1"}}],
    });
    let server = FakeApiServer::new().on("GET", MAPS, Answer::ok(&list));
    let _feed = server.watch(MAPS);
    let builder = Manager::builder(options).client(server.client());
    let mut manager = builder.build().await.unwrap();
    let done = Arc::new(Notify::new());
    let reconciler = Flaky {
        calls: std::sync::atomic::AtomicUsize::new(0),
        done: Arc::clone(&done),
    };
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(1));
    manager.add(Controller::new("config", reconciler).backoff(backoff));
    manager.add_runnable("end", async move {
        done.notified().await;
        Ok::<(), BoxError>(())
    });
    assert!(manager.run().await.is_err(), "a part has ended");
}

/// Takes what is posted, as a collector does.
async fn collect(listener: TcpListener, posts: mpsc::UnboundedSender<(String, Bytes)>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let posts = posts.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let posts = posts.clone();
            async move {
                let path = request.uri().path().to_owned();
                let body = request.into_body().collect().await?.to_bytes();
                posts.send((path, body)).unwrap();
                Ok::<_, hyper::Error>(hyper::Response::new(Empty::<Bytes>::new()))
            }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

/// One attribute of a span as protobuf writes it: the message `KeyValue` of OTLP with a text in it.
fn attribute(key: &str, value: &str) -> Vec<u8> {
    let text = |tag: u8, text: &[u8]| [&[tag, u8::try_from(text.len()).unwrap()], text].concat();
    let value = text(0x0a, value.as_bytes());
    [text(0x0a, key.as_bytes()), text(0x12, &value)].concat()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

#[tokio::test]
async fn a_reconcile_can_be_followed_in_logs_and_traces() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, mut posts) = mpsc::unbounded_channel();
    let collector = tokio::spawn(collect(listener, sender));
    let output = tokio::task::spawn_blocking(move || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "operator", "--ignored", "--nocapture"])
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .env("OTEL_SERVICE_NAME", "the-operator")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    });
    let limit = Duration::from_secs(120);
    let output = tokio::time::timeout(limit, output).await.unwrap().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();

    let failed = lines.iter().find(|line| line["msg"] == "reconcile failed");
    let failed = failed.unwrap();
    let expected = json!({
        "level": "error", "error": "not yet", "controller": "config", "controllerGroup": "",
        "controllerKind": "ConfigMap", "ConfigMap": {"name": "a", "namespace": "ns"},
        "namespace": "ns", "name": "a",
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&failed[key], value, "{failed}");
    }
    let id = failed["reconcileID"].as_str().unwrap();
    assert_eq!(id.len(), 36, "a UUID: {failed}");

    // The process is gone, so that all it had to send was sent.
    let (path, body) = posts.try_recv().unwrap();
    assert_eq!(path, "/v1/traces");
    for (key, value) in [
        ("service.name", "the-operator"),
        ("controller", "config"),
        ("controllerKind", "ConfigMap"),
        ("namespace", "ns"),
        ("name", "a"),
        ("reconcileID", id),
    ] {
        assert!(contains(&body, &attribute(key, value)), "{key}: {body:?}");
    }
    assert!(contains(&body, b"\x09reconcile"), "{body:?}");
    collector.abort();
}
