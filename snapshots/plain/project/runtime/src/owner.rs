//! Owner references: whose child an object is, so that the garbage collector removes it with its owner and
//! [`Controller::owns`](crate::Controller::owns) finds the owner of a changed child.

use std::any::TypeId;

use k8s_openapi::ClusterResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Resource;

/// Why an object can't be made the owner of another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// The owner was not read from the API server, so that it has neither name nor uid to be known by.
    #[error(
        "the {kind} that shall own it has no uid; help: use the object as the API server returned it"
    )]
    NoUid {
        /// The owner's kind.
        kind: String,
    },

    /// Somebody else is the controller already, and there can be only one.
    #[error(
        "{kind} `{name}` is its controller already; help: take that owner reference away, or use `set_owner`"
    )]
    AlreadyOwned {
        /// The kind of the other controller.
        kind: String,
        /// Its name.
        name: String,
    },

    /// An owner in a namespace can only own what lies in the same namespace: the garbage collector takes it for gone
    /// everywhere else, and deletes the child.
    #[error(
        "the owner lies in the namespace `{owner}`, and can't own an object in {child}; help: leave the owner \
         reference out and remove the child with a finalizer"
    )]
    OtherNamespace {
        /// The namespace of the owner.
        owner: String,
        /// Where the child lies: its namespace in backticks, or `the cluster scope`.
        child: String,
    },
}

/// Makes `owner` the controller of `child`. An owner reference to the same object is replaced.
///
/// ```
/// use k8s_openapi::api::core::v1::{ConfigMap, Secret};
/// use rustop_runtime::owner;
///
/// let mut parent = ConfigMap::default();
/// parent.metadata.name = Some("parent".into());
/// parent.metadata.uid = Some("1234".into());
/// let mut child = Secret::default();
/// owner::set_controller(&mut child, &parent)?;
///
/// let references = child.metadata.owner_references.unwrap_or_default();
/// assert_eq!(references[0].controller, Some(true));
/// # Ok::<(), owner::OwnerError>(())
/// ```
///
/// # Errors
/// When there is another controller, when the API server doesn't know `owner`, and across namespaces:
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/>.
pub fn set_controller<C, O>(child: &mut C, owner: &O) -> Result<(), OwnerError>
where
    C: Resource<Scope: 'static>,
    O: Resource<DynamicType = ()>,
{
    let reference = known(owner, owner.controller_owner_ref(&()))?;
    let references = child.meta().owner_references.iter().flatten();
    let mut controllers = references.filter(|existing| existing.controller == Some(true));
    match controllers.find(|existing| existing.uid != reference.uid) {
        Some(other) => Err(OwnerError::AlreadyOwned {
            kind: other.kind.clone(),
            name: other.name.clone(),
        }),
        None => set(child, owner, reference),
    }
}

/// Makes `owner` an owner of `child`, but not its controller: `child` goes when its last owner does.
///
/// # Errors
/// When the API server doesn't know `owner`, and across namespaces.
pub fn set_owner<C, O>(child: &mut C, owner: &O) -> Result<(), OwnerError>
where
    C: Resource<Scope: 'static>,
    O: Resource<DynamicType = ()>,
{
    let reference = known(owner, owner.owner_ref(&()))?;
    set(child, owner, reference)
}

fn known<O>(_: &O, reference: Option<OwnerReference>) -> Result<OwnerReference, OwnerError>
where
    O: Resource<DynamicType = ()>,
{
    reference.ok_or_else(|| OwnerError::NoUid {
        kind: O::kind(&()).into_owned(),
    })
}

fn set<C: Resource<Scope: 'static>, O: Resource>(
    child: &mut C,
    owner: &O,
    reference: OwnerReference,
) -> Result<(), OwnerError> {
    if let Some(namespace) = &owner.meta().namespace {
        same_namespace(namespace, child)?;
    }
    let references = child.meta_mut().owner_references.get_or_insert_default();
    // Where it is: two owners that moved theirs to the end would write the child in turn, for ever.
    let same = |existing: &&mut OwnerReference| existing.uid == reference.uid;
    match references.iter_mut().find(same) {
        Some(existing) => *existing = reference,
        None => references.push(reference),
    }
    Ok(())
}

