//! Writes: server-side apply of a typed object, create-or-update, and a status patch that isn't sent when nothing
//! changed.

mod changed;
mod create;

use std::fmt::Debug;

use kube::api::{Api, Patch, PatchParams};
use kube::{Resource, ResourceExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::cache;

pub use changed::apply_if_changed;
pub use create::{Outcome, create_or_update};

/// Applies `object` with server-side apply, and takes over fields that others had set to something else: a controller
/// is the authority over what it sets. Fields that `object` doesn't set are left alone, and a `None` that serde writes as
/// null is not set either. What only the server writes, such as `managedFields` of an object that was read, isn't sent.
///
/// ```no_run
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// # async fn example(client: kube::Client) -> Result<(), kube::Error> {
/// let mut settings = ConfigMap::default();
/// settings.metadata.name = Some("settings".into());
/// let api = kube::Api::default_namespaced(client);
/// rustop_runtime::apply::apply(&api, &settings, "my-operator").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What the API server or the connection says.
pub async fn apply<K>(api: &Api<K>, object: &K, field_manager: &str) -> Result<K, kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned + Serialize,
{
    let mut body = serde_json::to_value(object).map_err(kube::Error::SerdeError)?;
    remove_unset(&mut body);
    let parameters = PatchParams::apply(field_manager).force();
    let applied = api
        .patch(&object.name_any(), &parameters, &Patch::Apply(body))
        .await?;
    cache::record(api, &applied);
    Ok(applied)
}

/// What the server owns, and what serde writes as null although nobody set it.
fn remove_unset(body: &mut Value) {
    if let Some(Value::Object(metadata)) = body.get_mut("metadata") {
        for key in [
            "creationTimestamp",
            "deletionTimestamp",
            "generation",
            "managedFields",
        ] {
            metadata.remove(key);
        }
    }
    remove_nulls(body);
}

/// The items of a list stay: what is null there was meant.
fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// Writes `status` into the status subresource of `object`, unless it is there already, and says whether it was
/// written. Only the difference is sent.
///
/// A list, such as that of the conditions, is replaced as a whole. Then the object's resourceVersion goes along, so that
/// what somebody else wrote into the list meanwhile is not lost: the API server answers with a conflict.
///
/// # Errors
/// What the API server or the connection says. After a conflict (409) reconcile again, with the newer object.
pub async fn patch_status<K, S>(api: &Api<K>, object: &K, status: &S) -> Result<bool, kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned + Serialize,
    S: Serialize,
{
    let old = serde_json::to_value(object).map_err(kube::Error::SerdeError)?;
    let old = old.get("status").cloned().unwrap_or(Value::Null);
    let new = serde_json::to_value(status).map_err(kube::Error::SerdeError)?;
    let Some(difference) = difference(&old, &new) else {
        return Ok(false);
    };
    let mut patch = json!({ "status": difference });
    if holds_list(&patch) {
        patch["metadata"] = json!({ "resourceVersion": object.resource_version() });
    }
    let parameters = PatchParams::default();
    let patch = Patch::Merge(patch);
    let patched = api
        .patch_status(&object.name_any(), &parameters, &patch)
        .await?;
    cache::record(api, &patched);
    Ok(true)
}

fn holds_list(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(fields) => fields.values().any(holds_list),
        _ => false,
    }
}

/// The JSON merge patch (RFC 7396) that makes `new` of `old`, or `None` when they are equal.
fn difference(old: &Value, new: &Value) -> Option<Value> {
    if old == new {
        return None;
    }
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => object_difference(old, new),
        (_, Value::Object(new)) => object_difference(&Map::new(), new).or_else(|| Some(json!({}))),
        (_, new) => Some(new.clone()),
    }
}

