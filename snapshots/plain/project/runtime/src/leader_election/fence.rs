//! The fence: what keeps a process from writing when it led, and can't be sure that it still does.
//!
//! A leader that is stopped (SIGSTOP, a node that hangs, a virtual machine that is paused) doesn't notice. When it goes
//! on, its tasks may run before the one that renews the lease, and they would write while another leads. So each write
//! is held against the age of the last renewal, at the moment it goes out.
//!
//! - A process that never led is not fenced: what it adds with `add_runnable` runs on standbys as well, and writes.
//! - While it leads, a renewal that is older than the renew deadline closes the fence. A late renewal opens it again.
//! - Once it lost the lease or gave it back, the fence is closed for ever.
//!
//! The age is the longer one by two clocks. The monotonic one goes on while a process is stopped, but not, on Linux,
//! while the machine sleeps; then the wall clock tells. A paused virtual machine whose wall clock is put right only
//! later is not covered until then: its first renewal is refused by the API server, and ends it.
//!
//! A write that was on its way already has the time by which the lease lasts longer than the renew deadline, five seconds
//! unless told otherwise, less a fifth: then the kernel (Linux) gives up what the other side hasn't taken, also when the
//! process has ended. What remains is a write that something in between has taken, a load balancer that answers for the
//! API server. Where that would do harm, let the write carry the resourceVersion.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Whether this process may write; a handle, cheap to clone.
///
/// The manager's client asks it before each write. Ask it yourself before you write to something that isn't the API
/// server.
///
/// ```
/// use rustop_runtime::leader_election::Fence;
///
/// let fence = Fence::default();
/// assert!(fence.check().is_ok(), "a process that never led is not fenced");
/// fence.close();
/// assert!(fence.check().is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fence(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    #[default]
    NeverLed,
    Leading {
        renewed: Moment,
        limit: Duration,
    },
    Closed,
}

/// Why nothing may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fenced {
    /// The lease wasn't renewed in time, so that another may lead already.
    #[error(
        "nothing is written: the leader lease was last renewed {0:?} ago, another may lead already"
    )]
    Stale(Duration),

    /// The lease was lost or given back.
    #[error("nothing is written: this process doesn't lead any more")]
    Lost,
}

impl Fence {
    /// Whether a write may go out now.
    ///
    /// # Errors
    /// [`Fenced`] says why it may not.
    pub fn check(&self) -> Result<(), Fenced> {
        match &*self.lock() {
            State::NeverLed => Ok(()),
            State::Closed => Err(Fenced::Lost),
            State::Leading { renewed, limit } => match renewed.elapsed() {
                age if age >= *limit => Err(Fenced::Stale(age)),
                _ => Ok(()),
            },
        }
    }

    /// Lets nothing through any more, whatever comes.
    pub fn close(&self) {
        *self.lock() = State::Closed;
    }

    /// The lease was renewed by a request that was sent at `renewed`.
    pub(super) fn renew(&self, renewed: Moment, limit: Duration) {
        let mut state = self.lock();
        if !matches!(*state, State::Closed) {
            *state = State::Leading { renewed, limit };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A moment by two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// How long ago it was, by the clock that says longer. A wall clock that was put back says nothing.
    pub(super) fn elapsed(&self) -> Duration {
        let wall = self.wall.elapsed().unwrap_or_default();
        self.monotonic.elapsed().max(wall)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_renewal_that_is_too_old_stops_writes_and_a_new_one_allows_them() {
        let fence = Fence::default();
        fence.renew(Moment::now(), LIMIT);
        advance(Duration::from_millis(9_999)).await;
        assert_eq!(fence.check(), Ok(()));
        advance(Duration::from_millis(1)).await;
        assert_eq!(fence.check(), Err(Fenced::Stale(LIMIT)));
        fence.renew(Moment::now(), LIMIT);
        assert_eq!(fence.check(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_never_led_is_not_fenced() {
        let fence = Fence::default();
        advance(Duration::from_secs(3600)).await;
        assert_eq!(fence.check(), Ok(()));
    }

    #[tokio::test]
    async fn what_was_closed_stays_closed() {
        let fence = Fence::default();
        fence.clone().close();
        fence.renew(Moment::now(), LIMIT);
        assert_eq!(fence.check(), Err(Fenced::Lost));
    }

    /// A machine that slept: the monotonic clock stood still.
    #[tokio::test(start_paused = true)]
    async fn time_that_only_the_wall_clock_saw_counts() {
        let fence = Fence::default();
        let slept = Moment {
            wall: SystemTime::now() - LIMIT * 2,
            ..Moment::now()
        };
        fence.renew(slept, LIMIT);
        assert!(matches!(fence.check(), Err(Fenced::Stale(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wall_clock_that_was_put_back_does_no_harm() {
        let fence = Fence::default();
        let ahead = Moment {
            wall: SystemTime::now() + LIMIT * 2,
            ..Moment::now()
        };
        fence.renew(ahead, LIMIT);
        assert_eq!(fence.check(), Ok(()));
        advance(LIMIT).await;
        assert!(fence.check().is_err());
    }
}
