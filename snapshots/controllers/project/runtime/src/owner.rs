//! Owner references: whose child an object is, so that the garbage collector removes it with its owner and
//! [`Controller::owns`](crate::Controller::owns) finds the owner of a changed child.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Resource;

/// Makes `owner` the controller of `child`. An owner reference to the same object is replaced.
///
/// Nothing happens when `owner` has no uid, because only an object read from the API server can own another.
///
/// ```
/// use k8s_openapi::api::core::v1::{ConfigMap, Secret};
/// use rustop_runtime::owner;
///
/// let mut parent = ConfigMap::default();
/// parent.metadata.name = Some("parent".into());
/// parent.metadata.uid = Some("1234".into());
/// let mut child = Secret::default();
/// owner::set_controller(&mut child, &parent);
///
/// let references = child.metadata.owner_references.unwrap_or_default();
/// assert_eq!(references[0].controller, Some(true));
/// ```
pub fn set_controller<C, O>(child: &mut C, owner: &O)
where
    C: Resource,
    O: Resource<DynamicType = ()>,
{
    if let Some(reference) = owner.controller_owner_ref(&()) {
        set(child, reference);
    }
}

/// Makes `owner` an owner of `child`, but not its controller: `child` goes when its last owner does.
pub fn set_owner<C, O>(child: &mut C, owner: &O)
where
    C: Resource,
    O: Resource<DynamicType = ()>,
{
    if let Some(reference) = owner.owner_ref(&()) {
        set(child, reference);
    }
}

fn set<C: Resource>(child: &mut C, reference: OwnerReference) {
    let references = child.meta_mut().owner_references.get_or_insert_default();
    references.retain(|existing| existing.uid != reference.uid);
    references.push(reference);
}

/// The controller of `child`, when it is a `K`: its name, in the namespace of `child` where `K` has namespaces.
pub(crate) fn controller_of<K, C>(child: &C) -> Option<crate::Request>
where
    K: crate::Object,
    C: Resource,
{
    let references = child.meta().owner_references.as_deref().unwrap_or_default();
    let reference = references
        .iter()
        .find(|reference| reference.controller == Some(true))?;
    // The version may differ: an object is the same in each version of its kind.
    let group = reference
        .api_version
        .rsplit_once('/')
        .map_or("", |(group, _)| group);
    if group != K::group(&()) || reference.kind != K::kind(&()) {
        return None;
    }
    let namespaced = <K::Scope as crate::object::WatchScope>::NAMESPACED;
    Some(crate::Request {
        namespace: child.meta().namespace.clone().filter(|_| namespaced),
        name: reference.name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
    use k8s_openapi::api::core::v1::{Namespace, Pod};

    use super::*;
    use crate::Request;

    fn owned(api_version: &str, kind: &str, controller: Option<bool>) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.namespace = Some("ns".into());
        pod.metadata.owner_references = Some(vec![OwnerReference {
            api_version: api_version.into(),
            kind: kind.into(),
            name: "owner".into(),
            controller,
            ..OwnerReference::default()
        }]);
        pod
    }

    #[test]
    fn the_controller_is_found_by_group_and_kind() {
        let expected = Some(Request::namespaced("ns", "owner"));
        for (api_version, kind, controller, expected) in [
            ("apps/v1", "Deployment", Some(true), expected.clone()),
            ("apps/v2", "Deployment", Some(true), expected),
            ("apps/v1", "Deployment", Some(false), None),
            ("apps/v1", "Deployment", None, None),
            ("apps/v1", "ReplicaSet", Some(true), None),
            ("v1", "Deployment", Some(true), None),
        ] {
            let pod = owned(api_version, kind, controller);
            assert_eq!(
                controller_of::<Deployment, _>(&pod),
                expected,
                "{api_version} {kind}"
            );
        }
    }

    #[test]
    fn a_cluster_scoped_owner_has_no_namespace() {
        let pod = owned("v1", "Namespace", Some(true));
        assert_eq!(
            controller_of::<Namespace, _>(&pod),
            Some(Request::cluster("owner"))
        );
    }

    #[test]
    fn a_reference_is_replaced_not_repeated() {
        let mut owner = ReplicaSet::default();
        owner.metadata.name = Some("owner".into());
        owner.metadata.uid = Some("1".into());
        let mut pod = Pod::default();
        set_owner(&mut pod, &owner);
        set_controller(&mut pod, &owner);
        let references = pod.metadata.owner_references.unwrap();
        assert_eq!(references.len(), 1);
        assert_eq!(references[0].controller, Some(true));
    }

    #[test]
    fn an_owner_without_uid_owns_nothing() {
        let mut pod = Pod::default();
        set_controller(&mut pod, &ReplicaSet::default());
        assert_eq!(pod.metadata.owner_references, None);
    }
}
