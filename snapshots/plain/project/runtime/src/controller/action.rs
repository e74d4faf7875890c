//! What a reconcile that went well wants next.

use std::time::Duration;

/// When to reconcile again although nothing changed.
///
/// kube has the same type, but doesn't let anybody read it.
///
/// ```
/// use std::time::Duration;
/// use rustop_runtime::Action;
///
/// assert_eq!(Action::await_change().requeue_after(), None);
/// assert_eq!(Action::requeue(Duration::from_secs(60)).requeue_after(), Some(Duration::from_secs(60)));
/// assert_eq!(Action::requeue(Duration::ZERO), Action::await_change());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    requeue_after: Option<Duration>,
}

impl Action {
    /// When something changes, and not before.
    pub const fn await_change() -> Self {
        Self {
            requeue_after: None,
        }
    }

    /// After this time, or earlier when something changes: for what isn't watched, such as a certificate that expires.
    ///
    /// No time at all is no requeue, as `RequeueAfter: 0` of controller-runtime: it would call the reconciler again and
    /// again without a pause. What should be tried again soon is an error, and comes with a growing delay.
    pub const fn requeue(after: Duration) -> Self {
        let requeue_after = if after.is_zero() { None } else { Some(after) };
        Self { requeue_after }
    }

    /// The time after which the object is reconciled again, if any.
    pub const fn requeue_after(self) -> Option<Duration> {
        self.requeue_after
    }
}
