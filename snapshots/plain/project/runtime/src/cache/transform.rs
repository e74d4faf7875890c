//! What is done to each object of a kind before it is kept.

use std::sync::{Arc, PoisonError, RwLock};

type Transform<K> = Box<dyn Fn(&mut K) + Send + Sync>;

/// The transformations of one kind, shared by its informers.
pub(super) struct Transforms<K>(Arc<RwLock<Vec<Transform<K>>>>);

impl<K> Transforms<K> {
    pub(super) fn add(&self, transform: Transform<K>) {
        let mut transforms = self.0.write().unwrap_or_else(PoisonError::into_inner);
        transforms.push(transform);
    }

    pub(super) fn apply(&self, object: &mut K) {
        let transforms = self.0.read().unwrap_or_else(PoisonError::into_inner);
        transforms.iter().for_each(|transform| transform(object));
    }
}

impl<K> Clone for Transforms<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> Default for Transforms<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}
