//! Metrics under controller-runtime's names, so that its dashboards and alerts work.
//!
//! The names are those of <https://book.kubebuilder.io/reference/metrics-reference>. prometheus-client adds `_total`
//! to the name of a counter by itself.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The bounds of `controller_runtime_reconcile_time_seconds`, as in controller-runtime.
const RECONCILE_SECONDS: [f64; 40] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9,
    1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 15.0, 20.0,
    25.0, 30.0, 40.0, 50.0, 60.0,
];

/// The bounds of the work queue's histograms: 10 ns to 1000 s, each ten times the one before.
const QUEUE_SECONDS: [f64; 12] = [
    1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ControllerLabel {
    controller: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    controller: String,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabels {
    controller: String,
    name: String,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// All metric families of a manager.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    reconciles: Family<ResultLabels, Counter>,
    errors: Family<ControllerLabel, Counter>,
    panics: Family<ControllerLabel, Counter>,
    seconds: Histograms<ControllerLabel>,
    max_concurrent: Family<ControllerLabel, Gauge>,
    active_workers: Family<ControllerLabel, Gauge>,
    queue_depth: Family<QueueLabels, Gauge>,
    queue_adds: Family<QueueLabels, Counter>,
    queue_retries: Family<QueueLabels, Counter>,
    queue_seconds: Histograms<QueueLabels>,
    work_seconds: Histograms<QueueLabels>,
}

/// The metrics of one controller and its queue. They are there, at zero, from the start.
#[derive(Debug)]
pub(crate) struct ControllerMetrics {
    pub(crate) success: Counter,
    pub(crate) requeue_after: Counter,
    pub(crate) error: Counter,
    pub(crate) errors: Counter,
    pub(crate) panics: Counter,
    pub(crate) seconds: Histogram,
    pub(crate) max_concurrent: Gauge,
    pub(crate) active_workers: Gauge,
    pub(crate) queue: QueueMetrics,
}

/// The metrics of one controller's queue.
#[derive(Clone, Debug)]
pub(crate) struct QueueMetrics {
    pub(crate) depth: Gauge,
    pub(crate) adds: Counter,
    pub(crate) retries: Counter,
    pub(crate) queue_seconds: Histogram,
    pub(crate) work_seconds: Histogram,
}

impl Metrics {
    /// The families, known to `registry`.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::new();
        metrics.register_controllers(registry);
        metrics.register_queues(registry);
        metrics
    }

    fn new() -> Self {
        Self {
            reconciles: Family::default(),
            errors: Family::default(),
            panics: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(RECONCILE_SECONDS)),
            max_concurrent: Family::default(),
            active_workers: Family::default(),
            queue_depth: Family::default(),
            queue_adds: Family::default(),
            queue_retries: Family::default(),
            queue_seconds: Family::new_with_constructor(|| Histogram::new(QUEUE_SECONDS)),
            work_seconds: Family::new_with_constructor(|| Histogram::new(QUEUE_SECONDS)),
        }
    }

    fn register_controllers(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("controller_runtime");
        registry.register(
            "reconcile",
            "Reconciliations per controller and result",
            self.reconciles.clone(),
        );
        registry.register(
            "reconcile_errors",
            "Reconciliation errors per controller",
            self.errors.clone(),
        );
        registry.register(
            "reconcile_panics",
            "Reconciliation panics per controller",
            self.panics.clone(),
        );
        registry.register(
            "reconcile_time_seconds",
            "Length of time per reconciliation",
            self.seconds.clone(),
        );
        registry.register(
            "max_concurrent_reconciles",
            "Maximum number of concurrent reconciles per controller",
            self.max_concurrent.clone(),
        );
        registry.register(
            "active_workers",
            "Number of currently used workers",
            self.active_workers.clone(),
        );
    }

    fn register_queues(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("workqueue");
        registry.register(
            "depth",
            "Current depth of the workqueue",
            self.queue_depth.clone(),
        );
        registry.register(
            "adds",
            "Adds handled by the workqueue",
            self.queue_adds.clone(),
        );
        registry.register(
            "retries",
            "Retries handled by the workqueue",
            self.queue_retries.clone(),
        );
        registry.register(
            "queue_duration_seconds",
            "How long an item stays in the workqueue before it is requested",
            self.queue_seconds.clone(),
        );
        registry.register(
            "work_duration_seconds",
            "How long processing an item from the workqueue takes",
            self.work_seconds.clone(),
        );
    }

    /// The metrics of the controller `name`.
    pub(crate) fn controller(&self, name: &str) -> Arc<ControllerMetrics> {
        let label = ControllerLabel {
            controller: name.to_owned(),
        };
        let result = |result| {
            let controller = name.to_owned();
            self.reconciles
                .get_or_create_owned(&ResultLabels { controller, result })
        };
        Arc::new(ControllerMetrics {
            success: result("success"),
            requeue_after: result("requeue_after"),
            error: result("error"),
            errors: self.errors.get_or_create_owned(&label),
            panics: self.panics.get_or_create_owned(&label),
            seconds: self.seconds.get_or_create_owned(&label),
            max_concurrent: self.max_concurrent.get_or_create_owned(&label),
            active_workers: self.active_workers.get_or_create_owned(&label),
            queue: self.queue(name),
        })
    }

    fn queue(&self, name: &str) -> QueueMetrics {
        let label = QueueLabels {
            controller: name.to_owned(),
            name: name.to_owned(),
        };
        QueueMetrics {
            depth: self.queue_depth.get_or_create_owned(&label),
            adds: self.queue_adds.get_or_create_owned(&label),
            retries: self.queue_retries.get_or_create_owned(&label),
            queue_seconds: self.queue_seconds.get_or_create_owned(&label),
            work_seconds: self.work_seconds.get_or_create_owned(&label),
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn names_and_labels_are_those_of_controller_runtime() {
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry).controller("myapp");
        metrics.success.inc();
        metrics.queue.depth.set(3);
        metrics.seconds.observe(0.02);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            r#"controller_runtime_reconcile_total{controller="myapp",result="success"} 1"#,
            r#"controller_runtime_reconcile_total{controller="myapp",result="error"} 0"#,
            r#"controller_runtime_reconcile_total{controller="myapp",result="requeue_after"} 0"#,
            r#"controller_runtime_reconcile_errors_total{controller="myapp"} 0"#,
            r#"controller_runtime_reconcile_panics_total{controller="myapp"} 0"#,
            r#"controller_runtime_reconcile_time_seconds_bucket{le="0.025",controller="myapp"} 1"#,
            r#"controller_runtime_reconcile_time_seconds_count{controller="myapp"} 1"#,
            r#"controller_runtime_max_concurrent_reconciles{controller="myapp"} 0"#,
            r#"controller_runtime_active_workers{controller="myapp"} 0"#,
            r#"workqueue_depth{controller="myapp",name="myapp"} 3"#,
            r#"workqueue_adds_total{controller="myapp",name="myapp"} 0"#,
            r#"workqueue_retries_total{controller="myapp",name="myapp"} 0"#,
            r#"workqueue_queue_duration_seconds_count{controller="myapp",name="myapp"} 0"#,
            r#"workqueue_work_duration_seconds_count{controller="myapp",name="myapp"} 0"#,
        ] {
            assert!(text.lines().any(|actual| actual == line), "{line}\n{text}");
        }
    }
}
