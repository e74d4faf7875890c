//! Create, replace and patch.

use serde_json::{Value, json};

use crate::script::Script;

pub(crate) const MAPS: &str = "/api/v1/namespaces/$/configmaps";
pub(crate) const BOXES: &str = "/apis/example.com/v1/namespaces/$/boxes";
pub(crate) const CRATES: &str = "/apis/example.com/v1/crates";

pub(crate) fn map(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

pub(crate) fn a_box(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Box", "metadata": {"name": name}, "spec": spec})
}

pub(crate) async fn create(script: &mut Script) {
    let post = format!("POST {MAPS}?fieldManager=tester");
    script.send(&post, map("a", &json!({"x": "1"}))).await;
    script.send(&post, map("a", &json!({"x": "1"}))).await;
    script.send(&format!("GET {MAPS}/a"), Value::Null).await;
    script.send(&format!("GET {MAPS}/b"), Value::Null).await;
    let mut generated = map("", &json!({}));
    generated["metadata"] = json!({"generateName": "made-"});
    script.send(&post, generated).await;
    script
        .send(&format!("POST {MAPS}?dryRun=All"), map("dry", &json!({})))
        .await;
    script.send(&format!("GET {MAPS}/dry"), Value::Null).await;
    let mut bold = a_box("bold", &json!({"size": 1}));
    bold["metadata"]["uid"] = json!("12345678-1234-1234-1234-123456789012");
    bold["metadata"]["generation"] = json!(7);
    bold["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    bold["metadata"]["labels"] = json!({});
    bold["metadata"]["annotations"] = json!({"a": "b"});
    script.send(&format!("POST {BOXES}"), bold).await;
}

pub(crate) async fn refused(script: &mut Script) {
    let post = format!("POST {MAPS}");
    let with = |field: &str, value: Value| {
        let mut object = map("a", &json!({}));
        object["metadata"][field] = value;
        object
    };
    script.send(&post, with("name", Value::Null)).await;
    script.send(&post, with("name", json!("Not_a_name"))).await;
    script
        .send(&post, with("namespace", json!("elsewhere")))
        .await;
    script
        .send(&post, with("resourceVersion", json!("7")))
        .await;
    let reference = |uid: &str, controller: bool| json!({"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": uid, "controller": controller});
    script
        .send(
            &post,
            with(
                "ownerReferences",
                json!([reference("1", true), reference("2", true)]),
            ),
        )
        .await;
    script
        .send(
            &post,
            with("ownerReferences", json!([reference("", false)])),
        )
        .await;
    let mut other = map("a", &json!({}));
    other["kind"] = json!("Secret");
    script.send(&post, other).await;
    let mut untyped = a_box("a", &json!({}));
    untyped.as_object_mut().unwrap().remove("kind");
    script.send(&format!("POST {BOXES}"), untyped).await;
    script
        .send(
            &format!("PATCH merge {MAPS}/none"),
            json!({"data": {"a": "b"}}),
        )
        .await;
    script
        .send(
            &format!("PUT {BOXES}/none"),
            json!({"apiVersion": "example.com/v1", "kind": "Box",
        "metadata": {"name": "none", "resourceVersion": "1"}}),
        )
        .await;
}

pub(crate) async fn replace(script: &mut Script) {
    let made = script
        .send(
            &format!("POST {BOXES}?fieldManager=one"),
            a_box("a", &json!({"size": 1, "labels": {"x": "1", "y": "2"}})),
        )
        .await;
    let put = format!("PUT {BOXES}/a?fieldManager=two");
    let same = script.send(&put, made.clone()).await;
    let mut changed = same.clone();
    changed["spec"] = json!({"size": 2, "labels": {"x": "1"}, "mode": "a"});
    script.send(&put, changed.clone()).await;
    script.send(&put, changed.clone()).await;
    changed["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("resourceVersion");
    script.send(&put, changed.clone()).await;
    changed["metadata"]["name"] = json!("b");
    script.send(&put, changed).await;
    let mut labelled = script.send(&format!("GET {BOXES}/a"), Value::Null).await;
    labelled["metadata"]["labels"] = json!({"a": "b"});
    labelled["metadata"]["uid"] = json!("other");
    script.send(&put, labelled.clone()).await;
    labelled["metadata"].as_object_mut().unwrap().remove("uid");
    labelled["metadata"]["creationTimestamp"] = json!("2001-01-01T00:00:00Z");
    script.send(&put, labelled).await;
    script
        .send(
            &format!("POST {MAPS}?fieldManager=one"),
            map("m", &json!({"a": "b"})),
        )
        .await;
    script
        .send(
            &format!("PUT {MAPS}/m?fieldManager=two"),
            map("m", &json!({"a": "c"})),
        )
        .await;
}

pub(crate) async fn patch(script: &mut Script) {
    let made = script
        .send(
            &format!("POST {MAPS}?fieldManager=one"),
            map("a", &json!({"x": "1", "y": "2"})),
        )
        .await;
    let merge = format!("PATCH merge {MAPS}/a?fieldManager=two");
    script
        .send(&merge, json!({"data": {"x": null, "z": "3"}}))
        .await;
    script.send(&merge, json!({"data": {"z": "3"}})).await;
    script.send(&merge, json!({"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}, "data": {"z": "4"}})).await;
    script
        .send(
            &merge,
            json!({"metadata": {"labels": {"a": "b"}, "name": "other"}}),
        )
        .await;
    script
        .send(&merge, json!({"metadata": {"labels": {"a": "b"}}}))
        .await;
    let patch = format!("PATCH json {MAPS}/a?fieldManager=three");
    script.send(&patch, json!([{"op": "replace", "path": "/data/z", "value": "5"}, {"op": "add", "path": "/data/n", "value": "6"}])).await;
    script.send(&patch, json!([{"op": "test", "path": "/data/z", "value": "0"}, {"op": "remove", "path": "/data/z"}])).await;
    script
        .send(&patch, json!([{"op": "remove", "path": "/data/none"}]))
        .await;
    script.send(&format!("PATCH odd {MAPS}/a"), json!({})).await;
    script.send(&format!("GET {MAPS}/a"), Value::Null).await;
}

pub(crate) async fn status(script: &mut Script) {
    let mut begun = a_box("a", &json!({"size": 1}));
    begun["status"] = json!({"phase": "Invented"});
    let made = script
        .send(&format!("POST {BOXES}?fieldManager=one"), begun)
        .await;
    let mut told = made.clone();
    told["spec"]["size"] = json!(5);
    told["metadata"]["labels"] = json!({"a": "b"});
    told["status"] = json!({"phase": "Ready", "conditions": [{"type": "Ready", "status": "True"}]});
    let told = script
        .send(&format!("PUT {BOXES}/a/status?fieldManager=two"), told)
        .await;
    let mut wrong = told.clone();
    wrong["status"]["phase"] = json!("Broken");
    wrong["spec"]["size"] = json!(6);
    script
        .send(&format!("PUT {BOXES}/a?fieldManager=one"), wrong)
        .await;
    script
        .send(
            &format!("PATCH merge {BOXES}/a/status?fieldManager=two"),
            json!({"status": {"count": 1, "phase": null}, "spec": {"size": 7}}),
        )
        .await;
    script
        .send(
            &format!("PATCH merge {BOXES}/a/status?fieldManager=two"),
            json!({"status": {"count": 1}}),
        )
        .await;
    script
        .send(&format!("GET {BOXES}/a/status"), Value::Null)
        .await;
    script
        .send(
            &format!("POST {MAPS}?fieldManager=one"),
            map("a", &json!({"x": "1"})),
        )
        .await;
    script
        .send(&format!("GET {MAPS}/a/status"), Value::Null)
        .await;
    let a_crate = json!({"apiVersion": "example.com/v1", "kind": "Crate", "metadata": {"name": "a"}, "spec": {"size": 1}, "status": {"phase": "Kept"}});
    script
        .send(&format!("POST {CRATES}?fieldManager=one"), a_crate)
        .await;
    script
        .send(
            &format!("PATCH merge {CRATES}/a?fieldManager=one"),
            json!({"status": {"phase": "Changed"}}),
        )
        .await;
    script
        .send(
            &format!("PATCH merge {CRATES}/a?fieldManager=one"),
            json!({"metadata": {"labels": {"a": "b"}}}),
        )
        .await;
    script
        .send(&format!("GET {CRATES}/a/status"), Value::Null)
        .await;
}

pub(crate) async fn schema(script: &mut Script) {
    let post = format!("POST {BOXES}?fieldManager=one");
    script.send(&post, a_box("unknown", &json!({"size": 1, "odd": 1, "extra": {"kept": {"x": 1}}, "nested": {"must": "a", "odd": 1}}))).await;
    script
        .send(
            &post,
            a_box(
                "default",
                &json!({"ports": [{"name": "a"}], "note": null, "labels": {"a": "b"}}),
            ),
        )
        .await;
    script
        .send(
            &post,
            a_box(
                "nulls",
                &json!({"size": null, "mode": null, "nested": null}),
            ),
        )
        .await;
    for (name, spec) in [
        ("type", json!({"size": "1"})),
        ("least", json!({"size": 0})),
        ("most", json!({"size": 10})),
        ("enum", json!({"mode": "c"})),
        ("long", json!({"note": "123456"})),
        ("required", json!({"nested": {"may": "a"}})),
        ("item", json!({"ports": [{"port": 1}]})),
        ("whole", json!({"whole": {"a": 1}})),
        ("list", json!({"list": {"a": 1}})),
        ("twice", json!({"ports": [{"name": "a"}, {"name": "a"}]})),
        ("word", json!({"words": ["a", "a"]})),
    ] {
        script.send(&post, a_box(name, &spec)).await;
    }
    script
        .send(
            &format!("PATCH merge {BOXES}/unknown"),
            json!({"spec": {"size": 99}}),
        )
        .await;
}

pub(crate) async fn others(script: &mut Script) {
    let secret =
        json!({"metadata": {"name": "s"}, "stringData": {"a": "text"}, "data": {"b": "Yg=="}});
    script
        .send("POST /api/v1/namespaces/$/secrets?fieldManager=one", secret)
        .await;
    script
        .send(
            "PATCH merge /api/v1/namespaces/$/secrets/s?fieldManager=two",
            json!({"stringData": {"a": "other"}}),
        )
        .await;
    let lease = json!({"metadata": {"name": "l"}, "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15}});
    let leases = "/apis/coordination.k8s.io/v1/namespaces/$/leases";
    let mut made = script
        .send(&format!("POST {leases}?fieldManager=one"), lease.clone())
        .await;
    script
        .send(&format!("PUT {leases}/l?fieldManager=one"), lease)
        .await;
    made["spec"]["holderIdentity"] = json!("b");
    script
        .send(&format!("PUT {leases}/l?fieldManager=one"), made.clone())
        .await;
    script
        .send(&format!("PUT {leases}/l?fieldManager=one"), made)
        .await;
    let deployments = "/apis/apps/v1/namespaces/$/deployments";
    let pod = json!({"containers": [{"name": "c", "image": "i"}]});
    let deployment = json!({"metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod}}});
    let fields = [
        "/metadata/generation",
        "/spec/replicas",
        "/spec/template/spec/containers/0/image",
    ];
    script
        .send_for(&format!("POST {deployments}"), deployment, &fields[..1])
        .await;
    script
        .send(
            &format!("PATCH merge {deployments}/d"),
            json!({"spec": {"replicas": "x"}}),
        )
        .await;
    let mut odd = map("odd", &json!({"a": "b"}));
    odd["odd"] = json!(1);
    script
        .send(&format!("POST {MAPS}?fieldManager=one"), odd)
        .await;
    for patch in [
        json!({"spec": {"replicas": 3}}),
        json!({"spec": {"replicas": 3}}),
        json!({"metadata": {"labels": {"a": "b"}}}),
        json!({"metadata": {"annotations": {"a": "b"}}}),
        json!({"status": {"replicas": 3}}),
    ] {
        script
            .send_for(&format!("PATCH merge {deployments}/d"), patch, &fields)
            .await;
    }
}
