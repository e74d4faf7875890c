//! Deletion and the garbage collector.

use serde_json::{Value, json};

use super::writing::{BOXES, MAPS, a_box, map};
use crate::script::Script;

pub(crate) async fn finalizers(script: &mut Script) {
    let mut held = a_box("a", &json!({"size": 1}));
    held["metadata"]["finalizers"] = json!(["example.com/one", "example.com/two"]);
    script
        .send(&format!("POST {BOXES}?fieldManager=one"), held)
        .await;
    script.send(&format!("DELETE {BOXES}/a"), Value::Null).await;
    script.send(&format!("DELETE {BOXES}/a"), Value::Null).await;
    let merge = format!("PATCH merge {BOXES}/a?fieldManager=one");
    script
        .send(
            &merge,
            json!({"metadata": {"finalizers": ["example.com/one", "example.com/three"]}}),
        )
        .await;
    script
        .send(
            &merge,
            json!({"metadata": {"deletionTimestamp": null, "labels": {"a": "b"}}}),
        )
        .await;
    script
        .send(
            &merge,
            json!({"metadata": {"finalizers": ["example.com/two"]}}),
        )
        .await;
    script.send(&merge, json!({"spec": {"size": 2}})).await;
    script
        .send(&merge, json!({"metadata": {"finalizers": []}}))
        .await;
    script.send(&format!("GET {BOXES}/a"), Value::Null).await;
    script.send(&format!("DELETE {BOXES}/a"), Value::Null).await;
}

pub(crate) async fn preconditions(script: &mut Script) {
    let first = script
        .send(&format!("POST {MAPS}"), map("a", &json!({"x": "1"})))
        .await;
    script
        .send(
            &format!("PATCH merge {MAPS}/a"),
            json!({"data": {"x": "2"}}),
        )
        .await;
    let with = |conditions: Value| json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": conditions});
    script
        .send(&format!("DELETE {MAPS}/a"), with(json!({"uid": "other"})))
        .await;
    script
        .send(
            &format!("DELETE {MAPS}/a"),
            with(json!({"resourceVersion": first["metadata"]["resourceVersion"]})),
        )
        .await;
    script
        .send(&format!("DELETE {MAPS}/a?dryRun=All"), Value::Null)
        .await;
    script
        .send(
            &format!("DELETE {MAPS}/a?propagationPolicy=Odd"),
            Value::Null,
        )
        .await;
    script
        .send(
            &format!("DELETE {MAPS}/a"),
            with(json!({"uid": first["metadata"]["uid"]})),
        )
        .await;
    script.send(&format!("GET {MAPS}/a"), Value::Null).await;
    script.send(&format!("DELETE {MAPS}/a"), Value::Null).await;
    script
        .send(&format!("POST {MAPS}"), map("a", &json!({"x": "1"})))
        .await;
    script
        .send(&format!("POST {BOXES}"), a_box("a", &json!({})))
        .await;
    script.send(&format!("DELETE {BOXES}/a"), Value::Null).await;
}

pub(crate) async fn collection(script: &mut Script) {
    for (name, label) in [("a", "x"), ("b", "y"), ("c", "x")] {
        let mut object = map(name, &json!({}));
        object["metadata"]["labels"] = json!({"which": label});
        script
            .send(&format!("POST {MAPS}?fieldManager=one"), object)
            .await;
    }
    script
        .send(
            &format!("DELETE {MAPS}?labelSelector=which%3Dx"),
            Value::Null,
        )
        .await;
    script
        .send(&format!("GET {MAPS}?labelSelector=which"), Value::Null)
        .await;
}

fn owned(name: &str, owners: &[&Value], block: bool) -> Value {
    let mut object = map(name, &json!({}));
    let references = owners.iter().map(|owner| {
        let metadata = &owner["metadata"];
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": metadata["name"], "uid": metadata["uid"], "blockOwnerDeletion": block})
    });
    object["metadata"]["ownerReferences"] = references.collect();
    object
}

fn is_gone(answer: &Value) -> bool {
    answer["code"] == 404
}

pub(crate) async fn owners(script: &mut Script) {
    let post = format!("POST {MAPS}?fieldManager=one");
    let one = script.send(&post, map("one", &json!({}))).await;
    let two = script.send(&post, map("two", &json!({}))).await;
    let child = script.send(&post, owned("child", &[&one], false)).await;
    script
        .send(&post, owned("grandchild", &[&child], false))
        .await;
    script
        .send(&post, owned("shared", &[&one, &two], false))
        .await;
    script
        .send(&format!("DELETE {MAPS}/one"), Value::Null)
        .await;
    script.settle(&format!("GET {MAPS}/child"), is_gone).await;
    script
        .settle(&format!("GET {MAPS}/grandchild"), is_gone)
        .await;
    let single = |answer: &Value| {
        answer["metadata"]["ownerReferences"]
            .as_array()
            .is_none_or(|left| left.len() < 2)
    };
    script.settle(&format!("GET {MAPS}/shared"), single).await;
    // Who names the wrong uid names nobody.
    let mut stranger = two.clone();
    stranger["metadata"]["uid"] = json!("00000000-0000-0000-0000-000000000000");
    script
        .send(&post, owned("stray", &[&stranger], false))
        .await;
    script.settle(&format!("GET {MAPS}/stray"), is_gone).await;
}

pub(crate) async fn orphans(script: &mut Script) {
    let post = format!("POST {MAPS}?fieldManager=one");
    let one = script.send(&post, map("one", &json!({}))).await;
    script.send(&post, owned("child", &[&one], false)).await;
    script
        .send(
            &format!("DELETE {MAPS}/one?propagationPolicy=Orphan&dryRun=All"),
            Value::Null,
        )
        .await;
    script
        .send_for(
            &format!("DELETE {MAPS}/one?propagationPolicy=Orphan"),
            Value::Null,
            &["/metadata/finalizers"],
        )
        .await;
    script.settle(&format!("GET {MAPS}/one"), is_gone).await;
    script
        .settle(&format!("GET {MAPS}/child"), |answer| {
            answer["metadata"]["ownerReferences"].is_null()
        })
        .await;
}

pub(crate) async fn foreground(script: &mut Script) {
    let post = format!("POST {MAPS}?fieldManager=one");
    let one = script.send(&post, map("one", &json!({}))).await;
    let mut child = owned("child", &[&one], true);
    child["metadata"]["finalizers"] = json!(["example.com/hold"]);
    script.send(&post, child).await;
    script.send(&post, owned("free", &[&one], false)).await;
    script
        .send_for(
            &format!("DELETE {MAPS}/one?propagationPolicy=Foreground"),
            Value::Null,
            &["/metadata/finalizers"],
        )
        .await;
    script
        .settle(&format!("GET {MAPS}/child"), |answer| {
            answer["metadata"]["deletionTimestamp"].is_string()
        })
        .await;
    script
        .send_for(
            &format!("GET {MAPS}/one"),
            Value::Null,
            &["/metadata/finalizers"],
        )
        .await;
    script
        .send_for(
            &format!("PATCH merge {MAPS}/child"),
            json!({"metadata": {"finalizers": null}}),
            &["/metadata/name"],
        )
        .await;
    script.settle(&format!("GET {MAPS}/one"), is_gone).await;
    script.settle(&format!("GET {MAPS}/free"), is_gone).await;
}