/// A child without a namespace is taken for one that is still to get it from the `Api` it is written with.
fn same_namespace<C>(owner: &str, child: &C) -> Result<(), OwnerError>
where
    C: Resource<Scope: 'static>,
{
    let elsewhere = |child| OwnerError::OtherNamespace {
        owner: owner.to_owned(),
        child,
    };
    if TypeId::of::<C::Scope>() == TypeId::of::<ClusterResourceScope>() {
        return Err(elsewhere("the cluster scope".to_owned()));
    }
    match child.meta().namespace.as_deref() {
        Some(namespace) if namespace != owner => Err(elsewhere(format!("`{namespace}`"))),
        _ => Ok(()),
    }
}

/// The controller of `child`, when it is a `K`: its name, in the namespace of `child` where `K` has namespaces.
pub(crate) fn controller_of<K, C>(child: &C) -> Option<crate::Request>
where
    K: crate::Object,
    C: Resource,
{
    let mut references = child.meta().owner_references.iter().flatten();
    let reference = references.find(|reference| reference.controller == Some(true))?;
    named::<K, C>(child, reference)
}

/// The owners of `child` that are a `K`, its controller or not.
pub(crate) fn owners_of<K, C>(child: &C) -> impl Iterator<Item = crate::Request>
where
    K: crate::Object,
    C: Resource,
{
    let references = child.meta().owner_references.iter().flatten();
    references.filter_map(|reference| named::<K, C>(child, reference))
}

/// The owner of `child` that `reference` names, when it is a `K`.
fn named<K, C>(child: &C, reference: &OwnerReference) -> Option<crate::Request>
where
    K: crate::Object,
    C: Resource,
{
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

    fn replica_set(name: &str, uid: &str) -> ReplicaSet {
        let mut owner = ReplicaSet::default();
        owner.metadata.name = Some(name.into());
        owner.metadata.namespace = Some("ns".into());
        owner.metadata.uid = Some(uid.into());
        owner
    }

    #[test]
    fn a_reference_is_replaced_not_repeated() {
        let owner = replica_set("owner", "1");
        let mut pod = Pod::default();
        set_owner(&mut pod, &owner).unwrap();
        set_controller(&mut pod, &owner).unwrap();
        let references = pod.metadata.owner_references.unwrap();
        assert_eq!(references.len(), 1);
        assert_eq!(references[0].controller, Some(true));
    }

    /// Two operators that each set theirs in every reconcile would never come to rest.
    #[test]
    fn a_reference_keeps_its_place() {
        let (first, second) = (replica_set("first", "1"), replica_set("second", "2"));
        let mut pod = Pod::default();
        set_owner(&mut pod, &first).unwrap();
        set_owner(&mut pod, &second).unwrap();
        let before = pod.clone();
        set_owner(&mut pod, &first).unwrap();
        assert_eq!(pod, before);
    }

    #[test]
    fn nothing_in_the_cluster_scope_is_owned_from_a_namespace() {
        let mut child = Namespace::default();
        let error = set_owner(&mut child, &replica_set("owner", "1")).unwrap_err();
        assert!(
            error.to_string().contains("in the cluster scope"),
            "{error}"
        );
        assert_eq!(child.metadata.owner_references, None);
        let mut owner = Namespace::default();
        owner.metadata.name = Some("ns".into());
        owner.metadata.uid = Some("2".into());
        assert_eq!(set_owner(&mut child, &owner), Ok(()));
    }

    #[test]
    fn an_owner_without_uid_owns_nothing() {
        let mut pod = Pod::default();
        let error = set_controller(&mut pod, &ReplicaSet::default()).unwrap_err();
        assert!(error.to_string().contains("ReplicaSet"), "{error}");
        assert_eq!(pod.metadata.owner_references, None);
    }

    #[test]
    fn there_is_one_controller_and_any_number_of_owners() {
        let mut pod = Pod::default();
        set_controller(&mut pod, &replica_set("first", "1")).unwrap();
        let error = set_controller(&mut pod, &replica_set("second", "2")).unwrap_err();
        assert!(error.to_string().contains("`first`"), "{error}");
        set_owner(&mut pod, &replica_set("second", "2")).unwrap();
        let references = pod.metadata.owner_references.unwrap();
        let names: Vec<_> = references.iter().map(|each| each.name.as_str()).collect();
        assert_eq!(names, ["first", "second"]);
    }

    /// The garbage collector would delete it.
    #[test]
    fn nothing_is_owned_across_namespaces() {
        let mut pod = Pod::default();
        pod.metadata.namespace = Some("elsewhere".into());
        let owner = replica_set("owner", "1");
        let error = set_controller(&mut pod, &owner).unwrap_err().to_string();
        assert!(
            error.contains("`ns`") && error.contains("`elsewhere`"),
            "{error}"
        );
        assert_eq!(pod.metadata.owner_references, None);
    }
}
