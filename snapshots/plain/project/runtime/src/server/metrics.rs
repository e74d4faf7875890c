//! `/metrics`: the registry in the text format, as controller-runtime serves it, to those who may read it.
//!
//! The text format goes to everybody who takes it, Prometheus too although it would rather have OpenMetrics: so the
//! series are the same as those of an operator in Go, bounds of buckets included. OpenMetrics, with its exemplars, is for
//! who takes nothing else (`Accept: application/openmetrics-text`; `scrape_protocols` in Prometheus).

use http::header::ACCEPT;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::access::Access;
use super::{Handler, Reply};
use crate::metrics::text::{CONTENT_TYPE, encode_text};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers with what the registry holds.
pub(crate) struct MetricsHandler {
    registry: Registry,
    access: Option<Access>,
}

impl MetricsHandler {
    /// Serves `registry` to those whom `access` lets in, or to everybody.
    pub(crate) fn new(registry: Registry, access: Option<Access>) -> Self {
        Self { registry, access }
    }

    async fn reply(&self, request: &Parts) -> Reply {
        if request.uri.path() != "/metrics" {
            let text = "not found; metrics are at /metrics\n";
            return Reply::text(StatusCode::NOT_FOUND, text);
        }
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return Reply::method_not_allowed();
        }
        if let Some(access) = &self.access
            && let Err(refused) = access.check(request).await
        {
            return refused;
        }
        self.metrics(request)
    }

    fn metrics(&self, request: &Parts) -> Reply {
        let (content_type, encoded) = if wants_open_metrics(request) {
            let mut body = String::new();
            let encoded = encode(&mut body, &self.registry);
            (OPEN_METRICS, encoded.map(|()| body))
        } else {
            (CONTENT_TYPE, encode_text(&self.registry))
        };
        match encoded {
            Ok(body) => Reply {
                status: StatusCode::OK,
                content_type,
                body,
            },
            Err(error) => Reply::text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

impl Handler for MetricsHandler {
    async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, _) = request.into_parts();
        self.reply(&parts).await.into()
    }
}

/// Whether OpenMetrics is asked for, and the text format isn't.
fn wants_open_metrics(request: &Parts) -> bool {
    let accepts = |kind: &str| {
        let values = request.headers.get_all(ACCEPT).iter();
        let mut texts = values.filter_map(|value| value.to_str().ok());
        texts.any(|text| {
            let mut kinds = text.split(',').map(|each| each.split(';').next());
            kinds.any(|each| each.is_some_and(|each| each.trim().eq_ignore_ascii_case(kind)))
        })
    };
    accepts("application/openmetrics-text") && !accepts("text/plain")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    fn handler() -> MetricsHandler {
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry).controller("myapp");
        metrics.seconds.observe(1.0);
        MetricsHandler::new(registry, None)
    }

    async fn get(path: &str, accept: &[&str]) -> Reply {
        let mut request = Request::get(path);
        for accept in accept {
            request = request.header(ACCEPT, *accept);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        handler().reply(&parts).await
    }

    #[tokio::test]
    async fn metrics_are_at_one_path() {
        let reply = get("/metrics", &[]).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.body.contains("workqueue_depth"), "{}", reply.body);
        assert_eq!(get("/", &[]).await.status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_text_format_goes_to_everybody_who_takes_it() {
        // Prometheus 2 and 3, a browser, curl.
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
             application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        let older = "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5";
        for accept in [
            &[prometheus] as &[_],
            &[older],
            &["text/html"],
            &["*/*"],
            &[],
        ] {
            let reply = get("/metrics", accept).await;
            assert_eq!(reply.content_type, CONTENT_TYPE, "{accept:?}");
            assert!(!reply.body.contains("# EOF"), "{}", reply.body);
        }
    }

    #[tokio::test]
    async fn open_metrics_is_for_who_takes_nothing_else() {
        for accept in [
            &["application/openmetrics-text; version=1.0.0"] as &[_],
            &["application/openmetrics-text", "*/*;q=0.1"],
        ] {
            let reply = get("/metrics", accept).await;
            assert_eq!(reply.content_type, OPEN_METRICS, "{accept:?}");
            assert!(reply.body.ends_with("# EOF\n"), "{}", reply.body);
        }
    }

    #[tokio::test]
    async fn metrics_are_only_read() {
        let (parts, ()) = Request::post("/metrics").body(()).unwrap().into_parts();
        let reply = handler().reply(&parts).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
