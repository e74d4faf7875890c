use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use k8s_openapi::api::core::v1::ConfigMap;
use prometheus_client::registry::Registry;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::super::queue::Priority;
use super::*;
use crate::cache::Cache;
use crate::metrics::Metrics;
use crate::testing::FakeApiServer;
use crate::{Backoff, Controller, Selector, Store, TerminalError, cache};

type Behaviour = Box<dyn Fn(usize) -> BoxFuture<'static, Result<Action, BoxError>> + Send + Sync>;

/// A reconciler that does what a test says, and remembers when it was called.
#[derive(Clone)]
struct Probe(Arc<Inner>);

struct Inner {
    behaviour: Behaviour,
    calls: Mutex<Vec<u128>>,
    start: Instant,
    running: AtomicUsize,
    most: AtomicUsize,
    finished: AtomicUsize,
}

impl Reconciler for Probe {
    type Object = ConfigMap;
    type Error = BoxError;

    async fn reconcile(&self, _: Request) -> Result<Action, BoxError> {
        let call = {
            let mut calls = self.0.calls.lock().unwrap();
            calls.push(self.0.start.elapsed().as_millis());
            calls.len() - 1
        };
        let running = self.0.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most.fetch_max(running, Ordering::SeqCst);
        let result = (self.0.behaviour)(call).await;
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        self.0.finished.fetch_add(1, Ordering::SeqCst);
        result
    }
}

fn probe<F>(behaviour: impl Fn(usize) -> F + Send + Sync + 'static) -> Probe
where
    F: Future<Output = Result<Action, BoxError>> + Send + 'static,
{
    Probe(Arc::new(Inner {
        behaviour: Box::new(move |call| behaviour(call).boxed()),
        calls: Mutex::default(),
        start: Instant::now(),
        running: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        finished: AtomicUsize::new(0),
    }))
}

/// A controller that runs on a filled cache.
struct Rig {
    probe: Probe,
    queue: Arc<Queue>,
    metrics: Arc<ControllerMetrics>,
    shutdown: CancellationToken,
    ended: JoinHandle<Result<(), BoxError>>,
    store: Store<ConfigMap>,
}

fn named(name: &str) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.namespace = Some("ns".into());
    object.metadata.name = Some(name.into());
    object
}

fn rig(
    objects: usize,
    probe: Probe,
    configure: impl FnOnce(Controller<Probe>) -> Controller<Probe>,
) -> Rig {
    let mut cache = Cache::default();
    let metrics = Metrics::register(&mut Registry::default());
    let controller =
        Controller::new("test", probe.clone()).backoff(Backoff::default().without_jitter());
    let (worker, synced) = configure(controller).connect(&mut cache, &metrics);
    let store = cache.store::<ConfigMap>(&Selector::all());
    for object in 0..objects {
        store.insert(&Arc::new(named(&object.to_string())));
    }
    store.mark_synced();
    let shutdown = CancellationToken::new();
    Rig {
        probe,
        queue: Arc::clone(&worker.turns.queue),
        metrics: Arc::clone(&worker.turns.metrics),
        ended: tokio::spawn(worker.run(synced, shutdown.clone())),
        shutdown,
        store,
    }
}

impl Rig {
    /// When the reconciler was called so far, in milliseconds from the start.
    fn calls(&self) -> Vec<u128> {
        self.probe.0.calls.lock().unwrap().clone()
    }
}

