//! What a controller is told to follow, on caches that follow a fake API server.

use std::sync::{Arc, Mutex};

use futures::channel::mpsc;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::ResourceExt as _;
use kube::core::PartialObjectMeta;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{advance, sleep};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::testing::{Answer, FakeApiServer, WatchFeed};
use crate::{BoxError, Namespaces};

const MAPS: &str = "/api/v1/configmaps";
const PODS: &str = "/api/v1/pods";

/// Notes down what it is asked to reconcile.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Reconciler for Notes {
    type Object = ConfigMap;
    type Error = BoxError;

    async fn reconcile(&self, request: Request) -> Result<Action, BoxError> {
        self.0.lock().unwrap().push(request.name);
        Ok(Action::await_change())
    }
}

/// A controller of ConfigMaps that runs on caches of what `server` has.
struct Rig {
    notes: Notes,
    server: FakeApiServer,
    maps: WatchFeed,
    pods: WatchFeed,
    _tasks: JoinSet<()>,
}

type Configured = Controller<Notes>;

fn rig(maps: &[Value], pods: &[Value], configure: impl FnOnce(Configured) -> Configured) -> Rig {
    rig_with(maps, pods, |controller, _| configure(controller))
}

fn rig_with(
    maps: &[Value],
    pods: &[Value],
    configure: impl FnOnce(Configured, &mut Cache) -> Configured,
) -> Rig {
    let server = FakeApiServer::new()
        .on("GET", MAPS, list("ConfigMap", maps))
        .on("GET", PODS, list("Pod", pods));
    let (map_feed, pod_feed) = (server.watch(MAPS), server.watch(PODS));
    let (mut cache, notes) = (Cache::default(), Notes::default());
    let controller = configure(Controller::new("test", notes.clone()), &mut cache);
    let metrics = Metrics::register(&mut Registry::default());
    let (worker, synced) = controller.connect(&mut cache, &metrics);
    let mut tasks = JoinSet::new();
    for informer in cache.into_informers() {
        tasks.spawn(informer.run(server.client(), &Namespaces::All));
    }
    tasks.spawn(async move {
        let run = worker.run(synced, CancellationToken::new());
        run.await.unwrap();
    });
    Rig {
        notes,
        server,
        maps: map_feed,
        pods: pod_feed,
        _tasks: tasks,
    }
}

impl Rig {
    /// What was reconciled since the last time, once nothing happens any more.
    async fn seen(&self) -> String {
        sleep(Duration::from_millis(100)).await;
        let mut names = std::mem::take(&mut *self.notes.0.lock().unwrap());
        names.sort_unstable();
        names.join(" ")
    }
}

fn list(kind: &str, items: &[Value]) -> Answer {
    Answer::ok(&json!({
        "apiVersion": "v1", "kind": format!("{kind}List"),
        "metadata": {"resourceVersion": "100"}, "items": items,
    }))
}

/// An object `name` with what `metadata` says.
fn object(name: &str, version: u32, metadata: &Value) -> Value {
    let mut object = json!({"metadata": {
        "name": name, "namespace": "ns", "uid": name, "resourceVersion": version.to_string()}});
    for (field, value) in metadata.as_object().unwrap() {
        object["metadata"][field] = value.clone();
    }
    object
}

fn map(name: &str) -> Value {
    object(name, 1, &json!({}))
}

/// A Pod that belongs to these ConfigMaps; one with a `!` is its controller.
fn owned(version: u32, owners: &[&str]) -> Value {
    let references = owners.iter().map(|owner| {
        let name = owner.trim_end_matches('!');
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": name,
            "controller": owner.ends_with('!')})
    });
    let references = references.collect::<Vec<_>>();
    let metadata = json!({"ownerReferences": references, "generation": 1});
    object("pod", version, &metadata)
}

fn labelled(version: u32, group: &str) -> Value {
    object("pod", version, &json!({"labels": {"group": group}}))
}

