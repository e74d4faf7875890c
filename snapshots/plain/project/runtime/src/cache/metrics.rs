//! The caches' own metrics, read when they are asked for.

use std::fmt;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::gauge::ConstGauge;

use super::{AnyInformer, Progress};

/// What is measured of each cache, with labels `resource` and `selector`.
#[derive(Debug, Default)]
pub(crate) struct CacheMetrics(Vec<Measured>);

/// The caches with the same labels: of whole objects and of their metadata. Two values with the same labels would not
/// be valid.
struct Measured {
    resource: String,
    selector: String,
    caches: Vec<Counted>,
}

struct Counted {
    count: Box<dyn Fn() -> usize + Send + Sync>,
    progress: Progress,
}

impl CacheMetrics {
    /// Measures this cache as well.
    pub(crate) fn add(&mut self, informer: &dyn AnyInformer) {
        let (resource, selector) = (informer.resource(), informer.selector().to_string());
        let cache = Counted {
            count: informer.count(),
            progress: informer.progress(),
        };
        let same = |known: &&mut Measured| known.resource == resource && known.selector == selector;
        match self.0.iter_mut().find(same) {
            Some(known) => known.caches.push(cache),
            None => self.0.push(Measured {
                resource,
                selector,
                caches: vec![cache],
            }),
        }
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

impl Measured {
    fn sum(&self, of: impl Fn(&Counted) -> usize) -> f64 {
        lossy(self.caches.iter().map(of).sum())
    }

    /// The age of the oldest.
    fn age(&self) -> Option<Duration> {
        let ages = self.caches.iter().map(|cache| cache.progress.age());
        ages.max().flatten()
    }
}

impl Collector for CacheMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let objects = ("rustop_cache_objects", "Objects in the cache");
        self.family(&mut encoder, objects, |measured| {
            Some(measured.sum(|cache| (cache.count)()))
        })?;
        let unreadable = (
            "rustop_cache_unreadable_objects",
            "Objects that are left out because they don't fit their Rust type",
        );
        self.family(&mut encoder, unreadable, |measured| {
            Some(measured.sum(|cache| cache.progress.unreadable()))
        })?;
        let age = (
            "rustop_cache_age_seconds",
            "Time since the API server was last heard of in the cache's watch",
        );
        self.family(&mut encoder, age, |measured| {
            measured.age().map(|age| age.as_secs_f64())
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
