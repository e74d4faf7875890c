//! Which changes are worth a reconcile.
//!
//! A predicate answers yes, no, or "not mine to judge", and answers are combined by Kleene's three-valued logic. So a
//! predicate that compares an object with what it was has no say when there is nothing to compare: a deletion is never
//! swallowed by a rule that was made for updates, not even by its negation.

use std::fmt;
use std::ops::Not;
use std::sync::Arc;

use kube::Resource;
use kube::core::ObjectMeta;

use crate::Change;

/// Decides whether a [`Change`] of a `K` is worth a reconcile.
///
/// Given to [`Controller::predicate`](crate::Controller::predicate) it judges the controller's own kind, given to
/// [`Watch::predicate`](crate::Watch::predicate) that watch; there is none for all watches of a controller at once.
///
/// Those that compare, which are all with `changed` in their name and [`updated`](Self::updated), judge updates of an
/// object that lives on. They let pass, and so does their negation: an object that is new, one that is gone, one that was
/// replaced by another of its name, and one that is being deleted, whatever changes in it.
///
/// ```
/// use k8s_openapi::api::apps::v1::Deployment;
/// use rustop_runtime::{Change, Predicate};
///
/// let worth = Predicate::generation_changed().or(Predicate::annotations_changed());
/// let old = Deployment::default();
/// let mut new = Deployment::default();
/// new.metadata.generation = Some(2);
/// assert!(worth.passes(&Change { old: Some(&old), new: Some(&new) }));
/// assert!(!worth.passes(&Change { old: Some(&new), new: Some(&new) }));
/// assert!(worth.passes(&Change { old: Some(&new), new: None }), "a deletion passes");
/// ```
pub struct Predicate<K>(Arc<Judge<K>>);

type Judge<K> = dyn Fn(&Change<'_, K>) -> Option<bool> + Send + Sync;

impl<K> Clone for Predicate<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> fmt::Debug for Predicate<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Predicate")
    }
}

impl<K: 'static> Predicate<K> {
    /// One's own rule, for every change: what is new, what changed and what is gone.
    pub fn new(rule: impl Fn(&Change<'_, K>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |change| Some(rule(change))))
    }

    /// Objects that fit. An update passes when the object fits now or did before, so that a reconciler sees it leave
    /// (controller-runtime asks about the new one only).
    ///
    /// ```
    /// use k8s_openapi::api::core::v1::Pod;
    /// use rustop_runtime::Predicate;
    ///
    /// let scheduled = Predicate::matching(|pod: &Pod| pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some()));
    /// ```
    pub fn matching(fits: impl Fn(&K) -> bool + Send + Sync + 'static) -> Self {
        Self::new(move |change| change.both().any(&fits))
    }

    /// Changes that pass both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Arc::new(move |change| {
            match ((self.0)(change), (other.0)(change)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }
        }))
    }

    /// Changes that pass one of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Arc::new(move |change| {
            match ((self.0)(change), (other.0)(change)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }
        }))
    }

    /// Whether `change` is worth a reconcile. What nobody judged is.
    pub fn passes(&self, change: &Change<'_, K>) -> bool {
        (self.0)(change) != Some(false)
    }
}

/// Changes that don't pass. What the predicate doesn't judge passes all the same.
impl<K: 'static> Not for Predicate<K> {
    type Output = Self;

    fn not(self) -> Self {
        Self(Arc::new(move |change| (self.0)(change).map(Not::not)))
    }
}

impl<K: Resource + 'static> Predicate<K> {
    /// Updates that `rule` finds worth it, given the object as it was and as it is.
    pub fn updated(rule: impl Fn(&K, &K) -> bool + Send + Sync + 'static) -> Self {
        Self::compare(move |old, new| Some(rule(old, new)))
    }

    /// Updates of the spec: of all that the API server counts in `metadata.generation`. For the controller's own kind this
    /// leaves out its own status writes, and with them those of anyone else.
    ///
    /// Two traps. On a watch of children it leaves out their status too: an owner that waits for a Deployment to become
    /// available would wait for ever. And labels, annotations and finalizers aren't counted: add
    /// [`labels_changed`](Self::labels_changed) and the like with [`or`](Self::or) where they matter. Objects without a
    /// generation, such as ConfigMaps and Secrets, always pass.
    pub fn generation_changed() -> Self {
        Self::compare(
            |old, new| match (old.meta().generation, new.meta().generation) {
                (None, None) => None,
                (old, new) => Some(old != new),
            },
        )
    }

    /// Updates of labels.
    pub fn labels_changed() -> Self {
        Self::field_changed(|metadata| &metadata.labels)
    }

    /// Updates of annotations.
    pub fn annotations_changed() -> Self {
        Self::field_changed(|metadata| &metadata.annotations)
    }

    /// Updates of the list of finalizers.
    pub fn finalizers_changed() -> Self {
        Self::field_changed(|metadata| &metadata.finalizers)
    }

    /// Updates of anything. The cache tells of no others, so that this is of use where it is negated or combined.
    pub fn resource_version_changed() -> Self {
        Self::field_changed(|metadata| &metadata.resource_version)
    }

    fn field_changed<F: PartialEq + 'static>(field: fn(&ObjectMeta) -> &F) -> Self {
        Self::updated(move |old, new| field(old.meta()) != field(new.meta()))
    }

    fn compare(judge: impl Fn(&K, &K) -> Option<bool> + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |change| {
            let (old, new) = (change.old?, change.new?);
            lives_on(old.meta(), new.meta()).then(|| judge(old, new))?
        }))
    }
}

/// Neither replaced by another object of its name nor being deleted. Not all kinds count the mark of a deletion as a new
/// generation, and the last finalizer but one goes without any.
fn lives_on(old: &ObjectMeta, new: &ObjectMeta) -> bool {
    old.uid == new.uid && new.deletion_timestamp.is_none()
}

#[cfg(test)]
mod tests;