#[tokio::test(start_paused = true)]
async fn the_controller_of_a_changed_child_is_reconciled() {
    let rig = rig(&[map("a"), map("b")], &[], Controller::owns::<Pod>);
    assert_eq!(rig.seen().await, "a b");
    rig.pods.send("ADDED", &owned(101, &["a!", "b"]));
    assert_eq!(rig.seen().await, "a");
    rig.pods.send("MODIFIED", &owned(102, &["a", "b!"]));
    assert_eq!(
        rig.seen().await,
        "a b",
        "whom it leaves and whom it comes to"
    );
    rig.pods.send("DELETED", &owned(103, &["a", "b!"]));
    assert_eq!(rig.seen().await, "b");
}

#[tokio::test(start_paused = true)]
async fn every_owner_is_reconciled_when_told_so() {
    let rig = rig(&[], &[], |it| it.watch(Watch::<Pod>::owned_by_any()));
    assert_eq!(rig.seen().await, "");
    rig.pods.send("ADDED", &owned(101, &["a!", "b", "c"]));
    assert_eq!(rig.seen().await, "a b c");
}

#[tokio::test(start_paused = true)]
async fn of_metadata_owners_are_found_as_well() {
    let rig = rig(&[], &[], Controller::owns::<PartialObjectMeta<Pod>>);
    assert_eq!(rig.seen().await, "");
    rig.pods.send("ADDED", &owned(101, &["a!"]));
    assert_eq!(rig.seen().await, "a");
}

#[tokio::test(start_paused = true)]
async fn an_object_may_concern_many_and_be_looked_up_in_a_store() {
    let rig = rig_with(
        &["a", "b", "c"].map(|name| {
            let group = if name == "c" { "other" } else { "web" };
            object(name, 1, &json!({"labels": {"group": group}}))
        }),
        &[],
        |it, cache| {
            let maps = cache.store::<ConfigMap>(&Selector::all());
            it.watches(move |pod: &Pod| {
                let group = pod.labels().get("group").cloned();
                let found = maps.list().into_iter();
                let found = found.filter(|map| map.labels().get("group") == group.as_ref());
                found
                    .map(|map| Request::of(map.as_ref()))
                    .collect::<Vec<_>>()
            })
        },
    );
    assert_eq!(rig.seen().await, "a b c");
    rig.pods.send("ADDED", &labelled(101, "web"));
    assert_eq!(rig.seen().await, "a b");
    rig.pods.send("MODIFIED", &labelled(102, "other"));
    assert_eq!(rig.seen().await, "a b c");
    rig.pods.send("DELETED", &labelled(103, "other"));
    assert_eq!(rig.seen().await, "c");
}

/// What was there before this process led is seen all the same, once.
#[tokio::test(start_paused = true)]
async fn what_is_watched_counts_from_the_start() {
    let pods = [owned(1, &["gone!"])];
    let rig = rig(&[map("a")], &pods, Controller::owns::<Pod>);
    assert_eq!(rig.seen().await, "a gone");
}

fn generation(version: u32, generation: u32) -> Value {
    object("a", version, &json!({"generation": generation}))
}

/// The trap: a rule for the specs of the parents, and the status of the children.
#[tokio::test(start_paused = true)]
async fn a_predicate_of_the_primary_kind_leaves_the_children_alone() {
    let rig = rig(&[generation(1, 1)], &[], |it| {
        it.predicate(Predicate::generation_changed()).owns::<Pod>()
    });
    assert_eq!(rig.seen().await, "a");
    rig.maps.send("MODIFIED", &generation(101, 1));
    assert_eq!(rig.seen().await, "", "no new generation");
    rig.pods.send("ADDED", &owned(102, &["a!"]));
    assert_eq!(rig.seen().await, "a");
    rig.pods.send("MODIFIED", &owned(103, &["a!"]));
    assert_eq!(rig.seen().await, "a");
    rig.maps.send("MODIFIED", &generation(104, 2));
    assert_eq!(rig.seen().await, "a");
    rig.maps.send("DELETED", &generation(105, 2));
    assert_eq!(rig.seen().await, "a");
}

