//! What the user of this crate writes.

use crate::{Action, BoxError, Object, Request};

/// Makes the world as the spec of one object says.
///
/// It is called with a name, never with what happened: it reads the object from its [`Store`](crate::Store), compares
/// what is with what should be, and writes the difference. It may be called at any time, also when nothing changed,
/// but never twice at once for the same object. When the object is gone there is nothing to do:
///
/// ```
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// # use rustop_runtime::{Action, Reconciler, Request, Store};
/// struct MyReconciler {
///     objects: Store<ConfigMap>,
/// }
///
/// impl Reconciler for MyReconciler {
///     type Object = ConfigMap;
///     type Error = kube::Error;
///
///     async fn reconcile(&self, request: Request) -> Result<Action, kube::Error> {
///         let Some(object) = self.objects.get(&request) else {
///             return Ok(Action::await_change()); // gone
///         };
///         # let _ = object;
///         Ok(Action::await_change())
///     }
/// }
/// ```
pub trait Reconciler: Send + Sync + 'static {
    /// The kind that is reconciled.
    type Object: Object;

    /// Why a reconcile failed: an error type, or `anyhow::Error`.
    type Error: Into<BoxError>;

    /// Reconciles one object. After an error, and after a panic, the object is tried again with a growing delay.
    fn reconcile(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Action, Self::Error>> + Send;
}
