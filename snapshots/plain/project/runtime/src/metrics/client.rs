//! `rest_client_requests_total`: what is asked of the API server, and what it answers.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    code: String,
    method: String,
    host: String,
}

/// Counts requests to the API server. A handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientMetrics(Family<RequestLabels, Counter>);

impl ClientMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "rest_client_requests",
            "HTTP requests to the API server by status code, method and host",
            metrics.0.clone(),
        );
        metrics
    }

    /// One request is over. Without a status there was no answer, which client-go calls `<error>`.
    pub(crate) fn count(
        &self,
        method: &http::Method,
        host: &str,
        status: Option<http::StatusCode>,
    ) {
        let labels = RequestLabels {
            code: status.map_or_else(|| "<error>".to_owned(), |code| code.as_str().to_owned()),
            method: method.as_str().to_owned(),
            host: host.to_owned(),
        };
        self.0.get_or_create(&labels).inc();
    }
}
