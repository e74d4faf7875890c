//! What the scenarios of `tests/conformance` don't ask: what a test tells the fake, and what the fake refuses.

use std::collections::BTreeMap;
use std::pin::pin;

use futures::StreamExt as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Service};
use k8s_openapi::api::rbac::v1::ClusterRole;
use k8s_openapi::api::storage::v1::CSIDriver;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher;
use kube::{Api, Error, Resource, ResourceExt as _};
use serde_json::json;

use super::*;
use crate::Request;

const PATH: &str = "/api/v1/namespaces/default/configmaps";

fn map(name: &str) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    }
}

fn maps(server: &FakeApiServer) -> Api<ConfigMap> {
    Api::default_namespaced(server.client())
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> u16 {
    match result {
        Err(Error::Api(status)) => status.code,
        other => panic!("{other:?}"),
    }
}

/// In paused time, so that it is waited for no longer than until nothing happens any more.
async fn soon<F: Future>(event: F) -> F::Output {
    let limit = std::time::Duration::from_secs(60);
    tokio::time::timeout(limit, event)
        .await
        .expect("nothing happens any more")
}

#[tokio::test]
async fn answers_come_in_order_and_the_last_one_stays() {
    let path = format!("{PATH}/a");
    let server = FakeApiServer::new()
        .on("GET", &path, Answer::not_found())
        .on("GET", &path, Answer::ok(&ConfigMap::default()));
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(maps(&server).get_opt("a").await.unwrap().is_some());
    }
    assert_eq!(found, [false, true, true]);
}

#[tokio::test]
async fn a_write_fails_twice_and_then_is_done() {
    let failure = || Answer::status(500, "InternalError");
    let server = FakeApiServer::new()
        .kind::<ConfigMap>()
        .on("POST", PATH, failure())
        .on("POST", PATH, failure())
        .on("POST", PATH, Answer::from_state());
    let create = async || {
        maps(&server)
            .create(&PostParams::default(), &map("a"))
            .await
    };
    assert_eq!(code(create().await), 500);
    assert_eq!(code(create().await), 500);
    assert_eq!(server.objects::<ConfigMap>().len(), 0);
    create().await.unwrap();
    assert_eq!(code(create().await), 409);
}

#[tokio::test]
async fn who_is_asked_otherwise_may_leave_it_to_the_server() {
    let locked = |request: &RecordedRequest| {
        let locked = request.path.ends_with("/locked");
        locked.then(|| Answer::status(403, "Forbidden"))
    };
    let server = FakeApiServer::new()
        .with_objects([map("a"), map("locked")])
        .otherwise(locked);
    assert_eq!(code(maps(&server).get("locked").await), 403);
    assert_eq!(maps(&server).get("a").await.unwrap().name_any(), "a");
}

/// The requests, and a part of the reason of the 501.
#[tokio::test]
async fn what_it_cannot_do_is_a_501_that_says_so() {
    async fn check<K>(server: &FakeApiServer, reason: &str, ask: impl AsyncFnOnce(Api<K>) -> Error)
    where
        K: Resource<DynamicType = ()>,
    {
        let api: Api<K> = Api::all(server.client());
        match ask(api).await {
            Error::Api(status) => {
                assert_eq!(status.code, 501, "{status:?}");
                assert!(status.message.contains(reason), "{}", status.message);
            }
            other => panic!("{other:?}"),
        }
    }
    let namespace = |name: &str| Namespace {
        metadata: map(name).metadata,
        ..Namespace::default()
    };
    let server = FakeApiServer::new()
        .kind::<CSIDriver>()
        .with_objects([namespace("a")]);
    check::<ConfigMap>(&server, "help: `.kind::<K>()`", async |api| {
        api.list(&ListParams::default()).await.unwrap_err()
    })
    .await;
    check::<CSIDriver>(
        &server,
        "has not learnt how `csidrivers.storage.k8s.io` behaves",
        async |api| api.get("a").await.unwrap_err(),
    )
    .await;
    check::<Namespace>(&server, "doesn't empty a namespace", async |api| {
        api.delete("a", &DeleteParams::default()).await.unwrap_err()
    })
    .await;
    check::<Namespace>(&server, "no strategic merge patch", async |api| {
        let patch = Patch::Strategic(json!({"metadata": {"labels": {"a": "b"}}}));
        api.patch("a", &PatchParams::default(), &patch)
            .await
            .unwrap_err()
    })
    .await;
    check::<Namespace>(&server, "no `finalize`", async |api| {
        let body = namespace("a");
        api.replace_subresource("finalize", "a", &PostParams::default(), &body)
            .await
            .unwrap_err()
    })
    .await;
    let pod = Pod {
        metadata: map("a").metadata,
        ..Pod::default()
    };
    let server = FakeApiServer::new().with_objects([pod]);
    let pods: Api<Pod> = Api::default_namespaced(server.client());
    let patch =
        Patch::Merge(json!({"metadata": {"labels": {"a": "b"}}, "status": {"phase": "Running"}}));
    assert_eq!(
        code(
            pods.patch_status("a", &PatchParams::default(), &patch)
                .await
        ),
        501
    );
}

