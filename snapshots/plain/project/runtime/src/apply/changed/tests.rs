use k8s_openapi::api::apps::v1::Deployment;

use super::*;
use crate::testing::{Answer, FakeApiServer, RecordedRequest};

const PATH: &str = "/apis/apps/v1/namespaces/ns/deployments/web";

fn deployment(value: Value) -> Deployment {
    let mut object: Deployment = serde_json::from_value(value).unwrap();
    object.metadata.name = Some("web".into());
    object
}

fn desired() -> Value {
    json!({
        "metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "1"}]},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web:1", "args": ["a"]}]},
            },
        },
    })
}

/// What the API server makes of it: with the annotation and with its defaults.
fn applied() -> Value {
    let mut body = serde_json::to_value(deployment(desired())).unwrap();
    remove_unset(&mut body);
    let mut found = desired();
    found["metadata"]["annotations"][annotation("tester")] = json!(digest(&body));
    found["metadata"]["annotations"]["other"] = json!("1");
    found["metadata"]["uid"] = json!("2");
    found["spec"]["progressDeadlineSeconds"] = json!(600);
    found["spec"]["template"]["spec"]["restartPolicy"] = json!("Always");
    found["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = json!("Always");
    found["status"] = json!({"replicas": 2});
    found
}

async fn requests(current: Option<Value>, desired: Value) -> Vec<RecordedRequest> {
    let server = FakeApiServer::new().on("PATCH", PATH, Answer::ok(&Deployment::default()));
    let api: Api<Deployment> = Api::namespaced(server.client(), "ns");
    let (current, desired) = (current.map(deployment), deployment(desired));
    let sent = apply_if_changed(&api, current.as_ref(), &desired, "tester").await;
    assert_eq!(sent.unwrap(), !server.requests().is_empty());
    server.requests()
}

#[tokio::test]
async fn what_is_missing_is_applied_with_a_digest() {
    let requests = requests(None, desired()).await;
    let body = &requests[0].body;
    assert_eq!(body["spec"]["replicas"], 2);
    let annotations = body["metadata"]["annotations"].as_object().unwrap();
    assert_eq!(
        annotations.keys().collect::<Vec<_>>(),
        ["applied.rustop.dev/tester"]
    );
    assert!(requests[0].query.contains("fieldManager=tester"));
    assert!(requests[0].query.contains("force=true"));
}

#[tokio::test]
async fn what_is_there_already_is_not_sent() {
    assert_eq!(requests(Some(applied()), desired()).await, []);
}

#[tokio::test]
async fn what_others_changed_is_sent() {
    let pointers = [
        ("/spec/replicas", json!(3)),
        ("/spec/replicas", Value::Null),
        ("/spec/template/spec/containers/0/image", json!("web:2")),
        ("/spec/template/spec/containers/0/args", json!(["a", "b"])),
        ("/spec/template/spec/containers/0/args", json!([])),
        (
            "/spec/template/spec/containers",
            json!([{"name": "other"}, {"name": "web", "image": "web:1", "args": ["a"]}]),
        ),
        ("/spec/template/metadata/labels", json!({"app": "other"})),
        ("/metadata/ownerReferences", json!([])),
    ];
    for (pointer, value) in pointers {
        let mut current = applied();
        *current.pointer_mut(pointer).unwrap() = value.clone();
        let sent = requests(Some(current), desired()).await.len();
        assert_eq!(sent, 1, "{pointer} {value}");
    }
}

#[tokio::test]
async fn a_field_that_is_not_set_any_more_is_sent() {
    let mut fewer = desired();
    let container = &mut fewer["spec"]["template"]["spec"]["containers"][0];
    container.as_object_mut().unwrap().remove("args");
    assert_eq!(requests(Some(applied()), fewer).await.len(), 1);
}

#[tokio::test]
async fn what_nobody_applied_yet_is_sent() {
    let mut current = applied();
    current["metadata"]["annotations"] = json!({});
    assert_eq!(requests(Some(current), desired()).await.len(), 1);
}

#[tokio::test]
async fn another_owner_is_no_change() {
    let mut current = applied();
    let references = current["metadata"]["ownerReferences"]
        .as_array_mut()
        .unwrap();
    references.insert(
        0,
        json!({"apiVersion": "v1", "kind": "Secret", "name": "s", "uid": "9"}),
    );
    assert_eq!(requests(Some(current), desired()).await, []);
}

/// Two managers of one object keep their digests apart.
#[test]
fn each_field_manager_has_an_annotation_that_is_legal() {
    for (manager, expected) in [
        ("my-app", "applied.rustop.dev/my-app"),
        ("my app/v1", "applied.rustop.dev/my-app-v1"),
        ("_x_", "applied.rustop.dev/x"),
    ] {
        assert_eq!(annotation(manager), expected);
    }
    let long = annotation(&"x".repeat(128));
    assert_eq!(long.len(), APPLIED.len() + LONGEST_NAME);
}
