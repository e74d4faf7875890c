//! The requests to the API server: counted under client-go's name, each attempt by itself, and each a span.

use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{Request, Response, StatusCode};
use tower::{BoxError, Service};
use tracing::{Instrument as _, Span, field};

use crate::metrics::ClientMetrics;

/// Counts what passes.
#[derive(Clone, Debug)]
pub(super) struct Counted<S> {
    inner: S,
    metrics: ClientMetrics,
}

impl<S> Counted<S> {
    pub(super) fn new(inner: S, metrics: ClientMetrics) -> Self {
        Self { inner, metrics }
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
        let (method, metrics) = (request.method().clone(), self.metrics.clone());
        let host = request.uri().authority().map(ToString::to_string);
        let answering = span.in_scope(|| self.inner.call(request));
        let answer = async move {
            let answer = answering.await.map_err(Into::into);
            let status = answer.as_ref().ok().map(Response::status);
            record(status);
            // A client that was given to us doesn't say where it goes; client-go's word.
            metrics.count(&method, host.as_deref().unwrap_or("none"), status);
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

/// What the span says of its end.
fn record(status: Option<StatusCode>) {
    let span = Span::current();
    if let Some(status) = status {
        span.record("http.status_code", status.as_u16());
    }
    if status.is_none_or(|status| status.is_client_error() || status.is_server_error()) {
        span.record("otel.status_code", "ERROR");
    }
}
