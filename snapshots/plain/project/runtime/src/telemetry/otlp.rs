//! Spans, exported over OTLP.
//!
//! OpenTelemetry's exporter runs on a thread of its own; its requests are sent by tokio's, with the HTTP client that
//! kube has brought along anyway. So nothing is added but OpenTelemetry itself.

use std::pin::Pin;
use std::sync::OnceLock;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::Layer;

use crate::{BoxError, Error};

/// For what is left at the end: the last of what must fit between the end of the work and that of the pod, see
/// `manager::run`.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// OpenTelemetry's own default.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// What exports spans, when the environment says where to.
pub(super) fn layer() -> Result<Option<impl Layer<Registry> + Send + Sync>, Error> {
    if !wanted(|name| std::env::var(name).ok()) {
        return Ok(None);
    }
    let provider = provider().map_err(Error::Traces)?;
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("rustop-runtime"))
        .with_location(false)
        .with_threads(false)
        .with_target(false);
    // Kept for the last flush. When logging was set up before, this one is not used.
    let _ = PROVIDER.set(provider);
    Ok(Some(layer))
}

fn wanted(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is =
        |name, value: &str| variable(name).is_some_and(|it| it.trim().eq_ignore_ascii_case(value));
    let endpoint = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];
    let mut endpoints = endpoint.into_iter().filter_map(&variable);
    endpoints.any(|endpoint| !endpoint.trim().is_empty())
        && !is("OTEL_SDK_DISABLED", "true")
        && !is("OTEL_TRACES_EXPORTER", "none")
}

fn provider() -> Result<SdkTracerProvider, BoxError> {
    let client = Sender::new()?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build())
}

/// Exports the spans that have ended, before the process does. It blocks its thread, so that it gets one.
pub(crate) async fn flush() {
    let Some(provider) = PROVIDER.get().cloned() else {
        return;
    };
    let (done, flushed) = oneshot::channel();
    std::thread::spawn(move || {
        // Nobody waits any more when it took too long.
        let _ = done.send(provider.force_flush());
    });
    match tokio::time::timeout(FLUSH_TIMEOUT, flushed).await {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(error))) => tracing::warn!(%error, "failed to export the last spans"),
        Ok(Err(_)) | Err(_) => tracing::warn!("the last spans were not exported in time"),
    }
}

/// Sends requests on tokio's threads, whatever thread asks for it.
#[derive(Clone, Debug)]
struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
}

impl Sender {
    fn new() -> Result<Self, BoxError> {
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            runtime: Handle::try_current()?,
        })
    }

    async fn send(self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let response = self.client.request(request.map(Full::new)).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(http::Response::from_parts(head, body))
    }
}

type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Sender {
    fn send_bytes<'this, 'answer>(&'this self, request: http::Request<Bytes>) -> Answer<'answer>
    where
        'this: 'answer,
        Self: 'answer,
    {
        let sending = self.clone().send(request);
        // A timer needs tokio's thread from its first moment.
        let in_time = async { tokio::time::timeout(REQUEST_TIMEOUT, sending).await };
        let task = self.runtime.spawn(in_time);
        Box::pin(async move { task.await?? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_exported_where_there_is_somebody_to_take_them() {
        const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        for (variables, expected) in [
            (vec![], false),
            (vec![(ENDPOINT, "")], false),
            (vec![(ENDPOINT, "http://collector:4318")], true),
            (
                vec![("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a/b")],
                true,
            ),
            (
                vec![(ENDPOINT, "http://a"), ("OTEL_SDK_DISABLED", "TRUE")],
                false,
            ),
            (
                vec![(ENDPOINT, "http://a"), ("OTEL_TRACES_EXPORTER", "none")],
                false,
            ),
            (
                vec![(ENDPOINT, "http://a"), ("OTEL_TRACES_EXPORTER", "otlp")],
                true,
            ),
        ] {
            let find = |name: &str| {
                let mut found = variables.iter().filter(|(key, _)| *key == name);
                found.next().map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(wanted(find), expected, "{variables:?}");
        }
    }
}
