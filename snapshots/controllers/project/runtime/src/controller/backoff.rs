//! How long a failed object waits.

use std::time::Duration;

/// Exponential delay per object: client-go's 5 ms, doubled with each failure in a row, up to 1000 s, and up to a tenth
/// more by chance, so that objects which failed together don't come back together.
///
/// ```
/// use std::time::Duration;
/// use rustop_runtime::Backoff;
///
/// let backoff = Backoff::new(Duration::from_millis(5), Duration::from_secs(1000));
/// assert!(backoff.delay(3) >= Duration::from_millis(40));
/// assert!(backoff.delay(3) <= Duration::from_millis(44));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(5), Duration::from_secs(1000))
    }
}

impl Backoff {
    /// From `first`, doubled with each failure, to `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            jitter: 0.1,
        }
    }

    /// The same without chance.
    #[must_use]
    pub const fn without_jitter(mut self) -> Self {
        self.jitter = 0.0;
        self
    }

    /// How long to wait after `failures` failures before this one.
    pub fn delay(&self, failures: u32) -> Duration {
        let doubled = 2u32.saturating_pow(failures.min(31));
        let delay = self.first.saturating_mul(doubled).min(self.longest);
        delay + delay.mul_f64(self.jitter * fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_its_limit() {
        let backoff = Backoff::default().without_jitter();
        for (failures, milliseconds) in [
            (0, 5),
            (1, 10),
            (2, 20),
            (10, 5120),
            (17, 655_360),
            (18, 1_000_000),
            (99, 1_000_000),
        ] {
            assert_eq!(
                backoff.delay(failures),
                Duration::from_millis(milliseconds),
                "{failures}"
            );
        }
    }

    #[test]
    fn chance_adds_a_tenth_at_most() {
        let backoff = Backoff::default();
        for _ in 0..100 {
            let delay = backoff.delay(1);
            assert!(
                delay >= Duration::from_millis(10) && delay <= Duration::from_millis(11),
                "{delay:?}"
            );
        }
    }
}
