//! The name of one object, as queues and caches know it.

use std::fmt;

use kube::{Resource, ResourceExt as _};

/// Names one object: what a [`Reconciler`](crate::Reconciler) is asked to look at.
///
/// It says nothing about what happened to the object. That is the point: a reconciler compares what is with what
/// should be, and so doesn't depend on having seen each change.
///
/// ```
/// use rustop_runtime::Request;
///
/// assert_eq!(Request::namespaced("default", "my-app").to_string(), "default/my-app");
/// assert_eq!(Request::cluster("my-app").to_string(), "my-app");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Request {
    /// The object's namespace; `None` when its kind is cluster-scoped.
    pub namespace: Option<String>,
    /// The object's name.
    pub name: String,
}

impl Request {
    /// An object in a namespace.
    pub fn namespaced(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            namespace: Some(namespace.into()),
            name: name.into(),
        }
    }

    /// An object of a cluster-scoped kind.
    pub fn cluster(name: impl Into<String>) -> Self {
        Self {
            namespace: None,
            name: name.into(),
        }
    }

    /// The request that names `object`.
    pub fn of<K: Resource>(object: &K) -> Self {
        Self {
            namespace: object.namespace(),
            name: object.name_any(),
        }
    }

    /// The namespace, or `default` for a cluster-scoped object.
    pub fn namespace_or_default(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(formatter, "{namespace}/{}", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}
