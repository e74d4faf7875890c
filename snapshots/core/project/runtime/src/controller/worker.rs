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

use super::queue::Queue;
use super::{Action, Reconciler};
use crate::error::{chain, panic_message};
use crate::metrics::ControllerMetrics;
use crate::{BoxError, Request, Store};

/// A controller that is connected with its caches.
pub(crate) struct Worker<R: Reconciler> {
    pub(super) name: String,
    pub(super) reconciler: R,
    pub(super) queue: Arc<Queue>,
    pub(super) metrics: Arc<ControllerMetrics>,
    pub(super) primary: Store<R::Object>,
    pub(super) workers: usize,
    pub(super) timeout: Option<Duration>,
}

/// Resolves when all caches that a controller needs are filled.
pub(crate) type Synced = BoxFuture<'static, ()>;

/// Why a reconcile has no result.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}", chain(.0.as_ref()))]
    Failed(BoxError),
    #[error("panicked: {0}")]
    Panicked(String),
    #[error("took longer than {0:?}; help: set `reconciliation_timeout`")]
    TimedOut(Duration),
}

impl<R: Reconciler> Worker<R> {
    /// Reconciles from when the caches are `synced` until `shutdown`, then lets what is running
    /// finish.
    pub(crate) async fn run(
        self,
        synced: Synced,
        shutdown: CancellationToken,
    ) -> Result<(), BoxError> {
        // Opened first: what changes while the caches fill must not be missed.
        self.queue.open();
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = synced => {}
        }
        tracing::info!(
            controller = self.name,
            workers = self.workers,
            "starting workers"
        );
        for request in self.primary.requests() {
            self.queue.add(request);
        }
        self.work(shutdown).await
    }

    async fn work(self, shutdown: CancellationToken) -> Result<(), BoxError> {
        self.metrics
            .max_concurrent
            .set(i64::try_from(self.workers).unwrap_or(i64::MAX));
        let queue = Arc::clone(&self.queue);
        let number = self.workers;
        let this = Arc::new(self);
        let mut workers = JoinSet::new();
        for _ in 0..number {
            workers.spawn(Arc::clone(&this).take_turns());
        }
        drop(this);
        tokio::select! {
            () = shutdown.cancelled() => queue.close(),
            Some(Err(error)) = workers.join_next() => return Err(error.into()),
        }
        while workers.join_next().await.is_some() {}
        Ok(())
    }

    async fn take_turns(self: Arc<Self>) {
        while let Some(request) = self.queue.next().await {
            let span = tracing::info_span!(
                "reconcile",
                controller = self.name,
                object = %request,
                reconcile_id = format_args!("{:016x}", fastrand::u64(..)),
            );
            self.process(request).instrument(span).await;
        }
    }

    async fn process(&self, request: Request) {
        let start = Instant::now();
        self.metrics.active_workers.inc();
        let result = self.attempt(&request).await;
        self.metrics.active_workers.dec();
        self.metrics.seconds.observe(start.elapsed().as_secs_f64());
        match result {
            Ok(action) => self.succeeded(&request, action),
            Err(failure) => self.failed(&request, &failure),
        }
        self.queue.done(&request, start.elapsed());
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
        if matches!(failure, Failure::Panicked(_)) {
            self.metrics.panics.inc();
        }
        self.metrics.error.inc();
        self.metrics.errors.inc();
        tracing::error!(error = %failure, "reconcile failed");
        self.queue.add_after_failure(request.clone());
    }
}

#[cfg(test)]
mod tests;
