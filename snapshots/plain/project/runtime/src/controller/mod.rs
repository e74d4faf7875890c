//! Controllers: watches that fill a queue of names, and workers that reconcile one object at a time.
//!
//! Built on our caches and an own queue, not on `kube::runtime::Controller`: that one hides its queue (no
//! depth, no back-off per object) and its `Action` (no metrics by result). Nothing here talks to the API server.

mod action;
mod backoff;
mod failure;
mod predicate;
mod queue;
mod reconciler;
mod source;
mod span;
mod watch;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt as _, Stream, StreamExt as _};

pub use action::Action;
pub use backoff::Backoff;
pub use failure::TerminalError;
pub use predicate::Predicate;
pub use reconciler::Reconciler;
pub use watch::Watch;

pub(crate) use worker::{Synced, Worker};

use crate::cache::Cache;
use crate::metrics::Metrics;
use crate::rate_limit::TokenBucket;
use crate::{Error, Object, Request, Selector, Store};
use queue::Queue;
use source::Source;
use watch::Feed;
use worker::Turns;

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
pub struct Controller<R: Reconciler> {
    name: String,
    reconciler: R,
    primary: Watch<R::Object>,
    feeds: Vec<Feed>,
    reads: Vec<BoxFuture<'static, ()>>,
    sources: Vec<Source>,
    max_concurrent_reconciles: usize,
    reconciliation_timeout: Option<Duration>,
    backoff: Backoff,
    retry_rate: Option<(f64, u32)>,
}

impl<R: Reconciler> Controller<R> {
    /// A controller of `R::Object`. Its name is in metrics and logs, and is the only one of that name in a manager.
    pub fn new(name: impl Into<String>, reconciler: R) -> Self {
        Self {
            name: name.into(),
            reconciler,
            primary: Watch::mapped(|object: &R::Object| Some(Request::of(object))),
            feeds: Vec::new(),
            reads: Vec::new(),
            sources: Vec::new(),
            max_concurrent_reconciles: 1,
            reconciliation_timeout: Some(RECONCILIATION_TIMEOUT),
            backoff: Backoff::default(),
            retry_rate: None,
        }
    }

    /// Reconciles an `R::Object` only when a change of it passes. It says nothing about [`owns`](Self::owns) and
    /// [`watches`](Self::watches): each [`Watch`] has its own predicate, so that a rule for the spec of the parents
    /// doesn't swallow the status of the children.
    ///
    /// ```
    /// # use k8s_openapi::api::core::v1::ConfigMap;
    /// # use rustop_runtime::{Action, Controller, Reconciler, Request};
    /// # struct MyReconciler;
    /// # impl Reconciler for MyReconciler {
    /// #     type Object = ConfigMap;
    /// #     type Error = kube::Error;
    /// #     async fn reconcile(&self, _: Request) -> Result<Action, kube::Error> { Ok(Action::await_change()) }
    /// # }
    /// use rustop_runtime::Predicate;
    ///
    /// let controller = Controller::new("configmap", MyReconciler)
    ///     .predicate(Predicate::generation_changed().or(Predicate::annotations_changed()));
    /// ```
    pub fn predicate(mut self, predicate: Predicate<R::Object>) -> Self {
        self.primary = self.primary.predicate(predicate);
        self
    }

    /// Reconciles these `R::Object` only. The reconciler reads them from
    /// [`Manager::store_of`](crate::Manager::store_of) with the same selector: [`Manager::store`](crate::Manager::store)
    /// would be another watch, of all of them.
    pub fn selector(mut self, selector: Selector) -> Self {
        self.primary = self.primary.selector(selector);
        self
    }

    /// Reconciles the controller of each `K` that changes: what is created, changed or deleted below an object.
    ///
    /// For other owners, selectors and predicates see [`Watch::owned`]; with a `PartialObjectMeta<K>` only metadata is
    /// watched.
    pub fn owns<K: Object>(self) -> Self {
        self.watch(Watch::<K>::owned())
    }

