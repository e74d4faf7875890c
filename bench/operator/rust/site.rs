//! Reconciles `Site`: keeps its Deployment to its spec, and says so in a condition.
//!
//! `bench/operator.sh` puts this file in the place of the stub that `rustop create api` writes; all the rest of the
//! operator is as generated.

use anyhow::Error;
use api::bench::v1::Site;
use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, Client, ResourceExt as _};
use runtime::apply::{apply_if_changed, patch_status};
use runtime::conditions::{self, Status, condition};
use runtime::finalizer::{Event, finalizer};
use runtime::{Action, Controller, Manager, Reconciler, Request, Store, owner};
use serde_json::json;

// +rustop:rbac:groups=bench.example.com,resources=sites,verbs=get;list;watch;create;update;patch;delete
// +rustop:rbac:groups=bench.example.com,resources=sites/status,verbs=get;update;patch
// +rustop:rbac:groups=bench.example.com,resources=sites/finalizers,verbs=update
// +rustop:rbac:groups=apps,resources=deployments,verbs=get;list;watch;create;update;patch;delete

const CONTROLLER: &str = "site";
const FINALIZER: &str = "bench.example.com/cleanup";

/// Brings one object at a time to what its spec asks for.
pub(crate) struct SiteReconciler {
    client: Client,
    sites: Store<Site>,
    deployments: Store<Deployment>,
}

/// Adds the controller to the manager.
pub(crate) fn register(manager: &mut Manager) {
    let reconciler = SiteReconciler {
        client: manager.client(),
        sites: manager.store(),
        deployments: manager.store(),
    };
    let mut controller = Controller::new(CONTROLLER, reconciler).owns::<Deployment>();
    if let Some(number) = concurrency() {
        controller = controller.max_concurrent_reconciles(number);
    }
    manager.add(controller);
}

fn concurrency() -> Option<usize> {
    std::env::var("CONCURRENCY").ok()?.parse().ok()
}

impl Reconciler for SiteReconciler {
    type Object = Site;
    type Error = Error;

    async fn reconcile(&self, request: Request) -> Result<Action, Error> {
        let Some(site) = self.sites.get(&request) else {
            return Ok(Action::await_change()); // it is gone
        };
        let api = Api::namespaced(self.client.clone(), request.namespace_or_default());
        finalizer(&api, FINALIZER, site, |event| async {
            match event {
                Event::Apply(site) => self.apply(&api, &request, &site).await,
                Event::Cleanup(_) => Ok(Action::await_change()),
            }
        })
        .await
    }
}

impl SiteReconciler {
    async fn apply(
        &self,
        api: &Api<Site>,
        request: &Request,
        site: &Site,
    ) -> Result<Action, Error> {
        let deployments = Api::namespaced(self.client.clone(), request.namespace_or_default());
        let current = self.deployments.get(request);
        let wanted = deployment(site)?;
        apply_if_changed(&deployments, current.as_deref(), &wanted, CONTROLLER).await?;
        let mut status = site.status.clone().unwrap_or_default();
        let ready = condition(
            "Ready",
            Status::True,
            "Reconciled",
            "the Deployment is as asked for",
        );
        conditions::set(&mut status.conditions, ready, site.metadata.generation);
        patch_status(api, site, &status).await?;
        Ok(Action::await_change())
    }
}

fn deployment(site: &Site) -> Result<Deployment, Error> {
    let labels = json!({
        "app.kubernetes.io/name": "site",
        "app.kubernetes.io/instance": site.name_any(),
    });
    let container = json!({
        "name": "site",
        "image": site.spec.image,
        "ports": [{"name": "http", "containerPort": 8080}],
    });
    let spec = json!({
        "replicas": site.spec.replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    });
    let mut deployment = Deployment {
        spec: serde_json::from_value(spec)?,
        ..Deployment::default()
    };
    deployment.metadata.name = Some(site.name_any());
    owner::set_controller(&mut deployment, site)?;
    Ok(deployment)
}
