//! Defaults, said on the typed object.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::admission::{AdmissionHandler, AdmissionRequest, AdmissionResponse, Denied, Operation};
use super::typed;
use crate::{Object, carry_over};

/// Fills in what the user left out. It is called when an object is created or changed, not when it is deleted.
///
/// The patch for the API server is made of what changed in the object: nothing else is touched, fields that the type
/// doesn't know stay, and where nothing changed there is no patch. The API server may call it more than once for one
/// request, so that a second run must not change what the first one made.
///
/// ```
/// use k8s_openapi::api::core::v1::Pod;
/// use rustop_runtime::webhook::{AdmissionRequest, Defaulter, Denied};
///
/// struct PodDefaulter;
///
/// impl Defaulter for PodDefaulter {
///     type Object = Pod;
///
///     async fn default(&self, pod: &mut Pod, _: &AdmissionRequest) -> Result<(), Denied> {
///         let spec = pod.spec.get_or_insert_default();
///         spec.priority_class_name.get_or_insert_with(|| "normal".into());
///         Ok(())
///     }
/// }
/// ```
pub trait Defaulter: Send + Sync + 'static {
    /// The kind that is defaulted.
    type Object: Object + Serialize;

    /// Sets what is missing. `request` says who asks for what, and whether it is a dry run.
    ///
    /// # Errors
    /// Refuses the request.
    fn default(
        &self,
        object: &mut Self::Object,
        request: &AdmissionRequest,
    ) -> impl Future<Output = Result<(), Denied>> + Send;
}

/// A defaulter as a handler.
pub(super) struct Defaulting<D>(pub(super) Arc<D>);

impl<D: Defaulter> AdmissionHandler for Defaulting<D> {
    async fn handle(&self, request: AdmissionRequest) -> AdmissionResponse {
        respond(self.0.as_ref(), &request).await.into()
    }
}

async fn respond<D: Defaulter>(
    defaulter: &D,
    request: &AdmissionRequest,
) -> Result<AdmissionResponse, Denied> {
    typed::check_kind::<D::Object>(request)?;
    let changes = matches!(request.operation, Operation::Create | Operation::Update);
    if !changes || request.lets_go() {
        return Ok(AdmissionResponse::allowed());
    }
    let sent = typed::required(request.object.as_ref(), "object")?;
    let mut object: D::Object = typed::required(request.object_as()?, "object")?;
    let before = write(&object)?;
    defaulter.default(&mut object, request).await?;
    let after = write(&object)?;
    Ok(AdmissionResponse::patched(
        sent,
        &carry_over::onto::<D::Object>(sent, &before, &after),
    ))
}

fn write<K: Serialize>(object: &K) -> Result<Value, Denied> {
    serde_json::to_value(object)
        .map_err(|error| Denied::internal(format!("failed to write the object as JSON: {error}")))
}