#[tokio::test]
async fn fixtures_are_as_if_they_had_always_been_there() {
    let deployment = Deployment {
        metadata: map("a").metadata,
        status: serde_json::from_value(json!({"readyReplicas": 2})).unwrap(),
        ..Deployment::default()
    };
    let server = FakeApiServer::new().with_objects([deployment]);
    let api: Api<Deployment> = Api::default_namespaced(server.client());
    let found = api.get("a").await.unwrap();
    assert_eq!(found.status.unwrap().ready_replicas, Some(2));
    assert_eq!(found.metadata.generation, Some(1));
    assert!(found.metadata.uid.is_some() && found.metadata.resource_version.is_some());

    let request = Request::namespaced("default", "a");
    server.edit(&request, |each: &mut Deployment| {
        each.spec.get_or_insert_default().replicas = Some(3);
    });
    let edited: Deployment = server.object(&request).unwrap();
    assert_eq!(edited.metadata.generation, Some(2));
    assert_eq!(edited.metadata.uid, found.metadata.uid);
    server.edit(&request, |each: &mut Deployment| each.status = None);
    let edited: Deployment = server.object(&request).unwrap();
    assert_eq!(edited.metadata.generation, Some(2));
    server.delete::<Deployment>(&request);
    assert_eq!(server.object::<Deployment>(&request), None);
}

