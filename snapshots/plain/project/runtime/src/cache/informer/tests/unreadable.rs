use super::*;

fn unreadable(name: &str, version: &str) -> Value {
    json!({"metadata": {"namespace": "ns", "name": name, "resourceVersion": version}, "data": 3})
}

/// Lists `a`, which is as it should be, and `b`, which isn't.
fn server() -> FakeApiServer {
    let items = [unreadable("b", "1"), json!(object("ns", "a", "1"))];
    FakeApiServer::new().on("GET", ALL, list_of(&items, ""))
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_does_not_stop_its_kind() {
    let server = server();
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    assert_eq!(rig.changes().await, ["- a1"]);
    assert!(rig.store.is_synced());
    let b = Request::namespaced("ns", "b");
    assert!(rig.store.is_unreadable(&b) && rig.store.get(&b).is_none());
    let problem = rig.progress.check().unwrap_err();
    assert!(
        problem.starts_with("1 object can't be read: ns/b: invalid type: integer `3`"),
        "{problem}"
    );
    assert!(problem.contains("help: "), "{problem}");

    feed.send("MODIFIED", &object("ns", "b", "101"));
    assert_eq!(rig.changes().await, ["- b101"]);
    assert!(!rig.store.is_unreadable(&b));
    assert_eq!(rig.progress.check(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn what_an_object_was_before_it_could_not_be_read_is_not_read_either() {
    let server = server();
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;

    feed.send("MODIFIED", &unreadable("a", "101"));
    assert_eq!(rig.changes().await, [""; 0], "nobody acts because of it");
    assert_eq!(rig.store.get(&Request::namespaced("ns", "a")), None);
    let problem = rig.progress.check().unwrap_err();
    assert!(
        problem.starts_with("2 objects can't be read: ns/a"),
        "{problem}"
    );

    feed.send("MODIFIED", &object("ns", "a", "102"));
    assert_eq!(rig.changes().await, ["a1 a102"], "nothing is lost");
    feed.send("MODIFIED", &unreadable("a", "103"));
    feed.send("DELETED", &unreadable("a", "104"));
    feed.send("DELETED", &unreadable("b", "105"));
    assert_eq!(rig.changes().await, ["a102 -"]);
    assert_eq!(rig.progress.check(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_may_vanish_unseen() {
    let server = server().on("GET", ALL, list(&[]));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;
    feed.send("MODIFIED", &unreadable("a", "101"));
    feed.send("ERROR", &expired());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rig.changes().await, ["a1 -"]);
    assert_eq!(rig.progress.check(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn each_version_that_cannot_be_read_is_logged_once() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    // While there is only one, a test beside this one that comes to a line first would switch it off for all threads.
    let _another = tracing::Dispatch::new(tracing_subscriber::Registry::default());
    let _default = tracing::subscriber::set_default(subscriber);
    let server = server().on("GET", ALL, list_of(&[unreadable("b", "1")], ""));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    rig.changes().await;
    feed.send("ERROR", &expired());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(log.count("can't read the object"), 1, "listed twice");
    rig.store.progress().cannot_read(
        "configmaps",
        Request::namespaced("ns", "b"),
        "2".into(),
        String::new(),
    );
    assert_eq!(log.count("can't read the object"), 2);
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn count(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.0.lock().unwrap())
            .matches(text)
            .count()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
