//! Follows one kind: lists it, watches it, fills its store, and tells the handlers what changed.
//!
//! Stands on kube's `watcher`, which resumes a cut watch and lists again when it has to. A list that is made again
//! tells the handlers the difference only: what is as it was is no change, and what vanished meanwhile is a deletion.

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt as _, StreamExt as _};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Client, ResourceExt as _};

use super::{AnyInformer, Progress, Selector, Store};
use crate::object::{WatchScope, resource_name};
use crate::{Namespaces, Object, Request};

/// Between attempts when the API server refuses or can't be reached; doubled each time, as client-go does.
const FIRST_DELAY: Duration = Duration::from_millis(800);
/// Shorter than client-go's 30 s, so that a CRD which is installed late is found soon.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

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
    progress: Progress,
}

impl<K: Object> Informer<K> {
    pub(super) fn new(selector: Selector) -> Self {
        Self {
            selector,
            store: Store::default(),
            handlers: Vec::new(),
            progress: Progress::default(),
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
        let scopes = watches.into_iter().map(|namespace| Scope {
            informer: &self,
            unsynced: &unsynced,
            namespace,
            listed: None,
            complete: false,
            failures: 0,
        });
        join_all(scopes.map(|scope| scope.follow(client.clone()))).await;
    }

    fn apply(&self, mut object: K) -> Request {
        // Often half of an object's size, and of no use to a reconciler.
        object.meta_mut().managed_fields = None;
        let request = Request::of(&object);
        let object = Arc::new(object);
        let old = self.store.insert(request.clone(), Arc::clone(&object));
        let same = |old: &Arc<K>| {
            old.resource_version() == object.resource_version() && old.uid() == object.uid()
        };
        if !old.as_ref().is_some_and(same) {
            self.tell(&Change {
                old: old.as_deref(),
                new: Some(&object),
            });
        }
        request
    }

    fn remove(&self, request: &Request) {
        if let Some(old) = self.store.remove(request) {
            self.tell(&Change {
                old: Some(&old),
                new: None,
            });
        }
    }

    fn tell(&self, change: &Change<'_, K>) {
        for handler in &self.handlers {
            handler(change);
        }
    }
}

/// One watch: the whole cluster, or one namespace of it.
struct Scope<'a, K> {
    informer: &'a Informer<K>,
    unsynced: &'a AtomicUsize,
    namespace: Option<String>,
    /// The names seen so far while a list is under way.
    listed: Option<HashSet<Request>>,
    complete: bool,
    failures: u32,
}

impl<K: Object> Scope<'_, K> {
    async fn follow(mut self, client: Client) {
        let config = self.informer.selector.watch_config();
        let api = K::Scope::api::<K>(client, self.namespace.as_deref());
        let mut events = std::pin::pin!(watcher(api, config));
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => self.handle(event),
                Err(error) => self.wait_after(&error).await,
            }
        }
    }

    fn handle(&mut self, event: Event<K>) {
        // `Init` only says that a list is about to be tried.
        if !matches!(event, Event::Init) {
            self.failures = 0;
            self.informer.progress.recovered(&resource_name::<K>());
        }
        match event {
            Event::Init => self.listed = Some(HashSet::new()),
            Event::InitApply(object) => {
                let request = self.informer.apply(object);
                self.listed.get_or_insert_default().insert(request);
            }
            Event::InitDone => self.finish_list(),
            Event::Apply(object) => drop(self.informer.apply(object)),
            Event::Delete(object) => self.informer.remove(&Request::of(&object)),
        }
    }

    /// What the list didn't name is gone.
    fn finish_list(&mut self) {
        let listed = self.listed.take().unwrap_or_default();
        let mut known = self.informer.store.requests();
        known.retain(|request| self.covers(request) && !listed.contains(request));
        for request in &known {
            self.informer.remove(request);
        }
        if !std::mem::replace(&mut self.complete, true)
            && self.unsynced.fetch_sub(1, Ordering::AcqRel) == 1
        {
            self.informer.progress.synced();
            self.informer.store.mark_synced();
        }
    }

    fn covers(&self, request: &Request) -> bool {
        self.namespace.is_none() || self.namespace == request.namespace
    }

    async fn wait_after(&mut self, error: &watcher::Error) {
        self.informer.progress.failed(&resource_name::<K>(), error);
        let delay = FIRST_DELAY
            .saturating_mul(2u32.saturating_pow(self.failures))
            .min(LONGEST_DELAY);
        self.failures = self.failures.saturating_add(1);
        tokio::time::sleep(delay.mul_f64(0.75 + fastrand::f64() / 4.0)).await;
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
        resource_name::<K>()
    }

    fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn run(self: Box<Self>, client: Client, namespaces: &Namespaces) -> BoxFuture<'static, ()> {
        let watches = namespaces.watches(K::Scope::NAMESPACED);
        self.follow(client, watches).boxed()
    }
}

#[cfg(test)]
mod tests;
