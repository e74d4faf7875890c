//! How much memory bodies may take at the same time.
//!
//! Each request has a limit of its own, but many requests have none. Admission and conversion have a budget each: the
//! handler of an admission may read objects that have to be converted here first, and would otherwise wait for itself.

use tokio::sync::{Semaphore, SemaphorePermit};

/// What a permit stands for, in bytes: a semaphore counts to 2^29 at least, and takes 2^32 at once.
const UNIT: usize = 1 << 10;

/// What the smallest request counts as, in bytes: it costs more than its body.
const LEAST: usize = 16 << 10;

/// So many bytes of bodies may be read and answered at a time.
pub(super) struct Budget {
    free: Semaphore,
    units: u32,
}

impl Budget {
    /// A budget of `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        let units = units(bytes);
        let free = Semaphore::new(usize::try_from(units).unwrap_or(Semaphore::MAX_PERMITS));
        Self { free, units }
    }

    /// A place for a body of at most `bytes`, as soon as there is one; who came first is first. What is larger than the
    /// whole budget gets all of it. Nothing when there will never be one again, which doesn't happen.
    pub(super) async fn place(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let units = units(bytes.max(LEAST)).min(self.units);
        self.free.acquire_many(units).await.ok()
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn a_large_one_waits_and_is_not_overtaken() {
        let budget = Budget::new(64 << 10);
        let first = budget.place(40 << 10).now_or_never().unwrap();
        let mut large = Box::pin(budget.place(1 << 30));
        assert!(large.as_mut().now_or_never().is_none());
        let small = budget.place(1).now_or_never();
        assert!(small.is_none(), "it would overtake");
        drop(first);
        assert!(large.as_mut().now_or_never().is_some());
        assert!(budget.place(1).now_or_never().is_some());
    }

    #[test]
    fn small_ones_are_bounded_in_number() {
        let budget = Budget::new(4 * LEAST);
        let places: Vec<_> = (0..4).map(|_| budget.place(0).now_or_never()).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(budget.place(0).now_or_never().is_none());
    }
}
