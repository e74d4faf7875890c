//! What one connection was asked, so that its end neither cuts off an answer nor waits for somebody who says nothing.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// The requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Requests(watch::Sender<Count>);

#[derive(Debug, Default)]
struct Count {
    /// How many there have been.
    begun: usize,
    /// How many have no answer yet.
    open: usize,
}

/// A request that is being answered, until this is dropped.
pub(super) struct Open<'a>(&'a Requests);

impl Requests {
    /// Counts a request whose header has come.
    pub(super) fn begin(&self) -> Open<'_> {
        self.0.send_modify(|count| {
            count.begun = count.begun.saturating_add(1);
            count.open = count.open.saturating_add(1);
        });
        Open(self)
    }

    /// Resolves when there has been one, and after `limit` at the latest.
    pub(super) async fn first_within(&self, limit: Duration) {
        let _ = timeout(limit, self.until(|count| count.begun > 0)).await;
    }

    /// Resolves when for `limit` none was being answered.
    pub(super) async fn none_for(&self, limit: Duration) {
        loop {
            self.until(|count| count.open == 0).await;
            if timeout(limit, self.until(|count| count.open > 0))
                .await
                .is_err()
            {
                return;
            }
        }
    }

    async fn until(&self, reached: impl Fn(&Count) -> bool) {
        // The sender is `self`.
        let _ = self.0.subscribe().wait_for(reached).await;
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let Self(requests) = self;
        requests
            .0
            .send_modify(|count| count.open = count.open.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn who_never_asks_is_waited_for_briefly() {
        let (requests, began) = (Requests::default(), Instant::now());
        requests.first_within(LIMIT).await;
        assert_eq!(began.elapsed(), LIMIT);
        drop(requests.begin());
        requests.first_within(LIMIT).await;
        assert_eq!(began.elapsed(), LIMIT, "there has been one");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_waited_for() {
        let (requests, began) = (Requests::default(), Instant::now());
        let answering = async {
            let open = requests.begin();
            tokio::time::sleep(LIMIT * 5).await;
            drop(open);
        };
        tokio::join!(answering, requests.none_for(LIMIT));
        assert_eq!(began.elapsed(), LIMIT * 6);
    }
}
