//! The objects of a store and their indexes, which change together.
//!
//! An object is held by one `Arc`, found by its own name: beside it there are eight bytes for it, and no second copy of
//! its name and namespace.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::index::Index;
use crate::{Object, Request};

/// What a store holds.
#[derive(Debug)]
pub(super) struct Contents<K> {
    /// By namespace; what has none is under the empty one.
    objects: HashMap<Box<str>, HashSet<Named<K>>>,
    /// As they were when they could still be read: not to be read by anybody, but a later event tells what it replaced.
    withheld: HashMap<Request, Arc<K>>,
    indexes: Vec<Index<K>>,
}

/// An object that is found by its name.
#[derive(Debug)]
struct Named<K>(Arc<K>);

impl<K> Default for Contents<K> {
    fn default() -> Self {
        Self {
            objects: HashMap::new(),
            withheld: HashMap::new(),
            indexes: Vec::new(),
        }
    }
}

impl<K: Object> Contents<K> {
    pub(super) fn get(&self, request: &Request) -> Option<&Arc<K>> {
        let objects = self.objects.get(namespace(request))?;
        objects
            .get(request.name.as_str())
            .map(|Named(object)| object)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<K>> {
        self.objects.values().flatten().map(|Named(object)| object)
    }

    pub(super) fn iter_in(&self, namespace: &str) -> impl Iterator<Item = &Arc<K>> {
        let objects = self.objects.get(namespace).into_iter().flatten();
        objects.map(|Named(object)| object)
    }

    /// Puts `object` in, and returns what it replaces.
    pub(super) fn insert(&mut self, object: &Arc<K>) -> Option<Arc<K>> {
        let old = self.replace(object);
        for index in &mut self.indexes {
            if let Some(old) = &old {
                index.remove(old);
            }
            index.insert(object);
        }
        if self.withheld.is_empty() {
            return old;
        }
        old.or_else(|| self.withheld.remove(&Request::of(object.as_ref())))
    }

    fn replace(&mut self, object: &Arc<K>) -> Option<Arc<K>> {
        let namespace = object.meta().namespace.as_deref().unwrap_or_default();
        let named = Named(Arc::clone(object));
        if let Some(objects) = self.objects.get_mut(namespace) {
            return objects.replace(named).map(|Named(old)| old);
        }
        let objects = HashSet::from([named]);
        self.objects.insert(namespace.into(), objects);
        None
    }

    /// Takes the object out, also one that was withheld.
    pub(super) fn remove(&mut self, request: &Request) -> Option<Arc<K>> {
        self.take(request).or_else(|| self.withheld.remove(request))
    }

    /// Hides the object from readers, until it is put in or removed.
    pub(super) fn withhold(&mut self, request: &Request) {
        if let Some(object) = self.take(request) {
            self.withheld.insert(request.clone(), object);
        }
    }

    fn take(&mut self, request: &Request) -> Option<Arc<K>> {
        let objects = self.objects.get_mut(namespace(request))?;
        let Named(object) = objects.take(request.name.as_str())?;
        if objects.is_empty() {
            self.objects.remove(namespace(request));
        }
        for index in &mut self.indexes {
            index.remove(&object);
        }
        Some(object)
    }

    /// Adds an index, or replaces the one of the same name, and fills it.
    pub(super) fn add_index(&mut self, mut index: Index<K>) {
        self.iter().for_each(|object| index.insert(object));
        self.indexes.retain(|other| other.name() != index.name());
        self.indexes.push(index);
    }

    pub(super) fn index(&self, name: &str) -> Option<&Index<K>> {
        self.indexes.iter().find(|index| index.name() == name)
    }

    pub(super) fn withheld(&self) -> impl Iterator<Item = &Request> {
        self.withheld.keys()
    }
}

fn namespace(request: &Request) -> &str {
    request.namespace.as_deref().unwrap_or_default()
}

impl<K: Object> Borrow<str> for Named<K> {
    fn borrow(&self) -> &str {
        self.0.meta().name.as_deref().unwrap_or_default()
    }
}

impl<K: Object> Hash for Named<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let name: &str = self.borrow();
        name.hash(state);
    }
}

impl<K: Object> PartialEq for Named<K> {
    fn eq(&self, other: &Self) -> bool {
        let names: (&str, &str) = (self.borrow(), other.borrow());
        names.0 == names.1
    }
}

impl<K: Object> Eq for Named<K> {}
