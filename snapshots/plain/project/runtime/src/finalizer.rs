//! Cleans up before an object goes: a finalizer added before the first apply and removed after the last cleanup.
//!
//! kube has the same helper, but it returns after adding the finalizer and waits for the watch to bring the object
//! back, and it wraps the reconciler's error. This one goes on with the object that the server returned, and adds no
//! error type of its own.

use std::fmt::Debug;
use std::sync::Arc;

use kube::api::{Api, Patch, PatchParams};
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::error::has_code;
use crate::{Action, cache};

/// What is to be done with an object.
#[derive(Clone, Debug)]
pub enum Event<K> {
    /// It shall be as its spec says; the finalizer is in place.
    Apply(Arc<K>),
    /// It is being deleted: remove what the garbage collector doesn't. Called again until it returns `Ok` without a
    /// requeue, and perhaps once more: the cache may still have an object that is gone.
    Cleanup(Arc<K>),
}

/// Runs `reconcile` with the finalizer `name` (`example.com/cleanup`) around it.
///
/// The finalizer is added before the first [`Event::Apply`], and removed after an [`Event::Cleanup`] that succeeded and
/// doesn't want to be called again: `Action::requeue(…)` says that something is still going, a machine that takes its time
/// to stop, and keeps the object until a later call has seen it gone. As in Go, where one returns before the line that
/// removes the finalizer; kube's helper removes it all the same.
/// An object that is being deleted and doesn't have the finalizer is left alone. Both writes carry the
/// resourceVersion, so that a finalizer of somebody else is never lost; a conflict is an error like any other, and the
/// reconcile is tried again.
///
/// ```
/// # use std::sync::Arc;
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// # use rustop_runtime::{Action, finalizer::{Event, finalizer}};
/// # async fn example(api: kube::Api<ConfigMap>, object: Arc<ConfigMap>) -> Result<Action, kube::Error> {
/// finalizer(&api, "example.com/cleanup", object, |event| async {
///     match event {
///         Event::Apply(_object) => Ok(Action::await_change()),
///         Event::Cleanup(_object) => Ok(Action::await_change()),
///     }
/// })
/// .await
/// # }
/// ```
///
/// # Errors
/// Those of `reconcile`, and what the API server says to the two patches.
pub async fn finalizer<K, F, R, E>(
    api: &Api<K>,
    name: &str,
    object: Arc<K>,
    reconcile: F,
) -> Result<Action, E>
where
    K: Resource + Clone + Debug + DeserializeOwned,
    F: FnOnce(Event<K>) -> R,
    R: Future<Output = Result<Action, E>>,
    E: From<kube::Error>,
{
    let present = object.finalizers().iter().any(|existing| existing == name);
    match (object.meta().deletion_timestamp.is_some(), present) {
        (false, true) => reconcile(Event::Apply(object)).await,
        (false, false) => {
            let object = write(api, &object, with(object.as_ref(), name)).await?;
            reconcile(Event::Apply(Arc::new(object))).await
        }
        (true, true) => {
            let action = reconcile(Event::Cleanup(Arc::clone(&object))).await?;
            if action.requeue_after().is_none() {
                remove(api, &object, name).await?;
            }
            Ok(action)
        }
        (true, false) => Ok(Action::await_change()),
    }
}

fn with<K: Resource>(object: &K, name: &str) -> Vec<String> {
    let mut finalizers = object.finalizers().to_vec();
    finalizers.push(name.to_owned());
    finalizers
}

/// Takes the finalizer away. An object that is gone by then is as it should be.
async fn remove<K>(api: &Api<K>, object: &K, name: &str) -> Result<(), kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned,
{
    let finalizers = object
        .finalizers()
        .iter()
        .filter(|&each| each != name)
        .cloned()
        .collect();
    match write(api, object, finalizers).await {
        Err(error) if has_code(&error, 404) => Ok(()),
        result => result.map(drop),
    }
}

async fn write<K>(api: &Api<K>, object: &K, finalizers: Vec<String>) -> Result<K, kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned,
{
    let metadata =
        json!({ "finalizers": finalizers, "resourceVersion": object.resource_version() });
    let patch = Patch::Merge(json!({ "metadata": metadata }));
    let written = api
        .patch(&object.name_any(), &PatchParams::default(), &patch)
        .await?;
    cache::record(api, &written);
    Ok(written)
}

#[cfg(test)]
mod tests;
