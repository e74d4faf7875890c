//! What an API server took, the types read.

use demo_api::g::v1::Edges;
use serde_json::Value;

#[test]
fn what_is_admitted_is_read() {
    let objects: Vec<Value> = serde_json::from_str(include_str!("edges.json")).unwrap();
    let mut unread = Vec::new();
    for object in objects {
        let spec = object["spec"].to_string();
        match std::panic::catch_unwind(|| serde_json::from_value::<Edges>(object)) {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => unread.push(format!("{spec}: {error}")),
            Err(_) => unread.push(format!("{spec}: it panics")),
        }
    }
    assert!(unread.is_empty(), "{}", unread.join("\n"));
}
