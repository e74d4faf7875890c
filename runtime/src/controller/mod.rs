//! Controllers: watches that fill a queue of names, and workers that reconcile one object at a time.
//!
//! Built on our caches and an own queue, not on `kube::runtime::Controller`: that one hides its queue (no
//! depth, no back-off per object) and its `Action` (no metrics by result). Nothing here talks to the API server.

mod action;
mod backoff;
mod queue;
mod reconciler;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};

pub use action::Action;
pub use backoff::Backoff;
pub use reconciler::Reconciler;

pub(crate) use worker::{Synced, Worker};

use crate::cache::Cache;
use crate::metrics::Metrics;
use crate::{Object, Request, Selector, owner};
use queue::Queue;

/// How long a reconcile may take unless the controller says otherwise. kube's client waits for an answer without
/// limit, so that one dead connection would otherwise hold a worker for ever.
const RECONCILIATION_TIMEOUT: Duration = Duration::from_secs(120);

/// Reconciles the objects of one kind when they, or something they depend on, change.
///
/// ```
/// # use k8s_openapi::api::core::v1::{ConfigMap, Pod};
/// # use k8s_openapi::api::apps::v1::Deployment;
/// # use rustop_runtime::{Action, Controller, Manager, Reconciler, Request};
/// # struct MyReconciler;
/// # impl Reconciler for MyReconciler {
/// #     type Object = ConfigMap;
/// #     type Error = kube::Error;
/// #     async fn reconcile(&self, _: Request) -> Result<Action, kube::Error> { Ok(Action::await_change()) }
/// # }
/// # fn register(manager: &mut Manager) {
/// manager.add(
///     Controller::new("configmap", MyReconciler)
///         .owns::<Deployment>()
///         .watches(|pod: &Pod| {
///             let owner = pod.metadata.labels.as_ref().and_then(|labels| labels.get("app"));
///             owner.map(|name| Request::namespaced("default", name))
///         })
///         .max_concurrent_reconciles(4),
/// );
/// # }
/// ```
#[must_use = "a controller runs when it is added to a manager"]
pub struct Controller<R> {
    name: String,
    reconciler: R,
    watches: Vec<Watch>,
    max_concurrent_reconciles: usize,
    reconciliation_timeout: Option<Duration>,
    backoff: Backoff,
}

/// Makes a cache feed a queue, and returns what waits for that cache.
type Watch = Box<dyn FnOnce(&mut Cache, &Arc<Queue>) -> BoxFuture<'static, ()> + Send>;

impl<R: Reconciler> Controller<R> {
    /// A controller of `R::Object`. Its name is in metrics and logs, and is the only one of that name in a manager.
    pub fn new(name: impl Into<String>, reconciler: R) -> Self {
        let controller = Self {
            name: name.into(),
            reconciler,
            watches: Vec::new(),
            max_concurrent_reconciles: 1,
            reconciliation_timeout: Some(RECONCILIATION_TIMEOUT),
            backoff: Backoff::default(),
        };
        controller.watches(|object: &R::Object| Some(Request::of(object)))
    }

    /// Reconciles the controller of each `K` that changes: what is created, changed or deleted below an object.
    pub fn owns<K: Object>(self) -> Self {
        self.watches(|child: &K| owner::controller_of::<R::Object, K>(child))
    }

    /// Reconciles what `map` makes of each `K` that changes, as it was before and as it is now.
    pub fn watches<K, I>(mut self, map: impl Fn(&K) -> I + Send + Sync + 'static) -> Self
    where
        K: Object,
        I: IntoIterator<Item = Request>,
    {
        self.watches.push(Box::new(move |cache, queue| {
            let queue = Arc::clone(queue);
            cache.on_change(&Selector::all(), move |change| {
                let requests = change.both().flat_map(&map);
                requests.for_each(|request| queue.add(request));
            });
            let store = cache.store::<K>(&Selector::all());
            async move { store.wait_until_synced().await }.boxed()
        }));
        self
    }

    /// How many objects are reconciled at a time: 1 unless set, as in controller-runtime, because what a reconciler
    /// does at a time is what it can do wrong at a time. One object is never reconciled twice at once.
    pub fn max_concurrent_reconciles(mut self, number: usize) -> Self {
        self.max_concurrent_reconciles = number.max(1);
        self
    }

    /// How long a reconcile may take before it is dropped and counted as failed: two minutes unless set, `None` for no
    /// limit.
    pub fn reconciliation_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.reconciliation_timeout = timeout.into();
        self
    }

    /// How long to wait before a failed reconcile is tried again.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Connects the controller with the caches it needs.
    pub(crate) fn connect(self, cache: &mut Cache, metrics: &Metrics) -> (Worker<R>, Synced) {
        let metrics = metrics.controller(&self.name);
        let queue = Arc::new(Queue::new(self.backoff, metrics.queue.clone()));
        let primary = cache.store::<R::Object>(&Selector::all());
        let watches = self.watches.into_iter();
        let synced = join_all(watches.map(|watch| watch(cache, &queue)));
        let worker = Worker {
            name: self.name,
            reconciler: self.reconciler,
            queue,
            metrics,
            primary,
            workers: self.max_concurrent_reconciles,
            timeout: self.reconciliation_timeout,
        };
        (worker, synced.map(drop).boxed())
    }
}
