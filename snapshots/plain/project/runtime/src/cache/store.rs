//! Typed reads of one kind from memory.
//!
//! kube has a `Store` as well. This one says what an event replaced, so that an object that vanished while the watch
//! was away is noticed (kube's swaps the whole map in silence), has indexes, and keeps an object once.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use kube::ResourceExt as _;
use kube::core::SelectorExt as _;
use tokio::sync::watch;

use super::Progress;
use super::contents::Contents;
use super::index::Index;
use super::raw::RawObject;
use crate::object::resource_name;
use crate::{Object, Request};

/// Typed reads of one kind from memory; a handle, cheap to clone.
///
/// One watch per kind and selector fills it, shared by all controllers and readers of a manager. Nothing here asks the
/// API server, and an object is shared, not copied. So it may be behind: an object that was just written may not be there
/// yet, one that was just deleted may still be. A reconciler reads it and is called again when it catches up. What it
/// wrote itself with [`apply`](crate::apply), or a finalizer that was added, is there the next time that it is called
/// for the same object: the controller waits for it, up to a second. What must not be old is read with [`kube::Api`],
/// which always asks the API server: a read is live where the code says `Api`.
///
/// - Managed fields are never there.
/// - An object that doesn't fit its Rust type can't be read ([`is_unreadable`](Self::is_unreadable)): it isn't there
///   either, not even as it was before, so that nobody acts on what is old. Nothing is reconciled because of it. It comes
///   back once it fits. Until then the named check `cache-<resource>` fails with the reason, and the log has it.
/// - [`age`](Self::age) says how long ago the API server was last heard of.
#[derive(Debug)]
pub struct Store<K>(Arc<Inner<K>>);

#[derive(Debug)]
struct Inner<K> {
    contents: RwLock<Contents<K>>,
    synced: watch::Sender<bool>,
    progress: Progress,
}

/// There is no index of this name in the store that was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no index `{index}` of `{resource}`\nhelp: add it with `Manager::index`, or with `Store::add_index` in a test"
)]
pub struct UnknownIndex {
    index: String,
    resource: String,
}

/// A cache wasn't filled in time, so that what isn't in it may exist all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the cache of `{resource}` wasn't filled within {limit:?}\nhelp: `/readyz/cache-{resource}` says what it waits for"
)]
pub struct NotSynced {
    resource: String,
    limit: Duration,
}

impl<K> Clone for Store<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> Default for Store<K> {
    fn default() -> Self {
        Self(Arc::new(Inner {
            contents: RwLock::default(),
            synced: watch::Sender::new(false),
            progress: Progress::default(),
        }))
    }
}

impl<K: Object> Store<K> {
    /// The object of this name, if it is known.
    pub fn get(&self, request: &Request) -> Option<Arc<K>> {
        self.read().get(request).cloned()
    }

    /// All objects, in no order.
    pub fn list(&self) -> Vec<Arc<K>> {
        self.read().iter().cloned().collect()
    }

    /// The objects of one namespace, in no order. Costs no more than these.
    pub fn list_in(&self, namespace: &str) -> Vec<Arc<K>> {
        self.read().iter_in(namespace).cloned().collect()
    }

