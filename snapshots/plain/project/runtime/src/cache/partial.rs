//! Objects of which the metadata and the status are kept.

use std::borrow::Cow;
use std::marker::PhantomData;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::{Deserialize, Serialize};

/// A `K` without its spec: what it is called, who owns it, and how it is. `S` is the type of its status.
///
/// For caches of what a controller owns. The spec of a Deployment or a Pod is most of what it costs, in memory and to
/// decode, and a controller that applies a spec rarely reads it again. The API server still sends it; where the status
/// isn't read either, `kube::core::PartialObjectMeta<K>` has it send the metadata only.
///
/// It is a kind of its own for caches: `Store<Deployment>` beside it is a second watch.
///
/// ```
/// use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};
/// use rustop_runtime::{PartialObjectStatus, Request, Store};
///
/// type Rollout = PartialObjectStatus<Deployment, DeploymentStatus>;
///
/// fn ready(deployments: &Store<Rollout>, request: &Request) -> i32 {
///     let rollout = deployments.get(request);
///     let status = rollout.as_ref().and_then(|rollout| rollout.status.as_ref());
///     status.and_then(|status| status.ready_replicas).unwrap_or(0)
/// }
/// ```
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(bound(deserialize = "S: Deserialize<'de>", serialize = "S: Serialize"))]
pub struct PartialObjectStatus<K, S> {
    /// The object's metadata.
    pub metadata: ObjectMeta,
    /// The object's status, once it has one.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub status: Option<S>,
    #[serde(skip, default)]
    kind: PhantomData<K>,
}

/// Not `Default::default`, which would ask the same of `S`.
fn none<S>() -> Option<S> {
    None
}

impl<K, S> PartialObjectStatus<K, S> {
    /// An object with this metadata and status: for tests.
    pub fn new(metadata: ObjectMeta, status: Option<S>) -> Self {
        Self {
            metadata,
            status,
            kind: PhantomData,
        }
    }
}

impl<K: Resource, S> Resource for PartialObjectStatus<K, S> {
    type DynamicType = K::DynamicType;
    type Scope = K::Scope;

    fn kind(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::kind(dynamic)
    }

    fn group(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::group(dynamic)
    }

    fn version(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::version(dynamic)
    }

    fn plural(dynamic: &Self::DynamicType) -> Cow<'_, str> {
        K::plural(dynamic)
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};
    use serde_json::json;

    use super::*;
    use crate::Object;

    type Rollout = PartialObjectStatus<Deployment, DeploymentStatus>;

    fn resource<K: Object>(namespace: &str) -> String {
        K::url_path(&(), Some(namespace))
    }

    #[test]
    fn it_is_of_the_kind_and_has_its_status_only() {
        assert_eq!(resource::<Rollout>("ns"), resource::<Deployment>("ns"));
        let whole = json!({"metadata": {"name": "a"}, "spec": "whatever it is", "status": {"readyReplicas": 2}});
        let rollout: Rollout = serde_json::from_value(whole).unwrap();
        assert_eq!(rollout.metadata.name.as_deref(), Some("a"));
        assert_eq!(
            rollout.status.and_then(|status| status.ready_replicas),
            Some(2)
        );
        let young: Rollout = serde_json::from_value(json!({"metadata": {}})).unwrap();
        assert_eq!(young.status, None);
    }
}
