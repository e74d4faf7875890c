//! Asks a webhook what the API server would ask it, without a server.
//!
//! ```
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use rustop_runtime::Webhook;
//! use rustop_runtime::testing::admission;
//! use rustop_runtime::webhook::{AdmissionRequest, Denied, Validator, Warnings};
//!
//! struct Keeper;
//!
//! impl Validator for Keeper {
//!     type Object = ConfigMap;
//!
//!     async fn validate_delete(&self, _: &ConfigMap, _: &AdmissionRequest) -> Result<Warnings, Denied> {
//!         Err(Denied::forbidden("settings are for ever"))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let webhook = Webhook::<ConfigMap>::new().validator(Keeper);
//! assert!(admission::create(&webhook, &ConfigMap::default()).await.allowed());
//! let answer = admission::delete(&webhook, &ConfigMap::default()).await;
//! assert_eq!(answer.message(), "settings are for ever");
//! # }
//! ```

use kube::core::response::StatusCause;
use kube::core::{GroupVersionResource, Status};
use serde::Serialize;
use serde_json::Value;

use crate::Object;
use crate::webhook::{AdmissionRequest, Denied, Operation, Webhook, apply_patch};

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Answer<K> {
    object: Value,
    patch: Value,
    refusal: Option<Status>,
    warnings: Vec<String>,
    kind: std::marker::PhantomData<fn() -> K>,
}

/// Creates `object`: the defaulter first, then the validator with what it made. The object may be JSON, to have fields
/// that the type doesn't know.
pub async fn create<K: Object>(webhook: &Webhook<K>, object: &impl Serialize) -> Answer<K> {
    ask(
        webhook,
        request::<K>(Operation::Create, Some(json(object)), None),
    )
    .await
}

/// Changes `old` to `new`.
pub async fn update<K: Object>(
    webhook: &Webhook<K>,
    old: &impl Serialize,
    new: &impl Serialize,
) -> Answer<K> {
    let (old, new) = (Some(json(old)), Some(json(new)));
    ask(webhook, request::<K>(Operation::Update, new, old)).await
}

/// Deletes `object`.
pub async fn delete<K: Object>(webhook: &Webhook<K>, object: &impl Serialize) -> Answer<K> {
    ask(
        webhook,
        request::<K>(Operation::Delete, None, Some(json(object))),
    )
    .await
}

/// A request about a `K`, to be changed and [asked](ask): another user, a dry run, a subresource.
pub fn request<K: Object>(
    operation: Operation,
    object: Option<Value>,
    old_object: Option<Value>,
) -> AdmissionRequest {
    let text = |pointer| {
        let object = object.as_ref().or(old_object.as_ref());
        let text = object.and_then(|object| object.pointer(pointer)?.as_str());
        text.map(str::to_owned)
    };
    let (group, version) = (K::group(&()), K::version(&()));
    let resource = GroupVersionResource::gvr(&group, &version, &K::plural(&()));
    AdmissionRequest {
        name: text("/metadata/name").unwrap_or_default(),
        namespace: text("/metadata/namespace"),
        object,
        old_object,
        ..AdmissionRequest::new("test", crate::webhook::kind::<K>(), resource, operation)
    }
}

/// Asks what `request` says: the defaulter, then the validator.
pub async fn ask<K: Object>(webhook: &Webhook<K>, mut request: AdmissionRequest) -> Answer<K> {
    let mut answer = Answer {
        object: request.object.clone().unwrap_or_default(),
        patch: Value::Array(Vec::new()),
        refusal: None,
        warnings: Vec::new(),
        kind: std::marker::PhantomData,
    };
    for handler in webhook.defaulter.iter().chain(&webhook.validator) {
        let response = handler(request.clone()).await;
        answer.warnings.extend(response.warnings);
        match response.verdict {
            Ok(patch) if patch.is_empty() => {}
            Ok(patch) => {
                let Some(object) = apply_patch(answer.object.clone(), &patch) else {
                    let denied = Denied::internal(format!("the patch doesn't fit: {patch:?}"));
                    answer.refusal = Some(denied.status(&request));
                    return answer;
                };
                request.object = Some(object.clone());
                answer.object = object;
                answer.patch = json(&patch);
            }
            Err(denied) => {
                answer.warnings.extend_from_slice(denied.warnings());
                answer.refusal = Some(denied.status(&request));
                return answer;
            }
        }
    }
    answer
}

impl<K: Object> Answer<K> {
    /// Whether the request is allowed.
    pub fn allowed(&self) -> bool {
        self.refusal.is_none()
    }

    /// Why it is refused; empty when it isn't.
    pub fn message(&self) -> &str {
        self.refusal.as_ref().map_or("", |status| &status.message)
    }

    /// The refusal as the API server gets it.
    pub fn status(&self) -> Option<&Status> {
        self.refusal.as_ref()
    }

    /// The fields that are wrong.
    pub fn causes(&self) -> &[StatusCause] {
        let details = self.refusal.as_ref().and_then(|it| it.details.as_ref());
        details.map_or(&[], |details| &details.causes)
    }

    /// What the user is told.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The JSON patch of the defaulter; an empty list when it changed nothing.
    pub fn patch(&self) -> &Value {
        &self.patch
    }

    /// The object with the patch, as JSON; null when it was deleted.
    pub fn json(&self) -> &Value {
        &self.object
    }

    /// The object with the patch.
    ///
    /// # Errors
    /// When there is none, or it isn't a `K`.
    pub fn object(&self) -> Result<K, serde_json::Error> {
        K::deserialize(&self.object)
    }
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
