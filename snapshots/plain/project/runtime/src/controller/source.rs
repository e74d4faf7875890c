//! What makes a controller reconcile although no object of the cluster changed.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _};
use tokio::task::JoinSet;

use super::queue::{Priority, Queue};
use crate::{BoxError, Request};

/// Names to reconcile, for as long as the controller runs.
pub(super) type Source = BoxStream<'static, Request>;

/// What `requests` says after each `period`. A `period` of nothing would never let anybody else run.
pub(super) fn every<I>(
    period: Duration,
    requests: impl Fn() -> I + Send + 'static,
) -> impl Stream<Item = Request> + Send
where
    I: IntoIterator<Item = Request>,
{
    let period = period.max(Duration::from_millis(1));
    stream::unfold(requests, move |requests| async move {
        tokio::time::sleep(period).await;
        let batch = requests().into_iter().collect::<Vec<_>>();
        Some((stream::iter(batch), requests))
    })
    .flatten()
}

/// Sources that are read until this is dropped.
pub(super) struct Sources(JoinSet<()>);

impl Sources {
    pub(super) fn start(sources: Vec<Source>, queue: &Arc<Queue>) -> Self {
        let mut tasks = JoinSet::new();
        for source in sources {
            let queue = Arc::clone(queue);
            tasks.spawn(source.for_each(move |request| {
                queue.add(&request, Priority::Change);
                std::future::ready(())
            }));
        }
        Self(tasks)
    }

    /// The panic of a source. One that ends has nothing more to say, which is no failure.
    pub(super) async fn failed(&mut self) -> BoxError {
        loop {
            match self.0.join_next().await {
                Some(Ok(())) => tracing::debug!("a source has ended"),
                Some(Err(panic)) => return panic.into(),
                None => std::future::pending().await,
            }
        }
    }
}
