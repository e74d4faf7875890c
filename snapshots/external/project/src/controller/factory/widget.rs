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

//! Reconciles `Widget` of `factory.example.org/v1`: does what should follow from each object.
//!
//! The type is the one of the crate `widgets`.

use widgets::v1::Widget;

use anyhow::Error;
use runtime::{Action, Controller, Manager, Reconciler, Request, Store};

// What the manager may do; `make manifests` writes it to config/rbac/role.yaml. Following the
// objects takes no more than this; what you write needs its verbs too, for example `patch`.
// The status is a resource of its own: `widgets/status`.
// +rustop:rbac:groups=factory.example.org,resources=widgets,verbs=list;watch

const CONTROLLER: &str = "factory-widget";

/// Does what should follow from one object at a time.
pub(crate) struct WidgetReconciler {
    objects: Store<Widget>,
}

/// Adds the controller to the manager.
pub(crate) fn register(manager: &mut Manager) {
    let reconciler = WidgetReconciler {
        objects: manager.store(),
    };
    manager.add(Controller::new(CONTROLLER, reconciler));
}

impl Reconciler for WidgetReconciler {
    type Object = Widget;
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

    type Sample = super::Widget;

    /// Reconciles `sample`, with what the cache holds.
    async fn reconcile(cached: Option<Sample>) -> Action {
        let tested = WidgetReconciler {
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
