//! The manager: what an operator is made of, and the order in which it starts and stops.
//!
//! Start: the servers for probes, metrics and webhooks, then the caches and, once these are filled, what was added with
//! `add_runnable`, then, once leader, the controllers. A standby is ready: it has to be, or a rollout would never finish. Stop: no new work, what
//! is running finishes within its time, the lease is released while the webhooks answer what they were asked, the other
//! servers go last.

mod builder;
#[cfg(feature = "builtin-certificates")]
mod builtin_certificates;
mod cache_names;
mod caches;
mod kube_controller;
mod metrics_server;
mod part;
mod run;
mod signals;
#[cfg(feature = "webhooks")]
mod webhooks;

use std::time::Duration;

use kube::Client;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

pub use builder::ManagerBuilder;

use crate::cache::Cache;
use crate::events::{EventRecorder, Events};
use crate::leader_election::{Fence, LeaderElection};
use crate::metrics::Metrics;
use crate::server::health::HealthHandler;
#[cfg(feature = "webhooks")]
use crate::webhook::{WebhookOptions, WebhookServer};
use crate::{
    BindAddress, BoxError, Controller, Error, ManagerOptions, MetricsOptions, Namespaces, Object,
    Reconciler, Selector, Store,
};
use part::Part;

/// Runs controllers, servers and whatever else an operator is made of, until a signal comes or a part fails.
///
/// See the [crate's page](crate) for a whole `main.rs`.
#[must_use = "a manager does nothing until it is run"]
pub struct Manager {
    client: Client,
    /// Asks who may read the metrics.
    review_client: Client,
    fence: Fence,
    namespaces: Namespaces,
    health_address: BindAddress,
    metrics_options: MetricsOptions,
    enable_http2: bool,
    #[cfg(feature = "webhooks")]
    webhook_options: WebhookOptions,
    #[cfg(feature = "webhooks")]
    webhooks: WebhookServer,
    graceful_shutdown_timeout: Duration,
    leader_election: Option<LeaderElection>,
    cache: Cache,
    events: Events,
    registry: Registry,
    metrics: Metrics,
    health: HealthHandler,
    runnables: Vec<Part>,
    leader_runnables: Vec<Part>,
    controllers: Vec<String>,
    /// The first setting that can't work.
    refused: Option<Error>,
    shutdown: CancellationToken,
}

impl Manager {
    /// Starts to describe a manager.
    pub fn builder(options: ManagerOptions) -> ManagerBuilder {
        ManagerBuilder::new(options)
    }

    /// The client that the caches use. Clones share its connections. It refuses to write when this process led and
    /// can't be sure that it still does, see [`fence`](Self::fence).
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Says whether this process may write; the client asks it by itself. Ask it before a write to something else that
    /// two leaders must not write to at a time.
    pub fn fence(&self) -> Fence {
        self.fence.clone()
    }

    /// The namespaces that are watched.
    pub fn namespaces(&self) -> &Namespaces {
        &self.namespaces
    }

    /// The cache of a kind. It is filled once the manager runs; a reconciler is called when it is.
    ///
    /// Of a `kube::core::PartialObjectMeta<K>` the API server sends the metadata only, so that large objects cost little.
    pub fn store<K: Object>(&mut self) -> Store<K> {
        self.cache.store(&Selector::all())
    }

    /// The cache of those `K` that `selector` takes: a watch of its own.
    pub fn store_of<K: Object>(&mut self, selector: &Selector) -> Store<K> {
        self.cache.store(selector)
    }

    /// Publishes events in the name of `controller`, and of this process.
    pub fn event_recorder(&self, controller: &str) -> EventRecorder {
        self.events.recorder(controller)
    }

    /// Adds a controller. It runs while this process is the leader.
    pub fn add<R: Reconciler>(&mut self, controller: Controller<R>) {
        let name = controller.name().to_owned();
        self.refused = self.refused.take().or(controller.check().err());
        let (worker, synced) = controller.connect(&mut self.cache, &self.metrics);
        self.controllers.push(name.clone());
        let run = worker.run(synced, self.shutdown.clone());
        let part = Part::new(format!("controller {name}"), run);
        self.leader_runnables.push(part);
    }

