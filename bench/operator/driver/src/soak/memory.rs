//! Whether a process grows: a line through what it held.

use std::fmt;
use std::time::Instant;

use crate::Result;

/// What a process held, over time.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    began: Option<Instant>,
    /// Hours and MB.
    samples: Vec<(f64, f64)>,
}

impl Memory {
    pub(crate) fn add(&mut self, kilobytes: u64) {
        let hours = self
            .began
            .get_or_insert_with(Instant::now)
            .elapsed()
            .as_secs_f64()
            / 3600.0;
        self.samples.push((hours, kilobytes as f64 * 1024.0 / 1e6));
    }

    /// The slope of the line through the second half, in MB an hour: the first half fills caches.
    fn growth(&self) -> f64 {
        let half = &self.samples[self.samples.len() / 2..];
        let number = half.len() as f64;
        let (hours, megabytes) = half
            .iter()
            .fold((0.0, 0.0), |sum, each| (sum.0 + each.0, sum.1 + each.1));
        let (mean_hours, mean_megabytes) = (hours / number, megabytes / number);
        let covariance: f64 = half
            .iter()
            .map(|each| (each.0 - mean_hours) * (each.1 - mean_megabytes))
            .sum();
        let variance: f64 = half.iter().map(|each| (each.0 - mean_hours).powi(2)).sum();
        if variance == 0.0 {
            0.0
        } else {
            covariance / variance
        }
    }

    pub(crate) fn verdict(&self, bound: f64) -> Result<()> {
        let growth = self.growth();
        if growth <= bound {
            Ok(())
        } else {
            Err(format!("the memory grew by {growth:.1} MB an hour; the bound is {bound}").into())
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.samples.iter().map(|(_, size)| *size);
        let (least, most) = sizes.fold((f64::MAX, 0.0_f64), |(least, most), size| {
            (least.min(size), most.max(size))
        });
        let minutes = self.samples.last().map_or(0.0, |(hours, _)| hours * 60.0);
        write!(
            formatter,
            "{least:.1} to {most:.1} MB in {minutes:.0} minutes, {:+.1} MB an hour in the second half",
            self.growth()
        )
    }
}
