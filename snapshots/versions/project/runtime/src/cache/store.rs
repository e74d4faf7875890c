//! Objects of one kind in memory.
//!
//! kube has a `Store` as well. This one says what an event replaced, so that an object that vanished while the watch
//! was away is noticed (kube's swaps the whole map in silence), keeps one key per object, and copies no object.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use crate::{Object, Request};

/// Typed reads of one kind from memory; a handle, cheap to clone.
///
/// One watch per kind fills it, shared by all controllers and readers of a manager. It may be behind the API server:
/// an object that was just written may not be there yet, one that was just deleted may still be. A reconciler reads
/// it and is called again when it catches up; what must not be old is read with [`kube::Api`].
#[derive(Debug)]
pub struct Store<K>(Arc<Inner<K>>);

#[derive(Debug)]
struct Inner<K> {
    objects: RwLock<HashMap<Request, Arc<K>>>,
    synced: watch::Sender<bool>,
}

impl<K> Clone for Store<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> Default for Store<K> {
    fn default() -> Self {
        Self(Arc::new(Inner {
            objects: RwLock::default(),
            synced: watch::Sender::new(false),
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
        self.read().values().cloned().collect()
    }

    /// The objects of one namespace, in no order.
    pub fn list_in(&self, namespace: &str) -> Vec<Arc<K>> {
        let of_namespace = |request: &Request| request.namespace.as_deref() == Some(namespace);
        let objects = self.read();
        let matching = objects.iter().filter(|(request, _)| of_namespace(request));
        matching.map(|(_, object)| Arc::clone(object)).collect()
    }

    /// How many objects are known.
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether no object is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.read().keys().cloned().collect()
    }

    pub(crate) fn insert(&self, request: Request, object: Arc<K>) -> Option<Arc<K>> {
        self.write().insert(request, object)
    }

    pub(crate) fn remove(&self, request: &Request) -> Option<Arc<K>> {
        self.write().remove(request)
    }

    pub(crate) fn mark_synced(&self) {
        self.0.synced.send_replace(true);
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<Request, Arc<K>>> {
        self.0
            .objects
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Request, Arc<K>>> {
        self.0
            .objects
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    #[test]
    fn a_list_can_be_limited_to_a_namespace() {
        let store = Store::<ConfigMap>::default();
        for (namespace, name) in [("a", "1"), ("a", "2"), ("b", "1")] {
            store.insert(Request::namespaced(namespace, name), Arc::default());
        }
        assert_eq!(store.list().len(), 3);
        assert_eq!(store.list_in("a").len(), 2);
        assert_eq!(store.list_in("c").len(), 0);
    }
}
