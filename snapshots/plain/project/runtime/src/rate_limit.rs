//! A token bucket, as client-go limits requests and retries with.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Lets `burst` things happen at once and then `per_second` of them in each second. What comes too early is told how long
/// to wait, and keeps its place: the rule of <https://pkg.go.dev/golang.org/x/time/rate>, which client-go uses.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    per_second: f64,
    burst: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Below zero for those that were let in early and wait.
    tokens: f64,
    counted: Instant,
}

impl TokenBucket {
    /// A full bucket. `per_second` must be above zero.
    pub(crate) fn new(per_second: f64, burst: u32) -> Self {
        Self {
            per_second,
            burst: f64::from(burst),
            state: Mutex::new(State {
                tokens: f64::from(burst),
                counted: Instant::now(),
            }),
        }
    }

    /// Takes a token and says how long to wait before it may be used.
    pub(crate) fn delay(&self) -> Duration {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let gained = now.duration_since(state.counted).as_secs_f64() * self.per_second;
        state.tokens = (state.tokens + gained).min(self.burst) - 1.0;
        state.counted = now;
        // No limit in time: what would be longer than a Duration can say is never.
        Duration::try_from_secs_f64((-state.tokens / self.per_second).max(0.0))
            .unwrap_or(Duration::MAX)
    }

    /// Takes a token and waits until it may be used.
    pub(crate) async fn acquire(&self) {
        let delay = self.delay();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_the_rest_comes_evenly() {
        let bucket = TokenBucket::new(10.0, 2);
        let delays = [(); 4].map(|()| bucket.delay().as_millis());
        assert_eq!(delays, [0, 0, 100, 200]);
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(bucket.delay().as_millis(), 0);
        assert_eq!(bucket.delay().as_millis(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_never_holds_more_than_its_burst() {
        let bucket = TokenBucket::new(10.0, 2);
        tokio::time::advance(Duration::from_secs(60)).await;
        let delays = [(); 3].map(|()| bucket.delay().as_millis());
        assert_eq!(delays, [0, 0, 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_acquires_waits() {
        let bucket = TokenBucket::new(10.0, 1);
        let start = Instant::now();
        bucket.acquire().await;
        bucket.acquire().await;
        assert_eq!(start.elapsed(), Duration::from_millis(100));
    }
}
