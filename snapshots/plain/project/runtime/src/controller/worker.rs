//! Takes names from the queue and runs the reconciler on them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::failure::Failure;
use super::queue::Queue;
use super::source::{Source, Sources};
use super::{Action, Reconciler, span};
use crate::cache::{Seen, Write, recorded};
use crate::error::panic_message;
use crate::metrics::ControllerMetrics;
use crate::{BoxError, Request};

/// A race is lost again when many write the same object, but not this often in a row.
const CONFLICTS_IN_A_ROW: u32 = 5;

/// A controller that is connected with its caches.
pub(crate) struct Worker<R: Reconciler> {
    pub(super) turns: Turns<R>,
    pub(super) replays: Vec<Box<dyn FnOnce() + Send>>,
    pub(super) sources: Vec<Source>,
    pub(super) workers: usize,
}

/// What all workers of a controller share.
pub(super) struct Turns<R: Reconciler> {
    pub(super) name: String,
    pub(super) reconciler: R,
    pub(super) queue: Arc<Queue>,
    pub(super) metrics: Arc<ControllerMetrics>,
    pub(super) timeout: Option<Duration>,
    pub(super) seen: Seen,
}

/// Resolves when all caches that a controller needs are filled.
pub(crate) type Synced = BoxFuture<'static, ()>;

impl<R: Reconciler> Worker<R> {
    /// Reconciles from when the caches are `synced` until `shutdown`, then lets what is running
    /// finish.
    pub(crate) async fn run(
        self,
        synced: Synced,
        shutdown: CancellationToken,
    ) -> Result<(), BoxError> {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = synced => {}
        }
        let controller = &self.turns.name;
        tracing::info!(controller, workers = self.workers, "starting workers");
        // Opened before the caches are read: what changes meanwhile comes as a change.
        let queue = Arc::clone(&self.turns.queue);
        queue.open();
        self.replays.into_iter().for_each(|replay| replay());
        let mut sources = Sources::start(self.sources, &queue);
        let mut workers = start(self.turns, self.workers);
        tokio::select! {
            () = shutdown.cancelled() => queue.close(),
            Some(Err(error)) = workers.join_next() => return Err(error.into()),
            error = sources.failed() => return Err(error),
        }
        while workers.join_next().await.is_some() {}
        Ok(())
    }
}

fn start<R: Reconciler>(turns: Turns<R>, number: usize) -> JoinSet<()> {
    let limit = i64::try_from(number).unwrap_or(i64::MAX);
    turns.metrics.max_concurrent.set(limit);
    let turns = Arc::new(turns);
    let mut workers = JoinSet::new();
    for _ in 0..number {
        workers.spawn(Arc::clone(&turns).take());
    }
    workers
}

impl<R: Reconciler> Turns<R> {
    async fn take(self: Arc<Self>) {
        while let Some(request) = self.queue.next().await {
            let span = span::reconcile::<R::Object>(&self.name, &request);
            self.process(request).instrument(span).await;
        }
    }

    async fn process(&self, request: Request) {
        let start = Instant::now();
        self.metrics.active_workers.inc();
        let (result, writes) = recorded(self.attempt(&request)).await;
        self.metrics.active_workers.dec();
        self.metrics.seconds.observe(start.elapsed().as_secs_f64());
        self.queue.worked(&request);
        match result {
            Ok(action) => self.succeeded(&request, action),
            Err(failure) => self.failed(&request, &failure),
        }
        self.give_back(request, writes);
    }

    /// The name can be given out again once the caches have what was written; the worker doesn't wait for that.
    fn give_back(&self, request: Request, writes: Vec<Write>) {
        if self.seen.has(&writes) {
            return self.queue.done(&request);
        }
        let (queue, seen) = (Arc::clone(&self.queue), self.seen.clone());
        tokio::spawn(async move {
            seen.wait_for(writes).await;
            queue.done(&request);
        });
    }

    async fn attempt(&self, request: &Request) -> Result<Action, Failure> {
        // The call itself is inside, so that a panic before the first await is caught as well.
        let reconcile = async { self.reconciler.reconcile(request.clone()).await };
        let caught = AssertUnwindSafe(reconcile).catch_unwind();
        let result = match self.timeout {
            Some(limit) => tokio::time::timeout(limit, caught)
                .await
                .map_err(|_| Failure::TimedOut(limit))?,
            None => caught.await,
        };
        match result {
            Ok(result) => result.map_err(|error| Failure::Failed(error.into())),
            Err(panic) => Err(Failure::Panicked(panic_message(panic.as_ref()))),
        }
    }

    fn succeeded(&self, request: &Request, action: Action) {
        self.queue.forget_failures(request);
        match action.requeue_after() {
            Some(delay) => {
                self.metrics.requeue_after.inc();
                self.queue.add_after(request.clone(), delay);
            }
            None => drop(self.metrics.success.inc()),
        }
    }

    fn failed(&self, request: &Request, failure: &Failure) {
        self.count(failure);
        if failure.is_terminal() {
            self.queue.forget_failures(request);
            tracing::error!(error = %failure, "reconcile failed, not trying again before a change");
            return;
        }
        let failures = self.queue.add_after_failure(request.clone());
        if failure.is_conflict() && failures < CONFLICTS_IN_A_ROW {
            tracing::info!(error = %failure, "somebody else wrote the object first, trying again");
        } else {
            tracing::error!(error = %failure, failures, "reconcile failed");
        }
    }

    fn count(&self, failure: &Failure) {
        self.metrics.error.inc();
        self.metrics.errors.inc();
        match failure {
            Failure::Panicked(_) => drop(self.metrics.panics.inc()),
            Failure::TimedOut(_) => drop(self.metrics.timeouts.inc()),
            Failure::Failed(_) if failure.is_terminal() => {
                self.metrics.terminal_errors.inc();
            }
            Failure::Failed(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
