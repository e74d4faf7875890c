//! What is read is what is written: the types of a CRD lose nothing.

use external_crd_api::example::v1::Gadget;
use external_crd_api::example::v1alpha1::Rating;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn check<T: DeserializeOwned + Serialize>(object: Value) {
    let read: T = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), object);
}

#[test]
fn objects_are_written_as_they_were_read() {
    let reference = json!({"apiVersion": "v1", "kind": "Secret", "name": "a"});
    let gadget = json!({
        "apiVersion": "example.org/v1",
        "kind": "Gadget",
        "metadata": {"name": "sample", "namespace": "default"},
        "spec": {
            "8bit": 8, "@": 0.5, "type": "t", "self": true, "gen": 1, "isCA": true,
            "jwksUri": "a", "jwks_uri": "b", "mode": "a \"b\"", "level": -1,
            "port": "http", "sizes": {"cpu": "1", "pods": 2}, "anything": [1, {"a": null}],
            "memory": "4Gi", "limits": {"cpu": "500m"}, "steps": ["1"], "surge": "50%",
            "aliases": ["a", null], "scores": {"a": [1, null], "b": null},
            "wheels": [{"size": 1}, null], "anyList": [null, 1],
            "free": {"x": {"y": 1}}, "template": {"kind": "Pod"}, "empty": {},
            "partly": {"known": "k", "unknown": {"deep": [1]}},
            "matrix": [[{"name": "n"}], []], "byName": {"a": [{"weight": 1}]},
            "deep": {"a": [[{"lost": "no"}]]}, "labels": {"a": "b"},
            "backendTLS": {"a": "1"}, "backend": {"tls": {"b": "2"}},
            "a": {"b": {"c": {"d": "3"}}}, "status": {"x": "4"},
            "owner": reference, "others": {"o": reference}, "since": "2026-01-01T00:00:00Z",
        },
        "status": {
            "conditions": [{
                "lastTransitionTime": "2026-01-01T00:00:00Z", "message": "", "reason": "A",
                "status": "True", "type": "Ready",
            }],
            "undated": [{"status": "True", "type": "Ready"}],
        },
    });
    check::<Gadget>(gadget);
    check::<Rating>(json!({
        "apiVersion": "example.org/v1alpha1",
        "kind": "Rating",
        "metadata": {"name": "sample"},
        "scope": {"kind": "Gadget"},
        "stars": 5,
        "words": ["good"],
    }));
    let new = Rating::new("sample");
    assert_eq!(new.api_version, "example.org/v1alpha1");
}

#[test]
fn what_is_missing_is_read_all_the_same() {
    // `maybe` is nullable, so the API server takes an object without a value.
    let gadget = json!({
        "apiVersion": "example.org/v1",
        "kind": "Gadget",
        "metadata": {"name": "sample"},
        "spec": {"mode": "", "maybe": null, "owner": {}},
    });
    let read: Gadget = serde_json::from_value(gadget).unwrap();
    assert_eq!(read.spec.maybe, None);
}

#[test]
fn a_quantity_may_be_any_number() {
    let gadget = json!({
        "apiVersion": "example.org/v1",
        "kind": "Gadget",
        "metadata": {"name": "sample"},
        "spec": {"mode": "", "owner": {}, "memory": 4_294_967_296_u64, "limits": {"cpu": 1}},
    });
    let read: Gadget = serde_json::from_value(gadget).unwrap();
    assert_eq!(read.spec.memory.unwrap().0, "4294967296");
}
