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
    pub const fn requeue(after: Duration) -> Self {
        Self {
            requeue_after: Some(after),
        }
    }

    /// The time after which the object is reconciled again, if any.
    pub const fn requeue_after(self) -> Option<Duration> {
        self.requeue_after
    }
}
