//! Leader election with client-go's semantics, on a Lease, so that it works together with managers written in Go:
//! <https://pkg.go.dev/k8s.io/client-go/tools/leaderelection>.
//!
//! - A lease is expired when it was not seen to change for its duration, by this process's own clock: the times in it
//!   are never compared with ours, so that clocks may differ.
//! - Every write carries the resourceVersion, so that of two candidates one loses.
//! - A leader that can't renew in time ends, before another can take over.
//! - On shutdown the lease is given back, and the next leader doesn't have to wait.

mod attempt;
mod record;

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::jiff::Timestamp;
use kube::api::PostParams;
use kube::{Api, Client};
use tokio::time::{Instant, sleep, timeout_at};

use attempt::NotLeader;

/// How long what takes. The defaults are those of controller-runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long a lease that isn't renewed is left alone by the others: 15 s.
    pub lease_duration: Duration,
    /// How long a leader tries to renew before it gives up: 10 s. Must be shorter than `lease_duration`.
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
        }
    }

    /// Uses other timings.
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
            sleep(
                self.timings
                    .retry_period
                    .mul_f64(1.0 + 1.2 * fastrand::f64()),
            )
            .await;
        }
        tracing::info!(
            lease = self.name,
            identity = self.identity,
            "became the leader"
        );
    }

    /// Renews the lease, and returns when it is lost. Whoever led must then stop at once.
    pub async fn hold(&mut self) {
        loop {
            sleep(self.timings.retry_period).await;
            if !self.renew_in_time().await {
                tracing::error!(
                    lease = self.name,
                    identity = self.identity,
                    "lost the leader lease"
                );
                return;
            }
        }
    }

    /// Gives the lease back, so that the next leader needn't wait until it expires.
    pub async fn release(&mut self) {
        let Some(observed) = self
            .observed
            .take()
            .filter(|observed| self.holds(&observed.lease))
        else {
            return;
        };
        let mut lease = observed.lease;
        lease.spec = lease
            .spec
            .map(|spec| record::released(spec, Timestamp::now()));
        match self
            .api
            .replace(&self.name, &PostParams::default(), &lease)
            .await
        {
            Ok(_) => tracing::info!(lease = self.name, "released the leader lease"),
            Err(error) => {
                tracing::warn!(lease = self.name, %error, "failed to release the leader lease");
            }
        }
    }

    /// Tries until the renewal succeeds (true), somebody else is the leader, or the deadline is over (false).
    async fn renew_in_time(&mut self) -> bool {
        let deadline = Instant::now() + self.timings.renew_deadline;
        loop {
            // Half of the time for one attempt, as controller-runtime sets its client: one lost request isn't the end.
            let attempt = deadline.min(Instant::now() + self.timings.renew_deadline / 2);
            match timeout_at(attempt, self.try_acquire_or_renew()).await {
                Ok(Ok(())) => return true,
                Ok(Err(NotLeader::HeldBy(_))) => return false,
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
            tokio::time::sleep_until(next).await;
        }
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
