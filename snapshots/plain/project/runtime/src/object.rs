//! What a kind must be so that it can be watched, cached and reconciled.

use std::fmt::Debug;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;

/// A kind of object that can be watched and cached.
///
/// Implemented for every type of k8s-openapi and every type with `#[derive(CustomResource)]`, and for
/// `kube::core::PartialObjectMeta` of each, of which only the metadata is sent and kept.
pub trait Object:
    Resource<DynamicType = (), Scope: WatchScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Object for K where
    K: Resource<DynamicType = (), Scope: WatchScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// Whether objects of a kind live in namespaces. Implemented for kube's two scopes, and for nothing else.
pub trait WatchScope: sealed::Sealed {
    /// True when objects of the kind live in namespaces.
    const NAMESPACED: bool;

    /// The API of `K`, in `namespace` where the kind has namespaces.
    #[doc(hidden)]
    fn api<K>(client: Client, namespace: Option<&str>) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = Self>;
}

impl WatchScope for NamespaceResourceScope {
    const NAMESPACED: bool = true;

    fn api<K>(client: Client, namespace: Option<&str>) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = Self>,
    {
        match namespace {
            Some(namespace) => Api::namespaced(client, namespace),
            None => Api::all(client),
        }
    }
}

impl WatchScope for ClusterResourceScope {
    const NAMESPACED: bool = false;

    fn api<K>(client: Client, _: Option<&str>) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = Self>,
    {
        Api::all(client)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NamespaceResourceScope {}
    impl Sealed for super::ClusterResourceScope {}
}

/// A kind's name for logs and checks: `myapps.apps.example.com`, as CRDs are named.
pub(crate) fn resource_name<K: Object>() -> String {
    let plural = K::plural(&());
    match K::group(&()) {
        group if group.is_empty() => plural.into_owned(),
        group => format!("{plural}.{group}"),
    }
}

/// A kind's name with its version: `myapps.v1.apps.example.com`, as kubectl takes it.
pub(crate) fn versioned_resource_name<K: Object>() -> String {
    let (plural, version) = (K::plural(&()), K::version(&()));
    match K::group(&()) {
        group if group.is_empty() => format!("{plural}.{version}"),
        group => format!("{plural}.{version}.{group}"),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};

    use super::*;

    #[test]
    fn resources_are_named_as_crds_are() {
        assert_eq!(resource_name::<Deployment>(), "deployments.apps");
        assert_eq!(resource_name::<Pod>(), "pods");
        let versioned = versioned_resource_name::<Deployment>();
        assert_eq!(versioned, "deployments.v1.apps");
        assert_eq!(versioned_resource_name::<Pod>(), "pods.v1");
    }
}
