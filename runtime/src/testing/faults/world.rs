//! What a process of the operator has: a client, and caches that may be old.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kube::Client;
use serde_json::Value;

use crate::object::resource_name;
use crate::testing::FakeApiServer;
use crate::testing::fake::Key;
use crate::{Object, Request, Store};

/// Brings one store to the objects of a moment.
type Feed = Box<dyn Fn(&BTreeMap<Key, Value>) + Send + Sync>;

/// What a reconciler under test is made of.
pub struct World {
    server: FakeApiServer,
    feeds: Mutex<Vec<Feed>>,
}

impl World {
    pub(super) fn new(server: FakeApiServer) -> Self {
        Self {
            server,
            feeds: Mutex::default(),
        }
    }

    /// A client of the fake API server: reads are live, writes meet the faults.
    pub fn client(&self) -> Client {
        self.server.client()
    }

    /// A cache of `K`, as `Manager::store` gives one; here it may be old.
    pub fn store<K: Object>(&self) -> Store<K> {
        let store = Store::default();
        let fed = store.clone();
        let feed: Feed = Box::new(move |objects| feed(&fed, objects));
        feed(&self.server.objects_at(self.server.version()));
        store.mark_synced();
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.push(feed);
        store
    }

    /// Brings all stores to the objects of a moment.
    pub(super) fn show(&self, objects: &BTreeMap<Key, Value>) {
        let feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.iter().for_each(|feed| feed(objects));
    }
}

fn feed<K: Object>(store: &Store<K>, objects: &BTreeMap<Key, Value>) {
    let resource = resource_name::<K>();
    let of_kind = objects.iter().filter(|(key, _)| key.resource == resource);
    let typed: Vec<K> = of_kind.filter_map(|(_, object)| typed(object)).collect();
    let names: Vec<Request> = typed.iter().map(Request::of).collect();
    for gone in store.requests() {
        if !names.contains(&gone) {
            store.remove(&gone);
        }
    }
    for object in typed {
        store.insert(&Arc::new(object));
    }
}

/// As a cache keeps it: without managed fields.
fn typed<K: Object>(object: &Value) -> Option<K> {
    let mut object: K = serde_json::from_value(object.clone()).ok()?;
    object.meta_mut().managed_fields = None;
    Some(object)
}
