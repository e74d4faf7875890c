//! The webhooks of one kind: which they are, and where they are reached.

use std::marker::PhantomData;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use kube::core::GroupVersionKind;

use super::admission::{AdmissionRequest, BoxedHandler, Denied, boxed};
use super::defaulter::{Defaulter, Defaulting};
use super::validator::{Validating, Validator};
use crate::{Object, Store};

/// Waits until a cache is filled; none when it is.
type Wait = Box<dyn Fn() -> Option<BoxFuture<'static, ()>> + Send + Sync>;

/// The webhooks of the kind `K`, for [`Manager::webhook`](crate::Manager::webhook). `K` may be any kind: one's own, one
/// of Kubernetes, one of somebody else.
///
/// They are reached under kubebuilder's paths, `/mutate-apps-example-com-v1-myapp` and `/validate-…`, unless told
/// otherwise.
///
/// ```
/// # use k8s_openapi::api::core::v1::Pod;
/// # use rustop_runtime::webhook::{AdmissionRequest, Defaulter, Denied, Validator};
/// # struct PodDefaulter;
/// # impl Defaulter for PodDefaulter {
/// #     type Object = Pod;
/// #     async fn default(&self, _: &mut Pod, _: &AdmissionRequest) -> Result<(), Denied> { Ok(()) }
/// # }
/// # struct PodValidator;
/// # impl Validator for PodValidator { type Object = Pod; }
/// use rustop_runtime::{Manager, Webhook};
///
/// fn register(manager: &mut Manager) {
///     manager.webhook(
///         Webhook::<Pod>::new()
///             .defaulter(PodDefaulter) // /mutate--v1-pod
///             .validator(PodValidator)
///             .validation_path("/pods"),
///     );
/// }
/// ```
#[must_use = "a webhook does nothing until it is given to a manager"]
pub struct Webhook<K> {
    pub(crate) defaulter: Option<BoxedHandler>,
    pub(crate) validator: Option<BoxedHandler>,
    defaulting_path: Option<String>,
    validation_path: Option<String>,
    reads: Vec<Wait>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Object> Webhook<K> {
    /// No webhooks yet.
    pub fn new() -> Self {
        Self {
            defaulter: None,
            validator: None,
            defaulting_path: None,
            validation_path: None,
            reads: Vec::new(),
            kind: PhantomData,
        }
    }

    /// Who fills in defaults.
    pub fn defaulter<D: Defaulter<Object = K>>(mut self, defaulter: D) -> Self {
        self.defaulter = Some(boxed(Defaulting(Arc::new(defaulter))));
        self
    }

    /// Who validates.
    pub fn validator<V: Validator<Object = K>>(mut self, validator: V) -> Self {
        self.validator = Some(boxed(Validating(Arc::new(validator))));
        self
    }

    /// Asks the handlers when this cache is filled, and not before: name each store that they read. A pod is called before
    /// its caches are filled, since what is listed may need its own conversion, and what isn't in an empty cache isn't
    /// missing.
    ///
    /// The wait is bounded by the time of the request: when that is over, the answer is HTTP 504, and the configuration's
    /// `failurePolicy` decides.
    ///
    /// ```
    /// # use k8s_openapi::api::core::v1::{Namespace, Pod};
    /// # use rustop_runtime::webhook::Validator;
    /// # struct PodValidator { namespaces: rustop_runtime::Store<Namespace> }
    /// # impl Validator for PodValidator { type Object = Pod; }
    /// use rustop_runtime::{Manager, Webhook};
    ///
    /// fn register(manager: &mut Manager) {
    ///     let namespaces = manager.store::<Namespace>();
    ///     let webhook = Webhook::<Pod>::new().reads(&namespaces);
    ///     manager.webhook(webhook.validator(PodValidator { namespaces }));
    /// }
    /// ```
    pub fn reads<S: Object>(mut self, store: &Store<S>) -> Self {
        let store = store.clone();
        self.reads.push(Box::new(move || {
            let unfilled = (!store.is_synced()).then(|| store.clone())?;
            Some(async move { unfilled.wait_until_synced().await }.boxed())
        }));
        self
    }

    /// Where defaulting is reached; kubebuilder's path unless this is called.
    pub fn defaulting_path(mut self, path: impl Into<String>) -> Self {
        self.defaulting_path = Some(path.into());
        self
    }

    /// Where validation is reached; kubebuilder's path unless this is called.
    pub fn validation_path(mut self, path: impl Into<String>) -> Self {
        self.validation_path = Some(path.into());
        self
    }

    /// The handlers with their paths.
    pub(crate) fn into_handlers(self) -> Vec<(String, BoxedHandler)> {
        let defaulting = self.defaulting_path.unwrap_or_else(mutate_path::<K>);
        let validation = self.validation_path.unwrap_or_else(validate_path::<K>);
        let defaulter = self.defaulter.map(|handler| (defaulting, handler));
        let validator = self.validator.map(|handler| (validation, handler));
        let handlers = defaulter.into_iter().chain(validator);
        let reads: Arc<[Wait]> = self.reads.into();
        handlers
            .map(|(path, handler)| (path, once_filled(Arc::clone(&reads), handler)))
            .collect()
    }
}

/// Lets `handler` wait for the caches that it reads.
fn once_filled(reads: Arc<[Wait]>, handler: BoxedHandler) -> BoxedHandler {
    if reads.is_empty() {
        return handler;
    }
    Arc::new(move |request| {
        let (reads, handler) = (Arc::clone(&reads), Arc::clone(&handler));
        async move {
            for unfilled in reads.iter().filter_map(|read| read()) {
                tracing::info!("waiting for a cache that this webhook reads");
                unfilled.await;
            }
            handler(request).await
        }
        .boxed()
    })
}

impl<K: Object> Default for Webhook<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the defaulting of `K` is reached, as in kubebuilder.
///
/// ```
/// use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};
/// use rustop_runtime::webhook::mutate_path;
///
/// assert_eq!(mutate_path::<Deployment>(), "/mutate-apps-v1-deployment");
/// assert_eq!(mutate_path::<Pod>(), "/mutate--v1-pod");
/// ```
pub fn mutate_path<K: Object>() -> String {
    path::<K>("mutate")
}

/// Where the validation of `K` is reached, as in kubebuilder: `/validate-apps-v1-deployment`.
pub fn validate_path<K: Object>() -> String {
    path::<K>("validate")
}

fn path<K: Object>(prefix: &str) -> String {
    let kind = kind::<K>();
    let group = kind.group.replace('.', "-");
    format!(
        "/{prefix}-{group}-{}-{}",
        kind.version,
        kind.kind.to_lowercase()
    )
}

pub(crate) fn kind<K: Object>() -> GroupVersionKind {
    GroupVersionKind {
        group: K::group(&()).into_owned(),
        version: K::version(&()).into_owned(),
        kind: K::kind(&()).into_owned(),
    }
}

/// Refuses objects of another kind or version: read as `K` they could lose half of what they say.
pub(super) fn check_kind<K: Object>(request: &AdmissionRequest) -> Result<(), Denied> {
    let expected = kind::<K>();
    if request.kind == expected {
        return Ok(());
    }
    let name = |kind: &GroupVersionKind| match kind.group.as_str() {
        "" => format!("{} {}", kind.version, kind.kind),
        group => format!("{group}/{} {}", kind.version, kind.kind),
    };
    Err(Denied::bad_request(format!(
        "this webhook is for `{}` and was asked about `{}`; help: mend `rules` in the webhook's configuration",
        name(&expected),
        name(&request.kind)
    )))
}

pub(super) fn required<T>(value: Option<T>, name: &str) -> Result<T, Denied> {
    value.ok_or_else(|| Denied::bad_request(format!("the request has no `{name}`")))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::networking::v1::Ingress;

    use super::*;

    /// controller-runtime: dots become dashes, the kind is in lower case.
    #[test]
    fn paths_are_those_of_kubebuilder() {
        assert_eq!(
            validate_path::<Ingress>(),
            "/validate-networking-k8s-io-v1-ingress"
        );
    }
}