/// A null in `new` and a field that isn't there are the same to a merge patch.
fn object_difference(old: &Map<String, Value>, new: &Map<String, Value>) -> Option<Value> {
    let missing = Value::Null;
    let mut patch = Map::new();
    for (key, value) in new {
        if let Some(changed) = difference(old.get(key).unwrap_or(&missing), value) {
            patch.insert(key.clone(), changed);
        }
    }
    for (key, value) in old {
        if !value.is_null() && !new.contains_key(key) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod, PodStatus};

    use super::*;
    use crate::testing::{Answer, FakeApiServer};

    #[test]
    fn a_difference_is_a_merge_patch() {
        for (old, new, expected) in [
            (json!({"a": 1}), json!({"a": 1}), None),
            (json!({"a": 1}), json!({"a": 2}), Some(json!({"a": 2}))),
            (
                json!({"a": 1, "b": 1}),
                json!({"b": 1}),
                Some(json!({"a": null})),
            ),
            (json!({"a": 1}), json!({"a": 1, "b": null}), None),
            (
                json!({"a": {"b": 1, "c": 2}}),
                json!({"a": {"b": 1, "c": 3}}),
                Some(json!({"a": {"c": 3}})),
            ),
            (
                json!({"a": [1, 2]}),
                json!({"a": [2]}),
                Some(json!({"a": [2]})),
            ),
            (Value::Null, json!({"a": 1}), Some(json!({"a": 1}))),
            (Value::Null, json!({}), Some(json!({}))),
            (
                Value::Null,
                json!({"a": {"b": null}}),
                Some(json!({"a": {}})),
            ),
        ] {
            assert_eq!(difference(&old, &new), expected, "{old} -> {new}");
        }
    }

    #[tokio::test]
    async fn an_unchanged_status_is_not_sent() {
        let mut pod = Pod::default();
        pod.metadata.name = Some("p".into());
        pod.status = Some(PodStatus {
            phase: Some("Running".into()),
            ..PodStatus::default()
        });
        let server = FakeApiServer::new().on(
            "PATCH",
            "/api/v1/namespaces/ns/pods/p/status",
            Answer::ok(&pod),
        );
        let api: Api<Pod> = Api::namespaced(server.client(), "ns");

        assert!(
            !patch_status(&api, &pod, pod.status.as_ref().unwrap())
                .await
                .unwrap()
        );
        assert_eq!(server.requests().len(), 0);

        let status = PodStatus {
            phase: Some("Failed".into()),
            ..PodStatus::default()
        };
        assert!(patch_status(&api, &pod, &status).await.unwrap());
        assert_eq!(
            server.requests()[0].body,
            json!({"status": {"phase": "Failed"}})
        );
    }

    /// Two controllers of one kind each have a condition in the one list.
    #[tokio::test]
    async fn a_list_is_replaced_only_in_the_object_that_was_seen() {
        let mut pod = Pod::default();
        pod.metadata.name = Some("p".into());
        pod.metadata.resource_version = Some("7".into());
        let path = "/api/v1/namespaces/ns/pods/p/status";
        let server = FakeApiServer::new().on("PATCH", path, Answer::ok(&pod));
        let api: Api<Pod> = Api::namespaced(server.client(), "ns");

        let status = PodStatus {
            host_ips: Some(Vec::new()),
            ..PodStatus::default()
        };
        patch_status(&api, &pod, &status).await.unwrap();
        assert_eq!(
            server.requests()[0].body,
            json!({"metadata": {"resourceVersion": "7"}, "status": {"hostIPs": []}})
        );
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        let mut body = json!({
            "metadata": {"name": "a", "managedFields": [], "generation": 3, "labels": null},
            "spec": {"size": null, "nested": {"a": null, "b": 0}, "list": [{"a": null}, null]},
            "status": null,
        });
        remove_unset(&mut body);
        let expected = json!({
            "metadata": {"name": "a"},
            "spec": {"nested": {"b": 0}, "list": [{}, null]},
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn apply_sends_what_is_set_and_nothing_else() {
        let mut object = ConfigMap::default();
        object.metadata.name = Some("c".into());
        object.metadata.managed_fields = Some(Vec::new());
        let server = FakeApiServer::new().on(
            "PATCH",
            "/api/v1/namespaces/ns/configmaps/c",
            Answer::ok(&object),
        );
        let api: Api<ConfigMap> = Api::namespaced(server.client(), "ns");

        apply(&api, &object, "tester").await.unwrap();
        let request = &server.requests()[0];
        assert_eq!(
            request.body,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})
        );
        assert!(
            request.query.contains("fieldManager=tester"),
            "{}",
            request.query
        );
        assert!(request.query.contains("force=true"), "{}", request.query);
    }
}
