use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_watch_in_which_nothing_comes_is_stale() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[]));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    assert_eq!(rig.store.age(), None, "never heard of");
    rig.store.wait_until_synced().await;
    feed.send("BOOKMARK", &json!({"metadata": {"resourceVersion": "150"}}));
    rig.changes().await;
    tokio::time::sleep(Duration::from_secs(179)).await;
    assert_eq!(rig.progress.check(), Ok(()));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let problem = rig.progress.check().unwrap_err();
    assert!(
        problem.contains("nothing was heard of the API server for 181 s"),
        "{problem}"
    );
    assert!(rig.store.age().unwrap() > Duration::from_secs(180));

    feed.send("BOOKMARK", &json!({"metadata": {"resourceVersion": "200"}}));
    rig.changes().await;
    assert_eq!(rig.progress.check(), Ok(()));
    assert!(rig.store.age().unwrap() < Duration::from_secs(1));
}

/// An aggregated API server need not know bookmarks: it says nothing until the watch is over.
#[tokio::test(start_paused = true)]
async fn a_quiet_kind_without_bookmarks_is_not_stale() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[]));
    let feeds = [server.watch(ALL), server.watch(ALL), server.watch(ALL)];
    let rig = start(&server, &Namespaces::All);
    rig.store.wait_until_synced().await;
    for feed in feeds {
        for _ in 0..290 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_eq!(rig.progress.check(), Ok(()));
        }
        drop(feed);
    }
}

#[tokio::test(start_paused = true)]
async fn the_oldest_of_several_watches_counts() {
    let of = |namespace: &str| format!("/api/v1/namespaces/{namespace}/configmaps");
    let server = FakeApiServer::new()
        .on("GET", &of("x"), list(&[]))
        .on("GET", &of("y"), list(&[]));
    let feed = server.watch(&of("x"));
    let _silent = server.watch(&of("y"));
    let rig = start(&server, &Namespaces::Listed(vec!["x".into(), "y".into()]));
    rig.store.wait_until_synced().await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    feed.send("BOOKMARK", &json!({"metadata": {"resourceVersion": "200"}}));
    rig.changes().await;
    assert!(rig.store.age().unwrap() >= Duration::from_secs(100));
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_fell_silent_is_opened_again_where_it_was() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[]));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;
    feed.send("BOOKMARK", &json!({"metadata": {"resourceVersion": "200"}}));
    tokio::time::sleep(Duration::from_secs(296)).await;
    let requests = server.requests();
    let versions: Vec<&str> = requests
        .iter()
        .map(|request| {
            let (_, version) = request
                .query
                .split_once("resourceVersion=")
                .unwrap_or_default();
            version
        })
        .collect();
    assert_eq!(versions, ["", "100", "200"], "one list, and two watches");
    assert_eq!(rig.progress.check(), Ok(()), "the API server answered");
}

#[tokio::test(start_paused = true)]
async fn watches_that_end_at_once_are_not_opened_in_haste() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[]));
    for _ in 0..3 {
        drop(server.watch(ALL));
    }
    let began = Instant::now();
    let _feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    while server.requests().len() < 5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        began.elapsed() >= Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(rig.progress.check(), Ok(()), "that is no failure");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_well_does_not_hide_that_another_is_not() {
    let of = |namespace: &str| format!("/api/v1/namespaces/{namespace}/configmaps");
    let server = FakeApiServer::new().on("GET", &of("x"), list(&[])).on(
        "GET",
        &of("y"),
        Answer::status(403, "Forbidden"),
    );
    let feed = server.watch(&of("x"));
    let rig = start(&server, &Namespaces::Listed(vec!["x".into(), "y".into()]));
    rig.changes().await;
    feed.send("BOOKMARK", &json!({"metadata": {"resourceVersion": "200"}}));
    rig.changes().await;
    let problem = rig.progress.check().unwrap_err();
    assert!(
        problem.contains("not allowed to list and watch `configmaps` in the namespace `y`"),
        "{problem}"
    );
}