    /// Reconciles what `map` makes of each `K` that changes, as it was before and as it is now. See [`Watch::mapped`].
    ///
    /// ```
    /// # use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    /// # use rustop_runtime::{Action, Controller, Manager, Reconciler, Request};
    /// # struct MyReconciler;
    /// # impl Reconciler for MyReconciler {
    /// #     type Object = ConfigMap;
    /// #     type Error = kube::Error;
    /// #     async fn reconcile(&self, _: Request) -> Result<Action, kube::Error> { Ok(Action::await_change()) }
    /// # }
    /// use kube::ResourceExt as _;
    ///
    /// # fn register(manager: &mut Manager) {
    /// let config_maps = manager.store::<ConfigMap>();
    /// let of_its_group = move |pod: &Pod| {
    ///     let group = pod.labels().get("group").cloned();
    ///     let same = |map: &ConfigMap| group.is_some() && map.labels().get("group") == group.as_ref();
    ///     let found = config_maps.list().into_iter().filter(|map| same(map));
    ///     found.map(|map| Request::of(map.as_ref())).collect::<Vec<_>>()
    /// };
    /// manager.add(Controller::new("configmap", MyReconciler).watches(of_its_group));
    /// # }
    /// ```
    pub fn watches<K, I>(self, map: impl Fn(&K) -> I + Send + Sync + 'static) -> Self
    where
        K: Object,
        I: IntoIterator<Item = Request>,
    {
        self.watch(Watch::mapped(map))
    }

    /// Follows a kind with a selector, a predicate, or through other owners.
    pub fn watch<K: Object>(mut self, watch: Watch<K>) -> Self {
        self.feeds.push(watch.into_feed::<R::Object>());
        self
    }

    /// Reconciles each name that `source` gives: what happens outside of the cluster, such as a message of a queue. For a
    /// channel, pass its receiver. It is read while this process leads; that it ends is no failure.
    ///
    /// ```
    /// # use k8s_openapi::api::core::v1::ConfigMap;
    /// # use rustop_runtime::{Action, Controller, Reconciler, Request};
    /// # struct MyReconciler;
    /// # impl Reconciler for MyReconciler {
    /// #     type Object = ConfigMap;
    /// #     type Error = kube::Error;
    /// #     async fn reconcile(&self, _: Request) -> Result<Action, kube::Error> { Ok(Action::await_change()) }
    /// # }
    /// let (sender, receiver) = futures::channel::mpsc::channel(100);
    /// let controller = Controller::new("configmap", MyReconciler).source(receiver);
    /// // elsewhere: sender.send(Request::namespaced("default", "it")).await
    /// # drop(sender);
    /// ```
    pub fn source(mut self, source: impl Stream<Item = Request> + Send + 'static) -> Self {
        self.sources.push(source.boxed());
        self
    }

    /// Reconciles what `requests` says after each `period`, for the first time one period after the start: for what
    /// nobody tells of. For the next look at one object there is [`Action::requeue`].
    pub fn every<I>(
        self,
        period: Duration,
        requests: impl Fn() -> I + Send + Sync + 'static,
    ) -> Self
    where
        I: IntoIterator<Item = Request, IntoIter: Send> + 'static,
    {
        self.source(source::every(period, requests))
    }

    /// Begins when this cache is filled as well. Those of the kinds that the controller follows are waited for anyway.
    pub fn reads<K: Object>(mut self, store: &Store<K>) -> Self {
        let store = store.clone();
        let synced = async move { store.wait_until_synced().await };
        self.reads.push(synced.boxed());
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

    /// How many failed reconciles of all objects together are tried again: `burst` at once, then `per_second` in each
    /// second. Both must be above zero, or the manager doesn't start. client-go's numbers are 10 and 100.
    ///
    /// No limit unless set, as in controller-runtime since its queue has priorities: the delays per object and the number
    /// of workers bound what failures cost, and after an outage a common limit holds up the objects that would now be
    /// mended.
    pub fn retry_rate_limit(mut self, per_second: f64, burst: u32) -> Self {
        self.retry_rate = Some((per_second, burst));
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether its settings can work.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.retry_rate {
            Some((per_second, burst)) if !TokenBucket::is_usable(per_second, burst) => {
                Err(Error::RetryLimit {
                    controller: self.name.clone(),
                    per_second,
                    burst,
                })
            }
            _ => Ok(()),
        }
    }

    /// Connects the controller with the caches it needs.
    pub(crate) fn connect(mut self, cache: &mut Cache, metrics: &Metrics) -> (Worker<R>, Synced) {
        let metrics = metrics.controller(&self.name);
        let retries = self
            .retry_rate
            .map(|(per_second, burst)| TokenBucket::new(per_second, burst));
        let queue = Queue::new(self.backoff, retries, metrics.queue.clone());
        let queue = Arc::new(queue);
        self.feeds.insert(0, self.primary.into_feed::<R::Object>());
        let mut replays = Vec::new();
        for feed in self.feeds {
            let fed = feed(cache, &queue);
            self.reads.push(fed.synced);
            replays.push(fed.replay);
        }
        let worker = Worker {
            turns: Turns {
                name: self.name,
                reconciler: self.reconciler,
                queue,
                metrics,
                timeout: self.reconciliation_timeout,
                seen: cache.seen(),
            },
            replays,
            sources: self.sources,
            workers: self.max_concurrent_reconciles,
        };
        (worker, join_all(self.reads).map(drop).boxed())
    }
}

#[cfg(test)]
mod tests;
