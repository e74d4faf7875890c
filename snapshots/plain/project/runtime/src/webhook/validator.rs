//! Rules that a schema can't say.

use std::sync::Arc;

use super::admission::{
    AdmissionHandler, AdmissionRequest, AdmissionResponse, Denied, Operation, Warnings,
};
use super::typed;
use crate::Object;

/// Refuses objects, or warns about them. What isn't implemented is allowed.
///
/// When an object is being deleted and only its metadata and status change, as when a finalizer is removed, nothing is
/// called: a rule that is younger than the object must not hold it for ever.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use rustop_runtime::webhook::{AdmissionRequest, Denied, Validator, Warnings, field};
///
/// struct SettingsValidator;
///
/// impl Validator for SettingsValidator {
///     type Object = ConfigMap;
///
///     async fn validate_create(&self, new: &ConfigMap, _: &AdmissionRequest) -> Result<Warnings, Denied> {
///         let data = field::Path::new("data");
///         match new.data.as_ref().and_then(|data| data.get("size")) {
///             None => Err(field::Error::required(&data.key("size"), "")),
///             Some(size) if size == "XXL" => Ok(vec!["XXL is deprecated".to_owned()]),
///             Some(_) => Ok(Warnings::new()),
///         }
///         .map_err(Denied::from)
///     }
///
///     async fn validate_update(
///         &self,
///         _old: &ConfigMap,
///         new: &ConfigMap,
///         request: &AdmissionRequest,
///     ) -> Result<Warnings, Denied> {
///         self.validate_create(new, request).await
///     }
/// }
/// ```
pub trait Validator: Send + Sync + 'static {
    /// The kind that is validated.
    type Object: Object;

    /// An object is created.
    ///
    /// # Errors
    /// Refuses it.
    fn validate_create(
        &self,
        object: &Self::Object,
        request: &AdmissionRequest,
    ) -> impl Future<Output = Result<Warnings, Denied>> + Send {
        let _ = (object, request);
        async { Ok(Warnings::new()) }
    }

    /// An object, or its status where the rule names `…/status`, is changed from `old` to `new`.
    ///
    /// # Errors
    /// Refuses the change.
    fn validate_update(
        &self,
        old: &Self::Object,
        new: &Self::Object,
        request: &AdmissionRequest,
    ) -> impl Future<Output = Result<Warnings, Denied>> + Send {
        let _ = (old, new, request);
        async { Ok(Warnings::new()) }
    }

    /// An object is to be deleted. Is asked only when the webhook's rule names `DELETE`.
    ///
    /// # Errors
    /// Keeps it.
    fn validate_delete(
        &self,
        object: &Self::Object,
        request: &AdmissionRequest,
    ) -> impl Future<Output = Result<Warnings, Denied>> + Send {
        let _ = (object, request);
        async { Ok(Warnings::new()) }
    }
}

/// A validator as a handler.
pub(super) struct Validating<V>(pub(super) Arc<V>);

impl<V: Validator> AdmissionHandler for Validating<V> {
    async fn handle(&self, request: AdmissionRequest) -> AdmissionResponse {
        match respond(self.0.as_ref(), &request).await {
            Ok(warnings) => warnings
                .into_iter()
                .fold(AdmissionResponse::allowed(), |response, warning| {
                    response.with_warning(warning)
                }),
            Err(denied) => AdmissionResponse::denied(denied),
        }
    }
}

async fn respond<V: Validator>(
    validator: &V,
    request: &AdmissionRequest,
) -> Result<Warnings, Denied> {
    typed::check_kind::<V::Object>(request)?;
    if request.lets_go() {
        return Ok(Warnings::new());
    }
    let new = || typed::required(request.object_as()?, "object");
    let old = || typed::required(request.old_object_as()?, "oldObject");
    match request.operation {
        Operation::Create => validator.validate_create(&new()?, request).await,
        Operation::Update => validator.validate_update(&old()?, &new()?, request).await,
        Operation::Delete => validator.validate_delete(&old()?, request).await,
        Operation::Connect => Ok(Warnings::new()),
    }
}