#[tokio::test(start_paused = true)]
async fn two_predicates_of_a_watch_must_both_pass_from_the_start_on() {
    let has = |label: &'static str| {
        Predicate::matching(move |it: &ConfigMap| it.labels().contains_key(label))
    };
    let with = |name: &str, version: u32, labels: &[&str]| {
        let labels = labels
            .iter()
            .map(|label| (*label, ""))
            .collect::<std::collections::BTreeMap<_, _>>();
        object(name, version, &json!({"labels": labels}))
    };
    let maps = [with("a", 1, &["x"]), with("b", 1, &["x", "y"])];
    let rig = rig(&maps, &[], |it| it.predicate(has("x")).predicate(has("y")));
    assert_eq!(rig.seen().await, "b");
    rig.maps.send("MODIFIED", &with("a", 101, &["y"]));
    assert_eq!(rig.seen().await, "a", "it had the one and has the other");
    rig.maps.send("MODIFIED", &with("a", 102, &["y"]));
    assert_eq!(rig.seen().await, "");
}

#[tokio::test(start_paused = true)]
async fn selectors_go_to_the_api_server() {
    let web = Selector::all().labels("app=web");
    let running = Selector::all().fields("status.phase=Running");
    let rig = rig(&[map("a")], &[], |it| {
        it.selector(web)
            .watch(Watch::<Pod>::owned().selector(running))
    });
    assert_eq!(rig.seen().await, "a");
    for (path, parameter) in [
        (MAPS, "labelSelector=app%3Dweb"),
        (PODS, "fieldSelector=status.phase%3DRunning"),
    ] {
        let requests = rig.server.requests();
        let mut of_path = requests.iter().filter(|request| request.path == path);
        assert!(
            of_path.all(|request| request.query.contains(parameter)),
            "{requests:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_brings_names_until_it_ends() {
    let (sender, receiver) = mpsc::unbounded();
    let rig = rig(&[map("a")], &[], |it| it.source(receiver));
    assert_eq!(rig.seen().await, "a");
    for name in ["b", "c", "b"] {
        sender.unbounded_send(Request::cluster(name)).unwrap();
    }
    assert_eq!(rig.seen().await, "b c", "a name waits once");
    drop(sender);
    rig.maps.send("MODIFIED", &object("a", 101, &json!({})));
    assert_eq!(rig.seen().await, "a", "the controller goes on");
}

#[tokio::test(start_paused = true)]
async fn a_ticker_brings_names_each_period() {
    let rig = rig(&[], &[], |it| {
        it.every(Duration::from_secs(60), || ["a", "b"].map(Request::cluster))
    });
    advance(Duration::from_secs(59)).await;
    assert_eq!(rig.seen().await, "");
    for _ in 0..3 {
        sleep(Duration::from_secs(60)).await;
        assert_eq!(rig.seen().await, "a b");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_fails_the_controller() {
    let (mut cache, notes) = (Cache::default(), Notes::default());
    let controller = Controller::new("test", notes)
        .every(Duration::from_secs(1), || -> Vec<Request> { panic!("oh") });
    let metrics = Metrics::register(&mut Registry::default());
    let (worker, synced) = controller.connect(&mut cache, &metrics);
    cache.store::<ConfigMap>(&Selector::all()).mark_synced();
    let run = worker.run(synced, CancellationToken::new());
    let error = tokio::time::timeout(Duration::from_secs(60), run)
        .await
        .unwrap();
    assert!(error.unwrap_err().to_string().contains("oh"));
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_is_only_read_is_waited_for() {
    let other = Store::<Pod>::default();
    let rig = rig(&[map("a")], &[], |it| it.reads(&other));
    assert_eq!(rig.seen().await, "");
    other.mark_synced();
    assert_eq!(rig.seen().await, "a");
}
