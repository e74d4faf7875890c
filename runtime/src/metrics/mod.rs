//! Metrics under controller-runtime's names, so that its dashboards and alerts work.
//!
//! Names, types, labels and buckets are those of controller-runtime v0.24, held by a test against what it serves itself
//! (`tests/data/controller_runtime_metrics.tsv`). prometheus-client adds `_total` to the name of a counter by itself.

mod certificate;
mod client;
mod controller;
mod leader;
mod process;
mod queue;
mod running;
pub(crate) mod text;
#[cfg(feature = "webhooks")]
mod webhook;

use std::sync::Arc;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub(crate) use certificate::CertificateMetrics;
pub(crate) use client::ClientMetrics;
pub(crate) use controller::ControllerMetrics;
pub(crate) use leader::LeaderMetrics;
pub(crate) use queue::QueueMetrics;
pub(crate) use running::Work;
#[cfg(feature = "webhooks")]
pub(crate) use webhook::WebhookMetrics;

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// All metric families of a manager. A handle: clones count into the same.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    controllers: controller::Families,
    queues: queue::Families,
    client: ClientMetrics,
    leaders: leader::Families,
    #[cfg(feature = "webhooks")]
    webhooks: webhook::Families,
    certificates: CertificateMetrics,
}

impl Metrics {
    /// The families, known to `registry`.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        registry.register_collector(Box::new(process::Process));
        Self {
            controllers: controller::Families::register(registry),
            queues: queue::Families::register(registry),
            client: ClientMetrics::register(registry),
            leaders: leader::Families::register(registry),
            #[cfg(feature = "webhooks")]
            webhooks: webhook::Families::register(registry),
            certificates: CertificateMetrics::register(registry),
        }
    }

    /// The metrics of the controller `name`, and of its queue.
    pub(crate) fn controller(&self, name: &str) -> Arc<ControllerMetrics> {
        Arc::new(self.controllers.of(name, self.queues.of(name)))
    }

    /// What counts the requests to the API server.
    pub(crate) fn client(&self) -> ClientMetrics {
        self.client.clone()
    }

    /// Whether this process holds the lease `name`.
    pub(crate) fn leader(&self, name: &str) -> LeaderMetrics {
        self.leaders.of(name)
    }

    /// The metrics of the webhook at `path`.
    #[cfg(feature = "webhooks")]
    pub(crate) fn webhook(&self, path: &str) -> WebhookMetrics {
        self.webhooks.of(path)
    }

    /// What counts the reading of certificates.
    pub(crate) fn certificates(&self) -> CertificateMetrics {
        self.certificates.clone()
    }
}

/// The bounds of everything that may take from nanoseconds to minutes: 10 ns to 1000 s, each ten times the one before.
/// Multiplied step by step, so that they carry the same rounding, and `le` the same text, as controller-runtime's.
fn exponential_seconds() -> [f64; 12] {
    let mut bound = 10e-9;
    [(); 12].map(|()| {
        let this = bound;
        bound *= 10.0;
        this
    })
}

fn exponential_histogram() -> Histogram {
    Histogram::new(exponential_seconds())
}

#[cfg(test)]
mod tests;
