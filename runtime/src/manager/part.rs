//! One part of a manager: a name and a future whose end, panic included, is an outcome.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::panic_message;
use crate::{BoxError, Error};

/// A future with a name, not started yet.
pub(super) struct Part {
    name: String,
    waits: bool,
    future: BoxFuture<'static, Result<(), BoxError>>,
}

impl Part {
    pub(super) fn new<F, E>(name: impl Into<String>, future: F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self {
            name: name.into(),
            waits: false,
            future: async { future.await.map_err(Into::into) }.boxed(),
        }
    }

    /// Begins only when the caches are filled.
    pub(super) fn once_filled(mut self) -> Self {
        self.waits = true;
        self
    }

    /// The same, begun when `filled` resolves, if it waits for that. A shutdown is quicker.
    pub(super) fn after(
        mut self,
        filled: impl Future<Output = ()> + Send + 'static,
        shutdown: CancellationToken,
    ) -> Self {
        if self.waits {
            let future = self.future;
            self.future = async move {
                tokio::select! {
                    biased;
                    () = shutdown.cancelled() => return Ok(()),
                    () = filled => {}
                }
                future.await
            }
            .boxed();
        }
        self
    }

    async fn run(self, shutdown: CancellationToken) -> Result<(), Error> {
        let part = self.name;
        match AssertUnwindSafe(self.future).catch_unwind().await {
            Ok(Ok(())) if shutdown.is_cancelled() => Ok(()),
            Ok(Ok(())) => Err(Error::PartEnded(part)),
            Ok(Err(source)) => Err(Error::from_part(part, source)),
            Err(panic) => Err(Error::PartPanicked {
                part,
                message: panic_message(panic.as_ref()),
            }),
        }
    }
}

/// Parts that are running. Those that still run when this is dropped are aborted.
pub(super) struct Parts {
    tasks: JoinSet<Result<(), Error>>,
    shutdown: CancellationToken,
}

impl Parts {
    pub(super) fn new(shutdown: CancellationToken) -> Self {
        Self {
            tasks: JoinSet::new(),
            shutdown,
        }
    }

    pub(super) fn start(&mut self, part: Part) {
        self.tasks.spawn(part.run(self.shutdown.clone()));
    }

    /// Whether nothing was started.
    #[cfg(all(test, feature = "webhooks"))]
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The error of the first part that ends with one; never returns while all is well.
    pub(super) async fn failed(&mut self) -> Error {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => return error,
                Some(Err(error)) => return Error::from_part("task".to_owned(), Box::new(error)),
                None => std::future::pending().await,
            }
        }
    }

    /// Waits until all have ended, but no longer than this, and returns the first error.
    pub(super) async fn finish_within(&mut self, limit: Duration) -> Result<(), Error> {
        let finished = tokio::time::timeout(limit, self.finish()).await;
        finished.unwrap_or(Err(Error::ShutdownTimedOut(limit)))
    }

    async fn finish(&mut self) -> Result<(), Error> {
        let mut result = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended
                .unwrap_or_else(|error| Err(Error::from_part("task".to_owned(), Box::new(error))));
            result = result.and(ended);
        }
        result
    }
}
