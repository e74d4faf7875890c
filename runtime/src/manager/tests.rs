use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser as _;
use futures::channel::mpsc;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::controller::Action as KubeAction;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::*;
use crate::leader_election::Timings;
use crate::testing::{Answer, FakeApiServer};
use crate::{Action, Request};

#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

pub(super) fn options(flags: &[&str]) -> ManagerOptions {
    let always = ["manager", "--health-probe-bind-address=0"];
    Options::parse_from(always.iter().chain(flags)).manager
}

/// A server with one ConfigMap, and no lease unless `otherwise` is told.
fn server() -> FakeApiServer {
    let list = json!({
        "apiVersion": "v1", "kind": "ConfigMapList", "metadata": {"resourceVersion": "1"},
        "items": [{"metadata": {"name": "a", "namespace": "ns", "resourceVersion": "1"}}],
    });
    FakeApiServer::new().on("GET", "/api/v1/configmaps", Answer::ok(&list))
}

async fn manager(server: &FakeApiServer, flags: &[&str]) -> Manager {
    drop(server.watch("/api/v1/configmaps"));
    let builder = Manager::builder(options(flags)).client(server.client());
    builder.leader_election_id("lease").build().await.unwrap()
}

/// Takes its time.
struct Slow {
    seconds: u64,
    started: Arc<AtomicUsize>,
    finished: Arc<AtomicUsize>,
}

impl Reconciler for Slow {
    type Object = ConfigMap;
    type Error = Error;

    async fn reconcile(&self, _: Request) -> Result<Action, Error> {
        self.started.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_secs(self.seconds)).await;
        self.finished.fetch_add(1, Ordering::SeqCst);
        Ok(Action::await_change())
    }
}

/// A manager that runs, with a way to send it signals.
struct Rig {
    signals: mpsc::UnboundedSender<()>,
    ended: JoinHandle<Result<(), Error>>,
    started: Arc<AtomicUsize>,
    finished: Arc<AtomicUsize>,
    start: Instant,
}

fn run(mut manager: Manager, seconds: u64) -> Rig {
    let (started, finished) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let reconciler = Slow {
        seconds,
        started: Arc::clone(&started),
        finished: Arc::clone(&finished),
    };
    manager.add(Controller::new("slow", reconciler));
    let (signals, receiver) = mpsc::unbounded();
    let ended = tokio::spawn(manager.run_until(receiver));
    Rig {
        signals,
        ended,
        started,
        finished,
        start: Instant::now(),
    }
}

impl Rig {
    fn signal(&self) {
        self.signals.unbounded_send(()).unwrap();
    }

    fn counts(&self) -> (usize, usize) {
        (
            self.started.load(Ordering::SeqCst),
            self.finished.load(Ordering::SeqCst),
        )
    }
}

/// What the manager returned. One that doesn't end is a failure, not a hang.
async fn end(ended: JoinHandle<Result<(), Error>>) -> Result<(), Error> {
    let limit = Duration::from_secs(1000);
    tokio::time::timeout(limit, ended).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_signal_lets_running_reconciles_finish() {
    let rig = run(manager(&server(), &[]).await, 5);
    sleep(Duration::from_secs(1)).await;
    rig.signal();
    let (start, started, finished) = (rig.start, rig.started, rig.finished);
    end(rig.ended).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 5);
    assert_eq!(
        (
            started.load(Ordering::SeqCst),
            finished.load(Ordering::SeqCst)
        ),
        (1, 1)
    );
}

