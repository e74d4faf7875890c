use std::sync::{Arc, Mutex};

use super::*;
use crate::manager::tests::options;
use crate::testing::{Answer, FakeApiServer};

/// What a webhook saw, so long after it was told to stop.
#[derive(Debug)]
struct Look {
    released: bool,
    found: bool,
}

async fn look(fence: crate::leader_election::Fence, client: kube::Client) -> Look {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let maps = kube::Api::<k8s_openapi::api::core::v1::ConfigMap>::default_namespaced(client);
    Look {
        released: fence.check().is_err(),
        found: maps.get_opt("a").await.is_ok(),
    }
}

/// The next leader doesn't wait for webhooks, and these still find what they look up.
#[tokio::test(start_paused = true)]
async fn the_lease_is_given_back_while_webhooks_answer() {
    let server = FakeApiServer::new().otherwise(|request| {
        let found = match request.method.as_str() {
            "GET" => Answer::not_found(),
            _ => Answer::ok(&request.body),
        };
        Some(found)
    });
    let builder = Manager::builder(options(&["--leader-elect"])).client(server.client());
    let manager = builder.leader_election_id("lease").build().await.unwrap();
    let (fence, client) = (manager.fence(), manager.client());
    let mut running = Running::start(manager).await.unwrap();
    let leading = tokio::time::timeout(Duration::from_secs(1), running.failed());
    assert!(leading.await.is_err(), "nothing fails");
    assert!(running.elected.is_none(), "it leads");

    let stop = running.stop_webhooks.clone();
    let seen = Arc::new(Mutex::new(None));
    let looked = Arc::clone(&seen);
    running.webhooks.start(Part::new("webhooks", async move {
        stop.cancelled().await;
        *looked.lock().unwrap() = Some(look(fence, client).await);
        Ok::<(), Error>(())
    }));
    running.stop(Ok(())).await.unwrap();
    let seen = seen.lock().unwrap().take();
    let expected = |look: &Look| look.released && look.found;
    assert!(seen.as_ref().is_some_and(expected), "{seen:?}");
}

/// A manager without leader election, whose work and whose webhooks take this long to stop, in milliseconds. Says how it
/// ended, and how long that took.
async fn stop(work: u64, webhooks: u64) -> (Result<(), Error>, Duration) {
    let builder = Manager::builder(options(&[])).client(FakeApiServer::new().client());
    let manager = builder.build().await.unwrap();
    let mut running = Running::start(manager).await.unwrap();
    let (shutdown, stop) = (running.shutdown.clone(), running.stop_webhooks.clone());
    let after = |stop: CancellationToken, milliseconds| async move {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok::<(), Error>(())
    };
    running.work.start(Part::new("work", after(shutdown, work)));
    let webhooks = Part::new("webhooks", after(stop, webhooks));
    running.webhooks.start(webhooks);
    let began = Instant::now();
    (running.stop(Ok(())).await, began.elapsed())
}

/// Otherwise a shutdown in which all was done would be a failure.
#[tokio::test(start_paused = true)]
async fn webhooks_have_time_also_when_the_work_took_all_of_it() {
    for work in [100, 7_600, 7_999] {
        let (ended, _) = stop(work, 100).await;
        assert!(ended.is_ok(), "{work}: {ended:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_of_the_end_fits_into_the_time_that_a_pod_has() {
    for (work, webhooks) in [(100_000, 100_000), (7_999, 100_000), (100, 100_000)] {
        let (ended, took) = stop(work, webhooks).await;
        assert!(
            matches!(ended, Err(Error::ShutdownTimedOut(_))),
            "{ended:?}"
        );
        // And half a second for the last spans.
        assert!(
            took <= Duration::from_millis(9_002),
            "{work}, {webhooks}: {took:?}"
        );
    }
}
