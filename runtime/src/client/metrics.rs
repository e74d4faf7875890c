//! The requests to the API server: counted under client-go's name, each attempt by itself, and each a span.

use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{Request, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use tower::{BoxError, Service};
use tracing::{Instrument as _, Span, field};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    code: String,
    method: String,
    host: String,
}

/// `rest_client_requests_total`; a handle, cheap to clone. It is the only metric of client-go's client that
/// controller-runtime registers.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestCounter(Family<Labels, Counter>);

impl RequestCounter {
    /// The counter, known to `registry`.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let counter = Self::default();
        registry.register(
            "rest_client_requests",
            "Number of HTTP requests, partitioned by status code, method, and host",
            counter.0.clone(),
        );
        counter
    }

    fn count(&self, code: String, method: String, host: String) {
        let labels = Labels { code, method, host };
        self.0.get_or_create(&labels).inc();
    }
}

/// Counts what passes.
#[derive(Clone, Debug)]
pub(super) struct Counted<S> {
    inner: S,
    requests: RequestCounter,
}

impl<S> Counted<S> {
    pub(super) fn new(inner: S, requests: RequestCounter) -> Self {
        Self { inner, requests }
    }
}

impl<S, B, C> Service<Request<B>> for Counted<S>
where
    S: Service<Request<B>, Response = Response<C>, Error: Into<BoxError>>,
    S::Future: Send + 'static,
{
    type Response = Response<C>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<C>, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = span(&request);
        let method = request.method().to_string();
        let host = request.uri().authority().map(ToString::to_string);
        let requests = self.requests.clone();
        let answering = span.in_scope(|| self.inner.call(request));
        let answer = async move {
            let answer = answering.await.map_err(Into::into);
            let code = record(&answer);
            requests.count(code, method, host.unwrap_or_else(|| "none".to_owned()));
            answer
        };
        answer.instrument(span).boxed()
    }
}

/// kube's own, with OpenTelemetry's names.
fn span<B>(request: &Request<B>) -> Span {
    let operation = request.extensions().get::<&'static str>();
    tracing::debug_span!(
        "HTTP",
        http.method = %request.method(),
        http.url = %request.uri(),
        http.status_code = field::Empty,
        otel.name = operation.unwrap_or(&"HTTP"),
        otel.kind = "client",
        otel.status_code = field::Empty,
    )
}

/// The code as client-go counts it.
fn record<C>(answer: &Result<Response<C>, BoxError>) -> String {
    let span = Span::current();
    let status = answer.as_ref().map(Response::status);
    if status.map_or(true, |status| {
        status.is_client_error() || status.is_server_error()
    }) {
        span.record("otel.status_code", "ERROR");
    }
    match status {
        Ok(status) => {
            span.record("http.status_code", status.as_u16());
            status.as_str().to_owned()
        }
        Err(_) => "<error>".to_owned(),
    }
}