async fn seconds(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn everything_in_the_cache_is_reconciled_at_the_start() {
    let rig = rig(3, probe(|_| async { Ok(Action::await_change()) }), |it| it);
    seconds(10).await;
    assert_eq!(rig.calls(), [0, 0, 0]);
    assert_eq!(rig.metrics.success.get(), 3);
    assert_eq!(rig.metrics.max_concurrent.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_more_run_at_a_time_than_allowed() {
    for limit in [1, 3] {
        let slow = probe(|_| async {
            seconds(1).await;
            Ok(Action::await_change())
        });
        let rig = rig(9, slow, |it| it.max_concurrent_reconciles(limit));
        seconds(20).await;
        assert_eq!(rig.calls().len(), 9, "{limit}");
        assert_eq!(rig.probe.0.most.load(Ordering::SeqCst), limit);
        assert_eq!(rig.metrics.active_workers.get(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn one_object_is_never_reconciled_twice_at_once() {
    let slow = probe(|_| async {
        seconds(10).await;
        Ok(Action::await_change())
    });
    let rig = rig(1, slow, |it| it.max_concurrent_reconciles(4));
    seconds(5).await;
    rig.queue
        .add(&Request::namespaced("ns", "0"), Priority::Change);
    seconds(60).await;
    assert_eq!(rig.calls(), [0, 10_000]);
    assert_eq!(rig.probe.0.most.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_again_with_growing_delay() {
    let failing = probe(|call| async move {
        match call {
            4 => Ok(Action::await_change()),
            _ => Err("no".into()),
        }
    });
    let rig = rig(1, failing, |it| it);
    seconds(10).await;
    assert_eq!(rig.calls(), [0, 5, 15, 35, 75]);
    assert_eq!(
        (
            rig.metrics.error.get(),
            rig.metrics.errors.get(),
            rig.metrics.success.get()
        ),
        (4, 4, 1)
    );
    rig.queue
        .add(&Request::namespaced("ns", "0"), Priority::Change);
    seconds(1).await;
    assert_eq!(rig.calls()[5..7], [10_000, 10_005], "the delays start anew");
}

#[tokio::test(start_paused = true)]
async fn an_event_does_not_wait_for_the_delay() {
    let failing = probe(|_| async { Err("no".into()) });
    let rig = rig(1, failing, |it| {
        it.backoff(Backoff::new(
            Duration::from_secs(100),
            Duration::from_secs(100),
        ))
    });
    seconds(10).await;
    rig.queue
        .add(&Request::namespaced("ns", "0"), Priority::Change);
    seconds(10).await;
    assert_eq!(rig.calls(), [0, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_like_any_other() {
    let panicking = probe(|call| async move {
        assert_ne!(call, 0, "the first call panics");
        Ok(Action::await_change())
    });
    let rig = rig(1, panicking, |it| it);
    seconds(10).await;
    assert_eq!(rig.calls(), [0, 5]);
    assert_eq!(
        (
            rig.metrics.panics.get(),
            rig.metrics.errors.get(),
            rig.metrics.success.get()
        ),
        (1, 1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_that_hangs_is_dropped_and_tried_again() {
    let hanging = probe(|call| async move {
        match call {
            0 => std::future::pending().await,
            _ => Ok(Action::await_change()),
        }
    });
    let rig = rig(1, hanging, |it| {
        it.reconciliation_timeout(Duration::from_secs(30))
    });
    seconds(60).await;
    assert_eq!(rig.calls(), [0, 30_005]);
    assert_eq!(
        (rig.metrics.errors.get(), rig.metrics.timeouts.get()),
        (1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_requeue_comes_after_its_time() {
    let again = probe(|_| async { Ok(Action::requeue(Duration::from_secs(7))) });
    let rig = rig(1, again, |it| it);
    seconds(15).await;
    assert_eq!(rig.calls(), [0, 7_000, 14_000]);
    assert_eq!(
        (rig.metrics.requeue_after.get(), rig.metrics.success.get()),
        (3, 0)
    );
    assert_eq!(rig.metrics.queue.retries.get(), 3, "each with a delay");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_what_is_running_finish_and_starts_nothing() {
    let slow = probe(|_| async {
        seconds(5).await;
        Ok(Action::await_change())
    });
    let rig = rig(3, slow, |it| it);
    seconds(1).await;
    rig.shutdown.cancel();
    rig.ended.await.unwrap().unwrap();
    assert_eq!(rig.probe.0.start.elapsed().as_secs(), 5);
    assert_eq!(rig.probe.0.calls.lock().unwrap().len(), 1);
    assert_eq!(rig.probe.0.finished.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_caches() {
    let mut cache = Cache::default();
    let metrics = Metrics::register(&mut Registry::default());
    let controller = Controller::new("test", probe(|_| async { Ok(Action::await_change()) }));
    let (worker, synced) = controller.connect(&mut cache, &metrics);
    let shutdown = CancellationToken::new();
    shutdown.cancel();
    worker.run(synced, shutdown).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_terminal_error_waits_for_a_change() {
    let failing = probe(|call| async move {
        match call {
            1 => Err(TerminalError::new("no image").into()),
            _ => Err("no".into()),
        }
    });
    let rig = rig(1, failing, |it| it);
    seconds(10_000).await;
    assert_eq!(rig.calls(), [0, 5]);
    let counts = |rig: &Rig| (rig.metrics.errors.get(), rig.metrics.terminal_errors.get());
    assert_eq!(counts(&rig), (2, 1));
    rig.queue
        .add(&Request::namespaced("ns", "0"), Priority::Change);
    seconds(1).await;
    let calls = rig.calls();
    assert_eq!(
        calls[2..4],
        [10_000_000, 10_000_005],
        "the delays start anew"
    );
    assert_eq!(rig.metrics.terminal_errors.get(), 1);
}

/// Writes `0` in this version, as the helpers do.
fn write(version: &str) {
    let api = kube::Api::namespaced(FakeApiServer::new().client(), "ns");
    let mut written = named("0");
    written.metadata.resource_version = Some(version.to_owned());
    cache::record::<ConfigMap>(&api, &written);
}

#[tokio::test(start_paused = true)]
async fn an_object_is_reconciled_again_once_the_cache_has_what_was_written() {
    let writing = probe(|call| async move {
        if call == 0 {
            write("11");
        }
        Ok(Action::await_change())
    });
    let rig = rig(2, writing, |it| it);
    let progress = rig.store.progress();
    progress.starts(vec![None]);
    progress.saw(0, "10");
    sleep(Duration::from_millis(1)).await;
    assert_eq!(rig.calls(), [0, 0], "another object doesn't wait");
    for object in ["0", "1"] {
        let request = Request::namespaced("ns", object);
        rig.queue.add(&request, Priority::Change);
    }
    sleep(Duration::from_millis(200)).await;
    assert_eq!(rig.calls(), [0, 0, 1]);
    progress.saw(0, "11");
    sleep(Duration::from_millis(200)).await;
    assert_eq!(rig.calls(), [0, 0, 1, 201]);
}

/// What the text of the metrics says of the work.
fn work_metrics(rig: &Rig) -> String {
    let mut registry = Registry::default();
    let work = rig.metrics.queue.work_seconds.clone();
    registry.register("work", "Work", work);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    text
}

/// The worker is free meanwhile, so that it would look stuck.
#[tokio::test(start_paused = true)]
async fn to_wait_for_the_cache_is_no_work() {
    let writing = probe(|_| async move {
        sleep(Duration::from_millis(100)).await;
        write("11");
        Ok(Action::await_change())
    });
    let rig = rig(1, writing, |it| it);
    rig.store.progress().starts(vec![None]);
    rig.store.progress().saw(0, "10");
    sleep(Duration::from_millis(50)).await;
    assert!(rig.metrics.queue.running.seconds().0 > 0.0, "it works");
    sleep(Duration::from_millis(600)).await;
    assert!(rig.metrics.queue.running.seconds().0 <= 0.0, "it waits");
    assert!(work_metrics(&rig).contains("work_count 1"));
    sleep(Duration::from_secs(2)).await;
    let after = work_metrics(&rig);
    assert!(after.contains("work_count 1"), "{after}");
    assert!(after.contains("work_sum 0.1"), "{after}");
}

/// The levels of what is logged.
#[derive(Clone, Default)]
struct Levels(Arc<Mutex<Vec<tracing::Level>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Levels {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if event.metadata().target().ends_with("controller::worker") {
            self.0.lock().unwrap().push(*event.metadata().level());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_race_is_no_error_in_the_log_unless_it_is_lost_again_and_again() {
    use tracing_subscriber::layer::SubscriberExt as _;

    let levels = Levels::default();
    let subscriber = tracing_subscriber::Registry::default().with(levels.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let racing = probe(|call| async move {
        match call {
            0..6 => Err(kube::Error::Api(
                kube::core::Status::failure("newer", "Conflict")
                    .with_code(409)
                    .boxed(),
            )
            .into()),
            _ => Ok(Action::await_change()),
        }
    });
    let rig = rig(1, racing, |it| it);
    seconds(10).await;
    assert_eq!((rig.calls().len(), rig.metrics.errors.get()), (7, 6));
    let levels = levels.0.lock().unwrap();
    let texts = levels
        .iter()
        .map(tracing::Level::as_str)
        .collect::<Vec<_>>();
    let (start, lost, often) = ("INFO", ["INFO"; 4], ["ERROR"; 2]);
    assert_eq!(texts, [&[start][..], &lost, &often].concat());
}
