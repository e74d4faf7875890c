//! Leader election with client-go's semantics, on a Lease, so that it works together with managers written in Go:
//! <https://pkg.go.dev/k8s.io/client-go/tools/leaderelection>.
//!
//! - A lease is expired when it was not seen to change for its duration, by this process's own clock: the times in it
//!   are never compared with ours, so that clocks may differ.
//! - Every write carries the resourceVersion, so that of two candidates one loses.
//! - A leader that can't renew in time ends, before another can take over. It ends as well when somebody else held the
//!   lease meanwhile, although it may be free again.
//! - What it writes meanwhile is stopped by the [`Fence`], also after it was frozen for a while.
//! - On shutdown the lease is given back, and the next leader doesn't have to wait.

mod attempt;
mod events;
mod fence;
mod record;
mod timings;

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::{Api, Client};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use attempt::NotLeader;
use fence::Moment;
use timings::JITTER;

pub use fence::{Fence, Fenced};
pub use timings::{InvalidTimings, Timings};

use crate::metrics::LeaderMetrics;

/// One candidate for one lease.
///
/// ```no_run
/// # use rustop_runtime::leader_election::LeaderElection;
/// # async fn example(client: kube::Client) {
/// let mut election = LeaderElection::new(client, "my-system", "ecaf1259.example.com");
/// election.acquire().await;
/// tokio::select! {
///     () = election.hold() => {} // lost: stop writing, at once
///     () = tokio::time::sleep(std::time::Duration::from_secs(60)) => election.release().await,
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct LeaderElection {
    api: Api<Lease>,
    name: String,
    identity: String,
    timings: Timings,
    observed: Option<Observed>,
    /// When the request was sent that renewed the lease last; `None` until this candidate leads.
    renewed: Option<Moment>,
    /// Whether a write of the lease was sent that there is no answer to.
    unanswered: bool,
    fence: Fence,
    metrics: Option<LeaderMetrics>,
}

/// The lease as it was last seen to be different, and when that was.
#[derive(Clone, Debug)]
struct Observed {
    lease: Lease,
    at: Instant,
}

