//! Reconciles `Captain`: brings the cluster to what its spec asks for, and
//! writes what it found into its status.

use api::fleet::v10::Captain;

use kube::{Api, Client, Error};
use runtime::apply::patch_status;
use runtime::conditions::{self, Status, condition};
use runtime::finalizer::{Event, finalizer};
use runtime::{Action, Controller, Manager, Reconciler, Request, Store};

// What the manager may do; `make manifests` writes it to config/rbac/role.yaml.
// +rustop:rbac:groups=fleet.example.com,resources=captains,verbs=get;list;watch;create;update;patch;delete
// +rustop:rbac:groups=fleet.example.com,resources=captains/status,verbs=get;update;patch
// +rustop:rbac:groups=fleet.example.com,resources=captains/finalizers,verbs=update

const CONTROLLER: &str = "captain-v10";
/// Keeps an object from going before `cleanup` is done with it.
const FINALIZER: &str = "fleet.example.com/captain-v10";
/// The condition that this controller sets; each has its own.
const READY: &str = "CaptainV10Ready";

/// Brings one object at a time to what its spec asks for.
pub(crate) struct CaptainV10Reconciler {
    client: Client,
    objects: Store<Captain>,
}

/// Adds the controller to the manager.
pub(crate) fn register(manager: &mut Manager) {
    let reconciler = CaptainV10Reconciler {
        client: manager.client(),
        objects: manager.store(),
    };
    // `.owns::<Deployment>()` reconciles the owner when one of its Deployments changes.
    manager.add(Controller::new(CONTROLLER, reconciler));
}

impl Reconciler for CaptainV10Reconciler {
    type Object = Captain;
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

impl CaptainV10Reconciler {
    /// Called again and again: what is right already must stay as it is.
    async fn apply(&self, api: &Api<Captain>, object: &Captain) -> Result<Action, Error> {
        // Create and update what the spec asks for here; `runtime::apply` and
        // `runtime::owner` help. Then say in the status how far it is.
        let mut status = object.status.clone().unwrap_or_default();
        let ready = condition(READY, Status::True, "Reconciled", "all is as asked for");
        conditions::set(&mut status.conditions, ready, object.metadata.generation);
        patch_status(api, object, &status).await?;
        Ok(Action::await_change())
    }

    /// Removes what owner references do not: things outside the cluster, or in other namespaces.
    async fn cleanup(&self, object: &Captain) -> Result<Action, Error> {
        tracing::info!(name = object.metadata.name, "cleaned up");
        Ok(Action::await_change())
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use k8s_openapi::jiff::Timestamp;
    use kube::api::ObjectMeta;
    use runtime::testing::{Answer, FakeApiServer, RecordedRequest, store};

    use super::*;

    type Sample = super::Captain;

    /// An object as the API server would hand it out.
    fn object(finalizers: &[&str], deleted: bool) -> Sample {
        let mut object = Sample::new("sample", Default::default());
        object.metadata = ObjectMeta {
            name: Some("sample".to_owned()),
            namespace: Some("default".to_owned()),
            generation: Some(1),
            finalizers: Some(finalizers.iter().map(|name| (*name).to_owned()).collect()),
            deletion_timestamp: deleted.then_some(Time(Timestamp::UNIX_EPOCH)),
            ..Default::default()
        };
        object
    }

    /// Reconciles the object, and gives the requests that the API server got.
    async fn reconcile(cached: Option<Sample>) -> Vec<RecordedRequest> {
        let answer = object(&[FINALIZER], false);
        let server = FakeApiServer::new().otherwise(move |_| Some(Answer::ok(&answer)));
        let tested = CaptainV10Reconciler {
            client: server.client(),
            objects: store(cached),
        };
        let request = Request::of(&object(&[], false));
        tested.reconcile(request).await.unwrap();
        server.requests()
    }

    #[tokio::test]
    async fn nothing_is_asked_about_an_object_that_is_gone() {
        assert_eq!(reconcile(None).await, []);
    }

    #[tokio::test]
    async fn the_finalizer_comes_before_the_work() {
        let requests = reconcile(Some(object(&[], false))).await;
        assert_eq!(requests[0].body["metadata"]["finalizers"][0], FINALIZER);
    }

    #[tokio::test]
    async fn the_status_says_ready() {
        let requests = reconcile(Some(object(&[FINALIZER], false))).await;
        assert!(requests[0].path.ends_with("/status"));
        let ready = &requests[0].body["status"]["conditions"][0];
        assert_eq!(ready["type"], READY);
        assert_eq!(ready["status"], "True");
    }

    #[tokio::test]
    async fn a_deleted_object_is_let_go_after_the_cleanup() {
        let requests = reconcile(Some(object(&[FINALIZER], true))).await;
        assert_eq!(requests.len(), 1);
        let finalizers = &requests[0].body["metadata"]["finalizers"];
        assert_eq!(finalizers, &serde_json::json!([]));
    }
}
