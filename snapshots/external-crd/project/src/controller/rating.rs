//! Reconciles `Rating` of `example.org/v1alpha1`: does what should follow from each object.
//!
//! The type is generated from a CRD.

use api::example::v1alpha1::Rating;

use anyhow::Error;
use runtime::{Action, Controller, Manager, Reconciler, Request, Store};

// What the manager may do; `make manifests` writes it to config/rbac/role.yaml. Following the
// objects takes no more than this; what you write needs its verbs too, for example `patch`.
// The status is a resource of its own: `ratings/status`.
// +rustop:rbac:groups=example.org,resources=ratings,verbs=list;watch

const CONTROLLER: &str = "rating";

/// Does what should follow from one object at a time.
pub(crate) struct RatingReconciler {
    objects: Store<Rating>,
}

/// Adds the controller to the manager.
pub(crate) fn register(manager: &mut Manager) {
    let reconciler = RatingReconciler {
        objects: manager.store(),
    };
    manager.add(Controller::new(CONTROLLER, reconciler));
}

impl Reconciler for RatingReconciler {
    type Object = Rating;
    type Error = Error;

    async fn reconcile(&self, request: Request) -> Result<Action, Error> {
        let Some(object) = self.objects.get(&request) else {
            return Ok(Action::await_change()); // it is gone
        };
        // Do here what should follow from the object. To write, keep a `Client` from
        // `manager.client()` beside `objects`; `runtime::apply` and `runtime::owner` help.
        tracing::debug!(name = object.metadata.name, "seen");
        Ok(Action::await_change())
    }
}

#[cfg(test)]
mod tests {
    use runtime::testing::store;

    use super::*;

    type Sample = super::Rating;

    /// Reconciles `sample`, with what the cache holds.
    async fn reconcile(cached: Option<Sample>) -> Action {
        let tested = RatingReconciler {
            objects: store(cached),
        };
        let request = Request::namespaced("default", "sample");
        tested.reconcile(request).await.unwrap()
    }

    #[tokio::test]
    async fn nothing_is_done_about_an_object_that_is_gone() {
        assert_eq!(reconcile(None).await, Action::await_change());
    }

    // To test what you do about an object, make one of JSON as the API server would:
    // `serde_json::from_value(serde_json::json!({ … }))`.
}
