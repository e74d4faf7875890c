//! Start, wait, stop.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use futures::future::{BoxFuture, Shared};
use futures::{FutureExt as _, Stream, StreamExt as _};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Manager;
use super::cache_names::CacheNames;
use super::part::{Part, Parts};
use super::signals;
use crate::Error;
use crate::cache::CacheMetrics;
use crate::events::{Events, Flusher};
use crate::leader_election::LeaderElection;
use crate::server::{self, Handler};

/// What there is for the rest at least when the work has taken all of its time: for the last events, and then, side by
/// side, for giving the lease back and for the webhooks' answers. Eight seconds for the work, this one and half of one for
/// the last spans fit into the ten seconds that a pod has.
const REST: Duration = Duration::from_secs(1);

/// For giving the lease back. One that couldn't be given back expires.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(1);

/// For the last events: they are worth a moment, and no more.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

impl Manager {
    /// Runs until `signals` has an item, or a part fails.
    pub(super) async fn run_until(self, signals: impl Stream<Item = ()>) -> Result<(), Error> {
        let mut signals = std::pin::pin!(signals);
        let mut running = Running::start(self).await?;
        let cause = tokio::select! {
            // A signal first: what it ends must not look like a failure.
            biased;
            Some(()) = signals.next() => Ok(()),
            error = running.failed() => Err(error),
        };
        signals::unless_one_comes(signals, running.stop(cause)).await?
    }

    /// What can't work, of what was added.
    fn check(&mut self) -> Result<(), Error> {
        if let Some(error) = self.refused.take() {
            return Err(error);
        }
        let mut seen = HashSet::new();
        match self.controllers.iter().find(|&name| !seen.insert(name)) {
            Some(name) => Err(Error::DuplicateController(name.clone())),
            None => Ok(()),
        }
    }
}

/// A manager that has started. What still runs when it is dropped is aborted.
struct Running {
    /// Controllers and runnables: they are given time to finish.
    work: Parts,
    /// Servers and caches: needed until the work is done.
    support: Parts,
    /// The leader election, which ends after all that writes.
    election: Parts,
    /// The webhook server: it ends after the work, with answers to what it was asked before.
    webhooks: Parts,
    stop_webhooks: CancellationToken,
    events: Flusher,
    elected: Option<oneshot::Receiver<()>>,
    leader_runnables: Vec<Part>,
    /// Resolves when the caches are.
    filled: Shared<BoxFuture<'static, ()>>,
    shutdown: CancellationToken,
    release: CancellationToken,
    graceful_shutdown_timeout: Duration,
}

impl Running {
    async fn start(mut manager: Manager) -> Result<Self, Error> {
        manager.check()?;
        let never = CancellationToken::new();
        let release = CancellationToken::new();
        let mut support = Parts::new(never);
        let filled = manager.cache.synced().shared();
        let caches = take_caches(&mut manager);
        #[cfg(feature = "webhooks")]
        manager.add_webhook_check();
        start_servers(&mut manager, &mut support).await?;
        let stop_webhooks = CancellationToken::new();
        #[cfg_attr(
            not(feature = "webhooks"),
            allow(unused_mut, reason = "none is started")
        )]
        let mut webhooks = Parts::new(stop_webhooks.clone());
        #[cfg(feature = "webhooks")]
        manager
            .start_webhooks(&mut webhooks, stop_webhooks.clone())
            .await?;
        for cache in caches {
            support.start(cache);
        }
        let events = manager.events.flusher();
        support.start(broadcaster(manager.events, manager.client.clone()));
        let mut running = Self {
            work: Parts::new(manager.shutdown.clone()),
            support,
            election: Parts::new(release.clone()),
            webhooks,
            stop_webhooks,
            events,
            elected: None,
            leader_runnables: manager.leader_runnables,
            filled,
            shutdown: manager.shutdown,
            release,
            graceful_shutdown_timeout: manager.graceful_shutdown_timeout,
        };
        running.start_work(manager.runnables);
        match manager.leader_election {
            Some(election) => running.compete(election),
            None => running.lead(),
        }
        Ok(running)
    }

    fn lead(&mut self) {
        let parts = std::mem::take(&mut self.leader_runnables);
        self.start_work(parts);
    }

    fn start_work(&mut self, parts: Vec<Part>) {
        for part in parts {
            let part = part.after(self.filled.clone(), self.shutdown.clone());
            self.work.start(part);
        }
    }

    fn compete(&mut self, election: LeaderElection) {
        let (elected, receiver) = oneshot::channel();
        self.elected = Some(receiver);
        let part = Part::new(
            "leader election",
            take_part(election, elected, self.release.clone()),
        );
        self.election.start(part);
    }

    /// The error that the manager can't go on after. Becomes the leader meanwhile.
    async fn failed(&mut self) -> Error {
        loop {
            tokio::select! {
                biased;
                error = self.election.failed() => return error,
                error = self.work.failed() => return error,
                error = self.support.failed() => return error,
                error = self.webhooks.failed() => return error,
                () = wait_for(&mut self.elected) => self.lead(),
            }
        }
    }

    /// Lets what is running finish, in time, and then releases the lease.
    async fn stop(&mut self, cause: Result<(), Error>) -> Result<(), Error> {
        if let Err(Error::LeadershipLost) = cause {
            // Another may lead already: not one write more.
            return cause;
        }
        tracing::info!(timeout = ?self.graceful_shutdown_timeout, "shutting down");
        let began = Instant::now();
        self.shutdown.cancel();
        let finished = self.finish_work().await;
        let left = self
            .graceful_shutdown_timeout
            .saturating_sub(began.elapsed());
        // What still runs may still write, so that the lease has to expire by itself.
        let may_release = !matches!(
            finished,
            Err(Error::ShutdownTimedOut(_) | Error::LeadershipLost)
        );
        let answered = self.finish_rest(left.max(REST), may_release).await;
        cause.and(finished).and(answered)
    }

    async fn finish_work(&mut self) -> Result<(), Error> {
        tokio::select! {
            biased;
            error = self.election.failed() => Err(error),
            finished = self.work.finish_within(self.graceful_shutdown_timeout) => finished,
        }
    }

    /// What comes after the work. The next leader doesn't wait for the webhooks: what a handler looks up is still found
    /// when the lease is gone, and only writes are refused.
    async fn finish_rest(&mut self, limit: Duration, may_release: bool) -> Result<(), Error> {
        let began = Instant::now();
        // What the work had to say: these are writes.
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, self.events.flush()).await;
        self.stop_webhooks.cancel();
        let left = limit.saturating_sub(began.elapsed());
        let released = async {
            if may_release {
                self.release.cancel();
                // A lease that couldn't be released expires; the shutdown went well all the same.
                let _ = self.election.finish_within(RELEASE_TIMEOUT.min(left)).await;
            }
        };
        let (answered, ()) = tokio::join!(self.webhooks.finish_within(left), released);
        answered
    }
}

