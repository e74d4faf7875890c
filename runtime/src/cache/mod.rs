//! One watch per kind and selector, shared by every controller and reader of a manager.
//!
//! The caches run on every replica, leader or not, so that a new leader starts with them filled.

mod contents;
mod index;
mod informer;
mod metrics;
mod partial;
mod raw;
mod selector;
mod source;
mod store;
mod sync;
mod transform;
mod watch;
mod writes;

use std::any::{Any, TypeId};
use std::collections::HashMap;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use kube::Client;

pub use informer::Change;
pub use partial::PartialObjectStatus;
pub use selector::Selector;
pub use store::{NotSynced, Store, UnknownIndex};

pub(crate) use informer::Informer;
pub(crate) use metrics::CacheMetrics;
pub(crate) use sync::Progress;
pub(crate) use writes::{Seen, Write, record, recorded};

use crate::{Namespaces, Object};
use transform::Transforms;

/// The informers of a manager, one per kind and selector.
#[derive(Default)]
pub(crate) struct Cache {
    informers: Vec<(TypeId, Box<dyn AnyInformer>)>,
    /// The `Transforms<K>` of each kind that has a store or a transformation.
    transforms: HashMap<TypeId, Box<dyn Any + Send>>,
    seen: Seen,
}

/// An informer of any kind, to be run and asked how it is.
pub(crate) trait AnyInformer: Send {
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn selector(&self) -> &Selector;
    fn resource(&self) -> String;
    /// As `resource`, with the version: `deployments.v1.apps`.
    fn versioned_resource(&self) -> String;
    fn is_metadata_only(&self) -> bool;
    fn progress(&self) -> Progress;
    /// Resolves when the first list is complete.
    fn synced(&self) -> BoxFuture<'static, ()>;
    /// Says how many objects there are.
    fn count(&self) -> Box<dyn Fn() -> usize + Send + Sync>;
    fn run(self: Box<Self>, client: Client, namespaces: &Namespaces) -> BoxFuture<'static, ()>;
}

impl Cache {
    /// The store of those `K` that `selector` takes, which is filled once the manager runs.
    pub(crate) fn store<K: Object>(&mut self, selector: &Selector) -> Store<K> {
        self.with(selector, |informer: &mut Informer<K>| informer.store())
    }

    /// Calls `handler` for each change of a `K` that `selector` takes.
    pub(crate) fn on_change<K: Object>(
        &mut self,
        selector: &Selector,
        handler: impl Fn(&Change<'_, K>) + Send + Sync + 'static,
    ) {
        self.with(selector, |informer: &mut Informer<K>| {
            informer.add_handler(Box::new(handler));
        });
    }

    /// Changes each `K` before it is kept, whatever the selector.
    pub(crate) fn transform<K: Object>(
        &mut self,
        transform: impl Fn(&mut K) + Send + Sync + 'static,
    ) {
        self.transforms::<K>().add(Box::new(transform));
    }

    /// Which writes the caches have.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    fn transforms<K: Object>(&mut self) -> Transforms<K> {
        let none = || Box::<Transforms<K>>::default() as Box<dyn Any + Send>;
        let known = self
            .transforms
            .entry(TypeId::of::<K>())
            .or_insert_with(none);
        // The key is the type.
        known.downcast_ref().cloned().unwrap_or_default()
    }

    /// Resolves when all are filled that there are now.
    pub(crate) fn synced(&self) -> BoxFuture<'static, ()> {
        let synced = self.informers.iter().map(|(_, informer)| informer.synced());
        join_all(synced).map(drop).boxed()
    }

    pub(crate) fn into_informers(self) -> impl Iterator<Item = Box<dyn AnyInformer>> {
        self.informers.into_iter().map(|(_, informer)| informer)
    }

    fn with<K: Object, T: Default>(
        &mut self,
        selector: &Selector,
        use_it: impl FnOnce(&mut Informer<K>) -> T,
    ) -> T {
        let kind = TypeId::of::<K>();
        let is_it = |(existing, informer): &(TypeId, Box<dyn AnyInformer>)| {
            *existing == kind && informer.selector() == selector
        };
        let place = self.informers.iter().position(is_it).unwrap_or_else(|| {
            let informer = Informer::<K>::new(selector.clone(), self.transforms());
            self.seen
                .add(selector, informer.resource(), informer.progress());
            self.informers.push((kind, Box::new(informer)));
            self.informers.len() - 1
        });
        let found = self.informers.get_mut(place);
        let informer = found.and_then(|(_, informer)| informer.as_any_mut().downcast_mut());
        // The entry is there, and its key is its type.
        informer.map(use_it).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