    /// Adds a future that runs on every replica, leader or not. Until the shutdown it must not end: when it does, and
    /// when it fails or panics, the manager stops. See [`shutdown_token`](Self::shutdown_token).
    ///
    /// It begins when all caches of the manager are filled, as in controller-runtime, so that it may read any store. What
    /// must not wait for them, because they wait for it, is spawned before the manager runs.
    ///
    /// ```
    /// # use rustop_runtime::{Error, Manager};
    /// # fn example(manager: &mut Manager) {
    /// let shutdown = manager.shutdown_token();
    /// manager.add_runnable("ticker", async move {
    ///     shutdown.cancelled().await;
    ///     Ok::<(), Error>(())
    /// });
    /// # }
    /// ```
    pub fn add_runnable<F, E>(&mut self, name: &str, runnable: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.runnables.push(Part::new(name, runnable).once_filled());
    }

    /// Adds a future that runs while this process is the leader, from when all caches are filled. For a plain `kube::runtime::Controller` there is
    /// [`add_kube_controller`](Self::add_kube_controller).
    pub fn add_leader_runnable<F, E>(&mut self, name: &str, runnable: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let part = Part::new(name, runnable).once_filled();
        self.leader_runnables.push(part);
    }

    /// Is cancelled when the shutdown begins: take no new work, finish what is running.
    pub fn shutdown_token(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Adds a check to `/healthz`. When it fails, the kubelet restarts the container.
    pub fn add_healthz_check<C>(&mut self, name: &str, check: C)
    where
        C: Fn() -> Result<(), String> + Send + Sync + 'static,
    {
        self.health.healthz.add(name, check);
    }

    /// Adds a check to `/readyz`. While it fails, the pod gets no traffic.
    pub fn add_readyz_check<C>(&mut self, name: &str, check: C)
    where
        C: Fn() -> Result<(), String> + Send + Sync + 'static,
    {
        self.health.readyz.add(name, check);
    }

    /// Where metrics of one's own are registered, to be served beside the manager's.
    ///
    /// A counter's name is given without `_total`, which is added. Keep a clone of the metric: clones count into the same.
    ///
    /// ```
    /// use rustop_runtime::Manager;
    /// use rustop_runtime::prometheus_client::metrics::counter::Counter;
    /// use rustop_runtime::prometheus_client::metrics::family::Family;
    ///
    /// /// Counts by the label `zone`; for labels with a type of their own see `EncodeLabelSet`.
    /// type Backups = Family<[(&'static str, String); 1], Counter>;
    ///
    /// fn register(manager: &mut Manager) -> Backups {
    ///     let backups = Backups::default();
    ///     let registry = manager.metrics_registry();
    ///     registry.register("myapp_backups", "Backups by zone", backups.clone());
    ///     backups // and later: backups.get_or_create(&[("zone", zone)]).inc()
    /// }
    /// ```
    pub fn metrics_registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    ///
    /// After a signal, what is running gets [`graceful_shutdown_timeout`](ManagerBuilder::graceful_shutdown_timeout)
    /// to finish. A second signal ends the process at once, with exit code 1.
    ///
    /// # Errors
    /// Whatever ended the manager, except a signal. See [`exit_code`](crate::exit_code).
    pub async fn run(self) -> Result<(), Error> {
        let mut signals = std::pin::pin!(signals::listen().map_err(Error::Signals)?);
        let result = self.run_until(signals.as_mut()).await;
        let flushed = signals::unless_one_comes(signals, crate::telemetry::flush()).await;
        if let (Err(Error::Interrupted), _) | (_, Err(Error::Interrupted)) = (&result, flushed) {
            // Whatever still runs may not let go of its thread.
            signals::exit_at_once();
        }
        result
    }
}

#[cfg(test)]
mod tests;
