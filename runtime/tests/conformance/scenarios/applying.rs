//! Server-side apply.

use serde_json::{Value, json};

use super::writing::{BOXES, MAPS, a_box, map};
use crate::script::Script;

pub(crate) async fn apply(script: &mut Script) {
    let apply = format!("PATCH apply {MAPS}/a?fieldManager=one");
    script
        .send(&apply, map("a", &json!({"x": "1", "y": "2"})))
        .await;
    script
        .send(&apply, map("a", &json!({"x": "1", "y": "2"})))
        .await;
    script.send(&apply, map("a", &json!({"x": "3"}))).await;
    script.send(&apply, map("b", &json!({}))).await;
    script
        .send(
            &format!("PATCH apply {MAPS}/a"),
            map("a", &json!({"x": "1"})),
        )
        .await;
    let mut seen = map("a", &json!({"x": "4"}));
    seen["metadata"]["resourceVersion"] = json!("1");
    script.send(&apply, seen).await;
    let mut managed = map("a", &json!({"x": "4"}));
    managed["metadata"]["managedFields"] = json!([{"manager": "one"}]);
    script.send(&apply, managed).await;
    let mut labelled = map("a", &json!({"x": "3"}));
    labelled["metadata"]["labels"] = json!({"a": "b"});
    labelled["metadata"]["finalizers"] = json!(["example.com/one"]);
    script.send(&apply, labelled.clone()).await;
    labelled["metadata"]["finalizers"] = json!(["example.com/two"]);
    script
        .send(&format!("PATCH apply {MAPS}/a?fieldManager=two"), labelled)
        .await;
    script.send(&apply, map("a", &json!({}))).await;
}

pub(crate) async fn conflict(script: &mut Script) {
    let one = format!("PATCH apply {MAPS}/a?fieldManager=one");
    let two = format!("PATCH apply {MAPS}/a?fieldManager=two");
    script
        .send(&one, map("a", &json!({"x": "1", "y": "1"})))
        .await;
    script.send(&two, map("a", &json!({"x": "2"}))).await;
    script
        .send(&two, map("a", &json!({"x": "1", "z": "1"})))
        .await;
    script.send(&one, map("a", &json!({"y": "1"}))).await;
    script
        .send(&format!("{two}&force=true"), map("a", &json!({"y": "2"})))
        .await;
    script.send(&one, map("a", &json!({"y": "1"}))).await;
    script
        .send(
            &format!("PATCH merge {MAPS}/a?fieldManager=three"),
            json!({"data": {"y": "3"}}),
        )
        .await;
    script.send(&two, map("a", &json!({"y": "2"}))).await;
    script.send(&two, map("a", &json!({}))).await;
}

pub(crate) async fn lists(script: &mut Script) {
    let one = format!("PATCH apply {BOXES}/a?fieldManager=one");
    let two = format!("PATCH apply {BOXES}/a?fieldManager=two");
    let ports = |ports: Value| a_box("a", &json!({"ports": ports}));
    script
        .send(
            &one,
            ports(json!([{"name": "a", "port": 1}, {"name": "b", "port": 2}])),
        )
        .await;
    script
        .send(
            &two,
            ports(json!([{"name": "c", "port": 3}, {"name": "a"}])),
        )
        .await;
    script
        .send(&one, ports(json!([{"name": "b", "port": 4}])))
        .await;
    script
        .send(&two, ports(json!([{"name": "c", "port": 3}])))
        .await;
    let rest = |spec: Value| a_box("b", &spec);
    let one = format!("PATCH apply {BOXES}/b?fieldManager=one");
    let two = format!("PATCH apply {BOXES}/b?fieldManager=two");
    script.send(&one, rest(json!({"words": ["a", "b"], "list": [{"a": 1}], "whole": {"a": "1"}, "labels": {"a": "1"}}))).await;
    script
        .send(
            &two,
            rest(json!({"words": ["b", "c"], "labels": {"b": "2"}})),
        )
        .await;
    script
        .send(&two, rest(json!({"list": [{"a": 1}, {"b": 2}]})))
        .await;
    script.send(&two, rest(json!({"whole": {"b": "1"}}))).await;
    script.send(&one, rest(json!({"words": ["a"], "nested": {"must": "x", "may": "y"}, "extra": {"deep": {"a": 1}, "list": [1]}}))).await;
    script
        .send(
            &one,
            rest(json!({"nested": {"must": "x"}, "extra": {"deep": {"b": 1}}, "note": null})),
        )
        .await;
    script.send(&one, rest(json!({}))).await;
}

/// Fields that were written before somebody applied.
pub(crate) async fn taken(script: &mut Script) {
    script
        .send(
            &format!("POST {BOXES}?fieldManager=maker"),
            a_box("a", &json!({"size": 1, "labels": {"x": "1", "y": "2"}})),
        )
        .await;
    let one = format!("PATCH apply {BOXES}/a?fieldManager=one");
    script
        .send(&one, a_box("a", &json!({"size": 1, "labels": {"x": "1"}})))
        .await;
    script.send(&one, a_box("a", &json!({"size": 2}))).await;
    script
        .send(
            &format!("{one}&force=true"),
            a_box("a", &json!({"size": 2, "labels": {"z": "3"}})),
        )
        .await;
    let mut read = script.send(&format!("GET {BOXES}/a"), Value::Null).await;
    read["spec"]["size"] = json!(3);
    script
        .send(&format!("PUT {BOXES}/a?fieldManager=maker"), read)
        .await;
    script.send(&one, a_box("a", &json!({}))).await;
}

