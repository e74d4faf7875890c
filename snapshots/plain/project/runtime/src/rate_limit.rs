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
    /// Whether anything would ever get through.
    pub(crate) fn is_usable(per_second: f64, burst: u32) -> bool {
        per_second.is_finite() && per_second > 0.0 && burst > 0
    }

    /// A full bucket, of [usable](Self::is_usable) numbers.
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

    /// Takes a token and waits until it may be used. Who gives up waiting gives it back, for those who come later.
    pub(crate) async fn acquire(&self) {
        let delay = self.delay();
        if delay.is_zero() {
            return;
        }
        let unused = Unused(self);
        tokio::time::sleep(delay).await;
        std::mem::forget(unused);
    }
}

/// A token that is waited for; dropped, it goes back.
struct Unused<'bucket>(&'bucket TokenBucket);

impl Drop for Unused<'_> {
    fn drop(&mut self) {
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).tokens += 1.0;
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

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_up_gives_the_token_back() {
        let bucket = TokenBucket::new(10.0, 1);
        bucket.acquire().await;
        for _ in 0..100 {
            let given_up = tokio::time::timeout(Duration::ZERO, bucket.acquire()).await;
            assert!(given_up.is_err());
        }
        assert_eq!(bucket.delay(), Duration::from_millis(100));
    }
}
