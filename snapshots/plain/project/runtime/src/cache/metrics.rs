//! The caches' own metrics, read when they are asked for.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::gauge::ConstGauge;

use super::{AnyInformer, Progress};

/// What is measured of each cache, with labels `resource` and `selector`.
#[derive(Debug, Default)]
pub(crate) struct CacheMetrics(Vec<Measured>);

struct Measured {
    resource: String,
    selector: String,
    count: Box<dyn Fn() -> usize + Send + Sync>,
    progress: Progress,
}

impl CacheMetrics {
    /// Measures this cache as well.
    pub(crate) fn add(&mut self, informer: &dyn AnyInformer) {
        self.0.push(Measured {
            resource: informer.resource(),
            selector: informer.selector().to_string(),
            count: informer.count(),
            progress: informer.progress(),
        });
    }

    fn family(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, help): (&str, &str),
        value: impl Fn(&Measured) -> Option<f64>,
    ) -> fmt::Result {
        let gauge = ConstGauge::new(0.0);
        let mut family = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
        for measured in &self.0 {
            let Some(value) = value(measured) else {
                continue;
            };
            let labels = [
                ("resource", measured.resource.as_str()),
                ("selector", measured.selector.as_str()),
            ];
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

impl Collector for CacheMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let objects = ("rustop_cache_objects", "Objects in the cache");
        self.family(&mut encoder, objects, |measured| {
            Some(lossy((measured.count)()))
        })?;
        let unreadable = (
            "rustop_cache_unreadable_objects",
            "Objects that are left out because they don't fit their Rust type",
        );
        self.family(&mut encoder, unreadable, |measured| {
            Some(lossy(measured.progress.unreadable()))
        })?;
        let age = (
            "rustop_cache_age_seconds",
            "Time since the API server was last heard of in the cache's watch",
        );
        self.family(&mut encoder, age, |measured| {
            measured.progress.age().map(|age| age.as_secs_f64())
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a cache holds fewer than 2^52 objects"
)]
fn lossy(number: usize) -> f64 {
    number as f64
}

impl fmt::Debug for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Measured({}[{}])", self.resource, self.selector)
    }
}
