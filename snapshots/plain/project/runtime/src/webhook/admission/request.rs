//! What the API server asks.

use std::fmt;

use k8s_openapi::api::authentication::v1::UserInfo;
use kube::core::{GroupVersionKind, GroupVersionResource};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Denied;

/// A request to the API server that it asks us about. The objects are as JSON, as they were sent: what a type doesn't
/// know isn't lost.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdmissionRequest {
    /// Names this question; the answer repeats it.
    pub uid: String,
    /// The kind of `object` and `old_object`.
    pub kind: GroupVersionKind,
    /// The resource that is changed, as the webhook's rule names it.
    pub resource: GroupVersionResource,
    /// The subresource, `status` or `scale` for example; `None` for the object itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_resource: Option<String>,
    /// The kind that the user sent, where the API server converted it for this webhook (`matchPolicy: Equivalent`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_kind: Option<GroupVersionKind>,
    /// The object's name; empty when the server is to make one (`generateName`).
    #[serde(default)]
    pub name: String,
    /// The object's namespace; `None` when its kind is cluster-scoped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What is done.
    pub operation: Operation,
    /// Who does it.
    #[serde(default)]
    pub user_info: UserInfo,
    /// The object as it is to be stored; `None` when it is deleted.
    #[serde(default)]
    pub object: Option<Value>,
    /// The object as it is stored; `None` when it is created.
    #[serde(default)]
    pub old_object: Option<Value>,
    /// Nothing is going to be stored: whoever has effects outside of the object must not have them now.
    #[serde(default)]
    pub dry_run: bool,
    /// The options of the operation: `CreateOptions`, `UpdateOptions`, `DeleteOptions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Value>,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is to go.
    Delete,
    /// Someone connects to it, as `kubectl exec` does.
    Connect,
}

impl AdmissionRequest {
    /// A question without an object, asked by nobody: for tests.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn new(
        uid: &str,
        kind: GroupVersionKind,
        resource: GroupVersionResource,
        operation: Operation,
    ) -> Self {
        Self {
            uid: uid.to_owned(),
            kind,
            resource,
            sub_resource: None,
            request_kind: None,
            name: String::new(),
            namespace: None,
            operation,
            user_info: UserInfo::default(),
            object: None,
            old_object: None,
            dry_run: false,
            options: None,
        }
    }

    /// The object as a `K`; `None` when the object is deleted.
    ///
    /// # Errors
    /// A 400 that names the field which can't be read.
    pub fn object_as<K: DeserializeOwned>(&self) -> Result<Option<K>, Denied> {
        self.decode(self.object.as_ref(), "object")
    }

    /// The object as it is stored, as a `K`; `None` when the object is created.
    ///
    /// # Errors
    /// A 400 that names the field which can't be read.
    pub fn old_object_as<K: DeserializeOwned>(&self) -> Result<Option<K>, Denied> {
        self.decode(self.old_object.as_ref(), "old object")
    }

    fn decode<K: DeserializeOwned>(
        &self,
        object: Option<&Value>,
        which: &str,
    ) -> Result<Option<K>, Denied> {
        let Some(object) = object else {
            return Ok(None);
        };
        let decoded = serde_path_to_error::deserialize(object);
        decoded.map(Some).map_err(|error| {
            Denied::bad_request(format!("failed to read the {which} {self}: {error}"))
        })
    }

    /// Everything but the objects: enough to answer by.
    pub(crate) fn without_objects(&self) -> Self {
        Self {
            uid: self.uid.clone(),
            kind: self.kind.clone(),
            resource: self.resource.clone(),
            sub_resource: self.sub_resource.clone(),
            request_kind: self.request_kind.clone(),
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            operation: self.operation,
            user_info: self.user_info.clone(),
            object: None,
            old_object: None,
            dry_run: self.dry_run,
            options: None,
        }
    }

    /// Whether an object that is on its way out changes in nothing but its metadata and its status.
    ///
    /// That is how finalizers are removed. Nobody may stand in the way of it, also not for the sake of a rule that is
    /// younger than the object.
    pub(crate) fn lets_go(&self) -> bool {
        let (Some(new), Some(old)) = (&self.object, &self.old_object) else {
            return false;
        };
        let leaving = new.pointer("/metadata/deletionTimestamp");
        leaving.is_some_and(Value::is_string) && content(new).eq(content(old))
    }
}

/// The fields that say what an object is.
fn content(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let fields = object.as_object().into_iter().flatten();
    fields.filter(|(key, _)| *key != "metadata" && *key != "status")
}

/// `MyApp default/name`, for messages.
impl fmt::Display for AdmissionRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = &self.kind.kind;
        match self
            .namespace
            .as_deref()
            .filter(|namespace| !namespace.is_empty())
        {
            Some(namespace) => write!(formatter, "{kind} {namespace}/{}", self.name),
            None => write!(formatter, "{kind} {}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(object: &Value, old: &Value) -> AdmissionRequest {
        serde_json::from_value(json!({
            "uid": "1", "operation": "UPDATE", "name": "a", "namespace": "default",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "object": object, "oldObject": old, "options": null,
        }))
        .unwrap()
    }

    fn check(new: &Value, old: &Value, lets_go: bool) {
        assert_eq!(request(new, old).lets_go(), lets_go, "{new} {old}");
    }

    #[test]
    fn an_object_on_its_way_out_is_let_go() {
        let leaving = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
        let held = json!({"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/b"]});
        let old = json!({"metadata": held, "spec": {"a": 1}, "status": {"a": 1}});
        check(
            &json!({"metadata": leaving, "spec": {"a": 1}, "status": {"a": 2}}),
            &old,
            true,
        );
        check(&json!({"metadata": leaving, "spec": {"a": 2}}), &old, false);
        check(
            &json!({"metadata": {"deletionTimestamp": null}, "spec": {"a": 1}}),
            &old,
            false,
        );
        check(&Value::Null, &old, false);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_field() {
        let broken = json!({"spec": {"containers": [{"name": "a"}, {"name": 7}]}});
        let request = request(&broken, &Value::Null);
        let error = request
            .object_as::<k8s_openapi::api::core::v1::Pod>()
            .unwrap_err();
        let status = error.status(&request);
        assert_eq!(status.code, 400);
        assert!(
            status.message.starts_with(
                "failed to read the object Pod default/a: spec.containers[1].name: invalid type"
            ),
            "{}",
            status.message
        );
    }
}
