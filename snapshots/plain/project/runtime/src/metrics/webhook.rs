//! `controller_runtime_webhook_*` and `controller_runtime_conversion_webhook_*`.

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::{Histograms, exponential_histogram};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WebhookLabel {
    webhook: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    webhook: String,
    code: String,
}

#[derive(Clone, Debug)]
pub(super) struct Families {
    seconds: Histograms<WebhookLabel>,
    requests: Family<CodeLabels, Counter>,
    in_flight: Family<WebhookLabel, Gauge>,
    admission_panics: Counter,
    conversion_panics: Counter,
}

/// The metrics of the webhook at one path.
#[derive(Clone, Debug)]
pub(crate) struct WebhookMetrics {
    /// How long each request took.
    pub(crate) seconds: Histogram,
    /// How many requests are being answered.
    pub(crate) in_flight: Gauge,
    /// Panics of all admission webhooks.
    pub(crate) admission_panics: Counter,
    /// Panics of all conversions.
    pub(crate) conversion_panics: Counter,
    requests: Family<CodeLabels, Counter>,
    path: String,
}

impl Families {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let families = Self {
            seconds: Family::new_with_constructor(exponential_histogram),
            requests: Family::default(),
            in_flight: Family::default(),
            admission_panics: Counter::default(),
            conversion_panics: Counter::default(),
        };
        registry.register(
            "controller_runtime_webhook_latency_seconds",
            "Latency of processing admission requests",
            families.seconds.clone(),
        );
        registry.register(
            "controller_runtime_webhook_requests",
            "Admission requests by HTTP status code",
            families.requests.clone(),
        );
        registry.register(
            "controller_runtime_webhook_requests_in_flight",
            "Admission requests that are being served",
            families.in_flight.clone(),
        );
        registry.register(
            "controller_runtime_webhook_panics",
            "Panics of admission webhooks",
            families.admission_panics.clone(),
        );
        registry.register(
            "controller_runtime_conversion_webhook_panics",
            "Panics of conversion webhooks",
            families.conversion_panics.clone(),
        );
        families
    }

    pub(super) fn of(&self, path: &str) -> WebhookMetrics {
        let label = WebhookLabel {
            webhook: path.to_owned(),
        };
        let metrics = WebhookMetrics {
            seconds: self.seconds.get_or_create_owned(&label),
            in_flight: self.in_flight.get_or_create_owned(&label),
            admission_panics: self.admission_panics.clone(),
            conversion_panics: self.conversion_panics.clone(),
            requests: self.requests.clone(),
            path: path.to_owned(),
        };
        // The likely codes are there from the start, as in controller-runtime.
        drop(metrics.requests(StatusCode::OK));
        drop(metrics.requests(StatusCode::INTERNAL_SERVER_ERROR));
        metrics
    }
}

impl WebhookMetrics {
    /// The requests that were answered with `code`.
    pub(crate) fn requests(&self, code: StatusCode) -> Counter {
        self.requests.get_or_create_owned(&CodeLabels {
            webhook: self.path.clone(),
            code: code.as_str().to_owned(),
        })
    }
}
