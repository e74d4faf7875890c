use std::sync::Mutex;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kube::ResourceExt as _;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::*;
use crate::testing::{Answer, FakeApiServer};

mod freshness;
mod relist;
mod unreadable;

const ALL: &str = "/api/v1/configmaps";

fn object(namespace: &str, name: &str, version: &str) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.namespace = Some(namespace.into());
    object.metadata.name = Some(name.into());
    object.metadata.resource_version = Some(version.into());
    object.metadata.managed_fields = Some(vec![ManagedFieldsEntry::default()]);
    object
}

fn list(objects: &[ConfigMap]) -> Answer {
    page(objects, "")
}

fn page(objects: &[ConfigMap], next: &str) -> Answer {
    let items: Vec<Value> = objects.iter().map(|object| json!(object)).collect();
    list_of(&items, next)
}

fn list_of(items: &[Value], next: &str) -> Answer {
    let metadata = json!({"resourceVersion": "100", "continue": next});
    Answer::ok(
        &json!({"apiVersion": "v1", "kind": "ConfigMapList", "metadata": metadata, "items": items}),
    )
}

/// The watch has fallen too far behind.
fn expired() -> Value {
    json!({"kind": "Status", "status": "Failure", "code": 410, "message": "", "reason": "Expired"})
}

/// An informer that runs, and what it told.
struct Rig {
    store: Store<ConfigMap>,
    progress: Progress,
    changes: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

fn start(server: &FakeApiServer, namespaces: &Namespaces) -> Rig {
    start_with(server, namespaces, Transforms::default())
}

fn start_with(
    server: &FakeApiServer,
    namespaces: &Namespaces,
    transforms: Transforms<ConfigMap>,
) -> Rig {
    let mut informer = Informer::<ConfigMap>::new(Selector::all(), transforms);
    let changes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&changes);
    informer.add_handler(Box::new(move |change| {
        let version = |object: Option<&ConfigMap>| match object {
            Some(object) => object.name_any() + &object.resource_version().unwrap_or_default(),
            None => "-".to_owned(),
        };
        told.lock()
            .unwrap()
            .push(format!("{} {}", version(change.old), version(change.new)));
    }));
    Rig {
        store: informer.store(),
        progress: informer.progress(),
        changes,
        task: tokio::spawn(Box::new(informer).run(server.client(), namespaces)),
    }
}

impl Rig {
    /// What was told since the last time, once nothing happens any more.
    async fn changes(&self) -> Vec<String> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!self.task.is_finished());
        std::mem::take(&mut self.changes.lock().unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_follows_the_list_and_the_watch() {
    let server = FakeApiServer::new().on("GET", ALL, list(&[object("ns", "a", "1")]));
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    assert_eq!(rig.changes().await, ["- a1"]);
    assert!(rig.store.is_synced());
    assert_eq!(rig.progress.check(), Ok(()));

    feed.send("ADDED", &object("ns", "b", "101"));
    feed.send("MODIFIED", &object("ns", "a", "102"));
    feed.send("DELETED", &object("ns", "b", "103"));
    assert_eq!(rig.changes().await, ["- b101", "a1 a102", "b101 -"]);
    let stored = rig.store.get(&Request::namespaced("ns", "a")).unwrap();
    assert_eq!(stored.metadata.managed_fields, None);
    assert_eq!(rig.store.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_list_tells_the_difference_only() {
    let server = FakeApiServer::new()
        .on(
            "GET",
            ALL,
            list(&["a", "b", "c"].map(|name| object("ns", name, "1"))),
        )
        .on(
            "GET",
            ALL,
            list(&[object("ns", "a", "1"), object("ns", "b", "2")]),
        );
    let feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    assert_eq!(rig.changes().await.len(), 3);

    feed.send("ERROR", &expired());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rig.changes().await, ["b1 b2", "c1 -"]);
    assert_eq!(rig.store.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_missing_kind_is_waited_for() {
    let server = FakeApiServer::new();
    for _ in 0..6 {
        drop(server.clone().on("GET", ALL, Answer::not_found()));
    }
    drop(
        server
            .clone()
            .on("GET", ALL, list(&[object("ns", "a", "1")])),
    );
    let _feed = server.watch(ALL);
    let rig = start(&server, &Namespaces::All);
    assert_eq!(rig.changes().await, [""; 0]);
    let problem = rig.progress.check().unwrap_err();
    assert!(
        problem.contains("`configmaps` isn't served") && problem.contains("help: install its CRD"),
        "{problem}"
    );
    assert!(!rig.store.is_synced());

    let started = tokio::time::Instant::now();
    rig.store.wait_until_synced().await;
    // Six attempts: 0.8, 1.6, 3.2, 6.4, 10 and 10 seconds, or a quarter less.
    let waited = started.elapsed().as_secs_f64();
    assert!((23.0..32.1).contains(&waited), "{waited}");
    assert_eq!(rig.progress.check(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn each_namespace_has_its_own_watch() {
    let of = |namespace: &str| format!("/api/v1/namespaces/{namespace}/configmaps");
    let server = FakeApiServer::new()
        .on("GET", &of("x"), list(&[object("x", "a", "1")]))
        .on("GET", &of("x"), list(&[]))
        .on("GET", &of("y"), Answer::status(500, "InternalError"))
        .on("GET", &of("y"), list(&[object("y", "b", "1")]));
    let feed = server.watch(&of("x"));
    let _other = server.watch(&of("y"));
    let rig = start(&server, &Namespaces::Listed(vec!["x".into(), "y".into()]));
    assert_eq!(rig.changes().await, ["- a1"]);
    assert!(!rig.store.is_synced(), "one of two lists is complete");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(rig.store.is_synced());
    assert_eq!(rig.changes().await, ["- b1"]);

    feed.send("ERROR", &expired());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        rig.changes().await,
        ["a1 -"],
        "what is in other namespaces stays"
    );
}
