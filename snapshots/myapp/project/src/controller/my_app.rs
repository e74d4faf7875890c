// Copyright 2026.
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

//! Reconciles `MyApp`: brings the cluster to what its spec asks for, and
//! writes what it found into its status.

use api::apps::v1::MyApp;

use anyhow::Error;
use kube::{Api, Client};
use runtime::apply::patch_status;
use runtime::conditions::{self, Status, condition};
use runtime::finalizer::{Event, finalizer};
use runtime::{Action, Controller, Manager, Reconciler, Request, Store};

// What the manager may do; `make manifests` writes it to config/rbac/role.yaml. It is what this
// file does, and no more: add here the kinds that you create, change or delete, with the verbs
// that they take. `make rbac-audit` names what is missing. The last one lets what you create have
// an owner, on clusters that ask for that right.
// +rustop:rbac:groups=apps.example.com,resources=myapps,verbs=list;watch;patch
// +rustop:rbac:groups=apps.example.com,resources=myapps/status,verbs=patch
// +rustop:rbac:groups=apps.example.com,resources=myapps/finalizers,verbs=update

const CONTROLLER: &str = "myapp";
/// Keeps an object from going before `cleanup` is done with it.
const FINALIZER: &str = "apps.example.com/finalizer";

/// Brings one object at a time to what its spec asks for.
pub(crate) struct MyAppReconciler {
    client: Client,
    objects: Store<MyApp>,
}

/// Adds the controller to the manager.
pub(crate) fn register(manager: &mut Manager) {
    let reconciler = MyAppReconciler {
        client: manager.client(),
        objects: manager.store(),
    };
    // `.owns::<Deployment>()` reconciles the owner when one of its Deployments changes.
    manager.add(Controller::new(CONTROLLER, reconciler));
}

impl Reconciler for MyAppReconciler {
    type Object = MyApp;
    type Error = Error;

    async fn reconcile(&self, request: Request) -> Result<Action, Error> {
        let Some(object) = self.objects.get(&request) else {
            return Ok(Action::await_change()); // it is gone
        };
        let api = Api::namespaced(self.client.clone(), request.namespace_or_default());
        finalizer(&api, FINALIZER, object, |event| async {
            match event {
                Event::Apply(object) => self.apply(&api, &object).await,
                Event::Cleanup(object) => self.cleanup(&object).await,
            }
        })
        .await
    }
}

impl MyAppReconciler {
    /// Called again and again: what is right already must stay as it is.
    async fn apply(&self, api: &Api<MyApp>, object: &MyApp) -> Result<Action, Error> {
        // Create and update what the spec asks for here; `runtime::apply` and
        // `runtime::owner` help. Then say in the status how far it is.
        let mut status = object.status.clone().unwrap_or_default();
        let ready = condition("Ready", Status::True, "Reconciled", "all is as asked for");
        conditions::set(&mut status.conditions, ready, object.metadata.generation);
        patch_status(api, object, &status).await?;
        Ok(Action::await_change())
    }

    /// Removes what owner references do not: things outside the cluster, or in other namespaces.
    async fn cleanup(&self, object: &MyApp) -> Result<Action, Error> {
        tracing::info!(name = object.metadata.name, "cleaned up");
        Ok(Action::await_change())
    }
}

#[cfg(test)]
mod tests {
    use runtime::testing::FakeApiServer;
    use runtime::testing::faults::{self, World};

    use super::*;

    type Sample = super::MyApp;
    type Tested = super::MyAppReconciler;

    /// An API server that has one object.
    fn server() -> FakeApiServer {
        let object = Sample::new("sample", Default::default());
        FakeApiServer::new().with_objects([object])
    }

    fn sample() -> Request {
        Request::namespaced("default", "sample")
    }

    fn tested(world: &World) -> Tested {
        Tested {
            client: world.client(),
            objects: world.store(),
        }
    }

    /// Reconciles the object, and gives what became of it.
    async fn reconcile(server: &FakeApiServer) -> Option<Sample> {
        let tested = tested(&World::new(server));
        tested.reconcile(sample()).await.unwrap();
        server.object(&sample())
    }

    #[tokio::test]
    async fn nothing_is_asked_about_an_object_that_is_gone() {
        let server = FakeApiServer::new().kind::<Sample>();
        reconcile(&server).await;
        assert_eq!(server.requests(), []);
    }

    #[tokio::test]
    async fn it_is_ready_and_held_by_the_finalizer() {
        let object = reconcile(&server()).await.unwrap();
        assert_eq!(object.metadata.finalizers.unwrap(), [FINALIZER]);
        let status = object.status.unwrap();
        assert!(conditions::is_true(&status.conditions, "Ready"));
    }

    #[tokio::test]
    async fn a_deleted_object_is_let_go_after_the_cleanup() {
        let server = server();
        reconcile(&server).await;
        server.delete::<Sample>(&sample());
        assert!(reconcile(&server).await.is_none());
    }

    /// The process may die after any write, its cache be old, a write fail. Another spec is tried
    /// as well with `.change(|object: &mut Sample| object.spec.…)`, and what you create is known to
    /// the server after `.kind::<Deployment>()`.
    #[tokio::test]
    async fn it_comes_to_the_same_end_whatever_goes_wrong() {
        faults::on(&server()).check(tested).await;
    }
}
