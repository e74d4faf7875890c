//! `MyApp` on a real API server, with the operator running. Nobody runs the
//! Deployments there: the test writes their status, as kube-controller-manager would.

use std::time::Duration;

use api::apps::v1::{MyApp, MyAppSpec};

use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::wait::await_condition;
use runtime::conditions::{find, is_true};
use serde_json::json;
use tokio::time::timeout;

use crate::operator::Operator;

const DEADLINE: Duration = Duration::from_secs(60);

struct World {
    apps: Api<MyApp>,
    deployments: Api<Deployment>,
    _operator: Operator,
}

impl World {
    /// An operator, and a MyApp with two replicas that it has seen.
    async fn with_an_app() -> Self {
        let operator = Operator::start().await;
        let world = Self {
            apps: Api::namespaced(operator.client(), "default"),
            deployments: Api::namespaced(operator.client(), "default"),
            _operator: operator,
        };
        let spec = MyAppSpec {
            replicas: 2,
            image: "example.com/app:1".to_owned(),
            port: 8080,
        };
        let app = MyApp::new("app", spec);
        let created = world.apps.create(&PostParams::default(), &app).await;
        created.unwrap();
        world.deployment_has(2, "example.com/app:1").await;
        world
    }

    async fn deployment_has(&self, replicas: i32, image: &str) {
        let image = Some(image.to_owned());
        let follows = |deployment: Option<&Deployment>| {
            let spec = deployment.and_then(|deployment| deployment.spec.as_ref());
            spec.is_some_and(|spec| {
                let pod = spec.template.spec.as_ref();
                let container = pod.and_then(|pod| pod.containers.first());
                spec.replicas == Some(replicas)
                    && container.is_some_and(|container| container.image == image)
            })
        };
        let condition = await_condition(self.deployments.clone(), "app", follows);
        timeout(DEADLINE, condition).await.unwrap().unwrap();
    }

    /// What kube-controller-manager would write.
    async fn pods_become_ready(&self, ready: i32) {
        let status = json!({"status": {"replicas": ready, "readyReplicas": ready}});
        let parameters = PatchParams::default();
        let patch = Patch::Merge(&status);
        let patched = self.deployments.patch_status("app", &parameters, &patch);
        patched.await.unwrap();
    }

    async fn status_says(&self, ready: i32, is_ready: bool) {
        let says = |app: Option<&MyApp>| {
            let status = app.and_then(|app| app.status.as_ref());
            status.is_some_and(|status| {
                status.ready_replicas == ready
                    && find(&status.conditions, "Ready").is_some()
                    && is_true(&status.conditions, "Ready") == is_ready
            })
        };
        let condition = await_condition(self.apps.clone(), "app", says);
        timeout(DEADLINE, condition).await.unwrap().unwrap();
    }

    async fn change(&self, spec: serde_json::Value) {
        let patch = Patch::Merge(json!({"spec": spec}));
        let parameters = PatchParams::default();
        self.apps.patch("app", &parameters, &patch).await.unwrap();
    }
}

#[tokio::test]
async fn the_status_follows_the_deployment_up_and_down() {
    let world = World::with_an_app().await;
    world.status_says(0, false).await;
    world.pods_become_ready(1).await;
    world.status_says(1, false).await;
    world.pods_become_ready(2).await;
    world.status_says(2, true).await;
    world.pods_become_ready(0).await;
    world.status_says(0, false).await;
}

#[tokio::test]
async fn the_deployment_follows_the_spec() {
    let world = World::with_an_app().await;
    let change = json!({"replicas": 3, "image": "example.com/app:2"});
    world.change(change).await;
    world.deployment_has(3, "example.com/app:2").await;
}

#[tokio::test]
async fn a_deployment_that_somebody_changes_or_deletes_comes_back() {
    let world = World::with_an_app().await;
    let patch = Patch::Merge(json!({"spec": {"replicas": 7}}));
    let parameters = PatchParams::default();
    let patched = world.deployments.patch("app", &parameters, &patch);
    patched.await.unwrap();
    world.deployment_has(2, "example.com/app:1").await;
    let parameters = DeleteParams::default();
    let deleted = world.deployments.delete("app", &parameters);
    deleted.await.unwrap();
    world.deployment_has(2, "example.com/app:1").await;
}