/// Resolves once, when this process has become the leader.
async fn wait_for(elected: &mut Option<oneshot::Receiver<()>>) {
    let result = match elected {
        Some(receiver) => receiver.await,
        None => std::future::pending().await,
    };
    *elected = None;
    if result.is_err() {
        // The election ended, and says itself why.
        std::future::pending::<()>().await;
    }
}

async fn take_part(
    mut election: LeaderElection,
    elected: oneshot::Sender<()>,
    release: CancellationToken,
) -> Result<(), Error> {
    tokio::select! {
        () = release.cancelled() => {
            // An attempt that was under way may have been one that succeeds.
            election.release().await;
            return Ok(());
        }
        () = election.acquire() => {}
    }
    // Nobody waits any more when the manager is stopping.
    let _ = elected.send(());
    tokio::select! {
        () = release.cancelled() => {
            election.release().await;
            Ok(())
        }
        () = election.hold() => Err(Error::LeadershipLost),
    }
}

/// The caches as parts, each with its named check.
fn take_caches(manager: &mut Manager) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut metrics = CacheMetrics::default();
    let mut names = CacheNames::default();
    for informer in std::mem::take(&mut manager.cache).into_informers() {
        metrics.add(informer.as_ref());
        let progress = informer.progress();
        let name = names.next(informer.as_ref());
        manager
            .health
            .readyz
            .inform(&name, move || progress.check());
        let follow = informer.run(manager.client.clone(), &manager.namespaces);
        parts.push(Part::new(name, async {
            follow.await;
            Ok::<(), Error>(())
        }));
    }
    manager.registry.register_collector(Box::new(metrics));
    parts
}

fn broadcaster(events: Events, client: kube::Client) -> Part {
    let broadcaster = events.broadcaster(client);
    Part::new("events", async {
        broadcaster.run().await;
        Ok::<(), Error>(())
    })
}

async fn start_servers(manager: &mut Manager, support: &mut Parts) -> Result<(), Error> {
    if let Some(address) = manager.health_address.socket_address() {
        let handler = std::mem::take(&mut manager.health);
        start_server("health probes", address, handler, support).await?;
    }
    manager.start_metrics_server(support).await?;
    Ok(())
}

async fn start_server(
    name: &'static str,
    address: SocketAddr,
    handler: impl Handler,
    support: &mut Parts,
) -> Result<(), Error> {
    let listener = server::listen(name, address).await?;
    tracing::info!(server = name, %address, "serving");
    support.start(Part::new(name, async {
        server::serve(listener, None, handler).await;
        Ok::<(), Error>(())
    }));
    Ok(())
}

#[cfg(test)]
mod tests;
