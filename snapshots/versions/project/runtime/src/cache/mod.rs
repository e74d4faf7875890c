//! One watch per kind, shared by every controller and reader of a manager.
//!
//! The caches run on every replica, leader or not, so that a new leader starts with them filled.

mod informer;
mod store;
mod sync;

use std::any::{Any, TypeId};

use futures::future::BoxFuture;
use kube::Client;

pub use store::Store;

pub(crate) use informer::{Change, Informer};
pub(crate) use sync::Progress;

use crate::{Namespaces, Object};

/// The informers of a manager, one per kind.
#[derive(Default)]
pub(crate) struct Cache {
    informers: Vec<(TypeId, Box<dyn AnyInformer>)>,
}

/// An informer of any kind, to be run and asked how it is.
pub(crate) trait AnyInformer: Send {
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn resource(&self) -> String;
    fn progress(&self) -> Progress;
    fn run(self: Box<Self>, client: Client, namespaces: &Namespaces) -> BoxFuture<'static, ()>;
}

impl Cache {
    /// The store of `K`, which is filled once the manager runs.
    pub(crate) fn store<K: Object>(&mut self) -> Store<K> {
        self.with(|informer: &mut Informer<K>| informer.store())
    }

    /// Calls `handler` for each change of a `K`.
    pub(crate) fn on_change<K: Object>(
        &mut self,
        handler: impl Fn(&Change<'_, K>) + Send + Sync + 'static,
    ) {
        self.with(|informer: &mut Informer<K>| informer.add_handler(Box::new(handler)));
    }

    pub(crate) fn into_informers(self) -> impl Iterator<Item = Box<dyn AnyInformer>> {
        self.informers.into_iter().map(|(_, informer)| informer)
    }

    fn with<K: Object, T: Default>(&mut self, use_it: impl FnOnce(&mut Informer<K>) -> T) -> T {
        let kind = TypeId::of::<K>();
        if !self.informers.iter().any(|(existing, _)| *existing == kind) {
            self.informers.push((kind, Box::<Informer<K>>::default()));
        }
        let found = self
            .informers
            .iter_mut()
            .find(|(existing, _)| *existing == kind);
        let informer = found.and_then(|(_, informer)| informer.as_any_mut().downcast_mut());
        // The entry is there, and its key is its type.
        informer.map(use_it).unwrap_or_default()
    }
}
