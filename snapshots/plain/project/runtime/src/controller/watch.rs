//! What a controller follows: a kind, which of its objects, which changes, and whom they concern.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::queue::{Priority, Queue};
use crate::cache::Cache;
use crate::{Change, Object, Predicate, Request, Selector, owner};

/// A kind to follow, and what a change of one of its objects means to a [`Controller`](crate::Controller): more than
/// [`owns`](crate::Controller::owns) and [`watches`](crate::Controller::watches) say.
///
/// Of a `PartialObjectMeta<K>` only the metadata is sent and kept: enough to find an owner or read a label, and small.
///
/// ```
/// # use k8s_openapi::api::core::v1::{ConfigMap, Secret};
/// # use k8s_openapi::api::apps::v1::Deployment;
/// # use rustop_runtime::{Action, Controller, Reconciler, Request};
/// # struct MyReconciler;
/// # impl Reconciler for MyReconciler {
/// #     type Object = ConfigMap;
/// #     type Error = kube::Error;
/// #     async fn reconcile(&self, _: Request) -> Result<Action, kube::Error> { Ok(Action::await_change()) }
/// # }
/// use kube::core::PartialObjectMeta;
/// use rustop_runtime::{Predicate, Selector, Watch};
///
/// let mine = Selector::all().labels("app.kubernetes.io/managed-by=my-operator");
/// let controller = Controller::new("configmap", MyReconciler)
///     .watch(Watch::<Deployment>::owned().selector(mine))
///     .watch(Watch::<PartialObjectMeta<Secret>>::owned_by_any().predicate(Predicate::labels_changed()));
/// ```
#[must_use = "a watch is given to a controller"]
pub struct Watch<K> {
    selector: Selector,
    predicate: Option<Predicate<K>>,
    map: Map<K>,
}

enum Map<K> {
    Controller,
    Owners,
    Function(Box<MapFunction<K>>),
}

type MapFunction<K> = dyn Fn(&K) -> Vec<Request> + Send + Sync;

impl<K: Object> Watch<K> {
    /// Reconciles the controller of each `K`: the owner whose reference says `controller: true`.
    pub fn owned() -> Self {
        Self::new(Map::Controller)
    }

    /// Reconciles every owner of each `K`, be it its controller or not.
    pub fn owned_by_any() -> Self {
        Self::new(Map::Owners)
    }

    /// Reconciles what `map` makes of each `K`: nothing, one object, or many. Of an update both are mapped, the object as
    /// it was and as it is, so that whoever it leaves is reconciled as well as whoever it comes to.
    ///
    /// A map that must look something up owns a clone of a [`Store`](crate::Store): the event of an object comes after
    /// that object is in its own store. What the map doesn't find because another cache is behind is found by that
    /// object's own event.
    pub fn mapped<I>(map: impl Fn(&K) -> I + Send + Sync + 'static) -> Self
    where
        I: IntoIterator<Item = Request>,
    {
        Self::new(Map::Function(Box::new(move |object| {
            map(object).into_iter().collect()
        })))
    }

    fn new(map: Map<K>) -> Self {
        Self {
            selector: Selector::all(),
            predicate: None,
            map,
        }
    }

    /// Follows these objects only: a watch of its own, filtered by the API server.
    pub fn selector(mut self, selector: Selector) -> Self {
        self.selector = selector;
        self
    }

    /// Passes on these changes only. Given twice, both must let a change pass.
    pub fn predicate(mut self, predicate: Predicate<K>) -> Self {
        self.predicate = Some(match self.predicate {
            Some(first) => first.and(predicate),
            None => predicate,
        });
        self
    }

    /// For a controller of `P`.
    pub(super) fn into_feed<P: Object>(self) -> Feed {
        Box::new(move |cache, queue| {
            let selector = self.selector.clone();
            let queue = Arc::clone(queue);
            let tell = Arc::new(move |change: &Change<'_, K>, priority| {
                for request in self.requests::<P>(change) {
                    queue.add(&request, priority);
                }
            });
            let live = Arc::clone(&tell);
            cache.on_change(&selector, move |change| live(change, Priority::Change));
            let store = cache.store::<K>(&selector);
            let filled = store.clone();
            Fed {
                synced: async move { filled.wait_until_synced().await }.boxed(),
                replay: Box::new(move || {
                    for object in store.list() {
                        let (old, new) = (None, Some(object.as_ref()));
                        tell(&Change { old, new }, Priority::Initial);
                    }
                }),
            }
        })
    }

    fn requests<P: Object>(&self, change: &Change<'_, K>) -> Vec<Request> {
        if self.predicate.as_ref().is_some_and(|it| !it.passes(change)) {
            return Vec::new();
        }
        change
            .both()
            .flat_map(|object| self.map.apply::<P>(object))
            .collect()
    }
}

impl<K: Object> Map<K> {
    fn apply<P: Object>(&self, object: &K) -> Vec<Request> {
        match self {
            Self::Controller => owner::controller_of::<P, K>(object).into_iter().collect(),
            Self::Owners => owner::owners_of::<P, K>(object).collect(),
            Self::Function(map) => map(object),
        }
    }
}

/// Makes a cache feed a queue.
pub(super) type Feed = Box<dyn FnOnce(&mut Cache, &Arc<Queue>) -> Fed + Send>;

/// A cache that feeds a queue.
pub(super) struct Fed {
    /// Waits until the cache is filled.
    pub(super) synced: BoxFuture<'static, ()>,
    /// Adds what is in the cache, as if it were new.
    pub(super) replay: Box<dyn FnOnce() + Send>,
}