pub(crate) async fn deployment(script: &mut Script) {
    let one = "PATCH apply /apis/apps/v1/namespaces/$/deployments/d?fieldManager=one";
    let two = "PATCH apply /apis/apps/v1/namespaces/$/deployments/d?fieldManager=two";
    let deployment = |replicas: Value, containers: Value| {
        let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
            "spec": {"template": {"spec": {"containers": containers}}}});
        if !replicas.is_null() {
            object["spec"]["replicas"] = replicas;
            object["spec"]["selector"] = json!({"matchLabels": {"a": "b"}});
            object["spec"]["template"]["metadata"] = json!({"labels": {"a": "b"}});
        }
        object
    };
    let fields = [
        "/metadata/generation",
        "/metadata/managedFields",
        "/spec/replicas",
        "/spec/selector",
        "/spec/template/spec/containers/0/name",
        "/spec/template/spec/containers/0/image",
        "/spec/template/spec/containers/0/env",
        "/spec/template/spec/containers/0/args",
        "/spec/template/spec/containers/1/name",
        "/spec/template/spec/containers/1/image",
    ];
    let app = json!({"name": "app", "image": "app:1", "args": ["a"], "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]});
    script
        .send_for(one, deployment(json!(2), json!([app])), &fields)
        .await;
    script
        .send_for(one, deployment(json!(2), json!([app])), &fields)
        .await;
    script
        .send_for(
            two,
            deployment(
                Value::Null,
                json!([{"name": "app", "image": "app:1"}, {"name": "side", "image": "side:1"}]),
            ),
            &fields,
        )
        .await;
    script
        .send_for(
            two,
            deployment(Value::Null, json!([{"name": "app", "image": "app:2"}])),
            &fields,
        )
        .await;
    let less = json!({"name": "app", "image": "app:1", "env": [{"name": "B", "value": "3"}]});
    script
        .send_for(one, deployment(json!(3), json!([less])), &fields)
        .await;
    script
        .send_for(
            "PATCH merge /apis/apps/v1/namespaces/$/deployments/d?fieldManager=scaler",
            json!({"spec": {"replicas": 9}}),
            &fields[2..],
        )
        .await;
    script
        .send_for(one, deployment(json!(3), json!([less])), &fields[2..])
        .await;
    script
        .send_for(
            &format!("{one}&force=true"),
            deployment(json!(3), json!([less])),
            &fields[2..],
        )
        .await;
}

pub(crate) async fn statuses(script: &mut Script) {
    script
        .send(
            &format!("POST {BOXES}?fieldManager=maker"),
            a_box("a", &json!({"size": 1})),
        )
        .await;
    let said = |phase: &str, type_: &str| {
        let mut object = a_box("a", &json!({"size": 5}));
        object["status"] =
            json!({"phase": phase, "conditions": [{"type": type_, "status": "True"}]});
        object
    };
    script
        .send(
            &format!("PATCH apply {BOXES}/a/status?fieldManager=one"),
            said("Ready", "One"),
        )
        .await;
    script
        .send(
            &format!("PATCH apply {BOXES}/a/status?fieldManager=two"),
            said("Ready", "Two"),
        )
        .await;
    script
        .send(
            &format!("PATCH apply {BOXES}/a/status?fieldManager=two"),
            said("Other", "Two"),
        )
        .await;
    script
        .send(
            &format!("PATCH apply {BOXES}/a?fieldManager=one&force=true"),
            said("Main", "Main"),
        )
        .await;
    script
        .send(
            &format!("PATCH apply {BOXES}/none/status?fieldManager=one"),
            json!({"apiVersion": "example.com/v1", "kind": "Box",
        "metadata": {"name": "none"}, "status": {"phase": "a"}}),
        )
        .await;
}

/// What the schema doesn't know, and what is wrong in it.
pub(crate) async fn misfits(script: &mut Script) {
    let one = format!("PATCH apply {BOXES}/a?fieldManager=one");
    script
        .send(&one, a_box("a", &json!({"size": 1, "odd": 1})))
        .await;
    script.send(&one, a_box("a", &json!({"size": 99}))).await;
    script
        .send(&one, a_box("a", &json!({"ports": [{"port": 1}]})))
        .await;
    script
        .send(
            &one,
            a_box("a", &json!({"ports": [{"name": "a"}, {"name": "a"}]})),
        )
        .await;
    script.send(&one, a_box("b", &json!({}))).await;
    script.send(&one, map("a", &json!({}))).await;
    let mut odd = map("a", &json!({"x": "1"}));
    odd["odd"] = json!(1);
    script
        .send(&format!("PATCH apply {MAPS}/a?fieldManager=one"), odd)
        .await;
}
