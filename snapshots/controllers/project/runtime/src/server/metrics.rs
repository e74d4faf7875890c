//! `/metrics` in the OpenMetrics text format, which Prometheus reads.

use http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::{Handler, Reply};

/// Answers with what the registry holds.
pub(crate) struct MetricsHandler(pub(crate) Registry);

impl Handler for MetricsHandler {
    fn get(&self, path: &str, _: &str) -> Reply {
        if path != "/metrics" {
            return Reply::text(
                StatusCode::NOT_FOUND,
                "not found; metrics are at /metrics\n",
            );
        }
        let mut body = String::new();
        match encode(&mut body, &self.0) {
            Ok(()) => Reply {
                status: StatusCode::OK,
                content_type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
                body,
            },
            Err(error) => Reply::text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    #[test]
    fn metrics_are_at_one_path() {
        let mut registry = Registry::default();
        Metrics::register(&mut registry).controller("myapp");
        let handler = MetricsHandler(registry);
        let reply = handler.get("/metrics", "");
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.body.contains("workqueue_depth"), "{}", reply.body);
        assert!(reply.body.ends_with("# EOF\n"), "{}", reply.body);
        assert_eq!(handler.get("/", "").status, StatusCode::NOT_FOUND);
    }
}
