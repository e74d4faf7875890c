//! What a reconcile wrote, and whether the caches have it.
//!
//! A write's answer names the object's new version, and a watch brings the versions of a kind in their order
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>). So a watch that has come as far as
//! that version has brought the write. Until then the next reconcile of the same object would decide on what is older
//! than its own work: it would write again, and be refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use kube::{Api, Resource};

use super::{Progress, Selector};

/// How long the next reconcile of an object waits for the caches: a watch that is this far behind has broken off.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

tokio::task_local! {
    static WRITES: Mutex<Vec<Write>>;
}

/// A write that succeeded.
#[derive(Debug)]
pub(crate) struct Write {
    /// `deployments.apps`, as [`resource_name`](crate::object::resource_name) gives it.
    resource: String,
    namespace: Option<String>,
    version: u64,
}

/// Runs `reconcile`, and gives its writes beside its result. What it does in a task of its own isn't noticed.
pub(crate) async fn recorded<F: Future>(reconcile: F) -> (F::Output, Vec<Write>) {
    let recorded = async {
        let output = reconcile.await;
        let writes = WRITES.with(|writes| std::mem::take(&mut *lock(writes)));
        (output, writes)
    };
    WRITES.scope(Mutex::default(), recorded).await
}

/// Remembers that `answer` is what the API server made of a write, if a reconcile is under way.
pub(crate) fn record<K: Resource>(api: &Api<K>, answer: &impl Resource) {
    let metadata = answer.meta();
    let version = metadata.resource_version.as_deref();
    let Some(version) = version.and_then(|version| version.parse().ok()) else {
        return;
    };
    let Some(resource) = resource(api.resource_url()) else {
        return;
    };
    let namespace = metadata.namespace.clone();
    let write = Write {
        resource,
        namespace,
        version,
    };
    // Outside of a reconcile nobody waits.
    let _ = WRITES.try_with(|writes| lock(writes).push(write));
}

/// The resource of a path: `/apis/apps/v1/namespaces/default/deployments`, `/api/v1/nodes`.
fn resource(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["api", _, .., plural] => Some((*plural).to_owned()),
        ["apis", group, _, .., plural] => Some(format!("{plural}.{group}")),
        _ => None,
    }
}

/// The caches of a manager that have all objects of a kind, by its resource; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<HashMap<String, Vec<Progress>>>>);

impl Seen {
    /// A cache to wait for. What a selector leaves out never comes, so that such a cache isn't waited for.
    pub(super) fn add(&self, selector: &Selector, resource: String, progress: Progress) {
        if *selector == Selector::all() {
            lock(&self.0).entry(resource).or_default().push(progress);
        }
    }

    /// Whether all caches have all of `writes`.
    pub(crate) fn has(&self, writes: &[Write]) -> bool {
        let has = |write: &Write| {
            let caches = self.of(&write.resource);
            let mut caches = caches.iter();
            caches.all(|cache| cache.has_seen(write.namespace.as_deref(), write.version))
        };
        writes.iter().all(has)
    }

    /// Waits until they have, but not for long.
    pub(crate) async fn wait_for(&self, writes: Vec<Write>) {
        let waits = writes.iter().flat_map(|write| {
            let caches = self.of(&write.resource).into_iter();
            caches.map(|cache| cache.until_seen(write.namespace.clone(), write.version))
        });
        let all = join_all(waits);
        if tokio::time::timeout(LONGEST_WAIT, all).await.is_err() {
            tracing::debug!(?writes, "the caches don't have what was written");
        }
    }

    fn of(&self, resource: &str) -> Vec<Progress> {
        lock(&self.0).get(resource).cloned().unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Node};
    use tokio::time::Instant;

    use super::*;
    use crate::object::resource_name;
    use crate::testing::FakeApiServer;

    const NAMESPACE: Option<&str> = Some("default");

    fn written(version: &str) -> ConfigMap {
        let mut map = ConfigMap::default();
        map.metadata.namespace = NAMESPACE.map(Into::into);
        map.metadata.resource_version = Some(version.to_owned());
        map
    }

    async fn writes(version: &str) -> Vec<Write> {
        let api: Api<ConfigMap> = Api::namespaced(FakeApiServer::new().client(), "default");
        recorded(async { record(&api, &written(version)) }).await.1
    }

    /// A cache with one watch for each of `namespaces`.
    fn cache(namespaces: &[Option<&str>]) -> (Seen, Progress) {
        let (seen, progress) = (Seen::default(), Progress::default());
        let namespaces = namespaces.iter().map(|one| one.map(ToOwned::to_owned));
        progress.starts(namespaces.collect());
        let resource = resource_name::<ConfigMap>();
        seen.add(&Selector::all(), resource, progress.clone());
        (seen, progress)
    }

    #[tokio::test]
    async fn a_path_names_its_resource() {
        let client = || FakeApiServer::new().client();
        let nodes: Api<Node> = Api::all(client());
        let roles: Api<k8s_openapi::api::rbac::v1::Role> = Api::namespaced(client(), "default");
        assert_eq!(resource(nodes.resource_url()).unwrap(), "nodes");
        let roles = resource(roles.resource_url()).unwrap();
        assert_eq!(roles, "roles.rbac.authorization.k8s.io");
    }

    #[tokio::test]
    async fn a_write_is_seen_once_the_watch_has_come_as_far() {
        let (seen, progress) = cache(&[None]);
        assert!(seen.has(&writes("10").await), "there is no list yet");
        progress.saw(0, "9");
        assert!(!seen.has(&writes("10").await));
        progress.saw(0, "10");
        assert!(seen.has(&writes("10").await));
        assert!(!seen.has(&writes("11").await));
    }

    #[tokio::test]
    async fn only_the_watch_of_the_objects_namespace_counts() {
        let (seen, progress) = cache(&[Some("other"), NAMESPACE]);
        progress.saw(0, "10");
        progress.saw(1, "9");
        assert!(!seen.has(&writes("10").await));
        progress.saw(1, "10");
        assert!(seen.has(&writes("10").await));
    }

    #[tokio::test]
    async fn what_no_cache_can_bring_is_not_waited_for() {
        let none = Seen::default();
        assert!(none.has(&writes("10").await));
        let selected = Selector::all().labels("a=b");
        none.add(&selected, resource_name::<ConfigMap>(), cache(&[None]).1);
        assert!(none.has(&writes("10").await));
        let (elsewhere, progress) = cache(&[Some("other")]);
        progress.saw(0, "9");
        assert!(elsewhere.has(&writes("10").await));
        let (seen, progress) = cache(&[None]);
        progress.saw(0, "9");
        assert!(seen.has(&writes("no number").await));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_with_the_version_or_after_a_second() {
        let (seen, progress) = cache(&[None]);
        progress.saw(0, "9");
        let start = Instant::now();
        seen.wait_for(writes("10").await).await;
        assert_eq!(start.elapsed(), LONGEST_WAIT);

        let waiting = tokio::spawn({
            let (seen, writes) = (seen.clone(), writes("10").await);
            async move { seen.wait_for(writes).await }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!waiting.is_finished());
        progress.saw(0, "12");
        waiting.await.unwrap();
        assert_eq!(start.elapsed(), LONGEST_WAIT + Duration::from_millis(100));
    }
}
