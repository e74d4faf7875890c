//! How long what takes in a leader election, and which times fit together.

use std::time::Duration;

/// How much longer than the retry period a wait may be: client-go's `JitterFactor`.
pub(super) const JITTER: f64 = 1.2;

/// How long what takes. The defaults are those of controller-runtime.
///
/// ```
/// use std::time::Duration;
/// use rustop_runtime::leader_election::Timings;
///
/// let patient = Timings { lease_duration: Duration::from_secs(60), ..Timings::default() };
/// assert!(patient.validate().is_ok());
/// let hasty = Timings { lease_duration: Duration::from_secs(5), ..Timings::default() };
/// assert!(hasty.validate().is_err(), "a new leader could start while the old one still tries to renew");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long a lease that isn't renewed is left alone by the others: 15 s. The lease holds whole seconds, so that it
    /// is rounded up.
    pub lease_duration: Duration,
    /// How long a leader tries to renew before it gives up, and how old a renewal may be for a write: 10 s. Must be
    /// shorter than `lease_duration`; the difference is what a request may take on its way.
    pub renew_deadline: Duration,
    /// How long to wait between attempts: 2 s.
    pub retry_period: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
        }
    }
}

impl Timings {
    /// Whether these times fit together, by client-go's rules.
    ///
    /// # Errors
    /// [`InvalidTimings`] says which of them don't.
    pub fn validate(&self) -> Result<(), InvalidTimings> {
        let Self {
            lease_duration,
            renew_deadline,
            retry_period,
        } = *self;
        if retry_period.is_zero() {
            return Err(InvalidTimings::NoRetryPeriod);
        }
        if renew_deadline <= retry_period.mul_f64(JITTER) {
            return Err(InvalidTimings::RenewDeadline {
                renew_deadline,
                retry_period,
            });
        }
        if lease_duration <= renew_deadline {
            return Err(InvalidTimings::LeaseDuration {
                lease_duration,
                renew_deadline,
            });
        }
        Ok(())
    }

    /// How long a write may be on its way that was sent when the renewal was as old as it may be. The kernel counts from
    /// when it first sends again, so that a fifth is kept back.
    pub(crate) fn delivery(&self) -> Duration {
        self.lease_duration.saturating_sub(self.renew_deadline) * 4 / 5
    }

    /// How old a renewal may get until its leader gives up: one wait and one round of attempts, as in client-go, but
    /// never as long as the others wait.
    pub(super) fn give_up_after(&self) -> Duration {
        (self.retry_period + self.renew_deadline).min(self.lease_duration)
    }
}

/// Which times of a leader election don't fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTimings {
    /// The others wouldn't wait until the leader has given up.
    #[error(
        "the lease duration ({lease_duration:?}) must be longer than the renew deadline ({renew_deadline:?}), or two \
         could lead at a time; help: controller-runtime's are 15s and 10s"
    )]
    LeaseDuration {
        /// As it was given.
        lease_duration: Duration,
        /// As it was given.
        renew_deadline: Duration,
    },

    /// There would be no time for a second attempt.
    #[error(
        "the renew deadline ({renew_deadline:?}) must be longer than 1.2 times the retry period ({retry_period:?}), or \
         one lost request ends the leader; help: controller-runtime's are 10s and 2s"
    )]
    RenewDeadline {
        /// As it was given.
        renew_deadline: Duration,
        /// As it was given.
        retry_period: Duration,
    },

    /// The API server would be asked without a pause.
    #[error("the retry period is zero; help: controller-runtime's is 2s")]
    NoRetryPeriod,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lease_duration: u64, renew_deadline: u64, retry_period: u64, expected: &str) {
        let timings = Timings {
            lease_duration: Duration::from_millis(lease_duration),
            renew_deadline: Duration::from_millis(renew_deadline),
            retry_period: Duration::from_millis(retry_period),
        };
        let actual = timings.validate().map_err(|error| error.to_string());
        let actual = actual.err().unwrap_or_default();
        assert!(actual.starts_with(expected), "{timings:?}: {actual}");
        assert_eq!(actual.is_empty(), expected.is_empty(), "{timings:?}");
    }

    #[test]
    fn times_must_fit_together_as_in_client_go() {
        assert_eq!(Timings::default().validate(), Ok(()));
        check(15_000, 14_999, 2_000, "");
        check(10_000, 10_000, 2_000, "the lease duration (10s) must be");
        check(15_000, 2_401, 2_000, "");
        check(15_000, 2_400, 2_000, "the renew deadline (2.4s) must be");
        check(15_000, 10_000, 0, "the retry period is zero");
    }

    #[test]
    fn what_is_on_its_way_has_less_than_the_others_wait() {
        assert_eq!(Timings::default().delivery(), Duration::from_secs(4));
    }

    #[test]
    fn a_leader_gives_up_before_the_others_may_start() {
        assert_eq!(Timings::default().give_up_after(), Duration::from_secs(12));
        let close = Timings {
            renew_deadline: Duration::from_secs(14),
            ..Timings::default()
        };
        assert_eq!(close.give_up_after(), Duration::from_secs(15));
    }
}
