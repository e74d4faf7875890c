//! What a manager's caches hold, and how objects in them are found.

use super::Manager;
use crate::Object;

impl Manager {
    /// Lets the objects of [`store::<K>()`](Self::store) be found by what `values` says of them: any number of values for
    /// each. See [`Store::by_index`](crate::Store::by_index). What `IndexField` is to controller-runtime.
    ///
    /// The cache of another selector has indexes of its own: [`Store::add_index`](crate::Store::add_index).
    ///
    /// ```
    /// use k8s_openapi::api::core::v1::Pod;
    ///
    /// # struct Reconciler { pods: rustop_runtime::Store<Pod> }
    /// # fn register(manager: &mut rustop_runtime::Manager) -> Reconciler {
    /// manager.index("node", |pod: &Pod| {
    ///     pod.spec.iter().filter_map(|spec| spec.node_name.clone()).collect()
    /// });
    /// Reconciler { pods: manager.store() } // … which calls self.pods.by_index("node", "node-1")?
    /// # }
    /// ```
    pub fn index<K: Object>(
        &mut self,
        name: impl Into<String>,
        values: impl Fn(&K) -> Vec<String> + Send + Sync + 'static,
    ) {
        self.store::<K>().add_index(name, values);
    }

    /// Changes each `K` before it is kept, in the caches of all selectors: to drop what nobody here reads, which is most
    /// of what a large object costs. Managed fields are dropped already.
    ///
    /// What is dropped is missing for every reader, and in what predicates, map functions and indexes get; an object that
    /// was read so must never be written back whole. Name, namespace, uid and resource version must stay.
    ///
    /// ```
    /// use k8s_openapi::api::core::v1::Pod;
    ///
    /// # fn register(manager: &mut rustop_runtime::Manager) {
    /// manager.transform(|pod: &mut Pod| pod.spec = None);
    /// # }
    /// ```
    pub fn transform<K: Object>(&mut self, transform: impl Fn(&mut K) + Send + Sync + 'static) {
        self.cache.transform(transform);
    }
}
