//! `workqueue_*`: what waits, what is being worked on, and how long both take.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::running::{Running, RunningFamilies};
use super::{Histograms, exponential_histogram};

/// controller-runtime's priority of what isn't given one.
const PRIORITY: i32 = 0;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabels {
    controller: String,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DepthLabels {
    controller: String,
    name: String,
    priority: i32,
}

#[derive(Clone, Debug)]
pub(super) struct Families {
    depth: Family<DepthLabels, Gauge>,
    adds: Family<QueueLabels, Counter>,
    retries: Family<QueueLabels, Counter>,
    queue_seconds: Histograms<QueueLabels>,
    work_seconds: Histograms<QueueLabels>,
    running: RunningFamilies,
}

/// The metrics of one controller's queue.
#[derive(Clone, Debug)]
pub(crate) struct QueueMetrics {
    /// What waits, of the usual priority.
    pub(crate) depth: Gauge,
    pub(crate) adds: Counter,
    pub(crate) retries: Counter,
    pub(crate) queue_seconds: Histogram,
    pub(crate) work_seconds: Histogram,
    /// What is being worked on: hold what [`Running::begin`] gives while it is.
    pub(crate) running: Running,
    depths: Family<DepthLabels, Gauge>,
    name: String,
}

impl Families {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let families = Self {
            depth: Family::default(),
            adds: Family::default(),
            retries: Family::default(),
            queue_seconds: Family::new_with_constructor(exponential_histogram),
            work_seconds: Family::new_with_constructor(exponential_histogram),
            running: RunningFamilies::default(),
        };
        registry.register(
            "workqueue_depth",
            "Current depth of the workqueue by priority",
            families.depth.clone(),
        );
        registry.register(
            "workqueue_adds",
            "Adds handled by the workqueue",
            families.adds.clone(),
        );
        registry.register(
            "workqueue_retries",
            "Items added to the workqueue with a delay",
            families.retries.clone(),
        );
        registry.register(
            "workqueue_queue_duration_seconds",
            "How long an item stays in the workqueue before it is requested",
            families.queue_seconds.clone(),
        );
        registry.register(
            "workqueue_work_duration_seconds",
            "How long processing an item from the workqueue takes",
            families.work_seconds.clone(),
        );
        registry.register_collector(Box::new(families.running.clone()));
        families
    }

    pub(super) fn of(&self, name: &str) -> QueueMetrics {
        let label = QueueLabels {
            controller: name.to_owned(),
            name: name.to_owned(),
        };
        QueueMetrics {
            depth: depth(&self.depth, name, PRIORITY),
            adds: self.adds.get_or_create_owned(&label),
            retries: self.retries.get_or_create_owned(&label),
            queue_seconds: self.queue_seconds.get_or_create_owned(&label),
            work_seconds: self.work_seconds.get_or_create_owned(&label),
            running: self.running.of(name),
            depths: self.depth.clone(),
            name: name.to_owned(),
        }
    }
}

impl QueueMetrics {
    /// What waits, of this priority.
    pub(crate) fn depth_at(&self, priority: i32) -> Gauge {
        depth(&self.depths, &self.name, priority)
    }
}

fn depth(family: &Family<DepthLabels, Gauge>, name: &str, priority: i32) -> Gauge {
    family.get_or_create_owned(&DepthLabels {
        controller: name.to_owned(),
        name: name.to_owned(),
        priority,
    })
}
