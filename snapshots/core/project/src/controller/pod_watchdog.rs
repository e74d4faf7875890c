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

//! Reconciles `Pod` of `v1`: does what should follow from each object.
//!
//! The type is Kubernetes' own, in the crate k8s-openapi.

use k8s_openapi::api::core::v1::Pod;

use anyhow::Error;
use runtime::{Action, Controller, Manager, Reconciler, Request, Store};

// What the manager may do; `make manifests` writes it to config/rbac/role.yaml. Following the
// objects takes no more than this; what you write needs its verbs too, for example `patch`.
// The status is a resource of its own: `pods/status`.
// +rustop:rbac:groups=core,resources=pods,verbs=list;watch

const CONTROLLER: &str = "pod-watchdog";

/// Does what should follow from one object at a time.
pub(crate) struct PodWatchdogReconciler {
    objects: Store<Pod>,
}

/// Adds the controller to the manager.
pub(crate) fn register(manager: &mut Manager) {
    let reconciler = PodWatchdogReconciler {
        objects: manager.store(),
    };
    manager.add(Controller::new(CONTROLLER, reconciler));
}

impl Reconciler for PodWatchdogReconciler {
    type Object = Pod;
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

    type Sample = super::Pod;

    /// Reconciles `sample`, with what the cache holds.
    async fn reconcile(cached: Option<Sample>) -> Action {
        let tested = PodWatchdogReconciler {
            objects: store(cached),
        };
        let request = Request::namespaced("default", "sample");
        tested.reconcile(request).await.unwrap()
    }

    #[tokio::test]
    async fn nothing_is_done_about_an_object_that_is_gone() {
        assert_eq!(reconcile(None).await, Action::await_change());
    }

    #[tokio::test]
    async fn an_object_is_left_alone_until_it_changes() {
        let mut object = Sample::default();
        object.metadata.name = Some("sample".to_owned());
        object.metadata.namespace = Some("default".to_owned());
        assert_eq!(reconcile(Some(object)).await, Action::await_change());
    }
}
