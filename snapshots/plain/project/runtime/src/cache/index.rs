//! Objects by what a function says of them: `IndexField` of controller-runtime.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What an object is found by.
pub(super) type Values<K> = Box<dyn Fn(&K) -> Vec<String> + Send + Sync>;

/// The objects of a store by the values of one function.
pub(super) struct Index<K> {
    name: String,
    values: Values<K>,
    objects: HashMap<Box<str>, HashSet<Address<K>>>,
}

/// An object that is found by where it is: each version of an object is another.
struct Address<K>(Arc<K>);

impl<K> Index<K> {
    pub(super) fn new(name: String, values: Values<K>) -> Self {
        Self {
            name,
            values,
            objects: HashMap::new(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The objects that have this value.
    pub(super) fn get(&self, value: &str) -> impl Iterator<Item = &Arc<K>> {
        let objects = self.objects.get(value).into_iter().flatten();
        objects.map(|Address(object)| object)
    }

    pub(super) fn insert(&mut self, object: &Arc<K>) {
        for value in (self.values)(object) {
            let objects = self.objects.entry(value.into()).or_default();
            objects.insert(Address(Arc::clone(object)));
        }
    }

    /// Takes out `object`, which must not have changed since it was put in.
    pub(super) fn remove(&mut self, object: &Arc<K>) {
        let address = Address(Arc::clone(object));
        for value in (self.values)(object) {
            let Some(objects) = self.objects.get_mut(value.as_str()) else {
                continue;
            };
            objects.remove(&address);
            if objects.is_empty() {
                self.objects.remove(value.as_str());
            }
        }
    }
}

impl<K> fmt::Debug for Index<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Index({}, {} values)",
            self.name,
            self.objects.len()
        )
    }
}

impl<K> Hash for Address<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl<K> PartialEq for Address<K> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<K> Eq for Address<K> {}
