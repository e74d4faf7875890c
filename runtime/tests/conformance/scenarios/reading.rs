//! Get, list and watch.

use serde_json::{Value, json};

use super::writing::{BOXES, MAPS, a_box, map};
use crate::script::Script;

async fn labelled(script: &mut Script) {
    for (name, labels) in [
        ("a", json!({"app": "web", "tier": "front"})),
        ("b", json!({"app": "api", "tier": "back"})),
        ("c", json!({"app": "web"})),
        ("d", Value::Null),
    ] {
        let mut object = map(name, &json!({}));
        object["metadata"]["labels"] = labels;
        script
            .send(&format!("POST {MAPS}?fieldManager=one"), object)
            .await;
    }
}

pub(crate) async fn selectors(script: &mut Script) {
    labelled(script).await;
    let known = "metadata.name%21%3Dkube-root-ca.crt";
    for labels in [
        "app%3Dweb",
        "app%3D%3Dweb,tier",
        "app%21%3Dweb",
        "app%20in%20(web,api)",
        "app%20notin%20(web)",
        "%21app",
        "tier%3Dback",
        "app%3D",
        "app%20of%20(a)",
    ] {
        script
            .send(
                &format!("GET {MAPS}?labelSelector={labels}&fieldSelector={known}"),
                Value::Null,
            )
            .await;
    }
    for fields in [
        "metadata.name%3Da",
        "metadata.name%3Da,metadata.namespace%3Dother",
        "data.x%3D1",
    ] {
        script
            .send(&format!("GET {MAPS}?fieldSelector={fields}"), Value::Null)
            .await;
    }
    script
        .send(
            &format!("POST {BOXES}?fieldManager=one"),
            a_box("x", &json!({"size": 1})),
        )
        .await;
    script.send(&format!("GET {BOXES}"), Value::Null).await;
    script
        .send(
            &format!("GET {BOXES}?fieldSelector=metadata.name%3Dx"),
            Value::Null,
        )
        .await;
    script
        .send(
            &format!("GET {BOXES}?fieldSelector=spec.size%3D1"),
            Value::Null,
        )
        .await;
}

pub(crate) async fn pages(script: &mut Script) {
    for name in ["a", "b", "c"] {
        script
            .send(
                &format!("POST {BOXES}?fieldManager=one"),
                a_box(name, &json!({"size": 1})),
            )
            .await;
    }
    let first = script
        .send(&format!("GET {BOXES}?limit=2"), Value::Null)
        .await;
    script.send(&format!("DELETE {BOXES}/c"), Value::Null).await;
    let token = first["metadata"]["continue"].as_str().unwrap_or_default();
    // The second page is of the same moment as the first.
    let list = script
        .unwritten(&format!("GET {BOXES}?limit=2&continue={token}"))
        .await;
    script.note(&json!({"second page": list["items"].as_array().map(Vec::len)}));
    script
        .send(&format!("GET {BOXES}?limit=2"), Value::Null)
        .await;
    let version = first["metadata"]["resourceVersion"]
        .as_str()
        .unwrap_or_default();
    let list = script
        .unwritten(&format!(
            "GET {BOXES}?resourceVersion={version}&resourceVersionMatch=Exact"
        ))
        .await;
    script.note(&json!({"at that version": list["items"].as_array().map(Vec::len)}));
}

pub(crate) async fn watches(script: &mut Script) {
    let made = script
        .send(
            &format!("POST {MAPS}?fieldManager=one"),
            map("a", &json!({"x": "1"})),
        )
        .await;
    let merge = format!("PATCH merge {MAPS}/a?fieldManager=one");
    script
        .send(&merge, json!({"metadata": {"labels": {"app": "web"}}}))
        .await;
    script.send(&merge, json!({"data": {"x": "2"}})).await;
    script.send(&merge, json!({"data": {"x": "2"}})).await;
    script
        .send(&merge, json!({"metadata": {"labels": {"app": "api"}}}))
        .await;
    script.send(&format!("DELETE {MAPS}/a"), Value::Null).await;
    let version = made["metadata"]["resourceVersion"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let watch = script.path("/api/v1", "configmaps");
    let name = "metadata.name%3Da";
    script
        .events(
            &format!("{watch}?watch=true&resourceVersion={version}&fieldSelector={name}"),
            4,
        )
        .await;
    script.events(&format!("{watch}?watch=true&resourceVersion={version}&fieldSelector={name}&labelSelector=app%3Dweb"), 3).await;
    script
        .send(
            &format!("POST {MAPS}?fieldManager=one"),
            map("b", &json!({"x": "1"})),
        )
        .await;
    script
        .events(
            &format!("{watch}?watch=true&fieldSelector=metadata.name%3Db"),
            1,
        )
        .await;
    let initial =
        "sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
    script
        .events(
            &format!("{watch}?watch=true&{initial}&fieldSelector=metadata.name%3Db"),
            2,
        )
        .await;
}

pub(crate) async fn metadata(script: &mut Script) {
    let mut object = a_box("a", &json!({"size": 1}));
    object["metadata"]["labels"] = json!({"a": "b"});
    script
        .send(&format!("POST {BOXES}?fieldManager=one"), object)
        .await;
    script
        .send(&format!("GET {BOXES}/a#metadata"), Value::Null)
        .await;
    script
        .send(&format!("GET {BOXES}?limit=5#metadata"), Value::Null)
        .await;
    script
        .send(
            &format!("PATCH merge {BOXES}/a?fieldManager=one#metadata"),
            json!({"metadata": {"labels": {"a": "c"}}}),
        )
        .await;
}
