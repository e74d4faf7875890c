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

/// What a reconciler under test is made of: a client of a fake API server, and caches of it.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use rustop_runtime::testing::{FakeApiServer, faults::World};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut object = ConfigMap::default();
/// object.metadata.name = Some("settings".into());
/// let world = World::new(&FakeApiServer::new().with_objects([object]));
/// assert_eq!(world.store::<ConfigMap>().len(), 1);
/// # }
/// ```
pub struct World {
    server: FakeApiServer,
    feeds: Mutex<Vec<Feed>>,
}

impl World {
    /// Where a process finds itself that starts now. Its caches are filled when they are asked for, and follow only
    /// where [`faults`](crate::testing::faults) moves them.
    pub fn new(server: &FakeApiServer) -> Self {
        Self {
            server: server.clone(),
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
        let filled = store.clone();
        let fill: Feed = Box::new(move |objects| feed(&filled, objects));
        fill(&self.server.objects_at(self.server.version()));
        store.mark_synced();
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.push(fill);
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
