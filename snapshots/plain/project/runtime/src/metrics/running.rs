//! `workqueue_unfinished_work_seconds` and `workqueue_longest_running_processor_seconds`: how long what is running has
//! been running, counted when somebody asks.
//!
//! client-go keeps two gauges up to date twice a second instead.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::time::Instant;

/// What each queue is working on.
#[derive(Clone, Debug, Default)]
pub(super) struct RunningFamilies(Arc<Mutex<BTreeMap<String, Running>>>);

/// What one queue is working on. A handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running(Arc<Mutex<Begun>>);

#[derive(Debug, Default)]
struct Begun {
    next: u64,
    since: BTreeMap<u64, Instant>,
}

/// One item that is being worked on, until this is dropped.
#[derive(Debug)]
#[must_use = "the work ends when this is dropped"]
pub(crate) struct Work {
    running: Running,
    number: u64,
}

impl Running {
    /// The work on one item begins.
    pub(crate) fn begin(&self) -> Work {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = begun.next;
        begun.next += 1;
        begun.since.insert(number, Instant::now());
        Work {
            running: self.clone(),
            number,
        }
    }

    /// The seconds of all that is running together, and of what has been running longest.
    pub(crate) fn seconds(&self) -> (f64, f64) {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = begun
            .since
            .values()
            .map(|since| since.elapsed().as_secs_f64());
        seconds.fold((0.0, 0.0), |(sum, longest), each| {
            (sum + each, f64::max(longest, each))
        })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let mut begun = self
            .running
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        begun.since.remove(&self.number);
    }
}

impl RunningFamilies {
    pub(super) fn of(&self, name: &str) -> Running {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queues.entry(name.to_owned()).or_default().clone()
    }

    fn encode_one(
        &self,
        encoder: &mut DescriptorEncoder,
        name: &str,
        help: &str,
        value: fn((f64, f64)) -> f64,
    ) -> fmt::Result {
        let queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (queue, running) in queues.iter() {
            let labels = [("controller", queue.as_str()), ("name", queue.as_str())];
            let metric = family.encode_family(&labels)?;
            ConstGauge::new(value(running.seconds())).encode(metric)?;
        }
        Ok(())
    }
}

impl Collector for RunningFamilies {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        self.encode_one(
            &mut encoder,
            "workqueue_unfinished_work_seconds",
            "Seconds of work in progress that work_duration has not seen yet; it grows when workers are stuck",
            |(sum, _)| sum,
        )?;
        self.encode_one(
            &mut encoder,
            "workqueue_longest_running_processor_seconds",
            "Seconds that the longest running worker of the workqueue has been running",
            |(_, longest)| longest,
        )
    }
}
