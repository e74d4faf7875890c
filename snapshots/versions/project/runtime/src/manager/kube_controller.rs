//! A controller that was written for `kube::runtime::Controller`, run as it is.

use std::convert::Infallible;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use futures::{StreamExt as _, TryFuture};
use kube::Resource;
use kube::runtime::Controller;
use kube::runtime::controller::Action;
use serde::de::DeserializeOwned;

use super::{Manager, Part};
use crate::error::chain;

impl Manager {
    /// Adds a controller of kube's own, with what its [`run`](Controller::run) takes. It runs while this process is the
    /// leader, and stops with the manager: leave `shutdown_on_signal` out, which would be quicker than the manager.
    ///
    /// What fails is logged. Queue and workers are kube's, so there are no metrics of this crate for it.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use std::time::Duration;
    /// # use k8s_openapi::api::core::v1::ConfigMap;
    /// # use kube::runtime::controller::Action;
    /// # use rustop_runtime::Manager;
    /// # async fn reconcile(_: Arc<ConfigMap>, _: Arc<()>) -> Result<Action, kube::Error> { Ok(Action::await_change()) }
    /// # fn error_policy(_: Arc<ConfigMap>, _: &kube::Error, _: Arc<()>) -> Action { Action::requeue(Duration::from_secs(5)) }
    /// # fn example(manager: &mut Manager) {
    /// let objects = kube::Api::<ConfigMap>::all(manager.client());
    /// let controller = kube::runtime::Controller::new(objects, Default::default());
    /// manager.add_kube_controller("configmap", controller, reconcile, error_policy, Arc::new(()));
    /// # }
    /// ```
    pub fn add_kube_controller<K, F, C>(
        &mut self,
        name: &str,
        controller: Controller<K>,
        reconciler: impl FnMut(Arc<K>, Arc<C>) -> F + Send + 'static,
        error_policy: impl Fn(Arc<K>, &F::Error, Arc<C>) -> Action + Send + Sync + 'static,
        context: Arc<C>,
    ) where
        K: Resource + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
        K::DynamicType: Clone + Debug + Eq + Hash + Send + Sync + Unpin,
        F: TryFuture<Ok = Action> + Send + 'static,
        F::Error: std::error::Error + Send + 'static,
        C: Send + Sync + 'static,
    {
        self.controllers.push(name.to_owned());
        let shutdown = self.shutdown.clone();
        let name = name.to_owned();
        let part = format!("controller {name}");
        let run = async move {
            let objects = controller.store();
            let controller = controller.graceful_shutdown_on(shutdown.clone().cancelled_owned());
            let results = controller.run(reconciler, error_policy, context);
            // Until it has seen all objects it reconciles none, and would wait for them after a shutdown too.
            let stopped_early = async {
                tokio::select! {
                    biased;
                    _ = objects.wait_until_ready() => std::future::pending().await,
                    () = shutdown.cancelled() => {}
                }
            };
            let mut results = std::pin::pin!(results.take_until(stopped_early));
            while let Some(result) = results.next().await {
                match result {
                    Ok((object, _)) => tracing::debug!(controller = name, %object, "reconciled"),
                    Err(error) => {
                        tracing::warn!(controller = name, error = chain(&error), "failed");
                    }
                }
            }
            Ok::<(), Infallible>(())
        };
        self.leader_runnables.push(Part::new(part, run));
    }
}