impl LeaderElection {
    /// A candidate for the lease `name`, with an identity of its own: host name and a random part.
    pub fn new(client: Client, namespace: &str, name: &str) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity: identity(),
            timings: Timings::default(),
            observed: None,
            renewed: None,
            unanswered: false,
            fence: Fence::default(),
            metrics: None,
        }
    }

    /// Uses other timings. [`Timings::validate`] says whether they fit together.
    #[must_use]
    pub fn timings(mut self, timings: Timings) -> Self {
        self.timings = timings;
        self
    }

    /// Uses another identity. No two processes may have the same.
    #[must_use]
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.identity = identity.into();
        self
    }

    /// Opens and closes this fence.
    pub(crate) fn with_fence(mut self, fence: Fence) -> Self {
        self.fence = fence;
        self
    }

    /// Shows in `metrics` whether this candidate leads.
    pub(crate) fn with_metrics(mut self, metrics: LeaderMetrics) -> Self {
        self.metrics = Some(metrics);
        self
    }

    /// What says whether this candidate may write. It is for whatever writes on behalf of the leader.
    pub fn fence(&self) -> Fence {
        self.fence.clone()
    }

    /// Waits until this candidate is the leader. Failures are logged and tried again.
    pub async fn acquire(&mut self) {
        tracing::info!(
            lease = self.name,
            identity = self.identity,
            "attempting to acquire the leader lease"
        );
        let mut last_problem = None;
        loop {
            let deadline = Instant::now() + self.timings.renew_deadline;
            let problem = match timeout_at(deadline, self.try_acquire_or_renew()).await {
                Ok(Ok(())) => break,
                Ok(Err(problem)) => problem.to_string(),
                Err(_) => "the API server doesn't answer".to_owned(),
            };
            if last_problem.as_ref() != Some(&problem) {
                tracing::info!(lease = self.name, "not the leader: {problem}");
                last_problem = Some(problem);
            }
            // Up to 2.2 times the period, as in client-go, so that candidates don't move in step.
            let jitter = 1.0 + JITTER * fastrand::f64();
            sleep(self.timings.retry_period.mul_f64(jitter)).await;
        }
        tracing::info!(
            lease = self.name,
            identity = self.identity,
            "became the leader"
        );
        self.show(true);
        // Nobody waits for it.
        tokio::spawn(self.event("became leader"));
    }

    /// Renews the lease, and returns when it is lost. Whoever led must then stop at once; the [`fence`](Self::fence) is
    /// closed by then. To compete again takes a new candidate, best in a new process.
    pub async fn hold(&mut self) {
        loop {
            sleep(self.timings.retry_period).await;
            if !self.renew_in_time().await {
                self.fence.close();
                self.show(false);
                tracing::error!(
                    lease = self.name,
                    identity = self.identity,
                    "lost the leader lease"
                );
                return;
            }
        }
    }

    /// Gives the lease back, so that the next leader needn't wait until it expires. Nothing may be written any more.
    ///
    /// After an attempt that was cut off nobody knows whether it was done: then the lease is looked at first.
    pub async fn release(&mut self) {
        if self.held().is_none() && !self.unanswered {
            return;
        }
        self.fence.close();
        self.show(false);
        match self.give_back().await {
            Ok(true) => {
                tracing::info!(lease = self.name, "released the leader lease");
                self.event("stopped leading").await;
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(lease = self.name, %error, "failed to release the leader lease");
            }
        }
        self.observed = None;
    }

    /// Tries until the renewal succeeds (true), somebody else is the leader, or the deadline is over (false).
    async fn renew_in_time(&mut self) -> bool {
        let age = self.renewed.map_or(Duration::MAX, |at| at.elapsed());
        // After a long stop there is no time left: it was the leader, and doesn't ask whether it still is.
        let Some(left) = self.timings.give_up_after().checked_sub(age) else {
            return false;
        };
        let deadline = Instant::now() + left;
        loop {
            // Half of the time for one attempt, as controller-runtime sets its client: one lost request isn't the end.
            let attempt = deadline.min(Instant::now() + self.timings.renew_deadline / 2);
            match timeout_at(attempt, self.try_acquire_or_renew()).await {
                Ok(Ok(())) => return true,
                Ok(Err(error @ NotLeader::HeldBy(_))) => {
                    tracing::warn!(lease = self.name, "{error}");
                    return false;
                }
                Ok(Err(NotLeader::Failed(error))) => {
                    tracing::warn!(lease = self.name, %error, "failed to renew the leader lease");
                }
                Err(_) => {
                    tracing::warn!(lease = self.name, "the API server doesn't answer in time");
                }
            }
            let next = Instant::now() + self.timings.retry_period;
            if next >= deadline {
                return false;
            }
            sleep_until(next).await;
        }
    }

    fn show(&self, leads: bool) {
        if let Some(metrics) = &self.metrics {
            metrics.set(leads);
        }
    }

    /// Publishes an event on the lease as it was last seen.
    fn event(&self, what: &'static str) -> impl Future<Output = ()> + Send + use<> {
        let lease = self
            .observed
            .as_ref()
            .map(|observed| observed.lease.clone());
        let client = self.api.clone().into_client();
        events::publish(
            client,
            lease.unwrap_or_default(),
            self.identity.clone(),
            what,
        )
    }
}

/// Host name, which is a pod's name, and a random part: a restarted container is another candidate.
fn identity() -> String {
    let host = hostname::get()
        .ok()
        .and_then(|name| name.into_string().ok());
    format!(
        "{}_{:032x}",
        host.unwrap_or_else(|| "unknown".to_owned()),
        fastrand::u128(..)
    )
}

#[cfg(test)]
mod tests;
