//! What tests of an operator need.
//!
//! [`FakeApiServer`] is an API server in the test's own process, for unit tests of reconcilers; [`faults`] runs a
//! reconciler on it through everything that can go wrong; [`store`] is a filled cache. What the fake cannot do it
//! answers with 501, so that a test never passes because of an answer that a real server wouldn't give. What depends on
//! defaulting, validation, webhooks or RBAC is tested on a real one:
//! [`TestEnvironment`](environment::TestEnvironment).

#[cfg(feature = "webhooks")]
pub mod admission;
mod answer;
#[cfg(feature = "testing")]
pub mod arbitrary;
#[cfg(feature = "testing")]
pub mod control_plane;
#[cfg(feature = "webhooks")]
pub mod conversion;
#[cfg(feature = "testing")]
pub mod environment;
mod fake;
pub mod faults;
#[cfg(feature = "webhooks")]
pub mod wire;

pub use answer::{Answer, WatchFeed};
pub use fake::{FakeApiServer, RecordedRequest};

pub use crate::events::SaidEvents;

#[cfg(feature = "testing")]
pub use proptest;

use crate::events::EventRecorder;
use crate::{Object, Store};

/// A recorder for unit tests, and what is said to it.
pub fn event_recorder() -> (EventRecorder, SaidEvents) {
    SaidEvents::pair()
}

/// A cache that holds `objects`, as a reconciler finds it after the first list.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use rustop_runtime::{Request, testing};
///
/// let mut object = ConfigMap::default();
/// object.metadata.name = Some("settings".into());
/// object.metadata.namespace = Some("default".into());
/// let store = testing::store([object]);
/// assert!(store.get(&Request::namespaced("default", "settings")).is_some());
/// ```
pub fn store<K: Object>(objects: impl IntoIterator<Item = K>) -> Store<K> {
    let store = Store::default();
    for object in objects {
        store.insert(&std::sync::Arc::new(object));
    }
    store.mark_synced();
    store
}
