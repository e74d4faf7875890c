//! Reconciles `MyApp`: keeps a Deployment of the same name to its spec, and its
//! status to the Deployment.

use api::apps::v1::MyApp;

use anyhow::Error;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{Container, ContainerPort, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;
use kube::{Api, Client, Resource, ResourceExt};
use runtime::apply::{apply_if_changed, patch_status};
use runtime::conditions::{self, Status, condition};
use runtime::owner::{self, OwnerError};
use runtime::{Action, Controller, Manager, Reconciler, Request, Store};

// +rustop:rbac:groups=apps.example.com,resources=myapps,verbs=list;watch
// +rustop:rbac:groups=apps.example.com,resources=myapps/status,verbs=patch
// +rustop:rbac:groups=apps.example.com,resources=myapps/finalizers,verbs=update
// +rustop:rbac:groups=apps,resources=deployments,verbs=list;watch;create;patch

const CONTROLLER: &str = "myapp";

/// Brings one object at a time to what its spec asks for.
pub(crate) struct MyAppReconciler {
    client: Client,
    objects: Store<MyApp>,
    deployments: Store<Deployment>,
}

/// Adds the controller to the manager.
pub(crate) fn register(manager: &mut Manager) {
    let reconciler = MyAppReconciler {
        client: manager.client(),
        objects: manager.store(),
        deployments: manager.store(),
    };
    manager.add(Controller::new(CONTROLLER, reconciler).owns::<Deployment>());
}

impl Reconciler for MyAppReconciler {
    type Object = MyApp;
    type Error = Error;

    async fn reconcile(&self, request: Request) -> Result<Action, Error> {
        let Some(object) = self.objects.get(&request) else {
            return Ok(Action::await_change()); // its Deployment goes with it
        };
        if object.meta().deletion_timestamp.is_some() {
            return Ok(Action::await_change());
        }
        let namespace = request.namespace_or_default();
        let current = self.deployments.get(&request);
        let (current, wanted) = (current.as_deref(), deployment(&object)?);
        let deployments = Api::namespaced(self.client.clone(), namespace);
        apply_if_changed(&deployments, current, &wanted, CONTROLLER).await?;
        let api = Api::namespaced(self.client.clone(), namespace);
        write_status(&api, &object, current).await?;
        Ok(Action::await_change())
    }
}

/// The Deployment that the spec asks for.
fn deployment(object: &MyApp) -> Result<Deployment, OwnerError> {
    let labels = [("app.kubernetes.io/name".to_owned(), object.name_any())];
    let mut deployment = Deployment {
        metadata: ObjectMeta {
            name: object.meta().name.clone(),
            namespace: object.namespace(),
            labels: Some(labels.clone().into()),
            ..Default::default()
        },
        spec: Some(DeploymentSpec {
            replicas: Some(object.spec.replicas),
            selector: LabelSelector {
                match_labels: Some(labels.clone().into()),
                ..Default::default()
            },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels.into()),
                    ..Default::default()
                }),
                spec: Some(pod(object)),
            },
            ..Default::default()
        }),
        ..Default::default()
    };
    owner::set_controller(&mut deployment, object)?;
    Ok(deployment)
}

fn pod(object: &MyApp) -> PodSpec {
    PodSpec {
        containers: vec![Container {
            name: "app".to_owned(),
            image: Some(object.spec.image.clone()),
            ports: Some(vec![ContainerPort {
                container_port: object.spec.port,
                ..Default::default()
            }]),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// Copies the ready replicas into the status, and says whether they are enough.
async fn write_status(
    api: &Api<MyApp>,
    object: &MyApp,
    deployment: Option<&Deployment>,
) -> Result<(), Error> {
    let mut status = object.status.clone().unwrap_or_default();
    let found = deployment.and_then(|deployment| deployment.status.as_ref());
    status.ready_replicas = found.and_then(|found| found.ready_replicas).unwrap_or(0);
    let wanted = object.spec.replicas;
    let message = format!("{} of {wanted} replicas are ready", status.ready_replicas);
    let ready = match status.ready_replicas >= wanted {
        true => condition("Ready", Status::True, "Available", message),
        false => condition("Ready", Status::False, "Progressing", message),
    };
    conditions::set(&mut status.conditions, ready, object.metadata.generation);
    patch_status(api, object, &status).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use api::apps::v1::MyAppSpec;
    use runtime::testing::FakeApiServer;
    use runtime::testing::faults::{self, World};

    use super::*;

    fn object(replicas: i32) -> MyApp {
        let (image, port) = ("example.com/app:1".to_owned(), 80);
        let mut object = MyApp::new(
            "sample",
            MyAppSpec {
                replicas,
                image,
                port,
            },
        );
        object.metadata.namespace = Some("default".to_owned());
        object.metadata.uid = Some("1".to_owned());
        object
    }

    #[test]
    fn the_deployment_follows_the_spec() {
        let deployment = deployment(&object(3)).unwrap();
        let spec = deployment.spec.unwrap();
        assert_eq!(spec.replicas, Some(3));
        let container = &spec.template.spec.unwrap().containers[0];
        assert_eq!(container.image.as_deref(), Some("example.com/app:1"));
        assert_eq!(container.ports.as_ref().unwrap()[0].container_port, 80);
        assert_eq!(
            deployment.metadata.owner_references.unwrap()[0].name,
            "sample"
        );
    }

    fn server() -> FakeApiServer {
        FakeApiServer::new()
            .with_objects([object(2)])
            .kind::<Deployment>()
    }

    fn tested(world: &World) -> MyAppReconciler {
        MyAppReconciler {
            client: world.client(),
            objects: world.store(),
            deployments: world.store(),
        }
    }

    #[tokio::test]
    async fn the_status_follows_the_deployment() {
        let (server, request) = (server(), Request::of(&object(2)));
        for (ready, expected) in [(0, false), (2, true)] {
            tested(&World::new(&server))
                .reconcile(request.clone())
                .await
                .unwrap();
            server.edit(&request, |deployment: &mut Deployment| {
                deployment.status.get_or_insert_default().ready_replicas = Some(ready);
            });
            tested(&World::new(&server))
                .reconcile(request.clone())
                .await
                .unwrap();
            let object: MyApp = server.object(&request).unwrap();
            let status = object.status.unwrap();
            assert_eq!(status.ready_replicas, ready);
            assert_eq!(conditions::is_true(&status.conditions, "Ready"), expected);
        }
    }

    #[tokio::test]
    async fn it_comes_to_the_same_end_whatever_goes_wrong() {
        faults::on(&server())
            .change(|object: &mut MyApp| object.spec.replicas = 3)
            .check(tested)
            .await;
    }
}
