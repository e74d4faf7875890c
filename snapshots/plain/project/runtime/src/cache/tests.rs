use k8s_openapi::api::core::v1::ConfigMap;
use kube::core::PartialObjectMeta;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::json;

use super::*;
use crate::testing::{Answer, FakeApiServer};

fn cache() -> (Cache, FakeApiServer) {
    let object = json!({"metadata": {"name": "a", "resourceVersion": "1"}});
    let items = json!({"metadata": {"resourceVersion": "1"}, "items": [object]});
    let server = FakeApiServer::new().on("GET", "/api/v1/configmaps", Answer::ok(&items));
    (Cache::default(), server)
}

fn run(cache: Cache, server: &FakeApiServer) -> Registry {
    let mut registry = Registry::default();
    let mut metrics = CacheMetrics::default();
    for informer in cache.into_informers() {
        metrics.add(informer.as_ref());
        tokio::spawn(informer.run(server.client(), &Namespaces::All));
    }
    registry.register_collector(Box::new(metrics));
    registry
}

#[tokio::test(start_paused = true)]
async fn there_is_one_watch_for_each_kind_and_selector() {
    let (mut cache, server) = cache();
    let web = Selector::all().labels("app=web").fields("metadata.name=a");
    let stores = [&Selector::all(), &web, &web, &Selector::all()]
        .map(|selector| cache.store::<ConfigMap>(selector));
    run(cache, &server);
    for store in &stores {
        store.wait_until_synced().await;
        assert_eq!(store.len(), 1);
    }
    let requests = server.requests();
    let lists = requests.iter().filter(|request| request.method == "GET");
    let mut queries: Vec<&str> = lists.map(|list| list.query.as_str()).collect();
    queries.sort_unstable();
    let selected = "&fieldSelector=metadata.name%3Da&labelSelector=app%3Dweb&limit=100";
    assert_eq!(queries, [selected, "&limit=100"]);
}

#[tokio::test(start_paused = true)]
async fn a_transformation_is_of_the_kind_whatever_the_selector() {
    let (mut cache, server) = cache();
    let before = cache.store::<ConfigMap>(&Selector::all());
    cache.transform(|object: &mut ConfigMap| object.immutable = Some(true));
    let after = cache.store::<ConfigMap>(&Selector::all().labels("app=web"));
    run(cache, &server);
    for store in [before, after] {
        store.wait_until_synced().await;
        assert_eq!(store.list()[0].immutable, Some(true));
    }
}

#[tokio::test(start_paused = true)]
async fn caches_are_measured() {
    let mut cache = Cache::default();
    let items = json!({"metadata": {"resourceVersion": "1"}, "items": [
        {"metadata": {"name": "a", "resourceVersion": "1"}},
        {"metadata": {"name": "b", "resourceVersion": "1"}, "data": 3}]});
    let server = FakeApiServer::new().on("GET", "/api/v1/configmaps", Answer::ok(&items));
    let store = cache.store::<ConfigMap>(&Selector::all());
    let registry = run(cache, &server);
    let metrics = || {
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    };
    assert!(
        !metrics().contains("rustop_cache_age_seconds{"),
        "never heard of"
    );
    store.wait_until_synced().await;
    let text = metrics();
    for line in [
        r#"rustop_cache_objects{resource="configmaps",selector=""} 1"#,
        r#"rustop_cache_unreadable_objects{resource="configmaps",selector=""} 1"#,
        r#"rustop_cache_age_seconds{resource="configmaps",selector=""} 0"#,
    ] {
        assert!(
            text.lines().any(|actual| actual.starts_with(line)),
            "{line}\n{text}"
        );
    }
}

/// Prometheus refuses two values with the same labels.
#[tokio::test(start_paused = true)]
async fn a_kind_and_its_metadata_are_measured_together() {
    let (mut cache, server) = cache();
    let whole = cache.store::<ConfigMap>(&Selector::all());
    let metadata = cache.store::<PartialObjectMeta<ConfigMap>>(&Selector::all());
    let registry = run(cache, &server);
    whole.wait_until_synced().await;
    metadata.wait_until_synced().await;
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    let objects: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("rustop_cache_objects{"))
        .collect();
    assert_eq!(
        objects,
        [r#"rustop_cache_objects{resource="configmaps",selector=""} 2.0"#]
    );
}
