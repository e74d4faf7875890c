use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;

use super::*;
use crate::testing::{Answer, FakeApiServer};

const NAME: &str = "example.com/cleanup";
const PATH: &str = "/api/v1/namespaces/ns/configmaps/c";

fn object(deleting: bool, finalizers: &[&str]) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.name = Some("c".into());
    object.metadata.resource_version = Some("7".into());
    object.metadata.deletion_timestamp = deleting.then_some(Time(Timestamp::UNIX_EPOCH));
    object.metadata.finalizers = Some(finalizers.iter().map(ToString::to_string).collect());
    object
}

/// What the reconciler saw, and the finalizers that were written.
async fn run(
    object: ConfigMap,
    patched: Answer,
    fail: bool,
) -> (String, Vec<serde_json::Value>, bool) {
    let server = FakeApiServer::new().on("PATCH", PATH, patched);
    let api: Api<ConfigMap> = Api::namespaced(server.client(), "ns");
    let mut seen = "nothing".to_owned();
    let result = finalizer(&api, NAME, Arc::new(object), |event| {
        seen = match event {
            Event::Apply(object) => format!("apply {:?}", object.finalizers()),
            Event::Cleanup(_) => "cleanup".to_owned(),
        };
        std::future::ready(if fail {
            Err(kube::Error::LinesCodecMaxLineLengthExceeded)
        } else {
            Ok(Action::await_change())
        })
    })
    .await;
    let bodies = server
        .requests()
        .into_iter()
        .map(|request| request.body)
        .collect();
    (seen, bodies, result.is_ok())
}

#[tokio::test]
async fn the_finalizer_is_added_before_the_first_apply() {
    let added = object(false, &["other", NAME]);
    let (seen, bodies, _) = run(object(false, &["other"]), Answer::ok(&added), false).await;
    assert_eq!(seen, format!("apply {:?}", ["other", NAME]));
    assert_eq!(
        bodies,
        [json!({"metadata": {"finalizers": ["other", NAME], "resourceVersion": "7"}})]
    );
}

#[tokio::test]
async fn nothing_is_applied_when_the_finalizer_could_not_be_added() {
    let (seen, _, ok) = run(object(false, &[]), Answer::status(409, "Conflict"), false).await;
    assert_eq!((seen.as_str(), ok), ("nothing", false));
}

#[tokio::test]
async fn with_the_finalizer_in_place_nothing_is_written() {
    let (seen, bodies, _) = run(object(false, &[NAME]), Answer::not_found(), false).await;
    assert!(seen.starts_with("apply"));
    assert_eq!(bodies.len(), 0);
}

#[tokio::test]
async fn the_finalizer_goes_after_the_cleanup() {
    let done = object(true, &["other"]);
    let (seen, bodies, _) = run(object(true, &[NAME, "other"]), Answer::ok(&done), false).await;
    assert_eq!(seen, "cleanup");
    assert_eq!(
        bodies,
        [json!({"metadata": {"finalizers": ["other"], "resourceVersion": "7"}})]
    );
}

#[tokio::test]
async fn a_failed_cleanup_keeps_the_finalizer() {
    let (seen, bodies, ok) = run(object(true, &[NAME]), Answer::not_found(), true).await;
    assert_eq!((seen.as_str(), bodies.len(), ok), ("cleanup", 0, false));
}

#[tokio::test]
async fn an_object_that_is_gone_needs_no_finalizer_removed() {
    let (_, _, ok) = run(object(true, &[NAME]), Answer::not_found(), false).await;
    assert!(ok);
}

#[tokio::test]
async fn an_object_without_the_finalizer_is_left_to_go() {
    let (seen, bodies, ok) = run(object(true, &["other"]), Answer::not_found(), false).await;
    assert_eq!((seen.as_str(), bodies.len(), ok), ("nothing", 0, true));
}

/// It isn't done yet: nobody would come back to it without the object.
#[tokio::test]
async fn a_cleanup_that_wants_to_be_called_again_keeps_the_finalizer() {
    let server = FakeApiServer::new();
    let api: Api<ConfigMap> = Api::namespaced(server.client(), "ns");
    let again = Action::requeue(std::time::Duration::from_secs(5));
    let going = Arc::new(object(true, &[NAME]));
    let cleanup = |_| std::future::ready(Ok::<_, kube::Error>(again));
    let action = finalizer(&api, NAME, going, cleanup).await.unwrap();
    assert_eq!((action, server.requests().len()), (again, 0));
}
