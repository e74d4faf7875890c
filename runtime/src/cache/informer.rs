//! Follows one kind: lists it, watches it, fills its store, and tells the handlers what changed.
//!
//! A list that is made again tells the handlers the difference only: what is as it was is no change and isn't even
//! decoded, and what vanished meanwhile is a deletion.

mod scope;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use kube::Client;

use super::raw::RawObject;
use super::source::Source;
use super::transform::Transforms;
use super::{AnyInformer, Progress, Selector, Store};
use crate::object::{WatchScope, resource_name, versioned_resource_name};
use crate::{Namespaces, Object, Request};
use scope::Scope;

/// What an event replaced, and what it brought. What is new has no `old`, what is gone has no `new`.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a, K> {
    /// The object as the cache had it.
    pub old: Option<&'a K>,
    /// The object as it is.
    pub new: Option<&'a K>,
}

impl<'a, K> Change<'a, K> {
    /// The object as it was and as it is: something that points from one object to another must follow both.
    pub fn both(&self) -> impl Iterator<Item = &'a K> {
        self.old.into_iter().chain(self.new)
    }
}

type Handler<K> = Box<dyn Fn(&Change<'_, K>) + Send + Sync>;

/// The informer of one kind and selector, until it runs.
pub(crate) struct Informer<K> {
    selector: Selector,
    store: Store<K>,
    handlers: Vec<Handler<K>>,
    transforms: Transforms<K>,
    resource: String,
}

impl<K: Object> Informer<K> {
    pub(super) fn new(selector: Selector, transforms: Transforms<K>) -> Self {
        Self {
            selector,
            store: Store::default(),
            handlers: Vec::new(),
            transforms,
            resource: resource_name::<K>(),
        }
    }

    pub(super) fn store(&self) -> Store<K> {
        self.store.clone()
    }

    pub(super) fn add_handler(&mut self, handler: Handler<K>) {
        self.handlers.push(handler);
    }

    /// Follows the kind for ever, with one watch for each namespace.
    async fn follow(self, client: Client, watches: Vec<Option<String>>) {
        let unsynced = AtomicUsize::new(watches.len());
        self.store.progress().starts(watches.clone());
        let scopes = watches.into_iter().enumerate().map(|(watch, namespace)| {
            let selector = self.selector.clone();
            let source = Source::new::<K>(client.clone(), namespace.as_deref(), selector);
            Scope::new(&self, &unsynced, watch, namespace).follow(source)
        });
        join_all(scopes).await;
    }

    /// Puts the object into the store, unless it is there already.
    fn apply(&self, raw: RawObject) {
        if self.store.knows(&raw) {
            return;
        }
        let (request, version) = (raw.request.clone(), raw.version.clone());
        match raw.decode() {
            Ok(object) => self.insert(&request, object),
            Err(error) => self.withhold(request, version, &error),
        }
    }

    fn insert(&self, request: &Request, mut object: K) {
        self.store.progress().forget(request);
        self.transforms.apply(&mut object);
        // What was decoded has room to grow in each of its lists and texts, a clone has none: a tenth of the memory.
        let object = Arc::new(object.clone());
        let old = self.store.insert(&object);
        self.tell(&Change {
            old: old.as_deref(),
            new: Some(&object),
        });
    }

    /// What the object was before is no longer true, and what it is now isn't known: nobody gets either.
    fn withhold(&self, request: Request, version: String, error: &serde_json::Error) {
        self.store.withhold(&request);
        let progress = self.store.progress();
        progress.cannot_read(&self.resource, request, version, error.to_string());
    }

    fn remove(&self, request: &Request) {
        self.store.progress().forget(request);
        if let Some(old) = self.store.remove(request) {
            self.tell(&Change {
                old: Some(&old),
                new: None,
            });
        }
    }

    /// The names of all that is known to exist, whether or not it can be read.
    fn known(&self) -> impl Iterator<Item = Request> {
        let unreadable = self.store.progress().unreadable_requests();
        self.store.known().into_iter().chain(unreadable)
    }

    fn tell(&self, change: &Change<'_, K>) {
        for handler in &self.handlers {
            handler(change);
        }
    }
}

impl<K: Object> AnyInformer for Informer<K> {
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn selector(&self) -> &Selector {
        &self.selector
    }

    fn resource(&self) -> String {
        self.resource.clone()
    }

    fn versioned_resource(&self) -> String {
        versioned_resource_name::<K>()
    }

    fn is_metadata_only(&self) -> bool {
        K::metadata_api()
    }

    fn progress(&self) -> Progress {
        self.store.progress().clone()
    }

    fn synced(&self) -> BoxFuture<'static, ()> {
        let store = self.store();
        async move { store.wait_until_synced().await }.boxed()
    }

    fn count(&self) -> Box<dyn Fn() -> usize + Send + Sync> {
        let store = self.store();
        Box::new(move || store.len())
    }

    fn run(self: Box<Self>, client: Client, namespaces: &Namespaces) -> BoxFuture<'static, ()> {
        let watches = namespaces.watches(K::Scope::NAMESPACED);
        self.follow(client, watches).boxed()
    }
}

#[cfg(test)]
mod tests;
