use std::sync::{Arc, Mutex};

use super::*;
use crate::manager::tests::options;
use crate::testing::{Answer, FakeApiServer};

/// A handler that looks something up would be refused behind the closed fence, and an admission with it.
#[tokio::test(start_paused = true)]
async fn webhooks_have_answered_before_the_lease_is_given_back() {
    let server = FakeApiServer::new().otherwise(|request| {
        let found = match request.method.as_str() {
            "GET" => Answer::not_found(),
            _ => Answer::ok(&request.body),
        };
        Some(found)
    });
    let builder = Manager::builder(options(&["--leader-elect"])).client(server.client());
    let manager = builder.leader_election_id("lease").build().await.unwrap();
    let fence = manager.fence();
    let mut running = Running::start(manager).await.unwrap();
    let leading = tokio::time::timeout(Duration::from_secs(1), running.failed());
    assert!(leading.await.is_err(), "nothing fails");
    assert!(running.elected.is_none(), "it leads");

    let (stop, open) = (running.stop_webhooks.clone(), fence.clone());
    let seen = Arc::new(Mutex::new(None));
    let answered = Arc::clone(&seen);
    running.webhooks.start(Part::new("webhooks", async move {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        *answered.lock().unwrap() = Some(open.check());
        Ok::<(), Error>(())
    }));
    running.stop(Ok(())).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), Some(Ok(())));
    assert!(fence.check().is_err(), "the lease was given back");
}
