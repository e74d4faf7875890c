use super::*;

#[tokio::test(start_paused = true)]
async fn what_is_made_anew_under_the_same_name_is_a_change() {
    let again = |uid: &str| {
        let mut object = object("ns", "a", "1");
        object.metadata.uid = Some(uid.into());
        object
    };
    let server = FakeApiServer::new()
        .on("GET", ALL, list(&[again("one")]))
        .on("GET", ALL, list(&[again("other")]));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;
    feed.send("ERROR", &expired());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rig.changes().await, ["a1 a1"]);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_known_is_not_decoded_again() {
    let mut twin = object("ns", "a", "1");
    twin.metadata.labels = Some([("seen".to_owned(), "yes".to_owned())].into());
    let server = FakeApiServer::new()
        .on("GET", ALL, list(&[object("ns", "a", "1")]))
        .on("GET", ALL, list(&[twin]));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;
    feed.send("ERROR", &expired());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rig.changes().await, [""; 0]);
    let stored = rig.store.get(&Request::namespaced("ns", "a")).unwrap();
    assert_eq!(stored.metadata.labels, None);
}

#[tokio::test(start_paused = true)]
async fn a_list_may_have_pages() {
    let server = FakeApiServer::new()
        .on(
            "GET",
            ALL,
            page(&["a", "b"].map(|name| object("ns", name, "1")), "next"),
        )
        .on("GET", ALL, page(&[object("ns", "c", "1")], ""))
        // The second list: `a` is on its second page, `c` is gone, and the first attempt fails half way.
        .on("GET", ALL, page(&[object("ns", "b", "1")], "next"))
        .on("GET", ALL, Answer::status(410, "Expired"))
        .on("GET", ALL, page(&[object("ns", "b", "1")], "next"))
        .on("GET", ALL, page(&[object("ns", "a", "1")], ""));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    assert_eq!(rig.changes().await, ["- a1", "- b1", "- c1"]);
    feed.send("ERROR", &expired());
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(rig.changes().await, ["c1 -"]);
    let requests = server.requests();
    let lists = requests.iter().filter(|request| request.method == "GET");
    let pages: Vec<bool> = lists
        .map(|list| list.query.contains("continue=next"))
        .collect();
    assert_eq!(pages, [false, true, false, true, false, true]);
    assert!(
        requests[0].query.contains("limit=100"),
        "{}",
        requests[0].query
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_lost_brings_a_new_list() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[])).on(
        "GET",
        ALL,
        list(&[object("ns", "a", "1")]),
    );
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;
    feed.send("ADDED", &json!({"metadata": "nonsense"}));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rig.changes().await, ["- a1"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_has_no_room_to_grow() {
    let mut kept = object("ns", "a", "1");
    kept.metadata.finalizers = Some(vec!["example.com/finalizer".into()]);
    let server = FakeApiServer::new().on("GET", ALL, list(&[kept]));
    let _feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;
    let stored = rig.store.get(&Request::namespaced("ns", "a")).unwrap();
    let finalizers = stored.metadata.finalizers.as_ref().unwrap();
    assert_eq!(finalizers.capacity(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transformation_comes_before_store_and_handlers() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[object("ns", "a", "1")]));
    let feed = server.watch(ALL);
    let transforms = Transforms::default();
    transforms.add(Box::new(|object: &mut ConfigMap| {
        object.data = Some([("cut".to_owned(), object.name_any())].into());
    }));
    let rig = start_with(&server, &Namespaces::All, transforms);
    feed.send("ADDED", &object("ns", "b", "101"));
    rig.changes().await;
    for name in ["a", "b"] {
        let stored = rig.store.get(&Request::namespaced("ns", name)).unwrap();
        let expected = [("cut".to_owned(), name.to_owned())].into();
        assert_eq!(stored.data, Some(expected));
    }
}

/// A version from before the data of the API server was restored, say: not too old, but refused all the same.
#[tokio::test(start_paused = true)]
async fn a_version_that_stays_refused_brings_a_new_list() {
    let refused = json!({"kind": "Status", "status": "Failure", "code": 504, "message": "Too large resource version"});
    let server = FakeApiServer::new().on("GET", ALL, list(&[])).on(
        "GET",
        ALL,
        list(&[object("ns", "a", "1")]),
    );
    for _ in 0..3 {
        server.watch(ALL).send("ERROR", &refused);
    }
    let _feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    assert_eq!(rig.changes().await, [""; 0]);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(rig.changes().await, ["- a1"]);
}

/// A watch that can always be opened and is always too old must not mean a list every second.
#[tokio::test(start_paused = true)]
async fn lists_that_never_help_are_made_ever_more_rarely() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[]));
    for _ in 0..40 {
        server.watch(ALL).send("ERROR", &expired());
    }
    let rig = start(&server, &Namespaces::All);
    tokio::time::sleep(Duration::from_secs(30)).await;
    rig.changes().await;
    let requests = server.requests();
    let lists = requests
        .iter()
        .filter(|request| !request.query.contains("watch"));
    assert!(lists.count() <= 8, "{}", requests.len());
}

/// The kind is so large that the pages of its list expire before the last one is read.
#[tokio::test(start_paused = true)]
async fn a_list_whose_pages_expire_is_made_whole() {
    let server = FakeApiServer::new();
    for _ in 0..2 {
        let server = server.clone();
        drop(
            server
                .on("GET", ALL, page(&[object("ns", "a", "1")], "next"))
                .on("GET", ALL, Answer::status(410, "Expired")),
        );
    }
    let server = server.on("GET", ALL, list(&[object("ns", "a", "1")]));
    let _feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.store.wait_until_synced().await;
    let requests = server.requests();
    let limited: Vec<bool> = requests
        .iter()
        .take(5)
        .map(|request| request.query.contains("limit="))
        .collect();
    assert_eq!(limited, [true, true, true, true, false]);
}
