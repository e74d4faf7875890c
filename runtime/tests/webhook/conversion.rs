//! Objects in one version, asked for in others.

use serde_json::{Value, json};

use crate::boxes::crd;
use crate::rig::prepare;

fn path(version: &str) -> String {
    format!("/apis/example.com/{version}/namespaces/default/crates")
}

fn object(version: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": format!("example.com/{version}"), "kind": "Crate", "spec": spec,
        "metadata": {"name": name, "labels": {"l": "1"}, "annotations": {"a": "2"},
            "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_read_as_every_other() {
    let Some(prepared) = prepare("conversion") else {
        return;
    };
    let conversion = json!({"strategy": "Webhook", "webhook": {
        "conversionReviewVersions": ["v1"], "clientConfig": prepared.client_config("/convert")}});
    let rig = prepared.start(Some(&crd("v1beta1", &conversion))).await;
    let get = |version: &str, name: &str| {
        let path = format!("{}/{name}", path(version));
        let rig = &rig;
        async move { rig.send("GET", &path, &Value::Null).await }
    };
    let specs = [
        ("v1", json!({"width": 3, "height": 4})),
        ("v1beta1", json!({"size": "3x4"})),
        ("v1alpha1", json!({"sides": [3, 4]})),
    ];
    for (version, spec) in &specs {
        let object = object(version, &format!("from-{version}"), spec);
        rig.send("POST", &path(version), &object).await.done();
    }
    // Stored as v1beta1, each of them.
    for (from, _) in &specs {
        let name = format!("from-{from}");
        let first = get("v1", &name).await.done();
        for (to, spec) in &specs {
            let read = get(to, &name).await.done();
            assert_eq!(&read["spec"], spec, "{from} as {to}");
            assert_eq!(read["metadata"], first["metadata"], "{from} as {to}");
            assert_eq!(read["metadata"]["labels"], json!({"l": "1"}));
        }
    }
    for (version, spec) in &specs {
        let list = rig.send("GET", &path(version), &Value::Null).await.done();
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 3);
        assert!(items.iter().all(|item| &item["spec"] == spec), "{list}");
    }
    // A change in one version is one in all.
    let change = json!({"spec": {"sides": [5, 6]}});
    let changed = format!("{}/from-v1", path("v1alpha1"));
    rig.send("PATCH", &changed, &change).await.done();
    let read = get("v1beta1", "from-v1").await.done();
    assert_eq!(read["spec"], json!({"size": "5x6"}));

    // What can't be converted is named, and stays as it is.
    let flat = object("v1beta1", "flat", &json!({"size": "flat"}));
    rig.send("POST", &path("v1beta1"), &flat).await.done();
    let answer = get("v1", "flat").await;
    assert_eq!(answer.code, 500);
    assert!(
        answer.message().contains(
            "Crate default/flat can't be converted from `example.com/v1beta1` to `example.com/v1`: `size` has no `x`"
        ),
        "{}",
        answer.message()
    );
    assert_eq!(get("v1beta1", "flat").await.done()["spec"]["size"], "flat");
    let answer = get("v2", "from-v1").await;
    assert!(
        answer
            .message()
            .contains("known are: `example.com/v1`, `example.com/v1beta1`, `example.com/v1alpha1`"),
        "{}",
        answer.message()
    );
}

/// Whoever applies in another version than before has the API server convert what is left of the object without the
/// fields of the earlier one; when others own some of them, these are objects that no schema lets pass.
#[tokio::test(flavor = "multi_thread")]
async fn managers_apply_in_any_version() {
    let Some(prepared) = prepare("apply") else {
        return;
    };
    let conversion = json!({"strategy": "Webhook", "webhook": {
        "conversionReviewVersions": ["v1"], "clientConfig": prepared.client_config("/convert")}});
    let rig = prepared.start(Some(&crd("v1beta1", &conversion))).await;
    let rig = &rig;
    let apply = |manager: &'static str,
                 version: &'static str,
                 name: &'static str,
                 labels: Value,
                 spec: Value| async move {
        let path = format!("{}/{name}?fieldManager={manager}&force=true", path(version));
        let object = json!({"apiVersion": format!("example.com/{version}"), "kind": "Crate", "spec": spec,
            "metadata": {"name": name, "labels": labels}});
        rig.send("PATCH", &path, &object).await.done()
    };
    // One manager moves from version to version, with labels of its own and without.
    let versions = [
        ("v1beta1", json!({"size": "3x4"})),
        ("v1", json!({"width": 5, "height": 6})),
        ("v1alpha1", json!({"sides": [7, 8]})),
        ("v1beta1", json!({"size": "9x1"})),
        ("v1alpha1", json!({"sides": [2, 3]})),
    ];
    for (name, labels) in [("plain", Value::Null), ("labelled", json!({"a": "1"}))] {
        for (version, spec) in &versions {
            let applied = apply("one", version, name, labels.clone(), spec.clone()).await;
            assert_eq!(&applied["spec"], spec, "{name} in {version}");
            assert_eq!(applied["metadata"]["labels"], labels, "{name} in {version}");
            let status = json!({"status": {"phase": "Made"}});
            let of_status = format!("{}/{name}/status", path("v1"));
            rig.send("PATCH", &of_status, &status).await.done();
        }
        let last = apply(
            "one",
            "v1",
            name,
            Value::Null,
            json!({"width": 2, "height": 3}),
        )
        .await;
        assert_eq!(last["metadata"]["labels"], Value::Null, "{name}");
    }
    // Two managers own a field each, both of which must be there.
    apply(
        "one",
        "v1",
        "shared",
        Value::Null,
        json!({"width": 3, "height": 4}),
    )
    .await;
    apply("two", "v1", "shared", Value::Null, json!({"height": 6})).await;
    apply("one", "v1", "shared", Value::Null, json!({"width": 3})).await;
    let applied = apply(
        "one",
        "v1alpha1",
        "shared",
        Value::Null,
        json!({"sides": [9, 6]}),
    )
    .await;
    assert_eq!(applied["spec"], json!({"sides": [9, 6]}));
}