/// More than a clock can count.
#[tokio::test(start_paused = true)]
async fn a_shutdown_may_be_given_all_the_time_there_is() {
    let mut manager = manager(&server(), &[]).await;
    manager.graceful_shutdown_timeout = Duration::MAX;
    let rig = run(manager, 60);
    sleep(Duration::from_secs(1)).await;
    rig.signal();
    end(rig.ended).await.unwrap();
    assert_eq!(rig.start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn what_runs_too_long_is_ended_by_the_deadline() {
    let rig = run(manager(&server(), &[]).await, 60);
    sleep(Duration::from_secs(1)).await;
    rig.signal();
    let error = end(rig.ended).await.unwrap_err();
    assert!(matches!(error, Error::ShutdownTimedOut(_)), "{error}");
    assert_eq!(rig.start.elapsed().as_secs(), 9);
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_ends_at_once() {
    let rig = run(manager(&server(), &[]).await, 60);
    sleep(Duration::from_secs(1)).await;
    rig.signal();
    sleep(Duration::from_secs(1)).await;
    rig.signal();
    let error = end(rig.ended).await.unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    assert_eq!(rig.start.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_ends_ends_the_manager() {
    let (ok, failed, panicked) = (
        "`it` ended on its own",
        "`it` failed: no",
        "`it` panicked: oh",
    );
    for (case, expected) in [ok, failed, panicked].into_iter().enumerate() {
        let mut manager = manager(&server(), &[]).await;
        manager.add_runnable("it", async move {
            sleep(Duration::from_secs(1)).await;
            match case {
                0 => Ok(()),
                1 => Err("no"),
                _ => panic!("oh"),
            }
        });
        let rig = run(manager, 3);
        let error = end(rig.ended).await.unwrap_err();
        assert_eq!(crate::error::chain(&error), expected);
        let counts = (
            rig.started.load(Ordering::SeqCst),
            rig.finished.load(Ordering::SeqCst),
        );
        assert_eq!(counts, (1, 1), "the others finish");
    }
}

/// Whether runnables for every replica and for the leader begin within a minute, beside a cache that `server` fills.
async fn begin(server: &FakeApiServer) -> (bool, bool) {
    let mut manager = manager(server, &[]).await;
    let (every, leader) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let (store, shutdown) = (manager.store::<ConfigMap>(), manager.shutdown_token());
    let runnable = |begun: &Arc<AtomicUsize>| {
        let (begun, store, shutdown) = (Arc::clone(begun), store.clone(), shutdown.clone());
        async move {
            begun.fetch_add(store.len(), Ordering::SeqCst);
            shutdown.cancelled().await;
            Ok::<(), Error>(())
        }
    };
    manager.add_runnable("every", runnable(&every));
    manager.add_leader_runnable("leader", runnable(&leader));
    let (signals, receiver) = mpsc::unbounded();
    let ended = tokio::spawn(manager.run_until(receiver));
    sleep(Duration::from_secs(60)).await;
    signals.unbounded_send(()).unwrap();
    end(ended).await.unwrap();
    let begun = |count: Arc<AtomicUsize>| count.load(Ordering::SeqCst) == 1;
    (begun(every), begun(leader))
}

#[tokio::test(start_paused = true)]
async fn runnables_begin_when_the_caches_are_filled() {
    assert_eq!(begin(&server()).await, (true, true));
    let unfilled = FakeApiServer::new().on("GET", "/api/v1/configmaps", Answer::never());
    assert_eq!(begin(&unfilled).await, (false, false));
}

#[tokio::test(start_paused = true)]
async fn controllers_have_names_of_their_own() {
    let mut manager = manager(&server(), &[]).await;
    let reconciler = Slow {
        seconds: 1,
        started: Arc::default(),
        finished: Arc::default(),
    };
    manager.add(Controller::new("slow", reconciler));
    let error = end(run(manager, 1).ended).await.unwrap_err();
    assert!(matches!(error, Error::DuplicateController(name) if name == "slow"));
}

#[tokio::test(start_paused = true)]
async fn retries_that_never_come_are_refused() {
    for (per_second, burst) in [(0.0, 1), (f64::NAN, 1), (1.0, 0)] {
        let mut manager = manager(&server(), &[]).await;
        let reconciler = Slow {
            seconds: 1,
            started: Arc::default(),
            finished: Arc::default(),
        };
        let controller = Controller::new("it", reconciler);
        manager.add(controller.retry_rate_limit(per_second, burst));
        let error = end(run(manager, 1).ended).await.unwrap_err();
        assert!(
            matches!(&error, Error::RetryLimit { controller, .. } if controller == "it"),
            "{error}"
        );
    }
}

/// kube is built without.
#[tokio::test]
async fn a_proxy_is_an_error_that_says_where_it_comes_from() {
    let mut config = kube::Config::new(http::Uri::from_static("https://cluster.example.com"));
    let proxy = "http://jane:secret@proxy.example.com:3128";
    config.proxy_url = Some(http::Uri::from_static(proxy));
    let refused = Manager::builder(options(&[])).config(config).build().await;
    let error = refused.err().unwrap().to_string();
    for part in [
        "`proxy.example.com`",
        "`proxy-url`",
        "`HTTPS_PROXY`",
        "`kube/http-proxy`",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!error.contains("secret"), "{error}");
}

/// What a controller of kube's own saw: each call, and how many ended.
#[derive(Default)]
struct Seen {
    started: AtomicUsize,
    finished: AtomicUsize,
    failures: AtomicUsize,
}

async fn fails_once(_: Arc<ConfigMap>, seen: Arc<Seen>) -> Result<KubeAction, std::fmt::Error> {
    let first = seen.started.fetch_add(1, Ordering::SeqCst) == 0;
    sleep(Duration::from_secs(3)).await;
    seen.finished.fetch_add(1, Ordering::SeqCst);
    if first {
        return Err(std::fmt::Error);
    }
    Ok(KubeAction::requeue(Duration::from_secs(1)))
}

/// A manager with a controller of kube's own for the one ConfigMap.
async fn with_kube_controller(server: &FakeApiServer, flags: &[&str]) -> (Manager, Arc<Seen>) {
    let mut manager = manager(server, flags).await;
    let objects = kube::Api::<ConfigMap>::all(manager.client());
    let controller =
        kube::runtime::Controller::new(objects, kube::runtime::watcher::Config::default());
    let seen = Arc::<Seen>::default();
    let again = |_: Arc<ConfigMap>, _: &std::fmt::Error, seen: Arc<Seen>| {
        seen.failures.fetch_add(1, Ordering::SeqCst);
        KubeAction::requeue(Duration::from_secs(1))
    };
    manager.add_kube_controller("plain", controller, fails_once, again, seen.clone());
    (manager, seen)
}

#[tokio::test(start_paused = true)]
async fn a_controller_of_kubes_own_runs_fails_and_stops_with_the_manager() {
    let (manager, seen) = with_kube_controller(&server(), &[]).await;
    let rig = run(manager, 0);
    // Three seconds and a failure, one second, three seconds, one second; the third call is on its way.
    sleep(Duration::from_secs(9)).await;
    let count = |count: &AtomicUsize| count.load(Ordering::SeqCst);
    assert_eq!((count(&seen.started), count(&seen.failures)), (3, 1));
    rig.signal();
    end(rig.ended).await.unwrap();
    assert_eq!(count(&seen.finished), 3, "what was on its way is finished");
    assert!(
        rig.start.elapsed() < Duration::from_secs(13),
        "{:?}",
        rig.start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_controller_of_kubes_own_waits_for_leadership() {
    let server = server().on("GET", LEASE, lease("other"));
    let (manager, seen) = with_kube_controller(&server, &["--leader-elect"]).await;
    let rig = run(manager, 0);
    sleep(Duration::from_secs(14)).await;
    assert_eq!(seen.started.load(Ordering::SeqCst), 0);
    rig.signal();
    end(rig.ended).await.unwrap();
}

/// Its kind is not served, so that it never sees a whole list.
#[tokio::test(start_paused = true)]
async fn a_controller_of_kubes_own_that_saw_nothing_stops_too() {
    let (manager, seen) = with_kube_controller(&FakeApiServer::new(), &[]).await;
    let rig = run(manager, 0);
    sleep(Duration::from_secs(2)).await;
    rig.signal();
    end(rig.ended).await.unwrap();
    assert_eq!(seen.started.load(Ordering::SeqCst), 0);
}

const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/lease";

fn lease(holder: &str) -> Answer {
    Answer::ok(&json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "lease", "resourceVersion": "1"},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15},
    }))
}

#[tokio::test(start_paused = true)]
async fn a_standby_does_not_reconcile() {
    let server = server().on("GET", LEASE, lease("other"));
    let rig = run(manager(&server, &["--leader-elect"]).await, 1);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(rig.counts(), (0, 0));
    rig.signal();
    end(rig.ended).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_leader_reconciles_until_it_loses_the_lease() {
    let server = server()
        .on("GET", LEASE, Answer::not_found())
        .on("GET", LEASE, lease("other"))
        .otherwise(|request| {
            let created = request.method == "POST";
            created.then(|| Answer::ok(&request.body))
        });
    let rig = run(manager(&server, &["--leader-elect"]).await, 600);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(rig.counts(), (1, 0));
    let error = end(rig.ended).await.unwrap_err();
    assert!(matches!(error, Error::LeadershipLost), "{error}");
    assert!(rig.start.elapsed().as_secs() < 3, "no time to finish");
}

#[tokio::test(start_paused = true)]
async fn leader_election_needs_a_name() {
    let builder = Manager::builder(options(&["--leader-elect"])).client(server().client());
    assert!(matches!(
        builder.build().await.err(),
        Some(Error::LeaderElectionIdMissing)
    ));
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let builder = || Manager::builder(options(&[])).client(server().client());
    for (qps, burst) in [(0.0, 1), (-1.0, 1), (f64::NAN, 1), (10.0, 0)] {
        let refused = builder().request_limit(qps, burst).build().await.err();
        assert!(
            matches!(refused, Some(Error::RequestLimit { .. })),
            "{qps}, {burst}"
        );
    }
    drop(builder().request_limit(0.5, 1).build().await.unwrap());
    let listed = |names: &[&str]| {
        let names = names.iter().map(ToString::to_string).collect();
        builder().namespaces(Namespaces::Listed(names)).build()
    };
    let refused = listed(&[]).await.err();
    assert!(matches!(refused, Some(Error::NoNamespaces)), "{refused:?}");
    let refused = listed(&["a", "B"]).await.err();
    assert!(matches!(refused, Some(Error::InvalidNamespace(name)) if name == "B"));
    drop(listed(&["a"]).await.unwrap());
    let timings = Timings {
        lease_duration: Duration::from_secs(1),
        ..Timings::default()
    };
    let refused = builder().leader_election_timings(timings).build().await;
    assert!(matches!(
        refused.err(),
        Some(Error::LeaderElectionTimings(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn the_managers_client_writes_as_long_as_its_process_may_lead() {
    let server = server()
        .on("GET", LEASE, Answer::not_found())
        .on("GET", LEASE, lease("other"))
        .otherwise(|request| {
            let created = request.method == "POST";
            created.then(|| Answer::ok(&request.body))
        });
    let manager = manager(&server, &["--leader-elect"]).await;
    let maps = kube::Api::<ConfigMap>::default_namespaced(manager.client());
    let write = async || {
        let parameters = kube::api::PostParams::default();
        maps.create(&parameters, &ConfigMap::default()).await
    };
    let fence = manager.fence();
    write().await.unwrap(); // never led
    let rig = run(manager, 600);
    sleep(Duration::from_secs(1)).await;
    write().await.unwrap(); // leads
    end(rig.ended).await.unwrap_err();
    let refused = write().await.unwrap_err().to_string();
    assert!(
        refused.contains("this process doesn't lead any more"),
        "{refused}"
    );
    assert!(fence.check().is_err());
}
