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