/// Who was away for too long lists again: kube's watcher does.
#[tokio::test(start_paused = true)]
async fn a_watcher_starts_again_when_the_history_is_forgotten() {
    let server = FakeApiServer::new().with_objects([map("a")]);
    let config = watcher::Config::default();
    let mut events = pin!(watcher(maps(&server), config).applied_objects());
    assert_eq!(events.next().await.unwrap().unwrap().name_any(), "a");
    let create = async |name| {
        maps(&server)
            .create(&PostParams::default(), &map(name))
            .await
            .unwrap()
    };
    create("b").await;
    assert_eq!(events.next().await.unwrap().unwrap().name_any(), "b");

    server.end_watches();
    create("c").await;
    server.forget_history();
    let mut seen = BTreeMap::new();
    while !seen.contains_key("c") {
        match soon(events.next()).await.unwrap() {
            Ok(object) => _ = seen.insert(object.name_any(), object),
            Err(error) => assert!(
                error.to_string().contains("too old resource version"),
                "{error}"
            ),
        }
    }
    // All three come again, because it was a list and not only what had been missed.
    assert_eq!(seen.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn bookmarks_come_when_they_are_asked_for() {
    let server = FakeApiServer::new().with_objects([map("a")]);
    let api = maps(&server);
    let parameters = kube::api::WatchParams::default();
    let mut events = pin!(api.watch(&parameters, "1").await.unwrap());
    server.send_bookmarks();
    match soon(events.next()).await {
        Some(Ok(kube::api::WatchEvent::Bookmark(mark))) => {
            assert_eq!(mark.metadata.resource_version, "1");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_next_page_of_what_is_forgotten_is_gone() {
    let server = FakeApiServer::new().with_objects([map("a"), map("b")]);
    let page = ListParams::default().limit(1);
    let first = maps(&server).list(&page).await.unwrap();
    server.forget_history();
    server.edit(
        &Request::namespaced("default", "b"),
        |map: &mut ConfigMap| map.immutable = Some(true),
    );
    server.forget_history();
    let next = page.continue_token(first.metadata.continue_.as_deref().unwrap());
    assert_eq!(code(maps(&server).list(&next).await), 410);
}

#[tokio::test]
async fn a_copy_goes_its_own_way() {
    let server = FakeApiServer::new().with_objects([map("a")]);
    let copy = server.copy();
    maps(&copy)
        .delete("a", &DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(copy.objects::<ConfigMap>().len(), 0);
    assert_eq!(server.objects::<ConfigMap>().len(), 1);
    assert_eq!(server.requests(), []);
}

/// A pod that runs goes only when its kubelet says so.
#[tokio::test]
async fn a_pod_on_a_node_is_deleted_with_grace() {
    let pod = |name: &str, node: Option<&str>| {
        let spec = json!({"containers": [], "nodeName": node});
        let pod = json!({"metadata": {"name": name}, "spec": spec});
        serde_json::from_value::<Pod>(pod).unwrap()
    };
    let server = FakeApiServer::new().with_objects([pod("waits", None), pod("runs", Some("node"))]);
    let pods: Api<Pod> = Api::default_namespaced(server.client());
    pods.delete("waits", &DeleteParams::default())
        .await
        .unwrap();
    assert!(pods.get_opt("waits").await.unwrap().is_none());
    pods.delete("runs", &DeleteParams::default()).await.unwrap();
    assert_eq!(
        pods.get("runs")
            .await
            .unwrap()
            .metadata
            .deletion_grace_period_seconds,
        Some(30)
    );
    pods.delete("runs", &DeleteParams::default().grace_period(0))
        .await
        .unwrap();
    assert!(pods.get_opt("runs").await.unwrap().is_none());
}

fn owner(map: &ConfigMap) -> OwnerReference {
    OwnerReference {
        block_owner_deletion: Some(true),
        ..map.owner_ref(&()).unwrap()
    }
}

/// In a cluster it stays for ever, because no owner in a namespace can be found for it.
#[tokio::test]
async fn what_is_in_no_namespace_outlives_an_owner_that_is_in_one() {
    let server = FakeApiServer::new()
        .kind::<ConfigMap>()
        .kind::<ClusterRole>();
    let maps = maps(&server);
    let made = maps.create(&PostParams::default(), &map("owner")).await;
    let mut role = ClusterRole::default();
    role.metadata.name = Some("role".to_owned());
    role.metadata.owner_references = Some(vec![owner(&made.unwrap())]);
    let roles: Api<ClusterRole> = Api::all(server.client());
    roles.create(&PostParams::default(), &role).await.unwrap();
    maps.delete("owner", &DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(server.objects::<ConfigMap>().len(), 0);
    assert_eq!(server.objects::<ClusterRole>().len(), 1);
}

#[tokio::test]
async fn another_deletion_does_not_end_the_wait_for_dependents() {
    let server = FakeApiServer::new().kind::<ConfigMap>();
    let maps = maps(&server);
    let made = maps.create(&PostParams::default(), &map("owner")).await;
    let mut child = map("child");
    child.metadata.owner_references = Some(vec![owner(&made.unwrap())]);
    child.metadata.finalizers = Some(vec!["example.com/held".to_owned()]);
    maps.create(&PostParams::default(), &child).await.unwrap();
    maps.delete("owner", &DeleteParams::foreground())
        .await
        .unwrap();
    maps.delete("owner", &DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(server.objects::<ConfigMap>().len(), 2);
    let background = DeleteParams::background();
    maps.delete("owner", &background).await.unwrap();
    assert_eq!(server.objects::<ConfigMap>().len(), 1);
}

#[tokio::test]
async fn a_fixture_that_loses_its_last_finalizer_goes() {
    let mut held = map("held");
    held.metadata.finalizers = Some(vec!["example.com/held".to_owned()]);
    let server = FakeApiServer::new().with_objects([held]);
    let request = Request::namespaced("default", "held");
    server.delete::<ConfigMap>(&request);
    assert_eq!(server.objects::<ConfigMap>().len(), 1);
    server.edit(&request, |held: &mut ConfigMap| {
        held.metadata.finalizers = None;
    });
    assert_eq!(server.objects::<ConfigMap>().len(), 0);
}

#[tokio::test]
async fn an_unknown_field_is_refused_where_that_is_asked_for() {
    let server = FakeApiServer::new().with_objects([map("a")]);
    let maps = maps(&server);
    let strict = PatchParams::default().validation_strict();
    let merge = |body| Patch::Merge::<serde_json::Value>(body);
    let known = merge(json!({"data": {"a": "b"}, "metadata": {"labels": null}}));
    maps.patch("a", &strict, &known).await.unwrap();
    let unknown = merge(json!({"date": {"a": "b"}}));
    assert_eq!(code(maps.patch("a", &strict, &unknown).await), 400);
    maps.patch("a", &PatchParams::default(), &unknown)
        .await
        .unwrap();
    let patch = json!([{"op": "add", "path": "/date", "value": {}}]);
    let patch = Patch::Json::<()>(serde_json::from_value(patch).unwrap());
    assert_eq!(code(maps.patch("a", &strict, &patch).await), 501);
}

/// A custom object may be called `my.app`; what a reconciler names after it may not.
#[tokio::test]
async fn the_rules_for_names_are_those_of_each_kind() {
    async fn check<K>(name: &str, allowed: bool)
    where
        K: Object + Serialize + Default,
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        let server = FakeApiServer::new().kind::<K>();
        let api: Api<K> = Api::default_namespaced(server.client());
        let mut object = K::default();
        object.meta_mut().name = Some(name.to_owned());
        let result = api.create(&PostParams::default(), &object).await;
        if allowed {
            result.unwrap();
        } else {
            assert_eq!(code(result), 422, "{name}");
        }
    }
    let long = |length| "a".repeat(length);
    check::<ConfigMap>("my.app", true).await;
    check::<ConfigMap>(&long(253), true).await;
    check::<ConfigMap>(&long(254), false).await;
    check::<Service>("my-app", true).await;
    check::<Service>("my.app", false).await;
    check::<Service>(&long(64), false).await;
    check::<CronJob>("my.app", true).await;
    check::<CronJob>(&long(53), false).await;
}

#[tokio::test]
async fn a_name_that_is_made_is_a_label() {
    let server = FakeApiServer::new().kind::<ConfigMap>();
    let mut nameless = map("");
    nameless.metadata.name = None;
    nameless.metadata.generate_name = Some("a".repeat(100));
    let made = maps(&server)
        .create(&PostParams::default(), &nameless)
        .await
        .unwrap();
    assert_eq!(made.name_any().len(), 63);
}