    /// The objects whose labels `selector` takes, in no order. Looks at each object: an index is quicker.
    ///
    /// ```
    /// # use k8s_openapi::api::apps::v1::Deployment;
    /// # use k8s_openapi::api::core::v1::Pod;
    /// # use kube::core::ParseExpressionError;
    /// use kube::core::{Expression, Selector};
    ///
    /// # fn example(store: &rustop_runtime::Store<Pod>, deployment: Deployment) -> Result<(), ParseExpressionError> {
    /// let web = store.list_matching(&Expression::Equal("app".into(), "web".into()).into());
    /// let selector = deployment.spec.unwrap_or_default().selector;
    /// let pods = store.list_matching(&Selector::try_from(selector)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_matching(&self, selector: &kube::core::Selector) -> Vec<Arc<K>> {
        let contents = self.read();
        let matching = contents
            .iter()
            .filter(|object| selector.matches(object.labels()));
        matching.cloned().collect()
    }

    /// The objects for which the index of this name has `value`, in no order. Costs no more than these.
    ///
    /// # Errors
    /// When no index of this name was added, with [`Manager::index`](crate::Manager::index) or
    /// [`add_index`](Self::add_index).
    pub fn by_index(&self, index: &str, value: &str) -> Result<Vec<Arc<K>>, UnknownIndex> {
        let contents = self.read();
        let found = contents.index(index).ok_or_else(|| UnknownIndex {
            index: index.to_owned(),
            resource: resource_name::<K>(),
        })?;
        Ok(found.get(value).cloned().collect())
    }

    /// Lets objects be found by what `values` says of them: any number of values for each. An index of the same name is
    /// replaced.
    ///
    /// `values` must always say the same of the same object, and must not read this store: it is called while the store is
    /// being changed, and all readers wait, so that it should do no more than look at the object.
    ///
    /// ```
    /// use k8s_openapi::api::core::v1::Pod;
    /// # use rustop_runtime::{UnknownIndex, testing};
    ///
    /// # fn main() -> Result<(), UnknownIndex> {
    /// # let mut pod = Pod::default();
    /// # pod.spec.get_or_insert_default().node_name = Some("node-1".into());
    /// # let store = testing::store([pod]);
    /// store.add_index("node", |pod: &Pod| {
    ///     pod.spec.iter().filter_map(|spec| spec.node_name.clone()).collect()
    /// });
    /// assert_eq!(store.by_index("node", "node-1")?.len(), 1);
    /// assert!(store.by_index("zone", "a").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_index(
        &self,
        name: impl Into<String>,
        values: impl Fn(&K) -> Vec<String> + Send + Sync + 'static,
    ) {
        let index = Index::new(name.into(), Box::new(values));
        self.write().add_index(index);
    }

    /// How many objects are known.
    pub fn len(&self) -> usize {
        self.read().iter().count()
    }

    /// Whether no object is known.
    pub fn is_empty(&self) -> bool {
        self.read().iter().next().is_none()
    }

    /// Whether the object is there for the API server, but doesn't fit its Rust type. A reconciler that cleans up after
    /// objects which are gone asks this first: such an object isn't gone.
    pub fn is_unreadable(&self, request: &Request) -> bool {
        self.0.progress.is_unreadable(request)
    }

    /// How long ago the API server was last heard of: when it sent an object, or said that nothing has happened, which it
    /// does about once a minute. None before the first list, and in a store that no watch fills. With a watch for each of
    /// several namespaces it is the longest of them.
    pub fn age(&self) -> Option<Duration> {
        self.0.progress.age()
    }

    /// Whether the first list is complete.
    pub fn is_synced(&self) -> bool {
        *self.0.synced.borrow()
    }

    /// Waits until the first list is complete.
    pub async fn wait_until_synced(&self) {
        // The sender lives in `self`, so that waiting can't fail.
        let _ = self.0.synced.subscribe().wait_for(|synced| *synced).await;
    }

    /// Waits until the first list is complete, but no longer than `limit`.
    ///
    /// For what is asked before the caches are filled, and must answer in time: a webhook that looks something up. A pod
    /// whose webhooks convert objects has to be ready, and is asked, before its caches can be filled.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use k8s_openapi::api::core::v1::ConfigMap;
    /// # use rustop_runtime::{NotSynced, Store};
    /// # async fn example(config_maps: &Store<ConfigMap>) -> Result<(), NotSynced> {
    /// config_maps.synced_within(Duration::from_secs(5)).await?;
    /// let names = config_maps.list_in("default").len();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotSynced`] when the time is over.
    pub async fn synced_within(&self, limit: Duration) -> Result<(), NotSynced> {
        let synced = tokio::time::timeout(limit, self.wait_until_synced()).await;
        synced.map_err(|_| NotSynced {
            resource: resource_name::<K>(),
            limit,
        })
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        let contents = self.read();
        contents
            .iter()
            .map(|object| Request::of(object.as_ref()))
            .collect()
    }

    pub(crate) fn insert(&self, object: &Arc<K>) -> Option<Arc<K>> {
        self.write().insert(object)
    }

    pub(crate) fn remove(&self, request: &Request) -> Option<Arc<K>> {
        self.write().remove(request)
    }

    pub(crate) fn mark_synced(&self) {
        self.0.synced.send_replace(true);
    }

    pub(super) fn withhold(&self, request: &Request) {
        self.write().withhold(request);
    }

    /// The names of all that is there, and of what is withheld.
    pub(super) fn known(&self) -> Vec<Request> {
        let withheld = self.read().withheld().cloned().collect();
        [self.requests(), withheld].concat()
    }

    /// Whether this very version of the object is there.
    pub(super) fn knows(&self, raw: &RawObject) -> bool {
        self.read()
            .get(&raw.request)
            .is_some_and(|object| raw.is(object.as_ref()))
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.0.progress
    }

    fn read(&self) -> RwLockReadGuard<'_, Contents<K>> {
        self.0
            .contents
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents<K>> {
        self.0
            .contents
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
