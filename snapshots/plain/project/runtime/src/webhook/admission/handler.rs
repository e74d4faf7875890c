//! Whoever answers admission requests.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::{AdmissionRequest, AdmissionResponse};

/// Answers admission requests as they come. For objects of one kind there are
/// [`Defaulter`](crate::webhook::Defaulter) and [`Validator`](crate::webhook::Validator); this is for the rest: several
/// kinds, subresources such as `pods/exec`.
///
/// An async function or closure is one already:
///
/// ```
/// use rustop_runtime::Manager;
/// use rustop_runtime::webhook::{AdmissionRequest, AdmissionResponse, Denied};
///
/// async fn nobody_enters(request: AdmissionRequest) -> AdmissionResponse {
///     AdmissionResponse::denied(Denied::forbidden(format!("{request} is sealed")))
/// }
///
/// fn register(manager: &mut Manager) {
///     manager.admission_handler("/validate-pods-exec", nobody_enters);
/// }
/// ```
pub trait AdmissionHandler: Send + Sync + 'static {
    /// Answers one request. A panic in here is a 500.
    fn handle(&self, request: AdmissionRequest) -> impl Future<Output = AdmissionResponse> + Send;
}

impl<F, A> AdmissionHandler for F
where
    F: Fn(AdmissionRequest) -> A + Send + Sync + 'static,
    A: Future<Output = AdmissionResponse> + Send,
{
    fn handle(&self, request: AdmissionRequest) -> impl Future<Output = AdmissionResponse> + Send {
        self(request)
    }
}

/// A handler whose type is forgotten.
pub(crate) type BoxedHandler =
    Arc<dyn Fn(AdmissionRequest) -> BoxFuture<'static, AdmissionResponse> + Send + Sync>;

pub(crate) fn boxed(handler: impl AdmissionHandler) -> BoxedHandler {
    let handler = Arc::new(handler);
    Arc::new(move |request| {
        let handler = Arc::clone(&handler);
        async move { handler.handle(request).await }.boxed()
    })
}
